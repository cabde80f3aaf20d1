//! Each field holds what was sent in it: MIT's reference encodings, read field by field.
//!
//! The values are those of the sample objects in MIT krb5, src/tests/asn.1/ktest.c.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use common::{REFERENCE, hex, rows};
use orthros_asn1::{
    AdType, AddressType, ApOptions, ApReq, AsRep, AsReq, Authenticator, AuthorizationDataEntry,
    Checksum, CksumType, EncApRepPart, EncKdcRepPart, EncKrbCredPart, EncTgsRepPart, EncTicketPart,
    EncryptedData, EncryptionKey, EncryptionType, ErrorCode, EtypeInfo2, EtypeInfo2Entry, Exactly,
    HostAddress, KdcOptions, KdcRep, KdcReq, KdcReqBody, KerberosTime, KrbCred, KrbCredInfo,
    KrbError, LastReqEntry, LastReqType, Message, MethodData, Microseconds, NameType, PaData,
    PaDataType, PaEncTsEnc, PrincipalName, Raw, SecretOctets, TgsReq, Ticket, TicketFlags,
    TransitedEncoding, TransitedType, UInt32,
};

#[test]
fn ticket() {
    assert_eq!(reference::<Ticket>("Ticket"), sample_ticket());
}

#[test]
fn enc_ticket_part() {
    let expected = EncTicketPart {
        flags: TicketFlags::from_bits_retain(0xFEDC_BA98),
        key: key(),
        crealm: "ATHENA.MIT.EDU".into(),
        cname: name(),
        transited: TransitedEncoding {
            tr_type: TransitedType::DOMAIN_X500_COMPRESS,
            contents: b"EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS."[..].into(),
        },
        authtime: time(),
        starttime: Some(time()),
        endtime: time(),
        renew_till: Some(time()),
        caddr: Some(vec![address(), address()]),
        authorization_data: Some(authorization_data()),
    };
    assert_eq!(reference::<EncTicketPart>("EncTicketPart"), expected);
}

#[test]
fn authenticator() {
    let expected = Authenticator {
        authenticator_vno: Exactly,
        crealm: "ATHENA.MIT.EDU".into(),
        cname: name(),
        cksum: Some(Checksum {
            cksumtype: CksumType::CRC32,
            checksum: b"1234"[..].into(),
        }),
        cusec: microseconds(),
        ctime: time(),
        subkey: Some(key()),
        seq_number: Some(UInt32(17)),
        authorization_data: Some(authorization_data()),
    };
    assert_eq!(reference::<Authenticator>("Authenticator"), expected);
}

#[test]
fn ap_req() {
    let expected = ApReq {
        pvno: Exactly,
        msg_type: Exactly,
        ap_options: ApOptions::from_bits_retain(0xFEDC_BA98),
        ticket: raw_ticket(),
        authenticator: encrypted_data(),
    };
    assert_eq!(reference::<ApReq>("AP-REQ"), expected);
}

#[test]
fn enc_ap_rep_part() {
    let expected = EncApRepPart {
        ctime: time(),
        cusec: microseconds(),
        subkey: Some(key()),
        seq_number: Some(UInt32(17)),
    };
    assert_eq!(reference::<EncApRepPart>("EncAPRepPart"), expected);
}

#[test]
fn as_req_and_tgs_req() {
    let body = KdcReqBody {
        kdc_options: KdcOptions::from_bits_retain(0xFEDC_BA90),
        cname: Some(name()),
        realm: "ATHENA.MIT.EDU".into(),
        sname: Some(name()),
        from: Some(time()),
        till: time(),
        rtime: Some(time()),
        nonce: UInt32(42),
        etype: vec![EncryptionType(0), EncryptionType(1)],
        addresses: Some(vec![address(), address()]),
        enc_authorization_data: Some(encrypted_data()),
        additional_tickets: Some(vec![raw_ticket(), raw_ticket()]),
    };
    let req_body = Raw::new(body).unwrap();
    let as_req = AsReq(KdcReq {
        pvno: Exactly,
        msg_type: Exactly,
        padata: Some(method_data()),
        req_body: req_body.clone(),
    });
    assert_eq!(reference::<AsReq>("AS-REQ"), as_req);
    let tgs_req = TgsReq(KdcReq {
        pvno: Exactly,
        msg_type: Exactly,
        padata: Some(method_data()),
        req_body,
    });
    assert_eq!(reference::<TgsReq>("TGS-REQ"), tgs_req);
}

#[test]
fn as_rep() {
    let expected = AsRep(KdcRep {
        pvno: Exactly,
        msg_type: Exactly,
        padata: Some(method_data()),
        crealm: "ATHENA.MIT.EDU".into(),
        cname: name(),
        ticket: raw_ticket(),
        enc_part: encrypted_data(),
    });
    assert_eq!(reference::<AsRep>("AS-REP"), expected);
}

#[test]
fn enc_kdc_rep_part() {
    let last_req = LastReqEntry {
        lr_type: LastReqType(-5),
        lr_value: time(),
    };
    let expected = EncTgsRepPart(EncKdcRepPart {
        key: key(),
        last_req: vec![last_req.clone(), last_req],
        nonce: UInt32(42),
        key_expiration: Some(time()),
        flags: TicketFlags::from_bits_retain(0xFEDC_BA98),
        authtime: time(),
        starttime: Some(time()),
        endtime: time(),
        renew_till: Some(time()),
        srealm: "ATHENA.MIT.EDU".into(),
        sname: name(),
        caddr: Some(vec![address(), address()]),
        encrypted_pa_data: None,
    });
    assert_eq!(reference::<EncTgsRepPart>("EncTGSRepPart"), expected);
}

#[test]
fn krb_cred() {
    let expected = KrbCred {
        pvno: Exactly,
        msg_type: Exactly,
        tickets: vec![raw_ticket(), raw_ticket()],
        enc_part: encrypted_data(),
    };
    assert_eq!(reference::<KrbCred>("KRB-CRED"), expected);
}

#[test]
fn enc_krb_cred_part() {
    let info = KrbCredInfo {
        key: key(),
        prealm: Some("ATHENA.MIT.EDU".into()),
        pname: Some(name()),
        flags: Some(TicketFlags::from_bits_retain(0xFEDC_BA98)),
        authtime: Some(time()),
        starttime: Some(time()),
        endtime: Some(time()),
        renew_till: Some(time()),
        srealm: Some("ATHENA.MIT.EDU".into()),
        sname: Some(name()),
        caddr: Some(vec![address(), address()]),
    };
    let expected = EncKrbCredPart {
        ticket_info: vec![info.clone(), info],
        nonce: Some(UInt32(42)),
        timestamp: Some(time()),
        usec: Some(microseconds()),
        s_address: Some(address()),
        r_address: Some(address()),
    };
    assert_eq!(reference::<EncKrbCredPart>("EncKrbCredPart"), expected);
}

#[test]
fn krb_error() {
    let expected = KrbError {
        pvno: Exactly,
        msg_type: Exactly,
        ctime: Some(time()),
        cusec: Some(microseconds()),
        stime: time(),
        susec: microseconds(),
        error_code: ErrorCode::KRB_ERR_GENERIC,
        crealm: Some("ATHENA.MIT.EDU".into()),
        cname: Some(name()),
        realm: "ATHENA.MIT.EDU".into(),
        sname: name(),
        e_text: Some("krb5data".into()),
        e_data: Some(b"krb5data"[..].into()),
    };
    assert_eq!(reference::<KrbError>("KRB-ERROR"), expected);
}

#[test]
fn method_data_and_etype_info2() {
    assert_eq!(reference::<MethodData>("METHOD-DATA"), method_data());
    let entries = reference::<EtypeInfo2>("ETYPE-INFO2");
    let second = EtypeInfo2Entry {
        etype: EncryptionType(1),
        salt: None,
        s2kparams: Some(b"s2k: 1"[..].into()),
    };
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[1], second);
}

#[test]
fn pa_enc_ts_enc() {
    let expected = PaEncTsEnc {
        patimestamp: time(),
        pausec: Some(microseconds()),
    };
    assert_eq!(reference::<PaEncTsEnc>("PA-ENC-TS-ENC"), expected);
}

#[test]
fn a_ticket_keeps_the_octets_that_it_came_in() {
    let [_, _, encoding, canonical] = rows(include_str!("../../../vectors/mit-asn1/accepted.tsv"))
        .into_iter()
        .find(|[_, name, _, _]| *name == "Ticket")
        .unwrap();
    let ticket = Raw::<Ticket>::decode(&hex(encoding)).unwrap();
    assert_eq!(ticket.octets(), hex(encoding));
    let message = ApReq {
        pvno: Exactly,
        msg_type: Exactly,
        ap_options: ApOptions::empty(),
        ticket,
        authenticator: encrypted_data(),
    };
    let received = ApReq::decode(&message.encode().unwrap()).unwrap();
    assert_eq!(received.ticket.octets(), hex(encoding));
    assert_eq!(received.ticket.value().encode().unwrap(), hex(canonical));
}

/// The first reference encoding of the message called `name`: the one with all fields.
fn reference<T: Message>(name: &str) -> T {
    let [.., encoding] = rows::<3>(REFERENCE)
        .into_iter()
        .find(|[row, ..]| *row == name)
        .unwrap();
    T::decode(&hex(encoding)).unwrap()
}

fn sample_ticket() -> Ticket {
    Ticket {
        tkt_vno: Exactly,
        realm: "ATHENA.MIT.EDU".into(),
        sname: name(),
        enc_part: encrypted_data(),
    }
}

fn raw_ticket() -> Raw<Ticket> {
    Raw::new(sample_ticket()).unwrap()
}

fn name() -> PrincipalName {
    PrincipalName {
        name_type: NameType::PRINCIPAL,
        name_string: vec!["hftsai".into(), "extra".into()],
    }
}

fn key() -> EncryptionKey {
    EncryptionKey {
        keytype: EncryptionType::DES_CBC_CRC,
        keyvalue: SecretOctets::new(b"12345678".to_vec()),
    }
}

fn encrypted_data() -> EncryptedData {
    EncryptedData {
        etype: EncryptionType::NULL,
        kvno: Some(UInt32(5)),
        cipher: b"krbASN.1 test message"[..].into(),
    }
}

fn method_data() -> MethodData {
    let entry = PaData {
        padata_type: PaDataType::SAM_RESPONSE,
        padata_value: b"pa-data"[..].into(),
    };
    vec![entry.clone(), entry]
}

fn authorization_data() -> Vec<AuthorizationDataEntry> {
    let entry = AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: b"foobar"[..].into(),
    };
    vec![entry.clone(), entry]
}

fn address() -> HostAddress {
    HostAddress {
        addr_type: AddressType::IPV4,
        address: [0x12, 0xD0, 0x00, 0x23][..].into(),
    }
}

/// 1994-06-10 06:03:17.
fn time() -> KerberosTime {
    KerberosTime::from_seconds(771_228_197).unwrap()
}

fn microseconds() -> Microseconds {
    Microseconds::new(123_456).unwrap()
}
