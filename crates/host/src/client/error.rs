//! Why there is no ticket.

use std::io;

use orthros_krb5::TransportError;
use orthros_krb5::client::ClientError;
use orthros_types::{MinorStatus, Principal};

use crate::cache::CacheError;
use crate::keytab::KeytabError;

/// A ticket could not be got.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcquireError {
    /// The KDC refused, the exchange with it went wrong, or there is nothing to ask it with.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// No KDC answered.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The credential cache can't be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The keytab can't be used, or has no key of the client.
    #[error(transparent)]
    Keytab(#[from] KeytabError),
    /// The password was needed and could not be had.
    #[error("cannot get the password of {client}: {error}")]
    Password {
        /// The client that it is the password of.
        client: Principal,
        /// Why not.
        error: io::Error,
    },
}

impl AcquireError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Client(error) => error.minor_status(),
            Self::Transport(error) => error.minor_status(),
            Self::Cache(error) => error.minor_status(),
            Self::Keytab(error) => error.minor_status(),
            Self::Password { error, .. } if error.kind() == io::ErrorKind::Interrupted => {
                MinorStatus::KRB5_LIBOS_PWDINTR
            }
            Self::Password { .. } => MinorStatus::KRB5_LIBOS_CANTREADPWD,
        }
    }
}
