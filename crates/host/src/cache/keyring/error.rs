//! What goes wrong with the kernel's keys.

use core::fmt;
use std::io;

use nix::libc;
use orthros_types::MinorStatus;
use orthros_types::ccache::{CacheFormatError, EncodeCacheError};
use orthros_types::keyring::KeyringFormatError;

/// The kernel's keys can't be used for a cache. The cache is named by [`CacheError::Keyring`](crate::CacheError).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The user has as many keys as the kernel allows, or as large ones.
    #[error(
        "no room for {action}: the user's quota of keys is used up. kdestroy makes room, and /proc/sys/kernel/keys has \
         the limits: maxkeys and maxbytes, root_maxkeys and root_maxbytes for root"
    )]
    Quota {
        /// What was tried.
        action: KeyAction,
    },
    /// The key or keyring is another user's, or of another session.
    #[error("{action} is not permitted: {error}")]
    Denied {
        /// What was tried.
        action: KeyAction,
        /// What the kernel says.
        error: io::Error,
    },
    /// Another failure of the kernel, or a kernel without keys.
    #[error("{action} failed: {error}")]
    Io {
        /// What was tried.
        action: KeyAction,
        /// What the kernel says.
        error: io::Error,
    },
    /// The keyring belongs to the caller of a program that has more rights than that, which would hand its tickets
    /// over, or take the caller's for its own.
    #[error(
        "the {anchor} keyring belongs to user {owner}, who has called this program, and not to user {user}, whose \
         rights it has"
    )]
    OfCaller {
        /// Which keyring it is.
        anchor: &'static str,
        /// Whose it is.
        owner: u32,
        /// The effective user.
        user: u32,
    },
    /// A name with a zero octet in it.
    #[error("a key's name has a zero octet in it")]
    Name,
    /// The key that names the primary cache, or the KDC's clock, is malformed.
    #[error(transparent)]
    Format(KeyringFormatError),
    /// The key that holds the default principal is malformed.
    #[error("the key of its default principal is malformed: {0}")]
    Principal(CacheFormatError),
    /// What shall go into it does not fit.
    #[error(transparent)]
    TooLarge(#[from] EncodeCacheError),
    /// A key is larger than any that is made for a cache.
    #[error("a key has {length} bytes, which are too many to be read")]
    TooLong {
        /// How many it has.
        length: usize,
    },
    /// There are more keys in a keyring than are looked at.
    #[error("a keyring has {count} keys, more than the {most} that are looked at")]
    TooMany {
        /// How many it has.
        count: usize,
        /// How many are looked at.
        most: usize,
    },
    /// Every name that was tried was in use.
    #[error("there is a cache of each of the names that were tried for a new one")]
    NoNewName,
}

/// What the kernel was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyAction {
    /// To give a user's persistent keyring.
    Persistent {
        /// The user.
        user: u32,
    },
    /// To look for a key.
    Search,
    /// To make a key.
    Add {
        /// Bytes of what is in it.
        length: usize,
    },
    /// To put a key into a keyring.
    Link,
    /// To take a key out of a keyring.
    Unlink,
    /// To have a key end.
    Timeout,
    /// To read a key.
    Read,
}

impl KeyringError {
    pub(super) fn of(action: KeyAction, error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::EDQUOT) => Self::Quota { action },
            Some(libc::EACCES | libc::EPERM) => Self::Denied { action, error },
            _ => Self::Io { action, error },
        }
    }

    /// The number that the kernel gave.
    pub(super) fn errno(&self) -> Option<i32> {
        match self {
            Self::Io { error, .. } | Self::Denied { error, .. } => error.raw_os_error(),
            Self::Quota { .. } => Some(libc::EDQUOT),
            _ => None,
        }
    }

    pub(crate) fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Denied {
                action: KeyAction::Persistent { .. },
                ..
            } => MinorStatus::KRB5_KCC_INVALID_UID,
            Self::Denied { .. } | Self::OfCaller { .. } => MinorStatus::KRB5_FCC_PERM,
            Self::Quota { .. } => MinorStatus::KRB5_CC_WRITE,
            Self::Io { .. } | Self::TooLong { .. } | Self::TooMany { .. } => {
                MinorStatus::KRB5_CC_IO
            }
            Self::Format(error) => error.minor_status(),
            Self::Principal(_) | Self::TooLarge(_) => MinorStatus::KRB5_CC_FORMAT,
            Self::Name | Self::NoNewName => MinorStatus::KRB5_CC_BADNAME,
        }
    }
}

impl fmt::Display for KeyAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Persistent { user } => write!(f, "using the persistent keyring of user {user}"),
            Self::Search => f.write_str("looking for a key"),
            Self::Add { length: 0 } => f.write_str("making a keyring"),
            Self::Add { length } => write!(f, "making a key of {length} bytes"),
            Self::Link => f.write_str("putting a key into a keyring"),
            Self::Unlink => f.write_str("taking a key out of a keyring"),
            Self::Timeout => f.write_str("limiting the lifetime of a key"),
            Self::Read => f.write_str("reading a key"),
        }
    }
}
