//! What an initiator is told.

use orthros_host::Environment;

use super::InitContext;
use crate::mech::Mechanism;
use crate::mech::initiator::Initiator;
use crate::mech::request::InitRequest;
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
    no_ci_flags: bool,
    lifetime: Lifetime,
    channel_bindings: Option<ChannelBindings>,
    peer_ticket: Option<Vec<u8>>,
    environment: Option<Environment>,
}

impl InitContextBuilder {
    pub(super) fn new(peer: Name) -> Self {
        Self {
            peer,
            credential: None,
            mech_type: Mechanism::DEFAULT.oid(),
            flags: DEFAULT_FLAGS,
            no_ci_flags: false,
            lifetime: Lifetime::Indefinite,
            channel_bindings: None,
            peer_ticket: None,
            environment: None,
        }
    }

    /// The credential to initiate with.
    pub fn credential(mut self, credential: &Credential) -> Self {
        self.credential = Some(credential.clone());
        self
    }

    /// Which mechanism to use: [`Oid::KRB5`], or [`Oid::SPNEGO`] for peers that want to negotiate it, as most do over
    /// HTTP. With [`Oid::KRB5_USER_TO_USER`] the peer is a user's program, which is asked for a ticket-granting ticket
    /// first.
    pub fn mech_type(mut self, mech_type: Oid) -> Self {
        self.mech_type = mech_type;
        self
    }

    /// What to ask for, instead of MUTUAL, REPLAY and SEQUENCE. CONF and INTEG are asked for anyway, unless
    /// [`no_ci_flags`](Self::no_ci_flags) is called; what is not possible is not in the
    /// [`flags`](crate::SecurityContext::flags) of the context.
    pub fn flags(mut self, flags: ContextFlags) -> Self {
        self.flags = flags;
        self
    }

    /// Asks for CONF and INTEG only where they are among the [`flags`](Self::flags), as MIT's initiators do with
    /// credentials that have `GSS_KRB5_CRED_NO_CI_FLAGS_X` set.
    ///
    /// Protocols need it whose acceptors conclude from these flags how messages will be protected: GSS-SPNEGO (SASL in
    /// Active Directory), LDAP inside of TLS, DCE RPC. Without INTEG no message can be protected by this context, and
    /// SPNEGO can't protect its negotiation either.
    ///
    /// ```
    /// use orthros::{ContextFlags, InitContext, Name};
    ///
    /// # fn connect() -> Result<InitContext, orthros::Error> {
    /// // TLS is around it already, and would be refused another layer.
    /// InitContext::builder(Name::hostbased_service("ldap@dc1.example.org")?)
    ///     .flags(ContextFlags::MUTUAL)
    ///     .no_ci_flags(true)
    ///     .build()
    /// # }
    /// ```
    pub fn no_ci_flags(mut self, no_ci_flags: bool) -> Self {
        self.no_ci_flags = no_ci_flags;
        self
    }

    /// How long the context must last at most; 0 seconds are as good as none. The ticket decides.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Which channel to bind the context to.
    pub fn channel_bindings(mut self, bindings: &ChannelBindings) -> Self {
        self.channel_bindings = Some(bindings.clone());
        self
    }

    /// The peer's ticket-granting ticket in DER, as its [`Credential::ticket_granting_ticket`] has it: the ticket for
    /// the peer shall be encrypted in that one's session key (user-to-user, RFC 4120 section 2.9.2). So the peer can
    /// be a user, without a key in a keytab. Nothing about the ticket is secret, and the KDC finds out whether it is
    /// the peer's.
    pub fn peer_ticket(mut self, ticket: impl Into<Vec<u8>>) -> Self {
        self.peer_ticket = Some(ticket.into());
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
    /// `BAD_MECH` for a mechanism that is not here; `BAD_NAME` where the peer can't be named in it;
    /// `NO_CRED` where the credential can't initiate.
    pub fn build(self) -> Result<InitContext, Error> {
        let mechanism = Mechanism::from_oid(self.mech_type)?;
        let environment = match (&self.environment, &self.credential) {
            (Some(environment), _) => environment.current(),
            (None, Some(credential)) => credential.environment().current(),
            (None, None) => crate::environment::process()?,
        };
        let peer_name = self.peer.canonicalize_in(self.mech_type, &environment)?;
        let credential = match self.credential {
            Some(credential) => credential,
            None => Credential::default_initiator(&environment)?,
        };
        credential.initiator()?;
        let mut flags = self.flags;
        if !self.no_ci_flags {
            flags |= ContextFlags::CONF | ContextFlags::INTEG;
        }
        let request = InitRequest {
            environment: environment.clone(),
            credential,
            peer_name: peer_name.clone(),
            peer_ticket: self.peer_ticket,
            flags,
            no_ci_flags: self.no_ci_flags,
            lifetime: self.lifetime,
            channel_bindings: self.channel_bindings,
            tickets: None,
        };
        Ok(InitContext {
            environment,
            peer_name,
            mechanism,
            flags,
            initiator: Initiator::new(mechanism, request),
            waiting: None,
            finished: None,
        })
    }
}

/// What is wise to ask for when nothing was said.
const DEFAULT_FLAGS: ContextFlags = ContextFlags::MUTUAL
    .union(ContextFlags::REPLAY)
    .union(ContextFlags::SEQUENCE);
