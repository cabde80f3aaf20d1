//! The password change exchange (RFC 3244): a new password for the client or, where that is allowed, for another
//! principal.
//!
//! ```text
//!  Unsent ----> SentRequest ----> Done
//!                |      ^
//!                +------+ too big for a datagram: the same over a stream
//! ```

mod outcome;
mod policy;
mod reply;
mod request;

use core::{fmt, mem};

use orthros_crypto::{RandomSource, SecretVec};

use super::header_ticket::HeaderTicket;
use super::{ExchangeError, ExchangeMisuseError, KdcRequest};
use orthros_types::{Credential, Principal, Timestamp};

pub use outcome::{PasswordAdvice, PasswordOutcome, PasswordResult};
pub use policy::PasswordPolicy;
use request::SentRequest;

/// One try to change a password.
///
/// It ends in [`PasswordStep::Done`] or in an error; a further step is [`ExchangeMisuseError::Ended`].
pub struct PasswordExchange {
    ticket: HeaderTicket,
    password: SecretVec,
    target: Option<Principal>,
    state: State,
}

/// What a [`PasswordExchange`] wants, or gives.
#[derive(Debug)]
pub enum PasswordStep {
    /// Send this to the password change service of that realm, and step with the reply.
    Send(KdcRequest),
    /// What became of it.
    Done(PasswordOutcome),
}

impl PasswordExchange {
    /// An exchange that sets a password, showing `ticket`, a ticket for `kadmin/changepw` from an AS exchange.
    ///
    /// Without `target` it is the password of the ticket's client (the protocol's first version, which every server
    /// knows).
    ///
    /// # Errors
    ///
    /// [`ExchangeMisuseError`] if the ticket is not usable.
    pub fn new(
        ticket: &Credential,
        password: SecretVec,
        target: Option<Principal>,
    ) -> Result<Self, ExchangeError> {
        Ok(Self {
            ticket: HeaderTicket::new(ticket)?,
            password,
            target,
            state: State::Unsent,
        })
    }

    /// Takes what came in (nothing at first, then the reply to the request) and says what is next.
    ///
    /// `now` is the time by the KDC's clock.
    ///
    /// # Errors
    ///
    /// All of [`ExchangeError`]. A password that is refused is no error but a [`PasswordOutcome`].
    pub fn step(
        &mut self,
        reply: Option<&[u8]>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<PasswordStep, ExchangeError> {
        let (next, step) = match (mem::replace(&mut self.state, State::Ended), reply) {
            (State::Unsent, None) => {
                let sent = SentRequest::new(
                    &self.ticket,
                    &self.password,
                    self.target.as_ref(),
                    now,
                    random,
                )?;
                sent.send()
            }
            (State::SentRequest(sent), Some(bytes)) => sent.reply(&self.ticket, bytes)?,
            (State::Ended, _) => return Err(ExchangeMisuseError::Ended.into()),
            (state, _) => {
                self.state = state;
                return Err(ExchangeMisuseError::UnexpectedInput.into());
            }
        };
        self.state = next;
        Ok(step)
    }
}

impl fmt::Debug for PasswordExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordExchange")
            .field("client", &self.ticket.client)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// Where the exchange is.
enum State {
    Unsent,
    SentRequest(SentRequest),
    Ended,
}

/// What a state gives: the state after it, and what to tell the driver.
type Transition = (State, PasswordStep);
