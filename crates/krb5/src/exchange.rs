//! The exchanges with a KDC: AS and TGS (RFC 4120 sections 3.1 and 3.3), without I/O.
//!
//! An exchange is a value that is stepped. Each step takes what came in, the time and a source of
//! randomness, and gives what to send next or the result. The driver owns sockets, clock and
//! retransmission:
//!
//! ```text
//! let mut exchange = AsExchange::new(options, secret)?;
//! let mut step = exchange.step(AsInput::Begin, now, random)?;
//! loop {
//!     step = match step {
//!         AsStep::Send(request) => exchange.step(AsInput::Reply(&send(request)), now, random)?,
//!         AsStep::NeedPassword { .. } => exchange.step(AsInput::Password(&ask()), now, random)?,
//!         AsStep::Done(ticket) => break ticket,
//!     }
//! }
//! ```
//!
//! Referrals, preauthentication, a KDC whose clock differs and a reply that is too big for a
//! datagram are steps of the same machine. How many requests an exchange can make is bounded.

mod as_exchange;
pub(crate) mod error;
pub(crate) mod fast;
mod header_ticket;
mod in_flight;
mod kdc_message;
pub(crate) mod kdc_refusal;
pub(crate) mod padata;
mod password;
mod reply;
pub(crate) mod reply_error;
mod request;
mod tgs_exchange;

pub use as_exchange::{
    AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, InitialTicket, PasswordExpiry,
};
use error::session_error;
pub use error::{ExchangeError, ExchangeMisuseError};
pub use fast::{FastArmor, FastUse};
pub use kdc_refusal::{KdcRefusalError, SecretEvidence};
pub use password::{
    PasswordAdvice, PasswordExchange, PasswordOutcome, PasswordPolicy, PasswordResult, PasswordStep,
};
pub use reply_error::ReplyError;
pub use request::{KdcRequest, Transport};
pub use tgs_exchange::{ServiceTicket, TgsExchange, TgsRequestOptions, TgsStep};
