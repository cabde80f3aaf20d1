//! Between the types of the messages and those that the KDC works with.

use orthros_asn1::{
    Checksum, CksumType, EncryptedData, EncryptionKey, EncryptionType, KerberosTime, Message,
    Microseconds, PaData, PaDataType, PrincipalName, Realm, SecretOctets, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage, RandomSource, SecretVec, Tag};
use orthros_types::{Principal, Timestamp};

use crate::error::RequestPart;
use crate::{RealmPolicy, RequestError};

pub(crate) fn principal(realm: &Realm, name: &PrincipalName) -> Principal {
    Principal::from_message(realm.clone(), name.clone())
}

pub(crate) fn timestamp(time: KerberosTime) -> Timestamp {
    Timestamp::from_seconds(time.seconds())
}

/// The time in a message, or the nearest one that can be written.
pub(crate) fn kerberos_time(time: Timestamp) -> KerberosTime {
    let nearest = if time < Timestamp::EPOCH {
        KerberosTime::MIN
    } else {
        KerberosTime::MAX
    };
    KerberosTime::from_seconds(time.seconds()).unwrap_or(nearest)
}

pub(crate) fn microseconds(time: Timestamp) -> Microseconds {
    Microseconds::new(time.microseconds()).unwrap_or(Microseconds::MAX)
}

pub(crate) fn enctype(number: EncryptionType) -> Option<Enctype> {
    Enctype::from_number(number.0)
}

pub(crate) const fn encryption_type(enctype: Enctype) -> EncryptionType {
    EncryptionType(enctype.number())
}

/// A key of an enctype that the realm permits.
pub(crate) fn key(policy: &RealmPolicy, key: &EncryptionKey) -> Result<Key, RequestError> {
    let etype = key.keytype;
    enctype(etype)
        .filter(|enctype| policy.enctypes.contains(enctype))
        .and_then(|enctype| Key::new(enctype, key.keyvalue.expose()).ok())
        .ok_or(RequestError::BadKey { etype })
}

pub(crate) fn encryption_key(key: &Key) -> EncryptionKey {
    EncryptionKey {
        keytype: encryption_type(key.enctype()),
        keyvalue: SecretOctets::new(key.as_bytes().to_vec()),
    }
}

/// Encodes what only the holder of `key` may read, and encrypts it.
pub(crate) fn encrypt(
    message: &impl Message,
    key: &Key,
    kvno: Option<u32>,
    usage: KeyUsage,
    random: &mut dyn RandomSource,
) -> Result<EncryptedData, RequestError> {
    let plaintext = SecretVec::from(message.encode()?);
    Ok(EncryptedData {
        etype: encryption_type(key.enctype()),
        kvno: kvno.map(UInt32),
        cipher: key.encrypt(usage, &plaintext, random)?.into(),
    })
}

/// A checksum of `key`'s required type.
pub(crate) fn checksum(key: &Key, tag: &Tag) -> Checksum {
    Checksum {
        cksumtype: CksumType(key.enctype().checksum_type().number()),
        checksum: tag.as_ref().into(),
    }
}

/// The element of a message, encoded.
pub(crate) fn padata(
    padata_type: PaDataType,
    message: &impl Message,
) -> Result<PaData, RequestError> {
    Ok(PaData {
        padata_type,
        padata_value: message.encode()?.into(),
    })
}

/// An element that says all by being there.
pub(crate) fn mark(padata_type: PaDataType) -> PaData {
    PaData {
        padata_type,
        padata_value: alloc::vec::Vec::new().into(),
    }
}

/// The first element of a type.
pub(crate) fn find(padata: &[PaData], wanted: PaDataType) -> Option<&[u8]> {
    let found = padata.iter().find(|data| data.padata_type == wanted)?;
    Some(&found.padata_value)
}

/// Whether a checksum is the required one of `key`, and matches.
pub(crate) fn verify_checksum(
    key: &Key,
    usage: KeyUsage,
    data: &[u8],
    checksum: &Checksum,
    what: RequestPart,
) -> Result<(), RequestError> {
    if checksum.cksumtype.0 != key.enctype().checksum_type().number() {
        return Err(RequestError::InappropriateChecksum(what));
    }
    key.verify_checksum(usage, data, &checksum.checksum)
        .map_err(|_| RequestError::Modified(what))
}
