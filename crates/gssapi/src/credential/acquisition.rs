//! Acquiring a credential, up to each question for a KDC.

use std::ffi::OsString;

use orthros_host::{AcquireError, Cache, CacheSnapshot, ClientTask, Environment, TaskStep};
use orthros_krb5::client::{InitialTicketRequest, SecretSource};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{
    AsRequestOptions, InitialTicket, KdcReply, KdcRequest, KdcSelection, TransportError,
};

use super::initiator::{Look, Refresh, require_good, ticket_granting_ticket};
use super::verify::{Verification, VerificationStep, Verifier};
use super::{AcceptorCredential, Credential, InitiatorCredential};
use crate::error::acquire_error;
use crate::{CredentialUsage, Error};

/// A credential that is being acquired, waiting for a KDC's reply.
pub(super) struct Acquisition {
    plan: Plan,
    state: State,
}

/// Where the acquisition is.
pub(super) enum AcquisitionStep {
    /// It waits for the KDC's reply to this.
    AskKdc {
        acquisition: Box<Acquisition>,
        request: KdcRequest,
        kdcs: KdcSelection,
    },
    /// The credential is acquired.
    Ready(Credential),
}

/// What a credential is made of apart from its tickets.
pub(super) struct Plan {
    pub(super) environment: Environment,
    pub(super) usage: CredentialUsage,
    /// Whether both uses were asked for by name.
    pub(super) is_for_both: bool,
    pub(super) acceptor: PlannedAcceptor,
}

/// The accepting half.
pub(super) enum PlannedAcceptor {
    None,
    /// Has keys of its own.
    Keytab(AcceptorCredential),
    /// Has the ticket-granting ticket of the initiating half (user-to-user), and a replay cache of this name.
    Ticket(Option<OsString>),
}

/// A password, and what becomes of the ticket that it gets.
pub(super) struct PasswordOptions {
    pub(super) request: AsRequestOptions,
    pub(super) password: SecretVec,
    /// Where the ticket is stored; else in a cache that no name leads to.
    pub(super) cache: Option<Cache>,
    pub(super) verifier: Option<Verifier>,
}

/// What a KDC is asked for.
enum State {
    Password(Box<PasswordTicket>),
    Verifying(Box<Verifying>),
    Refreshing(Box<Refreshing>),
}

/// An initial ticket by password.
struct PasswordTicket {
    task: ClientTask<InitialTicketRequest>,
    cache: Option<Cache>,
    verifier: Option<Verifier>,
}

/// A ticket by password that is to be verified before it is stored.
struct Verifying {
    verification: Verification,
    ticket: InitialTicket,
    cache: Option<Cache>,
}

/// Tickets by client keytab.
struct Refreshing {
    initiator: InitiatorCredential,
    refresh: Box<Refresh>,
}

impl Acquisition {
    pub(super) fn environment(&self) -> &Environment {
        &self.plan.environment
    }

    /// Goes on with what a KDC replied, or why none did.
    pub(super) fn answer(
        self,
        reply: Result<KdcReply, TransportError>,
    ) -> Result<AcquisitionStep, Error> {
        let plan = self.plan;
        match self.state {
            State::Password(mut ticket) => {
                let step = ticket.task.answer(reply);
                plan.password(ticket, step)
            }
            State::Verifying(verifying) => {
                let Verifying {
                    verification,
                    ticket,
                    cache,
                } = *verifying;
                let step = verification.answer(reply)?;
                plan.verifying(step, ticket, cache)
            }
            State::Refreshing(mut refreshing) => {
                let step = refreshing.refresh.task().answer(reply);
                plan.refreshing(refreshing, step)
            }
        }
    }
}

impl Plan {
    /// Acquires one for accepting alone.
    pub(super) fn without_tickets(self) -> Result<AcquisitionStep, Error> {
        self.finish(None)
    }

    /// Acquires one with tickets that a password gets.
    pub(super) fn with_password(self, options: PasswordOptions) -> Result<AcquisitionStep, Error> {
        let config = self.environment.config().clone();
        let source = SecretSource::Password(options.password);
        let machine = InitialTicketRequest::new(config, options.request, source);
        let mut ticket = Box::new(PasswordTicket {
            task: ClientTask::new(&self.environment, machine, None, None),
            cache: options.cache,
            verifier: options.verifier,
        });
        let step = ticket.task.begin();
        self.password(ticket, step)
    }

    /// Acquires one with tickets out of a cache, or got with a client keytab. For both uses they are looked at when
    /// they are first used, unless they are what it accepts with.
    pub(super) fn with_cache(
        self,
        initiator: InitiatorCredential,
    ) -> Result<AcquisitionStep, Error> {
        let is_for_later = match (&self.acceptor, self.usage) {
            (PlannedAcceptor::Ticket(_), _) => false,
            (_, CredentialUsage::Initiate) => initiator.is_possible(&self.environment),
            _ => true,
        };
        match is_for_later {
            true => self.finish(Some(initiator)),
            false => self.look(initiator),
        }
    }

    fn password(
        self,
        ticket: Box<PasswordTicket>,
        step: TaskStep<InitialTicket>,
    ) -> Result<AcquisitionStep, Error> {
        let got = match step {
            TaskStep::AskKdc { request, kdcs } => {
                return Ok(self.ask(State::Password(ticket), request, kdcs));
            }
            TaskStep::Done(got) => got.map_err(acquire_error)?,
        };
        let PasswordTicket {
            cache, verifier, ..
        } = *ticket;
        let Some(verifier) = verifier else {
            return self.store(&got, cache);
        };
        // The ticket is in no cache that others see before it is verified.
        let fresh = InitiatorCredential::of_ticket(&got, None, &self.environment)?;
        let credential = Credential::of_initiator(&self.environment, fresh);
        let step = Verification::begin(credential, verifier)?;
        self.verifying(step, got, cache)
    }

    fn verifying(
        self,
        step: VerificationStep,
        ticket: InitialTicket,
        cache: Option<Cache>,
    ) -> Result<AcquisitionStep, Error> {
        match step {
            VerificationStep::AskKdc {
                verification,
                request,
                kdcs,
            } => {
                let verifying = Box::new(Verifying {
                    verification,
                    ticket,
                    cache,
                });
                Ok(self.ask(State::Verifying(verifying), request, kdcs))
            }
            VerificationStep::Verified => self.store(&ticket, cache),
        }
    }

    fn store(self, ticket: &InitialTicket, cache: Option<Cache>) -> Result<AcquisitionStep, Error> {
        let initiator = InitiatorCredential::of_ticket(ticket, cache, &self.environment)?;
        match self.acceptor {
            PlannedAcceptor::Ticket(_) => self.look(initiator),
            _ => self.finish(Some(initiator)),
        }
    }

    /// Looks at the tickets now.
    fn look(self, initiator: InitiatorCredential) -> Result<AcquisitionStep, Error> {
        match initiator.look(&self.environment, None)? {
            Look::Ready(snapshot) => self.looked(initiator, &snapshot),
            Look::Due(mut refresh) => {
                let step = refresh.task().begin();
                let refreshing = Box::new(Refreshing { initiator, refresh });
                self.refreshing(refreshing, step)
            }
        }
    }

    fn refreshing(
        self,
        refreshing: Box<Refreshing>,
        step: TaskStep<InitialTicket>,
    ) -> Result<AcquisitionStep, Error> {
        let got: Result<_, Box<AcquireError>> = match step {
            TaskStep::AskKdc { request, kdcs } => {
                return Ok(self.ask(State::Refreshing(refreshing), request, kdcs));
            }
            TaskStep::Done(got) => got.map_err(Box::new),
        };
        let Refreshing { initiator, refresh } = *refreshing;
        let snapshot = initiator.refreshed(*refresh, got, &self.environment)?;
        self.looked(initiator, &snapshot)
    }

    /// The tickets have to be good for what they are for.
    fn looked(
        self,
        initiator: InitiatorCredential,
        snapshot: &CacheSnapshot,
    ) -> Result<AcquisitionStep, Error> {
        match self.acceptor {
            PlannedAcceptor::Ticket(_) => {
                ticket_granting_ticket(&self.environment, snapshot)?;
            }
            _ => require_good(&self.environment, snapshot)?,
        }
        self.finish(Some(initiator))
    }

    fn finish(self, initiator: Option<InitiatorCredential>) -> Result<AcquisitionStep, Error> {
        let (environment, usage, is_for_both) = (&self.environment, self.usage, self.is_for_both);
        let acceptor = match (self.acceptor, &initiator) {
            (PlannedAcceptor::Keytab(acceptor), _) => Some(acceptor),
            (PlannedAcceptor::Ticket(replay_cache), Some(initiator)) => Some(
                AcceptorCredential::of_ticket(initiator.clone())
                    .remembering_in(replay_cache, environment)?,
            ),
            (PlannedAcceptor::Ticket(_), None) | (PlannedAcceptor::None, _) => None,
        };
        let initiator = initiator.filter(|_| usage.initiates());
        let credential = Credential::new(environment, usage, initiator, acceptor);
        Ok(AcquisitionStep::Ready(if is_for_both {
            credential.for_both()
        } else {
            credential
        }))
    }

    fn ask(self, state: State, request: KdcRequest, kdcs: KdcSelection) -> AcquisitionStep {
        AcquisitionStep::AskKdc {
            acquisition: Box::new(Acquisition { plan: self, state }),
            request,
            kdcs,
        }
    }
}
