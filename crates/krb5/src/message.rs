//! Per-message protection: the MIC and Wrap tokens of an established context.
//!
//! A context owns one [`Sender`] and one [`Receiver`]. They share nothing, so they may go to two threads. Each
//! derives the keys of its direction when first used, and protects or checks any number of messages with them. Calls
//! that take a caller's buffer do not allocate; the [`Vec`](alloc::vec::Vec)-returning ones are conveniences over
//! those.
//!
//! # A wrapped message on its way
//!
//! [`Sender`] holds what does not depend on the format of tokens: what was negotiated, and the next sequence number.
//! `TokenFormat` is the format that the enctype of the context's key has, and the only place that tells formats
//! apart: RFC 4757 with keys of arcfour-hmac, else RFC 4121. Below it, `cfx` knows the latter: `cfx::layout` splits
//! the caller's buffer once into header, confounder, message and trailer, `cfx::seal` fills them and encrypts in
//! place. The receiving side mirrors this: [`Receiver`], `TokenFormat`, `cfx::open`, and then the window of sequence
//! numbers.
//!
//! To add a format: a module next to `cfx`, and its variant in `format.rs`. How long header and trailer are, where
//! the checksum stands and what fills a token up is known to it alone.

mod cfx;
mod direction;
mod error;
mod format;
mod gather;
mod iov;
mod parts;
mod prepared;
mod protection;
mod receiver;
mod rfc4757;
mod sender;
#[cfg(test)]
mod tests;

pub use direction::Role;
pub use error::MessageError;
pub(crate) use format::uses_acceptor_subkey;
pub use iov::UnwrappedIov;
pub use parts::{Iov, IovLengths};
pub(crate) use protection::Agreement;
pub use protection::MessageProtection;
pub use receiver::{Receiver, Unwrapped, UnwrappedMessage};
pub use sender::Sender;
