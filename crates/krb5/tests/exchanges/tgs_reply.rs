//! Each check of a TGS-REP (RFC 4120 section 3.3.4), by a reply that fails only that one.

use orthros_asn1::{AddressType, EncryptionType, HostAddress, Message as _, SecretOctets, UInt32};
use orthros_crypto::KeyUsage;
use orthros_krb5::{ReplyError, TgsExchange, TgsRequestOptions};
use orthros_types::{MinorStatus, Principal, TicketFlags};

use crate::support::*;

/// What a reply to a request for exactly the service is refused for.
#[track_caller]
fn refused(tamper: impl Fn(&mut Draft) + 'static) -> ReplyError {
    let options = TgsRequestOptions {
        canonicalize: false,
        ..TgsRequestOptions::default()
    };
    let mut kdc = Kdc::spoiling(tamper);
    let exchange = TgsExchange::new(&tgt(), http(), options).unwrap();
    defect(obtain(exchange, |request| kdc.answer(&request.message)))
}

#[test]
fn reply_with_other_nonce_is_refused() {
    let defect = refused(|draft| draft.part.nonce = UInt32(draft.part.nonce.0 ^ 1));
    assert_eq!(defect, ReplyError::Nonce);
}

#[test]
fn reply_for_other_client_is_refused() {
    let defect = refused(|draft| draft.cname = name(&["mallory"]));
    assert!(matches!(defect, ReplyError::Client { .. }));
    let defect = refused(|draft| draft.crealm = "OTHER.TEST".into());
    assert!(matches!(defect, ReplyError::Client { .. }));
}

#[test]
fn ticket_for_other_service_is_refused() {
    let defect = refused(|draft| {
        draft.part.sname = name(&["HTTP", "evil.example.test"]);
        draft.ticket.sname = draft.part.sname.clone();
    });
    let found = Principal::new(REALM, ["HTTP", "evil.example.test"]);
    assert!(matches!(defect, ReplyError::Service { found: f, .. } if f == found));
}

#[test]
fn another_name_in_a_canonical_reply_is_asked_about_and_then_refused() {
    let mut requests = 0;
    let mut kdc = Kdc::spoiling(|draft| {
        draft.part.sname = name(&["HTTP", "evil.example.test"]);
        draft.ticket.sname = draft.part.sname.clone();
    });
    let exchange = TgsExchange::new(&tgt(), http(), TgsRequestOptions::default()).unwrap();
    let result = obtain(exchange, |request| {
        requests += 1;
        kdc.answer(&request.message)
    });
    assert!(matches!(defect(result), ReplyError::Service { .. }));
    assert_eq!(requests, 2);
}

#[test]
fn ticket_whose_clear_part_names_other_service_is_refused() {
    let defect = refused(|draft| draft.ticket.sname = name(&["HTTP", "evil.example.test"]));
    assert!(matches!(defect, ReplyError::TicketService { .. }));
}

#[test]
fn service_ticket_in_place_of_a_foreign_ticket_granting_one_is_refused() {
    let mut kdc = Kdc::spoiling(|draft| {
        draft.part.sname = name(&["HTTP", "www"]);
        draft.ticket.sname = draft.part.sname.clone();
    });
    let service = http().with_realm("OTHER.TEST");
    let exchange = TgsExchange::new(&tgt(), service, TgsRequestOptions::default()).unwrap();
    let result = obtain(exchange, |request| kdc.answer(&request.message));
    assert!(matches!(defect(result), ReplyError::Service { .. }));
}

/// Both ways to another realm: by referral, and straight to a realm that is known.
fn ways_to_another_realm() -> [TgsExchange; 2] {
    [http(), http().with_realm("OTHER.TEST")]
        .map(|service| TgsExchange::new(&tgt(), service, TgsRequestOptions::default()).unwrap())
}

#[test]
fn ticket_granting_ticket_in_the_name_of_a_realm_that_was_not_asked_is_refused() {
    for exchange in ways_to_another_realm() {
        let mut kdc = Kdc::spoiling(|draft| {
            draft.part.srealm = "THIRD.TEST".into();
            draft.ticket.realm = draft.part.srealm.clone();
        });
        kdc.refers_to = Some("OTHER.TEST");
        let mut requests = 0;
        let result = obtain(exchange, |request| {
            requests += 1;
            kdc.answer(&request.message)
        });
        let found = Principal::new("THIRD.TEST", ["krbtgt", "OTHER.TEST"]);
        assert!(matches!(defect(result), ReplyError::Service { found: f, .. } if f == found));
        assert_eq!(requests, 1);
    }
}

#[test]
fn session_key_of_an_enctype_that_was_not_asked_for_is_refused() {
    let options = TgsRequestOptions {
        canonicalize: false,
        enctypes: vec![AES256],
        ..TgsRequestOptions::default()
    };
    let mut kdc = Kdc::spoiling(|draft| {
        draft.part.key.keytype = EncryptionType(AES128.number());
        draft.part.key.keyvalue = SecretOctets::new(vec![1; AES128.key_len()]);
    });
    let exchange = TgsExchange::new(&tgt(), http(), options).unwrap();
    assert_eq!(
        defect(obtain(exchange, |request| kdc.answer(&request.message))),
        ReplyError::SessionKeyNotRequested(EncryptionType(AES128.number()))
    );
}

#[test]
fn ticket_that_ends_later_than_asked_for_is_refused() {
    let defect = refused(|draft| draft.part.endtime = kerberos_time(later(24 * HOUR + 1)));
    assert_eq!(defect, ReplyError::EndTime);
}

#[test]
fn ticket_that_does_not_start_now_is_refused() {
    for seconds in [-301, 301] {
        let defect = refused(move |draft| {
            draft.part.starttime = Some(kerberos_time(later(seconds)));
        });
        assert!(matches!(defect, ReplyError::Skew { .. }));
        assert_eq!(defect.minor_status(), MinorStatus::KRB5_KDCREP_SKEW);
    }
}

#[test]
fn flags_that_make_another_ticket_of_it_must_have_been_asked_for() {
    let cases = [
        (TicketFlags::POSTDATED, "postdated"),
        (TicketFlags::INVALID, "invalid"),
        (TicketFlags::RENEWABLE, "renewable"),
        (TicketFlags::FORWARDED, "forwarded"),
        (TicketFlags::PROXY, "a proxy"),
    ];
    for (flag, what) in cases {
        let defect = refused(move |draft| draft.part.flags |= flag);
        assert_eq!(defect, ReplyError::FlagNotRequested(what));
    }
}

#[test]
fn what_is_made_of_a_forwarded_ticket_is_forwarded() {
    let mut tgt = tgt();
    tgt.flags = TicketFlags::FORWARDED;
    let mut kdc = Kdc::spoiling(|draft| draft.part.flags |= TicketFlags::FORWARDED);
    let exchange = TgsExchange::new(&tgt, http(), TgsRequestOptions::default()).unwrap();
    let ticket = obtain(exchange, |request| kdc.answer(&request.message)).unwrap();
    assert_eq!(ticket.credential.flags, tgt.flags);
}

#[test]
fn ticket_bound_to_an_address_is_refused() {
    let defect = refused(|draft| {
        draft.part.caddr = Some(vec![HostAddress {
            addr_type: AddressType(2),
            address: [192, 0, 2, 1].as_slice().into(),
        }]);
    });
    assert_eq!(defect, ReplyError::Address);
}

#[test]
fn session_key_that_is_not_usable_is_refused() {
    let defect = refused(|draft| {
        draft.part.key.keytype = EncryptionType(16);
        draft.part.key.keyvalue = SecretOctets::new(vec![1; 24]);
    });
    assert_eq!(defect, ReplyError::SessionKey(EncryptionType(16)));
}

#[test]
fn reply_in_neither_key_is_refused() {
    let defect = refused(|draft| draft.key = key(9));
    assert_eq!(defect, ReplyError::Integrity);
    assert_eq!(
        defect.minor_status(),
        MinorStatus::KRB5KRB_AP_ERR_BAD_INTEGRITY
    );
}

#[test]
fn reply_in_the_subkey_for_the_session_keys_usage_is_refused() {
    let defect = refused(|draft| draft.usage = KeyUsage::TGS_REP_ENC_PART_SESSION_KEY);
    assert_eq!(defect, ReplyError::Integrity);
}

#[test]
fn reply_to_an_earlier_request_is_refused() {
    let tgt = tgt();
    let mut kdc = Kdc::new();
    let mut recorded = None;
    let options = TgsRequestOptions {
        canonicalize: false,
        ..TgsRequestOptions::default()
    };
    let first = TgsExchange::new(&tgt, http(), options.clone()).unwrap();
    obtain(first, |request| {
        let reply = kdc.answer(&request.message);
        recorded = Some(reply.clone());
        reply
    })
    .unwrap();
    let mut second = TgsExchange::new(&tgt, http(), options).unwrap();
    let mut random = SeededRandom::new(77);
    second.step(None, NOW, &mut random).unwrap();
    let step = second.step(recorded.as_deref(), NOW, &mut random);
    assert_eq!(defect(step), ReplyError::Integrity);
}

#[test]
fn as_rep_in_place_of_tgs_rep_is_refused() {
    let mut as_rep = Vec::new();
    let mut kdc = Kdc::new();
    let tgt = acquire(options(), password(PASSWORD), |request| {
        as_rep = kdc.answer(&request.message);
        as_rep.clone()
    })
    .unwrap();
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::new(&tgt.credential, http(), options).unwrap();
    let error = obtain(exchange, |_| as_rep.clone()).unwrap_err();
    assert_eq!(error, ReplyError::OtherMessage.into());
}

#[test]
fn sealed_part_with_the_tag_of_an_as_rep_is_refused() {
    let mut kdc = Kdc::spoiling(|draft| draft.tgs_tag = false);
    let exchange = TgsExchange::new(&tgt(), http(), TgsRequestOptions::default()).unwrap();
    let error = obtain(exchange, |request| kdc.answer(&request.message)).unwrap_err();
    assert!(matches!(reply_error(error), ReplyError::Syntax { .. }));
}

#[test]
fn a_foreign_kdc_vouches_for_delegation_only_if_the_own_realm_vouches_for_it() {
    let ok = TicketFlags::OK_AS_DELEGATE;
    for (foreign, vouched, expected) in [
        (false, false, true),
        (true, false, false),
        (true, true, true),
    ] {
        let mut tgt = tgt();
        let mut kdc = Kdc::spoiling(|draft| draft.part.flags |= TicketFlags::OK_AS_DELEGATE);
        if foreign {
            tgt.server = Principal::ticket_granting("OTHER.TEST", REALM);
            kdc.realm = "OTHER.TEST";
        }
        tgt.flags.set(ok, vouched);
        let service = http().with_realm(kdc.realm);
        let exchange = TgsExchange::new(&tgt, service, TgsRequestOptions::default()).unwrap();
        let ticket = obtain(exchange, |request| kdc.answer(&request.message)).unwrap();
        assert_eq!(ticket.credential.flags.contains(ok), expected);
    }
}

#[test]
fn the_ticket_is_kept_as_the_kdc_sent_it() {
    let mut kdc = Kdc::new();
    let mut sent = Vec::new();
    let exchange = TgsExchange::new(&tgt(), http(), TgsRequestOptions::default()).unwrap();
    let ticket = obtain(exchange, |request| {
        let reply = kdc.answer(&request.message);
        let message = orthros_asn1::TgsRep::decode(&reply).unwrap();
        sent = message.0.ticket.octets().to_vec();
        reply
    })
    .unwrap();
    assert_eq!(ticket.credential.ticket, sent);
}
