//! The exchange before an AP exchange for user-to-user, by which the initiator gets its peer's ticket-granting ticket
//! (draft-swift-win2k-krb-user2user-03 section 4).
//!
//! Nothing of it is protected, and nothing needs to be: a ticket is of no use without its session key, and a KDC gives
//! tickets for user-to-user only if the second ticket's client is the service that is asked for (RFC 4120 section
//! 3.3.3).

use alloc::vec::Vec;

use orthros_asn1::{ErrorCode, Exactly, KerbTgtReply, KerbTgtRequest, Message, Raw};
use orthros_types::{Principal, Timestamp};

use super::error::{ApError, ApMisuseError};
use super::error_reply;
use super::mechanism::Mechanism;
use super::token::{TokenId, frame, unframe};
use crate::MalformedTokenError;
use crate::wire;

/// Begins with the request for the ticket-granting ticket of `peer`: the token to send, and what takes the answer.
///
/// # Errors
///
/// Where the name can't be encoded.
pub fn request_tgt(peer: &Principal) -> Result<(Vec<u8>, AwaitingTgt), ApError> {
    let message = KerbTgtRequest {
        pvno: Exactly,
        msg_type: Exactly,
        server_name: Some(wire::principal_name(peer)),
        realm: Some(wire::realm(peer)).filter(|_| !peer.realm().is_empty()),
    };
    let token = frame(
        Mechanism::UserToUser,
        TokenId::KERB_TGT_REQUEST,
        &message.encode()?,
    );
    Ok((token, AwaitingTgt(())))
}

/// An initiator that waits for its peer's ticket-granting ticket.
#[derive(Debug)]
pub struct AwaitingTgt(());

impl AwaitingTgt {
    /// Takes the peer's token: the ticket in DER, for [`TgsExchange::user_to_user`](crate::TgsExchange::user_to_user).
    /// Whose it is the KDC finds out.
    ///
    /// # Errors
    ///
    /// [`ApError::Refused`] with what the peer said if it sent a KRB-ERROR; a token that is malformed.
    pub fn step(self, token: &[u8]) -> Result<Vec<u8>, ApError> {
        let (mechanism, token_id, message) = unframe(token)?;
        if mechanism != Mechanism::UserToUser {
            return Err(MalformedTokenError::OtherMechanism.into());
        }
        match token_id {
            TokenId::KERB_TGT_REPLY => {
                let malformed = MalformedTokenError::syntax("KERB-TGT-REPLY");
                let reply = KerbTgtReply::decode(message).map_err(malformed)?;
                Ok(reply.ticket.octets().to_vec())
            }
            TokenId::KRB_ERROR => Err(error_reply::decode(message)?.into()),
            TokenId(other) => Err(MalformedTokenError::TokenId(other).into()),
        }
    }
}

/// The request of an initiator for the acceptor's ticket-granting ticket (KERB-TGT-REQ).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TgtRequest {
    mechanism: Mechanism,
    /// Whose ticket it asks for, if it says so; an empty realm where it does not say that.
    pub peer: Option<Principal>,
}

impl TgtRequest {
    /// Reads the message of a token with this mechanism in its framing.
    pub(super) fn decode(mechanism: Mechanism, message: &[u8]) -> Result<Self, ApError> {
        let malformed = MalformedTokenError::syntax("KERB-TGT-REQUEST");
        let message = KerbTgtRequest::decode(message).map_err(malformed)?;
        // An absent realm is an empty one: the acceptor's own.
        let realm = message.realm.unwrap_or_default();
        Ok(Self {
            mechanism,
            peer: message
                .server_name
                .map(|name| wire::principal(&realm, &name)),
        })
    }

    /// The token that answers it (KERB-TGT-REP), with the acceptor's ticket-granting ticket in DER.
    ///
    /// # Errors
    ///
    /// Where that is no ticket.
    pub fn reply(&self, ticket: &[u8]) -> Result<Vec<u8>, ApError> {
        let message = KerbTgtReply {
            pvno: Exactly,
            msg_type: Exactly,
            ticket: Raw::decode(ticket).map_err(ApMisuseError::Ticket)?,
        };
        let message = message.encode()?;
        Ok(frame(self.mechanism, TokenId::KERB_TGT_REPLY, &message))
    }

    /// The token that says that there is no such ticket (`KRB_AP_ERR_NO_TGT`); `None` if the time or the name can't be
    /// written.
    #[must_use]
    pub fn refuse(&self, now: Timestamp) -> Option<Vec<u8>> {
        let nameless = Principal::new("", [""; 0]);
        let peer = self.peer.as_ref().unwrap_or(&nameless);
        error_reply::encode(self.mechanism, peer, ErrorCode::KRB_AP_ERR_NO_TGT, now)
    }
}
