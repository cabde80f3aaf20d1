//! Between the types of the messages and those of this crate.

use orthros_asn1::{
    EncryptedData, EncryptionKey, EncryptionType, KerberosTime, Microseconds, PrincipalName, Realm,
    SecretOctets,
};
use orthros_crypto::{Enctype, Key, KeyUsage, RandomError, RandomSource, SecretVec};

use orthros_types::{Principal, Timestamp};

pub(crate) fn principal(realm: &Realm, name: &PrincipalName) -> Principal {
    Principal::from_message(realm.clone(), name.clone())
}

pub(crate) fn realm(principal: &Principal) -> Realm {
    principal.to_realm()
}

pub(crate) fn principal_name(principal: &Principal) -> PrincipalName {
    principal.to_principal_name()
}

pub(crate) fn timestamp(time: KerberosTime) -> Timestamp {
    Timestamp::from_seconds(time.seconds())
}

pub(crate) fn timestamp_with(time: KerberosTime, microseconds: Microseconds) -> Timestamp {
    Timestamp::new(time.seconds(), microseconds.value()).unwrap_or(timestamp(time))
}

/// The time in a message, if its year has four digits.
pub(crate) fn kerberos_time(time: Timestamp) -> Option<KerberosTime> {
    KerberosTime::from_seconds(time.seconds())
}

pub(crate) fn microseconds(time: Timestamp) -> Microseconds {
    Microseconds::new(time.microseconds()).unwrap_or(Microseconds::MAX)
}

/// The key, if its encryption type is supported and its length right.
pub(crate) fn key(key: &EncryptionKey) -> Option<Key> {
    let enctype = Enctype::from_number(key.keytype.0)?;
    Key::new(enctype, key.keyvalue.expose()).ok()
}

pub(crate) fn encryption_key(key: &Key) -> EncryptionKey {
    EncryptionKey {
        keytype: EncryptionType(key.enctype().number()),
        keyvalue: SecretOctets::new(key.as_bytes().to_vec()),
    }
}

/// Decrypts what is encrypted in this key; `None` if it is of another encryption type, or does not decrypt.
pub(crate) fn decrypt(key: &Key, usage: KeyUsage, encrypted: &EncryptedData) -> Option<SecretVec> {
    if encrypted.etype.0 != key.enctype().number() {
        return None;
    }
    key.decrypt(usage, &encrypted.cipher).ok()
}

/// Encrypts `plaintext` in a key that has no version on the wire.
pub(crate) fn encrypt(
    key: &Key,
    usage: KeyUsage,
    plaintext: &[u8],
    random: &mut dyn RandomSource,
) -> Result<EncryptedData, RandomError> {
    Ok(EncryptedData {
        etype: EncryptionType(key.enctype().number()),
        kvno: None,
        cipher: key.encrypt(usage, plaintext, random)?.into(),
    })
}
