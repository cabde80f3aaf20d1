//! Contexts between our initiator and our acceptor, with tickets of a real KDC.

use std::fs;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread;

use crate::world::{PASSWORD, PRINCIPAL, USER, World, establish, first_token};
use orthros::{
    ChannelBindings, ContextFlags, Environment, ErrorKind, InitContext, Lifetime, MinorStatus,
    Name, NameType, Oid, Protection, SecurityContext, Supplementary,
};
use orthros_host::{Clock, HostRecord, ManualClock, Resolver, SystemClock};
use orthros_testing::mit::DEFAULT_ENCTYPES;
use orthros_testing::require_mit;
use orthros_types::Duration;

const NOT_MUTUAL: ContextFlags = ContextFlags::REPLAY.union(ContextFlags::SEQUENCE);

#[test]
fn all_four_message_calls_work_in_every_enctype_mutual_or_not() {
    require_mit!();
    let world = World::start();
    for enctype in DEFAULT_ENCTYPES {
        let conf = fs::read_to_string(world.realm.pinned_conf(enctype).unwrap()).unwrap();
        let environment = world.environment_with(&conf);
        // The KDC seals the ticket in the service's best key, whatever the client asks for: the acceptor has to permit
        // that.
        let service = world.environment();
        for flags in [NOT_MUTUAL, NOT_MUTUAL | ContextFlags::MUTUAL] {
            let initiator = world.initiator(&environment).flags(flags).build().unwrap();
            let acceptor = world.acceptor(&service).build().unwrap();
            let (mut ours, mut theirs) = establish(initiator, acceptor).unwrap();
            assert_eq!(
                ours.mutual_auth_negotiated(),
                flags.contains(ContextFlags::MUTUAL)
            );
            converse(&mut ours, &mut theirs);
            converse(&mut theirs, &mut ours);
        }
    }
}

fn converse(from: &mut SecurityContext, to: &mut SecurityContext) {
    for length in [0, 1, 15, 16, 17, 1000, 65_536] {
        let message = vec![0xA5; length];
        for protection in [Protection::CONFIDENTIALITY, Protection::INTEGRITY] {
            let token = from.wrap(&message, protection).unwrap();
            let unwrapped = to.unwrap(&token, protection).unwrap();
            assert_eq!(unwrapped.confidential, protection.is_confidential());
            assert_eq!(unwrapped.qop, 0);
            assert_eq!(unwrapped.in_sequence().unwrap(), message);
        }
        let mic = from.get_mic(&message).unwrap();
        to.verify_mic(&message, &mic)
            .unwrap()
            .in_sequence()
            .unwrap();
    }
}

#[test]
fn both_sides_say_the_same_of_a_context() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let (ours, theirs) = world.contexts(&environment);
    for context in [&ours, &theirs] {
        assert_eq!(context.mech_type(), Oid::KRB5);
        assert_eq!(context.initiator_name().to_string(), "alice@ORTHROS.TEST");
        assert_eq!(context.acceptor_name().to_string(), PRINCIPAL);
        assert_eq!(
            context.initiator_name().name_type(),
            NameType::KRB5_PRINCIPAL_NAME
        );
        let expected = ContextFlags::MUTUAL
            | ContextFlags::REPLAY
            | ContextFlags::SEQUENCE
            | ContextFlags::CONF
            | ContextFlags::INTEG
            | ContextFlags::PROT_READY
            | ContextFlags::TRANS;
        assert_eq!(context.flags(), expected);
        assert!(!context.initiator_is_anonymous());
    }
    assert!(ours.is_initiator() && !theirs.is_initiator());
    assert_eq!(ours.peer_name(), theirs.acceptor_name());
    assert_eq!(theirs.peer_name(), ours.initiator_name());
}

#[test]
fn the_acceptors_lifetime_counts_the_clock_skew_and_expiry_stops_no_messages() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let (mut ours, mut theirs) = world.contexts(&environment);
    let Lifetime::Seconds(left) = ours.lifetime() else {
        panic!("no end")
    };
    assert_eq!(theirs.lifetime(), Lifetime::Seconds(left + 300));
    world
        .clock
        .advance(Duration::from_seconds(i64::from(left) + 301));
    for context in [&ours, &theirs] {
        assert_eq!(context.lifetime(), Lifetime::Seconds(0));
        let error = context.context_time().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ContextExpired);
    }
    converse(&mut ours, &mut theirs);
}

#[test]
fn different_bindings_are_refused_and_none_are_not_unless_required() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let here = ChannelBindings::tls_unique(b"this channel");
    let there = ChannelBindings::tls_unique(b"another channel");
    let outcome = |ours: Option<&ChannelBindings>, theirs: Option<&ChannelBindings>, required| {
        let mut initiator = world.initiator(&environment);
        if let Some(bindings) = ours {
            initiator = initiator.channel_bindings(bindings);
        }
        let mut acceptor = world
            .acceptor(&environment)
            .require_channel_bindings(required);
        if let Some(bindings) = theirs {
            acceptor = acceptor.channel_bindings(bindings);
        }
        establish(initiator.build().unwrap(), acceptor.build().unwrap())
            .map_err(|error| error.kind())
            .map(drop)
    };
    assert_eq!(outcome(Some(&here), Some(&here), true), Ok(()));
    assert_eq!(
        outcome(Some(&here), Some(&there), false),
        Err(ErrorKind::BadBindings)
    );
    assert_eq!(outcome(None, Some(&here), false), Ok(()));
    assert_eq!(
        outcome(None, Some(&here), true),
        Err(ErrorKind::BadBindings)
    );
    assert_eq!(outcome(Some(&here), None, false), Ok(()));
}

#[test]
fn a_replayed_token_is_a_duplicate_for_every_context_of_the_environment() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let token = first_token(&mut world.initiator(&environment).build().unwrap());
    let accept = || world.acceptor(&environment).build().unwrap().step(&token);
    assert!(accept().is_ok());
    let error = accept().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateToken);
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_REPEAT);
    let elsewhere = world.environment();
    let mut acceptor = world.acceptor(&elsewhere).build().unwrap();
    assert!(acceptor.step(&token).is_ok());
}

#[test]
fn replays_gaps_and_disorder_come_with_the_message() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let (mut ours, mut theirs) = world.contexts(&environment);
    let tokens: Vec<Vec<u8>> = (0..3)
        .map(|n| ours.wrap(&[n], Protection::INTEGRITY).unwrap())
        .collect();
    let mut receive = |token: &[u8]| {
        let unwrapped = theirs.unwrap(token, Protection::INTEGRITY).unwrap();
        (unwrapped.message[0], unwrapped.supplementary)
    };
    assert_eq!(receive(&tokens[0]), (0, Supplementary::empty()));
    assert_eq!(receive(&tokens[2]), (2, Supplementary::GAP_TOKEN));
    assert_eq!(receive(&tokens[1]), (1, Supplementary::UNSEQ_TOKEN));
    assert_eq!(receive(&tokens[1]), (1, Supplementary::DUPLICATE_TOKEN));
}

#[test]
fn the_wrap_size_limit_is_exact() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let (mut ours, _) = world.contexts(&environment);
    for protection in [Protection::CONFIDENTIALITY, Protection::INTEGRITY] {
        for output in [100, 128, 1000] {
            let limit = ours.wrap_size_limit(output, protection).unwrap();
            assert!(ours.wrap(&vec![0; limit], protection).unwrap().len() <= output);
            assert!(ours.wrap(&vec![0; limit + 1], protection).unwrap().len() > output);
        }
        assert_eq!(ours.wrap_size_limit(10, protection).unwrap(), 0);
    }
}

#[test]
fn messages_are_wrapped_and_unwrapped_in_the_callers_buffer() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let (mut ours, mut theirs) = world.contexts(&environment);
    for protection in [Protection::CONFIDENTIALITY, Protection::INTEGRITY] {
        let mut buffer = [0; 256];
        let length = ours.wrap_into(b"into", protection, &mut buffer).unwrap();
        assert_eq!(Some(length), ours.sender().wrap_len(4, protection));
        let unwrapped = theirs
            .unwrap_in_place(&mut buffer[..length], protection)
            .unwrap();
        assert_eq!(unwrapped.in_sequence().unwrap(), b"into");

        let header = ours.sender().wrap_header_len(8, protection);
        let trailer = ours.sender().wrap_trailer_len(8, protection);
        let mut buffer = vec![0; header + 8 + trailer];
        buffer[header..header + 8].copy_from_slice(b"in place");
        ours.sender()
            .wrap_in_place(&mut buffer, protection)
            .unwrap();
        let unwrapped = theirs.unwrap_in_place(&mut buffer, protection).unwrap();
        assert_eq!(unwrapped.in_sequence().unwrap(), b"in place");

        let error = ours
            .wrap_into(b"too long", protection, &mut [0; 20])
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InaccessibleWrite);
    }
    let mut mic = [0; 64];
    let length = ours.sender().get_mic_into(b"message", &mut mic).unwrap();
    assert_eq!(length, ours.sender().mic_len());
    theirs
        .verify_mic(b"message", &mic[..length])
        .unwrap()
        .in_sequence()
        .unwrap();
}

#[test]
fn the_halves_of_a_context_work_in_two_threads() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let (ours, mut theirs) = world.contexts(&environment);
    let (mut sender, mut receiver) = ours.split();
    let (their_sender, their_receiver) = theirs.split_mut();
    let (up, incoming) = std::sync::mpsc::channel::<Vec<u8>>();
    let (down, answers) = std::sync::mpsc::channel::<Vec<u8>>();
    thread::scope(|scope| {
        scope.spawn(move || {
            for n in 0..100_u8 {
                up.send(sender.wrap(&[n], Protection::CONFIDENTIALITY).unwrap())
                    .unwrap();
            }
        });
        scope.spawn(move || {
            for (n, token) in incoming.iter().enumerate() {
                let unwrapped = their_receiver
                    .unwrap(&token, Protection::CONFIDENTIALITY)
                    .unwrap();
                assert_eq!(unwrapped.in_sequence().unwrap(), [u8::try_from(n).unwrap()]);
            }
        });
        scope.spawn(move || {
            for n in 0..100_u8 {
                down.send(their_sender.get_mic(&[n]).unwrap()).unwrap();
            }
        });
        for (n, mic) in answers.iter().enumerate() {
            let message = [u8::try_from(n).unwrap()];
            receiver
                .verify_mic(&message, &mic)
                .unwrap()
                .in_sequence()
                .unwrap();
        }
    });
}

#[test]
fn each_refused_message_has_its_class() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let (mut ours, mut theirs) = world.contexts(&environment);
    let signed = ours.wrap(b"signed", Protection::INTEGRITY).unwrap();
    let kind = |result: Result<orthros::Unwrapped, orthros::Error>| result.unwrap_err().kind();
    assert_eq!(
        kind(theirs.unwrap(&signed, Protection::CONFIDENTIALITY)),
        ErrorKind::Unavailable
    );
    assert_eq!(
        kind(theirs.unwrap(&signed, Protection::INTEGRITY.with_qop(1))),
        ErrorKind::BadQop
    );
    assert_eq!(
        kind(theirs.unwrap(&signed[..10], Protection::INTEGRITY)),
        ErrorKind::DefectiveToken
    );
    assert_eq!(
        kind(ours.unwrap(&signed, Protection::INTEGRITY)),
        ErrorKind::BadSignature
    );
    let mut flipped = signed.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(
        kind(theirs.unwrap(&flipped, Protection::INTEGRITY)),
        ErrorKind::BadSignature
    );
    let mic = ours.get_mic(b"message").unwrap();
    let error = theirs.verify_mic(b"massage", &mic).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadSignature);
    assert_eq!(
        ours.get_mic_with_qop(b"message", 2).unwrap_err().kind(),
        ErrorKind::BadQop
    );
    assert_eq!(
        ours.wrap(b"", Protection::INTEGRITY.with_qop(2))
            .unwrap_err()
            .kind(),
        ErrorKind::BadQop
    );
    assert_eq!(
        ours.process_context_token(&signed).unwrap_err().kind(),
        ErrorKind::DefectiveToken
    );
}

#[test]
fn a_client_with_a_wrong_clock_goes_by_the_kdcs() {
    require_mit!();
    let world = World::start();
    let acceptor = world.acceptor(&world.environment()).build().unwrap();
    let wrong = Arc::new(ManualClock::at(SystemClock.now()));
    wrong.advance(Duration::from_seconds(-7200));
    let environment = Environment::builder()
        .config_text("krb5.conf", &world.realm.krb5_conf())
        .unwrap()
        .clock(wrong)
        .build();
    let initiator = world.initiator(&environment).build().unwrap();
    let (ours, theirs) = establish(initiator, acceptor).unwrap();
    let (Lifetime::Seconds(ours), Lifetime::Seconds(theirs)) = (ours.lifetime(), theirs.lifetime())
    else {
        panic!("no end")
    };
    assert!(theirs.abs_diff(ours + 300) <= 5, "{ours} and {theirs}");
}

/// Once only the first search domain counted, and the name as it was written was lost before the resolver was asked.
#[test]
fn a_short_name_is_looked_for_in_each_search_domain() {
    require_mit!();
    let world = World::start();
    world.realm.kinit(USER, PASSWORD).unwrap();
    let conf = world.realm.krb5_conf();
    let conf = conf.replace("qualify_shortname", "#");
    let conf = conf.replace(
        "canonicalize_hostname = false",
        "canonicalize_hostname = fallback",
    );
    let environment = |domains: &[&str]| {
        Environment::builder()
            .config_text("krb5.conf", &conf)
            .unwrap()
            .clock(world.clock.clone())
            .default_cache(world.realm.ccache())
            .resolver(Arc::new(NoHosts))
            .search_domains(domains.iter().copied())
            .build()
    };
    let initiate = |domains: &[&str]| {
        let peer = Name::service("http", "www").unwrap();
        let initiator = InitContext::builder(peer).environment(&environment(domains));
        initiator.build().unwrap().step(None).map(drop)
    };
    let error = initiate(&["a.test", "b.test"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServiceUnknown, "{error}");
    let text = error.to_string();
    let (first, second) = (text.find("http/www.a.test"), text.find("http/www.b.test"));
    assert!(first.is_some() && first < second, "{text}");
    initiate(&["a.test", "b.test", "orthros.test"]).unwrap();
}

/// A resolver that knows nothing.
#[derive(Debug)]
struct NoHosts;

impl Resolver for NoHosts {
    fn forward(&self, _: &str) -> Option<HostRecord> {
        None
    }

    fn reverse(&self, _: IpAddr) -> Option<String> {
        None
    }
}
