//! The classes of errors.

use crate::{CallingError, MajorStatus, RoutineError, Supplementary};

/// The class of an [`Error`](crate::Error): one for each error of RFC 2744; the supplementary statuses that are errors
/// where a context is being established, or where [`in_sequence`](crate::Unwrapped::in_sequence) makes them errors;
/// and those that RFC 2744 has only `FAILURE` for.
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
    /// The token is a replay. The major status is `FAILURE`, as in MIT krb5.
    DuplicateToken,
    /// `FAILURE`: the mechanism failed, in a way that has no class of its own here; the minor status says how.
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

    /// `FAILURE`: the KDC's account of the client is locked, disabled or expired.
    ClientRevoked,
    /// `FAILURE`: the KDC does not know the client, or knows it in another realm; or, where a ticket in a user's name
    /// was asked for, the user.
    ClientUnknown,
    /// `FAILURE`: two clocks are further apart than `clockskew` allows, or a ticket is not valid yet by the clock
    /// here.
    ClockSkew,
    /// `FAILURE`: krb5.conf, or what it names, can't be read or has a value that is none.
    Configuration,
    /// `FAILURE`: there is no encryption type that both sides support and the configuration permits.
    EnctypeNotSupported,
    /// `FAILURE`: no KDC of the realm could be asked, or none answered. [`is_retryable`](crate::Error::is_retryable)
    /// tells one from the other.
    KdcUnreachable,
    /// `FAILURE`: there is no key that opens the ticket: none of its principal, version and encryption type, or
    /// another one than the KDC has. An initiator learns it from the acceptor, and can't be sure then.
    NoKey,
    /// `FAILURE`: the client's password has expired, and must be changed first.
    PasswordExpired,
    /// `FAILURE`: no trust leads from the client's realm to the service's.
    RealmUnreachable,
    /// `FAILURE`: the KDC does not know the service by this name.
    ServiceUnknown,
    /// `FAILURE`: the password, or the key from a client keytab, is not the one that the KDC has.
    WrongPassword,
}

impl ErrorKind {
    /// That of a major status. Supplementary bits say more than `FAILURE` does.
    pub(super) fn of_major(major: MajorStatus) -> Self {
        match (major.routine_error(), major.calling_error()) {
            (Some(RoutineError::Failure), _) | (None, None) => {
                Self::of_supplementary(major.supplementary())
            }
            (Some(error), _) => Self::of_routine_error(error),
            (None, Some(CallingError::InaccessibleRead)) => Self::InaccessibleRead,
            (None, Some(CallingError::InaccessibleWrite)) => Self::InaccessibleWrite,
            (None, Some(CallingError::BadStructure)) => Self::BadStructure,
        }
    }

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
