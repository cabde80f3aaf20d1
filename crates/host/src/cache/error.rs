//! What goes wrong with caches.

use std::path::PathBuf;

use orthros_krb5::crypto::RandomError;
use orthros_types::{MinorStatus, ccache};

#[cfg(target_os = "linux")]
use super::KeyringError;
use super::{CacheName, KcmError};
use crate::environment::TokenError;
use crate::secret_file::{FileAction, FileError};
use crate::typed_name::TypedNameError;

/// A credential cache can't be used. Says which.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The name leads nowhere.
    #[error(transparent)]
    Name(#[from] TypedNameError),
    /// No cache was named, and the environment has no default one.
    #[error("no credential cache is named, and there is no default one")]
    NoDefault,
    /// The configured name of the default cache can't be expanded.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is no such cache.
    #[error("no credential cache found at {name}")]
    Absent {
        /// The cache.
        name: CacheName,
    },
    /// Its file can't be used.
    #[error("credential cache {name}: {error}")]
    File {
        /// The cache.
        name: CacheName,
        /// What failed.
        error: FileError,
    },
    /// What is in its file is no cache.
    #[error("credential cache {name}: {error}")]
    Format {
        /// The cache.
        name: CacheName,
        /// What is wrong, and where.
        error: ccache::CacheFormatError,
    },
    /// A directory of caches can't be used.
    #[error("directory of credential caches: {0}")]
    Directory(FileError),
    /// What is named as a directory of caches is none.
    #[error("{} is to be a directory of credential caches, and is no directory", path.display())]
    NotDirectory {
        /// What is there.
        path: PathBuf,
    },
    /// The file that names a directory's primary cache can't be used.
    #[error("the file that names the primary credential cache: {0}")]
    Primary(FileError),
    /// The file that names a directory's primary cache does not name one.
    #[error("{} has to name a credential cache in a line, beginning with tkt", path.display())]
    BadPrimary {
        /// The file.
        path: PathBuf,
    },
    /// The KCM daemon that it is with can't be used.
    #[error("credential cache {name}, at {}: {error}", socket.display())]
    Kcm {
        /// The cache.
        name: CacheName,
        /// The daemon's socket.
        socket: PathBuf,
        /// What failed.
        error: KcmError,
    },
    /// The kernel's keys that it is in can't be used.
    #[cfg(target_os = "linux")]
    #[error("credential cache {name}: {error}")]
    Keyring {
        /// The cache.
        name: CacheName,
        /// What failed.
        error: KeyringError,
    },
    /// There can be no further cache in the collection of one that stands alone.
    #[error("credential cache {name} is in no collection that another could be put into")]
    NoCollection {
        /// The cache.
        name: CacheName,
    },
    /// There is no randomness to make a name of.
    #[error("no name for a new credential cache: {0}")]
    Random(RandomError),
    /// What shall go into it does not fit.
    #[error("credential cache {name}: {error}")]
    TooLarge {
        /// The cache.
        name: CacheName,
        /// What does not fit.
        error: ccache::EncodeCacheError,
    },
}

impl CacheError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Name(TypedNameError::UnknownType { .. }) => MinorStatus::KRB5_CC_UNKNOWN_TYPE,
            Self::Name(_) | Self::NoDefault | Self::Token(_) => MinorStatus::KRB5_CC_BADNAME,
            Self::Directory(error) if error.is_forbidden() => MinorStatus::KRB5_FCC_PERM,
            Self::Directory(error) if error.is_absent() => MinorStatus::KRB5_FCC_NOFILE,
            Self::Directory(_) | Self::Primary(_) => MinorStatus::KRB5_CC_IO,
            Self::Kcm { error, .. } => error.minor_status(),
            #[cfg(target_os = "linux")]
            Self::Keyring { error, .. } => error.minor_status(),
            Self::NoCollection { .. } => MinorStatus::KRB5_CC_NOSUPP,
            Self::Random(_) => MinorStatus::KRB5_CRYPTO_INTERNAL,
            Self::Absent { .. } => MinorStatus::KRB5_FCC_NOFILE,
            Self::File { error, .. } if error.is_forbidden() => MinorStatus::KRB5_FCC_PERM,
            Self::File { error, .. } if error.action == FileAction::Write => {
                MinorStatus::KRB5_CC_WRITE
            }
            Self::File { .. } => MinorStatus::KRB5_CC_IO,
            Self::Format {
                error: ccache::CacheFormatError::Version { .. },
                ..
            } => MinorStatus::KRB5_CCACHE_BADVNO,
            Self::Format { .. }
            | Self::TooLarge { .. }
            | Self::NotDirectory { .. }
            | Self::BadPrimary { .. } => MinorStatus::KRB5_CC_FORMAT,
        }
    }

    pub(super) fn of_file(name: &CacheName, error: FileError) -> Self {
        if error.is_absent() {
            Self::Absent { name: name.clone() }
        } else {
            Self::File {
                name: name.clone(),
                error,
            }
        }
    }

    pub(super) fn of_format(name: &CacheName, error: ccache::CacheFormatError) -> Self {
        Self::Format {
            name: name.clone(),
            error,
        }
    }

    pub(super) fn of_encoding(name: &CacheName, error: ccache::EncodeCacheError) -> Self {
        Self::TooLarge {
            name: name.clone(),
            error,
        }
    }
}
