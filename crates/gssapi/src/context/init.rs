//! Initiating a context.

use core::fmt;

use orthros_host::Environment;
use orthros_krb5::{KdcReply, TransportError};

use super::{Progress, Step};
use crate::error::CallError;
use crate::mech::Mechanism;
use crate::mech::initiator::Initiator;
use crate::mech::krb5::tickets::{TicketsStep, TicketsTask};
use crate::{ContextFlags, Error, MechName, Name, Oid};

mod builder;

pub use builder::InitContextBuilder;

/// The initiator's side of a context that is not established yet (RFC 2743 section 2.2.1).
///
/// [`step`](Self::step) gives tokens to send and takes the peer's answers, until it gives a
/// [`SecurityContext`](crate::SecurityContext). With Kerberos there is one token to send, and with
/// [`ContextFlags::MUTUAL`] one answer to take; with SPNEGO there is an answer anyway. After that answer,
/// [`ContextFlags::DCE_STYLE`] has another token to send. [`Oid::KRB5_USER_TO_USER`] has one more of each at the
/// beginning.
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
    environment: Environment,
    peer_name: MechName,
    mechanism: Mechanism,
    /// What was asked for, before the first token; then what that asks for.
    flags: ContextFlags,
    initiator: Initiator,
    /// What a KDC's reply is waited for, and the token that the step after it takes.
    waiting: Option<Waiting>,
    /// After the last step: whether that gave the context.
    finished: Option<bool>,
}

struct Waiting {
    task: Box<TicketsTask>,
    token: Option<Vec<u8>>,
}

impl InitContext {
    /// An initiator for the service `peer`; see [`InitContextBuilder`] for what else it can be told.
    pub fn builder(peer: impl Into<Name>) -> InitContextBuilder {
        InitContextBuilder::new(peer.into())
    }

    /// The next step: without a token first, then with each token of the peer's. With [`Oid::SPNEGO`] the first may
    /// have the token with which some acceptors begin (`NegTokenInit2`, MS-SPNG section 2.2.1): it is `BAD_MECH` where
    /// that names no mechanism that is here.
    ///
    /// The first step gets the service ticket, from the cache or from the KDC; with [`Oid::KRB5_USER_TO_USER`] the
    /// second does, unless the peer's ticket was known. An error ends the attempt; begin another one with another
    /// `InitContext`.
    ///
    /// # Errors
    ///
    /// `NO_CRED`, `CREDENTIALS_EXPIRED` or `DEFECTIVE_CREDENTIAL` about the credential; `DEFECTIVE_TOKEN` where the
    /// token is missing, unasked for, malformed or of another mechanism; `BAD_MECH` where it is NTLM's, or the peer
    /// takes no Kerberos; `BAD_SIG` where it does not decrypt; `NO_CONTEXT` after the last step; `FAILURE` for what
    /// the KDC or the peer says, or does not say, with the minor status that tells.
    pub fn step(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        let mut progress = self.start(token)?;
        loop {
            match progress {
                Progress::AskKdc { request, kdcs } => {
                    let reply = self.environment.ask_kdc(&request, kdcs);
                    progress = self.answer(reply)?;
                }
                Progress::Ready(step) => return Ok(step),
            }
        }
    }

    /// Begins the next [`step`](Self::step) for a caller that asks KDCs itself: over another transport, or without
    /// blocking.
    ///
    /// Nothing is sent; caches, keytabs and, where the KDC does not know a service by its first name, the
    /// environment's [`Resolver`](crate::environment::Resolver) are looked at.
    ///
    /// ```no_run
    /// use orthros::environment::{KdcReply, KdcRequest, KdcSelection, TransportError};
    /// use orthros::{Error, InitContext, Progress, Step};
    /// # async fn ask(_: KdcRequest, _: KdcSelection) -> Result<KdcReply, TransportError> { unimplemented!() }
    ///
    /// async fn step(initiator: &mut InitContext, token: Option<&[u8]>) -> Result<Step, Error> {
    ///     let mut progress = initiator.start(token)?;
    ///     loop {
    ///         match progress {
    ///             Progress::AskKdc { request, kdcs } => {
    ///                 progress = initiator.answer(ask(request, kdcs).await)?;
    ///             }
    ///             Progress::Ready(step) => return Ok(step),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    pub fn start(&mut self, token: Option<&[u8]>) -> Result<Progress<Step>, Error> {
        if let Some(established) = self.finished {
            return Err(Error::from(CallError::Finished { established }).of_mech(self.mech_type()));
        }
        // What was begun and not answered is given up.
        self.waiting = None;
        let begun = match self.initiator.lacks_tickets(token) {
            Ok(request) => request.map(|request| TicketsTask::begin(request)),
            Err(error) => return Err(self.failed(error)),
        };
        match begun {
            None => self.advance(token).map(Progress::Ready),
            Some(step) => self.tickets(step, token.map(<[u8]>::to_vec)),
        }
    }

    /// Goes on with what a KDC replied, or why none did.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step), and `FAILURE` where no KDC was to be asked, which changes nothing.
    pub fn answer(
        &mut self,
        reply: Result<KdcReply, TransportError>,
    ) -> Result<Progress<Step>, Error> {
        let Some(Waiting { task, token }) = self.waiting.take() else {
            return Err(Error::from(CallError::UnaskedReply).of_mech(self.mech_type()));
        };
        self.tickets(task.answer(reply), token)
    }

    fn tickets(
        &mut self,
        step: Result<TicketsStep, Error>,
        token: Option<Vec<u8>>,
    ) -> Result<Progress<Step>, Error> {
        match step {
            Ok(TicketsStep::AskKdc {
                task,
                request,
                kdcs,
            }) => {
                self.waiting = Some(Waiting { task, token });
                Ok(Progress::AskKdc { request, kdcs })
            }
            Ok(TicketsStep::Ready(tickets)) => {
                let token = token.as_deref();
                match self.initiator.lacks_tickets(token) {
                    Ok(Some(request)) => request.tickets = Some(tickets),
                    Ok(None) => {}
                    Err(error) => return Err(self.failed(error)),
                }
                self.advance(token).map(Progress::Ready)
            }
            Err(error) => {
                let error = self.initiator.without_tickets(error);
                Err(self.failed(error))
            }
        }
    }

    fn advance(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        let step = self.initiator.step(token);
        self.flags = self.initiator.flags().unwrap_or(self.flags);
        match step {
            Ok(step) => {
                self.finished = matches!(step, Step::Done { .. }).then_some(true);
                Ok(step)
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&mut self, error: Error) -> Error {
        self.finished = Some(false);
        error.of_mech(Mechanism::DEFAULT.oid())
    }

    /// Whether the last step gave the context.
    #[must_use]
    pub fn established(&self) -> bool {
        self.finished == Some(true)
    }

    /// The mechanism that was asked for. That of the context is Kerberos, if it was SPNEGO that negotiated it.
    #[must_use]
    pub fn mech_type(&self) -> Oid {
        self.mechanism.oid()
    }

    /// What is asked for; what came of it, the [`SecurityContext`](crate::SecurityContext) says.
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

impl fmt::Debug for InitContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InitContext")
            .field("peer_name", &self.peer_name)
            .field("flags", &self.flags)
            .field("established", &self.established())
            .finish_non_exhaustive()
    }
}
