//! Between the types of the messages and those of this crate, as the AP exchange needs it.

use orthros_asn1::{EncryptedData, EncryptionKey, KerberosTime, Message};
use orthros_crypto::{Key, KeyUsage, SecretVec};

use super::defect::ApDefect;
use super::error::{ApError, ApMisuse, MalformedToken};
use orthros_types::Timestamp;

pub(super) use crate::wire::{
    encryption_key, microseconds, principal, principal_name, realm, seal, timestamp, timestamp_with,
};

pub(super) fn kerberos_time(time: Timestamp) -> Result<KerberosTime, ApMisuse> {
    crate::wire::kerberos_time(time).ok_or(ApMisuse::Time(time))
}

/// A key that a peer sent, named `what` in the error if it is none that can be used.
pub(super) fn key(key: &EncryptionKey, what: &'static str) -> Result<Key, ApError> {
    let enctype = key.keytype;
    crate::wire::key(key).ok_or_else(|| ApDefect::Key { what, enctype }.into())
}

/// Opens a message's inner part.
pub(super) fn open(
    key: &Key,
    usage: KeyUsage,
    sealed: &EncryptedData,
    what: &'static str,
) -> Result<SecretVec, ApError> {
    if sealed.etype.0 != key.enctype().number() {
        return Err(ApDefect::Integrity(what).into());
    }
    key.decrypt(usage, &sealed.cipher)
        .map_err(|_| ApDefect::Integrity(what).into())
}

/// Reads what decrypted; a peer that knows the key can still send nonsense.
pub(super) fn decode<M: Message>(octets: &[u8], what: &'static str) -> Result<M, MalformedToken> {
    M::decode(octets).map_err(MalformedToken::syntax(what))
}
