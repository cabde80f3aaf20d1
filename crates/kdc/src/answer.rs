//! The answer to a request: the reply, and a record for the log.

use alloc::vec::Vec;
use core::fmt;

use orthros_types::Principal;

use crate::RequestError;

/// The answer to a request: the reply, and a record for the log.
#[derive(Debug)]
pub struct Answer {
    /// What to send. `None` for what is not Kerberos: nothing is sent, and a connection closed.
    pub reply: Option<Vec<u8>>,
    /// What happened, for a log.
    pub record: RequestRecord,
}

impl Answer {
    /// No reply: to what is not worth one.
    pub(crate) const fn none(exchange: ExchangeKind, error: RequestError) -> Self {
        Self {
            reply: None,
            record: RequestRecord {
                exchange,
                client: None,
                service: None,
                outcome: Outcome::Refused(error),
            },
        }
    }
}

/// What happened to a request: one line of a log, in its `Display`.
#[derive(Debug)]
pub struct RequestRecord {
    /// What was asked for.
    pub exchange: ExchangeKind,
    /// The client, as far as it is known.
    pub client: Option<Principal>,
    /// The service, as far as it is known.
    pub service: Option<Principal>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExchangeKind {
    /// An AS-REQ.
    As,
    /// A TGS-REQ.
    Tgs,
    /// A change of a password, RFC 3244.
    PasswordChange,
    /// None of these.
    Unknown,
}

/// What came of a request.
#[derive(Debug)]
pub enum Outcome {
    /// The client has what it asked for.
    Granted,
    /// The reply was one that the same request had got before.
    Repeated,
    /// The request was refused.
    Refused(RequestError),
}

impl fmt::Display for ExchangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::As => "AS-REQ",
            Self::Tgs => "TGS-REQ",
            Self::PasswordChange => "password change",
            Self::Unknown => "unknown request",
        })
    }
}

impl fmt::Display for RequestRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.exchange)?;
        if let Some(client) = &self.client {
            write!(f, " of {client}")?;
        }
        if let Some(service) = &self.service {
            write!(f, " for {service}")?;
        }
        write!(f, ": {}", self.outcome)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Granted => f.write_str("granted"),
            Self::Repeated => f.write_str("repeated, same reply"),
            Self::Refused(error) => write!(f, "refused: {error}"),
        }
    }
}
