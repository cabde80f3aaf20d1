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

use common::samples::{
    address, authorization_data, checksum, encrypted_data, key, method_data, microseconds, name,
    raw_ticket, reference, sample_ticket, time,
};
use common::{hex, rows};
use orthros_asn1::{
    AdKdcIssued, ApOptions, ApReq, AsRep, AsReq, Authenticator, EncApRepPart, EncKdcRepPart,
    EncKrbCredPart, EncKrbPrivPart, EncTgsRepPart, EncTicketPart, EncryptionType, ErrorCode,
    EtypeInfo, EtypeInfo2, EtypeInfo2Entry, EtypeInfoEntry, Exactly, KdcOptions, KdcRep, KdcReq,
    KdcReqBody, KrbCred, KrbCredInfo, KrbError, KrbPriv, KrbSafe, KrbSafeBody, LastReqEntry,
    LastReqType, Message, MethodData, PaEncTsEnc, Raw, SecretOctets, TgsReq, Ticket, TicketFlags,
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
        cksum: Some(checksum()),
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
fn krb_safe() {
    let body = KrbSafeBody {
        user_data: b"krb5data"[..].into(),
        timestamp: Some(time()),
        usec: Some(microseconds()),
        seq_number: Some(UInt32(17)),
        s_address: address(),
        r_address: Some(address()),
    };
    let expected = KrbSafe {
        pvno: Exactly,
        msg_type: Exactly,
        safe_body: Raw::new(body).unwrap(),
        cksum: checksum(),
    };
    assert_eq!(reference::<KrbSafe>("KRB-SAFE"), expected);
}

#[test]
fn krb_priv() {
    let expected = KrbPriv {
        pvno: Exactly,
        msg_type: Exactly,
        enc_part: encrypted_data(),
    };
    assert_eq!(reference::<KrbPriv>("KRB-PRIV"), expected);
}

#[test]
fn enc_krb_priv_part() {
    let expected = EncKrbPrivPart {
        user_data: SecretOctets::new(b"krb5data".to_vec()),
        timestamp: Some(time()),
        usec: Some(microseconds()),
        seq_number: Some(UInt32(17)),
        s_address: address(),
        r_address: Some(address()),
    };
    assert_eq!(reference::<EncKrbPrivPart>("EncKrbPrivPart"), expected);
}

#[test]
fn ad_kdc_issued() {
    let expected = AdKdcIssued {
        ad_checksum: checksum(),
        i_realm: Some("ATHENA.MIT.EDU".into()),
        i_sname: Some(name()),
        elements: Raw::new(authorization_data()).unwrap(),
    };
    assert_eq!(reference::<AdKdcIssued>("AD-KDCIssued"), expected);
}

#[test]
fn etype_info() {
    let entry = |etype, salt: Option<&[u8]>| EtypeInfoEntry {
        etype: EncryptionType(etype),
        salt: salt.map(Into::into),
    };
    let expected = vec![
        entry(0, Some(b"Morton's #0")),
        entry(1, None),
        entry(2, Some(b"Morton's #2")),
    ];
    assert_eq!(reference::<EtypeInfo>("ETYPE-INFO"), expected);
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
