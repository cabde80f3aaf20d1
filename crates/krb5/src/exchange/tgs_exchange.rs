//! The TGS exchange: from one ticket to another (RFC 4120 section 3.3).
//!
//! ```text
//!            service's realm is the ticket's
//!  Unsent ------------------------------------> Canonical -----> Done
//!    |                                          ^  |    | ^
//!    | another realm                            |  |    +-+ referral
//!    +---> CrossRealm --------------------------+  | error, or a name that was not asked for
//!    |      |    ^                                 v
//!    |      +----+ a realm on the way           Literal -------> Done
//!    |
//!    +---> Literal (renewal, validation, forwarding) ----------> Done
//! ```
//!
//! `Canonical` asks as RFC 6806 has it: the KDC may answer with a ticket-granting ticket for the realm that knows
//! the service. `Literal` asks for exactly the service, or for a ticket in place of the header ticket. `CrossRealm`
//! asks for a ticket-granting ticket of the service's realm, and takes one that is nearer to it. A response that is
//! too big for a datagram repeats the same message over a stream, in any state.

mod context;
mod open;
mod options;
mod realm_path;
mod request_extras;
mod s4u;
mod states;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::{fmt, mem};

use orthros_asn1::{HostAddress, KdcOptions};
use orthros_crypto::RandomSource;

use super::{ExchangeError, ExchangeMisuseError, KdcRequest};
use context::TgsContext;
use orthros_types::{Credential, Principal, Timestamp};
use states::{Canonical, CrossRealm, Literal, Unsent};

pub use options::TgsRequestOptions;

/// One try to get a service ticket, or a new ticket for an old one.
///
/// It ends in [`TgsStep::Done`] or in an error; a further step is [`ExchangeMisuseError::Ended`]. The
/// number of requests is bounded, whatever the KDCs answer.
pub struct TgsExchange {
    context: TgsContext,
    state: State,
}

/// What a [`TgsExchange`] wants, or gives.
#[derive(Debug)]
pub enum TgsStep {
    /// Send this and step with the reply.
    Send(KdcRequest),
    /// The ticket.
    Done(Box<ServiceTicket>),
}

/// What a TGS exchange gives.
#[derive(Clone, Debug)]
pub struct ServiceTicket {
    /// The ticket, filed under the service as it was asked for; the name within the ticket may have another realm. A
    /// ticket-granting ticket is filed under its own name, as its issuer decides what it is good for.
    pub credential: Credential,
    /// Ticket-granting tickets of other realms that were got on the way because the service was known to be there:
    /// those by the client's own realm, and those from realm to realm along
    /// [`realm_path`](TgsRequestOptions::realm_path). Others were good for this exchange, and are not to be kept:
    /// any realm can issue a ticket that names any other.
    pub realm_tickets: Vec<Credential>,
    /// Whether the exchange kept to that path. Where not, `credential` is not to be kept if it is a ticket-granting
    /// ticket.
    pub is_on_path: bool,
}

impl TgsExchange {
    /// An exchange that gets a ticket for `service`, with the ticket-granting ticket `tgt` as header ticket.
    ///
    /// An empty realm in `service` leaves it to the KDC to find the realm (RFC 6806 section 8).
    ///
    /// # Errors
    ///
    /// [`ExchangeMisuseError`] if `tgt` is not a usable ticket-granting ticket or there is no encryption type to
    /// ask for.
    pub fn new(
        tgt: &Credential,
        service: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeError> {
        let context = TgsContext::for_service(tgt, service, options)?;
        Ok(Self::with(context, Unsent::service()))
    }

    /// An exchange that renews a ticket, of a ticket-granting or any other service (RFC 4120 section 2.3).
    ///
    /// # Errors
    ///
    /// [`ExchangeMisuseError`] if the ticket is not renewable or its session key not usable.
    pub fn renew(ticket: &Credential, options: TgsRequestOptions) -> Result<Self, ExchangeError> {
        let context = TgsContext::for_renewal(ticket, options)?;
        Ok(Self::with(context, Unsent::replacement(KdcOptions::RENEW)))
    }

    /// An exchange that validates a postdated ticket (RFC 4120 section 2.4).
    ///
    /// # Errors
    ///
    /// [`ExchangeMisuseError`] if the ticket is not flagged invalid or its session key not usable.
    pub fn validate(
        ticket: &Credential,
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeError> {
        let context = TgsContext::for_validation(ticket, options)?;
        Ok(Self::with(
            context,
            Unsent::replacement(KdcOptions::VALIDATE),
        ))
    }

    /// An exchange that gets a ticket-granting ticket to be used at `addresses`, or anywhere if there are none, in
    /// place of `tgt` (RFC 4120 section 2.6): what is delegated to a server.
    ///
    /// # Errors
    ///
    /// [`ExchangeMisuseError`] if `tgt` is not forwardable, no ticket-granting ticket, or its session key not usable.
    pub fn forward(
        tgt: &Credential,
        addresses: &[HostAddress],
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeError> {
        let context = TgsContext::for_forwarding(tgt, addresses, options)?;
        Ok(Self::with(
            context,
            Unsent::replacement(KdcOptions::FORWARDED),
        ))
    }

    /// An exchange that gets a ticket for `service` to be used at `addresses`, or anywhere if there are none
    /// (RFC 4120 section 2.5).
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`ExchangeMisuseError::FlagMissing`] if `tgt` is not proxiable.
    pub fn proxy(
        tgt: &Credential,
        service: Principal,
        addresses: &[HostAddress],
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeError> {
        let context = TgsContext::for_proxy(tgt, service, addresses, options)?;
        Ok(Self::with(context, Unsent::service()))
    }

    /// An exchange that gets a ticket for `service` which is encrypted in the session key of the service's own
    /// ticket-granting ticket `second_ticket`, in DER (user-to-user, RFC 4120 section 2.9.2).
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`ExchangeMisuseError::StoredTicket`] if `second_ticket` is no ticket.
    pub fn user_to_user(
        tgt: &Credential,
        service: Principal,
        second_ticket: &[u8],
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeError> {
        let context = TgsContext::for_user_to_user(tgt, service, second_ticket, options)?;
        Ok(Self::with(context, Unsent::service()))
    }

    /// An exchange that gets a service, the client of `tgt`, a ticket to itself in the name of `user` (`S4U2Self`,
    /// MS-SFU section 3.1.5.1.1): what it would have had if the user had come with Kerberos. The user is of the
    /// service's realm.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`ExchangeMisuseError::ForeignUser`].
    pub fn for_user(
        tgt: &Credential,
        user: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeError> {
        let context = TgsContext::for_user(tgt, user, options)?;
        Ok(Self::with(context, Unsent::service()))
    }

    /// An exchange that gets a service, the client of `tgt`, a ticket for another `service` in the name of the
    /// client of `evidence`, a ticket for itself (`S4U2Proxy`, MS-SFU section 3.1.5.2.1).
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`ExchangeMisuseError::StoredTicket`] if the evidence is no ticket.
    pub fn on_behalf_of(
        tgt: &Credential,
        evidence: &Credential,
        service: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeError> {
        let context = TgsContext::on_behalf_of(tgt, evidence, service, options)?;
        Ok(Self::with(context, Unsent::service()))
    }

    /// Takes what came in (nothing at first, then the reply to the last request) and says what is next.
    ///
    /// `now` is the time by the KDC's clock: this machine's, corrected by the offset that the AS
    /// exchange found and the credential cache keeps.
    ///
    /// # Errors
    ///
    /// All of [`ExchangeError`]. Every error but [`ExchangeMisuseError::UnexpectedInput`] ends the exchange.
    pub fn step(
        &mut self,
        reply: Option<&[u8]>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<TgsStep, ExchangeError> {
        let context = &mut self.context;
        let (next, step) = match (mem::replace(&mut self.state, State::Ended), reply) {
            (State::Unsent(state), None) => state.begin(context, now, random)?,
            (State::CrossRealm(state), Some(bytes)) => state.reply(context, bytes, now, random)?,
            (State::Canonical(state), Some(bytes)) => state.reply(context, bytes, now, random)?,
            (State::Literal(state), Some(bytes)) => state.reply(context, bytes, now)?,
            (State::Ended, _) => return Err(ExchangeMisuseError::Ended.into()),
            (state, _) => {
                self.state = state;
                return Err(ExchangeMisuseError::UnexpectedInput.into());
            }
        };
        self.state = next;
        Ok(step)
    }

    /// The realms whose KDCs are known to answer TGS-REQs under armor (FAST, RFC 6113): those that
    /// [`TgsRequestOptions::armoring_realms`] names, and those that have done so in this exchange. It tells also
    /// after an error, and is worth noting for later exchanges.
    #[must_use]
    pub fn armoring_realms(&self) -> &[Vec<u8>] {
        &self.context.options.armoring_realms
    }

    fn with(context: TgsContext, state: Unsent) -> Self {
        Self {
            context,
            state: State::Unsent(state),
        }
    }
}

impl fmt::Debug for TgsExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TgsExchange")
            .field("service", self.context.service())
            .field("state", &self.state.name())
            .finish_non_exhaustive()
    }
}

/// Where the exchange is, and what the next reply must be.
enum State {
    Unsent(Unsent),
    CrossRealm(CrossRealm),
    Canonical(Canonical),
    Literal(Literal),
    Ended,
}

impl State {
    const fn name(&self) -> &'static str {
        match self {
            Self::Unsent(_) => "Unsent",
            Self::CrossRealm(_) => "CrossRealm",
            Self::Canonical(_) => "Canonical",
            Self::Literal(_) => "Literal",
            Self::Ended => "Ended",
        }
    }
}

/// What a state gives: the state after it, and what to tell the driver.
type Transition = (State, TgsStep);
