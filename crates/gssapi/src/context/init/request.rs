//! What an initiator's first token is made of.

use orthros_host::Environment;
use orthros_krb5::ap::{self, GssFlags, Initiation, InitiatorOptions, Mechanism};
use orthros_types::Duration;

use crate::error::{config_error, initiator_error};
use crate::{ChannelBindings, ContextFlags, Credential, Error, Lifetime, MechName};

/// All that the first step needs.
pub(super) struct Request {
    pub(super) environment: Environment,
    pub(super) credential: Credential,
    pub(super) peer_name: MechName,
    pub(super) mechanism: Mechanism,
    /// The peer's ticket-granting ticket, for user-to-user.
    pub(super) peer_ticket: Option<Vec<u8>>,
    pub(super) flags: ContextFlags,
    pub(super) lifetime: Lifetime,
    pub(super) channel_bindings: Option<ChannelBindings>,
}

impl Request {
    /// Whether the peer has to be asked for its ticket-granting ticket first.
    pub(super) fn needs_peer_ticket(&self) -> bool {
        self.mechanism == Mechanism::UserToUser && self.peer_ticket.is_none()
    }

    /// Gets the service ticket, and makes the token of it. With it comes how far the KDC's clock is ahead of this one.
    pub(super) fn initiate(&self) -> Result<(Initiation, Duration), Error> {
        let ticket = self.credential.initiator()?.service_ticket(
            &self.environment,
            &self.peer_name,
            self.lifetime,
            self.peer_ticket.as_deref(),
        )?;
        let delegation = self.delegation(&ticket.credential)?;
        let bindings = self
            .channel_bindings
            .as_ref()
            .map(ChannelBindings::of_exchange);
        let config = self.environment.config();
        let enctypes = config.permitted_enctypes().map_err(config_error)?;
        let options = InitiatorOptions {
            flags: GssFlags::from_bits_retain(self.flags.bits()),
            channel_bindings: bindings.as_ref(),
            insist_on_channel_bindings: config.client_aware_channel_bindings(),
            enctypes: &enctypes,
            delegation: &delegation,
            mechanism: self.mechanism,
            clock_skew: config.clockskew(),
        };
        let random = &mut self.environment.random();
        let now = self.environment.now();
        let kdc_now = now.saturating_add(ticket.clock_offset);
        let initiation = ap::initiate(&ticket.credential, &options, kdc_now, random);
        Ok((initiation.map_err(initiator_error)?, ticket.clock_offset))
    }
}
