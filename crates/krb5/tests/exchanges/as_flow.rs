//! The way of an AS exchange through its states.

use orthros_asn1::{
    ErrorCode, EtypeInfo2, KerberosString, KrbError, LastReqEntry, LastReqType, Message as _,
    PaDataType,
};
use orthros_crypto::Enctype;
use orthros_krb5::{
    AsExchange, AsInput, AsStep, ClientSecret, ExchangeError, ExchangeMisuseError, KdcRefusalError,
    ReplyError, Transport,
};
use orthros_types::{Duration, MinorStatus, NameType, Principal, TicketFlags};

use crate::support::*;

#[test]
fn a_password_gives_a_ticket_in_each_enctype() {
    for enctype in Enctype::ALL {
        let mut kdc = Kdc::with_enctype(*enctype);
        let mut options = options();
        options.enctypes = vec![*enctype];
        let ticket = acquire(options, password(PASSWORD), |request| {
            kdc.answer(&request.message)
        })
        .unwrap();
        let credential = ticket.credential;
        assert_eq!(credential.client, alice());
        assert_eq!(credential.server, Principal::local_ticket_granting(REALM));
        assert_eq!(credential.session_key.enctype().0, enctype.number());
        assert_eq!(credential.times.authtime, NOW.whole());
        assert_eq!(credential.times.starttime, Some(NOW.whole()));
        assert_eq!(credential.times.endtime, later(24 * HOUR).whole());
        assert!(!credential.is_skey);
        assert_eq!(ticket.preauth, Some(PaDataType::ENC_TIMESTAMP));
        assert!(ticket.fast_available);
        assert_eq!(ticket.kdc_offset, Duration::ZERO);
    }
}

#[test]
fn a_key_gives_a_ticket() {
    let mut kdc = Kdc::new();
    let secret = ClientSecret::Keys(vec![kdc.client_key.clone()]);
    let ticket = acquire(options(), secret, |request| kdc.answer(&request.message)).unwrap();
    assert_eq!(ticket.credential.client, alice());
}

#[test]
fn the_ticket_is_kept_as_the_kdc_sent_it() {
    let mut kdc = Kdc::new();
    let mut sent = Vec::new();
    let ticket = acquire(options(), password(PASSWORD), |request| {
        let reply = kdc.answer(&request.message);
        if reply[0] == 0x6B {
            let message = orthros_asn1::AsRep::decode(&reply).unwrap();
            sent = message.0.ticket.octets().to_vec();
        }
        reply
    })
    .unwrap();
    assert_eq!(ticket.credential.ticket, sent);
}

#[test]
fn either_tag_of_the_sealed_part_is_read() {
    let mut kdc = Kdc::spoiling(|draft| draft.tgs_tag = true);
    acquire(options(), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap();
}

#[test]
fn a_kdc_that_proves_nothing_is_believed_but_not_to_speak_fast() {
    let mut kdc = Kdc::new();
    kdc.proves_request = false;
    let ticket = acquire(options(), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap();
    assert!(!ticket.fast_available);
}

#[test]
fn a_password_is_asked_for_once_the_client_is_known() {
    let mut exchange = AsExchange::new(options(), ClientSecret::Ask).unwrap();
    let mut random = SeededRandom::new(1);
    exchange.step(AsInput::Begin, NOW, &mut random).unwrap();
    let unknown = error(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let end = exchange.step(AsInput::Reply(&unknown), NOW, &mut random);
    assert!(
        matches!(refusal(end), KdcRefusalError::ClientUnknown { client, .. } if client == alice())
    );

    for requires_preauth in [true, false] {
        let mut kdc = Kdc::new();
        kdc.requires_preauth = requires_preauth;
        let ticket = acquire(options(), ClientSecret::Ask, |request| {
            kdc.answer(&request.message)
        })
        .unwrap();
        assert_eq!(ticket.preauth.is_some(), requires_preauth);
    }
}

#[test]
fn the_time_at_the_prompt_does_not_make_the_proof_stale() {
    let mut kdc = Kdc::new();
    let mut random = SeededRandom::new(1);
    let mut exchange = AsExchange::new(options(), ClientSecret::Ask).unwrap();
    let step = exchange.step(AsInput::Begin, NOW, &mut random).unwrap();
    let AsStep::Send(request) = step else {
        panic!()
    };
    let reply = kdc.answer(&request.message);
    let step = exchange
        .step(AsInput::Reply(&reply), NOW, &mut random)
        .unwrap();
    assert!(matches!(step, AsStep::NeedPassword { client } if client == alice()));
    let after_lunch = later(HOUR);
    kdc.now = after_lunch;
    let input = AsInput::Password(PASSWORD.as_bytes());
    let step = exchange.step(input, after_lunch, &mut random).unwrap();
    let AsStep::Send(request) = step else {
        panic!()
    };
    let reply = kdc.answer(&request.message);
    let step = exchange.step(AsInput::Reply(&reply), after_lunch, &mut random);
    let AsStep::Done(ticket) = step.unwrap() else {
        panic!()
    };
    assert_eq!(ticket.kdc_offset, Duration::ZERO);
}

#[test]
fn input_that_is_not_waited_for_changes_nothing() {
    let mut kdc = Kdc::new();
    let mut random = SeededRandom::new(1);
    let mut exchange = AsExchange::new(options(), password(PASSWORD)).unwrap();
    let early = exchange.step(AsInput::Reply(b""), NOW, &mut random);
    assert_eq!(
        early.unwrap_err(),
        ExchangeError::Misused(ExchangeMisuseError::UnexpectedInput)
    );
    let step = exchange.step(AsInput::Begin, NOW, &mut random).unwrap();
    let AsStep::Send(request) = step else {
        panic!()
    };
    assert!(exchange.step(AsInput::Begin, NOW, &mut random).is_err());
    assert!(
        exchange
            .step(AsInput::Password(b"x"), NOW, &mut random)
            .is_err()
    );
    let reply = kdc.answer(&request.message);
    let step = exchange.step(AsInput::Reply(&reply), NOW, &mut random);
    assert!(matches!(step, Ok(AsStep::Send(_))));
}

#[test]
fn nothing_comes_after_the_end() {
    let mut random = SeededRandom::new(1);
    let mut exchange = AsExchange::new(options(), password(PASSWORD)).unwrap();
    exchange.step(AsInput::Begin, NOW, &mut random).unwrap();
    assert!(
        exchange
            .step(AsInput::Reply(b"?"), NOW, &mut random)
            .is_err()
    );
    let after = exchange.step(AsInput::Begin, NOW, &mut random);
    assert_eq!(
        after.unwrap_err(),
        ExchangeError::Misused(ExchangeMisuseError::Ended)
    );
}

#[test]
fn a_response_too_big_repeats_the_message_over_a_stream() {
    for too_big_at in [1, 2] {
        let mut kdc = Kdc::new();
        let mut sent = Vec::new();
        acquire(options(), password(PASSWORD), |request| {
            sent.push(request.clone());
            if sent.len() == too_big_at {
                return error(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG);
            }
            kdc.answer(&request.message)
        })
        .unwrap();
        assert_eq!(sent[too_big_at - 1].message, sent[too_big_at].message);
        assert_eq!(sent[too_big_at - 1].transport, Transport::Datagram);
        let after = &sent[too_big_at..];
        assert!(
            after
                .iter()
                .all(|request| request.transport == Transport::Stream)
        );
    }
}

#[test]
fn a_response_too_big_for_a_stream_ends_the_exchange() {
    let result = acquire(options(), password(PASSWORD), |_| {
        error(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG)
    });
    assert_eq!(defect(result), ReplyError::TooBigForStream);
}

#[test]
fn the_kdcs_clock_is_followed_from_the_first_error_on() {
    for ahead in [-30 * HOUR, -301, 301, 30 * HOUR] {
        let mut kdc = Kdc::new();
        kdc.now = later(ahead);
        let mut requests = 0;
        let ticket = acquire(options(), password(PASSWORD), |request| {
            requests += 1;
            kdc.answer(&request.message)
        })
        .unwrap();
        assert_eq!(requests, 2);
        assert_eq!(ticket.kdc_offset, Duration::from_seconds(ahead));
    }
}

#[test]
fn a_skew_error_corrects_the_clock_once() {
    let mut kdc = Kdc::new();
    let mut requests = 0;
    let ticket = acquire(options(), password(PASSWORD), |request| {
        requests += 1;
        let reply = kdc.answer(&request.message);
        // The clock is set after the first answer.
        kdc.now = later(1000);
        reply
    })
    .unwrap();
    assert_eq!(requests, 3);
    assert_eq!(ticket.kdc_offset, Duration::from_seconds(1000));

    let mut kdc = Kdc::new();
    let mut requests = 0;
    let result = acquire(options(), password(PASSWORD), |request| {
        requests += 1;
        let reply = kdc.answer(&request.message);
        kdc.now = later(1000 * requests);
        reply
    });
    assert!(
        matches!(refusal(result), KdcRefusalError::Skew { offset, .. } if offset.seconds() == 2000)
    );
    assert_eq!(requests, 3);
}

#[test]
fn without_kdc_timesync_another_clock_is_an_error() {
    let mut kdc = Kdc::new();
    kdc.now = later(-1000);
    let mut options = options();
    options.kdc_timesync = false;
    let result = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    let error = result.unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5KRB_AP_ERR_SKEW);
    assert_eq!(
        error.to_string(),
        "the KDC's clock is 1000 seconds behind this one"
    );
}

#[test]
fn without_kdc_timesync_a_ticket_must_start_now() {
    let mut kdc = Kdc::new();
    kdc.requires_preauth = false;
    kdc.now = later(1000);
    let mut options = options();
    options.kdc_timesync = false;
    let result = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    let error = result.unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5_KDCREP_SKEW);
}

#[test]
fn without_kdc_timesync_there_is_no_offset_to_keep() {
    let mut kdc = Kdc::new();
    kdc.now = later(100);
    let mut options = options();
    options.kdc_timesync = false;
    let ticket = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().kdc_offset, Duration::ZERO);
}

/// An error that sends the client to another realm.
fn referral(code: ErrorCode, realm: &str) -> Vec<u8> {
    KrbError {
        crealm: Some(realm.into()),
        ..krb_error(code, NOW)
    }
    .encode()
    .unwrap()
}

#[test]
fn a_client_of_another_realm_is_followed_there() {
    // Windows says that the client is unknown (RFC 6806 section 7 wants WRONG_REALM).
    for code in [
        ErrorCode::KDC_ERR_WRONG_REALM,
        ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN,
    ] {
        let mut kdc = Kdc::new();
        let mut enterprise = options();
        enterprise.client =
            Principal::new("FIRST.TEST", ["alice@mail"]).with_name_type(NameType::ENTERPRISE);
        let mut canonical = options();
        canonical.client = alice().with_realm("FIRST.TEST");
        canonical.canonicalize = true;
        for options in [enterprise, canonical] {
            let ticket = acquire(options, password(PASSWORD), |request| {
                match request.realm.as_slice() {
                    b"FIRST.TEST" => referral(code, REALM),
                    _ => kdc.answer(&request.message),
                }
            })
            .unwrap();
            assert_eq!(ticket.credential.client.realm(), REALM.as_bytes());
            let service = Principal::local_ticket_granting(REALM);
            assert_eq!(ticket.credential.server, service);
        }
    }
}

#[test]
fn a_referral_is_named_where_it_may_not_be_followed() {
    let result = acquire(options(), password(PASSWORD), |_| {
        referral(ErrorCode::KDC_ERR_WRONG_REALM, "OTHER.TEST")
    });
    let error = result.unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5KDC_ERR_WRONG_REALM);
    let text = "client alice@EXAMPLE.TEST belongs to realm OTHER.TEST";
    assert_eq!(error.to_string(), text);
}

#[test]
fn the_kdc_may_rename_client_and_service_where_it_was_allowed_to() {
    let rename = |draft: &mut Draft| {
        draft.cname = name(&["alice", "canonical"]);
        draft.part.sname = name(&["krbtgt", "CANONICAL.TEST"]);
        draft.ticket.sname = draft.part.sname.clone();
    };
    let mut kdc = Kdc::spoiling(rename);
    let mut options = options();
    options.canonicalize = true;
    let ticket = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap();
    let canonical = Principal::new(REALM, ["alice", "canonical"]);
    assert_eq!(ticket.credential.client, canonical);
}

#[test]
fn refusals_name_who_and_what() {
    let cases = [
        (
            ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN,
            "client alice@EXAMPLE.TEST is not in the KDC's database",
        ),
        (
            ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
            "service krbtgt/EXAMPLE.TEST@EXAMPLE.TEST is not in the KDC's database",
        ),
        (
            ErrorCode::KDC_ERR_CLIENT_REVOKED,
            "client alice@EXAMPLE.TEST may not log in: the client is locked or disabled",
        ),
        (
            ErrorCode::KDC_ERR_KEY_EXPIRED,
            "the password of alice@EXAMPLE.TEST has expired",
        ),
        (
            ErrorCode::KDC_ERR_ETYPE_NOSUPP,
            "the KDC has no key of alice@EXAMPLE.TEST or of krbtgt/EXAMPLE.TEST@EXAMPLE.TEST \
             in any of the encryption types asked for; arcfour-hmac is asked for only with allow_rc4 = true in \
             [libdefaults]",
        ),
        (
            ErrorCode::KDC_ERR_POLICY,
            "the KDC refuses alice@EXAMPLE.TEST a ticket for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST: \
             the KDC's policy rejects the request",
        ),
    ];
    for (code, text) in cases {
        let result = acquire(options(), password(PASSWORD), |_| error(code));
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), text);
        assert_eq!(error.rfc_code(), Some(code));
        assert_eq!(error.minor_status(), MinorStatus::from_rfc_code(code));
    }
}

#[test]
fn the_kdcs_own_words_are_passed_on_but_can_not_drive_a_terminal() {
    let reply = KrbError {
        e_text: Some(KerberosString::from(b"no \x1b[31mway".as_slice())),
        ..krb_error(ErrorCode::KDC_ERR_POLICY, NOW)
    }
    .encode()
    .unwrap();
    let result = acquire(options(), password(PASSWORD), |_| reply.clone());
    let text = result.unwrap_err().to_string();
    assert!(text.ends_with("(KDC says \"no \\u{1b}[31mway\")"), "{text}");
}

#[test]
fn expiry_comes_from_last_req_before_key_expiration() {
    let mut kdc = Kdc::spoiling(|draft| {
        draft.part.key_expiration = Some(kerberos_time(later(5)));
    });
    let expiry = acquire(options(), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap()
    .expiry;
    assert_eq!(expiry.password, Some(later(5).whole()));
    assert!(!expiry.is_announced);

    let mut kdc = Kdc::spoiling(|draft| {
        draft.part.key_expiration = Some(kerberos_time(later(5)));
        draft.part.last_req = vec![
            LastReqEntry {
                lr_type: LastReqType(-6),
                lr_value: kerberos_time(later(7)),
            },
            LastReqEntry {
                lr_type: LastReqType(7),
                lr_value: kerberos_time(later(8)),
            },
        ];
    });
    let expiry = acquire(options(), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap()
    .expiry;
    assert_eq!(expiry.password, Some(later(7).whole()));
    assert_eq!(expiry.account, Some(later(8).whole()));
    assert!(expiry.is_announced);
}

#[test]
fn the_cache_is_told_what_mit_would_tell_it() {
    let mut kdc = Kdc::new();
    let ticket = acquire(options(), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap();
    let entries = ticket.cache_configuration();
    let entries: Vec<_> = entries
        .iter()
        .map(|entry| entry.as_config().unwrap())
        .collect();
    let server: &[u8] = b"krbtgt/EXAMPLE.TEST@EXAMPLE.TEST";
    assert_eq!(entries.len(), 2);
    assert_eq!(
        (entries[0].key, entries[0].value),
        (&b"fast_avail"[..], &b"yes"[..])
    );
    assert_eq!(
        (entries[1].key, entries[1].value),
        (&b"pa_type"[..], &b"2"[..])
    );
    assert!(entries.iter().all(|entry| entry.principal == Some(server)));
}

#[test]
fn flags_of_the_ticket_are_those_of_the_reply() {
    let mut kdc = Kdc::new();
    let mut options = options();
    options.forwardable = true;
    let ticket = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
    .unwrap();
    assert!(ticket.credential.flags.contains(TicketFlags::FORWARDABLE));
}

#[test]
fn an_etype_info2_without_entries_is_no_hint() {
    let empty = EtypeInfo2::new();
    let mut kdc = Kdc::new();
    kdc.etype_info = empty;
    let result = acquire(options(), password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    assert!(matches!(
        refusal(result),
        KdcRefusalError::EnctypeNotSupported { error: None, .. }
    ));
}
