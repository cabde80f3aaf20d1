//! Established contexts as bytes, for another process to go on with.
//!
//! All numbers are big-endian; lengths and counts have 32 bits, a key's length 16. A time is seconds, and one that may
//! be absent has a byte before it that says whether it is there.
//!
//! | field | bytes |
//! |---|---|
//! | `ORTH` | 4 |
//! | version, 2 | 1 |
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
//!
//! The checksum notices damage, not malice: a process that can write such bytes makes contexts as it likes. They
//! contain keys.

mod read;
#[cfg(test)]
mod tests;
mod write;

use orthros_types::bytes::{TooLarge, Truncated};

use super::error::ApMisuseError;

/// The bytes are no exported context. Nothing of them is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// They don't begin as an exported context does.
    #[error("not an exported context")]
    NotExported,
    /// They are of another version of this library.
    #[error("exported context of version {0}, not {VERSION}", VERSION = VERSION)]
    Version(u8),
    /// They were changed on their way.
    #[error("exported context is damaged")]
    Checksum,
    /// They end before they are complete.
    #[error("exported context ends within the {field} at offset {offset}")]
    Truncated {
        /// What is incomplete.
        field: &'static str,
        /// Where it begins.
        offset: usize,
    },
    /// No context has such a value.
    #[error("{field} in exported context can't be, at offset {offset}")]
    Field {
        /// Which value.
        field: &'static str,
        /// Where the field ends.
        offset: usize,
    },
    /// There is more behind them.
    #[error("{0} bytes too many behind exported context")]
    Trailing(usize),
}

impl From<TooLarge> for ApMisuseError {
    fn from(TooLarge(field): TooLarge) -> Self {
        Self::ExportTooLong(field)
    }
}

impl From<Truncated> for ImportError {
    fn from(Truncated { offset, field }: Truncated) -> Self {
        Self::Truncated { field, offset }
    }
}

const MAGIC: [u8; 4] = *b"ORTH";
const VERSION: u8 = 2;
/// Octets before those that the checksum covers.
const HEAD_LEN: usize = 9;
