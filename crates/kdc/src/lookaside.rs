//! Replies that were given already.

use alloc::vec::Vec;
use core::fmt;

use orthros_krb5::Timestamp;

#[cfg(feature = "std")]
mod memory;

#[cfg(feature = "std")]
pub use memory::MemoryLookaside;

/// Remembers replies, so that a client whose reply was lost gets the same one again (RFC 4120 section 3.1.2).
///
/// Without one, a repeated TGS-REQ is refused as a replay. It is asked with the request's octets and need not remember anything;
/// it must not mistake one request for another.
pub trait Lookaside: fmt::Debug + Send + Sync {
    /// The reply that this request got, if it is remembered and `now` is not too late for it.
    fn find(&self, request: &[u8], now: Timestamp) -> Option<Vec<u8>>;

    /// Remembers that `request` got `reply` at `now`.
    fn remember(&self, request: &[u8], reply: &[u8], now: Timestamp);
}
