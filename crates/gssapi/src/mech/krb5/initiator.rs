//! The initiator's side of Kerberos: a service ticket, the AP-REQ made of it, and what comes back.

use core::mem;

use orthros_host::Environment;
use orthros_krb5::ap::{self, EstablishedContext, Initiation, InitiatorOptions};
use orthros_krb5::observe::Event;
use orthros_types::Duration;

use super::tickets::TicketsTask;
use crate::error::{CallError, config_error, initiator_error};
use crate::mech::request::InitRequest;
use crate::{ChannelBindings, ContextFlags, Error, SecurityContext, Step};

/// An initiator of Kerberos, between its tokens.
pub(in crate::mech) struct Initiator {
    /// What the AP-REQ asks for, once it is made.
    flags: Option<ContextFlags>,
    state: State,
}

/// What the next step begins with.
enum State {
    /// Nothing was sent yet.
    Start(Box<Start>),
    /// The acceptor's answer comes next.
    AwaitingReply(AwaitingReply<ap::AwaitingReply>),
    /// As that, and there is another token to send then.
    AwaitingDceReply(AwaitingReply<ap::AwaitingDceReply>),
    /// It was established, or it failed.
    Over,
}

struct Start {
    request: InitRequest,
    identifier: ap::Mechanism,
}

struct AwaitingReply<Exchange> {
    environment: Environment,
    clock_offset: Duration,
    exchange: Box<Exchange>,
}

impl Initiator {
    /// An initiator that puts its tokens under this identifier.
    pub(in crate::mech) fn new(request: InitRequest, identifier: ap::Mechanism) -> Self {
        Self {
            flags: None,
            state: State::Start(Box::new(Start {
                request,
                identifier,
            })),
        }
    }

    /// What the AP-REQ asks for, once it is made.
    pub(in crate::mech) fn flags(&self) -> Option<ContextFlags> {
        self.flags
    }

    /// What tickets are to be got for before the next step with this token, if that makes the AP-REQ.
    pub(in crate::mech) fn lacks_tickets(
        &mut self,
        token: Option<&[u8]>,
    ) -> Option<&mut InitRequest> {
        let State::Start(start) = &mut self.state else {
            return None;
        };
        let makes_token = token.is_none_or(<[u8]>::is_empty);
        (makes_token && start.request.tickets.is_none()).then_some(&mut start.request)
    }

    /// Whether the AP-REQ is made, for which it needs tickets.
    pub(in crate::mech) fn has_used_tickets(&self) -> bool {
        !matches!(self.state, State::Start(_))
    }

    /// The next step: without a token first, then with the acceptor's.
    pub(in crate::mech) fn step(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        match (mem::replace(&mut self.state, State::Over), token) {
            // C programs pass an empty token the first time.
            (State::Start(mut start), None | Some([])) => self.start(&mut start),
            (State::Start(_) | State::Over, _) => Err(CallError::UnaskedToken.into()),
            (_, None) => Err(CallError::MissingToken.into()),
            (State::AwaitingReply(awaiting), Some(token)) => awaiting.step(token),
            (State::AwaitingDceReply(awaiting), Some(token)) => awaiting.step(token),
        }
    }

    fn start(&mut self, start: &mut Start) -> Result<Step, Error> {
        let environment = start.request.environment.clone();
        let (initiation, clock_offset) = start.initiate()?;
        match initiation.next {
            ap::Initiated::AwaitingReply(exchange) => {
                self.flags = Some(exchange.flags());
                self.state = State::AwaitingReply(AwaitingReply {
                    environment,
                    clock_offset,
                    exchange,
                });
                Ok(Step::Continue(initiation.token))
            }
            ap::Initiated::AwaitingDceReply(exchange) => {
                self.flags = Some(exchange.flags());
                self.state = State::AwaitingDceReply(AwaitingReply {
                    environment,
                    clock_offset,
                    exchange,
                });
                Ok(Step::Continue(initiation.token))
            }
            ap::Initiated::Established(context) => Ok(Step::Done {
                context: SecurityContext::new(*context, environment, clock_offset),
                token: Some(initiation.token),
            }),
        }
    }
}

impl Start {
    /// Makes the token of the tickets, which are got now unless they were before. With it comes how far the KDC's
    /// clock is ahead of this one.
    fn initiate(&mut self) -> Result<(Initiation, Duration), Error> {
        let tickets = match self.request.tickets.take() {
            Some(tickets) => *tickets,
            None => TicketsTask::run(&self.request)?,
        };
        let request = &self.request;
        let bindings = request.channel_bindings.as_ref();
        let bindings = bindings.map(ChannelBindings::of_exchange);
        let config = request.environment.config();
        let options = InitiatorOptions {
            flags: request.flags,
            no_ci_flags: request.no_ci_flags,
            channel_bindings: bindings.as_ref(),
            insist_on_channel_bindings: config.client_aware_channel_bindings(),
            enctypes: config.permitted_enctypes().map_err(config_error)?,
            delegation: &tickets.delegated,
            mechanism: self.identifier,
            clock_skew: config.clockskew(),
        };
        let random = &mut request.environment.random();
        let kdc_now = request
            .environment
            .now()
            .saturating_add(tickets.clock_offset);
        let initiation = ap::initiate(&tickets.service, &options, kdc_now, random);
        request.environment.observer().tell(|| Event::ApReqMade {
            client: &tickets.service.client,
            service: &tickets.service.server,
        });
        Ok((initiation.map_err(initiator_error)?, tickets.clock_offset))
    }
}

impl AwaitingReply<ap::AwaitingReply> {
    fn step(self, token: &[u8]) -> Result<Step, Error> {
        let context = self.exchange.step(token).map_err(initiator_error)?;
        tell_reply(&self.environment, &context);
        Ok(Step::Done {
            context: SecurityContext::new(context, self.environment, self.clock_offset),
            token: None,
        })
    }
}

impl AwaitingReply<ap::AwaitingDceReply> {
    fn step(self, token: &[u8]) -> Result<Step, Error> {
        let now = self.environment.now().saturating_add(self.clock_offset);
        let random = &mut self.environment.random();
        let completion = self.exchange.step(token, now, random);
        let ap::DceCompletion { token, context } = completion.map_err(initiator_error)?;
        tell_reply(&self.environment, &context);
        Ok(Step::Done {
            context: SecurityContext::new(context, self.environment, self.clock_offset),
            token: Some(token),
        })
    }
}

/// Tells the observer that the acceptor has proved itself.
fn tell_reply(environment: &Environment, context: &EstablishedContext) {
    environment.observer().tell(|| Event::ApRepAccepted {
        service: &context.acceptor,
        session_key: context.info.ticket_session_key.enctype(),
    });
}
