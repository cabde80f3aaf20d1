//! Which error comes from which call: every class that a caller can meet where no KDC is needed, each with a text that names the
//! thing. What a KDC has a part in is in `realm`; what needs a peer that breaks the rules within its ticket, in the tests of `orthros-krb5`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of tests fail the test, too"
)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use common::{World, done, go_on};
use orthros::host::ManualClock;
use orthros::krb5::Duration;
use orthros::krb5::crypto::Enctype;
use orthros::{
    AcceptContext, ChannelBindings, Credential, CredentialUsage, Environment, Error, ErrorKind,
    InitContext, MechName, MinorStatus, Name, NameType, Oid, OidSet, Protection, SecurityContext,
    StoreOptions,
};

const FOREIGN: Oid = Oid::new(&[1, 2, 3]);

impl World {
    /// A file with something in it that belongs into none of ours.
    fn garbage(&self) -> PathBuf {
        let path = self.directory.path().join("garbage");
        fs::write(&path, "no such format").unwrap();
        path
    }

    fn request(&self) -> Vec<u8> {
        self.begun().0
    }
}

/// That it was refused in this class, in words that name `thing`.
#[track_caller]
fn refused<T>(result: Result<T, Error>, kind: ErrorKind, thing: &str) -> Error {
    let error = result.map(drop).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(thing), "{error}");
    error
}

#[test]
fn names() {
    let world = World::new();
    refused(Name::user("a@B@C"), ErrorKind::BadName, "a@B@C");
    refused(
        Name::hostbased_service("@host"),
        ErrorKind::BadName,
        "@host",
    );
    let unknown = Name::new("", NameType::from(FOREIGN));
    refused(unknown, ErrorKind::BadNameType, "1.2.3");
    let name = Name::user("alice").unwrap();
    let foreign = name.canonicalize_in(FOREIGN, &world.environment);
    refused(foreign, ErrorKind::BadMechanism, "1.2.3");
    let nobody = Name::machine_uid(0xFFFF_FFF0).canonicalize_in(Oid::KRB5, &world.environment);
    refused(nobody, ErrorKind::BadName, "4294967280");
    refused(MechName::import(b"\x04\x01"), ErrorKind::BadName, "cut");
}

#[test]
fn credentials_to_initiate_with() {
    let world = World::new();
    let acquire = || {
        let builder = Credential::acquire().environment(&world.environment);
        builder.usage(CredentialUsage::Initiate)
    };
    let absent = acquire().ccache("MEMORY:absent").build();
    refused(absent, ErrorKind::NoCredential, "MEMORY:absent");
    let foreign = acquire().mechs(&OidSet::from(FOREIGN)).build();
    refused(foreign, ErrorKind::BadMechanism, "1.2.3");
    let garbage = world.garbage();
    let damaged = acquire().ccache(&garbage).build();
    refused(
        damaged,
        ErrorKind::DefectiveCredential,
        &garbage.display().to_string(),
    );
    let password = acquire().name(Name::user("alice@NOWHERE.TEST").unwrap());
    let unreachable = password.password("secret").build();
    let error = refused(unreachable, ErrorKind::Failure, "NOWHERE.TEST");
    assert_eq!(error.minor(), MinorStatus::KRB5_REALM_UNKNOWN);
}

#[test]
fn credentials_to_accept_with() {
    let world = World::new();
    let acquire = || {
        let builder = Credential::acquire().environment(&world.environment);
        builder.usage(CredentialUsage::Accept)
    };
    let absent = acquire().keytab("FILE:/nonexistent/keytab").build();
    refused(absent, ErrorKind::NoCredential, "/nonexistent/keytab");
    let other = acquire().name(Name::hostbased_service("http@gate.orthros.test").unwrap());
    refused(
        other.build(),
        ErrorKind::NoCredential,
        "http@gate.orthros.test",
    );
    let garbage = world.garbage();
    let damaged = acquire().keytab(&garbage).build();
    refused(
        damaged,
        ErrorKind::DefectiveCredential,
        &garbage.display().to_string(),
    );
}

#[test]
fn credentials_in_tokens_and_stores() {
    let world = World::new();
    let garbage = Credential::import_in(b"garbage", &world.environment);
    refused(garbage, ErrorKind::DefectiveToken, "credential");
    let builder = Credential::acquire().environment(&world.environment);
    let credential = builder.usage(CredentialUsage::Initiate).build().unwrap();
    let cache = world.directory.path().join("ccache");
    let options = StoreOptions::new().ccache(&cache);
    credential.store(&options).unwrap();
    let there = cache.display().to_string();
    refused(
        credential.store(&options),
        ErrorKind::DuplicateElement,
        &there,
    );
    let unknown = StoreOptions::new().ccache("KCM:0");
    refused(credential.store(&unknown), ErrorKind::Unavailable, "KCM:0");
}

#[test]
fn steps_of_initiators() {
    let world = World::new();
    let build = || world.builder();
    refused(
        build().mech_type(FOREIGN).build(),
        ErrorKind::BadMechanism,
        "1.2.3",
    );
    let unnamed = InitContext::builder(Name::machine_uid(0xFFFF_FFF0));
    let unnamed = unnamed.environment(&world.environment).build();
    refused(unnamed, ErrorKind::BadName, "4294967280");
    let keys = Credential::acquire().environment(&world.environment);
    let keys = keys.usage(CredentialUsage::Accept).build().unwrap();
    refused(
        build().credential(&keys).build(),
        ErrorKind::NoCredential,
        "accepts",
    );

    let begun = || world.begun().1;
    refused(begun().step(None), ErrorKind::DefectiveToken, "missing");
    refused(
        begun().step(Some(b"\0")),
        ErrorKind::DefectiveToken,
        "offset 1",
    );
    let mut initiator = begun();
    refused(initiator.step(None), ErrorKind::DefectiveToken, "missing");
    refused(initiator.step(None), ErrorKind::NoContext, "failed before");

    let (request, mut initiator) = world.begun();
    let mut answer = done(world.acceptor().step(&request)).1.unwrap();
    *answer.last_mut().unwrap() ^= 1;
    let damaged = initiator.step(Some(&answer));
    refused(damaged, ErrorKind::BadSignature, "AP-REP");
    // What the acceptor has against it.
    let (request, mut initiator) = world.begun();
    drop(world.acceptor().step(&request).unwrap());
    let replayed = world.acceptor().step(&request).unwrap_err();
    let told = initiator.step(replayed.token());
    refused(told, ErrorKind::Failure, "host/gate.orthros.test");
}

#[test]
fn steps_of_acceptors() {
    let world = World::new();
    let mut first = world.acceptor();
    go_on(first.step(b""));
    refused(first.step(b""), ErrorKind::DefectiveToken, "missing");
    refused(
        world.acceptor().step(b"\0"),
        ErrorKind::DefectiveToken,
        "offset 1",
    );
    let foreign = b"\x60\x06\x06\x02\x2a\x03\x05\x00";
    refused(
        world.acceptor().step(foreign),
        ErrorKind::BadMechanism,
        "mechanism",
    );

    let request = world.request();
    let mut acceptor = world.acceptor();
    drop(acceptor.step(&request).unwrap());
    refused(acceptor.step(&request), ErrorKind::NoContext, "established");
    let error = refused(
        world.acceptor().step(&request),
        ErrorKind::DuplicateToken,
        "@ORTHROS.TEST",
    );
    assert!(error.token().is_some());

    let mut damaged = world.request();
    *damaged.last_mut().unwrap() ^= 1;
    let damaged = world.acceptor().step(&damaged);
    refused(damaged, ErrorKind::BadSignature, "authenticator");

    let bindings = ChannelBindings::application_data("here");
    let builder = AcceptContext::builder().environment(&world.environment);
    let builder = builder.channel_bindings(&bindings);
    let mut acceptor = builder.require_channel_bindings(true).build().unwrap();
    let unbound = acceptor.step(&world.request());
    refused(unbound, ErrorKind::BadBindings, "channel bindings");

    // Without the key that the ticket is in.
    let elsewhere = World::with_enctype(Enctype::AES128_CTS_HMAC_SHA1_96);
    let keyless = elsewhere.acceptor().step(&world.request());
    refused(keyless, ErrorKind::Failure, "host/gate.orthros.test");
}

#[test]
fn contexts_in_tokens() {
    let world = World::new();
    let garbage = SecurityContext::import_in(b"garbage", &world.environment);
    refused(garbage, ErrorKind::DefectiveToken, "context");
}

#[test]
fn expiry() {
    let world = World::new();
    let clock = Arc::new(ManualClock::at(world.environment.now()));
    let keytab = world.directory.path().join("keytab");
    let late = Environment::builder()
        .clock(clock.clone())
        .default_keytab(keytab)
        .build();
    let acceptor = || AcceptContext::builder().environment(&late).build().unwrap();
    let (context, _) = done(acceptor().step(&world.request()));
    let request = world.request();
    clock.advance(Duration::from_hours(2));
    refused(
        acceptor().step(&request),
        ErrorKind::CredentialsExpired,
        "expired",
    );
    refused(context.context_time(), ErrorKind::ContextExpired, "expired");
}

#[test]
fn messages() {
    let (mut ours, mut theirs) = World::new().contexts();
    let signed = Protection::INTEGRITY;
    refused(ours.get_mic_with_qop(b"", 7), ErrorKind::BadQop, "7");
    refused(ours.wrap(b"", signed.with_qop(7)), ErrorKind::BadQop, "7");
    refused(
        theirs.unwrap(b"", signed.with_qop(7)),
        ErrorKind::BadQop,
        "7",
    );
    let token = ours.wrap(b"signed", signed).unwrap();
    let unsealed = theirs.unwrap(&token, Protection::CONFIDENTIALITY);
    refused(unsealed, ErrorKind::Unavailable, "not sealed");
    let cut = theirs.unwrap(b"\x05\x04", signed);
    refused(cut, ErrorKind::DefectiveToken, "2 octets");
    let mic = ours.get_mic(b"message").unwrap();
    let other = theirs.verify_mic(b"massage", &mic);
    refused(other, ErrorKind::BadSignature, "integrity check");
    let reflected = ours.verify_mic(b"message", &mic);
    refused(reflected, ErrorKind::BadSignature, "by this side");
    let token = ours.process_context_token(&mic);
    refused(token, ErrorKind::DefectiveToken, "no tokens");
}
