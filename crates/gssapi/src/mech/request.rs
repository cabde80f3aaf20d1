//! What an application asks of a context, in the terms of every mechanism.

use orthros_host::Environment;

use crate::credential::AcceptorCredential;
use crate::mech::initiator_tickets::InitiatorTickets;
use crate::{ChannelBindings, ContextFlags, Credential, Lifetime, MechName};

/// What an initiator was told: all that its first token is made of.
#[derive(Clone)]
pub(crate) struct InitRequest {
    pub(crate) environment: Environment,
    pub(crate) credential: Credential,
    pub(crate) peer_name: MechName,
    /// The peer's ticket-granting ticket, for user-to-user.
    pub(crate) peer_ticket: Option<Vec<u8>>,
    pub(crate) flags: ContextFlags,
    /// Whether CONF and INTEG are asked for only where they are among the flags.
    pub(crate) no_ci_flags: bool,
    pub(crate) lifetime: Lifetime,
    pub(crate) channel_bindings: Option<ChannelBindings>,
    /// The tickets that the token is made of, where they were got before.
    pub(crate) tickets: Option<Box<InitiatorTickets>>,
}

/// What an acceptor was told.
pub(crate) struct AcceptRequest {
    pub(crate) environment: Environment,
    pub(crate) acceptor: AcceptorCredential,
    /// The whole credential, where it takes evidence.
    pub(crate) impersonator: Option<Credential>,
    pub(crate) channel_bindings: Option<ChannelBindings>,
    pub(crate) require_channel_bindings: bool,
    pub(crate) without_gss_checksum: bool,
}
