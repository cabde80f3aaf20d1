//! The error of every call.

use core::fmt;

use crate::{MajorStatus, MinorStatus, Oid, RoutineError};

mod call;
mod exchange;
mod host;
mod kind;
mod message;
mod pac;

pub(crate) use call::CallError;
pub(crate) use exchange::{
    acceptor_error, export_error, foreign_delegation, import_error, initiator_error,
};
pub(crate) use host::{
    acquire_error, cache_error, config_error, config_file_error, hostname_error, keytab_error,
    local_login_error, local_name_error, replay_name_error,
};
pub use kind::ErrorKind;
pub(crate) use message::message_error;
pub(crate) use pac::{malformed_pac, pac_error, unverified_pac};

/// Why a call failed: a major status of GSS-API, a minor status of the mechanism, and what it was about.
///
/// Programs match on [`kind`](Self::kind); the message, made of the texts of both statuses, says what the
/// administrator can do: which file, principal, enctype, key version or KDC it is about.
///
/// ```
/// use orthros::{ErrorKind, MajorStatus, Name, NameType};
///
/// let error = Name::new("a@B@C", NameType::USER_NAME).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::BadName);
/// assert_eq!(error.major(), MajorStatus::BAD_NAME);
/// assert_eq!(error.to_string(), "invalid name: principal \"a@B@C\": a second realm begins at offset 3");
/// ```
pub struct Error(Box<Parts>);

struct Parts {
    major: MajorStatus,
    minor: MinorStatus,
    /// Where the major status does not tell.
    kind: Option<ErrorKind>,
    is_retryable: bool,
    mech_type: Option<Oid>,
    token: Option<Vec<u8>>,
    cause: Option<Cause>,
}

/// What a typed error of a lower layer becomes here.
type Cause = Box<dyn core::error::Error + Send + Sync>;

impl Error {
    pub(crate) fn new(major: MajorStatus, minor: MinorStatus) -> Self {
        Self(Box::new(Parts {
            major,
            minor,
            kind: None,
            is_retryable: false,
            mech_type: None,
            token: None,
            cause: None,
        }))
    }

    /// With the typed error that says more than the minor status does.
    pub(crate) fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Of this mechanism, unless another one within it said so already.
    pub(crate) fn of_mech(mut self, mech_type: Oid) -> Self {
        self.0.mech_type.get_or_insert(mech_type);
        self
    }

    /// Of a finer class than the major status; that of any other than `FAILURE` stands.
    pub(crate) fn of_kind(mut self, kind: Option<ErrorKind>) -> Self {
        let is_failure = self.0.major.routine_error() == Some(RoutineError::Failure);
        self.0.kind = kind.filter(|_| is_failure);
        self
    }

    /// That it may go another way the next time.
    pub(crate) fn retryable(mut self, is_retryable: bool) -> Self {
        self.0.is_retryable = is_retryable;
        self
    }

    /// With what else was tried, after what was meant to be used: one of the two has to be mended.
    pub(crate) fn or_else_tried(self, also: impl fmt::Display) -> Self {
        let text = match &self.0.cause {
            Some(cause) => format!("{cause}; {also}"),
            None => also.to_string(),
        };
        self.caused_by(text)
    }

    /// What is behind the statuses, in words.
    pub(crate) fn cause(&self) -> &dyn fmt::Display {
        match &self.0.cause {
            Some(cause) => cause,
            None => &self.0.minor,
        }
    }

    pub(crate) fn with_token(mut self, token: Option<Vec<u8>>) -> Self {
        self.0.token = token;
        self
    }

    /// The major status.
    #[must_use]
    pub fn major(&self) -> MajorStatus {
        self.0.major
    }

    /// The minor status: 0 where the major status says it all.
    #[must_use]
    pub fn minor(&self) -> MinorStatus {
        self.0.minor
    }

    /// The mechanism that the minor status belongs to, where it came that far.
    #[must_use]
    pub fn mech_type(&self) -> Option<Oid> {
        self.0.mech_type
    }

    /// A token to send to the peer before giving up, so that it learns why: a `KRB-ERROR` for Kerberos,
    /// a rejection with that inside for SPNEGO.
    #[must_use]
    pub fn token(&self) -> Option<&[u8]> {
        self.0.token.as_deref()
    }

    /// The class of the error, to match on: that of the major status, or one that says more where that is `FAILURE`.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0
            .kind
            .unwrap_or_else(|| ErrorKind::of_major(self.major()))
    }

    /// Whether the same, done anew a little later, may succeed with nothing changed here: with the same credential,
    /// clock, configuration and keys, but another context.
    ///
    /// That is so in three cases: no KDC of the realm answered in time ([`ErrorKind::KdcUnreachable`], unless the
    /// configuration names none, or no network could be used to ask it); a KDC answered that it can't serve at present
    /// (`KDC_ERR_SVC_UNAVAILABLE`); the acceptor answered an initiator that its request is a replay
    /// ([`ErrorKind::DuplicateToken`]), as the next request has another authenticator. Everything else fails again
    /// until a person or a program changes something. Nothing is retried in here: how often, and after how long, is
    /// the caller's to say.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.0.cause.as_ref()?.source()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.major())?;
        match &self.0.cause {
            Some(cause) => write!(f, ": {cause}"),
            None if self.minor().number() != 0 => write!(f, ": {}", self.minor()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("minor", &self.minor())
            .field("mech_type", &self.mech_type())
            .field("token_len", &self.token().map(<[u8]>::len))
            .field("message", &format_args!("{self}"))
            .finish()
    }
}

/// Where the major status says it all.
const NO_MINOR: MinorStatus = MinorStatus::from_number(0);

#[cfg(test)]
mod tests;
