//! The initiator's side of any mechanism.

use super::request::InitRequest;
use super::token::refuse_ntlm;
use super::{Mechanism, NEGOTIABLE, concrete, spnego};
use crate::{ContextFlags, Error, Step};

/// An initiator, between its tokens.
pub(crate) struct Initiator(Side);

enum Side {
    /// Of one mechanism.
    Concrete(concrete::Initiator),
    /// Of SPNEGO, around that of the mechanism that is negotiated.
    Negotiation(Box<spnego::initiator::Initiator>),
}

impl Initiator {
    pub(crate) fn new(mechanism: Mechanism, request: InitRequest) -> Self {
        Self(match mechanism {
            Mechanism::Concrete(mechanism) => {
                Side::Concrete(concrete::Initiator::new(mechanism, request))
            }
            Mechanism::Negotiation => {
                let initiator = spnego::initiator::Initiator::new(NEGOTIABLE, request);
                Side::Negotiation(Box::new(initiator))
            }
        })
    }

    /// What tickets are to be got for before the next step with this token. Where they are not, the step gets them.
    pub(crate) fn lacks_tickets(
        &mut self,
        token: Option<&[u8]>,
    ) -> Result<Option<&mut InitRequest>, Error> {
        token.map_or(Ok(()), refuse_ntlm)?;
        match &mut self.0 {
            Side::Concrete(initiator) => initiator.lacks_tickets(token),
            Side::Negotiation(initiator) => initiator.lacks_tickets(token),
        }
    }

    /// What the peer is told where the tickets were not to be had: something only where it waits for a token.
    pub(crate) fn without_tickets(&self, error: Error) -> Error {
        match &self.0 {
            Side::Concrete(_) => error,
            Side::Negotiation(initiator) => initiator.without_tickets(error),
        }
    }

    /// The next step: without a token first, then with each of the acceptor's.
    pub(crate) fn step(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        token.map_or(Ok(()), refuse_ntlm)?;
        match &mut self.0 {
            Side::Concrete(initiator) => initiator.step(token),
            Side::Negotiation(initiator) => initiator.step(token),
        }
    }

    /// What the acceptor is asked for, once it is.
    pub(crate) fn flags(&self) -> Option<ContextFlags> {
        match &self.0 {
            Side::Concrete(initiator) => initiator.flags(),
            Side::Negotiation(initiator) => initiator.flags(),
        }
    }
}
