//! Established contexts as bytes, for another process to go on with.
//!
//! All numbers are big-endian; lengths and counts have 32 bits, a key's length 16. A time is seconds, and one that may
//! be absent has a byte before it that says whether it is there.
//!
//! | field | bytes |
//! |---|---|
//! | `ORTH` | 4 |
//! | version, 3 | 1 |
//! | checksum over all that follows (CRC-32) | 4 |
//! | role: 0 initiator, 1 acceptor | 1 |
//! | object identifier: position in [`Mechanism::ALL`](super::Mechanism::ALL) | 1 |
//! | whether the acceptor asserted a subkey | 1 |
//! | flags of the context, flags of the ticket | 4, 4 |
//! | authtime, starttime, endtime, renew-till | 8, 1 + 8, 8, 1 + 8 |
//! | end of the lifetime, and its microseconds | 8, 4 |
//! | session key of the ticket, key of the initiator, key of the context | each: enctype, length, bytes |
//! | initiator, acceptor | each: name type, realm, number of components, components |
//! | sequence number of the next token to send | 8 |
//! | first sequence number to receive, whether one was received, the highest less the first, which of 64 were seen | 8, 1, 8, 8 |
//! | authorization data of the ticket | number of elements; of each, type and data |
//! | authentication indicators | their number, and each |
//! | whether the PAC in the authorization data was verified | 1 |
//!
//! The checksum notices damage, not malice: a process that can write such bytes makes contexts as it likes. They
//! contain keys.

mod read;
#[cfg(test)]
mod tests;
mod write;

use orthros_types::bytes::{TooLarge, Truncated};

use super::error::ApMisuseError;
use crate::MalformedTokenError;

impl From<TooLarge> for ApMisuseError {
    fn from(TooLarge(field): TooLarge) -> Self {
        Self::ExportTooLong(field)
    }
}

impl From<Truncated> for MalformedTokenError {
    fn from(Truncated { offset, field }: Truncated) -> Self {
        Self::ExportTruncated { field, offset }
    }
}

const MAGIC: [u8; 4] = *b"ORTH";
const VERSION: u8 = 3;
/// Octets before those that the checksum covers.
const HEAD_LEN: usize = 9;
