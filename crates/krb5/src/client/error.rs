//! Why a client gets no ticket.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use orthros_types::config::ConfigError;
use orthros_types::{
    EncryptionType, EnctypeName, EnctypeSwitch, MinorStatus, Principal, Timestamp,
};

use crate::{ExchangeError, KdcRefusalError};

/// A client's machine came to its end without a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The KDC refused, or the exchange with it went wrong.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The KDC knows a host-based service by none of the names that its host may have.
    #[error("{refused}, nor as {}", Names(others))]
    NoSuchService {
        /// What the KDC said of the first name.
        refused: ExchangeError,
        /// The other names.
        others: Vec<Principal>,
    },
    /// No KDC replied: the driver knows why.
    #[error("no KDC replied")]
    NoReply,
    /// The password was needed and could not be had: the driver knows why.
    #[error("cannot get the password of {client}")]
    NoPassword {
        /// The client that it is the password of.
        client: Principal,
    },
    /// The client's keys could not be had: the driver knows why.
    #[error("no key of {client}")]
    NoKeys {
        /// The client that they are the keys of.
        client: Principal,
    },
    /// The cache has no such ticket, and it is not to be asked for or can't be asked for without it.
    #[error("credential cache {cache} has no ticket for {service}")]
    NotCached {
        /// The cache.
        cache: String,
        /// What was looked for.
        service: Principal,
    },
    /// The cache has nothing to ask a KDC with.
    #[error("credential cache {cache} has no ticket for {ticket}; kinit gets one")]
    NoTicketGrantingTicket {
        /// The cache.
        cache: String,
        /// The ticket-granting service.
        ticket: Principal,
    },
    /// What the cache has to ask a KDC with has expired.
    #[error(
        "the ticket for {ticket} in credential cache {cache} has expired; kinit gets a new one"
    )]
    TicketExpired {
        /// The cache.
        cache: String,
        /// The ticket-granting service.
        ticket: Principal,
        /// Until when it was good, by the KDC's clock.
        end_time: Timestamp,
    },
    /// A service has the cache in the client's name, and what it asks in that name with is not there.
    #[error(
        "credential cache {cache} has no ticket of {client} for {ticket} to get others in a user's name with"
    )]
    NoProxyTicket {
        /// The cache.
        cache: String,
        /// Whose ticket.
        client: Principal,
        /// What it is for: the ticket-granting service, or the service itself.
        ticket: Principal,
    },
    /// As that, but it has expired.
    #[error(
        "the ticket of {client} for {ticket} in credential cache {cache} has expired, and it is to get others in a user's name with"
    )]
    ProxyTicketExpired {
        /// The cache.
        cache: String,
        /// Whose ticket.
        client: Principal,
        /// What it is for: the ticket-granting service, or the service itself.
        ticket: Principal,
        /// Until when it was good, by the KDC's clock.
        end_time: Timestamp,
    },
    /// What the cache has to ask a KDC with has a session key of an encryption type that is not permitted.
    #[error(
        "the session key of the ticket for {ticket} in credential cache {cache} is of {}, which permitted_enctypes does \
         not allow{}", EnctypeName(*.enctype), EnctypeSwitch(*.enctype)
    )]
    SessionKeyNotPermitted {
        /// The cache.
        cache: String,
        /// The ticket-granting service.
        ticket: Principal,
        /// The encryption type.
        enctype: EncryptionType,
    },
    /// `auto_fast_armor` is set for the realm, and there is no other armor.
    #[error(
        "auto_fast_armor is set for realm {realm}, and anonymous tickets are not supported: armor has to be given"
    )]
    AutomaticArmor {
        /// The realm.
        realm: String,
    },
    /// The configuration has a value that can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl ClientError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Exchange(error) | Self::NoSuchService { refused: error, .. } => {
                error.minor_status()
            }
            Self::NoReply => MinorStatus::KRB5_KDC_UNREACH,
            Self::NoPassword { .. } => MinorStatus::KRB5_LIBOS_CANTREADPWD,
            Self::NoKeys { .. } => MinorStatus::KRB5_KT_NOTFOUND,
            Self::NotCached { .. }
            | Self::NoTicketGrantingTicket { .. }
            | Self::NoProxyTicket { .. } => MinorStatus::KRB5_CC_NOTFOUND,
            Self::TicketExpired { .. } | Self::ProxyTicketExpired { .. } => {
                MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED
            }
            Self::SessionKeyNotPermitted { .. } => MinorStatus::KRB5_CC_NOT_KTYPE,
            Self::AutomaticArmor { .. } => MinorStatus::KRB5_ERR_FAST_REQUIRED,
            Self::Config(_) => MinorStatus::KRB5_CONFIG_BADFORMAT,
        }
    }

    /// What the KDC says in its refusal, where it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&KdcRefusalError> {
        match self {
            Self::Exchange(ExchangeError::Refused(refusal))
            | Self::NoSuchService {
                refused: ExchangeError::Refused(refusal),
                ..
            } => Some(refusal),
            _ => None,
        }
    }
}

/// Names with commas between them.
struct Names<'a>(&'a [Principal]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{name}")?;
        }
        Ok(())
    }
}
