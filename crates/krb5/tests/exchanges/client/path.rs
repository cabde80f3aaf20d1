//! Which ticket-granting tickets of a cache are shown to which KDC, and which are kept.

use orthros_asn1::{ApReq, EncryptedData, Exactly, Message as _, NameType, PaDataType, Ticket};
use orthros_krb5::client::{ServiceTicketOptions, ServiceTicketRequest};
use orthros_types::{EncryptionType, KeyBlock};

use super::*;

/// A ticket for the ticket-granting service of a realm, by another one, with a key of aes256 (18) or aes128 (17).
fn tgt_of(realm: &str, issuer: &str, enctype: i32) -> Credential {
    let mut sname = name(&["krbtgt", realm]);
    sname.name_type = NameType::SRV_INST;
    let ticket = Ticket {
        tkt_vno: Exactly,
        realm: issuer.into(),
        sname,
        enc_part: EncryptedData {
            etype: EncryptionType(18),
            kvno: None,
            cipher: vec![1; 64].into(),
        },
    };
    let mut credential = tgt();
    credential.client = principal("alice@A");
    credential.server = Principal::ticket_granting(realm, issuer);
    let length = if enctype == 18 { 32 } else { 16 };
    credential.session_key = KeyBlock::new(EncryptionType(enctype), vec![7; length]);
    credential.times.endtime = later(HOUR);
    credential.ticket = ticket.encode().unwrap();
    credential
}

/// The realm whose KDC is asked for `HTTP/bank@B` first, and the issuer of the ticket that it is shown.
fn asked(text: &str, tickets: &[Credential]) -> [String; 2] {
    let mut seen = None;
    let mut snapshot = snapshot(text, tickets);
    Arc::make_mut(&mut snapshot.contents).principal = principal("alice@A");
    let options = ServiceTicketOptions::default();
    let request = ServiceTicketRequest::new(snapshot, principal("HTTP/bank@B"), options);
    let outcome = Script::new(|request, _| {
        let padata = tgs_req(&request.message).0.padata.unwrap();
        let header = padata
            .iter()
            .find(|element| element.padata_type == PaDataType::TGS_REQ);
        let header = ApReq::decode(&header.unwrap().padata_value).unwrap();
        let realms = [&*request.realm, &*header.ticket.realm.0];
        seen = Some(realms.map(|realm| String::from_utf8(realm.to_vec()).unwrap()));
        None
    })
    .run(request);
    outcome.result.unwrap_err();
    seen.unwrap()
}

const WAY: &str = "[capaths]\n A = {\n  B = X\n }\n";

#[test]
fn a_ticket_by_an_issuer_off_the_path_is_not_shown() {
    let tickets = [tgt_of("A", "A", 18), tgt_of("B", "X", 18)];
    assert_eq!(asked("", &tickets), ["A", "A"]);
    // Nor does the issuer's own word help, or a way that leads elsewhere.
    let tickets = [
        tgt_of("A", "A", 18),
        tgt_of("B", "B", 18),
        tgt_of("B", "X", 18),
    ];
    let elsewhere = "[capaths]\n A = {\n  Y = X\n }\n X = {\n  B = .\n }\n";
    assert_eq!(asked(elsewhere, &tickets), ["A", "A"]);
}

#[test]
fn a_preferred_enctype_does_not_beat_the_own_realm_s_ticket() {
    for text in ["", WAY] {
        let tickets = [
            tgt_of("A", "A", 18),
            tgt_of("B", "X", 18),
            tgt_of("B", "A", 17),
        ];
        assert_eq!(asked(text, &tickets), ["B", "A"]);
    }
}

#[test]
fn a_ticket_by_an_issuer_on_the_configured_path_is_shown() {
    let tickets = [
        tgt_of("A", "A", 18),
        tgt_of("B", "Y", 18),
        tgt_of("B", "X", 17),
    ];
    assert_eq!(asked(WAY, &tickets), ["B", "X"]);
}
