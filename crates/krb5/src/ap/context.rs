//! What an AP exchange ends in.

use alloc::vec::Vec;

use orthros_crypto::Key;

use super::flags::GssFlags;
use super::mechanism::Mechanism;
use crate::credential::{Credential, TicketTimes};
use crate::message::{Agreement, MessageProtection, Role};
use crate::{AuthorizationDataEntry, Principal, TicketFlags};

/// An established security context: both sides are who they say, as far as was asked for.
///
/// There is no way to make one but an AP exchange that succeeded. On the acceptor that means: the
/// ticket opened in a key of its own and is valid now, the authenticator is the same client's,
/// fresh, and was never seen before, and the channel bindings agree. On the initiator of a mutual
/// context it means that the acceptor opened ticket and authenticator too.
#[derive(Debug)]
#[non_exhaustive]
pub struct EstablishedContext {
    /// Which head this is.
    pub role: Role,
    /// The client.
    pub initiator: Principal,
    /// The service: for the acceptor the principal whose key opened the ticket, whatever name
    /// the client knew it by.
    pub acceptor: Principal,
    /// The object identifier that the exchange went by.
    pub mechanism: Mechanism,
    /// What was negotiated.
    pub flags: GssFlags,
    /// The ticket's times. A context outlives its ticket; this only says until when it was proven.
    pub times: TicketTimes,
    /// The ticket's flags.
    pub ticket_flags: TicketFlags,
    /// The ticket's session key.
    pub session_key: Key,
    /// The key that messages are protected with: the acceptor's subkey if it asserted one, else
    /// the initiator's, else the session key.
    pub context_key: Key,
    /// For the acceptor: the authorization data of the ticket, which the KDC vouches for.
    pub ticket_authorization_data: Vec<AuthorizationDataEntry>,
    /// For the acceptor: the authorization data of the authenticator, which only the client
    /// vouches for.
    pub authenticator_authorization_data: Vec<AuthorizationDataEntry>,
    /// For the acceptor: the tickets that the initiator delegated. Empty without
    /// [`GssFlags::DELEG`].
    pub delegated: Vec<Credential>,
    /// The two halves of per-message protection.
    pub messages: MessageProtection,
}

/// What both sides know of a context before its keys are agreed on.
#[derive(Clone, Debug)]
pub(super) struct Parties {
    pub(super) role: Role,
    pub(super) initiator: Principal,
    pub(super) acceptor: Principal,
    pub(super) mechanism: Mechanism,
    pub(super) flags: GssFlags,
    pub(super) times: TicketTimes,
    pub(super) ticket_flags: TicketFlags,
    pub(super) session_key: Key,
}

/// The subkeys and initial sequence numbers of both sides.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    pub(super) initiator_subkey: Option<Key>,
    pub(super) acceptor_subkey: Option<Key>,
    pub(super) initiator_sequence: u32,
    pub(super) acceptor_sequence: u32,
}

impl EstablishedContext {
    /// Only for the last step of either side, when everything is checked.
    pub(super) fn new(parties: Parties, parameters: Parameters) -> Self {
        let asserted = parameters.acceptor_subkey.is_some();
        let context_key = parameters
            .acceptor_subkey
            .or(parameters.initiator_subkey)
            .unwrap_or_else(|| parties.session_key.clone());
        let (send_sequence, receive_sequence) = match parties.role {
            Role::Initiator => (parameters.initiator_sequence, parameters.acceptor_sequence),
            Role::Acceptor => (parameters.acceptor_sequence, parameters.initiator_sequence),
        };
        let messages = MessageProtection::new(Agreement {
            role: parties.role,
            key: context_key.clone(),
            acceptor_subkey: asserted,
            flags: parties.flags,
            send_sequence,
            receive_sequence,
        });
        Self {
            role: parties.role,
            initiator: parties.initiator,
            acceptor: parties.acceptor,
            mechanism: parties.mechanism,
            flags: parties.flags | GssFlags::TRANS | GssFlags::PROT_READY,
            times: parties.times,
            ticket_flags: parties.ticket_flags,
            session_key: parties.session_key,
            context_key,
            ticket_authorization_data: Vec::new(),
            authenticator_authorization_data: Vec::new(),
            delegated: Vec::new(),
            messages,
        }
    }
}
