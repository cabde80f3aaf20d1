//! The tickets that an initiator's first token is made of: the service's, and the one to delegate.

use orthros_host::{CacheSnapshot, ClientTask, TaskStep};
use orthros_krb5::client::{DerivedTicketRequest, ServiceTicketRequest};
use orthros_krb5::{InitialTicket, KdcReply, KdcRequest, KdcSelection, TransportError};
use orthros_types::{Credential, Duration};

use super::delegation::is_delegated;
use crate::credential::initiator::{Look, Refresh};
use crate::error::{acquire_error, config_error};
use crate::mech::initiator_tickets::InitiatorTickets;
use crate::mech::request::InitRequest;
use crate::{Error, Lifetime};

/// Getting them: one look at the credential's cache, whose tickets are got anew first where that is due, then the
/// service's ticket out of that look or from a KDC, then the ticket to delegate.
pub(crate) struct TicketsTask {
    request: InitRequest,
    state: State,
}

/// What a KDC is asked for.
enum State {
    Refreshing(Box<Refresh>),
    Service(Box<Service>),
    Delegated(Box<Delegated>),
}

struct Service {
    task: ClientTask<ServiceTicketRequest>,
    snapshot: CacheSnapshot,
    clock_offset: Duration,
}

struct Delegated {
    task: ClientTask<DerivedTicketRequest>,
    tickets: InitiatorTickets,
}

/// Where the task is.
pub(crate) enum TicketsStep {
    /// It waits for the KDC's reply to this.
    AskKdc {
        task: Box<TicketsTask>,
        request: KdcRequest,
        kdcs: KdcSelection,
    },
    /// The tickets are there.
    Ready(Box<InitiatorTickets>),
}

impl TicketsTask {
    /// Begins with a look at the cache.
    pub(crate) fn begin(request: &InitRequest) -> Result<TicketsStep, Error> {
        let (environment, service) = (&request.environment, request.peer_name.principal());
        let credential = request.credential.initiator()?;
        match credential.look(environment, Some(service))? {
            Look::Ready(snapshot) => Self::ask_for_service(request, snapshot),
            Look::Due(mut refresh) => {
                let step = refresh.task().begin();
                Self::refreshing(request, refresh, step)
            }
        }
    }

    /// Goes on with what a KDC replied, or why none did.
    pub(crate) fn answer(
        self,
        reply: Result<KdcReply, TransportError>,
    ) -> Result<TicketsStep, Error> {
        let request = &self.request;
        match self.state {
            State::Refreshing(mut refresh) => {
                let step = refresh.task().answer(reply);
                Self::refreshing(request, refresh, step)
            }
            State::Service(mut service) => {
                let step = service.task.answer(reply);
                Self::service(request, service, step)
            }
            State::Delegated(mut delegated) => {
                let step = delegated.task.answer(reply);
                Ok(Self::delegated(request, delegated, step))
            }
        }
    }

    /// Goes on over the environment's own transport.
    pub(crate) fn run(request: &InitRequest) -> Result<InitiatorTickets, Error> {
        let environment = &request.environment;
        let mut step = Self::begin(request)?;
        loop {
            match step {
                TicketsStep::AskKdc {
                    task,
                    request,
                    kdcs,
                } => step = task.answer(environment.ask_kdc(&request, kdcs))?,
                TicketsStep::Ready(tickets) => return Ok(*tickets),
            }
        }
    }

    fn refreshing(
        request: &InitRequest,
        refresh: Box<Refresh>,
        step: TaskStep<InitialTicket>,
    ) -> Result<TicketsStep, Error> {
        let got = match step {
            TaskStep::AskKdc {
                request: asked,
                kdcs,
            } => {
                let state = State::Refreshing(refresh);
                return Ok(Self::ask(request, state, asked, kdcs));
            }
            TaskStep::Done(got) => got.map_err(Box::new),
        };
        let credential = request.credential.initiator()?;
        let snapshot = credential.refreshed(*refresh, got, &request.environment)?;
        Self::ask_for_service(request, snapshot)
    }

    fn ask_for_service(
        request: &InitRequest,
        snapshot: CacheSnapshot,
    ) -> Result<TicketsStep, Error> {
        let environment = &request.environment;
        let now = environment.now();
        let kdc_now = environment.kdc_time(snapshot.contents(), now);
        let mut options = environment.service_options().map_err(config_error)?;
        options.second_ticket.clone_from(&request.peer_ticket);
        options.given_host = request.peer_name.given_host().map(str::to_owned);
        if let Lifetime::Seconds(seconds @ 1..) = request.lifetime {
            let lifetime = Duration::from_seconds(seconds.into());
            options.request.end_time = Some(kdc_now.saturating_add(lifetime));
        }
        let service = request.peer_name.principal();
        let clock_offset = kdc_now.since(now);
        let client = environment.client_snapshot(&snapshot);
        // Most often the ticket is at hand, and nothing has to be begun that could wait for a KDC.
        if let Some(ticket) = client.cached_ticket(service, &options, now).cloned() {
            return Self::got_service(request, ticket, clock_offset, || Some(snapshot));
        }
        let machine = ServiceTicketRequest::new(client, service.clone(), options);
        let cache = Some(snapshot.cache().clone());
        let mut service = Box::new(Service {
            task: ClientTask::new(environment, machine, cache, None),
            snapshot,
            clock_offset,
        });
        let step = service.task.begin();
        Self::service(request, service, step)
    }

    fn service(
        request: &InitRequest,
        service: Box<Service>,
        step: TaskStep<Credential>,
    ) -> Result<TicketsStep, Error> {
        let ticket = match step {
            TaskStep::AskKdc {
                request: asked,
                kdcs,
            } => {
                let state = State::Service(service);
                return Ok(Self::ask(request, state, asked, kdcs));
            }
            TaskStep::Done(got) => got.map_err(acquire_error)?,
        };
        Self::got_service(request, ticket, service.clock_offset, || {
            looked_at_again(&service.snapshot)
        })
    }

    /// Goes on to the ticket to delegate, out of this look at the cache, where there is one to be.
    fn got_service(
        request: &InitRequest,
        ticket: Credential,
        clock_offset: Duration,
        snapshot: impl FnOnce() -> Option<CacheSnapshot>,
    ) -> Result<TicketsStep, Error> {
        let delegates = is_delegated(request, &ticket)?;
        let tickets = InitiatorTickets {
            service: ticket,
            clock_offset,
            delegated: Vec::new(),
        };
        if !delegates {
            return Ok(TicketsStep::Ready(Box::new(tickets)));
        }
        Ok(match snapshot() {
            Some(snapshot) => Self::ask_for_delegated(request, tickets, &snapshot),
            None => TicketsStep::Ready(Box::new(tickets)),
        })
    }

    /// As with MIT, a context comes about without a ticket to delegate, too; its flags tell.
    fn ask_for_delegated(
        request: &InitRequest,
        tickets: InitiatorTickets,
        snapshot: &CacheSnapshot,
    ) -> TicketsStep {
        let environment = &request.environment;
        let client = environment.client_snapshot(snapshot);
        let Ok(options) = environment.service_options() else {
            return TicketsStep::Ready(Box::new(tickets));
        };
        let now = environment.now();
        let machine = DerivedTicketRequest::forwarded(client, &[], options.request, now);
        let Ok(machine) = machine else {
            return TicketsStep::Ready(Box::new(tickets));
        };
        let cache = Some(snapshot.cache().clone());
        let mut delegated = Box::new(Delegated {
            task: ClientTask::new(environment, machine, cache, None),
            tickets,
        });
        let step = delegated.task.begin();
        Self::delegated(request, delegated, step)
    }

    fn delegated(
        request: &InitRequest,
        mut delegated: Box<Delegated>,
        step: TaskStep<Credential>,
    ) -> TicketsStep {
        match step {
            TaskStep::AskKdc {
                request: asked,
                kdcs,
            } => {
                let state = State::Delegated(delegated);
                Self::ask(request, state, asked, kdcs)
            }
            TaskStep::Done(got) => {
                delegated.tickets.delegated.extend(got);
                TicketsStep::Ready(Box::new(delegated.tickets))
            }
        }
    }

    fn ask(
        request: &InitRequest,
        state: State,
        asked: KdcRequest,
        kdcs: KdcSelection,
    ) -> TicketsStep {
        let request = request.clone();
        TicketsStep::AskKdc {
            task: Box::new(Self { request, state }),
            request: asked,
            kdcs,
        }
    }
}

/// The cache with what the KDC has shown of itself meanwhile, which counts for the next request, too. None if it has
/// become another client's, whose tickets are not to be delegated in place of this one's, or is gone.
fn looked_at_again(before: &CacheSnapshot) -> Option<CacheSnapshot> {
    let now = before.cache().snapshot().ok()?;
    (now.contents().principal == before.contents().principal).then_some(now)
}
