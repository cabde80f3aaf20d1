//! Tickets that are sealed in the session key of the acceptor's own ticket, and how the initiator gets that one.

use orthros_asn1::ErrorCode;
use orthros_crypto::Enctype;

use super::super::*;
use super::world::{Issue, NOW, Service, key, keytab_entry, request};
use crate::MalformedTokenError;
use orthros_testing::random::SeededRandom;
use orthros_types::keytab::KeytabEntry;
use orthros_types::{Credential, MinorStatus, Principal};

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

fn bob() -> Principal {
    Principal::new("ORTHROS.TEST", ["bob"])
}

/// An acceptor's ticket-granting ticket, as far as it counts here.
struct Held(KeytabEntry);

impl KeySource for Held {
    fn visit(&self, _: &mut dyn FnMut(AcceptorKey<'_>)) {}

    fn visit_session_keys(&self, visitor: &mut dyn FnMut(AcceptorKey<'_>)) {
        self.0.visit(visitor);
    }
}

/// A ticket for `bob` which is sealed in the session key of his own, and what he accepts with.
fn issue() -> (Credential, Held) {
    let mut issue = Issue::new(AES256);
    issue.server = bob();
    issue.kvno = None;
    let held = Held(keytab_entry(bob(), 0, &issue.service_key));
    let credential = Credential {
        is_skey: true,
        ..issue.credential()
    };
    (credential, held)
}

fn accept(keys: &dyn KeySource, token: &[u8]) -> Result<Accepted, AcceptError> {
    let service = Service::new(AES256);
    let acceptor = Acceptor {
        keys,
        ..service.acceptor()
    };
    acceptor.accept(token, NOW, &mut SeededRandom::new(4))
}

fn lookup(refused: AcceptError) -> KeyLookupError {
    match refused.into_parts().0 {
        ApError::NoKey(error) => *error,
        other => panic!("{other}"),
    }
}

#[test]
fn a_ticket_for_user_to_user_opens_in_the_session_key_of_the_acceptors_ticket() {
    let (credential, held) = issue();
    let accepted = accept(&held, &request(&credential)).unwrap();
    assert_eq!(accepted.context.acceptor, bob());
}

#[test]
fn a_long_term_key_opens_no_ticket_for_user_to_user() {
    let (credential, Held(entry)) = issue();
    let error = lookup(accept(&entry, &request(&credential)).unwrap_err());
    assert_eq!(error.reason, KeyLookupReason::NoTicketGrantingTicket);
    assert_eq!(error.error_code(), ErrorCode::KRB_AP_ERR_NO_TGT);
}

#[test]
fn the_session_key_of_the_acceptors_ticket_opens_no_other_tickets() {
    let (mut credential, held) = issue();
    credential.is_skey = false;
    let error = lookup(accept(&held, &request(&credential)).unwrap_err());
    assert_eq!(error.reason, KeyLookupReason::UserToUserRequired);
    assert_eq!(
        error.error_code(),
        ErrorCode::KRB_AP_ERR_USER_TO_USER_REQUIRED
    );
}

#[test]
fn the_session_key_of_another_ticket_does_not_open_it() {
    let (credential, _) = issue();
    let other = Held(keytab_entry(bob(), 0, &key(AES256, 9)));
    let error = lookup(accept(&other, &request(&credential)).unwrap_err());
    assert_eq!(error.reason, KeyLookupReason::Integrity);
}

fn tgt_request(token: &[u8]) -> TgtRequest {
    match FirstToken::parse(token) {
        Ok(FirstToken::TgtRequest(asked)) => asked,
        other => panic!("not a KERB-TGT-REQ: {other:?}"),
    }
}

#[test]
fn the_ticket_that_is_asked_for_arrives_as_it_is() {
    let (asked, waiting) = request_tgt(&bob()).unwrap();
    let asked = tgt_request(&asked);
    assert_eq!(asked.peer, Some(bob()));
    let ticket = issue().0.ticket;
    assert_eq!(
        waiting.step(&asked.reply(&ticket).unwrap()).unwrap(),
        ticket
    );
}

#[test]
fn an_acceptor_without_a_ticket_says_so() {
    let (asked, waiting) = request_tgt(&bob()).unwrap();
    let asked = tgt_request(&asked);
    assert!(matches!(
        asked.reply(b"no ticket"),
        Err(ApError::Misused(ApMisuseError::Ticket(_)))
    ));
    let ApError::Refused(heard) = waiting.step(&asked.refuse(NOW).unwrap()).unwrap_err() else {
        panic!("not refused");
    };
    assert_eq!(heard.minor_status(), MinorStatus::KRB5KRB_AP_ERR_NO_TGT);
}

#[test]
fn only_a_request_is_read_as_one_and_only_its_reply_as_that() {
    let (token, _) = request_tgt(&bob()).unwrap();
    for end in 0..token.len() {
        let cut = FirstToken::parse(&token[..end]);
        assert!(matches!(cut, Err(ApError::Malformed(_))), "cut at {end}");
    }
    let damaged = token::frame(
        Mechanism::UserToUser,
        token::TokenId::KERB_TGT_REQUEST,
        b"\x30\x00",
    );
    assert!(matches!(
        FirstToken::parse(&damaged),
        Err(ApError::Malformed(MalformedTokenError::Syntax { .. }))
    ));
    let ap_req = request(&issue().0);
    assert!(matches!(
        FirstToken::parse(&ap_req),
        Ok(FirstToken::ApReq(_))
    ));
    let waiting = request_tgt(&bob()).unwrap().1;
    assert!(matches!(
        waiting.step(&ap_req),
        Err(ApError::Malformed(MalformedTokenError::OtherMechanism))
    ));
    let waiting = request_tgt(&bob()).unwrap().1;
    assert!(matches!(
        waiting.step(&token),
        Err(ApError::Malformed(MalformedTokenError::TokenId([4, 0])))
    ));
}
