//! Everything that can end an exchange without a ticket, by blame.

use alloc::boxed::Box;

use orthros_asn1::{DecodeError, EncodeError, ErrorCode};
use orthros_crypto::RandomError;

use super::{KdcRefusalError, ReplyError};
use crate::session::SessionError;
use orthros_types::MinorStatus;

/// Why an exchange with a KDC failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The peer misbehaved: what came can't be read, or is no answer to the request.
    #[error(transparent)]
    Misbehaved(Box<ReplyError>),
    /// The peer lacks something or says no.
    #[error(transparent)]
    Refused(Box<KdcRefusalError>),
    /// The caller misused the exchange.
    #[error(transparent)]
    Misused(#[from] ExchangeMisuseError),
    /// The environment failed: no randomness.
    #[error("no randomness for a request to the KDC: {0}")]
    Random(RandomError),
}

/// The caller used an exchange in a way that can't work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeMisuseError {
    /// A step after the exchange ended, in a ticket or in an error.
    #[error("the exchange with the KDC has ended")]
    Ended,
    /// Another input than the exchange waits for.
    #[error("the exchange with the KDC waits for something else")]
    UnexpectedInput,
    /// No encryption type was given.
    #[error("no encryption type to ask for")]
    NoEnctypes,
    /// The keys given have none of the encryption types asked for.
    #[error("none of the client's keys has an encryption type that may be asked for")]
    NoUsableKey,
    /// The ticket to use is no ticket-granting ticket.
    #[error("the ticket is not for a ticket-granting service")]
    NotTicketGranting,
    /// The ticket to be the armor is not for the ticket-granting service of the client's realm.
    #[error("the armor is not a ticket for the ticket-granting service of the client's realm")]
    ForeignArmor,
    /// The user is not of the realm of the service that asks in their name.
    #[error("the user is not of the service's realm")]
    ForeignUser,
    /// The ticket to renew or validate can't be.
    #[error("the ticket's flags do not allow it to be {0}")]
    FlagMissing(&'static str),
    /// The session key of the ticket to use is of no supported encryption type.
    #[error("the session key of the ticket is not usable")]
    SessionKey,
    /// The stored ticket can't be read.
    #[error("the stored ticket is malformed: {0}")]
    StoredTicket(DecodeError),
    /// A name or time can't be written in a message.
    #[error("the request can't be written: {0}")]
    Unwritable(EncodeError),
    /// A password and a ticket that are too long for the lengths of the password change protocol.
    #[error("password and ticket are too long to be sent")]
    TooLong,
    /// The requested times can't be written in a message.
    #[error("the requested times are out of range")]
    TimeOutOfRange,
}

impl ExchangeError {
    /// The RFC 4120 error code that says the same, where there is one.
    #[must_use]
    pub fn rfc_code(&self) -> Option<ErrorCode> {
        match self {
            Self::Misused(_) | Self::Random(_) => None,
            Self::Misbehaved(error) => error.minor_status().rfc_code(),
            Self::Refused(refusal) => Some(refusal.rfc_code()),
        }
    }

    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Misbehaved(error) => error.minor_status(),
            Self::Refused(refusal) => refusal.minor_status(),
            Self::Misused(misuse) => misuse.minor_status(),
            Self::Random(_) => MinorStatus::KRB5_CRYPTO_INTERNAL,
        }
    }
}

impl From<RandomError> for ExchangeError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<EncodeError> for ExchangeError {
    fn from(error: EncodeError) -> Self {
        Self::Misused(error.into())
    }
}

impl From<EncodeError> for ExchangeMisuseError {
    fn from(error: EncodeError) -> Self {
        Self::Unwritable(error)
    }
}

impl From<KdcRefusalError> for ExchangeError {
    fn from(refusal: KdcRefusalError) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<ReplyError> for ExchangeError {
    fn from(error: ReplyError) -> Self {
        Self::Misbehaved(Box::new(error))
    }
}

impl ExchangeMisuseError {
    /// MIT's number for it.
    #[must_use]
    pub const fn minor_status(&self) -> MinorStatus {
        match self {
            Self::NoEnctypes => MinorStatus::KRB5_CONFIG_ETYPE_NOSUPP,
            Self::NoUsableKey => MinorStatus::KRB5_KT_NOTFOUND,
            Self::NotTicketGranting | Self::ForeignArmor | Self::ForeignUser => {
                MinorStatus::KRB5_NO_TKT_SUPPLIED
            }
            Self::FlagMissing(_) => MinorStatus::KRB5KDC_ERR_BADOPTION,
            Self::SessionKey => MinorStatus::KRB5_PROG_ETYPE_NOSUPP,
            Self::StoredTicket(_) => MinorStatus::KRB5_CC_FORMAT,
            Self::Ended
            | Self::UnexpectedInput
            | Self::Unwritable(_)
            | Self::TooLong
            | Self::TimeOutOfRange => MinorStatus::KRB5_BADMSGTYPE,
        }
    }
}

/// What it means to an exchange that a KRB-PRIV in it is none.
pub(super) fn session_error(error: SessionError) -> ExchangeError {
    match error {
        SessionError::Malformed { what, error } => malformed(what)(error),
        SessionError::Random(error) => error.into(),
        SessionError::Unwritable(error) => ExchangeMisuseError::from(error).into(),
        _ => ReplyError::Integrity.into(),
    }
}

/// Says what was being read when a message, or something in it, turned out malformed.
pub(crate) fn malformed(what: &'static str) -> impl FnOnce(DecodeError) -> ExchangeError {
    move |error| ReplyError::Syntax { what, error }.into()
}
