//! Names of keytabs: `TYPE:residual`.

use core::fmt;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Where a keytab is: `FILE:path`, `WRFILE:path` (the same, from older days) or a path alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeytabName {
    path: PathBuf,
}

/// A keytab name that leads nowhere here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeytabNameError {
    /// Types that MIT has and we don't have yet, and types that nobody has.
    #[error("keytab {name}: keytabs of type {kind} are not supported, FILE is")]
    UnknownType {
        /// The whole name, for display.
        name: String,
        /// What stands before the colon.
        kind: String,
    },
    /// No residual.
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
        let colon = octets
            .iter()
            .position(|octet| *octet == b':')
            .unwrap_or_default();
        let residual = match octets.split_at_checked(colon) {
            Some((kind, residual)) if kind.len() > 1 && !kind.starts_with(b"/") => match kind {
                b"FILE" | b"WRFILE" => residual.get(1..).unwrap_or_default(),
                kind => {
                    let kind = String::from_utf8_lossy(kind).into_owned();
                    return Err(KeytabNameError::UnknownType {
                        name: shown(),
                        kind,
                    });
                }
            },
            _ => octets,
        };
        if residual.is_empty() {
            return Err(KeytabNameError::Empty { name: shown() });
        }
        Ok(Self {
            path: OsString::from_vec(residual.to_vec()).into(),
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for KeytabName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FILE:{}", self.path.display())
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
            assert_eq!(KeytabName::parse(name).unwrap().path(), Path::new(path));
        }
        assert_eq!(
            KeytabName::parse("/etc/krb5.keytab").unwrap().to_string(),
            "FILE:/etc/krb5.keytab"
        );
    }

    #[test]
    fn names_that_lead_nowhere() {
        let unknown = KeytabNameError::UnknownType {
            name: "MEMORY:x".into(),
            kind: "MEMORY".into(),
        };
        assert_eq!(KeytabName::parse("MEMORY:x"), Err(unknown));
        for name in ["", "FILE:"] {
            assert_eq!(
                KeytabName::parse(name),
                Err(KeytabNameError::Empty { name: name.into() })
            );
        }
    }
}
