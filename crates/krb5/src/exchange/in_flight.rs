//! A request that a KDC has not answered yet, and what comes in answer.

use alloc::boxed::Box;

use orthros_asn1::{EncryptionType, KdcRep};

use super::fast::{Armor, Armored, ErrorReply};
use super::request::RequestedTicket;
use super::{ExchangeError, KdcRequest, ReplyError, Transport};
use crate::PeerError;
use orthros_types::{Principal, Timestamp};

/// A request that is out, of an AS or a TGS exchange, and what its reply must match.
pub(super) struct InFlight {
    /// What was asked for, with the nonce.
    pub(super) requested: RequestedTicket,
    /// The client that the reply has to be for.
    pub(super) client: Principal,
    /// The time of the request by the clock that the exchange is driven with.
    pub(super) sent_at: Timestamp,
    /// The armor of the request, which the answer comes under, too.
    pub(super) armor: Option<Armor>,
    /// The message as sent, and where to.
    pub(super) request: KdcRequest,
}

/// What a KDC answered.
pub(super) enum Answer<R> {
    /// The reply that was waited for.
    Reply(Box<R>),
    /// A KRB-ERROR to go by: from under the armor, or without armor where that is allowed.
    Error(Box<PeerError>),
    /// The reply is too big for a datagram.
    TooBig,
}

impl<R> Answer<R> {
    pub(super) fn of_error(error: Box<PeerError>) -> Self {
        if error.is_too_big() {
            Self::TooBig
        } else {
            Self::Error(error)
        }
    }
}

impl InFlight {
    /// Opens the armor of an error, if request and error have one. An error under armor counts for what is under
    /// it, whatever its outside says.
    pub(super) fn open_error(&self, error: Box<PeerError>) -> Result<ErrorReply, ExchangeError> {
        match &self.armor {
            Some(armor) => armor.open_error(error, self.requested.nonce),
            None => Ok(ErrorReply::Unprotected(error)),
        }
    }

    /// Opens the armor of a reply, if request and reply have one.
    pub(super) fn open_armor<const MSG: i32>(
        &self,
        message: &KdcRep<MSG>,
    ) -> Result<Option<Armored>, ExchangeError> {
        let Some(armor) = &self.armor else {
            return Ok(None);
        };
        let padata = message.padata.as_deref().unwrap_or_default();
        let armored = armor.open_reply(padata, self.requested.nonce, &message.ticket)?;
        if let Some(key) = armored.as_ref().and_then(Armored::strengthen_key) {
            let etype = EncryptionType(key.enctype().number());
            // MIT's KDC gives it the enctype of the subkey, and so of the armor, whatever the session key's shall be.
            if key.enctype() != armor.enctype() && !self.requested.has_enctype(etype) {
                return Err(ReplyError::StrengthenKeyNotRequested(etype).into());
            }
        }
        Ok(armored)
    }

    /// The same message again, over a stream. `transport` is the exchange's: what comes after goes over streams, too.
    pub(super) fn over_stream(mut self, transport: &mut Transport) -> Result<Self, ReplyError> {
        match self.request.transport {
            Transport::Datagram => {
                *transport = Transport::Stream;
                self.request.transport = Transport::Stream;
                Ok(self)
            }
            Transport::Stream => Err(ReplyError::TooBigForStream),
        }
    }
}
