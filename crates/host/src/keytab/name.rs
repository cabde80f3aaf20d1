//! Names of keytabs: `TYPE:residual`.

use core::fmt;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Where a keytab is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeytabName {
    /// `FILE:path`, `WRFILE:path` (the same, from older days) or a path alone.
    File(PathBuf),
    /// `MEMORY:name`: known within one [`Environment`](crate::Environment). The name may be empty.
    Memory(OsString),
}

/// A keytab name that leads nowhere here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeytabNameError {
    /// Types that MIT has and we don't have yet, and types that nobody has.
    #[error("keytab {name}: keytabs of type {kind} are not supported, FILE and MEMORY are")]
    UnknownType {
        /// The whole name, for display.
        name: String,
        /// What stands before the colon.
        kind: String,
    },
    /// No path.
    #[error("keytab name {name:?} names no file")]
    Empty {
        /// The whole name, for display.
        name: String,
    },
}

impl KeytabName {
    /// Reads a name as MIT does: no colon, or a single letter before it, or a slash at the start, makes it a path.
    ///
    /// # Errors
    ///
    /// [`KeytabNameError`] for other types, and for an empty name.
    pub fn parse(name: impl AsRef<OsStr>) -> Result<Self, KeytabNameError> {
        let name = name.as_ref();
        let shown = || name.to_string_lossy().into_owned();
        let octets = name.as_bytes();
        let colon = octets.iter().position(|octet| *octet == b':');
        let (kind, residual) = match colon.and_then(|colon| octets.split_at_checked(colon)) {
            Some((drive, _)) if drive.len() == 1 && drive.iter().all(u8::is_ascii_alphabetic) => {
                (&b"FILE"[..], octets)
            }
            Some((kind, residual)) if !kind.starts_with(b"/") => {
                (kind, residual.get(1..).unwrap_or_default())
            }
            _ => (&b"FILE"[..], octets),
        };
        let residual = OsString::from_vec(residual.to_vec());
        match kind {
            b"FILE" | b"WRFILE" if residual.is_empty() => {
                Err(KeytabNameError::Empty { name: shown() })
            }
            b"FILE" | b"WRFILE" => Ok(Self::File(residual.into())),
            b"MEMORY" => Ok(Self::Memory(residual)),
            kind => {
                let kind = String::from_utf8_lossy(kind).into_owned();
                Err(KeytabNameError::UnknownType {
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
            Self::Memory(name) => ("MEMORY:", name.as_os_str()),
        };
        let mut name = OsString::from(kind);
        name.push(residual);
        name
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

impl fmt::Display for KeytabName {
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
        for (name, path) in [
            ("FILE:/etc/krb5.keytab", "/etc/krb5.keytab"),
            ("WRFILE:/etc/krb5.keytab", "/etc/krb5.keytab"),
            ("/etc/krb5.keytab", "/etc/krb5.keytab"),
            ("/etc/with:colon", "/etc/with:colon"),
            ("C:keytab", "C:keytab"),
            ("keytab", "keytab"),
        ] {
            let parsed = KeytabName::parse(name).unwrap();
            assert_eq!(parsed.path(), Some(Path::new(path)));
        }
        assert_eq!(
            KeytabName::parse("/etc/krb5.keytab").unwrap().to_string(),
            "FILE:/etc/krb5.keytab"
        );
        let memory = KeytabName::parse("MEMORY:mine").unwrap();
        assert_eq!(memory.path(), None);
        assert_eq!(memory.to_string(), "MEMORY:mine");
        let unnamed = KeytabName::parse("MEMORY:").unwrap();
        assert_eq!(unnamed, KeytabName::Memory(OsString::new()));
    }

    #[test]
    fn names_that_lead_nowhere() {
        let unknown = KeytabNameError::UnknownType {
            name: "SRVTAB:x".into(),
            kind: "SRVTAB".into(),
        };
        assert_eq!(KeytabName::parse("SRVTAB:x"), Err(unknown));
        for (name, kind) in [(":x", ""), ("1:x", "1")] {
            let unknown = KeytabNameError::UnknownType {
                name: name.into(),
                kind: kind.into(),
            };
            assert_eq!(KeytabName::parse(name), Err(unknown));
        }
        for name in ["", "FILE:", "WRFILE:"] {
            assert_eq!(
                KeytabName::parse(name),
                Err(KeytabNameError::Empty { name: name.into() })
            );
        }
    }
}
