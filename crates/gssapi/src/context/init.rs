//! Initiating a context.

use core::fmt;
use core::mem;

use orthros_host::Environment;
use orthros_krb5::ap;
use orthros_types::Duration;

use super::{SecurityContext, Step};
use crate::error::{Refusal, initiator_error};
use crate::mech::spnego;
use crate::{ContextFlags, Error, MechName, Name, Oid};

mod builder;
mod delegation;
mod request;

pub use builder::InitContextBuilder;
use request::Request;

/// The initiator's side of a context that is not established yet (RFC 2743 section 2.2.1).
///
/// [`step`](Self::step) gives tokens to send and takes the peer's answers, until it gives a [`SecurityContext`]. With
/// Kerberos there is one token to send, and with [`ContextFlags::MUTUAL`] one answer to take; with SPNEGO there is an answer anyway. After
/// that answer, [`ContextFlags::DCE_STYLE`] has another token to send. [`Oid::KRB5_USER_TO_USER`] has one more of each at the beginning.
///
/// ```no_run
/// use orthros::{InitContext, Name, SecurityContext, Step};
/// # fn send(_: &[u8]) -> std::io::Result<()> { Ok(()) }
/// # fn receive() -> std::io::Result<Vec<u8>> { Ok(Vec::new()) }
///
/// fn connect() -> Result<SecurityContext, Box<dyn std::error::Error>> {
///     let peer = Name::hostbased_service("kafka@broker.example.org")?;
///     let mut initiator = InitContext::builder(peer).build()?;
///     let mut step = initiator.step(None)?;
///     loop {
///         match step {
///             Step::Continue(token) => {
///                 send(&token)?;
///                 step = initiator.step(Some(&receive()?))?;
///             }
///             Step::Done { context, token } => {
///                 token.map_or(Ok(()), |token| send(&token))?;
///                 return Ok(context);
///             }
///         }
///     }
/// }
/// ```
pub struct InitContext {
    peer_name: MechName,
    mech_type: Oid,
    flags: ContextFlags,
    /// What is around Kerberos, where it is negotiated.
    negotiation: Option<Box<spnego::Initiator>>,
    state: State,
    /// After the last step: whether that gave the context.
    finished: Option<bool>,
}

/// What the next step of Kerberos begins with.
enum State {
    /// Nothing was sent yet.
    Ready(Box<Request>),
    /// The acceptor's ticket-granting ticket comes next.
    AwaitingTgt(Box<AwaitingTgt>),
    /// The acceptor's answer comes next.
    AwaitingReply(Box<AwaitingReply<ap::AwaitingReply>>),
    /// As that, and there is another token to send then.
    AwaitingDceReply(Box<AwaitingReply<ap::AwaitingDceReply>>),
    /// It was established, or it failed.
    Over,
}

struct AwaitingTgt {
    request: Request,
    exchange: ap::AwaitingTgt,
}

struct AwaitingReply<Exchange> {
    environment: Environment,
    clock_offset: Duration,
    exchange: Box<Exchange>,
}

impl InitContext {
    /// An initiator for the service `peer`; see [`InitContextBuilder`] for what else it can be told.
    pub fn builder(peer: impl Into<Name>) -> InitContextBuilder {
        InitContextBuilder::new(peer.into())
    }

    /// The next step: without a token first, then with each token of the peer's. With [`Oid::SPNEGO`] the first may have the token with
    /// which some acceptors begin (`NegTokenInit2`, MS-SPNG section 2.2.1).
    ///
    /// The first step gets the service ticket, from the cache or from the KDC; with [`Oid::KRB5_USER_TO_USER`] the second does, unless
    /// the peer's ticket was known. An error ends the attempt; begin
    /// another one with another `InitContext`.
    ///
    /// # Errors
    ///
    /// `NO_CRED`, `CREDENTIALS_EXPIRED` or `DEFECTIVE_CREDENTIAL` about the credential; `DEFECTIVE_TOKEN` where the token is
    /// missing, unasked for, malformed or of another mechanism; `BAD_MECH` where it is NTLM's, or the peer takes no Kerberos; `BAD_SIG` where it does not decrypt; `NO_CONTEXT` after the last step;
    /// `FAILURE` for what the KDC or the peer says, or does not say, with the minor status that tells.
    pub fn step(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        if let Some(established) = self.finished {
            return Err(Error::from(Refusal::Finished { established }).of_mech(self.mech_type));
        }
        let step = match self.negotiation.take() {
            _ if token.is_some_and(super::is_ntlm) => Err(Refusal::Ntlm.into()),
            None => self.advance(token),
            Some(mut negotiation) => {
                let step = negotiation.step(token, &mut |token| self.advance(token));
                self.negotiation = Some(negotiation);
                step
            }
        };
        self.finished = match step {
            Ok(Step::Continue(_)) => None,
            Ok(Step::Done { .. }) => Some(true),
            Err(_) => Some(false),
        };
        step.map_err(|error| error.of_mech(Oid::KRB5))
    }

    fn advance(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        let state = mem::replace(&mut self.state, State::Over);
        match state {
            // Within SPNEGO.
            _ if token.is_some_and(super::is_ntlm) => Err(Refusal::Ntlm.into()),
            State::Ready(request) => match token {
                // C programs pass an empty token the first time.
                None | Some([]) if request.needs_peer_ticket() => self.ask_for_ticket(*request),
                None | Some([]) => self.start(&request),
                Some(_) => Err(Refusal::UnaskedToken.into()),
            },
            State::AwaitingTgt(awaiting) => {
                let AwaitingTgt {
                    mut request,
                    exchange,
                } = *awaiting;
                let ticket = exchange.step(required(token)?).map_err(initiator_error)?;
                request.peer_ticket = Some(ticket);
                self.start(&request)
            }
            State::AwaitingReply(awaiting) => awaiting.step(required(token)?),
            State::AwaitingDceReply(awaiting) => awaiting.step(required(token)?),
            State::Over => Err(Refusal::UnaskedToken.into()),
        }
    }

    fn ask_for_ticket(&mut self, request: Request) -> Result<Step, Error> {
        let asked = ap::request_tgt(request.peer_name.principal());
        let (token, exchange) = asked.map_err(initiator_error)?;
        self.state = State::AwaitingTgt(Box::new(AwaitingTgt { request, exchange }));
        Ok(Step::Continue(token))
    }

    fn start(&mut self, request: &Request) -> Result<Step, Error> {
        let environment = request.environment.clone();
        let (initiation, clock_offset) = request.initiate()?;
        match initiation.next {
            ap::Initiated::AwaitingReply(exchange) => {
                self.flags = ContextFlags::from_bits_retain(exchange.flags().bits());
                self.state = State::AwaitingReply(Box::new(AwaitingReply {
                    environment,
                    clock_offset,
                    exchange,
                }));
                Ok(Step::Continue(initiation.token))
            }
            ap::Initiated::AwaitingDceReply(exchange) => {
                self.flags = ContextFlags::from_bits_retain(exchange.flags().bits());
                self.state = State::AwaitingDceReply(Box::new(AwaitingReply {
                    environment,
                    clock_offset,
                    exchange,
                }));
                Ok(Step::Continue(initiation.token))
            }
            ap::Initiated::Established(context) => Ok(Step::Done {
                context: SecurityContext::new(*context, environment, clock_offset),
                token: Some(initiation.token),
            }),
        }
    }

    /// Whether the last step gave the context.
    #[must_use]
    pub fn established(&self) -> bool {
        self.finished == Some(true)
    }

    /// The mechanism that was asked for. That of the context is Kerberos, if it was SPNEGO that negotiated it.
    #[must_use]
    pub fn mech_type(&self) -> Oid {
        self.mech_type
    }

    /// What is asked for; what came of it, the [`SecurityContext`] says.
    #[must_use]
    pub fn flags(&self) -> ContextFlags {
        self.flags
    }

    /// The service that it is for.
    #[must_use]
    pub fn peer_name(&self) -> &MechName {
        &self.peer_name
    }
}

impl AwaitingReply<ap::AwaitingDceReply> {
    fn step(self, token: &[u8]) -> Result<Step, Error> {
        let now = self.environment.now().saturating_add(self.clock_offset);
        let random = &mut self.environment.random();
        let completion = self.exchange.step(token, now, random);
        let ap::DceCompletion { token, context } = completion.map_err(initiator_error)?;
        Ok(Step::Done {
            context: SecurityContext::new(context, self.environment, self.clock_offset),
            token: Some(token),
        })
    }
}

fn required(token: Option<&[u8]>) -> Result<&[u8], Error> {
    token.ok_or_else(|| Refusal::MissingToken.into())
}

impl AwaitingReply<ap::AwaitingReply> {
    fn step(self, token: &[u8]) -> Result<Step, Error> {
        let context = self.exchange.step(token).map_err(initiator_error)?;
        Ok(Step::Done {
            context: SecurityContext::new(context, self.environment, self.clock_offset),
            token: None,
        })
    }
}

impl fmt::Debug for InitContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InitContext")
            .field("peer_name", &self.peer_name)
            .field("flags", &self.flags)
            .field("established", &self.established())
            .finish_non_exhaustive()
    }
}
