//! A principal or a credential that stands alone, as version 4 writes it: how KCM daemons and the kernel hold them.

use orthros_crypto::SecretVec;

use super::credential;
use super::principal::{self, put_principal};
use super::{CacheFormat, CacheFormatError, EncodeCacheError};
use crate::bytes::{ByteOrder, ByteReader, ByteWriter};
use crate::{Credential, Principal};

/// A principal alone, in version 4.
///
/// # Errors
///
/// If a part of its name is too long for the format.
pub fn encode_principal(principal: &Principal) -> Result<SecretVec, EncodeCacheError> {
    let components = principal.components().iter();
    let capacity =
        HEAD + principal.realm().len() + components.map(|part| part.len() + 4).sum::<usize>();
    let mut out = ByteWriter::with_capacity(capacity, ByteOrder::BigEndian);
    put_principal(&mut out, CacheFormat::Version4, principal)?;
    Ok(out.finish())
}

/// Reads a principal of version 4 that nothing stands behind.
///
/// # Errors
///
/// Where it is cut off or contradicts itself, or something stands behind it.
pub fn decode_principal(bytes: &[u8]) -> Result<Principal, CacheFormatError> {
    let mut reader = ByteReader::new(bytes);
    let principal = principal::decode_principal(&mut reader, CacheFormat::Version4, "principal")?;
    require_end(&reader, "principal")?;
    Ok(principal)
}

/// Reads a credential of version 4 that nothing stands behind: the way back from
/// [`encode_credential`](super::encode_credential).
///
/// # Errors
///
/// Where it is cut off or contradicts itself, or something stands behind it.
pub fn decode_credential(bytes: &[u8]) -> Result<Credential, CacheFormatError> {
    let mut reader = ByteReader::new(bytes);
    let credential = credential::decode(&mut reader, CacheFormat::Version4)?;
    require_end(&reader, "credential")?;
    Ok(credential)
}

fn require_end(reader: &ByteReader<'_>, field: &'static str) -> Result<(), CacheFormatError> {
    match reader.remaining() {
        0 => Ok(()),
        _ => Err(CacheFormatError::TrailingBytes {
            offset: reader.position(),
            field,
        }),
    }
}

/// Name type, count of components and length of the realm.
const HEAD: usize = 12;
