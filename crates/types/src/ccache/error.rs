//! What can be wrong with a credential cache.

use crate::MinorStatus;
use crate::bytes::{TooLarge, Truncated};

/// Bytes that are no credential cache. The caller that read the file adds its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheFormatError {
    /// Less than the two bytes that say which version it is.
    #[error("a credential cache begins with 05 01 to 05 04, but the file has {length} bytes")]
    NoVersion {
        /// Of the file.
        length: usize,
    },
    /// Another version, or no credential cache at all.
    #[error("credential cache version 0x{version:04x} is not supported, 0x0501 to 0x0504 are")]
    Version {
        /// The first two bytes.
        version: u16,
    },
    /// A field of the header that contradicts the header's length or its own.
    #[error(
        "the credential cache's header is malformed at offset {offset}: its {field} does not fit"
    )]
    Header {
        /// Where the field begins.
        offset: usize,
        /// Which it is.
        field: &'static str,
    },
    /// A principal of version 1 that counts not even its realm.
    #[error("the {field} at offset {offset} of the credential cache has no realm")]
    NoRealm {
        /// Where the principal begins.
        offset: usize,
        /// Whose it is.
        field: &'static str,
    },
    /// A field that runs past the end of the file.
    #[error("the credential cache ends within the {field} at offset {offset}")]
    Truncated {
        /// Where the field begins.
        offset: usize,
        /// Which it is.
        field: &'static str,
    },
    /// A length that is greater than the whole file's.
    #[error("the {field} at offset {offset} of the credential cache is longer than the whole file")]
    Length {
        /// Where the length stands.
        offset: usize,
        /// Of what.
        field: &'static str,
    },
    /// Bytes behind a principal or credential that stands alone.
    #[error("there are bytes behind the {field}, from offset {offset} on")]
    TrailingBytes {
        /// Where they begin.
        offset: usize,
        /// Behind what.
        field: &'static str,
    },
}

impl CacheFormatError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Version { .. } => MinorStatus::KRB5_CCACHE_BADVNO,
            Self::Truncated { .. } => MinorStatus::KRB5_CC_END,
            Self::NoVersion { .. }
            | Self::Header { .. }
            | Self::NoRealm { .. }
            | Self::Length { .. }
            | Self::TrailingBytes { .. } => MinorStatus::KRB5_CC_FORMAT,
        }
    }

    /// Whether the file merely ends too early, as after a writer that died; MIT takes that for the cache's end.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        matches!(self, Self::Truncated { .. })
    }
}

impl From<Truncated> for CacheFormatError {
    fn from(Truncated { offset, field }: Truncated) -> Self {
        Self::Truncated { offset, field }
    }
}

/// A credential that the format has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {field} is too large for a credential cache")]
pub struct EncodeCacheError {
    /// What is too large.
    pub field: &'static str,
}

impl From<TooLarge> for EncodeCacheError {
    fn from(TooLarge(field): TooLarge) -> Self {
        Self { field }
    }
}
