//! Names of credential caches: `TYPE:residual`.

use core::fmt;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Where a credential cache is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CacheName {
    /// `FILE:path`, or a path alone.
    File(PathBuf),
    /// `MEMORY:name`: known within one [`Environment`](crate::Environment).
    Memory(OsString),
}

/// A cache name that leads nowhere here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CacheNameError {
    /// Types that MIT has and we don't have yet, and types that nobody has.
    #[error(
        "credential cache {name}: caches of type {kind} are not supported, FILE and MEMORY are"
    )]
    UnknownType {
        /// The whole name, for display.
        name: String,
        /// What stands before the colon.
        kind: String,
    },
    /// No residual.
    #[error("credential cache name {name:?} names no file")]
    Empty {
        /// The whole name, for display.
        name: String,
    },
}

impl CacheName {
    /// Reads a name as MIT does: no colon, or a single letter before it, makes it a path.
    ///
    /// # Errors
    ///
    /// [`CacheNameError`] for other types, and for an empty name.
    pub fn parse(name: impl AsRef<OsStr>) -> Result<Self, CacheNameError> {
        let name = name.as_ref();
        let shown = || name.to_string_lossy().into_owned();
        let octets = name.as_bytes();
        let colon = octets.iter().position(|octet| *octet == b':');
        let (kind, residual) = match colon.and_then(|colon| octets.split_at_checked(colon)) {
            Some((drive, _)) if drive.len() == 1 && drive.iter().all(u8::is_ascii_alphabetic) => {
                (&b"FILE"[..], octets)
            }
            Some((kind, residual)) => (kind, residual.get(1..).unwrap_or_default()),
            None => (&b"FILE"[..], octets),
        };
        // Elsewhere a type may well stand alone, as KCM does.
        if residual.is_empty() && matches!(kind, b"FILE" | b"MEMORY") {
            return Err(CacheNameError::Empty { name: shown() });
        }
        let residual = OsString::from_vec(residual.to_vec());
        match kind {
            b"FILE" => Ok(Self::File(residual.into())),
            b"MEMORY" => Ok(Self::Memory(residual)),
            kind => {
                let kind = String::from_utf8_lossy(kind).into_owned();
                Err(CacheNameError::UnknownType {
                    name: shown(),
                    kind,
                })
            }
        }
    }

    /// The file, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Memory(_) => None,
        }
    }
}

impl fmt::Display for CacheName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "FILE:{}", path.display()),
            Self::Memory(name) => write!(f, "MEMORY:{}", name.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_name() {
        let file = |path: &str| Ok(CacheName::File(path.into()));
        assert_eq!(CacheName::parse("FILE:/tmp/cc"), file("/tmp/cc"));
        assert_eq!(CacheName::parse("/tmp/cc"), file("/tmp/cc"));
        assert_eq!(CacheName::parse("FILE:a:b"), file("a:b"));
        assert_eq!(CacheName::parse("C:cc"), file("C:cc"));
        assert_eq!(
            CacheName::parse("MEMORY:mine"),
            Ok(CacheName::Memory("mine".into()))
        );
    }

    #[test]
    fn a_type_that_stands_alone_is_no_empty_name() {
        assert!(matches!(
            CacheName::parse("KCM:"),
            Err(CacheNameError::UnknownType { kind, .. }) if kind == "KCM"
        ));
        assert!(matches!(
            CacheName::parse("MEMORY:"),
            Err(CacheNameError::Empty { .. })
        ));
    }

    #[test]
    fn names_that_lead_nowhere() {
        let unknown = |name: &str, kind: &str| {
            Err(CacheNameError::UnknownType {
                name: name.into(),
                kind: kind.into(),
            })
        };
        assert_eq!(CacheName::parse("KCM:0"), unknown("KCM:0", "KCM"));
        assert_eq!(
            CacheName::parse("file:/tmp/cc"),
            unknown("file:/tmp/cc", "file")
        );
        assert_eq!(CacheName::parse(":/tmp/cc"), unknown(":/tmp/cc", ""));
        for name in ["", "FILE:", "MEMORY:"] {
            assert_eq!(
                CacheName::parse(name),
                Err(CacheNameError::Empty { name: name.into() })
            );
        }
    }

    #[test]
    fn a_name_shows_its_type() {
        assert_eq!(
            CacheName::parse("/tmp/cc").unwrap().to_string(),
            "FILE:/tmp/cc"
        );
        assert_eq!(
            CacheName::parse("MEMORY:mine").unwrap().to_string(),
            "MEMORY:mine"
        );
    }
}
