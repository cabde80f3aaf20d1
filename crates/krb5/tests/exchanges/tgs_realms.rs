//! What a realm that the client's own one trusts can make the client believe of other realms.

use orthros_asn1::ErrorCode;
use orthros_krb5::{KdcRequest, ReplyError, ServiceTicket, TgsExchange, TgsRequestOptions};
use orthros_types::{Credential, Principal};

use crate::support::*;

const BANK: &str = "BANK.TEST";
const X: &str = "X.TEST";
const Y: &str = "Y.TEST";

/// A KDC of this realm; X issues what it likes, with whichever service in it.
fn kdc(realm: &[u8], service_of_x: &'static [&'static str]) -> Kdc {
    let mut kdc = Kdc::new();
    kdc.realm = match realm {
        b"BANK.TEST" => BANK,
        b"X.TEST" => X,
        b"Y.TEST" => Y,
        _ => REALM,
    };
    if kdc.realm == X && !service_of_x.is_empty() {
        kdc.tamper = Box::new(|draft| {
            draft.part.sname = name(service_of_x);
            draft.ticket.sname = draft.part.sname.clone();
        });
    }
    kdc
}

/// What the own KDC says: that X is the way to whatever it is asked for.
fn led_to_x(request: &KdcRequest) -> Vec<u8> {
    let mut home = Kdc::spoiling(|draft| {
        draft.part.sname = name(&["krbtgt", X]);
        draft.ticket.sname = draft.part.sname.clone();
    });
    home.answer(&request.message)
}

fn kept(ticket: &ServiceTicket) -> Vec<String> {
    let tickets = ticket.realm_tickets.iter();
    tickets.map(|ticket| ticket.server.to_string()).collect()
}

/// A ticket-granting ticket of the own realm for another.
fn foreign_tgt(realm: &'static str) -> Credential {
    let exchange = TgsExchange::new(
        &tgt(),
        Principal::ticket_granting(realm, REALM),
        TgsRequestOptions::default(),
    );
    let mut home = Kdc::new();
    let ticket = obtain(exchange.unwrap(), |request| home.answer(&request.message));
    ticket.unwrap().credential
}

#[test]
fn a_realm_off_the_path_can_t_leave_a_way_to_another_realm_behind() {
    // Wanted is a service in Y; X, which leads there, leads over the bank instead.
    let service = http().with_realm(Y);
    let exchange = TgsExchange::new(&tgt(), service.clone(), TgsRequestOptions::default());
    let ticket = obtain(exchange.unwrap(), |request| {
        match request.realm.as_slice() {
            b"EXAMPLE.TEST" => led_to_x(request),
            realm => kdc(realm, &["krbtgt", BANK]).answer(&request.message),
        }
    })
    .unwrap();
    assert_eq!(ticket.credential.server, service);
    assert_eq!(kept(&ticket), ["krbtgt/X.TEST@EXAMPLE.TEST"]);
}

#[test]
fn a_realm_on_the_path_leads_only_to_realms_on_it() {
    let options = TgsRequestOptions {
        realm_path: vec![X.into()],
        ..TgsRequestOptions::default()
    };
    for (service_of_x, is_on_path) in [(&["krbtgt", BANK], false), (&["krbtgt", Y], true)] {
        let exchange = TgsExchange::new(&tgt(), http().with_realm(Y), options.clone());
        let ticket = obtain(exchange.unwrap(), |request| {
            match request.realm.as_slice() {
                b"EXAMPLE.TEST" => led_to_x(request),
                realm => kdc(realm, service_of_x).answer(&request.message),
            }
        })
        .unwrap();
        let way = ["krbtgt/X.TEST@EXAMPLE.TEST", "krbtgt/Y.TEST@X.TEST"];
        assert_eq!(kept(&ticket), &way[..if is_on_path { 2 } else { 1 }]);
        assert_eq!(ticket.is_on_path, is_on_path);
    }
}

#[test]
fn a_ticket_granting_ticket_is_filed_under_its_issuer_s_realm() {
    // The own KDC refers to X, which then issues a ticket that is not the own realm's.
    let asked = Principal::ticket_granting(BANK, REALM);
    let exchange = TgsExchange::new(&tgt(), asked, TgsRequestOptions::default());
    let ticket = obtain(exchange.unwrap(), |request| {
        match request.realm.as_slice() {
            b"EXAMPLE.TEST" => led_to_x(request),
            realm => kdc(realm, &[]).answer(&request.message),
        }
    })
    .unwrap();
    let server = ticket.credential.server.to_string();
    assert_eq!(server, "krbtgt/BANK.TEST@X.TEST");
    assert!(!ticket.is_on_path);
}

#[test]
fn a_ticket_granting_ticket_in_another_issuer_s_name_is_refused() {
    let asked = Principal::ticket_granting(BANK, X);
    let exchange = TgsExchange::new(&foreign_tgt(X), asked, TgsRequestOptions::default());
    let result = obtain(exchange.unwrap(), |request| {
        let mut x = kdc(b"X.TEST", &["krbtgt", BANK]);
        x.realm = REALM;
        x.answer(&request.message)
    });
    let text = defect(result).to_string();
    let expected =
        "the ticket is for krbtgt/BANK.TEST@EXAMPLE.TEST, asked for was krbtgt/BANK.TEST@X.TEST";
    assert_eq!(text, expected);
}

#[test]
fn a_foreign_realm_can_t_lead_back_to_the_issuer_of_the_first_ticket() {
    let service = http().with_realm(X);
    let exchange = TgsExchange::new(&foreign_tgt(X), service, TgsRequestOptions::default());
    let result = obtain(exchange.unwrap(), |request| {
        let mut x = kdc(b"X.TEST", &[]);
        x.refers_to = Some(REALM);
        x.answer(&request.message)
    });
    assert_eq!(defect(result), ReplyError::ReferralLoop(REALM.into()));
}

#[test]
fn a_referral_off_the_path_still_leads_to_the_service_that_was_asked_for() {
    let asked = http().with_realm("");
    let exchange = TgsExchange::new(&tgt(), asked.clone(), TgsRequestOptions::default());
    let ticket = obtain(exchange.unwrap(), |request| {
        let mut kdc = kdc(&request.realm, &[]);
        kdc.refers_to = match kdc.realm {
            REALM => Some(X),
            X => Some(Y),
            _ => None,
        };
        kdc.answer(&request.message)
    })
    .unwrap();
    assert_eq!(ticket.credential.server, asked);
    assert!(ticket.realm_tickets.is_empty());
    // Without a referral there is one more error, and no ticket.
    let exchange = TgsExchange::new(&tgt(), asked, TgsRequestOptions::default());
    let result = obtain(exchange.unwrap(), |_| {
        error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN)
    });
    assert!(result.is_err());
}
