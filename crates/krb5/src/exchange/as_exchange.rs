//! The AS exchange: from a password or a key to an initial ticket (RFC 4120 section 3.1).
//!
//! ```text
//!          Begin                  PREAUTH_REQUIRED,                   another round, or
//!  Unsent -------> WithoutPreauth ------------------> WithPreauth <-+ SKEW (once)
//!    ^               |     |      secret known         ^  |   |     |
//!    |  referral,    |     | PREAUTH_REQUIRED or       |  |   +-----+
//!    +--- restart ---+     v AS-REP, secret not known  |  +---> Done
//!                    AwaitingPassword ---- Password ---+------> Done
//! ```
//!
//! With an armor (RFC 6113) all requests are under it: from the first on, or the exchange starts again under it as
//! soon as a KDC offers FAST. A response that is too big for a datagram repeats the same message over a stream, in
//! any state. How the client preauthenticates is the business of [`crate::preauth`].

mod context;
mod open;
mod options;
mod states;
mod ticket;

use alloc::vec::Vec;
use core::{fmt, mem};

use orthros_crypto::RandomSource;

use super::{ExchangeError, ExchangeMisuseError, KdcRequest};
use crate::preauth::{MECHANISMS, MechanismRow, PasswordKeyInfo};
use crate::stack;
use context::AsContext;
use orthros_types::{Principal, Timestamp};
use states::{AwaitingPassword, Unsent, WithPreauth, WithoutPreauth};

pub use options::{AsRequestOptions, ClientSecret};
pub use ticket::{InitialTicket, PasswordExpiry};

/// One try to get an initial ticket.
///
/// It ends in [`AsStep::Done`] or in an error; a further step is [`ExchangeMisuseError::Ended`]. The
/// number of requests is bounded, whatever the KDC answers.
pub struct AsExchange {
    context: AsContext,
    state: State,
}

/// What an [`AsExchange`] takes.
#[derive(Clone, Copy)]
pub enum AsInput<'a> {
    /// Nothing has come in yet.
    Begin,
    /// What the KDC answered to the last request.
    Reply(&'a [u8]),
    /// The password that was asked for.
    Password(&'a [u8]),
}

/// What an [`AsExchange`] wants, or gives.
#[derive(Debug)]
pub enum AsStep {
    /// Send this and step with the reply.
    Send(KdcRequest),
    /// Ask the user and step with the password. Happens at most once, and only with [`ClientSecret::Ask`].
    NeedPassword {
        /// The principal that the password is of.
        client: Principal,
    },
    /// The ticket.
    Done(alloc::boxed::Box<InitialTicket>),
}

impl AsExchange {
    /// An exchange that has sent nothing yet.
    ///
    /// # Errors
    ///
    /// [`ExchangeMisuseError::NoEnctypes`] if there is nothing to ask for; [`ExchangeMisuseError::NoUsableKey`] if
    /// the secret is keys and none is of a type to ask for.
    pub fn new(options: AsRequestOptions, secret: ClientSecret) -> Result<Self, ExchangeError> {
        Self::with_mechanisms(options, secret, &MECHANISMS)
    }

    /// An exchange that preauthenticates by the mechanisms of this table.
    pub(crate) fn with_mechanisms(
        options: AsRequestOptions,
        secret: ClientSecret,
        mechanisms: &'static [MechanismRow],
    ) -> Result<Self, ExchangeError> {
        Ok(Self {
            context: AsContext::new(options, secret, mechanisms)?,
            state: State::Unsent(Unsent),
        })
    }

    /// Takes what came in and says what is next.
    ///
    /// `now` is this machine's clock, uncorrected: the exchange finds out by how much the KDC's differs.
    ///
    /// # Errors
    ///
    /// All of [`ExchangeError`]. Every error but [`ExchangeMisuseError::UnexpectedInput`] ends the exchange.
    pub fn step(
        &mut self,
        input: AsInput<'_>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<AsStep, ExchangeError> {
        let stepped = self.step_with_keys(input, now, random);
        stack::clear::<2048>();
        stepped
    }

    /// How the KDC says that the password becomes the client's keys, once [`AsStep::NeedPassword`] asks for that: for
    /// those of the encryption types asked for that the KDC names, the preferred one first.
    ///
    /// # Errors
    ///
    /// [`ExchangeMisuseError::UnexpectedInput`] where no password is asked for; ETYPE-INFO2 that is malformed, or has
    /// none of the encryption types.
    pub fn password_keys(&self) -> Result<Vec<PasswordKeyInfo>, ExchangeError> {
        match &self.state {
            State::AwaitingPassword(state) => state.password_keys(&self.context),
            _ => Err(ExchangeMisuseError::UnexpectedInput.into()),
        }
    }

    /// Apart, so that the keys that it leaves on the stack are where its caller has nothing any more.
    #[inline(never)]
    fn step_with_keys(
        &mut self,
        input: AsInput<'_>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<AsStep, ExchangeError> {
        let context = &mut self.context;
        let (next, step) = match (mem::replace(&mut self.state, State::Ended), input) {
            (State::Unsent(state), AsInput::Begin) => state.begin(context, now, random)?,
            (State::WithoutPreauth(state), AsInput::Reply(bytes)) => {
                state.reply(context, bytes, now, random)?
            }
            (State::AwaitingPassword(state), AsInput::Password(password)) => {
                state.password(context, password, now, random)?
            }
            (State::WithPreauth(state), AsInput::Reply(bytes)) => {
                state.reply(context, bytes, now, random)?
            }
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

impl fmt::Debug for AsExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsExchange")
            .field("client", self.context.client())
            .field("state", &self.state.name())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AsInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin => f.write_str("Begin"),
            Self::Reply(bytes) => write!(f, "Reply({} bytes)", bytes.len()),
            Self::Password(_) => f.write_str("Password(..)"),
        }
    }
}

/// Where the exchange is, and what the next input must be.
enum State {
    Unsent(Unsent),
    WithoutPreauth(WithoutPreauth),
    AwaitingPassword(AwaitingPassword),
    WithPreauth(WithPreauth),
    Ended,
}

impl State {
    const fn name(&self) -> &'static str {
        match self {
            Self::Unsent(_) => "Unsent",
            Self::WithoutPreauth(_) => "WithoutPreauth",
            Self::AwaitingPassword(_) => "AwaitingPassword",
            Self::WithPreauth(_) => "WithPreauth",
            Self::Ended => "Ended",
        }
    }
}

/// What a state gives: the state after it, and what to tell the driver.
type Transition = (State, AsStep);
