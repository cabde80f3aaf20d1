//! The initiator's side between users: the peer's ticket-granting ticket, and then Kerberos' exchange with it.

use core::mem;

use orthros_krb5::ap;

use crate::error::{CallError, initiator_error};
use crate::mech::krb5;
use crate::mech::request::InitRequest;
use crate::{ContextFlags, Error, Step};

/// An initiator that may have to ask for its peer's ticket-granting ticket.
pub(in crate::mech) struct Initiator(State);

/// What the next step begins with.
enum State {
    /// Nothing was sent yet, and the peer's ticket is not known.
    Start(Box<InitRequest>),
    /// The peer's ticket-granting ticket comes next.
    AwaitingTgt(Box<AwaitingTgt>),
    /// The peer's ticket has just come in.
    Told(krb5::initiator::Initiator),
    /// The ticket is known.
    Exchange(krb5::initiator::Initiator),
    /// It failed.
    Over,
}

struct AwaitingTgt {
    request: InitRequest,
    exchange: ap::AwaitingTgt,
}

impl Initiator {
    pub(in crate::mech) fn new(request: InitRequest) -> Self {
        Self(match request.peer_ticket {
            Some(_) => State::Exchange(exchange(request)),
            None => State::Start(Box::new(request)),
        })
    }

    /// What the AP-REQ asks for, once it is made.
    pub(in crate::mech) fn flags(&self) -> Option<ContextFlags> {
        match &self.0 {
            State::Exchange(exchange) => exchange.flags(),
            State::Start(_) | State::AwaitingTgt(_) | State::Told(_) | State::Over => None,
        }
    }

    /// What tickets are to be got for before the next step with this token: the peer's ticket is taken out of it
    /// first.
    pub(in crate::mech) fn lacks_tickets(
        &mut self,
        token: Option<&[u8]>,
    ) -> Result<Option<&mut InitRequest>, Error> {
        self.0 = match (mem::replace(&mut self.0, State::Over), token) {
            (State::AwaitingTgt(awaiting), Some(token)) => State::Told(awaiting.told(token)?),
            (state, _) => state,
        };
        Ok(match &mut self.0 {
            State::Told(exchange) => exchange.lacks_tickets(None),
            State::Exchange(exchange) => exchange.lacks_tickets(token),
            State::Start(_) | State::AwaitingTgt(_) | State::Over => None,
        })
    }

    /// Whether the AP-REQ is made, for which it needs tickets.
    pub(in crate::mech) fn has_used_tickets(&self) -> bool {
        match &self.0 {
            State::Told(exchange) | State::Exchange(exchange) => exchange.has_used_tickets(),
            State::Start(_) | State::AwaitingTgt(_) => false,
            State::Over => true,
        }
    }

    /// The next step: without a token first, then with each of the peer's.
    pub(in crate::mech) fn step(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        match (mem::replace(&mut self.0, State::Over), token) {
            (State::Start(request), None | Some([])) => self.ask(*request),
            (State::Start(_) | State::Over, _) => Err(CallError::UnaskedToken.into()),
            (State::AwaitingTgt(_), None) => Err(CallError::MissingToken.into()),
            (State::AwaitingTgt(awaiting), Some(token)) => {
                let exchange = awaiting.told(token)?;
                self.advance(exchange, None)
            }
            (State::Told(exchange), _) => self.advance(exchange, None),
            (State::Exchange(exchange), token) => self.advance(exchange, token),
        }
    }

    fn ask(&mut self, request: InitRequest) -> Result<Step, Error> {
        let asked = ap::request_tgt(request.peer_name.principal());
        let (token, exchange) = asked.map_err(initiator_error)?;
        self.0 = State::AwaitingTgt(Box::new(AwaitingTgt { request, exchange }));
        Ok(Step::Continue(token))
    }

    fn advance(
        &mut self,
        mut exchange: krb5::initiator::Initiator,
        token: Option<&[u8]>,
    ) -> Result<Step, Error> {
        let step = exchange.step(token);
        self.0 = State::Exchange(exchange);
        step
    }
}

impl AwaitingTgt {
    /// Kerberos' exchange with the peer's ticket in this token.
    fn told(self, token: &[u8]) -> Result<krb5::initiator::Initiator, Error> {
        let ticket = self.exchange.step(token).map_err(initiator_error)?;
        Ok(exchange(InitRequest {
            peer_ticket: Some(ticket),
            ..self.request
        }))
    }
}

fn exchange(request: InitRequest) -> krb5::initiator::Initiator {
    krb5::initiator::Initiator::new(request, ap::Mechanism::UserToUser)
}
