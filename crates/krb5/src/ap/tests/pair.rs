//! An initiator and an acceptor that agree.

use alloc::format;
use alloc::string::ToString;

use orthros_asn1::{Checksum, CksumType, Message as _};
use orthros_crypto::{Enctype, KeyUsage};

use super::super::*;
use super::world::{HOUR, Issue, NOW, SKEW, Service, client, mutual, options, server};
use super::world::{request, with_authenticator};
use crate::SequenceStatus;
use crate::message::{MessageProtection, Role};
use orthros_testing::random::SeededRandom;
use orthros_types::ChannelBindings;

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

/// Both heads of a context that was established without a hitch.
pub(in crate::ap) fn establish(
    enctype: Enctype,
    options: &InitiatorOptions<'_>,
) -> (EstablishedContext, EstablishedContext) {
    let credential = Issue::new(enctype).credential();
    let initiation = initiate(&credential, options, NOW, &mut SeededRandom::new(7)).unwrap();
    let accepted = Service::new(enctype).accept(&initiation.token).unwrap();
    let initiator = match (initiation.next, accepted.token) {
        (Initiated::Established(context), None) => *context,
        (Initiated::AwaitingReply(next), Some(token)) => next.step(&token).unwrap(),
        (next, token) => panic!("{next:?} and {token:?}"),
    };
    (initiator, accepted.context)
}

#[track_caller]
fn messages_pass(from: &mut MessageProtection, to: &mut MessageProtection) {
    let mut random = SeededRandom::new(8);
    for confidential in [false, true] {
        let token = from
            .sender()
            .wrap_vec(confidential, b"over the wall", &mut random)
            .unwrap();
        let opened = to.receiver().unwrap_vec(&token).unwrap();
        assert_eq!(opened.message, b"over the wall");
        assert_eq!(opened.sequence, SequenceStatus::InOrder);
    }
    let mic = from.sender().get_mic_vec(b"seen").unwrap();
    let verified = to.receiver().verify_mic(b"seen", &mic);
    assert_eq!(verified, Ok(SequenceStatus::InOrder));
}

#[test]
fn contexts_are_established_and_protect_messages() {
    let optional = [
        ContextFlags::empty(),
        ContextFlags::REPLAY,
        ContextFlags::SEQUENCE,
        ContextFlags::REPLAY | ContextFlags::SEQUENCE,
    ];
    for enctype in Enctype::ALL.iter().copied() {
        for flags in optional
            .into_iter()
            .flat_map(|f| [f, f | ContextFlags::MUTUAL])
        {
            let (mut left, mut right) = establish(enctype, &options(flags));
            let expected = flags
                | ContextFlags::CONF
                | ContextFlags::INTEG
                | ContextFlags::TRANS
                | ContextFlags::PROT_READY;
            assert_eq!(left.info.flags, expected);
            assert_eq!(right.info.flags, expected);
            assert_eq!(
                (left.info.role, right.info.role),
                (Role::Initiator, Role::Acceptor)
            );
            for context in [&left, &right] {
                assert_eq!(context.initiator, client());
                assert_eq!(context.acceptor, server());
                assert_eq!(context.info.times.endtime, NOW.saturating_add(HOUR));
                assert_ne!(*context.messages.key(), context.info.ticket_session_key);
            }
            assert_eq!(left.messages.key(), right.messages.key());
            messages_pass(&mut left.messages, &mut right.messages);
            messages_pass(&mut right.messages, &mut left.messages);
        }
    }
}

#[test]
fn the_acceptor_s_subkey_protects_a_mutual_context_and_the_initiator_s_any_other() {
    for flags in [ContextFlags::empty(), ContextFlags::MUTUAL] {
        let (mut left, _) = establish(AES256, &options(flags));
        let mic = left.messages.sender().get_mic_vec(b"").unwrap();
        let acceptor_subkey = mic[2] & 4 != 0;
        assert_eq!(acceptor_subkey, flags.contains(ContextFlags::MUTUAL));
    }
}

#[test]
fn without_mutual_authentication_both_directions_begin_at_one_number() {
    let (mut left, mut right) = establish(AES256, &options(ContextFlags::empty()));
    assert_eq!(
        left.messages.sender().sequence_number(),
        right.messages.sender().sequence_number()
    );
    let (mut left, mut right) = establish(AES256, &options(ContextFlags::MUTUAL));
    assert_ne!(
        left.messages.sender().sequence_number(),
        right.messages.sender().sequence_number()
    );
}

#[test]
fn conf_and_integ_are_left_out_where_the_caller_says_so() {
    let protection = ContextFlags::CONF | ContextFlags::INTEG;
    for asked in [
        ContextFlags::empty(),
        ContextFlags::CONF,
        ContextFlags::INTEG,
        protection,
    ] {
        for mutual in [ContextFlags::empty(), ContextFlags::MUTUAL] {
            let options = InitiatorOptions {
                no_ci_flags: true,
                ..options(asked | mutual)
            };
            let (left, right) = establish(AES256, &options);
            assert_eq!(left.info.flags & protection, asked);
            assert_eq!(right.info.flags & protection, asked);
        }
    }
}

#[test]
fn flags_that_are_not_for_the_wire_are_not_sent() {
    let all = ContextFlags::all() - ContextFlags::DCE_STYLE;
    let (left, right) = establish(AES256, &options(all));
    assert!(!left.info.flags.contains(ContextFlags::DELEG));
    assert!(!right.info.flags.intersects(
        ContextFlags::DELEG
            | ContextFlags::ANON
            | ContextFlags::DELEG_POLICY
            | ContextFlags::CHANNEL_BOUND
    ));
}

#[test]
fn an_enctype_that_both_like_better_is_the_subkeys() {
    const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
    const SHA384: Enctype = Enctype::AES256_CTS_HMAC_SHA384_192;
    const OURS: &[Enctype] = &[SHA384, AES256, AES128];
    let agreed = |wanted: &[Enctype], permitted: &'static [Enctype], flags| {
        let issue = Issue::new(AES256);
        let mut service = Service::new(AES256);
        service.permitted = permitted;
        let options = InitiatorOptions {
            enctypes: wanted,
            ..options(flags)
        };
        let initiation = initiate(
            &issue.credential(),
            &options,
            NOW,
            &mut SeededRandom::new(5),
        )
        .unwrap();
        let accepted = service.accept(&initiation.token).unwrap();
        match initiation.next {
            Initiated::AwaitingReply(next) => {
                let context = next.step(&accepted.token.unwrap()).unwrap();
                assert_eq!(context.messages.key(), accepted.context.messages.key());
            }
            Initiated::Established(_) => assert!(accepted.token.is_none()),
            Initiated::AwaitingDceReply(_) => panic!("DCE style was not asked for"),
        }
        accepted.context.messages.key().enctype()
    };
    let mutual = ContextFlags::MUTUAL;
    assert_eq!(agreed(&[SHA384, AES256], OURS, mutual), SHA384);
    assert_eq!(agreed(&[AES128, SHA384], OURS, mutual), SHA384);
    // The acceptor's order counts.
    let others = &[AES256, AES128];
    assert_eq!(agreed(&[SHA384, AES128, AES256], others, mutual), AES256);
    // Nothing that the session key's is preferred to, or that the acceptor does not permit, or without an answer.
    assert_eq!(agreed(&[AES256, SHA384], OURS, mutual), AES256);
    assert_eq!(agreed(&[SHA384], &[AES256], mutual), AES256);
    assert_eq!(agreed(&[SHA384], OURS, ContextFlags::empty()), AES256);
    assert_eq!(agreed(&[], OURS, mutual), AES256);
}

#[test]
fn a_delegated_ticket_arrives_whole() {
    let mut issue = Issue::new(AES256);
    issue.server = orthros_types::Principal::local_ticket_granting("ORTHROS.TEST");
    let delegated = [issue.credential()];
    let options = InitiatorOptions {
        delegation: &delegated,
        ..options(ContextFlags::MUTUAL)
    };
    let (left, right) = establish(AES256, &options);
    assert!(left.info.flags.contains(ContextFlags::DELEG));
    assert!(right.info.flags.contains(ContextFlags::DELEG));
    assert_eq!(right.delegated, delegated);
}

#[test]
fn a_sealed_and_an_open_krb_cred_are_both_read() {
    let credential = Issue::new(AES256).credential();
    let keys = [super::world::key(AES256, 30), super::world::key(AES256, 31)];
    let [session_key, subkey] = &keys;
    for key in &keys {
        let sealed = delegation::seal(
            core::slice::from_ref(&credential),
            key,
            NOW,
            &mut SeededRandom::new(9),
        )
        .unwrap();
        let opened = delegation::open(&sealed, session_key, Some(subkey)).unwrap();
        assert_eq!(opened[..], *core::slice::from_ref(&credential));
        assert!(delegation::open(&sealed, &super::world::key(AES256, 32), None).is_err());
        let mut message =
            <orthros_asn1::KrbCred as orthros_asn1::Message>::decode(&sealed).unwrap();
        let plaintext = key
            .decrypt(KeyUsage::KRB_CRED_ENC_PART, &message.enc_part.cipher)
            .unwrap();
        message.enc_part.etype = orthros_asn1::EncryptionType::NULL;
        message.enc_part.cipher = plaintext[..].into();
        let open = orthros_asn1::Message::encode(&message).unwrap();
        let opened = delegation::open(&open, session_key, None).unwrap();
        assert_eq!(opened[..], *core::slice::from_ref(&credential));
    }
}

#[test]
fn the_reply_goes_by_the_identifier_of_the_request() {
    for mechanism in Mechanism::ALL {
        let options = InitiatorOptions {
            mechanism,
            ..options(ContextFlags::MUTUAL)
        };
        let (left, right) = establish(AES256, &options);
        assert_eq!(left.info.mechanism, mechanism);
        assert_eq!(right.info.mechanism, mechanism);
    }
}

#[test]
fn channel_bindings_agree_or_are_one_sided() {
    let ours = ChannelBindings {
        application_data: b"tls-server-end-point:ours".to_vec(),
        ..ChannelBindings::default()
    };
    let theirs = ChannelBindings {
        application_data: b"tls-server-end-point:theirs".to_vec(),
        ..ChannelBindings::default()
    };
    // initiator's, whether it insists, acceptor's, whether it requires; bound or refused
    let cases = [
        (None, false, None, false, Some(false)),
        (Some(&ours), false, Some(&ours), false, Some(true)),
        (Some(&ours), false, None, false, Some(false)),
        (None, false, Some(&ours), false, Some(false)),
        (Some(&theirs), false, Some(&ours), false, None),
        (None, false, Some(&ours), true, None),
        (Some(&ours), false, Some(&ours), true, Some(true)),
        (None, true, Some(&ours), false, None),
        (Some(&ours), true, Some(&ours), false, Some(true)),
        (None, true, None, false, Some(false)),
    ];
    let credential = Issue::new(AES256).credential();
    // An initiator insists by its configuration, or by asking for the flag.
    let by_flag = [false, true].into_iter();
    let cases = by_flag.flat_map(|by_flag| cases.into_iter().map(move |case| (by_flag, case)));
    for (by_flag, (initiator, insists, acceptor, requires, expected)) in cases {
        let mut options = InitiatorOptions {
            channel_bindings: initiator,
            insist_on_channel_bindings: insists && !by_flag,
            ..options(ContextFlags::MUTUAL)
        };
        let asked = &mut options.flags;
        asked.set(ContextFlags::CHANNEL_BOUND, insists && by_flag);
        let token = initiate(&credential, &options, NOW, &mut SeededRandom::new(10))
            .unwrap()
            .token;
        let mut service = Service::new(AES256);
        service.bindings = acceptor.cloned();
        service.require_bindings = requires;
        let case = format!("{initiator:?}, {insists}, {by_flag}, {acceptor:?}, {requires}");
        match (service.accept(&token), expected) {
            (Ok(accepted), Some(bound)) => {
                let flags = accepted.context.info.flags;
                assert_eq!(flags.contains(ContextFlags::CHANNEL_BOUND), bound, "{case}");
            }
            (Err(error), None) => {
                assert_eq!(error.to_string(), "channel bindings do not match");
            }
            (result, expected) => panic!("{case}: {result:?} and not {expected:?}"),
        }
    }
}

#[test]
fn a_real_checksum_over_nothing_is_taken_as_samba_means_it() {
    let issue = Issue::new(AES256);
    let token = with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
        let tag = issue
            .session_key
            .checksum(KeyUsage::AP_REQ_AUTHENTICATOR_CHECKSUM, b"");
        authenticator.cksum = Some(Checksum {
            cksumtype: CksumType(issue.session_key.enctype().checksum_type().number()),
            checksum: tag.as_ref().into(),
        });
    });
    let mut service = Service::new(AES256);
    service.without_gss_checksum = true;
    let accepted = service.accept(&token).unwrap();
    assert!(accepted.token.is_some());
    assert_eq!(
        accepted.context.info.flags,
        ContextFlags::MUTUAL
            | ContextFlags::REPLAY
            | ContextFlags::SEQUENCE
            | ContextFlags::TRANS
            | ContextFlags::PROT_READY
    );
}

#[test]
fn a_missing_checksum_asks_for_nothing() {
    let issue = Issue::new(AES256);
    let token = with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
        authenticator.cksum = None;
    });
    let mut service = Service::new(AES256);
    service.without_gss_checksum = true;
    let accepted = service.accept(&token).unwrap();
    assert!(accepted.token.is_none());
    assert_eq!(
        accepted.context.info.flags,
        ContextFlags::TRANS | ContextFlags::PROT_READY
    );
}

#[test]
fn an_initiator_without_subkey_and_number_is_served() {
    let issue = Issue::new(AES256);
    let token = with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
        authenticator.subkey = None;
        authenticator.seq_number = None;
    });
    let accepted = Service::new(AES256).accept(&token).unwrap();
    let mut context = accepted.context;
    assert_ne!(*context.messages.key(), context.info.ticket_session_key);
    assert_eq!(context.messages.receiver().expected_sequence_number(), 0);
}

#[test]
fn an_acceptor_that_asserts_no_subkey_leaves_the_initiator_s() {
    let issue = Issue::new(AES256);
    let (token, waiting) = mutual(&issue.credential());
    let accepted = Service::new(AES256).accept(&token).unwrap();
    let reply = super::tokens::with_reply(&issue, &accepted.token.unwrap(), |part| {
        part.subkey = None;
        part.seq_number = None;
    });
    let mut context = waiting.step(&reply).unwrap();
    let mic = context.messages.sender().get_mic_vec(b"").unwrap();
    assert_eq!(mic[2], 0);
    assert_eq!(context.messages.receiver().expected_sequence_number(), 0);
}

#[test]
fn authorization_data_of_the_authenticator_is_not_taken_for_the_tickets() {
    let mut issue = Issue::new(AES256);
    let entry = |data: &[u8]| {
        alloc::vec![orthros_asn1::AuthorizationDataEntry {
            ad_type: orthros_asn1::AdType::WIN2K_PAC,
            ad_data: data.into(),
        }]
    };
    issue.part.authorization_data = Some(entry(b"by the KDC"));
    let token = with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
        authenticator.authorization_data = Some(entry(b"by the client"));
    });
    let context = Service::new(AES256).accept(&token).unwrap().context;
    let authorization = context.info.authorization.unwrap();
    assert!(authorization.pac.is_none(), "a PAC is in AD-IF-RELEVANT");
    let [ticket] = &authorization.data[..] else {
        panic!("one element");
    };
    assert_eq!(*ticket.ad_data, *b"by the KDC");
}

#[test]
fn authorization_data_is_found_in_if_relevant_and_what_is_not_readable_there_is_passed_over() {
    let entry = |ad_type, data: &[u8]| orthros_asn1::AuthorizationDataEntry {
        ad_type,
        ad_data: data.into(),
    };
    let (wanted, other) = (orthros_asn1::AdType::WIN2K_PAC, orthros_asn1::AdType(-8));
    let nested = alloc::vec![entry(other, b"no"), entry(wanted, b"inner")];
    let mut issue = Issue::new(AES256);
    issue.part.authorization_data = Some(alloc::vec![
        entry(orthros_asn1::AdType::IF_RELEVANT, b"no encoding"),
        entry(wanted, b"outer"),
        entry(orthros_asn1::AdType::IF_RELEVANT, &nested.encode().unwrap()),
    ]);
    let token = request(&issue.credential());
    let info = Service::new(AES256).accept(&token).unwrap().context.info;
    assert_eq!(
        info.authorization_data(wanted),
        [b"outer".to_vec(), b"inner".to_vec()]
    );
    assert!(info.authorization_data(orthros_asn1::AdType(-9)).is_empty());
}

#[test]
fn the_pac_of_a_ticket_is_found_in_if_relevant_once_and_refused_twice() {
    let pac = |data: &[u8]| orthros_asn1::AuthorizationDataEntry {
        ad_type: orthros_asn1::AdType::WIN2K_PAC,
        ad_data: data.into(),
    };
    let relevant = |inner: &[orthros_asn1::AuthorizationDataEntry]| {
        let inner: orthros_asn1::AuthorizationData = inner.into();
        orthros_asn1::AuthorizationDataEntry {
            ad_type: orthros_asn1::AdType::IF_RELEVANT,
            ad_data: inner.encode().unwrap().into(),
        }
    };
    let accept = |data| {
        let mut issue = Issue::new(AES256);
        issue.part.authorization_data = Some(data);
        let token = request(&issue.credential());
        Service::new(AES256).accept(&token)
    };
    let accepted = accept(alloc::vec![pac(b"outside"), relevant(&[pac(b"inside")])]);
    let authorization = accepted.unwrap().context.info.authorization.unwrap();
    let found = authorization.pac.as_ref().unwrap();
    assert_eq!(*found.bytes, *b"inside");
    assert_eq!(found.authtime, NOW.saturating_sub(HOUR));
    assert_eq!(found.proof, PacProof::Key(super::world::key(AES256, 2)));
    for several in [
        alloc::vec![relevant(&[pac(b"one"), pac(b"two")])],
        alloc::vec![relevant(&[pac(b"one")]), relevant(&[pac(b"one")])],
    ] {
        let error = accept(several).unwrap_err();
        assert!(
            error.to_string().ends_with("has more than one PAC"),
            "{error}"
        );
    }
}

#[test]
fn the_end_counts_the_clock_skew_on_the_acceptor_only() {
    let issue = Issue::new(AES256);
    let (token, waiting) = mutual(&issue.credential());
    let accepted = Service::new(AES256).accept(&token).unwrap();
    let initiated = waiting.step(&accepted.token.unwrap()).unwrap();
    let end = NOW.saturating_add(HOUR);
    assert_eq!(initiated.info.end, end);
    assert_eq!(accepted.context.info.end, end.saturating_add(SKEW));
}
