//! The protocol of KCM daemons, which keep credential caches for others: requests and replies as bytes.
//!
//! Heimdal has made it, MIT's library and sssd speak it. There is no text that specifies it. On a Unix socket:
//!
//! ```text
//! request ::= length of the rest (u32), 02 00, opcode (u16), [cache name, 00], argument
//! reply   ::= length of the body (u32), status (i32), body                              all big-endian
//! body    ::= status (i32), result
//! ```
//!
//! The first status says whether the daemon has come to the operation, the second how that went; both are numbers of
//! MIT's error table, see [`MinorStatus`](crate::MinorStatus). Principals and credentials are those of version 4 of
//! the [FILE format](crate::ccache), names end in a zero octet, and what is listed by UUID fills its body.
//!
//! A daemon answers the requests of a connection in their order, so that several can be written at once.

mod error;
mod reply;
mod request;

pub use error::{EncodeKcmError, KcmReplyError};
pub use reply::{KcmReply, KcmReplyHead, KcmUuid, LONGEST_REPLY, REPLY_HEAD};
pub use request::{KcmOperation, KcmRequest};

#[cfg(test)]
mod tests;
