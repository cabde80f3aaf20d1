//! Accepting a context.

use core::fmt;
use core::mem;

use orthros_host::Environment;
use orthros_krb5::ap::{self, AcceptError, Acceptor, TgtRequest};
use orthros_krb5::crypto::RandomSource;
use orthros_types::{Duration, Timestamp};

use super::{SecurityContext, Step};
use crate::credential::AcceptorHalf;
use crate::error::{Refusal, acceptor_error, config_error, initiator_error};
use crate::mech::spnego;
use crate::{ChannelBindings, Error, Oid};

mod builder;

pub use builder::AcceptContextBuilder;

/// The acceptor's side of a context that is not established yet (RFC 2743 section 2.2.2).
///
/// [`step`](Self::step) takes the initiator's token and gives a [`SecurityContext`], with an answer to send where the
/// initiator asked for mutual authentication. Whether the initiator negotiates (SPNEGO) its first token says. A server acquires its [`Credential`](crate::Credential) once, and makes an
/// `AcceptContext` of it for each connection.
///
/// ```no_run
/// use orthros::{AcceptContext, Credential, CredentialUsage, SecurityContext, Step};
/// # fn send(_: &[u8]) -> std::io::Result<()> { Ok(()) }
/// # fn receive() -> std::io::Result<Vec<u8>> { Ok(Vec::new()) }
///
/// fn accept(credential: &Credential) -> Result<SecurityContext, Box<dyn std::error::Error>> {
///     let mut acceptor = AcceptContext::builder().credential(credential).build()?;
///     loop {
///         match acceptor.step(&receive()?) {
///             Ok(Step::Continue(token)) => send(&token)?,
///             Ok(Step::Done { context, token }) => {
///                 token.map_or(Ok(()), |token| send(&token))?;
///                 return Ok(context);
///             }
///             Err(error) => {
///                 error.token().map_or(Ok(()), |token| send(token))?; // tells the client why
///                 return Err(error.into());
///             }
///         }
///     }
/// }
///
/// let credential = Credential::acquire().usage(CredentialUsage::Accept).build()?;
/// # accept(&credential);
/// # Ok::<(), orthros::Error>(())
/// ```
pub struct AcceptContext {
    /// What is around Kerberos, once the first token says that it is negotiated.
    negotiation: Option<Box<spnego::Acceptor>>,
    /// Whether the initiator was told what can be negotiated.
    has_hinted: bool,
    state: State,
    /// After the last step: whether that gave the context.
    finished: Option<bool>,
}

/// What the next step of Kerberos begins with.
enum State {
    /// The initiator's token comes next.
    Ready(Box<Ready>),
    /// The initiator's second token comes next, in DCE style.
    AwaitingDceConfirmation(Box<AwaitingDceConfirmation>),
    /// It was established, or it failed.
    Over,
}

struct Ready {
    environment: Environment,
    /// Whether the initiator has been sent the acceptor's ticket-granting ticket.
    has_granted_ticket: bool,
    acceptor: AcceptorHalf,
    channel_bindings: Option<ChannelBindings>,
    require_channel_bindings: bool,
    without_gss_checksum: bool,
}

struct AwaitingDceConfirmation {
    environment: Environment,
    /// Where the keys are from.
    keys: String,
    exchange: ap::AwaitingDceConfirmation,
}

impl AcceptContext {
    /// An acceptor; see [`AcceptContextBuilder`] for what it can be told.
    pub fn builder() -> AcceptContextBuilder {
        AcceptContextBuilder::new()
    }

    /// The next step, with the initiator's token.
    ///
    /// Where the protocol has the acceptor speak first, as SMB's, an empty token begins it: the step gives SPNEGO's token with the mechanisms
    /// that can be negotiated (`NegTokenInit2`, MS-SPNG section 2.2.1), as MIT krb5's does. The next one takes the initiator's first.
    ///
    /// An initiator that asks for the ticket-granting ticket first (user-to-user) is given it, once, where the credential
    /// [accepts with it](crate::CredentialBuilder::user_to_user).
    ///
    /// An error ends the attempt. Where the initiator waits for an answer, [`Error::token`] is one that tells it why.
    ///
    /// # Errors
    ///
    /// `NO_CRED` or `DEFECTIVE_CREDENTIAL` about the keytab, or between users the ticket; `DEFECTIVE_TOKEN` or `BAD_MECH` for what is not a token of
    /// Kerberos, such as NTLM's; `BAD_BINDINGS`; `BAD_SIG` where it does not decrypt; `FAILURE` of the kind
    /// [`DuplicateToken`](crate::ErrorKind::DuplicateToken) for a replay; `CREDENTIALS_EXPIRED` for an expired ticket;
    /// `UNAUTHORIZED` where realms on the way are not trusted, or critical authorization data is not known; `NO_CONTEXT` after the last step; `FAILURE`
    /// for the rest, with the minor status that tells.
    pub fn step(&mut self, token: &[u8]) -> Result<Step, Error> {
        if let Some(established) = self.finished {
            return Err(Error::from(Refusal::Finished { established }).of_mech(Oid::KRB5));
        }
        let step = match self.negotiation.take() {
            _ if super::is_ntlm(token) => Err(Refusal::Ntlm.into()),
            Some(negotiation) => self.negotiate(negotiation, token),
            // Its framing says what the first token is of.
            None if token.is_empty() && self.may_hint() => {
                self.has_hinted = true;
                Ok(Step::Continue(spnego::hints()?))
            }
            None => match spnego::unframe(token) {
                Some(first) if matches!(self.state, State::Ready(_)) => {
                    self.negotiate(Box::default(), first)
                }
                _ => self.advance(token),
            },
        };
        self.finished = match step {
            Ok(Step::Continue(_)) => None,
            Ok(Step::Done { .. }) => Some(true),
            Err(_) => Some(false),
        };
        step.map_err(|error| error.of_mech(Oid::KRB5))
    }

    fn may_hint(&self) -> bool {
        !self.has_hinted && matches!(self.state, State::Ready(_))
    }

    fn negotiate(
        &mut self,
        mut negotiation: Box<spnego::Acceptor>,
        token: &[u8],
    ) -> Result<Step, Error> {
        let step = negotiation.step(token, &mut |token| self.advance(token));
        self.negotiation = Some(negotiation);
        step
    }

    fn advance(&mut self, token: &[u8]) -> Result<Step, Error> {
        match mem::replace(&mut self.state, State::Over) {
            State::Ready(_) if token.is_empty() => Err(Refusal::MissingToken.into()),
            // Within SPNEGO.
            State::Ready(_) if super::is_ntlm(token) => Err(Refusal::Ntlm.into()),
            State::Ready(ready) if ap::is_dce_style_request(token) => {
                let (token, awaiting) = ready.step_dce(token)?;
                self.state = State::AwaitingDceConfirmation(Box::new(awaiting));
                Ok(Step::Continue(token))
            }
            State::Ready(mut ready) => match ready.granted_ticket(token)? {
                Some(token) => {
                    self.state = State::Ready(ready);
                    Ok(Step::Continue(token))
                }
                None => ready.step(token),
            },
            State::AwaitingDceConfirmation(awaiting) => awaiting.step(token),
            State::Over => Err(Refusal::UnaskedToken.into()),
        }
    }

    /// Whether the last step gave the context.
    #[must_use]
    pub fn established(&self) -> bool {
        self.finished == Some(true)
    }
}

impl Ready {
    /// The answer to an initiator that wants the acceptor's ticket-granting ticket (user-to-user).
    fn granted_ticket(&mut self, token: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let wish = TgtRequest::read(token).map_err(initiator_error)?;
        let Some(wish) = wish else {
            return Ok(None);
        };
        if mem::replace(&mut self.has_granted_ticket, true) {
            return Err(Refusal::UnaskedToken.into());
        }
        let ticket = match self.acceptor.ticket_holder() {
            Some(holder) => holder.ticket_granting_ticket(&self.environment),
            None => Err(Refusal::NoTicketGrantingTicket.into()),
        };
        let told = || wish.refuse(self.environment.now());
        let ticket = ticket.map_err(|error| error.with_token(told()))?;
        let answer = wish.grant(&ticket.ticket).map_err(initiator_error)?;
        Ok(Some(answer))
    }

    fn step(self, token: &[u8]) -> Result<Step, Error> {
        let accepted = self.accept(|acceptor, now, random| acceptor.accept(token, now, random))?;
        Ok(Step::Done {
            context: SecurityContext::new(accepted.context, self.environment, Duration::ZERO),
            token: accepted.token,
        })
    }

    fn step_dce(self, token: &[u8]) -> Result<(Vec<u8>, AwaitingDceConfirmation), Error> {
        let accepted =
            self.accept(|acceptor, now, random| acceptor.accept_dce(token, now, random))?;
        let awaiting = AwaitingDceConfirmation {
            exchange: accepted.next,
            keys: self.acceptor.keys().to_string(),
            environment: self.environment,
        };
        Ok((accepted.token, awaiting))
    }

    /// Has the acceptor take a first token.
    fn accept<T>(
        &self,
        take: impl FnOnce(&Acceptor<'_>, Timestamp, &mut dyn RandomSource) -> Result<T, AcceptError>,
    ) -> Result<T, Error> {
        let keys = self.acceptor.keys().source(&self.environment)?;
        let bindings = self
            .channel_bindings
            .as_ref()
            .map(ChannelBindings::of_exchange);
        let permitted = self.environment.config().permitted_enctypes();
        let permitted = permitted.map_err(config_error)?;
        let acceptor = Acceptor {
            keys: &*keys,
            name: self.acceptor.name(),
            replay_store: self.acceptor.replay_store(&self.environment),
            clock_skew: self.environment.config().clockskew(),
            channel_bindings: bindings.as_ref(),
            require_channel_bindings: self.require_channel_bindings,
            without_gss_checksum: self.without_gss_checksum,
            permitted_enctypes: &permitted,
            realm_paths: Some(self.environment.config()),
        };
        let now = self.environment.now();
        take(&acceptor, now, &mut self.environment.random())
            .map_err(|refused| self.refused(refused))
    }

    fn refused(&self, refused: AcceptError) -> Error {
        let (error, token) = refused.into_parts();
        acceptor_error(error, &self.acceptor.keys().to_string()).with_token(token)
    }
}

impl AwaitingDceConfirmation {
    fn step(self, token: &[u8]) -> Result<Step, Error> {
        let context = self.exchange.step(token);
        let context = context.map_err(|error| acceptor_error(error, &self.keys))?;
        Ok(Step::Done {
            context: SecurityContext::new(context, self.environment, Duration::ZERO),
            token: None,
        })
    }
}

impl fmt::Debug for AcceptContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptContext")
            .field("established", &self.established())
            .finish_non_exhaustive()
    }
}
