//! Between the types of the messages and those of this crate.

use alloc::vec::Vec;

use orthros_asn1::{
    AddressType, EncryptedData, EncryptionKey, EncryptionType, KerberosTime, Microseconds,
    NameType, PrincipalName, Realm, SecretOctets,
};
use orthros_crypto::{Enctype, Key, KeyUsage, RandomError, RandomSource, SecretVec};

use super::CallerMisuse;
use crate::{HostAddress, KeyBlock, Principal, Timestamp};

pub(super) fn principal(realm: &Realm, name: &PrincipalName) -> Principal {
    let components = name.name_string.iter().map(|component| component.0.clone());
    Principal::new(realm.0.clone(), components).with_name_type(crate::NameType(name.name_type.0))
}

pub(super) fn realm(principal: &Principal) -> Realm {
    Realm::from(principal.realm())
}

pub(super) fn principal_name(principal: &Principal) -> PrincipalName {
    PrincipalName {
        name_type: NameType(principal.name_type().0),
        name_string: principal
            .components()
            .iter()
            .map(|component| component.as_slice().into())
            .collect(),
    }
}

pub(super) fn timestamp(time: KerberosTime) -> Timestamp {
    Timestamp::from_seconds(time.seconds())
}

pub(super) fn timestamp_with(time: KerberosTime, microseconds: Microseconds) -> Timestamp {
    Timestamp::new(time.seconds(), microseconds.value()).unwrap_or(timestamp(time))
}

pub(super) fn kerberos_time(time: Timestamp) -> Result<KerberosTime, CallerMisuse> {
    KerberosTime::from_seconds(time.seconds()).ok_or(CallerMisuse::TimeOutOfRange)
}

pub(super) fn microseconds(time: Timestamp) -> Microseconds {
    Microseconds::new(time.microseconds()).unwrap_or(Microseconds::MAX)
}

/// The key, if its encryption type is supported and its length right.
pub(super) fn key(key: &EncryptionKey) -> Option<Key> {
    let enctype = Enctype::from_number(key.keytype.0)?;
    Key::new(enctype, key.keyvalue.expose()).ok()
}

pub(super) fn encryption_key(key: &Key) -> EncryptionKey {
    EncryptionKey {
        keytype: EncryptionType(key.enctype().number()),
        keyvalue: SecretOctets::new(key.octets().to_vec()),
    }
}

/// Seals `plaintext` in a key that has no version on the wire.
pub(super) fn seal(
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

/// Octets that held a secret on their way to be sealed: they leave memory afterwards.
pub(super) fn secret(octets: Vec<u8>) -> SecretVec {
    SecretVec::from(octets)
}

/// The key, if its encryption type is supported and its length right.
pub(super) fn key_of_block(block: &KeyBlock) -> Option<Key> {
    let enctype = Enctype::from_number(block.enctype())?;
    Key::new(enctype, block.octets()).ok()
}

pub(super) fn key_block(key: &Key) -> KeyBlock {
    KeyBlock::new(key.enctype().number(), key.octets().to_vec())
}

pub(super) fn host_address(address: &HostAddress) -> orthros_asn1::HostAddress {
    orthros_asn1::HostAddress {
        addr_type: AddressType(address.addr_type),
        address: address.address.as_slice().into(),
    }
}

pub(super) fn address_of(address: &orthros_asn1::HostAddress) -> HostAddress {
    HostAddress {
        addr_type: address.addr_type.0,
        address: address.address.0.clone(),
    }
}
