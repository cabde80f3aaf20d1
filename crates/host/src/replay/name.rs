//! Names of replay caches: `TYPE:residual`.

use core::fmt;
use std::ffi::OsStr;
use std::sync::Arc;

use orthros_types::{
    Freshness, MinorStatus, ReplayCache, ReplayCacheError, ReplayRecord, Timestamp,
};

use super::{REPLAY_TYPES, ReplayScope, ReplayType, file};
use crate::environment::TokenError;
use crate::typed_name::{TypedName, TypedNameError};

/// The name of a replay cache, as MIT has it:
///
/// - `dfl:`, the user's file `krb5_UID.rcache2` in the directory for temporary files; what follows does not count;
/// - `file2:path`;
/// - `none:`, nothing is remembered, and every authenticator is fresh; what follows does not count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ReplayName(TypedName<ReplayType>);

/// A name that leads to no replay cache.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayCacheNameError {
    /// The name leads nowhere.
    #[error(transparent)]
    Name(#[from] TypedNameError),
    /// The configured name can't be expanded.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl ReplayName {
    /// Reads a name as MIT does.
    pub(crate) fn parse(name: impl AsRef<OsStr>) -> Result<Self, TypedNameError> {
        REPLAY_TYPES.parse(name.as_ref()).map(Self)
    }

    /// `dfl:`.
    pub(crate) fn default_file() -> Self {
        Self(TypedName {
            row: &file::DEFAULT_TYPE,
            residual: OsStr::new("").into(),
        })
    }

    /// The replay cache. Whether a file can be used shows when it is asked.
    pub(crate) fn open(&self, scope: ReplayScope<'_>) -> Arc<dyn ReplayCache> {
        (self.0.row.open)(&self.0.residual, scope)
    }
}

impl ReplayCacheNameError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Name(TypedNameError::UnknownType { .. }) => MinorStatus::KRB5_RC_TYPE_NOTFOUND,
            Self::Name(_) | Self::Token(_) => MinorStatus::KRB5_RC_PARSE,
        }
    }
}

impl fmt::Display for ReplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// In place of a replay cache that an environment names and that can't be had: every authenticator is refused, with
/// the reason.
#[derive(Debug)]
pub(crate) struct MisnamedReplayCache(pub(crate) ReplayCacheNameError);

impl ReplayCache for MisnamedReplayCache {
    fn check_and_store(
        &self,
        _: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        Err(ReplayCacheError::new(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_name() {
        for (name, expected) in [
            ("dfl:", Ok("dfl:")),
            ("dfl:whatever", Ok("dfl:whatever")),
            ("none:", Ok("none:")),
            ("file2:/var/tmp/a:b", Ok("file2:/var/tmp/a:b")),
            ("", Err("replay cache \"\" has no type before a colon")),
            (
                "file2",
                Err("replay cache \"file2\" has no type before a colon"),
            ),
            ("file2:", Err("replay cache name \"file2:\" names no file")),
            (
                "FILE:/x",
                Err(
                    "replay cache FILE:/x: caches of type FILE are not supported, dfl, file2 and none are",
                ),
            ),
        ] {
            let read = ReplayName::parse(name);
            let read = read
                .map(|name| name.to_string())
                .map_err(|error| error.to_string());
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(read, expected, "{name}");
        }
    }
}
