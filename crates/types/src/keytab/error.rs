//! What can be wrong with a keytab.

use crate::MinorStatus;
use crate::bytes::{TooLarge, Truncated};

/// Bytes that are no keytab. The caller that read the file adds its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeytabFormatError {
    /// Less than the two bytes that say which format it is.
    #[error("a keytab begins with 05 02 or 05 01, but the file has {length} bytes")]
    NoVersion {
        /// Of the file.
        length: usize,
    },
    /// Another format, or no keytab at all.
    #[error("keytab format 0x{version:04x} is not supported, 0x0502 and 0x0501 are")]
    Version {
        /// The first two bytes.
        version: u16,
    },
    /// A hole that no file is large enough for.
    #[error("the keytab's hole at offset {offset} has the impossible length -2147483648")]
    HoleLength {
        /// Of the length.
        offset: usize,
    },
    /// A principal of format 1 that counts not even its realm.
    #[error("the keytab's principal at offset {offset} has no realm")]
    NoRealm {
        /// Where the principal begins.
        offset: usize,
    },
    /// A field that runs past the end of its record, or a record past the end of the file.
    #[error("the keytab ends within the {field} at offset {offset}")]
    Truncated {
        /// Where the field begins.
        offset: usize,
        /// Which it is.
        field: &'static str,
    },
}

impl KeytabFormatError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::NoVersion { .. } | Self::Version { .. } => MinorStatus::KRB5_KEYTAB_BADVNO,
            Self::HoleLength { .. } | Self::NoRealm { .. } | Self::Truncated { .. } => {
                MinorStatus::KRB5_KT_FORMAT
            }
        }
    }
}

impl From<Truncated> for KeytabFormatError {
    fn from(Truncated { offset, field }: Truncated) -> Self {
        Self::Truncated { offset, field }
    }
}

/// An entry that the format has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {field} is too large for a keytab")]
pub struct EncodeKeytabError {
    /// What is too large.
    pub field: &'static str,
}

impl From<TooLarge> for EncodeKeytabError {
    fn from(TooLarge(field): TooLarge) -> Self {
        Self { field }
    }
}
