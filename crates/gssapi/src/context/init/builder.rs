//! What an initiator is told.

use orthros_host::Environment;

use super::request::Request;
use super::{InitContext, State};
use crate::mechanism;
use crate::{ChannelBindings, ContextFlags, Credential, Error, Lifetime, Name, Oid};

/// Makes an [`InitContext`]. What it is not told is the default: the environment's default credential, mutual
/// authentication with detection of replay and disorder, the longest lifetime, no channel bindings.
#[derive(Debug)]
#[must_use = "it makes nothing until it is built"]
pub struct InitContextBuilder {
    peer: Name,
    credential: Option<Credential>,
    mech_type: Oid,
    flags: ContextFlags,
    lifetime: Lifetime,
    channel_bindings: Option<ChannelBindings>,
    environment: Option<Environment>,
}

impl InitContextBuilder {
    pub(super) fn new(peer: Name) -> Self {
        Self {
            peer,
            credential: None,
            mech_type: Oid::KRB5,
            flags: DEFAULT_FLAGS,
            lifetime: Lifetime::Indefinite,
            channel_bindings: None,
            environment: None,
        }
    }

    /// Whom to be.
    pub fn credential(mut self, credential: &Credential) -> Self {
        self.credential = Some(credential.clone());
        self
    }

    /// Which mechanism to use: [`Oid::KRB5`], or [`Oid::SPNEGO`] for peers that want to negotiate it, as most do over HTTP.
    pub fn mech_type(mut self, mech_type: Oid) -> Self {
        self.mech_type = mech_type;
        self
    }

    /// What to ask for, instead of MUTUAL, REPLAY and SEQUENCE. CONF and INTEG are asked for anyway; what is not possible
    /// is not in the [`flags`](crate::SecurityContext::flags) of the context.
    pub fn flags(mut self, flags: ContextFlags) -> Self {
        self.flags = flags;
        self
    }

    /// How long the context must last at most; 0 seconds are as good as no wish. The ticket decides.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Which channel to bind the context to.
    pub fn channel_bindings(mut self, bindings: &ChannelBindings) -> Self {
        self.channel_bindings = Some(bindings.clone());
        self
    }

    /// Which configuration, clock, randomness and network to use: else the credential's, else the process'.
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.environment = Some(environment.clone());
        self
    }

    /// The initiator. Nothing is looked up yet but the peer's name.
    ///
    /// # Errors
    ///
    /// `BAD_MECH` for another mechanism than Kerberos and SPNEGO; `BAD_NAME` where the peer can't be named in it;
    /// `NO_CRED` where the credential can't initiate.
    pub fn build(self) -> Result<InitContext, Error> {
        mechanism::require(self.mech_type)?;
        let environment = match (&self.environment, &self.credential) {
            (Some(environment), _) => environment.clone(),
            (None, Some(credential)) => credential.environment().clone(),
            (None, None) => crate::environment::process()?,
        };
        let peer_name = self.peer.canonicalize_in(self.mech_type, &environment)?;
        let credential = match self.credential {
            Some(credential) => credential,
            None => Credential::default_initiator(&environment)?,
        };
        credential.initiator()?;
        let flags = self.flags | ContextFlags::CONF | ContextFlags::INTEG;
        Ok(InitContext {
            peer_name: peer_name.clone(),
            mech_type: self.mech_type,
            flags,
            negotiation: (self.mech_type == Oid::SPNEGO).then(Box::default),
            finished: None,
            state: State::Ready(Box::new(Request {
                environment,
                credential,
                peer_name,
                flags,
                lifetime: self.lifetime,
                channel_bindings: self.channel_bindings,
            })),
        })
    }
}

/// What is wise to ask for when nothing was said.
const DEFAULT_FLAGS: ContextFlags = ContextFlags::MUTUAL
    .union(ContextFlags::REPLAY)
    .union(ContextFlags::SEQUENCE);
