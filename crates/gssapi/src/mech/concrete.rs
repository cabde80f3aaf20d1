//! The two sides of the mechanisms that establish contexts themselves.

use orthros_krb5::ap;

use super::request::{AcceptRequest, InitRequest};
use super::token::{InitiatorToken, refuse_ntlm};
use super::{ConcreteMechanism, krb5, user_to_user};
use crate::{ContextFlags, Error, Step};

/// An initiator of one mechanism, between its tokens.
pub(super) enum Initiator {
    Krb5(krb5::initiator::Initiator),
    UserToUser(user_to_user::initiator::Initiator),
}

impl Initiator {
    pub(super) fn new(mechanism: ConcreteMechanism, request: InitRequest) -> Self {
        match mechanism {
            ConcreteMechanism::Krb5 => Self::Krb5(krb5::initiator::Initiator::new(
                request,
                ap::Mechanism::Krb5,
            )),
            ConcreteMechanism::UserToUser => {
                Self::UserToUser(user_to_user::initiator::Initiator::new(request))
            }
        }
    }

    /// What tickets are to be got for before the next step with this token.
    pub(super) fn lacks_tickets(
        &mut self,
        token: Option<&[u8]>,
    ) -> Result<Option<&mut InitRequest>, Error> {
        match self {
            Self::Krb5(initiator) => Ok(initiator.lacks_tickets(token)),
            Self::UserToUser(initiator) => initiator.lacks_tickets(token),
        }
    }

    /// Whether the AP-REQ is made, for which it needs tickets.
    pub(super) fn has_used_tickets(&self) -> bool {
        match self {
            Self::Krb5(initiator) => initiator.has_used_tickets(),
            Self::UserToUser(initiator) => initiator.has_used_tickets(),
        }
    }

    /// The next step: without a token first, then with each of the acceptor's.
    pub(super) fn step(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        token.map_or(Ok(()), refuse_ntlm)?;
        match self {
            Self::Krb5(initiator) => initiator.step(token),
            Self::UserToUser(initiator) => initiator.step(token),
        }
    }

    /// What the acceptor is asked for, once it is.
    pub(super) fn flags(&self) -> Option<ContextFlags> {
        match self {
            Self::Krb5(initiator) => initiator.flags(),
            Self::UserToUser(initiator) => initiator.flags(),
        }
    }
}

/// An acceptor of one mechanism, between its tokens.
pub(super) enum Acceptor {
    /// Also of [`UserToUser`](ConcreteMechanism::UserToUser): the initiator's first token says which it is.
    Krb5(krb5::acceptor::Acceptor),
}

impl Acceptor {
    pub(super) fn new(mechanism: ConcreteMechanism, request: Box<AcceptRequest>) -> Self {
        match mechanism {
            ConcreteMechanism::Krb5 | ConcreteMechanism::UserToUser => {
                Self::Krb5(krb5::acceptor::Acceptor::new(request))
            }
        }
    }

    /// The next step, with the initiator's token.
    pub(super) fn step(&mut self, token: InitiatorToken<'_>) -> Result<Step, Error> {
        match self {
            Self::Krb5(acceptor) => acceptor.step(token),
        }
    }
}
