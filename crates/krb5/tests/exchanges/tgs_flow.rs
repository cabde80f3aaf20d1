//! The way of a TGS exchange through its states.

use orthros_asn1::{ErrorCode, KdcOptions, Message as _};
use orthros_crypto::Enctype;
use orthros_krb5::{
    ExchangeError, ExchangeMisuseError, KdcRefusalError, KdcRequest, ReplyError, ServiceTicket,
    TgsExchange, TgsRequestOptions, TgsStep, Transport,
};
use orthros_types::{Credential, Duration, MinorStatus, Principal, TicketFlags};

use crate::support::*;

fn exchange(tgt: &Credential, service: Principal) -> TgsExchange {
    TgsExchange::new(tgt, service, TgsRequestOptions::default()).unwrap()
}

/// What is to be kept of the tickets that were got on the way.
fn kept(ticket: &ServiceTicket) -> Vec<String> {
    let tickets = ticket.realm_tickets.iter();
    tickets.map(|ticket| ticket.server.to_string()).collect()
}

fn canonicalizes(request: &KdcRequest) -> bool {
    let body = tgs_req(&request.message).0.req_body.into_value();
    body.kdc_options.contains(KdcOptions::CANONICALIZE)
}

#[test]
fn a_ticket_granting_ticket_gives_a_service_ticket_in_each_enctype() {
    for enctype in Enctype::ALL {
        let tgt = tgt_in(*enctype);
        let mut kdc = Kdc::new();
        let ticket = obtain(exchange(&tgt, http()), |request| {
            kdc.answer(&request.message)
        })
        .unwrap();
        assert_eq!(ticket.credential.client, alice());
        assert_eq!(ticket.credential.server, http());
        assert_eq!(ticket.credential.times.authtime, NOW.whole());
        assert_eq!(ticket.credential.times.endtime, tgt.times.endtime);
        assert_ne!(ticket.credential.session_key, tgt.session_key);
        assert!(ticket.realm_tickets.is_empty());
    }
}

#[test]
fn a_reply_in_the_session_key_is_opened_too() {
    let mut kdc = Kdc::new();
    kdc.uses_subkey = false;
    let ticket = obtain(exchange(&tgt(), http()), |request| {
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().credential.server, http());
}

#[test]
fn a_ticket_is_filed_under_the_name_that_was_asked_for() {
    let mut kdc = Kdc::new();
    let nameless = http().with_realm("");
    let ticket = obtain(exchange(&tgt(), nameless.clone()), |request| {
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().credential.server, nameless);
}

#[test]
fn a_service_unknown_to_a_canonical_request_is_asked_for_literally() {
    let mut kdc = Kdc::new();
    let mut requests = Vec::new();
    let ticket = obtain(exchange(&tgt(), http()), |request| {
        requests.push(canonicalizes(request));
        match requests.len() {
            1 => error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN),
            _ => kdc.answer(&request.message),
        }
    });
    assert_eq!(ticket.unwrap().credential.server, http());
    assert_eq!(requests, [true, false]);
}

#[test]
fn a_service_that_stays_unknown_is_named() {
    let mut requests = 0;
    let result = obtain(exchange(&tgt(), http()), |_| {
        requests += 1;
        error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN)
    });
    let error = result.unwrap_err();
    let text = "service HTTP/www.example.test@EXAMPLE.TEST is not in the KDC's database";
    assert_eq!(error.to_string(), text);
    assert_eq!(
        error.minor_status(),
        MinorStatus::KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN
    );
    assert_eq!(requests, 2);
}

#[test]
fn errors_about_ticket_clock_and_client_are_final() {
    let codes = [
        ErrorCode::KRB_AP_ERR_TKT_EXPIRED,
        ErrorCode::KRB_AP_ERR_TKT_NYV,
        ErrorCode::KRB_AP_ERR_SKEW,
        ErrorCode::KDC_ERR_CLIENT_REVOKED,
        ErrorCode::KDC_ERR_TGT_REVOKED,
    ];
    for code in codes {
        let mut requests = 0;
        let result = obtain(exchange(&tgt(), http()), |_| {
            requests += 1;
            error(code)
        });
        assert_eq!(result.unwrap_err().rfc_code(), Some(code));
        assert_eq!(requests, 1);
    }
}

#[test]
fn another_clock_is_measured() {
    let mut kdc = Kdc::new();
    kdc.now = later(1000);
    let result = obtain(exchange(&tgt(), http()), |request| {
        kdc.answer(&request.message)
    });
    let offset = match refusal(result) {
        KdcRefusalError::Skew { offset, .. } => offset,
        other => panic!("{other:?}"),
    };
    assert_eq!(offset, Duration::from_seconds(1000));
}

#[test]
fn a_response_too_big_repeats_the_message_over_a_stream() {
    let mut kdc = Kdc::new();
    let mut sent = Vec::new();
    obtain(exchange(&tgt(), http()), |request| {
        sent.push(request.clone());
        match sent.len() {
            1 => error(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG),
            _ => kdc.answer(&request.message),
        }
    })
    .unwrap();
    assert_eq!(sent[0].message, sent[1].message);
    assert_eq!(sent[1].transport, Transport::Stream);

    let result = obtain(exchange(&tgt(), http()), |_| {
        error(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG)
    });
    assert_eq!(defect(result), ReplyError::TooBigForStream);
}

#[test]
fn a_referral_is_followed_to_the_realm_of_the_service() {
    let mut home = Kdc::new();
    home.refers_to = Some("OTHER.TEST");
    let mut other = Kdc::new();
    other.realm = "OTHER.TEST";
    let mut realms = Vec::new();
    let asked = http().with_realm("");
    let ticket = obtain(exchange(&tgt(), asked.clone()), |request| {
        realms.push(request.realm.clone());
        match realms.len() {
            1 => home.answer(&request.message),
            _ => other.answer(&request.message),
        }
    })
    .unwrap();
    assert_eq!(realms, [REALM.as_bytes(), b"OTHER.TEST"]);
    assert_eq!(ticket.credential.server, asked);
    let inside = orthros_asn1::Ticket::decode(&ticket.credential.ticket).unwrap();
    assert_eq!(*inside.realm, *b"OTHER.TEST");
}

#[test]
fn a_service_of_a_known_foreign_realm_is_reached_over_the_realms_between() {
    let mut realms = Vec::new();
    let service = http().with_realm("C.TEST");
    let ticket = obtain(exchange(&tgt(), service.clone()), |request| {
        realms.push(request.realm.clone());
        let mut kdc = Kdc::new();
        match request.realm.as_slice() {
            // A KDC may answer with a realm on the way instead of the last one.
            b"B.TEST" => kdc.realm = "B.TEST",
            b"C.TEST" => kdc.realm = "C.TEST",
            _ => {
                kdc.tamper = Box::new(|draft| {
                    draft.part.sname = name(&["krbtgt", "B.TEST"]);
                    draft.ticket.sname = draft.part.sname.clone();
                });
            }
        }
        kdc.answer(&request.message)
    })
    .unwrap();
    assert_eq!(realms, [REALM.as_bytes(), b"B.TEST", b"C.TEST"]);
    assert_eq!(ticket.credential.server, service);
    // The caller knows no way over B.TEST: what that realm issues for another one is good for this exchange, and not
    // kept.
    assert_eq!(kept(&ticket), ["krbtgt/B.TEST@EXAMPLE.TEST"]);
    assert!(!ticket.is_on_path);
}

#[test]
fn a_way_that_the_caller_knows_is_taken_where_no_kdc_knows_one() {
    let service = http().with_realm("C.TEST");
    let options = TgsRequestOptions {
        realm_path: vec![b"A.TEST".to_vec(), b"B.TEST".to_vec()],
        ..TgsRequestOptions::default()
    };
    let exchange = TgsExchange::new(&tgt(), service.clone(), options).unwrap();
    let mut asked = Vec::new();
    let ticket = obtain(exchange, |request| {
        let body = tgs_req(&request.message).0.req_body.into_value();
        let wanted = body.sname.unwrap().name_string[1].clone();
        let wanted = String::from_utf8(wanted.0).unwrap();
        let realm = String::from_utf8(request.realm.clone()).unwrap();
        asked.push(format!("{realm}: {wanted}"));
        let mut kdc = Kdc::new();
        kdc.realm = match realm.as_str() {
            "A.TEST" => "A.TEST",
            "B.TEST" => "B.TEST",
            "C.TEST" => "C.TEST",
            _ => REALM,
        };
        // Each shares a key with the next one only.
        match (kdc.realm, wanted.as_str()) {
            (REALM, "A.TEST") | ("A.TEST", "B.TEST") | ("B.TEST" | "C.TEST", _) => {
                kdc.answer(&request.message)
            }
            _ => error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN),
        }
    });
    let ticket = ticket.unwrap();
    assert_eq!(ticket.credential.server, service);
    let way = [
        "krbtgt/A.TEST@EXAMPLE.TEST",
        "krbtgt/B.TEST@A.TEST",
        "krbtgt/C.TEST@B.TEST",
    ];
    assert_eq!(kept(&ticket), way);
    assert!(ticket.is_on_path);
    let expected = [
        "EXAMPLE.TEST: C.TEST",
        "EXAMPLE.TEST: B.TEST",
        "EXAMPLE.TEST: A.TEST",
        "A.TEST: C.TEST",
        "A.TEST: B.TEST",
        "B.TEST: C.TEST",
        "C.TEST: www.example.test",
    ];
    assert_eq!(asked, expected);
}

#[test]
fn a_realm_that_no_kdc_leads_to_is_named() {
    let service = http().with_realm("NOWHERE.TEST");
    let result = obtain(exchange(&tgt(), service), |_| {
        error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN)
    });
    let text = "realm NOWHERE.TEST is not reachable from realm EXAMPLE.TEST";
    assert_eq!(result.unwrap_err().to_string(), text);
}

#[test]
fn referrals_in_a_circle_end() {
    let mut requests = 0;
    let result = obtain(exchange(&tgt(), http()), |request| {
        requests += 1;
        assert!(requests < 100, "no end");
        let mut kdc = Kdc::new();
        (kdc.realm, kdc.refers_to) = match request.realm.as_slice() {
            b"OTHER.TEST" => ("OTHER.TEST", Some(REALM)),
            _ => (REALM, Some("OTHER.TEST")),
        };
        kdc.answer(&request.message)
    });
    assert_eq!(defect(result), ReplyError::ReferralLoop(REALM.into()));
    assert_eq!(requests, 2);
}

#[test]
fn referrals_to_ever_new_realms_end() {
    const REALMS: [&str; 12] = [
        "A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11",
    ];
    let mut requests = 0;
    let result = obtain(exchange(&tgt(), http()), |request| {
        let mut kdc = Kdc::new();
        kdc.realm = match requests {
            0 => REALM,
            n => REALMS[n - 1],
        };
        kdc.refers_to = Some(REALMS[requests]);
        requests += 1;
        kdc.answer(&request.message)
    });
    assert!(matches!(defect(result), ReplyError::ReferralLoop(_)));
    assert_eq!(requests, 11);
}

#[test]
fn a_ticket_granting_ticket_of_the_same_realm_is_no_referral() {
    let mut kdc = Kdc::new();
    kdc.refers_to = Some(REALM);
    let mut requests = Vec::new();
    let ticket = obtain(exchange(&tgt(), http()), |request| {
        requests.push(canonicalizes(request));
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().credential.server, http());
    assert_eq!(requests, [true, false]);
}

#[test]
fn without_canonicalize_there_is_one_request() {
    let options = TgsRequestOptions {
        canonicalize: false,
        ..TgsRequestOptions::default()
    };
    let mut requests = 0;
    let result = obtain(TgsExchange::new(&tgt(), http(), options).unwrap(), |_| {
        requests += 1;
        error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN)
    });
    assert!(
        matches!(refusal(result), KdcRefusalError::ServiceUnknown { service, .. } if service == http())
    );
    assert_eq!(requests, 1);
}

#[test]
fn nothing_comes_after_the_end_and_nothing_before_the_beginning() {
    let mut random = SeededRandom::new(1);
    let mut exchange = exchange(&tgt(), http());
    let early = exchange.step(Some(b"x"), NOW, &mut random).unwrap_err();
    assert_eq!(
        early,
        ExchangeError::Misused(ExchangeMisuseError::UnexpectedInput)
    );
    let step = exchange.step(None, NOW, &mut random).unwrap();
    assert!(matches!(step, TgsStep::Send(_)));
    assert!(exchange.step(Some(b"garbage"), NOW, &mut random).is_err());
    let late = exchange.step(None, NOW, &mut random).unwrap_err();
    assert_eq!(late, ExchangeError::Misused(ExchangeMisuseError::Ended));
}

/// A ticket-granting ticket renewable for two days, and the KDC that gave it.
fn renewable() -> Credential {
    let mut options = options();
    options.renewable_lifetime = Some(Duration::from_hours(48));
    let mut kdc = Kdc::new();
    acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap()
    .credential
}

#[test]
fn renewal_gives_a_ticket_that_ends_later() {
    let old = renewable();
    let mut kdc = Kdc::spoiling(|draft| draft.part.endtime = kerberos_time(later(30 * HOUR)));
    let exchange = TgsExchange::renew(&old, TgsRequestOptions::default()).unwrap();
    let renewed = obtain(exchange, |request| kdc.answer(&request.message)).unwrap();
    assert_eq!(renewed.credential.server, old.server);
    assert_eq!(renewed.credential.times.endtime, later(30 * HOUR).whole());
}

#[test]
fn renewal_beyond_the_limit_is_refused() {
    let limit = 48 * HOUR;
    let mut kdc = Kdc::spoiling(move |draft| {
        draft.part.endtime = kerberos_time(later(limit + 1));
    });
    let exchange = TgsExchange::renew(&renewable(), TgsRequestOptions::default()).unwrap();
    let result = obtain(exchange, |request| kdc.answer(&request.message));
    assert_eq!(defect(result), ReplyError::EndTime);

    let mut kdc = Kdc::spoiling(move |draft| {
        draft.part.renew_till = Some(kerberos_time(later(limit + 1)));
    });
    let exchange = TgsExchange::renew(&renewable(), TgsRequestOptions::default()).unwrap();
    let result = obtain(exchange, |request| kdc.answer(&request.message));
    assert_eq!(defect(result), ReplyError::RenewTill);
}

#[test]
fn renewal_of_another_service_is_refused() {
    let mut kdc = Kdc::spoiling(|draft| {
        draft.part.sname = name(&["HTTP", "www"]);
        draft.ticket.sname = draft.part.sname.clone();
    });
    let exchange = TgsExchange::renew(&renewable(), TgsRequestOptions::default()).unwrap();
    let result = obtain(exchange, |request| kdc.answer(&request.message));
    assert!(matches!(defect(result), ReplyError::Service { .. }));
}

#[test]
fn validation_makes_a_postdated_ticket_good() {
    let mut options = options();
    options.start_after = Some(Duration::from_hours(1));
    let mut kdc = Kdc::new();
    let postdated = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap()
    .credential;
    let invalid = TicketFlags::INVALID;
    assert!(postdated.flags.contains(invalid));

    let exchange = || TgsExchange::validate(&postdated, TgsRequestOptions::default()).unwrap();
    let good = obtain(exchange(), |request| kdc.answer(&request.message)).unwrap();
    assert!(!good.credential.flags.contains(invalid));

    let mut lazy = Kdc::spoiling(|draft| draft.part.flags |= TicketFlags::INVALID);
    let result = obtain(exchange(), |request| lazy.answer(&request.message));
    assert_eq!(defect(result), ReplyError::FlagNotRequested("invalid"));
}
