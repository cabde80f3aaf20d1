//! The sample objects of MIT krb5, src/tests/asn.1/ktest.c, that its messages are made of.

use super::{hex, references};
use orthros_asn1::{
    AdType, AddressType, AuthorizationDataEntry, Checksum, CksumType, EncryptedData, EncryptionKey,
    EncryptionType, Exactly, HostAddress, KerberosTime, Message, MethodData, Microseconds,
    NameType, PaData, PaDataType, PrincipalName, Raw, SecretOctets, Ticket, UInt32,
};

/// The reference encoding of the message called `name` that has all fields.
pub(crate) fn reference<T: Message>(name: &str) -> T {
    reference_with(name, "all fields")
}

/// The reference encoding of the message called `name` that has `contents`.
pub(crate) fn reference_with<T: Message>(name: &str, contents: &str) -> T {
    let [.., encoding] = references()
        .into_iter()
        .find(|row| row[..2] == [name, contents])
        .unwrap();
    T::decode(&hex(encoding)).unwrap()
}

pub(crate) fn sample_ticket() -> Ticket {
    Ticket {
        tkt_vno: Exactly,
        realm: "ATHENA.MIT.EDU".into(),
        sname: name(),
        enc_part: encrypted_data(),
    }
}

pub(crate) fn raw_ticket() -> Raw<Ticket> {
    Raw::new(sample_ticket()).unwrap()
}

pub(crate) fn name() -> PrincipalName {
    PrincipalName {
        name_type: NameType::PRINCIPAL,
        name_string: vec!["hftsai".into(), "extra".into()],
    }
}

pub(crate) fn key() -> EncryptionKey {
    EncryptionKey {
        keytype: EncryptionType::DES_CBC_CRC,
        keyvalue: SecretOctets::new(b"12345678".to_vec()),
    }
}

pub(crate) fn encrypted_data() -> EncryptedData {
    EncryptedData {
        etype: EncryptionType::NULL,
        kvno: Some(UInt32(5)),
        cipher: b"krbASN.1 test message"[..].into(),
    }
}

pub(crate) fn method_data() -> MethodData {
    let entry = PaData {
        padata_type: PaDataType::SAM_RESPONSE,
        padata_value: b"pa-data"[..].into(),
    };
    vec![entry.clone(), entry]
}

pub(crate) fn authorization_data() -> Vec<AuthorizationDataEntry> {
    let entry = AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: b"foobar"[..].into(),
    };
    vec![entry.clone(), entry]
}

pub(crate) fn address() -> HostAddress {
    HostAddress {
        addr_type: AddressType::IPV4,
        address: [0x12, 0xD0, 0x00, 0x23][..].into(),
    }
}

/// 1994-06-10 06:03:17.
pub(crate) fn time() -> KerberosTime {
    KerberosTime::from_seconds(771_228_197).unwrap()
}

pub(crate) fn microseconds() -> Microseconds {
    Microseconds::new(123_456).unwrap()
}

pub(crate) fn checksum() -> Checksum {
    Checksum {
        cksumtype: CksumType::CRC32,
        checksum: b"1234"[..].into(),
    }
}
