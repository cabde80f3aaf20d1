//! What an AP exchange ends in.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use orthros_asn1::{AdIfRelevant, ErrorCode, Message as _};
use orthros_crypto::Key;

use super::error::ApCheckError;
use super::error_reply;
use super::flags::ContextFlags;
use super::mechanism::Mechanism;
use super::ticket_authorization::TicketAuthorization;
use crate::message::{Agreement, MessageProtection, Role, uses_acceptor_subkey};
use orthros_types::Timestamp;
use orthros_types::{AdType, AuthorizationDataEntry, Principal, TicketFlags};
use orthros_types::{Credential, TicketTimes};

/// An established security context: both sides are authenticated, as far as was asked for.
///
/// Two things make one: an AP exchange that succeeded, and the import of one that was exported. On the acceptor
/// the exchange means: the ticket opened in a key of its own and is valid now, the authenticator is the same client's,
/// fresh, and was never seen before, and the channel bindings agree. On the initiator of a mutual
/// context it means that the acceptor opened ticket and authenticator too.
#[derive(Debug)]
pub struct EstablishedContext {
    /// The client.
    pub initiator: Principal,
    /// The service: for the acceptor the principal whose key opened the ticket, whatever name
    /// the client knew it by.
    pub acceptor: Principal,
    /// What else is known of it.
    pub info: ContextInfo,
    /// For the acceptor: the tickets that the initiator delegated. Empty without
    /// [`ContextFlags::DELEG`].
    pub delegated: Vec<Credential>,
    /// For the acceptor: [`ApCheckError::ForeignDelegation`] where the initiator delegated a ticket that is not its
    /// own, of which nothing was taken.
    pub delegation_error: Option<Box<ApCheckError>>,
    /// The two halves of per-message protection.
    pub messages: MessageProtection,
}

/// What the exchange proved and agreed on, but for names and messages.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContextInfo {
    /// Which head this is.
    pub role: Role,
    /// The object identifier that the exchange went by.
    pub mechanism: Mechanism,
    /// What was negotiated.
    pub flags: ContextFlags,
    /// The ticket's times. A context outlives its ticket; this only says until when it was proven.
    pub times: TicketTimes,
    /// When its lifetime is over: when the ticket's is, for the acceptor later by the allowed clock skew, as in MIT
    /// krb5. By the clock that the exchange was told; a caller with another one corrects it.
    pub end: Timestamp,
    /// The ticket's flags.
    pub ticket_flags: TicketFlags,
    /// The ticket's session key.
    pub ticket_session_key: Key,
    /// The initiator's subkey, or the session key where there is none: what RFC 7802 calls the partial key.
    pub initiator_key: Key,
    /// For the acceptor: what the KDC says of the client, where it says something.
    pub authorization: Option<Arc<TicketAuthorization>>,
}

/// What both sides know of a context before its keys are agreed on.
#[derive(Clone, Debug)]
pub(super) struct Parties {
    pub(super) role: Role,
    pub(super) initiator: Principal,
    pub(super) acceptor: Principal,
    pub(super) mechanism: Mechanism,
    pub(super) flags: ContextFlags,
    pub(super) times: TicketTimes,
    pub(super) end: Timestamp,
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
        let initiator_key = parameters
            .initiator_subkey
            .unwrap_or_else(|| parties.session_key.clone());
        let (of_initiator, flags) = (initiator_key.enctype(), parties.flags);
        let acceptor_subkey = parameters
            .acceptor_subkey
            .filter(|subkey| uses_acceptor_subkey(of_initiator, subkey.enctype(), flags));
        let asserted = acceptor_subkey.is_some();
        let context_key = acceptor_subkey.unwrap_or_else(|| initiator_key.clone());
        let (send_sequence, receive_sequence) = match parties.role {
            Role::Initiator => (parameters.initiator_sequence, parameters.acceptor_sequence),
            Role::Acceptor => (parameters.acceptor_sequence, parameters.initiator_sequence),
        };
        let messages = MessageProtection::new(Agreement {
            role: parties.role,
            key: context_key,
            acceptor_subkey: asserted,
            flags: parties.flags,
            mechanism: parties.mechanism,
            send_sequence,
            receive_sequence,
        });
        Self {
            initiator: parties.initiator,
            acceptor: parties.acceptor,
            info: ContextInfo {
                role: parties.role,
                mechanism: parties.mechanism,
                flags: parties.flags | ContextFlags::TRANS | ContextFlags::PROT_READY,
                times: parties.times,
                end: parties.end,
                ticket_flags: parties.ticket_flags,
                ticket_session_key: parties.session_key,
                initiator_key,
                authorization: None,
            },
            delegated: Vec::new(),
            delegation_error: None,
            messages,
        }
    }

    /// The token that refuses an initiator after all, as the acceptor's application sees something in its ticket that
    /// can't be; `None` where the initiator waits for none.
    #[must_use]
    pub fn refusal_token(&self, code: ErrorCode, now: Timestamp) -> Option<Vec<u8>> {
        let flags = self.info.flags;
        let is_wanted =
            flags.contains(ContextFlags::MUTUAL) && !flags.contains(ContextFlags::DCE_STYLE);
        is_wanted
            .then(|| error_reply::encode(self.info.mechanism, &self.acceptor, code, now))
            .flatten()
    }
}

impl ContextInfo {
    /// The data of each element of this type in the ticket's authorization data, also of those in AD-IF-RELEVANT
    /// (RFC 4120 section 5.2.6.1) up to eight deep. What can't be read there is not relevant.
    #[must_use]
    pub fn authorization_data(&self, ad_type: AdType) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        if let Some(authorization) = &self.authorization {
            collect(&authorization.data, ad_type, DEEPEST, &mut found);
        }
        found
    }

    /// For the acceptor: the [indicators](TicketAuthorization::indicators) of how the client was authenticated.
    #[must_use]
    pub fn authentication_indicators(&self) -> &[String] {
        let authorization = self.authorization.as_ref();
        authorization.map_or(&[], |authorization| &authorization.indicators)
    }
}

fn collect(
    data: &[AuthorizationDataEntry],
    ad_type: AdType,
    depth: usize,
    found: &mut Vec<Vec<u8>>,
) {
    for entry in data {
        if entry.ad_type == ad_type {
            found.push(entry.ad_data.to_vec());
        } else if entry.ad_type == AdType::IF_RELEVANT && depth > 0 {
            let inner = AdIfRelevant::decode(&entry.ad_data).unwrap_or_default();
            collect(&inner, ad_type, depth - 1, found);
        }
    }
}

/// KDCs nest once. The data may be the client's, so nesting is bounded.
const DEEPEST: usize = 8;
