//! What comes back: a header, an AP-REP and the result in a KRB-PRIV; or a KRB-ERROR, with a header or without.

use alloc::boxed::Box;

use orthros_asn1::{ApRep, EncApRepPart, ErrorCode, KrbError, Message};
use orthros_crypto::{KeyUsage, SecretVec};

use super::outcome::PasswordOutcome;
use super::request::{CHANGE, HEADER, SET, SentRequest};
use super::{PasswordResult, PasswordStep, State, Transition};
use crate::exchange::error::malformed;
use crate::exchange::header_ticket::HeaderTicket;
use crate::exchange::{ExchangeError, KdcRefusalError, ReplyError, session_error};
use crate::message::Role;
use crate::session::{SessionError, decrypt_private, directional};
use crate::wire;
use crate::{ErrorData, PeerError};

impl SentRequest {
    pub(super) fn reply(
        self,
        ticket: &HeaderTicket,
        bytes: &[u8],
    ) -> Result<Transition, ExchangeError> {
        let outcome = match Reply::split(bytes)? {
            Reply::Error(error) => {
                let error = KrbError::decode(error).map_err(malformed("KRB-ERROR"))?;
                let error = PeerError::of_kdc(error);
                let error = error.map_err(malformed("e-data of a KRB-ERROR"))?;
                if error.code == ErrorCode::KRB_ERR_RESPONSE_TOO_BIG {
                    let again = self.over_stream().ok_or(ReplyError::TooBigForStream)?;
                    return Ok(again.send());
                }
                self.outcome_of_error(ticket, error)?
            }
            Reply::Result { reply, result } => {
                let sequence_number = self.check_server(ticket, reply)?;
                let result = self.open(ticket, result, sequence_number)?;
                PasswordOutcome::decode(&result)?
            }
        };
        Ok((State::Ended, PasswordStep::Done(outcome)))
    }

    /// A KRB-ERROR may have a result. It is not authenticated, so that success is not believed.
    fn outcome_of_error(
        &self,
        ticket: &HeaderTicket,
        error: PeerError,
    ) -> Result<PasswordOutcome, ExchangeError> {
        let ErrorData::Opaque(result) = &error.data else {
            let service = ticket.server.clone();
            let client = self.target.as_ref().unwrap_or(&ticket.client).clone();
            let error = Box::new(error);
            return Err(KdcRefusalError::Other {
                client,
                service,
                error,
            }
            .into());
        };
        let outcome = PasswordOutcome::decode(result)?;
        if outcome.result == PasswordResult::Success {
            return Err(ReplyError::UnprovenSuccess.into());
        }
        Ok(outcome)
    }

    /// The AP-REP proves that the server opened the request. Gives the number of its first message, if it has numbers.
    fn check_server(
        &self,
        ticket: &HeaderTicket,
        reply: &[u8],
    ) -> Result<Option<u32>, ExchangeError> {
        let reply = ApRep::decode(reply).map_err(malformed("AP-REP"))?;
        let plaintext = ticket
            .key
            .decrypt(KeyUsage::AP_REP_ENC_PART, &reply.enc_part.cipher)
            .map_err(|_| ReplyError::Integrity)?;
        let part = EncApRepPart::decode(&plaintext).map_err(malformed("EncAPRepPart"))?;
        let time = wire::timestamp_with(part.ctime, part.cusec);
        if time != self.sent_at {
            return Err(ReplyError::Nonce.into());
        }
        Ok(part.seq_number.map(|number| number.0))
    }

    /// The result is encrypted in the subkey of the request; by some servers in the session key.
    fn open(
        &self,
        ticket: &HeaderTicket,
        private: &[u8],
        sequence_number: Option<u32>,
    ) -> Result<SecretVec, ExchangeError> {
        let opened = match decrypt_private(&self.subkey, private) {
            Err(SessionError::Integrity(_)) => decrypt_private(&ticket.key, private),
            opened => opened,
        };
        let opened = opened.map_err(session_error)?;
        // The request is encrypted in the same key, and names this end.
        if opened.heading.sender == directional(Role::Initiator) {
            return Err(ReplyError::Reflected.into());
        }
        if sequence_number.is_some() && opened.heading.sequence_number != sequence_number {
            return Err(ReplyError::Nonce.into());
        }
        Ok(opened.data)
    }
}

/// A reply, taken apart.
enum Reply<'a> {
    Error(&'a [u8]),
    Result { reply: &'a [u8], result: &'a [u8] },
}

impl<'a> Reply<'a> {
    fn split(bytes: &'a [u8]) -> Result<Self, ReplyError> {
        if bytes.first() == Some(&KRB_ERROR_TAG) {
            return Ok(Self::Error(bytes));
        }
        let length = bytes.len();
        let no_reply = ReplyError::NotKerberos { length };
        let Some(([a, b, c, d, e, f], body)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(no_reply);
        };
        let number = |high: &u8, low: &u8| u16::from_be_bytes([*high, *low]);
        let version = number(c, d);
        if usize::from(number(a, b)) != length || !matches!(version, CHANGE | SET) {
            return Err(no_reply);
        }
        match usize::from(number(e, f)) {
            0 => Ok(Self::Error(body)),
            reply_length => {
                let (reply, result) = body.split_at_checked(reply_length).ok_or(no_reply)?;
                Ok(Self::Result { reply, result })
            }
        }
    }
}

/// APPLICATION 30, constructed.
const KRB_ERROR_TAG: u8 = 0x7E;
