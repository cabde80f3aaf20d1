//! Whether a tag is the right one.

use subtle::ConstantTimeEq as _;
use thiserror::Error;

use crate::hash::Digest;

/// A checksum or MAC that is not the one of these octets under this key and usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("integrity check failed")]
pub struct IntegrityError;

/// Compares `tag` with as much of `mac`, in constant time. The caller has checked the tag's length.
pub(crate) fn verify(mac: &Digest, tag: &[u8]) -> Result<(), IntegrityError> {
    let mac = mac.get(..tag.len()).unwrap_or_default();
    if mac.ct_eq(tag).into() {
        Ok(())
    } else {
        Err(IntegrityError)
    }
}
