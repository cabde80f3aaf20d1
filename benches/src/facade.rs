//! Contexts by the facade, in an environment that has a ticket and a key already.
#![expect(
    clippy::expect_used,
    reason = "a bench of calls that fail measures nothing"
)]

use orthros::{
    AcceptContext, Credential, CredentialUsage, Environment, InitContext, Name, Oid,
    SecurityContext, Step,
};

/// An initiator for the service of the environment's ticket, before its first step.
///
/// # Panics
///
/// Where the environment has no such ticket.
#[must_use]
pub fn initiator(environment: &Environment) -> InitContext {
    let peer = Name::hostbased_service("host@gate.orthros.test");
    let builder = InitContext::builder(peer.expect("name is well-formed"));
    let initiator = builder.environment(environment).build();
    initiator.expect("environment has a ticket")
}

/// The same, which negotiates the mechanism by SPNEGO.
///
/// # Panics
///
/// Where the environment has no such ticket.
#[must_use]
pub fn negotiator(environment: &Environment) -> InitContext {
    let peer = Name::hostbased_service("host@gate.orthros.test");
    let builder = InitContext::builder(peer.expect("name is well-formed"));
    let builder = builder.environment(environment).mech_type(Oid::SPNEGO);
    builder.build().expect("environment has a ticket")
}

/// What a server acquires once: the environment's default keytab.
///
/// # Panics
///
/// Where the environment has no keytab.
#[must_use]
pub fn acceptor_credential(environment: &Environment) -> Credential {
    let builder = Credential::acquire().usage(CredentialUsage::Accept);
    let credential = builder.environment(environment).build();
    credential.expect("environment has a keytab")
}

/// An acceptor, before its first step.
///
/// # Panics
///
/// Where the credential is none to accept with.
#[must_use]
pub fn acceptor(credential: &Credential) -> AcceptContext {
    let acceptor = AcceptContext::builder().credential(credential).build();
    acceptor.expect("credential has a key")
}

/// The token of a step that waits for an answer.
///
/// # Panics
///
/// Where it does not.
#[must_use]
pub fn token(step: Step) -> Vec<u8> {
    match step {
        Step::Continue(token) => Some(token),
        Step::Done { .. } => None,
    }
    .expect("peer must answer")
}

/// The context of a last step, and its token.
///
/// # Panics
///
/// Where it is not the last.
#[must_use]
pub fn done(step: Step) -> (SecurityContext, Option<Vec<u8>>) {
    match step {
        Step::Continue(_) => None,
        Step::Done { context, token } => Some((context, token)),
    }
    .expect("context is established")
}

/// Both ends of one mutual context.
///
/// # Panics
///
/// Where the environment has no ticket, or the credential no key.
#[must_use]
pub fn establish(
    environment: &Environment,
    credential: &Credential,
) -> (SecurityContext, SecurityContext) {
    let mut initiator = initiator(environment);
    let request = token(initiator.step(None).expect("ticket is good"));
    let step = acceptor(credential).step(&request);
    let (accepted, reply) = done(step.expect("request is accepted"));
    let step = initiator.step(reply.as_deref());
    let (initiated, _) = done(step.expect("reply is taken"));
    (initiated, accepted)
}
