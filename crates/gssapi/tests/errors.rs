//! Which error comes from which call: every class that a caller can meet where no KDC is needed, each with a text that
//! names the thing. What a KDC has a part in is in `realm`.
//!
//! What types keep from happening is not here: calls of a context that is not established or was exported
//! (`NO_CONTEXT`, `UNAVAILABLE`), and a credential's name of no known type (`BAD_NAMETYPE`), which can't be made.
//! `BAD_BINDINGS` is never an initiator's: no message of Kerberos brings it the acceptor's bindings.

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
use orthros::environment::ManualClock;
use orthros::{
    AcceptContext, ChannelBindings, Credential, CredentialUsage, Environment, Error, ErrorKind,
    InitContext, MajorStatus, MechName, MinorStatus, Name, NameType, Oid, OidSet, Protection,
    SecurityContext, StoreOptions,
};
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::{ApReq, Authenticator, Message as _};
use orthros_krb5::ap::{AuthenticatorChecksum, ContextFlags};
use orthros_krb5::crypto::{Enctype, KeyUsage};
use orthros_types::{ChannelBindingsHash, Duration, Principal};

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

    /// The request of an initiator that asks for these services alone: ours always ask for confidentiality and
    /// integrity.
    fn request_for(&self, flags: ContextFlags) -> Vec<u8> {
        let token = self.request();
        let framing = InitialContextToken::decode(&token).unwrap();
        let (token_id, message) = framing.inner.split_at(2);
        let mut request = ApReq::decode(message).unwrap();
        let key = self.realm.service_ticket().session_key.key().unwrap();
        let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
        let opened = key.decrypt(usage, &request.authenticator.cipher).unwrap();
        let mut authenticator = Authenticator::decode(&opened).unwrap();
        let checksum = AuthenticatorChecksum {
            channel_bindings: ChannelBindingsHash::of(None),
            flags,
            delegation: None,
        };
        authenticator.cksum.as_mut().unwrap().checksum = checksum.build().unwrap().into();
        let authenticator = authenticator.encode().unwrap();
        let random = &mut self.environment.random();
        let sealed = key.encrypt(usage, &authenticator, random).unwrap();
        request.authenticator.cipher = sealed.into();
        let inner = [token_id, &request.encode().unwrap()].concat();
        InitialContextToken {
            inner: &inner,
            ..framing
        }
        .encode()
    }

    fn accepted(&self, request: &[u8]) -> SecurityContext {
        done(self.acceptor().step(request)).0
    }
}

/// That it was refused in this class, in words that name `thing`.
#[track_caller]
fn refused<T>(result: Result<T, Error>, kind: ErrorKind, thing: &str) -> Error {
    let error = result.map(drop).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(thing), "{error}");
    assert!(error.major().is_error(), "{error} to a caller in C");
    says_each_thing_once(&error);
    error
}

/// That those who print the whole chain of causes, as `{:#}` of anyhow does, say nothing twice.
#[track_caller]
fn says_each_thing_once(error: &dyn core::error::Error) {
    let mut said = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        assert!(
            !said.iter().any(|said| said.contains(&text)),
            "{text} is in {said:?}"
        );
        said.push(text);
        cause = error.source();
    }
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
    let error = refused(unreachable, ErrorKind::KdcUnreachable, "NOWHERE.TEST");
    assert_eq!(error.minor(), MinorStatus::KRB5_REALM_UNKNOWN);
    assert_eq!(error.major(), MajorStatus::FAILURE);
    assert!(!error.is_retryable(), "the configuration names none");
}

/// As in MIT: the error comes where the name was given.
#[test]
fn a_named_initiator_without_a_cache_is_not_acquired() {
    let world = World::new();
    let builder = Environment::builder();
    let empty = builder
        .config_text(
            "krb5.conf",
            "[libdefaults]\n default_realm = ORTHROS.TEST\n",
        )
        .unwrap()
        .default_cache("MEMORY:none")
        .client_keytab(world.directory.path().join("absent"))
        .build();
    let named = |environment: &Environment, user: &str| {
        let builder = Credential::acquire().name(Name::user(user).unwrap());
        let builder = builder.environment(environment);
        builder.usage(CredentialUsage::Initiate).build()
    };
    let error = refused(
        named(&empty, "alice"),
        ErrorKind::NoCredential,
        "MEMORY:none",
    );
    let text = error.to_string();
    for part in ["alice@ORTHROS.TEST", "kinit", "absent"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let other = named(&world.environment, "mallory");
    refused(other, ErrorKind::NoCredential, "mallory@ORTHROS.TEST");
    let owner = world.realm.client().to_string();
    named(&world.environment, &owner).unwrap();
}

/// Once the client keytab, which this user never had, was told to be missing.
#[test]
fn a_cache_that_is_deleted_under_a_credential_is_what_is_missing() {
    let world = World::new();
    let cache = world.directory.path().join("ccache");
    let environment = Environment::builder()
        .config_text(
            "krb5.conf",
            "[libdefaults]\n default_realm = ORTHROS.TEST\n",
        )
        .unwrap()
        .clock(Arc::new(ManualClock::at(world.environment.now())))
        .default_cache(&cache)
        .client_keytab(world.directory.path().join("client.keytab"))
        .build();
    let mut granting = world.realm.service_ticket();
    granting.server = Principal::local_ticket_granting("ORTHROS.TEST");
    let held = environment.default_cache().unwrap();
    held.initialize(&world.realm.client(), None, &[granting])
        .unwrap();
    let credential = Credential::acquire().environment(&environment);
    let credential = credential.usage(CredentialUsage::Initiate).build().unwrap();
    credential.lifetime().unwrap();
    fs::remove_file(&cache).unwrap();
    let gone = refused(
        credential.lifetime(),
        ErrorKind::NoCredential,
        &cache.display().to_string(),
    );
    let text = gone.to_string();
    let place = |part: &str| {
        text.find(part)
            .unwrap_or_else(|| panic!("{part} in {text}"))
    };
    assert!(place("ccache") < place("kinit") && place("kinit") < place("client.keytab"));
}

#[test]
fn a_default_acceptor_is_called_after_its_keytabs_first_key() {
    let world = World::new();
    let credential = Credential::acquire().environment(&world.environment);
    let credential = credential.usage(CredentialUsage::Accept).build().unwrap();
    let name = credential.name().unwrap().unwrap();
    assert_eq!(name.to_string(), "host/gate.orthros.test@ORTHROS.TEST");
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
    let unknown = StoreOptions::new().ccache("API:0");
    refused(credential.store(&unknown), ErrorKind::Unavailable, "API:0");
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
    // Who is on another channel hears that it is refused.
    let bound = |data: &[u8]| ChannelBindings::application_data(data);
    let mut initiator = build().channel_bindings(&bound(b"here")).build().unwrap();
    let request = go_on(initiator.step(None));
    let builder = AcceptContext::builder().environment(&world.environment);
    let builder = builder.channel_bindings(&bound(b"there"));
    let differing = builder.build().unwrap().step(&request);
    let error = refused(differing, ErrorKind::BadBindings, "channel bindings");
    let told = initiator.step(error.token());
    refused(told, ErrorKind::Failure, "host/gate.orthros.test");
    // What the acceptor has against it.
    let (request, mut initiator) = world.begun();
    drop(world.acceptor().step(&request).unwrap());
    let replayed = world.acceptor().step(&request).unwrap_err();
    assert!(!replayed.is_retryable());
    let told = initiator.step(replayed.token());
    let told = refused(told, ErrorKind::DuplicateToken, "host/gate.orthros.test");
    assert!(told.is_retryable(), "with another authenticator");
}

/// What Windows sends where it has no Kerberos ticket.
#[test]
fn ntlm_is_told_from_a_damaged_token() {
    let world = World::new();
    let negotiate = [
        &b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xe2"[..],
        &[0; 16],
        b"\x06\x02\xf0\x23\0\0\0\x0f",
    ]
    .concat();
    let raw = world.acceptor().step(&negotiate);
    refused(raw, ErrorKind::BadMechanism, "NTLM");
    let mut acceptor = world.acceptor();
    go_on(acceptor.step(b""));
    refused(acceptor.step(&negotiate), ErrorKind::BadMechanism, "NTLM");
    refused(acceptor.step(&negotiate), ErrorKind::NoContext, "failed");
    let challenge = b"NTLMSSP\0\x02\0\0\0";
    for mech_type in [Oid::KRB5, Oid::SPNEGO] {
        let mut initiator = world.builder().mech_type(mech_type).build().unwrap();
        go_on(initiator.step(None));
        let answered = initiator.step(Some(challenge));
        refused(answered, ErrorKind::BadMechanism, "NTLM");
    }
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
    assert_eq!(error.major(), MajorStatus::FAILURE);
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_REPEAT);

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
    refused(keyless, ErrorKind::NoKey, "host/gate.orthros.test");
}

#[test]
fn tickets_that_have_expired_before_they_are_used() {
    let world = World::new();
    let mut granting = world.realm.service_ticket();
    granting.server = Principal::local_ticket_granting("ORTHROS.TEST");
    granting.times.endtime = world.realm.now().saturating_sub(Duration::from_hours(1));
    world.hold(&[granting]);
    let builder = Credential::acquire().environment(&world.environment);
    let expired = builder.usage(CredentialUsage::Initiate).build();
    refused(expired, ErrorKind::CredentialsExpired, "MEMORY:virtual");
    // Who named no credential learns it with the first token.
    let expired = world.builder().build().unwrap().step(None);
    refused(
        expired,
        ErrorKind::CredentialsExpired,
        "krbtgt/ORTHROS.TEST@ORTHROS.TEST",
    );
}

#[test]
fn realms_that_are_not_trusted() {
    let world = World::new();
    let ticket = world.realm.service_ticket_with(|part| {
        part.transited.contents = b"EVIL.TEST"[..].into();
    });
    world.hold(&[ticket]);
    let error = refused(
        world.acceptor().step(&world.request()),
        ErrorKind::Unauthorized,
        "EVIL.TEST",
    );
    assert!(error.token().is_some());
}

#[test]
fn keytabs_that_are_gone_when_they_are_needed() {
    let world = World::new();
    let mut acceptor = world.acceptor();
    let request = world.request();
    let keytab = world.directory.path().join("keytab");
    fs::remove_file(&keytab).unwrap();
    let gone = acceptor.step(&request);
    refused(gone, ErrorKind::NoCredential, &keytab.display().to_string());
    let builder = Credential::acquire().environment(&world.environment);
    let tickets = builder.usage(CredentialUsage::Initiate).build().unwrap();
    let acceptor = AcceptContext::builder().credential(&tickets).build();
    refused(acceptor, ErrorKind::NoCredential, "initiates");
}

#[test]
fn messages_without_what_was_not_negotiated() {
    let world = World::new();
    let mut bare = world.accepted(&world.request_for(ContextFlags::REPLAY));
    assert!(!bare.integrity_negotiated() && !bare.confidentiality_negotiated());
    let signed = Protection::INTEGRITY;
    refused(bare.get_mic(b""), ErrorKind::Failure, "integrity");
    refused(bare.verify_mic(b"", b""), ErrorKind::Failure, "integrity");
    refused(bare.wrap(b"", signed), ErrorKind::Failure, "integrity");
    refused(bare.unwrap(b"", signed), ErrorKind::Failure, "integrity");

    let mut unsealed = world.accepted(&world.request_for(ContextFlags::INTEG));
    let sealed = unsealed.wrap(b"", Protection::CONFIDENTIALITY);
    refused(sealed, ErrorKind::Unavailable, "confidentiality");
    unsealed.wrap(b"", signed).unwrap();
    unsealed.get_mic(b"").unwrap();
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
    refused(cut, ErrorKind::DefectiveToken, "2 bytes");
    let mic = ours.get_mic(b"message").unwrap();
    let other = theirs.verify_mic(b"massage", &mic);
    refused(other, ErrorKind::BadSignature, "integrity check");
    let reflected = ours.verify_mic(b"message", &mic);
    refused(reflected, ErrorKind::BadSignature, "by this side");
    let token = ours.process_context_token(&mic);
    refused(token, ErrorKind::DefectiveToken, "no tokens");
}
