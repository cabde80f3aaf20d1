//! Names of replay stores: `TYPE:residual`.

use core::fmt;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use orthros_types::{
    Freshness, MinorStatus, ReplayRecord, ReplayStore, ReplayStoreError, Timestamp,
};

use crate::environment::TokenError;

/// Where acceptors remember authenticators, as MIT names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplayStoreName {
    /// `dfl:`: the user's file `krb5_UID.rcache2` in the directory for temporary files.
    Default,
    /// `file2:path`.
    File(PathBuf),
    /// `none:`: nowhere. Every authenticator is fresh.
    None,
}

/// A name that leads to no replay store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayStoreNameError {
    /// No colon.
    #[error("replay store {name:?} has no type before a colon")]
    NoType {
        /// The whole name, for display.
        name: String,
    },
    /// A type that nobody knows, or that of old versions of MIT.
    #[error(
        "replay store {name}: stores of type {kind} are not supported, dfl, file2 and none are"
    )]
    UnknownType {
        /// The whole name, for display.
        name: String,
        /// What stands before the colon.
        kind: String,
    },
    /// `file2:` without a path.
    #[error("replay store {name} names no file")]
    Empty {
        /// The whole name, for display.
        name: String,
    },
    /// The configured name can't be expanded.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl ReplayStoreName {
    /// Reads a name as MIT does. What follows `dfl:` and `none:` does not count.
    ///
    /// # Errors
    ///
    /// [`ReplayStoreNameError`], for other types and where there is none.
    pub fn parse(name: impl AsRef<OsStr>) -> Result<Self, ReplayStoreNameError> {
        let name = name.as_ref();
        let shown = || name.to_string_lossy().into_owned();
        let octets = name.as_bytes();
        let colon = octets.iter().position(|octet| *octet == b':');
        let Some((kind, residual)) = colon.and_then(|colon| octets.split_at_checked(colon)) else {
            return Err(ReplayStoreNameError::NoType { name: shown() });
        };
        let residual = residual.get(1..).unwrap_or_default();
        match kind {
            b"dfl" => Ok(Self::Default),
            b"none" => Ok(Self::None),
            b"file2" if residual.is_empty() => Err(ReplayStoreNameError::Empty { name: shown() }),
            b"file2" => Ok(Self::File(OsString::from_vec(residual.to_vec()).into())),
            kind => Err(ReplayStoreNameError::UnknownType {
                name: shown(),
                kind: String::from_utf8_lossy(kind).into_owned(),
            }),
        }
    }
}

impl ReplayStoreNameError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::UnknownType { .. } => MinorStatus::KRB5_RC_TYPE_NOTFOUND,
            Self::NoType { .. } | Self::Empty { .. } | Self::Token(_) => MinorStatus::KRB5_RC_PARSE,
        }
    }
}

impl fmt::Display for ReplayStoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("dfl:"),
            Self::File(path) => write!(f, "file2:{}", path.display()),
            Self::None => f.write_str("none:"),
        }
    }
}

/// `none:`: remembers nothing.
#[derive(Debug)]
pub(crate) struct NoReplayStore;

impl ReplayStore for NoReplayStore {
    fn check_and_store(
        &self,
        _: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayStoreError> {
        Ok(Freshness::Fresh)
    }
}

/// In place of a store that an environment names and that can't be had: nobody is accepted, and told why.
#[derive(Debug)]
pub(crate) struct MisnamedReplayStore(pub(crate) ReplayStoreNameError);

impl ReplayStore for MisnamedReplayStore {
    fn check_and_store(
        &self,
        _: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayStoreError> {
        Err(ReplayStoreError::new(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_name() {
        for (name, expected) in [
            ("dfl:", Ok(ReplayStoreName::Default)),
            ("dfl:whatever", Ok(ReplayStoreName::Default)),
            ("none:", Ok(ReplayStoreName::None)),
            (
                "file2:/var/tmp/a:b",
                Ok(ReplayStoreName::File("/var/tmp/a:b".into())),
            ),
            ("", Err("replay store \"\" has no type before a colon")),
            (
                "file2",
                Err("replay store \"file2\" has no type before a colon"),
            ),
            ("file2:", Err("replay store file2: names no file")),
            (
                "FILE:/x",
                Err(
                    "replay store FILE:/x: stores of type FILE are not supported, dfl, file2 and none are",
                ),
            ),
        ] {
            let read = ReplayStoreName::parse(name).map_err(|error| error.to_string());
            assert_eq!(read, expected.map_err(str::to_owned), "{name}");
        }
    }
}
