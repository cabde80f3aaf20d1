//! The receiving half of an established context.

use super::protection::{DEFAULT_QOP, Protection, Unwrapped, Verified};
use crate::error::{CallError, message_error};
use crate::mech::established;
use crate::{Error, Supplementary};

/// The receiving half of an established context (RFC 2743 section 2.3).
#[derive(Debug)]
pub struct Receiver {
    // Boxed once and never moved again, as the sender.
    pub(super) receiver: Box<established::Receiver>,
}

impl Receiver {
    pub(super) fn new(receiver: established::Receiver) -> Self {
        Self {
            receiver: Box::new(receiver),
        }
    }

    /// Checks the peer's MIC token for `message`.
    ///
    /// What comes back says also whether the token is a replay or out of order.
    ///
    /// # Errors
    ///
    /// `DEFECTIVE_TOKEN` for what is no MIC token of this context; `BAD_SIG` where it does not fit the message;
    /// `FAILURE` where integrity was not negotiated.
    pub fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> Result<Verified, Error> {
        let sequence = self.receiver.verify_mic(message, mic);
        Ok(Verified {
            qop: DEFAULT_QOP,
            supplementary: supplementary(sequence.map_err(message_error)?),
        })
    }

    /// Takes the message out of the peer's Wrap token, which must have at least this protection.
    ///
    /// What comes back says also whether it was encrypted, and whether the token is a replay or out of order.
    ///
    /// # Errors
    ///
    /// `DEFECTIVE_TOKEN` for what is no Wrap token of this context; `BAD_SIG` where it was changed; `UNAVAILABLE`
    /// where confidentiality is asked for and the token is not encrypted; `FAILURE` where integrity was not
    /// negotiated; `BAD_QOP`.
    pub fn unwrap(&mut self, token: &[u8], least: Protection) -> Result<Unwrapped, Error> {
        least.require_known_qop()?;
        let unwrapped = self.receiver.unwrap_vec(token).map_err(message_error)?;
        unwrapped_as(
            unwrapped.message,
            unwrapped.sealed,
            unwrapped.sequence,
            least,
        )
    }

    /// As [`unwrap`](Self::unwrap), in the buffer that holds the token, and without allocating. The message is a part
    /// of it.
    ///
    /// # Errors
    ///
    /// As [`unwrap`](Self::unwrap). What was decrypted of a token that is not authentic is wiped.
    pub fn unwrap_in_place<'t>(
        &mut self,
        token: &'t mut [u8],
        least: Protection,
    ) -> Result<Unwrapped<&'t mut [u8]>, Error> {
        least.require_known_qop()?;
        let unwrapped = self
            .receiver
            .unwrap_in_place(token)
            .map_err(message_error)?;
        unwrapped_as(
            unwrapped.message,
            unwrapped.sealed,
            unwrapped.sequence,
            least,
        )
    }
}

/// What the caller gets of an authentic token, if that is protected as it must be.
pub(super) fn unwrapped_as<Message>(
    message: Message,
    confidential: bool,
    sequence: established::SequenceStatus,
    least: Protection,
) -> Result<Unwrapped<Message>, Error> {
    if least.is_confidential() && !confidential {
        return Err(CallError::NotSealed.into());
    }
    Ok(Unwrapped {
        message,
        confidential,
        qop: DEFAULT_QOP,
        supplementary: supplementary(sequence),
    })
}

pub(super) fn supplementary(sequence: established::SequenceStatus) -> Supplementary {
    match sequence {
        established::SequenceStatus::InOrder => Supplementary::empty(),
        established::SequenceStatus::Duplicate => Supplementary::DUPLICATE_TOKEN,
        established::SequenceStatus::Old => Supplementary::OLD_TOKEN,
        established::SequenceStatus::Unsequenced => Supplementary::UNSEQ_TOKEN,
        established::SequenceStatus::Gap => Supplementary::GAP_TOKEN,
    }
}
