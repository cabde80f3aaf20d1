//! A client and its service without a KDC: the environment has a ticket and a key already.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file is a crate of its own and uses a part of this; helpers of tests fail the test, too"
)]

use orthros::{
    AcceptContext, ContextFlags, Environment, Error, InitContext, InitContextBuilder, Name,
    SecurityContext, Step,
};
use orthros_krb5::crypto::Enctype;
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;
use tempfile::TempDir;

/// The service.
pub const SERVICE: &str = "host@gate.orthros.test";

/// An environment of the test's own, and a directory that ends with it.
pub struct World {
    pub realm: VirtualRealm,
    pub environment: Environment,
    pub directory: TempDir,
}

impl World {
    pub fn new() -> Self {
        Self::with_enctype(Enctype::AES256_CTS_HMAC_SHA1_96)
    }

    pub fn with_enctype(enctype: Enctype) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let realm = VirtualRealm::new(enctype);
        Self {
            environment: environment(&realm, directory.path()),
            realm,
            directory,
        }
    }

    /// Puts other tickets of the client's into the default cache.
    pub fn hold(&self, tickets: &[orthros::storage::Credential]) {
        let cache = self.environment.default_cache().unwrap();
        let client = self.realm.client();
        cache.initialize(&client, None, tickets).unwrap();
    }

    /// An initiator for the service.
    pub fn builder(&self) -> InitContextBuilder {
        let peer = Name::hostbased_service(SERVICE).unwrap();
        InitContext::builder(peer).environment(&self.environment)
    }

    pub fn initiator(&self, flags: ContextFlags) -> InitContext {
        self.builder().flags(flags).build().unwrap()
    }

    /// The first token of an initiator that waits for an answer, and the initiator.
    pub fn begun(&self) -> (Vec<u8>, InitContext) {
        let mut initiator = self.builder().build().unwrap();
        (go_on(initiator.step(None)), initiator)
    }

    pub fn acceptor(&self) -> AcceptContext {
        let builder = AcceptContext::builder().environment(&self.environment);
        builder.build().unwrap()
    }

    /// Both ends of a context, the initiator's first, with what is asked for by default.
    pub fn contexts(&self) -> (SecurityContext, SecurityContext) {
        let flags = ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE;
        self.contexts_with(flags)
    }

    pub fn contexts_with(&self, flags: ContextFlags) -> (SecurityContext, SecurityContext) {
        let mut initiator = self.initiator(flags);
        let (request, ours) = parts(initiator.step(None).unwrap());
        let (theirs, reply) = done(self.acceptor().step(&request.unwrap()));
        let ours = ours.unwrap_or_else(|| done(initiator.step(reply.as_deref())).0);
        (ours, theirs)
    }
}

pub fn parts(step: Step) -> (Option<Vec<u8>>, Option<SecurityContext>) {
    match step {
        Step::Continue(token) => (Some(token), None),
        Step::Done { context, token } => (token, Some(context)),
    }
}

/// The token of a step that is not the last.
#[track_caller]
pub fn go_on(step: Result<Step, Error>) -> Vec<u8> {
    match step.unwrap() {
        Step::Continue(token) => token,
        Step::Done { .. } => panic!("done"),
    }
}

/// The context of the last step, and its token.
#[track_caller]
pub fn done(step: Result<Step, Error>) -> (SecurityContext, Option<Vec<u8>>) {
    match step.unwrap() {
        Step::Done { context, token } => (context, token),
        Step::Continue(_) => panic!("not done"),
    }
}
