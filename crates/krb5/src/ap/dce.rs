//! The AP exchange as DCE RPC has it: no framing, and a third token by which the initiator proves that it has seen the
//! acceptor's (\[MS-KILE\] section 3.4.5.1).
//!
//! The third token is an AP-REP too. It holds the acceptor's sequence number, which is fresh: an acceptor that waits for it
//! can't be taken in by a recording.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{ApRep, EncApRepPart, Exactly, Message, UInt32};
use orthros_crypto::{KeyUsage, RandomSource};
use zeroize::Zeroizing;

use super::acceptor::Accepted;
use super::context::EstablishedContext;
use super::defect::ApCheckError;
use super::error::{ApError, MalformedTokenError};
use super::flags::GssFlags;
use super::initiator::AwaitingReply;
use super::mechanism::{TokenId, bounded, unframe};
use super::peer_error::PeerError;
use super::wire;
use orthros_types::Timestamp;

/// Whether an initiator's first token is one of DCE style: a bare AP-REQ.
#[must_use]
pub fn is_dce_style_request(token: &[u8]) -> bool {
    token.first() == Some(&AP_REQ_TAG)
}

/// An initiator that waits for the acceptor's token, and will answer it.
#[derive(Debug)]
pub struct AwaitingDceReply(AwaitingReply);

/// The third token, and the initiator's context.
#[derive(Debug)]
pub struct DceCompletion {
    /// To be sent to the acceptor, who has no context without it.
    pub token: Vec<u8>,
    /// The established context.
    pub context: EstablishedContext,
}

impl AwaitingDceReply {
    pub(super) const fn new(awaiting: AwaitingReply) -> Self {
        Self(awaiting)
    }

    /// What was asked for, for who inquires before establishment.
    #[must_use]
    pub const fn flags(&self) -> GssFlags {
        self.0.flags()
    }

    /// Takes the acceptor's token.
    ///
    /// # Errors
    ///
    /// As [`AwaitingReply::step`]; no randomness.
    pub fn step(
        self,
        token: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<DceCompletion, ApError> {
        let mut context = match token.first() {
            Some(&AP_REP_TAG) => self.0.reply(bounded(token)?)?,
            Some(&KRB_ERROR_TAG) => return Err(PeerError::decode(bounded(token)?)?.into()),
            _ => return Err(framed_error(token)?),
        };
        // Nothing was received under the context yet, so this is the acceptor's first number.
        let number = context.messages.receiver().expected_sequence_number();
        let part = EncApRepPart {
            ctime: wire::kerberos_time(now)?,
            cusec: wire::microseconds(now),
            subkey: None,
            seq_number: u32::try_from(number).ok().map(UInt32),
        };
        let plaintext = Zeroizing::new(part.encode()?);
        let key = &context.info.ticket_session_key;
        let message = ApRep {
            pvno: Exactly,
            msg_type: Exactly,
            enc_part: wire::seal(key, KeyUsage::AP_REP_ENC_PART, &plaintext, random)?,
        };
        let token = message.encode()?;
        Ok(DceCompletion { token, context })
    }
}

/// The second token, and what waits for the third.
#[derive(Debug)]
pub struct DceAccepted {
    /// To be sent to the initiator.
    pub token: Vec<u8>,
    /// What takes the answer.
    pub next: AwaitingDceConfirmation,
}

/// An acceptor that waits for the third token.
#[derive(Debug)]
pub struct AwaitingDceConfirmation(Box<EstablishedContext>);

impl DceAccepted {
    /// What was accepted, withheld until it is confirmed. DCE style implies mutual authentication, so there is a token; a
    /// context without one could not be confirmed.
    pub(super) fn new(accepted: Accepted) -> Result<Self, MalformedTokenError> {
        Ok(Self {
            token: accepted.token.ok_or(MalformedTokenError::DceStyle)?,
            next: AwaitingDceConfirmation(Box::new(accepted.context)),
        })
    }
}

impl AwaitingDceConfirmation {
    /// Takes the initiator's second token. It is used up by it, whatever that is.
    ///
    /// # Errors
    ///
    /// A token that is malformed or proves nothing.
    pub fn step(self, token: &[u8]) -> Result<EstablishedContext, ApError> {
        let Self(mut context) = self;
        let reply: ApRep = wire::decode(bounded(token)?, "AP-REP")?;
        let key = &context.info.ticket_session_key;
        let plaintext = wire::open(key, KeyUsage::AP_REP_ENC_PART, &reply.enc_part, "AP-REP")?;
        let part: EncApRepPart = wire::decode(&plaintext, "encrypted part of the AP-REP")?;
        let number = part.seq_number.map(|number| u64::from(number.0));
        let expected = context.messages.sender().sequence_number();
        // A subkey would be that of this side's own AP-REP, sent back.
        if number != Some(expected) || part.subkey.is_some() {
            return Err(ApCheckError::MutualFailed.into());
        }
        Ok(*context)
    }
}

/// The KRB-ERROR in a framed token, as MIT krb5 sends it.
fn framed_error(token: &[u8]) -> Result<ApError, ApError> {
    let (_, token_id, message) = unframe(token)?;
    if token_id != TokenId::KRB_ERROR {
        return Err(MalformedTokenError::TokenId(token_id.0).into());
    }
    Ok(PeerError::decode(message)?.into())
}

/// `[APPLICATION 14]`.
const AP_REQ_TAG: u8 = 0x6e;
/// `[APPLICATION 15]`.
const AP_REP_TAG: u8 = 0x6f;
/// `[APPLICATION 30]`.
const KRB_ERROR_TAG: u8 = 0x7e;
