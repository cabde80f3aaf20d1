//! Replies that were given already.

use alloc::vec::Vec;
use core::fmt;

use orthros_types::Timestamp;

use crate::ExchangeKind;

#[cfg(feature = "std")]
mod memory;

#[cfg(feature = "std")]
pub use memory::MemoryLookaside;

/// Remembers replies, so that a client whose reply was lost gets the same one again (RFC 4120 section 3.1.2).
///
/// It is given replies that were granted, and those to authenticated changes of passwords. Without one, and for
/// what it has forgotten, a repeated AS-REQ or TGS-REQ gets another ticket, and a repeated change of a password is
/// refused as a replay. It need not remember anything; it must not mistake one request for another.
pub trait Lookaside: fmt::Debug + Send + Sync {
    /// The reply that this request got, if it is remembered and `now` is not too late for it.
    fn find(&self, exchange: ExchangeKind, request: &[u8], now: Timestamp) -> Option<Vec<u8>>;

    /// Remembers that `request` got `reply` at `now`.
    fn remember(&self, exchange: ExchangeKind, request: &[u8], reply: &[u8], now: Timestamp);
}
