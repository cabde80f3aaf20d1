//! What an acceptor is told.

use orthros_host::Environment;

use super::AcceptContext;
use crate::mech::acceptor::Acceptor;
use crate::mech::request::AcceptRequest;
use crate::{ChannelBindings, Credential, CredentialUsage, Error};

/// Makes an [`AcceptContext`]. What it is not told is the default: any key of the environment's default keytab, and
/// no channel bindings.
#[derive(Debug)]
#[must_use = "it makes nothing until it is built"]
pub struct AcceptContextBuilder {
    credential: Option<Credential>,
    channel_bindings: Option<ChannelBindings>,
    require_channel_bindings: bool,
    without_gss_checksum: bool,
    environment: Option<Environment>,
}

impl AcceptContextBuilder {
    pub(super) fn new() -> Self {
        Self {
            credential: None,
            channel_bindings: None,
            require_channel_bindings: false,
            without_gss_checksum: false,
            environment: None,
        }
    }

    /// The credential with the keys to accept with.
    pub fn credential(mut self, credential: &Credential) -> Self {
        self.credential = Some(credential.clone());
        self
    }

    /// Which channel the context is over. An initiator that gives other bindings is refused; one that gives none is
    /// not, unless it says that its bindings must match, or [they are required](Self::require_channel_bindings).
    pub fn channel_bindings(mut self, bindings: &ChannelBindings) -> Self {
        self.channel_bindings = Some(bindings.clone());
        self
    }

    /// Whether an initiator without channel bindings is refused, too.
    pub fn require_channel_bindings(mut self, required: bool) -> Self {
        self.require_channel_bindings = required;
        self
    }

    /// Whether an AP-REQ is taken whose authenticator has not the checksum field of RFC 4121 section 4.1.1, but none,
    /// or a checksum over nothing: what `krb5_mk_req` makes, and some clients that were written by hand. MIT krb5 and
    /// Windows take them always; here they are refused unless this is set.
    ///
    /// Such a request asks for no flags, or for those that MIT supposes, delegates nothing and is bound to no channel.
    /// Set it only where no other protocol of the same service has AP-REQs of its own: a recorded one of those would
    /// be accepted, too.
    pub fn allow_missing_gss_checksum(mut self, allowed: bool) -> Self {
        self.without_gss_checksum = allowed;
        self
    }

    /// Which configuration, clock, randomness and replay cache to use: else the credential's, else the process'.
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.environment = Some(environment.clone());
        self
    }

    /// The acceptor.
    ///
    /// # Errors
    ///
    /// `NO_CRED` where the credential can't accept, or no default one is there; `DEFECTIVE_CREDENTIAL` where the
    /// default keytab is damaged.
    pub fn build(self) -> Result<AcceptContext, Error> {
        let environment = match (&self.environment, &self.credential) {
            (Some(environment), _) => environment.current(),
            (None, Some(credential)) => credential.environment().current(),
            (None, None) => crate::environment::process()?,
        };
        let credential = match self.credential {
            Some(credential) => credential,
            None => Credential::acquire()
                .usage(CredentialUsage::Accept)
                .environment(&environment)
                .build()?,
        };
        let request = AcceptRequest {
            environment,
            acceptor: credential.acceptor()?.clone(),
            impersonator: credential.takes_evidence().then(|| credential.clone()),
            channel_bindings: self.channel_bindings,
            require_channel_bindings: self.require_channel_bindings,
            without_gss_checksum: self.without_gss_checksum,
        };
        Ok(AcceptContext {
            acceptor: Acceptor::new(request),
            finished: None,
        })
    }
}
