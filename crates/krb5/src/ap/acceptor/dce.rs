//! The acceptor's side of the AP exchange as DCE RPC has it: no framing, and a third token by which the initiator
//! proves that it has seen the acceptor's (\[MS-KILE\] section 3.4.5.1).
//!
//! The third token is an AP-REP too. It holds the acceptor's sequence number, which is fresh: an acceptor that waits
//! for it can't be taken in by a recording.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::ap_rep;
use super::super::context::EstablishedContext;
use super::super::error::{ApCheckError, ApError};
use super::super::token::bounded;
use super::Accepted;
use crate::MalformedTokenError;

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
    /// What was accepted, withheld until it is confirmed. DCE style implies mutual authentication, so there is a
    /// token; a context without one could not be confirmed.
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
        let part = ap_rep::decode(&context.info.ticket_session_key, bounded(token)?)?;
        let number = part.seq_number.map(|number| u64::from(number.0));
        let expected = context.messages.sender().sequence_number();
        // A subkey would be that of this side's own AP-REP, sent back.
        if number != Some(expected) || part.subkey.is_some() {
            return Err(ApCheckError::MutualFailed.into());
        }
        Ok(*context)
    }
}
