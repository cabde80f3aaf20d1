//! What goes wrong with keytabs.

use core::fmt;

use orthros_types::keytab::{AddToKeytabError, KeyNotFound, KeytabFormatError};
use orthros_types::{EncryptionType, EnctypeName, MinorStatus, Principal};

use super::KeytabName;
use crate::environment::TokenError;
use crate::secret_file::{FileAction, FileError};
use crate::typed_name::TypedNameError;

/// A keytab can't be used, or has not the key. Says which keytab.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeytabError {
    /// The name leads nowhere.
    #[error(transparent)]
    Name(#[from] TypedNameError),
    /// No keytab was named, and the environment has no default one.
    #[error("no keytab is named, and there is no default one")]
    NoDefault,
    /// The configured name of the default keytab can't be expanded.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is no such file.
    #[error("no keytab found at {name}")]
    Absent {
        /// The keytab.
        name: KeytabName,
    },
    /// The file can't be used.
    #[error("keytab {name}: {error}")]
    File {
        /// The keytab.
        name: KeytabName,
        /// What failed.
        error: FileError,
    },
    /// What is in the file is no keytab.
    #[error("keytab {name}: {error}")]
    Format {
        /// The keytab.
        name: KeytabName,
        /// What is wrong, and where.
        error: KeytabFormatError,
    },
    /// What shall go into it does not fit.
    #[error("keytab {name}: {error}")]
    Add {
        /// The keytab.
        name: KeytabName,
        /// What does not fit, or where the file is broken.
        error: AddToKeytabError,
    },
    /// The key is not there.
    #[error("keytab {name}: {error}")]
    NoKey {
        /// The keytab.
        name: KeytabName,
        /// What was looked for, and what is there instead.
        error: Box<KeyNotFound>,
    },
    /// There are keys, of enctypes that are not known here.
    #[error(
        "keytab {name}: {principal} has keys of {} only, which are not supported",
        Enctypes(enctypes)
    )]
    NoUsableKey {
        /// The keytab.
        name: KeytabName,
        /// Whose keys they are.
        principal: Principal,
        /// The enctypes that are there.
        enctypes: Vec<EncryptionType>,
    },
}

impl KeytabError {
    pub(super) fn of_file(name: &KeytabName, error: FileError) -> Self {
        if error.is_absent() {
            Self::Absent { name: name.clone() }
        } else {
            Self::File {
                name: name.clone(),
                error,
            }
        }
    }

    pub(super) fn of_format(name: &KeytabName, error: KeytabFormatError) -> Self {
        Self::Format {
            name: name.clone(),
            error,
        }
    }

    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Name(TypedNameError::UnknownType { .. }) => MinorStatus::KRB5_KT_UNKNOWN_TYPE,
            Self::Name(_) | Self::NoDefault | Self::Token(_) => MinorStatus::KRB5_KT_BADNAME,
            Self::File { error, .. } if error.action == FileAction::Write => {
                MinorStatus::KRB5_KT_NOWRITE
            }
            Self::File { .. } => MinorStatus::KRB5_KT_IOERR,
            Self::Format {
                error: KeytabFormatError::Version { .. },
                ..
            } => MinorStatus::KRB5_KEYTAB_BADVNO,
            Self::Format { .. } | Self::Add { .. } => MinorStatus::KRB5_KT_FORMAT,
            Self::NoKey { error, .. } => error.minor_status(),
            Self::Absent { .. } | Self::NoUsableKey { .. } => MinorStatus::KRB5_KT_NOTFOUND,
        }
    }
}

/// What goes wrong under the lock, before it is known by the keytab's name.
pub(super) enum Problem {
    File(FileError),
    Format(KeytabFormatError),
    Add(AddToKeytabError),
}

impl Problem {
    pub(super) fn of(self, name: &KeytabName) -> KeytabError {
        match self {
            Self::File(error) => KeytabError::of_file(name, error),
            Self::Format(error) => KeytabError::of_format(name, error),
            Self::Add(error) => KeytabError::Add {
                name: name.clone(),
                error,
            },
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<KeytabFormatError> for Problem {
    fn from(error: KeytabFormatError) -> Self {
        Self::Format(error)
    }
}

impl From<AddToKeytabError> for Problem {
    fn from(error: AddToKeytabError) -> Self {
        Self::Add(error)
    }
}

/// Enctypes as a list of their names.
struct Enctypes<'a>(&'a [EncryptionType]);

impl fmt::Display for Enctypes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            match EnctypeName(*number).name() {
                Some(name) => write!(f, "{separator}{name}")?,
                None => write!(f, "{separator}etype {}", number.0)?,
            }
        }
        Ok(())
    }
}
