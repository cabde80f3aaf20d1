//! Context tokens that are cut, changed, foreign, or answer another request.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::{ApRep, EncApRepPart, ErrorCode, KerberosTime, Message};
use orthros_crypto::{Enctype, KeyUsage};
use proptest::prelude::*;

use super::super::*;
use super::world::{Issue, NOW, Service, mutual, options, request, server, with_request};
use crate::MalformedTokenError;
use crate::wire;
use orthros_testing::random::{NoRandom, SeededRandom};
use orthros_types::{Duration, KeyBlock, Timestamp};

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

/// The reply with its inside changed by a party that knows the session key.
pub(super) fn with_reply(
    issue: &Issue,
    token: &[u8],
    change: impl FnOnce(&mut EncApRepPart),
) -> Vec<u8> {
    let (mechanism, token_id, message) = token::unframe(token).unwrap();
    let mut reply = ApRep::decode(message).unwrap();
    let usage = KeyUsage::AP_REP_ENC_PART;
    let plaintext = issue
        .session_key
        .decrypt(usage, &reply.enc_part.cipher)
        .unwrap();
    let mut part = EncApRepPart::decode(&plaintext).unwrap();
    change(&mut part);
    reply.enc_part = wire::encrypt(
        &issue.session_key,
        usage,
        &part.encode().unwrap(),
        &mut SeededRandom::new(60),
    )
    .unwrap();
    token::frame(mechanism, token_id, &reply.encode().unwrap())
}

fn reply_to(token: &[u8]) -> Vec<u8> {
    Service::new(AES256).accept(token).unwrap().token.unwrap()
}

#[test]
fn every_truncated_request_is_refused() {
    let token = request(&Issue::new(AES256).credential());
    let service = Service::new(AES256);
    for length in 0..token.len() {
        let refused = service.accept(&token[..length]).unwrap_err();
        assert!(matches!(refused.error(), ApError::Malformed(_)));
        assert_eq!(refused.token(), None);
    }
}

#[test]
fn a_request_with_any_bit_flipped_is_refused_or_means_the_same() {
    let issue = Issue::new(AES256);
    let token = request(&issue.credential());
    for bit in 0..token.len() * 8 {
        let mut flipped = token.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // The outside of an AP-REQ is not authenticated: options, names of ticket and service.
        if let Ok(accepted) = Service::new(AES256).accept(&flipped) {
            assert_eq!(accepted.context.initiator, super::world::client());
            assert_eq!(accepted.context.acceptor, server());
            assert_eq!(accepted.context.info.ticket_session_key, issue.session_key);
        }
    }
}

#[test]
fn garbage_after_the_token_is_refused() {
    let (mut token, waiting) = mutual(&Issue::new(AES256).credential());
    let mut reply = reply_to(&token);
    token.push(0);
    assert!(Service::new(AES256).accept(&token).is_err());
    reply.push(0);
    assert!(matches!(
        waiting.step(&reply),
        Err(ApError::Malformed(MalformedTokenError::Framing(_)))
    ));
}

#[test]
fn a_token_longer_than_any_ticket_is_refused_before_it_is_read() {
    // Each empty component of the service's name takes two octets here and two dozen in memory, and no one has
    // proved anything yet.
    let (token, waiting) = mutual(&Issue::new(AES256).credential());
    let long = with_request(&token, |request| {
        let mut ticket = request.ticket.value().clone();
        ticket.sname.name_string = alloc::vec![b""[..].into(); 1 << 20];
        request.ticket = orthros_asn1::Raw::new(ticket).unwrap();
    });
    let length = long.len();
    let refused = |error: &ApError| {
        assert!(
            matches!(error, ApError::Malformed(MalformedTokenError::TooLong(octets)) if *octets == length),
            "{error}"
        );
    };
    refused(Service::new(AES256).accept(&long).unwrap_err().error());
    refused(&waiting.step(&long).unwrap_err());
}

#[test]
fn the_longest_ticket_and_delegated_credential_of_usual_peers_are_accepted() {
    let data = |length| {
        Some(alloc::vec![orthros_asn1::AuthorizationDataEntry {
            ad_type: orthros_asn1::AdType::WIN2K_PAC,
            ad_data: alloc::vec![7; length].into(),
        }])
    };
    let mut issue = Issue::new(AES256);
    issue.part.authorization_data = data(64_000);
    let credential = issue.credential();
    let mut with_delegation = options(ContextFlags::DELEG);
    let delegation = [credential.clone()];
    with_delegation.delegation = &delegation;
    let mut random = SeededRandom::new(5);
    let initiation = initiate(&credential, &with_delegation, NOW, &mut random).unwrap();
    assert!(initiation.token.len() > 120_000);
    assert!(Service::new(AES256).accept(&initiation.token).is_ok());
}

#[test]
fn garbage_within_the_framing_is_refused() {
    let token = request(&Issue::new(AES256).credential());
    let (mechanism, token_id, message) = token::unframe(&token).unwrap();
    let longer = [message, &[0]].concat();
    let token = token::frame(mechanism, token_id, &longer);
    assert!(matches!(
        Service::new(AES256).accept(&token).unwrap_err().error(),
        ApError::Malformed(MalformedTokenError::Syntax { what: "AP-REQ", .. })
    ));
}

#[test]
fn tokens_of_another_step_or_mechanism_are_refused() {
    let (token, waiting) = mutual(&Issue::new(AES256).credential());
    let reply = reply_to(&token);
    let service = Service::new(AES256);
    assert!(matches!(
        service.accept(&reply).unwrap_err().error(),
        ApError::Malformed(MalformedTokenError::TokenId([2, 0]))
    ));
    assert!(matches!(
        waiting.step(&token),
        Err(ApError::Malformed(MalformedTokenError::TokenId([1, 0])))
    ));
    let (_, token_id, message) = token::unframe(&reply).unwrap();
    let foreign = token::frame(Mechanism::Microsoft, token_id, message);
    let (_, waiting) = mutual(&Issue::new(AES256).credential());
    assert!(matches!(
        waiting.step(&foreign),
        Err(ApError::Malformed(MalformedTokenError::OtherMechanism))
    ));
    let spnego = [
        0x60, 0x0a, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02, 0x30, 0,
    ];
    assert!(matches!(
        service.accept(&spnego).unwrap_err().error(),
        ApError::Malformed(MalformedTokenError::OtherMechanism)
    ));
}

#[test]
fn a_truncated_or_flipped_reply_is_refused() {
    let credential = Issue::new(AES256).credential();
    let reply = reply_to(&request(&credential));
    for length in 0..reply.len() {
        assert!(mutual(&credential).1.step(&reply[..length]).is_err());
    }
    for bit in 0..reply.len() * 8 {
        let mut flipped = reply.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let refused = mutual(&credential).1.step(&flipped);
        assert!(refused.is_err(), "bit {bit}");
    }
}

#[test]
fn a_reply_to_another_request_is_refused() {
    let issue = Issue::new(AES256);
    let (token, _) = mutual(&issue.credential());
    let reply = reply_to(&token);
    type Change = fn(&mut EncApRepPart);
    let changes: [Change; 2] = [
        |part| part.ctime = KerberosTime::from_seconds(part.ctime.seconds() + 1).unwrap(),
        |part| part.cusec = orthros_asn1::Microseconds::new(part.cusec.value() + 1).unwrap(),
    ];
    for change in changes {
        let changed = with_reply(&issue, &reply, change);
        let error = mutual(&issue.credential()).1.step(&changed).unwrap_err();
        assert_eq!(error.error_code(), ErrorCode::KRB_AP_ERR_MUT_FAIL);
    }
}

#[test]
fn a_krb_error_is_understood() {
    let credential = Issue::new(AES256).credential();
    let (token, waiting) = mutual(&credential);
    let late = NOW.saturating_add(Duration::from_seconds(1000));
    let refused = Service::new(AES256).accept_at(&token, late).unwrap_err();
    let error = waiting.step(refused.token().unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "host/gate.orthros.test@ORTHROS.TEST refuses: the clocks are too far apart"
    );
    let ApError::Refused(error) = error else {
        panic!("a KRB-ERROR");
    };
    assert_eq!(error.code, ErrorCode::KRB_AP_ERR_SKEW);
    assert_eq!(error.service, server());
    assert_eq!(error.server_time, late);
}

#[test]
fn a_krb_error_is_sent_only_to_who_waits_for_an_answer() {
    let mut issue = Issue::new(AES256);
    issue.part.flags |= orthros_asn1::TicketFlags::INVALID;
    for flags in [ContextFlags::empty(), ContextFlags::MUTUAL] {
        let initiation = initiate(
            &issue.credential(),
            &options(flags),
            NOW,
            &mut SeededRandom::new(61),
        )
        .unwrap();
        let refused = Service::new(AES256).accept(&initiation.token).unwrap_err();
        assert_eq!(
            refused.token().is_some(),
            flags.contains(ContextFlags::MUTUAL)
        );
    }
}

#[test]
fn a_dce_style_flag_in_a_framed_token_is_refused() {
    let issue = Issue::new(AES256);
    let token =
        super::world::with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
            authenticator.cksum.as_mut().unwrap().checksum.0[21] |= 0x10;
        });
    assert!(matches!(
        Service::new(AES256).accept(&token).unwrap_err().error(),
        ApError::Malformed(MalformedTokenError::DceStyle)
    ));
}

#[test]
fn no_token_is_built_from_an_expired_ticket() {
    let credential = Issue::new(AES256).credential();
    let begin = |now| {
        initiate(
            &credential,
            &options(ContextFlags::empty()),
            now,
            &mut SeededRandom::new(62),
        )
    };
    let endtime = credential.times.endtime;
    assert!(begin(endtime).is_ok());
    let error = begin(endtime.saturating_add(Duration::from_seconds(1))).unwrap_err();
    assert!(matches!(
        error,
        ApError::Misused(ApMisuseError::TicketExpired { .. })
    ));
    assert_eq!(error.error_code(), ErrorCode::KRB_AP_ERR_TKT_EXPIRED);
    assert_eq!(
        error.to_string(),
        "ticket for host/gate.orthros.test@ORTHROS.TEST expired at 2027-01-15T09:00:00Z"
    );
}

#[test]
fn no_token_is_built_from_a_ticket_that_is_not_valid_yet() {
    let mut credential = Issue::new(AES256).credential();
    let begin = |credential: &_| {
        initiate(
            credential,
            &options(ContextFlags::empty()),
            NOW,
            &mut SeededRandom::new(63),
        )
    };
    credential.times.starttime = Some(NOW.saturating_add(super::world::SKEW));
    assert!(begin(&credential).is_ok());
    credential.times.starttime = Some(NOW.saturating_add(Duration::from_seconds(301)));
    assert!(matches!(
        begin(&credential),
        Err(ApError::Misused(ApMisuseError::TicketNotYetValid { .. }))
    ));
}

#[test]
fn a_credential_that_can_not_be_used_is_refused() {
    let good = Issue::new(AES256).credential();
    let begin = |credential: &_, now| {
        initiate(
            credential,
            &options(ContextFlags::empty()),
            now,
            &mut SeededRandom::new(64),
        )
    };
    let mut bad = good.clone();
    bad.session_key = KeyBlock::new(orthros_asn1::EncryptionType(16), alloc::vec![0; 16]);
    assert!(matches!(
        begin(&bad, NOW),
        Err(ApError::Misused(ApMisuseError::SessionKey(
            orthros_asn1::EncryptionType(16)
        )))
    ));
    let mut bad = good.clone();
    bad.ticket.pop();
    assert!(matches!(
        begin(&bad, NOW),
        Err(ApError::Misused(ApMisuseError::Ticket(_)))
    ));
    let mut forever = good.clone();
    forever.times.endtime = Timestamp::from_seconds(i64::MAX);
    assert!(matches!(
        begin(&forever, Timestamp::from_seconds(i64::MAX)),
        Err(ApError::Misused(ApMisuseError::Time(_)))
    ));
    let no_random = initiate(&good, &options(ContextFlags::empty()), NOW, &mut NoRandom);
    assert!(matches!(no_random, Err(ApError::Random(_))));
}

#[test]
fn tokens_are_reproducible_from_time_and_seed() {
    let credential = Issue::new(AES256).credential();
    assert_eq!(request(&credential), request(&credential));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_octets_are_refused_by_both_heads(
        octets in prop::collection::vec(any::<u8>(), 0..200),
        token_id in prop::sample::select(&[[1, 0], [2, 0], [3, 0]][..]),
    ) {
        let framed = token::frame(Mechanism::Krb5, token::TokenId(token_id), &octets);
        for token in [octets, framed] {
            prop_assert!(Service::new(AES256).accept(&token).is_err());
            prop_assert!(mutual(&Issue::new(AES256).credential()).1.step(&token).is_err());
        }
    }
}

#[test]
fn a_name_that_is_too_long_gets_a_short_text_and_a_short_krb_error() {
    for parts in [
        alloc::vec![alloc::string::String::new(); 30],
        alloc::vec!["x".repeat(4000); 30],
    ] {
        let mut issue = Issue::new(AES256);
        issue.server = orthros_types::Principal::new("R".repeat(4000), parts);
        issue.service_key = super::world::key(AES256, 77);
        let refused = Service::new(AES256)
            .accept(&request(&issue.credential()))
            .unwrap_err();
        assert!(refused.to_string().len() < 2048, "{refused}");
        let token = refused.token().unwrap();
        assert!(token.len() < 200, "{}", token.len());
        let (_, _, message) = token::unframe(token).unwrap();
        assert!(error_reply::decode(message).is_ok());
    }
}

#[test]
fn the_text_of_a_krb_error_is_cut() {
    let message = orthros_asn1::KrbError {
        pvno: orthros_asn1::Exactly,
        msg_type: orthros_asn1::Exactly,
        ctime: None,
        cusec: None,
        stime: KerberosTime::EPOCH,
        susec: orthros_asn1::Microseconds::default(),
        error_code: ErrorCode::KRB_ERR_GENERIC,
        crealm: None,
        cname: None,
        realm: wire::realm(&server()),
        sname: wire::principal_name(&server()),
        e_text: Some("\x1b[2J".repeat(1000).as_str().into()),
        e_data: Some(alloc::vec![7; 100_000].into()),
    };
    let error = error_reply::decode(&message.encode().unwrap()).unwrap();
    assert!(error.text.as_ref().unwrap().len() < 1100);
    let shown = error.to_string();
    assert!(shown.len() < 8192 && !shown.contains('\x1b'), "{shown}");
    let whole = alloc::format!("{:?}", ApError::from(error));
    assert!(whole.len() < 16384, "{}", whole.len());
}

#[test]
fn a_first_token_is_told_by_its_framing() {
    let issue = Issue::new(AES256);
    let framed = request(&issue.credential());
    assert!(matches!(
        FirstToken::parse(&framed),
        Ok(FirstToken::ApReq(_))
    ));
    let (_, _, message) = token::unframe(&framed).unwrap();
    assert!(matches!(
        FirstToken::parse(message),
        Ok(FirstToken::DceApReq(_))
    ));
    let (tgt_request, _) = request_tgt(&server()).unwrap();
    let Ok(FirstToken::TgtRequest(tgt_request)) = FirstToken::parse(&tgt_request) else {
        panic!("not a KERB-TGT-REQ");
    };
    assert_eq!(tgt_request.peer, Some(server()));
    let oid = &[0x2b, 6, 1, 5, 5, 2][..];
    let inner = &b"\xa0\x00"[..];
    let negotiation = InitialContextToken {
        mechanism: oid,
        inner,
    };
    assert_eq!(
        FirstToken::parse(&negotiation.encode()).unwrap(),
        FirstToken::OtherMechanism { oid, inner }
    );
}

#[test]
fn a_token_that_is_no_first_one_is_refused_for_what_it_is() {
    let of = |token: &[u8]| match FirstToken::parse(token).unwrap_err() {
        ApError::Malformed(error) => error,
        other => panic!("{other}"),
    };
    let reply = token::frame(Mechanism::Krb5, token::TokenId::AP_REP, b"");
    assert_eq!(of(&reply), MalformedTokenError::TokenId([2, 0]));
    assert!(matches!(of(b"unframed"), MalformedTokenError::Framing(_)));
    assert!(matches!(of(b""), MalformedTokenError::Framing(_)));
    let long = vec![0; 256 * 1024 + 1];
    let framed = token::frame(Mechanism::Krb5, token::TokenId::AP_REQ, &long);
    for token in [&long, &framed] {
        assert!(matches!(of(token), MalformedTokenError::TooLong(_)));
    }
    let mut long = long;
    long[0] = 0x6e;
    assert_eq!(of(&long), MalformedTokenError::TooLong(long.len()));
}
