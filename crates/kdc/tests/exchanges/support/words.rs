//! Short words for what tests say often.

use orthros_asn1::{
    EncryptedData, EncryptionKey, EncryptionType, EtypeInfo2, KerberosTime, KrbError, Message,
    MethodData, PaData, PaDataType, PrincipalName, SecretOctets,
};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_kdc::PrincipalKey;
use orthros_testing::random::SeededRandom;
use orthros_types::{NameType, Principal, Timestamp};

pub(crate) const REALM: &str = "ORTHROS.TEST";
pub(crate) const PASSWORD: &str = "open sesame";
pub(crate) const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
pub(crate) const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
pub(crate) const AES256_SHA384: Enctype = Enctype::AES256_CTS_HMAC_SHA384_192;
pub(crate) const HOUR: i64 = 3600;
pub(crate) const DAY: i64 = 24 * HOUR;
/// 2026-11-25 12:00:00 UTC, and a fraction.
pub(crate) const NOW: Timestamp = match Timestamp::new(1_795_608_000, 123_456) {
    Some(now) => now,
    None => Timestamp::EPOCH,
};

/// So many seconds after now.
pub(crate) fn after(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() + seconds)
}

/// The same, as messages have it.
pub(crate) fn at(seconds: i64) -> KerberosTime {
    KerberosTime::from_seconds(NOW.seconds() + seconds).unwrap()
}

/// `alice`, `host/a.orthros.test` and so on, in this realm.
pub(crate) fn principal(text: &str) -> Principal {
    principal_of(text, REALM)
}

pub(crate) fn principal_of(text: &str, realm: &str) -> Principal {
    Principal::new(realm, text.split('/'))
}

pub(crate) fn name(text: &str) -> PrincipalName {
    principal(text).to_principal_name()
}

pub(crate) fn typed_name(text: &str, name_type: NameType) -> PrincipalName {
    PrincipalName {
        name_type,
        ..name(text)
    }
}

pub(crate) fn random_key(enctype: Enctype, seed: u64) -> Key {
    enctype.random_key(&mut SeededRandom::new(seed)).unwrap()
}

/// Keys of a service, the first of which its tickets are in.
pub(crate) fn keys(kvno: u32, enctypes: &[Enctype], seed: u64) -> Vec<PrincipalKey> {
    let random = &mut SeededRandom::new(seed);
    let key = |enctype: &Enctype| PrincipalKey::random(kvno, *enctype, random).unwrap();
    enctypes.iter().map(key).collect()
}

pub(crate) fn etype(enctype: Enctype) -> EncryptionType {
    EncryptionType(enctype.number())
}

pub(crate) fn padata(padata_type: PaDataType, value: &[u8]) -> PaData {
    PaData {
        padata_type,
        padata_value: value.into(),
    }
}

pub(crate) fn find(data: &MethodData, wanted: PaDataType) -> Option<&[u8]> {
    let found = data.iter().find(|data| data.padata_type == wanted)?;
    Some(&found.padata_value)
}

/// The METHOD-DATA of an error.
pub(crate) fn method_data(error: &KrbError) -> MethodData {
    MethodData::decode(error.e_data.as_ref().expect("error has e-data")).unwrap()
}

pub(crate) fn etype_info(data: &MethodData) -> EtypeInfo2 {
    EtypeInfo2::decode(find(data, PaDataType::ETYPE_INFO2).expect("ETYPE-INFO2 is there")).unwrap()
}

pub(crate) fn to_key(key: &EncryptionKey) -> Key {
    let enctype = Enctype::from_number(key.keytype.0).unwrap();
    Key::new(enctype, key.keyvalue.expose()).unwrap()
}

pub(crate) fn encryption_key(key: &Key) -> EncryptionKey {
    EncryptionKey {
        keytype: etype(key.enctype()),
        keyvalue: SecretOctets::new(key.as_bytes().to_vec()),
    }
}

/// Encodes and encrypts a message.
pub(crate) fn seal(key: &Key, usage: KeyUsage, message: &impl Message) -> EncryptedData {
    let random = &mut SeededRandom::new(77);
    let plaintext = message.encode().unwrap();
    EncryptedData {
        etype: etype(key.enctype()),
        kvno: None,
        cipher: key.encrypt(usage, &plaintext, random).unwrap().into(),
    }
}
