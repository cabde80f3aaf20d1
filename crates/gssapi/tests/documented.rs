//! The documented surface, row by row: each test is named after an item of the documentation of the Python package
//! `gssapi`, and does what that item does. The page `manual::documented_items` of the documentation is the same list
//! with links.
//!
//! No KDC is asked here: the environment has a ticket and a key already. What needs one is tested in `realm` and
//! `interop`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests fail the test, too"
)]

mod common;

use std::sync::Arc;

use common::{SERVICE, World, parts};
use orthros::environment::ManualClock;
use orthros::kerberos::{AdType, Duration};
use orthros::{
    AcceptContext, AddressFamily, CallingError, ChannelBindings, ContextFlags, Credential,
    CredentialUsage, Environment, Error, ErrorKind, InitContext, Lifetime, MajorStatus,
    MechFromStringError, MechName, MinorStatus, Name, NameType, Oid, OidSet, PrfKey, Protection,
    RoutineError, SecurityContext, StatusType, StoreOptions, Supplementary, display_status,
    inquire_mechs_for_name, inquire_names_for_mech, mechanisms,
};

impl World {
    fn credential(&self, usage: CredentialUsage) -> Credential {
        let builder = Credential::acquire().environment(&self.environment);
        builder.usage(usage).build().unwrap()
    }
}

fn kind<T>(result: Result<T, Error>) -> ErrorKind {
    result.map(drop).unwrap_err().kind()
}

// Constants. Their numbers are in `constants`.

#[test]
fn constants_flags() {
    let world = World::new();
    let (ours, theirs) = world.contexts_with(ContextFlags::empty());
    for context in [ours, theirs] {
        let always = ContextFlags::CONF | ContextFlags::INTEG | ContextFlags::PROT_READY;
        assert!(context.flags().contains(always));
        assert!(!context.flags().contains(ContextFlags::MUTUAL));
    }
}

#[test]
fn constants_usages() {
    assert_eq!(CredentialUsage::default(), CredentialUsage::Both);
    assert!(CredentialUsage::Both.initiates() && CredentialUsage::Both.accepts());
    assert!(!CredentialUsage::Initiate.accepts() && !CredentialUsage::Accept.initiates());
}

#[test]
fn constants_indefinite() {
    assert_eq!(Lifetime::from_number(0xFFFF_FFFF), Lifetime::Indefinite);
    let world = World::new();
    let keys = world.credential(CredentialUsage::Accept);
    assert_eq!(keys.lifetime().unwrap(), Lifetime::Indefinite);
}

#[test]
fn constants_name_types() {
    for name_type in [NameType::USER_NAME, NameType::STRING_UID_NAME] {
        assert_eq!(Name::new("0", name_type).unwrap().name_type(), name_type);
    }
}

#[test]
fn constants_address_families() {
    assert_eq!(AddressFamily::default(), AddressFamily::NULLADDR);
    let bindings = ChannelBindings::addresses_from_text("2001:db8::1", "192.0.2.1").unwrap();
    assert_eq!(bindings.initiator_address_type, AddressFamily::INET6);
    assert_eq!(bindings.acceptor_address_type, AddressFamily::INET);
}

#[test]
fn constants_statuses() {
    let status = MajorStatus::BAD_SIG;
    assert_eq!(status.routine_error(), Some(RoutineError::BadSignature));
    assert_eq!(MajorStatus::from_raw(status.raw()), status);
    let calling = MajorStatus::CALL_BAD_STRUCTURE;
    assert_eq!(calling.calling_error(), Some(CallingError::BadStructure));
    let gap = MajorStatus::GAP_TOKEN;
    assert_eq!(gap.supplementary(), Supplementary::GAP_TOKEN);
    assert!(!gap.is_error() && status.is_error());
}

// creds

#[test]
fn credential() {
    let world = World::new();
    world.credential(CredentialUsage::Both);
    let acquire = || Credential::acquire().environment(&world.environment);
    let named = acquire().name(Name::user("client").unwrap());
    let stranger = acquire()
        .name(Name::user("stranger").unwrap())
        .usage(CredentialUsage::Initiate)
        .ccache("MEMORY:virtual");
    assert_eq!(kind(stranger.build()), ErrorKind::NoCredential);
    assert_eq!(
        kind(named.usage(CredentialUsage::Accept).build()),
        ErrorKind::NoCredential
    );
    let foreign = OidSet::from(Oid::new(&[1, 2, 3]));
    assert_eq!(
        kind(acquire().mechs(&foreign).build()),
        ErrorKind::BadMechanism
    );
    let absent = acquire()
        .usage(CredentialUsage::Initiate)
        .ccache("MEMORY:absent");
    assert_eq!(kind(absent.build()), ErrorKind::NoCredential);
}

#[test]
fn credential_export() {
    let world = World::new();
    let credential = world.credential(CredentialUsage::Initiate);
    let token = credential.export().unwrap();
    let imported = Credential::import_in(&token, &world.environment).unwrap();
    assert_eq!(imported.name().unwrap(), credential.name().unwrap());
    assert_eq!(imported.usage(), CredentialUsage::Initiate);
}

#[test]
fn credential_imprt() {
    let world = World::new();
    for garbage in [&b""[..], b"garbage"] {
        let imported = Credential::import_in(garbage, &world.environment);
        assert_eq!(kind(imported), ErrorKind::DefectiveToken);
    }
}

#[test]
fn credential_lifetime_mechs_name_usage() {
    let world = World::new();
    let credential = world.credential(CredentialUsage::Initiate);
    assert_eq!(credential.lifetime().unwrap(), Lifetime::Seconds(3600));
    assert!(credential.mechs().contains(&Oid::KRB5));
    assert_eq!(credential.usage(), CredentialUsage::Initiate);
    let name = credential.name().unwrap().unwrap();
    assert_eq!(name.realm(), b"ORTHROS.TEST");
}

#[test]
fn credential_expired() {
    let world = World::new();
    let cache = world.directory.path().join("late");
    let stored = StoreOptions::new().ccache(&cache);
    world
        .credential(CredentialUsage::Initiate)
        .store(&stored)
        .unwrap();
    let clock = ManualClock::at(world.environment.now());
    clock.advance(Duration::from_hours(2));
    let late = Environment::builder()
        .clock(Arc::new(clock))
        .default_cache(&cache)
        .build();
    let expired = Credential::acquire()
        .environment(&late)
        .usage(CredentialUsage::Initiate)
        .ccache(&cache);
    assert_eq!(kind(expired.build()), ErrorKind::CredentialsExpired);
}

#[test]
fn credential_store() {
    let world = World::new();
    let credential = world.credential(CredentialUsage::Initiate);
    let cache = format!("FILE:{}", world.directory.path().join("stored").display());
    let options = StoreOptions::new().ccache(&cache);
    assert_eq!(credential.store(&options).unwrap().cache, cache);
    let again = credential.store(&options);
    assert_eq!(kind(again), ErrorKind::DuplicateElement);
    credential.store(&options.overwrite(true)).unwrap();
}

// chanbind

#[test]
fn channel_bindings() {
    let mut bindings = ChannelBindings {
        application_data: b"data".to_vec(),
        ..ChannelBindings::default()
    };
    assert_eq!(
        bindings.acceptor_address_type,
        AddressFamily::NULLADDR,
        "the documented default"
    );
    bindings.initiator_address = vec![192, 0, 2, 1];
    bindings.initiator_address_type = AddressFamily::INET;
    assert_ne!(bindings, ChannelBindings::application_data("data"));
    let world = World::new();
    let mut initiator = InitContext::builder(Name::hostbased_service(SERVICE).unwrap())
        .environment(&world.environment)
        .channel_bindings(&bindings)
        .build()
        .unwrap();
    let request = parts(initiator.step(None).unwrap()).0.unwrap();
    let acceptor = |bindings| {
        let builder = AcceptContext::builder().environment(&world.environment);
        builder.channel_bindings(bindings).build().unwrap()
    };
    let other = ChannelBindings::application_data("other");
    let refused = acceptor(&other).step(&request).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::BadBindings);
    let (_, context) = parts(acceptor(&bindings).step(&request).unwrap());
    assert!(context.unwrap().is_channel_bound());
}

// ctx

#[test]
fn context_established_mech_type_flags_lifetime() {
    let world = World::new();
    let initiator = world.initiator(ContextFlags::MUTUAL);
    assert!(!initiator.established());
    assert_eq!(initiator.mech_type(), Oid::KRB5);
    assert!(initiator.flags().contains(ContextFlags::MUTUAL));
    let (ours, theirs) = world.contexts();
    assert_eq!(ours.mech_type(), Oid::KRB5);
    assert_eq!(ours.lifetime(), Lifetime::Seconds(3600));
    assert_eq!(theirs.lifetime(), Lifetime::Seconds(3900));
    assert!(!ours.initiator_is_anonymous());
    assert_eq!(
        ours.is_transferable(),
        ours.flags().contains(ContextFlags::TRANS)
    );
}

#[test]
fn context_negotiated() {
    let world = World::new();
    for flags in [
        ContextFlags::empty(),
        ContextFlags::MUTUAL,
        ContextFlags::REPLAY,
        ContextFlags::SEQUENCE,
    ] {
        let (ours, theirs) = world.contexts_with(flags);
        for context in [ours, theirs] {
            assert!(context.confidentiality_negotiated() && context.integrity_negotiated());
            let negotiated = [
                (ContextFlags::MUTUAL, context.mutual_auth_negotiated()),
                (ContextFlags::REPLAY, context.replay_detection_negotiated()),
                (
                    ContextFlags::SEQUENCE,
                    context.sequence_detection_negotiated(),
                ),
            ];
            for (flag, is_negotiated) in negotiated {
                assert_eq!(is_negotiated, flags.contains(flag), "{flag:?}");
            }
        }
    }
}

#[test]
fn context_get_mic() {
    let (mut ours, mut theirs) = World::new().contexts();
    let mic = ours.get_mic(b"message").unwrap();
    let verified = theirs.verify_mic(b"message", &mic).unwrap();
    assert_eq!(
        (verified.qop, verified.supplementary),
        (0, Supplementary::empty())
    );
    assert_eq!(kind(ours.get_mic_with_qop(b"", 1)), ErrorKind::BadQop);
}

#[test]
fn context_verify_mic() {
    let (mut ours, mut theirs) = World::new().contexts();
    let mic = ours.get_mic(b"message").unwrap();
    assert_eq!(
        kind(theirs.verify_mic(b"another", &mic)),
        ErrorKind::BadSignature
    );
    theirs
        .verify_mic(b"message", &mic)
        .unwrap()
        .in_sequence()
        .unwrap();
    let again = theirs.verify_mic(b"message", &mic).unwrap();
    assert_eq!(again.supplementary, Supplementary::DUPLICATE_TOKEN);
}

#[test]
fn context_wrap() {
    let (mut ours, mut theirs) = World::new().contexts();
    for protection in [Protection::CONFIDENTIALITY, Protection::INTEGRITY] {
        let token = ours.wrap(b"message", protection).unwrap();
        let sealed = protection == Protection::CONFIDENTIALITY;
        assert_eq!(token.windows(7).any(|window| window == b"message"), !sealed);
        let unwrapped = theirs.unwrap(&token, protection).unwrap();
        assert_eq!(unwrapped.confidential, sealed);
    }
}

#[test]
fn context_unwrap() {
    let (mut ours, mut theirs) = World::new().contexts();
    let signed = ours.wrap(b"message", Protection::INTEGRITY).unwrap();
    let refused = theirs.unwrap(&signed, Protection::CONFIDENTIALITY);
    assert_eq!(kind(refused), ErrorKind::Unavailable);
    let signed = ours.wrap(b"message", Protection::INTEGRITY).unwrap();
    let unwrapped = theirs.unwrap(&signed, Protection::INTEGRITY.with_qop(0));
    assert_eq!(unwrapped.unwrap().in_sequence().unwrap(), b"message");
    let cut = theirs.unwrap(&signed[..8], Protection::INTEGRITY);
    assert_eq!(kind(cut), ErrorKind::DefectiveToken);
}

#[test]
fn context_get_wrap_size_limit() {
    let (mut ours, _) = World::new().contexts();
    let limit = ours
        .wrap_size_limit(100, Protection::CONFIDENTIALITY)
        .unwrap();
    let mut wrapped = |length| {
        let token = ours.wrap(&vec![0; length], Protection::CONFIDENTIALITY);
        token.unwrap().len()
    };
    assert!(wrapped(limit) <= 100 && wrapped(limit + 1) > 100);
}

#[test]
fn context_export() {
    let world = World::new();
    let (mut ours, theirs) = world.contexts();
    let token = theirs.export().unwrap();
    // The exporting context is used up: what uses it after this does not compile.
    let mut theirs = SecurityContext::import_in(&token, &world.environment).unwrap();
    assert_eq!(theirs.initiator_name(), ours.initiator_name());
    assert_eq!(theirs.lifetime(), Lifetime::Seconds(3900));
    let token = ours.wrap(b"message", Protection::CONFIDENTIALITY).unwrap();
    let unwrapped = theirs.unwrap(&token, Protection::CONFIDENTIALITY).unwrap();
    assert_eq!(unwrapped.in_sequence().unwrap(), b"message");
}

#[test]
fn context_imprt() {
    let world = World::new();
    let (ours, _) = world.contexts();
    let token = ours.export().unwrap();
    for end in [0, 1, token.len() - 1] {
        let damaged = SecurityContext::import_in(&token[..end], &world.environment);
        assert_eq!(kind(damaged), ErrorKind::DefectiveToken);
    }
}

#[test]
fn context_delete() {
    let (ours, _) = World::new().contexts();
    // It is gone: what uses it after this does not compile.
    ours.delete();
}

#[test]
fn context_process_context_token() {
    let (mut ours, _) = World::new().contexts();
    assert_eq!(
        kind(ours.process_context_token(b"")),
        ErrorKind::DefectiveToken
    );
}

#[test]
fn context_extensions() {
    let (mut ours, mut theirs) = World::new().contexts();
    let mut random = [[0; 16]; 2];
    for (context, output) in [&ours, &theirs].into_iter().zip(&mut random) {
        context
            .pseudo_random(PrfKey::Full, b"input", output)
            .unwrap();
    }
    assert_eq!(random[0], random[1]);
    assert_eq!(
        ours.session_key().as_bytes(),
        theirs.session_key().as_bytes()
    );
    assert_eq!(ours.authentication_time(), theirs.authentication_time());
    assert!(theirs.authorization_data(AdType::IF_RELEVANT).is_empty());
    assert!(theirs.authentication_indicators().is_empty());
    let mut buffer = [0; 128];
    let sealed = Protection::CONFIDENTIALITY;
    let length = ours.wrap_into(b"in place", sealed, &mut buffer).unwrap();
    let unwrapped = theirs.unwrap_in_place(&mut buffer[..length], sealed);
    assert_eq!(unwrapped.unwrap().in_sequence().unwrap(), b"in place");
    let (mut sender, _) = ours.split();
    let (_, mut receiver) = theirs.split();
    let token = sender.wrap(b"by halves", sealed).unwrap();
    let unwrapped = receiver.unwrap(&token, sealed).unwrap();
    assert_eq!(unwrapped.in_sequence().unwrap(), b"by halves");
}

#[test]
fn init_context() {
    let world = World::new();
    let mut initiator = world.initiator(ContextFlags::MUTUAL);
    assert_eq!(
        initiator.peer_name().to_string(),
        "host/gate.orthros.test@ORTHROS.TEST"
    );
    let request = parts(initiator.step(None).unwrap()).0.unwrap();
    let reply = parts(world.acceptor().step(&request).unwrap()).0;
    let step = initiator.step(reply.as_deref()).unwrap();
    let (rest, context) = parts(step);
    assert!(rest.is_none() && context.is_some() && initiator.established());
}

#[test]
fn accept_context() {
    let world = World::new();
    let mut initiator = world.initiator(ContextFlags::MUTUAL);
    let request = parts(initiator.step(None).unwrap()).0.unwrap();
    let mut acceptor = world.acceptor();
    let (token, context) = parts(acceptor.step(&request).unwrap());
    let context = context.unwrap();
    assert!(token.is_some() && acceptor.established());
    assert_eq!(context.peer_name(), context.initiator_name());
    assert!(context.delegated_cred().unwrap().is_none());
    // Who is refused learns why.
    let replayed = world.acceptor().step(&request).unwrap_err();
    assert_eq!(replayed.kind(), ErrorKind::DuplicateToken);
    let told = initiator.step(replayed.token()).unwrap_err();
    assert_eq!(told.minor(), MinorStatus::KRB5KRB_AP_ERR_REPEAT);
    // A name that the keytab has no key of.
    let other = Credential::acquire()
        .environment(&world.environment)
        .usage(CredentialUsage::Accept)
        .name(Name::hostbased_service("http@gate.orthros.test").unwrap());
    assert_eq!(kind(other.build()), ErrorKind::NoCredential);
}

#[test]
fn context_step() {
    let world = World::new();
    let mut acceptor = world.acceptor();
    // The first empty token asks what can be negotiated.
    assert!(matches!(acceptor.step(b""), Ok(orthros::Step::Continue(_))));
    assert_eq!(kind(acceptor.step(b"")), ErrorKind::DefectiveToken);
    assert_eq!(kind(acceptor.step(b"")), ErrorKind::NoContext);
    let mut initiator = world.initiator(ContextFlags::MUTUAL);
    assert_eq!(
        kind(initiator.step(Some(b"unasked"))),
        ErrorKind::DefectiveToken
    );
    assert_eq!(kind(initiator.step(None)), ErrorKind::NoContext);
    let foreign = b"\x60\x06\x06\x02\x2a\x03\x05\x00";
    assert_eq!(
        kind(world.acceptor().step(foreign)),
        ErrorKind::BadMechanism
    );
}

// error

#[test]
fn error() {
    let refused = Name::new("a@B@C", NameType::USER_NAME).unwrap_err();
    assert_eq!(refused.major(), MajorStatus::BAD_NAME);
    assert_eq!(refused.minor(), MinorStatus::KRB5_PARSE_MALFORMED);
    assert_eq!(refused.kind(), ErrorKind::BadName);
    assert_eq!(refused.token(), None);
    let texts = display_status(StatusType::Gss, refused.major().raw());
    assert_eq!(texts, ["invalid name"]);
    let texts = display_status(StatusType::Mechanism, refused.minor().to_gss());
    assert_eq!(texts.len(), 1);
    let world = World::new();
    let refused = world.acceptor().step(b"\0").unwrap_err();
    assert_eq!(refused.mech_type(), Some(Oid::KRB5));
}

// names

#[test]
fn name() {
    let name = Name::new("host@Gate.Orthros.Test", NameType::HOSTBASED_SERVICE).unwrap();
    assert_eq!(name.name_type(), NameType::HOSTBASED_SERVICE);
    let world = World::new();
    let canonical = name.canonicalize_in(Oid::KRB5, &world.environment).unwrap();
    assert_eq!(canonical.to_string(), "host/gate.orthros.test@ORTHROS.TEST");
    let same = Name::hostbased_service(SERVICE).unwrap();
    assert!(name.is_same_entity_in(&same, &world.environment).unwrap());
    assert_eq!(Name::machine_uid(0).to_string(), "0");
    assert_eq!(Name::anonymous().name_type(), NameType::ANONYMOUS);
    let unknown = NameType::from(Oid::new(&[1, 2, 3]));
    assert_eq!(kind(Name::new("", unknown)), ErrorKind::BadNameType);
}

#[test]
fn mech_name_export() {
    let world = World::new();
    let name = Name::user("alice/admin@OTHER").unwrap();
    let name = name.canonicalize_in(Oid::KRB5, &world.environment).unwrap();
    let token = name.export();
    assert_eq!(token[..2], [4, 1]);
    assert_eq!(MechName::import(&token).unwrap(), name);
    let imported = Name::new(&token, NameType::EXPORT_NAME).unwrap();
    let imported = imported.canonicalize_in(Oid::KRB5, &world.environment);
    assert_eq!(imported.unwrap().export(), token);
    assert_eq!(kind(MechName::import(&token[1..])), ErrorKind::BadName);
}

#[test]
fn local_names() {
    let world = World::new();
    let name = |text| {
        let name = Name::user(text).unwrap();
        name.canonicalize_in(Oid::KRB5, &world.environment).unwrap()
    };
    assert_eq!(
        name("alice").localname_in(&world.environment).unwrap(),
        "alice"
    );
    let stranger = name("alice@OTHER").localname_in(&world.environment);
    assert_eq!(kind(stranger), ErrorKind::Unavailable);
    let refused = name("alice@OTHER").authorize_localname_in("root", &world.environment);
    assert_eq!(kind(refused), ErrorKind::Unauthorized);
}

// oids

#[test]
fn oid() {
    const ARCS: Oid = Oid::new(&[1, 2, 840, 113_554, 1, 2, 2]);
    assert_eq!(ARCS, Oid::KRB5);
    assert_eq!("{1 2 840 113554 1 2 2}".parse(), Ok(Oid::KRB5));
    assert_eq!(Oid::from_der(&Oid::KRB5.to_der()), Ok(Oid::KRB5));
}

#[test]
fn oid_mech_from_string() {
    assert_eq!(
        Oid::mech_from_string("1.2.840.113554.1.2.2").unwrap(),
        Oid::KRB5
    );
    assert_eq!(Oid::mech_from_string("1.3.6.1.5.5.2").unwrap(), Oid::SPNEGO);
    assert!(matches!(
        Oid::mech_from_string("krb5"),
        Err(MechFromStringError::IllFormed(_))
    ));
    let unsupported = Oid::mech_from_string("1.2.3");
    let Err(MechFromStringError::Unsupported(error)) = unsupported else {
        panic!("1.2.3 is no mechanism");
    };
    assert_eq!(error.kind(), ErrorKind::BadMechanism);
}

#[test]
fn oid_set() {
    let mut set = OidSet::from(Oid::KRB5);
    assert!(!set.insert(Oid::KRB5) && set.insert(Oid::SPNEGO));
    assert_eq!((set[0], set.len()), (Oid::KRB5, 2));
    assert_eq!(set, mechanisms());
}

#[test]
fn get_all_mechs() {
    for mech in mechanisms() {
        let types = inquire_names_for_mech(mech).unwrap();
        assert!(types.contains(&NameType::USER_NAME.oid()));
    }
    let name = Name::user("alice").unwrap();
    assert_eq!(inquire_mechs_for_name(&name), mechanisms());
}
