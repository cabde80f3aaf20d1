//! Why there is no ticket.

use core::fmt;
use std::io;

use orthros_krb5::{ExchangeError, TransportError};
use orthros_types::{MinorStatus, Principal, Timestamp};

use crate::cache::{CacheError, CacheName};
use crate::keytab::KeytabFileError;

/// A ticket could not be got.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcquireError {
    /// The KDC refused, or the exchange with it went wrong.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The KDC knows a host-based service by none of the names that its host may have.
    #[error("{refused}, nor as {}", Names(others))]
    NoSuchService {
        /// What it said of the first name.
        refused: ExchangeError,
        /// The other names.
        others: Vec<Principal>,
    },
    /// No KDC answered.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The credential cache can't be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The keytab can't be used, or has no key of the client.
    #[error(transparent)]
    Keytab(#[from] KeytabFileError),
    /// The password was needed and could not be had.
    #[error("cannot get the password of {client}: {error}")]
    Password {
        /// Whose password.
        client: Principal,
        /// What whoever was asked said.
        error: io::Error,
    },
    /// The cache has no such ticket, and it is not to be asked for or can't be asked for without it.
    #[error("credential cache {cache} has no ticket for {service}")]
    NotCached {
        /// The cache.
        cache: CacheName,
        /// What was looked for.
        service: Principal,
    },
    /// `auto_fast_armor` is set for the realm, and there is no other armor.
    #[error(
        "auto_fast_armor is set for realm {realm}, and anonymous tickets are not supported: armor has to be given"
    )]
    AutomaticArmor {
        /// The realm.
        realm: String,
    },
    /// The cache has nothing to ask a KDC with.
    #[error("credential cache {cache} has no ticket for {ticket}; kinit gets one")]
    NoTicketGrantingTicket {
        /// The cache.
        cache: CacheName,
        /// The ticket-granting service.
        ticket: Principal,
    },
    /// What the cache has to ask a KDC with has expired.
    #[error(
        "the ticket for {ticket} in credential cache {cache} has expired; kinit gets a new one"
    )]
    TicketExpired {
        /// The cache.
        cache: CacheName,
        /// The ticket-granting service.
        ticket: Principal,
        /// Until when it was good, by the KDC's clock.
        end_time: Timestamp,
    },
}

impl AcquireError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Exchange(error) | Self::NoSuchService { refused: error, .. } => {
                error.minor_status()
            }
            Self::Transport(error) => error.minor_status(),
            Self::Cache(error) => error.minor_status(),
            Self::Keytab(error) => error.minor_status(),
            Self::Password { error, .. } if error.kind() == io::ErrorKind::Interrupted => {
                MinorStatus::KRB5_LIBOS_PWDINTR
            }
            Self::Password { .. } => MinorStatus::KRB5_LIBOS_CANTREADPWD,
            Self::AutomaticArmor { .. } => MinorStatus::KRB5_ERR_FAST_REQUIRED,
            Self::NotCached { .. } | Self::NoTicketGrantingTicket { .. } => {
                MinorStatus::KRB5_CC_NOTFOUND
            }
            Self::TicketExpired { .. } => MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED,
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
