//! Names of keytabs: `TYPE:residual`.

use core::fmt;
use std::ffi::{OsStr, OsString};

use super::{KEYTAB_TYPES, KeytabType};
use crate::typed_name::{TypedName, TypedNameError};

/// The name of a keytab, `TYPE:residual`:
///
/// - `FILE:path`, `WRFILE:path` (the same, from older days) or a path alone;
/// - `MEMORY:name`: known within one [`Environment`](crate::Environment). The name may be empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeytabName(TypedName<KeytabType>);

impl KeytabName {
    /// Reads a name as MIT does: no colon, or a single letter before it, or a slash at the start, makes it a path.
    ///
    /// # Errors
    ///
    /// [`TypedNameError`] for other types, and for an empty path.
    pub fn parse(name: impl AsRef<OsStr>) -> Result<Self, TypedNameError> {
        KEYTAB_TYPES.parse(name.as_ref()).map(Self)
    }

    pub(super) fn keytab_type(&self) -> &'static KeytabType {
        self.0.row
    }

    /// The name as [`parse`](Self::parse) reads it, byte for byte; `Display` shows what is no text otherwise.
    #[must_use]
    pub fn to_os_string(&self) -> OsString {
        self.0.to_os_string()
    }

    /// What stands before the colon.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.0.row.name
    }

    /// What stands behind the colon.
    #[must_use]
    pub fn residual(&self) -> &OsStr {
        &self.0.residual
    }
}

impl fmt::Display for KeytabName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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
            assert_eq!(parsed.to_string(), format!("FILE:{path}"));
            assert_eq!(parsed.residual(), path);
        }
        let memory = KeytabName::parse("MEMORY:mine").unwrap();
        assert_eq!(memory.residual(), "mine");
        assert_eq!(memory.to_string(), "MEMORY:mine");
        let unnamed = KeytabName::parse("MEMORY:").unwrap();
        assert_eq!(unnamed.to_string(), "MEMORY:");
    }

    #[test]
    fn names_that_lead_nowhere() {
        for (name, type_name) in [("SRVTAB:x", "SRVTAB"), (":x", ""), ("1:x", "1")] {
            let text = KeytabName::parse(name).unwrap_err().to_string();
            let expected = format!(
                "keytab {name}: keytabs of type {type_name} are not supported, FILE and MEMORY are"
            );
            assert_eq!(text, expected);
        }
        for name in ["", "FILE:", "WRFILE:"] {
            let text = KeytabName::parse(name).unwrap_err().to_string();
            assert_eq!(text, format!("keytab name {name:?} names no file"));
        }
    }
}
