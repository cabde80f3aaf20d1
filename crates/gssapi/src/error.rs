//! The error of every call.

use core::fmt;

use crate::{CallingError, MajorStatus, MinorStatus, Oid, RoutineError, Supplementary};

mod exchange;
mod export;
mod host;
mod message;
mod refusal;

pub(crate) use exchange::{acceptor_error, foreign_delegation, initiator_error};
pub(crate) use export::{export_error, import_error};
pub(crate) use host::{
    acquire_error, cache_error, config_error, config_file_error, hostname_error, keytab_error,
    local_login_error, local_name_error, replay_name_error,
};
pub(crate) use message::message_error;
pub(crate) use refusal::Refusal;

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

    /// The class of the error, to match on.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        let major = self.major();
        if let Some(error) = major.routine_error() {
            return ErrorKind::of_routine_error(error);
        }
        match major.calling_error() {
            Some(CallingError::InaccessibleRead) => ErrorKind::InaccessibleRead,
            Some(CallingError::InaccessibleWrite) => ErrorKind::InaccessibleWrite,
            Some(CallingError::BadStructure) => ErrorKind::BadStructure,
            None => ErrorKind::of_supplementary(major.supplementary()),
        }
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

/// The class of an [`Error`]: one for each error of RFC 2744, and the supplementary statuses that are errors where a
/// context is being established, or where [`in_sequence`](crate::Unwrapped::in_sequence) makes them errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `BAD_BINDINGS`: the channel bindings of the two sides differ.
    BadBindings,
    /// `BAD_MECH`: the mechanism is not supported.
    BadMechanism,
    /// `BAD_NAME`: a name is malformed.
    BadName,
    /// `BAD_NAMETYPE`: a name is of a type that is not supported.
    BadNameType,
    /// `BAD_QOP`: the quality of protection is not supported, or not the one asked for.
    BadQop,
    /// `BAD_SIG`: the MIC of a token does not verify.
    BadSignature,
    /// `BAD_STATUS`: a status number is not one.
    BadStatus,
    /// `CALL_BAD_STRUCTURE`: a parameter is malformed.
    BadStructure,
    /// `CONTEXT_EXPIRED`: the context has expired.
    ContextExpired,
    /// `CREDENTIALS_EXPIRED`: the credentials have expired.
    CredentialsExpired,
    /// `DEFECTIVE_CREDENTIAL`: a cache, a keytab or an exported credential is damaged.
    DefectiveCredential,
    /// `DEFECTIVE_TOKEN`: a token is malformed or of the wrong kind.
    DefectiveToken,
    /// `DUPLICATE_ELEMENT`: the credential element is there already.
    DuplicateElement,
    /// `DUPLICATE_TOKEN`: the token is a replay.
    DuplicateToken,
    /// `FAILURE`: the mechanism failed; the minor status says how.
    Failure,
    /// `GAP_TOKEN`: tokens before this one are missing.
    GapToken,
    /// `CALL_INACCESSIBLE_READ`: a parameter that is read could not be.
    InaccessibleRead,
    /// `CALL_INACCESSIBLE_WRITE`: a parameter that is written could not be, such as a buffer that is too short.
    InaccessibleWrite,
    /// `NAME_NOT_MN`: the name is not a mechanism name.
    NameNotMechName,
    /// `NO_CONTEXT`: there is no context, or it is used up.
    NoContext,
    /// `NO_CRED`: there is no credential, or it is not for this use.
    NoCredential,
    /// `OLD_TOKEN`: the token is too old to be checked for a replay.
    OldToken,
    /// `UNAUTHORIZED`: policy forbids it.
    Unauthorized,
    /// `UNAVAILABLE`: it can't be done here, or with this context.
    Unavailable,
    /// `UNSEQ_TOKEN`: a later token came before this one.
    UnseqToken,
}

impl ErrorKind {
    const fn of_routine_error(error: RoutineError) -> Self {
        match error {
            RoutineError::BadMechanism => Self::BadMechanism,
            RoutineError::BadName => Self::BadName,
            RoutineError::BadNameType => Self::BadNameType,
            RoutineError::BadBindings => Self::BadBindings,
            RoutineError::BadStatus => Self::BadStatus,
            RoutineError::BadSignature => Self::BadSignature,
            RoutineError::NoCredential => Self::NoCredential,
            RoutineError::NoContext => Self::NoContext,
            RoutineError::DefectiveToken => Self::DefectiveToken,
            RoutineError::DefectiveCredential => Self::DefectiveCredential,
            RoutineError::CredentialsExpired => Self::CredentialsExpired,
            RoutineError::ContextExpired => Self::ContextExpired,
            RoutineError::Failure => Self::Failure,
            RoutineError::BadQop => Self::BadQop,
            RoutineError::Unauthorized => Self::Unauthorized,
            RoutineError::Unavailable => Self::Unavailable,
            RoutineError::DuplicateElement => Self::DuplicateElement,
            RoutineError::NameNotMechName => Self::NameNotMechName,
        }
    }

    fn of_supplementary(supplementary: Supplementary) -> Self {
        [
            (Supplementary::DUPLICATE_TOKEN, Self::DuplicateToken),
            (Supplementary::OLD_TOKEN, Self::OldToken),
            (Supplementary::UNSEQ_TOKEN, Self::UnseqToken),
            (Supplementary::GAP_TOKEN, Self::GapToken),
        ]
        .into_iter()
        .find(|(bit, _)| supplementary.contains(*bit))
        .map_or(Self::Failure, |(_, kind)| kind)
    }
}

/// Where the major status says it all.
const NO_MINOR: MinorStatus = MinorStatus::from_number(0);

#[cfg(test)]
mod tests;
