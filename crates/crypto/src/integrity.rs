//! Whether a tag is the right one.

use subtle::ConstantTimeEq as _;
use thiserror::Error;

use crate::hash::Digest;

/// A checksum or MAC that is not the one of these bytes under this key and usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("integrity check failed")]
pub struct IntegrityError;

/// Compares `tag` with as much of `mac`, in constant time. The caller has checked the tag's length; none at all is
/// no tag.
pub(crate) fn verify(mac: &Digest, tag: &[u8]) -> Result<(), IntegrityError> {
    match mac.get(..tag.len()) {
        Some(mac @ [_, ..]) if mac.ct_eq(tag).into() => Ok(()),
        _ => Err(IntegrityError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_no_bytes_or_of_too_many_is_no_mac() {
        let mac = [3; 48];
        assert!(verify(&mac, &mac).is_ok());
        assert!(verify(&mac, &[3; 12]).is_ok());
        assert!(verify(&mac, &[]).is_err());
        assert!(verify(&mac, &[3; 49]).is_err());
    }
}
