//! The initiator's side of the AP exchange as DCE RPC has it: no framing, and a third token by which the initiator
//! proves that it has seen the acceptor's (\[MS-KILE\] section 3.4.5.1).

use alloc::vec::Vec;

use orthros_asn1::{EncApRepPart, UInt32};
use orthros_crypto::RandomSource;
use orthros_types::Timestamp;

use super::super::ap_rep;
use super::super::context::EstablishedContext;
use super::super::error::{ApError, ApMisuseError};
use super::super::error_reply;
use super::super::flags::ContextFlags;
use super::super::token::{TokenId, bounded, tag, unframe};
use super::AwaitingReply;
use crate::MalformedTokenError;
use crate::wire;

/// An initiator that waits for the acceptor's token, and will answer it.
#[derive(Debug)]
pub struct AwaitingDceReply(AwaitingReply);

/// The third token, and the initiator's context.
#[derive(Debug)]
pub struct DceCompletion {
    /// To be sent to the acceptor, which has no context without it.
    pub token: Vec<u8>,
    /// The established context.
    pub context: EstablishedContext,
}

impl AwaitingDceReply {
    pub(super) const fn new(awaiting: AwaitingReply) -> Self {
        Self(awaiting)
    }

    /// What was asked for, for inquiries before establishment.
    #[must_use]
    pub const fn flags(&self) -> ContextFlags {
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
            Some(&tag::AP_REP) => self.0.reply(bounded(token)?)?,
            Some(&tag::KRB_ERROR) => return Err(error_reply::decode(bounded(token)?)?.into()),
            _ => return Err(framed_error(token)?),
        };
        // Nothing was received under the context yet, so this is the acceptor's first number.
        let number = context.messages.receiver().expected_sequence_number();
        let part = EncApRepPart {
            ctime: wire::kerberos_time(now).ok_or(ApMisuseError::Time(now))?,
            cusec: wire::microseconds(now),
            subkey: None,
            seq_number: u32::try_from(number).ok().map(UInt32),
        };
        let token = ap_rep::encode(&context.info.ticket_session_key, &part, random)?;
        Ok(DceCompletion { token, context })
    }
}

/// The KRB-ERROR in a framed token, as MIT krb5 sends it.
fn framed_error(token: &[u8]) -> Result<ApError, ApError> {
    let (_, token_id, message) = unframe(token)?;
    if token_id != TokenId::KRB_ERROR {
        return Err(MalformedTokenError::TokenId(token_id.0).into());
    }
    Ok(error_reply::decode(message)?.into())
}
