//! Names `TYPE:residual` of caches, keytabs and replay caches, as MIT krb5 reads them.

use core::fmt;
use core::hash::{Hash, Hasher};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// A name `TYPE:residual` of a credential cache, a keytab or a replay cache that leads nowhere here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypedNameError {
    /// A type that MIT has and we don't have yet, or one that does not exist.
    #[error(
        "{of} {name}: {}s of type {type_name} are not supported, {} are",
        last_word(of),
        list(supported)
    )]
    UnknownType {
        /// What the name is of: `credential cache`, `keytab` or `replay cache`.
        of: &'static str,
        /// The whole name, for display.
        name: String,
        /// What stands before the colon, for display.
        type_name: String,
        /// The types that are supported.
        supported: Vec<&'static str>,
    },
    /// No type, where a name has to have one.
    #[error("{of} {name:?} has no type before a colon")]
    NoType {
        /// What the name is of, as in [`UnknownType`](Self::UnknownType).
        of: &'static str,
        /// The whole name, for display.
        name: String,
    },
    /// A residual that the type has no use for, such as an empty path.
    #[error("{of} name {name:?} {defect}")]
    Residual {
        /// What the name is of, as in [`UnknownType`](Self::UnknownType).
        of: &'static str,
        /// The whole name, for display.
        name: String,
        /// The type; `FILE` where the name has none.
        type_name: &'static str,
        /// What is wrong with the residual.
        defect: &'static str,
    },
}

/// The names of one kind of thing: what MIT calls its types.
pub(crate) struct NameTable<T: 'static> {
    /// What is named, for errors. The last word's plural is made with an `s`.
    pub(crate) of: &'static str,
    pub(crate) untyped: Untyped,
    /// A row for each type.
    pub(crate) types: &'static [T],
}

/// What a name without a type means. A single letter before the colon is a drive of Windows and no type, but for
/// `Refused`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untyped {
    /// The path of a `FILE`.
    File,
    /// The same, also where the path has a colon in it and begins with a slash.
    FileOrSlash,
    /// Nothing.
    Refused,
}

/// A row of a [`NameTable`].
pub(crate) trait NamedType {
    /// What stands before the colon.
    fn name(&self) -> &'static str;

    /// An older name of the same type.
    fn alias(&self) -> Option<&'static str> {
        None
    }

    /// Whether this can stand behind the colon; what is wrong with it, in words that can follow the name.
    fn check(&self, residual: &OsStr) -> Result<(), &'static str>;
}

/// A type, and what it names. Copies share the residual: each context looks at handles with names.
pub(crate) struct TypedName<T: 'static> {
    pub(crate) row: &'static T,
    pub(crate) residual: Arc<OsStr>,
}

impl<T: NamedType> NameTable<T> {
    /// Reads a name.
    pub(crate) fn parse(&self, name: &OsStr) -> Result<TypedName<T>, TypedNameError> {
        let shown = || name.to_string_lossy().into_owned();
        let Some((type_name, residual)) = self.split(name.as_bytes()) else {
            return Err(TypedNameError::NoType {
                of: self.of,
                name: shown(),
            });
        };
        let is_named = |row: &&T| {
            let mut names = std::iter::once(row.name()).chain(row.alias());
            names.any(|name| name.as_bytes() == type_name)
        };
        let Some(row) = self.types.iter().find(is_named) else {
            return Err(TypedNameError::UnknownType {
                of: self.of,
                name: shown(),
                type_name: String::from_utf8_lossy(type_name).into_owned(),
                supported: self.types.iter().map(NamedType::name).collect(),
            });
        };
        let residual = OsStr::from_bytes(residual);
        match row.check(residual) {
            Ok(()) => Ok(TypedName {
                row,
                residual: residual.into(),
            }),
            Err(defect) => Err(TypedNameError::Residual {
                of: self.of,
                name: shown(),
                type_name: row.name(),
                defect,
            }),
        }
    }

    /// What stands before the first colon and what behind it; none where there has to be a colon and is none.
    fn split<'a>(&self, name: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let mut parts = name.splitn(2, |byte| *byte == b':');
        let typed = parts.next().zip(parts.next());
        let is_type = |type_name: &[u8]| match self.untyped {
            Untyped::Refused => true,
            Untyped::File => !is_drive(type_name),
            Untyped::FileOrSlash => !is_drive(type_name) && !type_name.starts_with(b"/"),
        };
        let typed = typed.filter(|(type_name, _)| is_type(type_name));
        typed.or((self.untyped != Untyped::Refused).then_some((b"FILE", name)))
    }
}

impl<T: NamedType> TypedName<T> {
    /// The name as [`NameTable::parse`] reads it, byte for byte; `Display` shows what is no text otherwise.
    pub(crate) fn to_os_string(&self) -> OsString {
        let mut name = OsString::from(self.row.name());
        name.push(":");
        name.push(&self.residual);
        name
    }
}

impl<T> Clone for TypedName<T> {
    fn clone(&self) -> Self {
        Self {
            row: self.row,
            residual: self.residual.clone(),
        }
    }
}

impl<T: NamedType> PartialEq for TypedName<T> {
    fn eq(&self, other: &Self) -> bool {
        self.row.name() == other.row.name() && self.residual == other.residual
    }
}

impl<T: NamedType> Eq for TypedName<T> {}

impl<T: NamedType> Hash for TypedName<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.row.name(), &self.residual).hash(state);
    }
}

impl<T: NamedType> fmt::Display for TypedName<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.row.name(), self.residual.display())
    }
}

impl<T: NamedType> fmt::Debug for TypedName<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// For types whose residual is a path.
pub(crate) fn require_path(residual: &OsStr) -> Result<(), &'static str> {
    if residual.is_empty() {
        return Err("names no file");
    }
    Ok(())
}

fn is_drive(type_name: &[u8]) -> bool {
    matches!(type_name, [letter] if letter.is_ascii_alphabetic())
}

fn last_word(of: &str) -> &str {
    of.rsplit(' ').next().unwrap_or(of)
}

/// `A, B and C`.
fn list(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}
