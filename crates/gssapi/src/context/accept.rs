//! Accepting a context.

use core::fmt;

use super::Step;
use crate::Error;
use crate::error::CallError;
use crate::mech::Mechanism;
use crate::mech::acceptor::Acceptor;

mod builder;

pub use builder::AcceptContextBuilder;

/// The acceptor's side of a context that is not established yet (RFC 2743 section 2.2.2).
///
/// [`step`](Self::step) takes the initiator's token and gives a [`SecurityContext`](crate::SecurityContext), with an
/// answer to send where the initiator asked for mutual authentication. Whether the initiator negotiates (SPNEGO) its
/// first token says. A server acquires its [`Credential`](crate::Credential) once, and makes an `AcceptContext` of it
/// for each connection.
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
    acceptor: Acceptor,
    /// After the last step: whether that gave the context.
    finished: Option<bool>,
}

impl AcceptContext {
    /// An acceptor; see [`AcceptContextBuilder`] for what it can be told.
    pub fn builder() -> AcceptContextBuilder {
        AcceptContextBuilder::new()
    }

    /// The next step, with the initiator's token.
    ///
    /// Where the protocol has the acceptor speak first, as SMB's, an empty token begins it: the step gives SPNEGO's
    /// token with the mechanisms that can be negotiated (`NegTokenInit2`, MS-SPNG section 2.2.1), as MIT krb5's does.
    /// The next one takes the initiator's first.
    ///
    /// An initiator that asks for the ticket-granting ticket first (user-to-user) is given it, once, where the
    /// credential [accepts with it](crate::CredentialBuilder::user_to_user).
    ///
    /// An error ends the attempt. Where the initiator waits for an answer, [`Error::token`] is one that tells it why.
    ///
    /// # Errors
    ///
    /// `NO_CRED` or `DEFECTIVE_CREDENTIAL` about the keytab, or between users the ticket; `DEFECTIVE_TOKEN` or
    /// `BAD_MECH` for what is not a token of Kerberos, such as NTLM's; `BAD_BINDINGS`; `BAD_SIG` where it does not
    /// decrypt; `FAILURE` of the kind [`DuplicateToken`](crate::ErrorKind::DuplicateToken) for a replay;
    /// `CREDENTIALS_EXPIRED` for an expired ticket; `UNAUTHORIZED` where realms on the way are not trusted, or
    /// critical authorization data is not known; `NO_CONTEXT` after the last step; `FAILURE` for the rest, with the
    /// minor status that tells.
    pub fn step(&mut self, token: &[u8]) -> Result<Step, Error> {
        let mech_type = Mechanism::DEFAULT.oid();
        if let Some(established) = self.finished {
            return Err(Error::from(CallError::Finished { established }).of_mech(mech_type));
        }
        let step = self.acceptor.step(token);
        self.finished = match step {
            Ok(Step::Continue(_)) => None,
            Ok(Step::Done { .. }) => Some(true),
            Err(_) => Some(false),
        };
        step.map_err(|error| error.of_mech(mech_type))
    }

    /// Whether the last step gave the context.
    #[must_use]
    pub fn established(&self) -> bool {
        self.finished == Some(true)
    }
}

impl fmt::Debug for AcceptContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptContext")
            .field("established", &self.established())
            .finish_non_exhaustive()
    }
}
