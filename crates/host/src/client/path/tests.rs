//! Which ticket-granting tickets of a cache are shown to which KDC, and which are kept.

use std::sync::{Arc, Mutex};

use orthros_asn1::{
    ApReq, EncryptedData, Exactly, Message as _, NameType, PaDataType, PrincipalName, TgsReq,
    Ticket,
};
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, TransportError};
use orthros_types::config::Config;
use orthros_types::{EncryptionType, KeyBlock, TicketFlags, TicketTimes, Timestamp};

use super::*;
use crate::client::ServiceTicketOptions;
use crate::clock::ManualClock;
use crate::transport::KdcTransport;

/// KDCs that are asked, and never answer.
#[derive(Debug, Default)]
struct Silent(Mutex<Vec<KdcRequest>>);

impl KdcTransport for Silent {
    fn exchange(
        &self,
        _: &Config,
        request: &KdcRequest,
        _: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        self.0.lock().unwrap().push(request.clone());
        let realm = String::from_utf8_lossy(&request.realm).into_owned();
        Err(TransportError::NoKdc { realm })
    }
}

/// A ticket for the ticket-granting service of a realm, by another one, with a key of aes256 (18) or aes128 (17).
fn tgt(realm: &str, issuer: &str, enctype: i32) -> Credential {
    let ticket = Ticket {
        tkt_vno: Exactly,
        realm: issuer.into(),
        sname: PrincipalName {
            name_type: NameType::SRV_INST,
            name_string: vec!["krbtgt".into(), realm.into()],
        },
        enc_part: EncryptedData {
            etype: EncryptionType(18),
            kvno: None,
            cipher: vec![1; 64].into(),
        },
    };
    let end = Timestamp::from_seconds(NOW.seconds() + 3600);
    Credential {
        client: principal("alice@A"),
        server: Principal::ticket_granting(realm, issuer),
        session_key: KeyBlock::new(
            EncryptionType(enctype),
            vec![7; if enctype == 18 { 32 } else { 16 }],
        ),
        times: TicketTimes {
            authtime: NOW,
            starttime: None,
            endtime: end,
            renew_till: None,
        },
        is_skey: false,
        flags: TicketFlags::empty(),
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: ticket.encode().unwrap(),
        second_ticket: Vec::new(),
    }
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

/// Which realm's KDC is asked for `HTTP/bank@B` first, and by whom the ticket is that it is shown.
fn asked(config: &str, tickets: &[Credential]) -> [String; 2] {
    let silent = Arc::new(Silent::default());
    let environment = Environment::builder()
        .config_text("krb5.conf", config)
        .unwrap()
        .transport(silent.clone())
        .clock(Arc::new(ManualClock::at(NOW)))
        .default_cache("MEMORY:path")
        .build();
    let cache = environment.default_cache().unwrap();
    cache
        .initialize(&principal("alice@A"), None, tickets)
        .unwrap();
    let options = ServiceTicketOptions::default();
    environment
        .service_ticket(&cache, &principal("HTTP/bank@B"), &options)
        .unwrap_err();
    let requests = silent.0.lock().unwrap();
    let TgsReq(request) = TgsReq::decode(&requests[0].message).unwrap();
    let padata = request.padata.unwrap();
    let header = padata
        .iter()
        .find(|element| element.padata_type == PaDataType::TGS_REQ);
    let header = ApReq::decode(&header.unwrap().padata_value).unwrap();
    [&*requests[0].realm, &*header.ticket.realm.0]
        .map(|realm| String::from_utf8(realm.to_vec()).unwrap())
}

const WAY: &str = "[capaths]\n A = {\n  B = X\n }\n";

#[test]
fn a_ticket_by_an_issuer_off_the_path_is_not_shown() {
    let tickets = [tgt("A", "A", 18), tgt("B", "X", 18)];
    assert_eq!(asked("", &tickets), ["A", "A"]);
    // Nor does the issuer's own word help, or a way that leads elsewhere.
    let tickets = [tgt("A", "A", 18), tgt("B", "B", 18), tgt("B", "X", 18)];
    let elsewhere = "[capaths]\n A = {\n  Y = X\n }\n X = {\n  B = .\n }\n";
    assert_eq!(asked(elsewhere, &tickets), ["A", "A"]);
}

#[test]
fn a_preferred_enctype_does_not_beat_the_own_realm_s_ticket() {
    for config in ["", WAY] {
        let tickets = [tgt("A", "A", 18), tgt("B", "X", 18), tgt("B", "A", 17)];
        assert_eq!(asked(config, &tickets), ["B", "A"]);
    }
}

#[test]
fn a_ticket_by_an_issuer_on_the_configured_path_is_shown() {
    let tickets = [tgt("A", "A", 18), tgt("B", "Y", 18), tgt("B", "X", 17)];
    assert_eq!(asked(WAY, &tickets), ["B", "X"]);
}

#[test]
fn a_ticket_granting_ticket_off_the_path_is_not_kept() {
    let kept = |config: &str, credential: Credential, is_on_path| {
        let environment = Environment::builder()
            .config_text("krb5.conf", config)
            .unwrap()
            .default_cache("MEMORY:kept")
            .build();
        let cache = environment.default_cache().unwrap();
        cache.initialize(&principal("alice@A"), None, &[]).unwrap();
        let got = ServiceTicket {
            credential,
            realm_tickets: Vec::new(),
            is_on_path,
        };
        !environment
            .to_be_kept(&cache.contents().unwrap(), &got)
            .is_empty()
    };
    let service = Credential {
        server: principal("HTTP/bank@B"),
        ..tgt("B", "A", 18)
    };
    // What was asked for is kept under its name, whichever way led there.
    assert!(kept("", service.clone(), true) && kept("", service, false));
    assert!(kept("", tgt("B", "A", 18), true));
    assert!(kept("", tgt("B", "B", 18), true));
    assert!(kept(WAY, tgt("B", "X", 18), true));
    assert!(!kept("", tgt("B", "X", 18), true));
    assert!(!kept(WAY, tgt("B", "X", 18), false));
    assert!(!kept("", tgt("B", "B", 18), false));
}

#[test]
fn a_ticket_by_the_name_of_a_note_is_not_kept() {
    let environment = Environment::builder().default_cache("MEMORY:notes").build();
    let cache = environment.default_cache().unwrap();
    cache.initialize(&principal("alice@A"), None, &[]).unwrap();
    let note = Credential::config(principal("alice@A"), START_REALM, None, Vec::new());
    let got = ServiceTicket {
        credential: Credential {
            server: note.server,
            ..tgt("A", "A", 18)
        },
        realm_tickets: Vec::new(),
        is_on_path: true,
    };
    let kept = environment.to_be_kept(&cache.contents().unwrap(), &got);
    assert!(kept.is_empty(), "{kept:?}");
}

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
