//! What goes wrong with a KCM daemon.

use std::io;
use std::time::Duration;

use orthros_types::MinorStatus;
use orthros_types::kcm::{EncodeKcmError, KcmOperation, KcmReplyError};

/// A KCM daemon does not do what it is asked for. The cache and the socket are named by
/// [`CacheError::Kcm`](crate::CacheError::Kcm).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KcmError {
    /// Nothing listens at the socket.
    #[error("no KCM daemon is there; kcm_socket in [libdefaults] says where it listens")]
    NoDaemon,
    /// `kcm_socket = -`.
    #[error("kcm_socket in [libdefaults] says that there is no KCM daemon")]
    Disabled,
    /// The connection failed.
    #[error("the connection to the KCM daemon failed: {0}")]
    Io(io::Error),
    /// The daemon does not answer, or not fast enough.
    #[error("the KCM daemon has not answered in {} seconds", patience.as_secs())]
    TimedOut {
        /// How long was waited for it.
        patience: Duration,
    },
    /// The daemon ended the connection and not its answer.
    #[error("the KCM daemon has closed the connection without a whole answer")]
    Closed,
    /// What the daemon answers is no reply, or one of another operation.
    #[error("the KCM daemon's answer to {operation} makes no sense: {error}")]
    Reply {
        /// What it was asked for.
        operation: KcmOperation,
        /// What is wrong.
        error: KcmReplyError,
    },
    /// The daemon does not want to, or can't.
    #[error("the KCM daemon refuses {operation}: {status}")]
    Refused {
        /// What it was asked for.
        operation: KcmOperation,
        /// Why not.
        status: MinorStatus,
    },
    /// The protocol has no room for what the daemon is to be asked for.
    #[error("{0}")]
    Request(EncodeKcmError),
    /// The daemon has more caches or credentials than are looked at.
    #[error("the KCM daemon lists {count} of them, more than the {most} that are looked at")]
    TooMany {
        /// How many it has.
        count: usize,
        /// How many are looked at.
        most: usize,
    },
    /// The daemon's answers to one call are longer than is read.
    #[error("the KCM daemon's answers have more than the {most} bytes that are read")]
    TooLong {
        /// How many are read.
        most: usize,
    },
}

impl KcmError {
    pub(crate) fn minor_status(&self) -> MinorStatus {
        match self {
            Self::NoDaemon | Self::Disabled => MinorStatus::KRB5_KCM_NO_SERVER,
            Self::Io(_) | Self::TimedOut { .. } | Self::Closed => MinorStatus::KRB5_CC_IO,
            Self::Reply { error, .. } => error.minor_status(),
            Self::Refused { status, .. } => *status,
            Self::Request(_) => MinorStatus::KRB5_CC_FORMAT,
            Self::TooMany { .. } | Self::TooLong { .. } => MinorStatus::KRB5_KCM_REPLY_TOO_BIG,
        }
    }
}
