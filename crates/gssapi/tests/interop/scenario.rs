//! A client and a server that use everything, once with MIT's library as the client and once as the server.

use crate::cell::Role;
use crate::heads::{Heads, Request, SERVICE, World};
use orthros::{
    ContextFlags, Credential, CredentialUsage, Error, InitContext, Lifetime, MajorStatus, Name,
    Oid, Protection, SecurityContext, Step, StoreOptions, Supplementary,
};
use orthros_testing::mit::{DEFAULT_ENCTYPES, GssPeer, GssPeerError, Initiation};
use orthros_testing::require_python_gssapi;

const USER: &str = "alice@ORTHROS.TEST";

/// All services, and the user's credential.
fn request() -> Request {
    let flags = ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE;
    Request {
        flags: flags | ContextFlags::DELEG,
        ..Request::default()
    }
}

#[test]
fn our_server_and_mits_client_use_everything() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    let mut ours = heads.establish(Role::Acceptor, request());
    both_know_the_same(&ours, &mut heads.peer);
    messages_both_ways(&mut ours, &mut heads.peer);
    disorder_is_reported_by_us(&mut ours, &mut heads.peer);

    let delegated = ours.delegated_cred().unwrap().unwrap();
    let onward = initiate_with(&mut heads, &delegated);
    assert_eq!(onward.initiator_name().to_string(), USER);
    let cache = world.realm.path("delegated-to-us");
    let options = StoreOptions::new().ccache(&cache);
    delegated.store(&options).unwrap();
    let mut klist = world.realm.command("klist");
    klist.arg("-c").arg(&cache);
    let listed = world.realm.run(&mut klist, b"").unwrap().stdout;
    assert!(listed.contains(USER), "{listed}");
}

#[test]
fn mits_server_and_our_client_use_everything() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    let mut ours = heads.establish(Role::Initiator, request());
    both_know_the_same(&ours, &mut heads.peer);
    messages_both_ways(&mut ours, &mut heads.peer);
    disorder_is_reported_by_mit(&mut ours, &mut heads.peer);

    let cache = world.realm.path("delegated-to-mit");
    let name = format!("FILE:{}", cache.display());
    heads
        .peer
        .call("store-delegated", &[name.as_bytes()])
        .unwrap();
    let stored = Credential::acquire()
        .environment(&heads.environment)
        .usage(CredentialUsage::Initiate)
        .ccache(&cache)
        .build()
        .unwrap();
    let onward = initiate_with(&mut heads, &stored);
    assert_eq!(onward.initiator_name().to_string(), USER);

    let ours = heads.establish(Role::Initiator, request());
    assert!(ours.flags().contains(ContextFlags::DELEG));
    let back = accept_from_delegated(&mut heads);
    assert_eq!(back.initiator_name().to_string(), USER);
}

fn both_know_the_same(ours: &SecurityContext, theirs: &mut GssPeer) {
    let inquiry = theirs.inquire().unwrap();
    assert_eq!(inquiry.initiator, ours.initiator_name().to_string());
    assert_eq!(inquiry.acceptor, ours.acceptor_name().to_string());
    assert_eq!(inquiry.mechanism, Oid::KRB5.to_string());
    assert_eq!(ours.mech_type(), Oid::KRB5);
    let Lifetime::Seconds(lifetime) = ours.lifetime() else {
        panic!("no end");
    };
    // An acceptor counts the clock skew.
    let skew = inquiry.lifetime.abs_diff(lifetime);
    assert!((295..=305).contains(&skew), "{skew}");
}

fn messages_both_ways(ours: &mut SecurityContext, theirs: &mut GssPeer) {
    for (sealed, protection) in [
        (true, Protection::CONFIDENTIALITY),
        (false, Protection::INTEGRITY),
    ] {
        let token = ours.wrap(b"message", protection).unwrap();
        assert_eq!(
            theirs.unwrap(&token).unwrap(),
            (b"message".to_vec(), sealed)
        );
        let token = theirs.wrap(sealed, b"message").unwrap();
        let unwrapped = ours.unwrap(&token, protection).unwrap();
        assert_eq!(unwrapped.in_sequence().unwrap(), b"message");
    }
    let mic = ours.get_mic(b"message").unwrap();
    theirs.verify_mic(b"message", &mic).unwrap();
    let mic = theirs.get_mic(b"message").unwrap();
    ours.verify_mic(b"message", &mic)
        .unwrap()
        .in_sequence()
        .unwrap();
}

fn disorder_is_reported_by_us(ours: &mut SecurityContext, theirs: &mut GssPeer) {
    let tokens = [b"0", b"1", b"2"].map(|message| theirs.wrap(true, message).unwrap());
    let [first, second, third] = &tokens;
    for (token, reported) in [
        (first, Supplementary::empty()),
        (third, Supplementary::GAP_TOKEN),
        (second, Supplementary::UNSEQ_TOKEN),
        (second, Supplementary::DUPLICATE_TOKEN),
    ] {
        let unwrapped = ours.unwrap(token, Protection::CONFIDENTIALITY).unwrap();
        assert_eq!(unwrapped.supplementary, reported);
    }
}

fn disorder_is_reported_by_mit(ours: &mut SecurityContext, theirs: &mut GssPeer) {
    let sealed = Protection::CONFIDENTIALITY;
    let tokens = [b"0", b"1", b"2"].map(|message| ours.wrap(message, sealed).unwrap());
    let [first, second, third] = &tokens;
    theirs.unwrap(first).unwrap();
    for (token, status) in [
        (third, MajorStatus::GAP_TOKEN),
        (second, MajorStatus::UNSEQ_TOKEN),
        (second, MajorStatus::DUPLICATE_TOKEN),
    ] {
        let reported = theirs.unwrap(token);
        let Err(GssPeerError::Refused { major, .. }) = reported else {
            panic!("{reported:?}");
        };
        assert_eq!(MajorStatus::from_raw(major), status);
    }
}

/// A context with MIT's library by a credential that was delegated.
fn initiate_with(heads: &mut Heads, credential: &Credential) -> SecurityContext {
    let mut ours = InitContext::builder(Name::hostbased_service(SERVICE).unwrap())
        .credential(credential)
        .build()
        .unwrap();
    heads.peer.accept(b"").unwrap();
    let (request, _) = parts(ours.step(None));
    let (_, reply) = heads.peer.step(&request.unwrap()).unwrap();
    parts(ours.step(reply.as_deref())).1.unwrap()
}

/// A context with MIT's library, which initiates with the credential that was delegated to it.
fn accept_from_delegated(heads: &mut Heads) -> SecurityContext {
    let initiation = Initiation {
        mechanism: "krb5",
        flags: ContextFlags::MUTUAL.bits(),
        target: SERVICE,
        bindings: b"",
        delegated: true,
        no_ci_flags: false,
    };
    heads.peer.initiate(&initiation).unwrap();
    let (_, request) = heads.peer.step(b"").unwrap();
    let builder = orthros::AcceptContext::builder().environment(&heads.environment);
    let (reply, context) = parts(builder.build().unwrap().step(&request.unwrap()));
    heads.peer.step(&reply.unwrap()).unwrap();
    context.unwrap()
}

fn parts(step: Result<Step, Error>) -> (Option<Vec<u8>>, Option<SecurityContext>) {
    match step.unwrap() {
        Step::Continue(token) => (Some(token), None),
        Step::Done { context, token } => (token, Some(context)),
    }
}
