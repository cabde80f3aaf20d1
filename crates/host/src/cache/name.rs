//! Names of credential caches: `TYPE:residual`.

use core::fmt;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::dir;

/// Where a credential cache is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CacheName {
    /// `FILE:path`, or a path alone.
    File(PathBuf),
    /// `DIR:path`: a directory with several caches. Where one cache is meant it is the primary one.
    Directory(PathBuf),
    /// `DIR::path`: one of the caches in a directory, whose file's name begins with `tkt`.
    DirectoryFile(PathBuf),
    /// `MEMORY:name`: known within one [`Environment`](crate::Environment). The name may be empty.
    Memory(OsString),
}

/// A cache name that leads nowhere here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CacheNameError {
    /// Types that MIT has and we don't have yet, and types that nobody has.
    #[error(
        "credential cache {name}: caches of type {kind} are not supported, FILE, DIR and MEMORY are"
    )]
    UnknownType {
        /// The whole name, for display.
        name: String,
        /// What stands before the colon.
        kind: String,
    },
    /// `DIR::path` with a path that is no cache of a directory.
    #[error(
        "credential cache {name}: in a directory a cache's name begins with tkt, and the directory is named before it"
    )]
    NoMember {
        /// The whole name, for display.
        name: String,
    },
    /// No path.
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
        // Only what is a path can't be empty: a type may well stand alone, and an empty name of a cache in memory is one.
        if residual.is_empty() && matches!(kind, b"FILE" | b"DIR") {
            return Err(CacheNameError::Empty { name: shown() });
        }
        if let (b"DIR", [b':', member @ ..]) = (kind, residual) {
            let path = Path::new(OsStr::from_bytes(member));
            return match dir::split(path) {
                Some(_) => Ok(Self::DirectoryFile(path.to_owned())),
                None => Err(CacheNameError::NoMember { name: shown() }),
            };
        }
        let residual = OsString::from_vec(residual.to_vec());
        match kind {
            b"FILE" => Ok(Self::File(residual.into())),
            b"DIR" => Ok(Self::Directory(residual.into())),
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

    /// The name as [`parse`](Self::parse) reads it, octet for octet; `Display` shows what is no text otherwise.
    #[must_use]
    pub fn to_os_string(&self) -> OsString {
        let (kind, residual) = match self {
            Self::File(path) => ("FILE:", path.as_os_str()),
            Self::Directory(path) => ("DIR:", path.as_os_str()),
            Self::DirectoryFile(path) => ("DIR::", path.as_os_str()),
            Self::Memory(name) => ("MEMORY:", name.as_os_str()),
        };
        let mut name = OsString::from(kind);
        name.push(residual);
        name
    }

    /// Whether it is of a type that has a primary cache, which others can take the place of.
    #[must_use]
    pub fn is_switchable(&self) -> bool {
        matches!(self, Self::Directory(_) | Self::DirectoryFile(_))
    }

    /// The file or the directory, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::Directory(path) | Self::DirectoryFile(path) => Some(path),
            Self::Memory(_) => None,
        }
    }
}

impl fmt::Display for CacheName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "FILE:{}", path.display()),
            Self::Directory(path) => write!(f, "DIR:{}", path.display()),
            Self::DirectoryFile(path) => write!(f, "DIR::{}", path.display()),
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
        assert_eq!(
            CacheName::parse("DIR:/tmp/ccs"),
            Ok(CacheName::Directory("/tmp/ccs".into()))
        );
        assert_eq!(
            CacheName::parse("DIR::/tmp/ccs/tkt1"),
            Ok(CacheName::DirectoryFile("/tmp/ccs/tkt1".into()))
        );
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
            let error = CacheName::parse(name);
            assert!(
                matches!(error, Err(CacheNameError::NoMember { .. })),
                "{name}"
            );
        }
    }

    #[test]
    fn a_type_that_stands_alone_is_no_empty_name() {
        assert!(matches!(
            CacheName::parse("KCM:"),
            Err(CacheNameError::UnknownType { kind, .. }) if kind == "KCM"
        ));
        let memory = CacheName::parse("MEMORY:").unwrap();
        assert_eq!(memory, CacheName::Memory(OsString::new()));
        assert_eq!(memory.to_string(), "MEMORY:");
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
        for name in ["", "FILE:", "DIR:"] {
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
