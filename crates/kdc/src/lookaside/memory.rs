//! Replies in memory.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::sync::{Mutex, PoisonError};

use orthros_krb5::{Duration, Timestamp};

use super::Lookaside;

/// Replies in memory: up to a size, and for two minutes, as MIT's KDC has it. The oldest go first.
pub struct MemoryLookaside {
    replies: Mutex<Replies>,
    limit: usize,
}

#[derive(Default)]
struct Replies {
    by_request: BTreeMap<Arc<[u8]>, Reply>,
    /// The same requests, the oldest first.
    order: VecDeque<Arc<[u8]>>,
    /// Octets of all requests and replies.
    size: usize,
}

struct Reply {
    octets: Vec<u8>,
    at: Timestamp,
}

impl MemoryLookaside {
    /// Room for requests and replies of so many octets altogether.
    #[must_use]
    pub fn with_limit(octets: usize) -> Self {
        Self {
            replies: Mutex::default(),
            limit: octets,
        }
    }
}

impl Default for MemoryLookaside {
    /// Room for 1 MiB, some 700 exchanges.
    fn default() -> Self {
        Self::with_limit(1 << 20)
    }
}

impl fmt::Debug for MemoryLookaside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLookaside")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl Lookaside for MemoryLookaside {
    fn find(&self, request: &[u8], now: Timestamp) -> Option<Vec<u8>> {
        let replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = replies.by_request.get(request)?;
        now.is_within(KEPT_FOR, reply.at)
            .then(|| reply.octets.clone())
    }

    fn remember(&self, request: &[u8], reply: &[u8], now: Timestamp) {
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        while replies.oldest_is_over(now) {
            replies.forget_oldest();
        }
        let size = request.len().saturating_add(reply.len());
        if size > self.limit || replies.by_request.contains_key(request) {
            return;
        }
        while replies.size.saturating_add(size) > self.limit {
            replies.forget_oldest();
        }
        let request = Arc::<[u8]>::from(request);
        replies.order.push_back(Arc::clone(&request));
        let octets = reply.to_vec();
        replies
            .by_request
            .insert(request, Reply { octets, at: now });
        replies.size = replies.size.saturating_add(size);
    }
}

impl Replies {
    fn oldest_is_over(&self, now: Timestamp) -> bool {
        let oldest = self.order.front().and_then(|r| self.by_request.get(r));
        oldest.is_some_and(|reply| !now.is_within(KEPT_FOR, reply.at))
    }

    fn forget_oldest(&mut self) {
        let Some(request) = self.order.pop_front() else {
            self.size = 0;
            return;
        };
        let reply = self.by_request.remove(&request);
        let reply_len = reply.map_or(0, |reply| reply.octets.len());
        self.size = self.size.saturating_sub(request.len() + reply_len);
    }
}

const KEPT_FOR: Duration = Duration::from_seconds(120);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    #[test]
    fn a_repeated_request_gets_the_reply_it_got() {
        let lookaside = MemoryLookaside::default();
        lookaside.remember(b"request", b"reply", NOW);
        assert_eq!(
            lookaside.find(b"request", NOW).as_deref(),
            Some(&b"reply"[..])
        );
        assert_eq!(lookaside.find(b"request2", NOW), None);
    }

    #[test]
    fn a_reply_is_forgotten_after_two_minutes() {
        let lookaside = MemoryLookaside::default();
        lookaside.remember(b"request", b"reply", NOW);
        let last = NOW.saturating_add(KEPT_FOR);
        assert!(lookaside.find(b"request", last).is_some());
        let later = last.saturating_add(Duration::from_seconds(1));
        assert!(lookaside.find(b"request", later).is_none());
        lookaside.remember(b"request2", b"reply", later);
        assert_eq!(lookaside.replies.lock().unwrap().by_request.len(), 1);
    }

    #[test]
    fn the_oldest_replies_make_room_for_new_ones() {
        let lookaside = MemoryLookaside::with_limit(25);
        for request in [b"request1", b"request2", b"request3"] {
            lookaside.remember(request, b"r", NOW);
        }
        assert!(lookaside.find(b"request1", NOW).is_none());
        assert!(lookaside.find(b"request3", NOW).is_some());
        assert_eq!(lookaside.replies.lock().unwrap().size, 18);
    }

    #[test]
    fn a_reply_without_room_is_not_kept() {
        let lookaside = MemoryLookaside::with_limit(5);
        lookaside.remember(b"request", b"reply", NOW);
        assert!(lookaside.find(b"request", NOW).is_none());
    }
}
