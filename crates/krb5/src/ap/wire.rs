//! Between the types of the messages and those of this crate, as the AP exchange needs it.

use orthros_asn1::{EncryptedData, EncryptionKey, KerberosTime, Message};
use orthros_crypto::{Key, KeyUsage, SecretVec};

use super::defect::ApCheckError;
use super::error::{ApError, ApMisuseError, MalformedTokenError};
use orthros_types::Timestamp;

pub(super) use crate::wire::{
    encryption_key, microseconds, principal, principal_name, realm, seal, timestamp, timestamp_with,
};

pub(super) fn kerberos_time(time: Timestamp) -> Result<KerberosTime, ApMisuseError> {
    crate::wire::kerberos_time(time).ok_or(ApMisuseError::Time(time))
}

/// A key that a peer sent, named `what` in the error if it is none that can be used.
pub(super) fn key(key: &EncryptionKey, what: &'static str) -> Result<Key, ApError> {
    let enctype = key.keytype;
    crate::wire::key(key).ok_or_else(|| ApCheckError::Key { what, enctype }.into())
}

/// Opens a message's inner part.
pub(super) fn open(
    key: &Key,
    usage: KeyUsage,
    sealed: &EncryptedData,
    what: &'static str,
) -> Result<SecretVec, ApError> {
    if sealed.etype.0 != key.enctype().number() {
        return Err(ApCheckError::Integrity(what).into());
    }
    key.decrypt(usage, &sealed.cipher)
        .map_err(|_| ApCheckError::Integrity(what).into())
}

/// Reads what decrypted; a peer that knows the key can still send nonsense.
pub(super) fn decode<M: Message>(
    octets: &[u8],
    what: &'static str,
) -> Result<M, MalformedTokenError> {
    M::decode(octets).map_err(MalformedTokenError::syntax(what))
}
