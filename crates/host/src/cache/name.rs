//! Names of credential caches: `TYPE:residual`.

use core::fmt;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use super::{CACHE_TYPES, CacheType};
use crate::typed_name::{TypedName, TypedNameError};

/// The name of a credential cache, `TYPE:residual`:
///
/// - `FILE:path`, or a path alone;
/// - `DIR:path`: a directory with several caches. Where one cache is meant it is the primary one;
/// - `DIR::path`: one of the caches in a directory, whose file's name begins with `tkt`;
/// - `MEMORY:name`: known within one [`Environment`](crate::Environment). The name may be empty;
/// - `KCM:`: the caches that a KCM daemon keeps for the user, as sssd's does; `KCM:name`: one of them;
/// - `KEYRING:anchor:collection`: caches in the kernel's keys, on Linux; `KEYRING:anchor:collection:cache`: one of
///   them. The anchor is the keyring they are in: `persistent` (the collection is a user's number then), `user`,
///   `session`, `process`, `thread`, or `legacy`, that of `KEYRING:collection`.
///
/// Copies share it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheName(Arc<Parts>);

#[derive(PartialEq, Eq, Hash)]
struct Parts {
    name: TypedName<CacheType>,
    /// For display. Each request of a client has it, to name the cache in an error.
    shown: Arc<str>,
}

impl CacheName {
    /// Reads a name as MIT does: no colon, or a single letter before it, makes it a path.
    ///
    /// # Errors
    ///
    /// [`TypedNameError`] for other types, and for a residual that its type has no use for.
    pub fn parse(name: impl AsRef<OsStr>) -> Result<Self, TypedNameError> {
        CACHE_TYPES.parse(name.as_ref()).map(Self::of)
    }

    pub(super) fn new(cache_type: &'static CacheType, residual: impl Into<OsString>) -> Self {
        Self::of(TypedName {
            row: cache_type,
            residual: residual.into().into(),
        })
    }

    fn of(name: TypedName<CacheType>) -> Self {
        let shown = name.to_string().into();
        Self(Arc::new(Parts { name, shown }))
    }

    /// Another cache of the same type.
    pub(super) fn with_residual(&self, residual: impl Into<OsString>) -> Self {
        Self::new(self.0.name.row, residual)
    }

    pub(super) fn cache_type(&self) -> &'static CacheType {
        self.0.name.row
    }

    /// The name as `Display` shows it.
    pub(crate) fn shown(&self) -> &Arc<str> {
        &self.0.shown
    }

    /// The name as [`parse`](Self::parse) reads it, byte for byte; `Display` shows what is no text otherwise.
    #[must_use]
    pub fn to_os_string(&self) -> OsString {
        self.0.name.to_os_string()
    }

    /// What stands before the colon.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.0.name.row.name
    }

    /// What stands behind the colon.
    #[must_use]
    pub fn residual(&self) -> &OsStr {
        &self.0.name.residual
    }

    /// Is it of a type that has several caches, one of them the primary one, which others can take the place of?
    #[must_use]
    pub fn is_switchable(&self) -> bool {
        self.0.name.row.is_switchable
    }

    /// Does the cache live in this process alone, so that its name means nothing to another one?
    #[must_use]
    pub fn is_in_process(&self) -> bool {
        self.0.name.row.is_in_process
    }
}

impl fmt::Display for CacheName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.shown)
    }
}

impl fmt::Debug for CacheName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CacheName").field(&self.0.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_name() {
        for (name, type_name, residual) in [
            ("FILE:/tmp/cc", "FILE", "/tmp/cc"),
            ("/tmp/cc", "FILE", "/tmp/cc"),
            ("FILE:a:b", "FILE", "a:b"),
            ("C:cc", "FILE", "C:cc"),
            ("MEMORY:mine", "MEMORY", "mine"),
            ("DIR:/tmp/ccs", "DIR", "/tmp/ccs"),
            ("DIR::/tmp/ccs/tkt1", "DIR", ":/tmp/ccs/tkt1"),
            ("KCM:", "KCM", ""),
            ("KCM:1000:2", "KCM", "1000:2"),
            ("KEYRING:mine", "KEYRING", "mine"),
            ("KEYRING:persistent:1000", "KEYRING", "persistent:1000"),
        ] {
            let parsed = CacheName::parse(name).unwrap();
            assert_eq!(parsed.type_name(), type_name);
            assert_eq!(parsed.residual(), residual);
        }
    }

    #[test]
    fn a_member_of_a_directory_has_one_and_begins_with_tkt() {
        for name in [
            "DIR::tkt",
            "DIR::/tmp/ccs/cc",
            "DIR::",
            "DIR::/tmp/tkt/..",
            "DIR::/",
        ] {
            let error = CacheName::parse(name).unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains(name) && text.contains("begins with tkt"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_type_that_stands_alone_is_no_empty_name() {
        assert!(matches!(
            CacheName::parse("API:"),
            Err(TypedNameError::UnknownType { type_name, .. }) if type_name == "API"
        ));
        let memory = CacheName::parse("MEMORY:").unwrap();
        assert_eq!(memory.residual(), "");
        assert_eq!(memory.to_string(), "MEMORY:");
    }

    #[test]
    fn names_that_lead_nowhere() {
        for (name, type_name) in [("API:0", "API"), ("file:/tmp/cc", "file"), (":/tmp/cc", "")] {
            let text = CacheName::parse(name).unwrap_err().to_string();
            let expected = format!(
                "credential cache {name}: caches of type {type_name} are not supported, FILE, DIR, MEMORY, KCM and \
                 KEYRING are"
            );
            assert_eq!(text, expected);
        }
        for name in ["", "FILE:", "DIR:"] {
            let text = CacheName::parse(name).unwrap_err().to_string();
            let expected = format!("credential cache name {name:?} names no file");
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_name_shows_its_type() {
        for (name, shown) in [("/tmp/cc", "FILE:/tmp/cc"), ("MEMORY:mine", "MEMORY:mine")] {
            let name = CacheName::parse(name).unwrap();
            assert_eq!(name.to_string(), shown);
            assert_eq!(name.to_os_string(), shown);
        }
    }
}
