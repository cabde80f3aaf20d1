//! Replies in memory.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use orthros_types::{Duration, Timestamp};

use super::Lookaside;
use crate::ExchangeKind;

/// Replies in memory: for two minutes, as MIT's KDC has it, and where there are more than fit, the newest ones.
///
/// It takes what two minutes of requests need, and no more than its limit. Changes of passwords have a limit of
/// their own that is as large: however many tickets others ask for, a client that changes its password and loses
/// the reply gets it again.
pub struct MemoryLookaside {
    tickets: Mutex<Replies>,
    passwords: Mutex<Replies>,
    limit: usize,
    /// Two random keys: no sender can make requests whose hashes agree in both.
    hash: [RandomState; 2],
}

/// A request, by its keyed hashes: 128 bits, which no two requests share by chance.
type RequestHash = [u64; 2];

#[derive(Default)]
struct Replies {
    by_request: HashMap<RequestHash, Reply>,
    /// The same requests, the oldest first.
    order: VecDeque<RequestHash>,
    /// Bytes that they all take.
    size: usize,
}

struct Reply {
    bytes: Vec<u8>,
    at: Timestamp,
}

impl MemoryLookaside {
    /// Room for replies of that many bytes to requests for tickets, and as many to changes of passwords. An
    /// exchange takes some 1 500.
    #[must_use]
    pub fn with_limit(bytes: usize) -> Self {
        Self {
            tickets: Mutex::default(),
            passwords: Mutex::default(),
            limit: bytes,
            hash: [RandomState::new(), RandomState::new()],
        }
    }

    fn replies(&self, exchange: ExchangeKind) -> &Mutex<Replies> {
        match exchange {
            ExchangeKind::PasswordChange => &self.passwords,
            _ => &self.tickets,
        }
    }

    fn hash(&self, request: &[u8]) -> RequestHash {
        self.hash.each_ref().map(|hash| hash.hash_one(request))
    }
}

impl Default for MemoryLookaside {
    /// Room for 64 MiB: two minutes of some 350 exchanges a second.
    fn default() -> Self {
        Self::with_limit(64 << 20)
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
    fn find(&self, exchange: ExchangeKind, request: &[u8], now: Timestamp) -> Option<Vec<u8>> {
        let hash = self.hash(request);
        let replies = self.replies(exchange).lock();
        let replies = replies.unwrap_or_else(PoisonError::into_inner);
        let reply = replies.by_request.get(&hash)?;
        now.is_within(KEPT_FOR, reply.at)
            .then(|| reply.bytes.clone())
    }

    fn remember(&self, exchange: ExchangeKind, request: &[u8], reply: &[u8], now: Timestamp) {
        let hash = self.hash(request);
        let replies = self.replies(exchange).lock();
        let mut replies = replies.unwrap_or_else(PoisonError::into_inner);
        while replies.oldest_is_over(now) {
            replies.forget_oldest();
        }
        let size = size_of_reply(reply);
        if size > self.limit || replies.by_request.contains_key(&hash) {
            return;
        }
        while replies.size.saturating_add(size) > self.limit {
            replies.forget_oldest();
        }
        let bytes = reply.to_vec();
        replies.order.push_back(hash);
        replies.by_request.insert(hash, Reply { bytes, at: now });
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
        if let Some(reply) = self.by_request.remove(&request) {
            self.size = self.size.saturating_sub(size_of_reply(&reply.bytes));
        }
    }
}

/// What a reply takes, with what is kept about it.
fn size_of_reply(reply: &[u8]) -> usize {
    reply.len().saturating_add(OVERHEAD)
}

const KEPT_FOR: Duration = Duration::from_seconds(120);
/// Bytes in the map and the queue, and those that the allocator adds.
const OVERHEAD: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);
    const TGS: ExchangeKind = ExchangeKind::Tgs;
    const CHANGE: ExchangeKind = ExchangeKind::PasswordChange;

    #[test]
    fn a_repeated_request_gets_the_reply_it_got() {
        let lookaside = MemoryLookaside::default();
        lookaside.remember(TGS, b"request", b"reply", NOW);
        let found = lookaside.find(TGS, b"request", NOW);
        assert_eq!(found.as_deref(), Some(&b"reply"[..]));
        assert_eq!(lookaside.find(TGS, b"request2", NOW), None);
        assert_eq!(lookaside.find(CHANGE, b"request", NOW), None);
    }

    #[test]
    fn a_reply_is_forgotten_after_two_minutes() {
        let lookaside = MemoryLookaside::default();
        lookaside.remember(TGS, b"request", b"reply", NOW);
        let last = NOW.saturating_add(KEPT_FOR);
        assert!(lookaside.find(TGS, b"request", last).is_some());
        let later = last.saturating_add(Duration::from_seconds(1));
        assert!(lookaside.find(TGS, b"request", later).is_none());
        lookaside.remember(TGS, b"request2", b"reply", later);
        assert_eq!(lookaside.tickets.lock().unwrap().by_request.len(), 1);
    }

    #[test]
    fn the_oldest_replies_make_room_for_new_ones() {
        let lookaside = MemoryLookaside::with_limit(2 * (OVERHEAD + 1));
        for request in [b"request1", b"request2", b"request3"] {
            lookaside.remember(TGS, request, b"r", NOW);
        }
        assert!(lookaside.find(TGS, b"request1", NOW).is_none());
        assert!(lookaside.find(TGS, b"request3", NOW).is_some());
        assert_eq!(lookaside.tickets.lock().unwrap().size, 2 * (OVERHEAD + 1));
    }

    #[test]
    fn any_number_of_tickets_leaves_the_reply_to_a_change_of_a_password() {
        let lookaside = MemoryLookaside::with_limit(10_000);
        lookaside.remember(CHANGE, b"request", b"reply", NOW);
        for number in 0..100_000_u32 {
            lookaside.remember(TGS, &number.to_be_bytes(), &[7; 100], NOW);
        }
        assert!(lookaside.find(CHANGE, b"request", NOW).is_some());
        assert!(lookaside.tickets.lock().unwrap().size <= 10_000);
    }

    #[test]
    fn a_reply_without_room_is_not_kept() {
        let lookaside = MemoryLookaside::with_limit(OVERHEAD + 2);
        lookaside.remember(TGS, b"request", b"reply", NOW);
        assert!(lookaside.find(TGS, b"request", NOW).is_none());
    }
}
