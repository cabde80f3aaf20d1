//! What MIT keeps in the kernel's keys, where a credential cache is a keyring: bytes <-> types.
//!
//! ```text
//! collection  a keyring whose members are the caches, and the key `krb_ccache:primary`
//! cache       a keyring whose members are the keys `__krb5_princ__`, maybe `__krb5_time_offsets__`, and one for each
//!             credential, with its server's name
//! primary     ::= 00 00 00 01, length of the name (u32), name of the primary cache       all big-endian
//! offsets     ::= seconds (i32), microseconds (i32): the KDC's clock less ours
//! ```
//!
//! Principals and credentials are those of version 4 of the [FILE format](crate::ccache):
//! [`decode_principal`](crate::ccache::decode_principal), [`decode_credential`](crate::ccache::decode_credential).

use alloc::vec::Vec;

use crate::MinorStatus;
use crate::bytes::{ByteReader, Truncated};
use crate::ccache::KdcOffset;

/// A key of a collection or cache that can't be understood. The caller adds which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringFormatError {
    /// Another version of the key that names the primary cache.
    #[error("version {version} of the key {PRIMARY_KEY} is not supported, {VERSION} is")]
    Version {
        /// What it says.
        version: u32,
    },
    /// A payload that ends too early.
    #[error("the {field} is cut off")]
    Truncated {
        /// What is in it.
        field: &'static str,
    },
}

/// The name of the key that names a collection's primary cache.
pub const PRIMARY_KEY: &str = "krb_ccache:primary";
/// The name of the key that holds a cache's default principal.
pub const PRINCIPAL_KEY: &str = "__krb5_princ__";
/// The name of the key that holds the KDC's clock less ours.
pub const TIME_OFFSETS_KEY: &str = "__krb5_time_offsets__";

/// The payload of the key that names a collection's primary cache.
///
/// # Errors
///
/// Where the name is too long for a payload.
pub fn encode_primary(name: &[u8]) -> Result<Vec<u8>, KeyringFormatError> {
    let length =
        u32::try_from(name.len()).map_err(|_| KeyringFormatError::Truncated { field: PRIMARY })?;
    Ok([&VERSION.to_be_bytes(), &length.to_be_bytes(), name].concat())
}

/// The name of a collection's primary cache. What stands behind it is not looked at, as by MIT.
///
/// # Errors
///
/// Where the payload is of another version, or cut off.
pub fn decode_primary(payload: &[u8]) -> Result<&[u8], KeyringFormatError> {
    let mut reader = ByteReader::new(payload);
    let version = reader.u32(PRIMARY)?;
    let name = reader.counted32(PRIMARY)?;
    match version {
        VERSION => Ok(name),
        version => Err(KeyringFormatError::Version { version }),
    }
}

/// The payload of the key that holds the KDC's clock less ours.
#[must_use]
pub fn encode_time_offsets(offset: KdcOffset) -> Vec<u8> {
    let KdcOffset {
        seconds,
        microseconds,
    } = offset;
    [seconds.to_be_bytes(), microseconds.to_be_bytes()].concat()
}

/// The KDC's clock less ours. What stands behind it is not looked at, as by MIT.
///
/// # Errors
///
/// Where the payload is cut off.
pub fn decode_time_offsets(payload: &[u8]) -> Result<KdcOffset, KeyringFormatError> {
    let mut reader = ByteReader::new(payload);
    Ok(KdcOffset {
        seconds: reader.i32(OFFSETS)?,
        microseconds: reader.i32(OFFSETS)?,
    })
}

impl KeyringFormatError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Version { .. } => MinorStatus::KRB5_KCC_UNKNOWN_VERSION,
            Self::Truncated { .. } => MinorStatus::KRB5_CC_END,
        }
    }
}

impl From<Truncated> for KeyringFormatError {
    fn from(Truncated { field, .. }: Truncated) -> Self {
        Self::Truncated { field }
    }
}

/// Of the key that names the primary cache.
const VERSION: u32 = 1;
const PRIMARY: &str = "primary cache's name";
const OFFSETS: &str = "KDC's time offset";

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn payloads_are_mits_and_come_back() {
        let payload = encode_primary(b"tkt").unwrap();
        assert_eq!(payload, b"\0\0\0\x01\0\0\0\x03tkt");
        assert_eq!(decode_primary(&payload).unwrap(), b"tkt");
        let offset = KdcOffset {
            seconds: -2,
            microseconds: 3,
        };
        let payload = encode_time_offsets(offset);
        assert_eq!(payload, b"\xff\xff\xff\xfe\0\0\0\x03");
        assert_eq!(decode_time_offsets(&payload).unwrap(), offset);
    }

    #[test]
    fn another_version_and_cut_payloads_are_refused() {
        let refused = decode_primary(b"\0\0\0\x02\0\0\0\x03tkt").unwrap_err();
        assert_eq!(refused, KeyringFormatError::Version { version: 2 });
        assert_eq!(
            refused.to_string(),
            "version 2 of the key krb_ccache:primary is not supported, 1 is"
        );
        let whole = encode_primary(b"tkt").unwrap();
        for cut in 0..whole.len() {
            decode_primary(&whole[..cut]).unwrap_err();
        }
        decode_primary(b"\0\0\0\x01\xff\xff\xff\xfftkt").unwrap_err();
        for cut in 0..8 {
            decode_time_offsets(&[0; 8][..cut]).unwrap_err();
        }
    }
}
