//! An initiator's first token, its framing read.

use alloc::vec::Vec;

use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::{ApReq, Message as _};

use super::error::ApError;
use super::mechanism::Mechanism;
use super::token::{TokenId, bounded, split_token_id, tag, unframe};
use super::user_to_user::TgtRequest;
use crate::MalformedTokenError;

/// An initiator's first token, told apart by its framing (RFC 2743 section 3.1).
///
/// The framing is read once, here. What is in it is not: [`Acceptor`](super::Acceptor) reads the AP-REQ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstToken<'a> {
    /// An AP-REQ as RFC 4121 section 4.1 has it, for [`Acceptor::accept_request`](super::Acceptor::accept_request).
    ApReq(ApReqToken<'a>),
    /// A bare AP-REQ, which is DCE style, for [`Acceptor::accept_dce_request`](super::Acceptor::accept_dce_request).
    DceApReq(DceApReqToken<'a>),
    /// The request for the acceptor's ticket-granting ticket (user-to-user).
    TgtRequest(TgtRequest),
    /// The framed token of a mechanism that is not Kerberos, such as SPNEGO.
    OtherMechanism {
        /// The contents octets of the mechanism's object identifier.
        oid: &'a [u8],
        /// The mechanism's own token.
        inner: &'a [u8],
    },
}

/// A framed AP-REQ, not read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApReqToken<'a> {
    /// The object identifier of the framing.
    pub(super) mechanism: Mechanism,
    /// The encoding of an `AP-REQ`.
    pub(super) message: &'a [u8],
}

/// An AP-REQ without framing, not read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DceApReqToken<'a> {
    /// The encoding of an `AP-REQ`.
    pub(super) message: &'a [u8],
}

impl<'a> FirstToken<'a> {
    /// Reads the framing of a token, which it must be all of.
    ///
    /// # Errors
    ///
    /// [`MalformedTokenError`] for a token that is not framed, is longer than any of Kerberos, or is of a later step;
    /// a KERB-TGT-REQ that can't be read.
    pub fn parse(token: &'a [u8]) -> Result<Self, ApError> {
        if token.first() == Some(&tag::AP_REQ) {
            let message = bounded(token)?;
            return Ok(Self::DceApReq(DceApReqToken { message }));
        }
        let framing = InitialContextToken::decode(token)
            .or_else(|error| bounded(token).and(Err(MalformedTokenError::Framing(error))))?;
        Self::in_framing(framing)
    }

    /// What is in a framing that was read before.
    ///
    /// # Errors
    ///
    /// [`MalformedTokenError`] for a token that is longer than any of Kerberos, or is of a later step; a KERB-TGT-REQ
    /// that can't be read.
    pub fn in_framing(framing: InitialContextToken<'a>) -> Result<Self, ApError> {
        let Some(mechanism) = Mechanism::from_oid(framing.mechanism) else {
            return Ok(Self::OtherMechanism {
                oid: framing.mechanism,
                inner: framing.inner,
            });
        };
        let (token_id, message) = split_token_id(bounded(framing.inner)?)?;
        match token_id {
            TokenId::AP_REQ => Ok(Self::ApReq(ApReqToken { mechanism, message })),
            TokenId::KERB_TGT_REQUEST => {
                TgtRequest::decode(mechanism, message).map(Self::TgtRequest)
            }
            TokenId(other) => Err(MalformedTokenError::TokenId(other).into()),
        }
    }
}

impl<'a> ApReqToken<'a> {
    /// Reads the framing of a token that must have an AP-REQ in it.
    ///
    /// # Errors
    ///
    /// [`MalformedTokenError`] that says what it is instead.
    pub fn parse(token: &'a [u8]) -> Result<Self, MalformedTokenError> {
        match unframe(token)? {
            (mechanism, TokenId::AP_REQ, message) => Ok(Self { mechanism, message }),
            (_, TokenId(other), _) => Err(MalformedTokenError::TokenId(other)),
        }
    }

    /// The ticket in it, in DER. It is as good as the AP-REQ: nothing of it is checked.
    ///
    /// # Errors
    ///
    /// Where the AP-REQ can't be read.
    pub fn ticket(&self) -> Result<Vec<u8>, ApError> {
        ticket(self.message)
    }
}

impl DceApReqToken<'_> {
    /// As [`ApReqToken::ticket`].
    ///
    /// # Errors
    ///
    /// As [`ApReqToken::ticket`].
    pub fn ticket(&self) -> Result<Vec<u8>, ApError> {
        ticket(self.message)
    }
}

fn ticket(message: &[u8]) -> Result<Vec<u8>, ApError> {
    let ap_req = ApReq::decode(message).map_err(MalformedTokenError::syntax("AP-REQ"))?;
    Ok(ap_req.ticket.encode()?)
}
