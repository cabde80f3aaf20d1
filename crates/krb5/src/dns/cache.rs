//! Answers, for as long as they may be kept.

use alloc::collections::BTreeMap;
use core::time::Duration;

use super::records::{DnsAnswer, DnsQuestion};

/// Answers by their questions: 64 at most, each for its [`ttl`](DnsAnswer::ttl). Times are since any one moment.
#[derive(Clone, Debug, Default)]
pub struct DnsCache {
    entries: BTreeMap<DnsQuestion, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    answer: DnsAnswer,
    expires: Duration,
}

impl DnsCache {
    /// The answer, where there is one that has not expired.
    #[must_use]
    pub fn get(&self, question: &DnsQuestion, now: Duration) -> Option<&DnsAnswer> {
        let entry = self.entries.get(question)?;
        (now < entry.expires).then_some(&entry.answer)
    }

    /// Keeps an answer that came at `now`. Where there are too many, the one that expires first goes.
    pub fn insert(&mut self, question: DnsQuestion, answer: DnsAnswer, now: Duration) {
        self.entries.retain(|_, entry| now < entry.expires);
        if answer.ttl.is_zero() {
            return;
        }
        if self.entries.len() >= MOST_ANSWERS {
            let soonest = self.entries.iter().min_by_key(|(_, entry)| entry.expires);
            if let Some(soonest) = soonest.map(|(question, _)| question.clone()) {
                self.entries.remove(&soonest);
            }
        }
        let expires = now.saturating_add(answer.ttl);
        self.entries.insert(question, Entry { answer, expires });
    }
}

/// Three or four are a realm's.
const MOST_ANSWERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{DnsName, RecordType};
    use alloc::format;
    use alloc::vec::Vec;

    fn question(number: u32) -> DnsQuestion {
        DnsQuestion {
            name: DnsName::new(&["_kerberos"], format!("R{number}").as_bytes()).unwrap(),
            record_type: RecordType::Txt,
        }
    }

    fn answer(ttl: u64) -> DnsAnswer {
        DnsAnswer {
            records: Vec::new(),
            ttl: Duration::from_secs(ttl),
        }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_answer_is_kept_for_its_ttl() {
        let mut cache = DnsCache::default();
        cache.insert(question(1), answer(10), at(5));
        assert!(cache.get(&question(1), at(14)).is_some());
        assert!(cache.get(&question(1), at(15)).is_none());
        assert!(cache.get(&question(2), at(5)).is_none());
        cache.insert(question(3), answer(0), at(5));
        assert!(cache.get(&question(3), at(5)).is_none());
    }

    #[test]
    fn no_more_answers_are_kept_than_there_is_room_for() {
        let mut cache = DnsCache::default();
        for number in 0..1000 {
            cache.insert(question(number), answer(100 + u64::from(number)), at(0));
        }
        assert_eq!(cache.entries.len(), MOST_ANSWERS);
        assert!(cache.get(&question(999), at(0)).is_some());
        assert!(cache.get(&question(0), at(0)).is_none());
        cache.insert(question(0), answer(1), at(5000));
        assert_eq!(cache.entries.len(), 1);
    }
}
