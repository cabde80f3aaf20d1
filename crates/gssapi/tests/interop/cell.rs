//! The axes of the matrix. A new one is an enum with `ALL`, a field of [`Cell`], and a loop in [`Cell::all`].

use std::fmt;

use orthros::{ContextFlags, Protection};
use orthros_testing::mit::DEFAULT_ENCTYPES;

/// One combination of everything that varies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) enctype: &'static str,
    pub(crate) role: Role,
    pub(crate) form: Form,
    pub(crate) kind: Kind,
}

/// What we are; MIT is the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Initiator,
    Acceptor,
}

/// How the octets of a message lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `wrap` and `unwrap`, `get_mic` and `verify_mic`.
    Whole,
    /// `wrap_iov` and its kin: in several buffers, with what is only signed between them, with a trailer and without.
    Iov,
    /// In DCE style: three context tokens, and message tokens whose header has all but the data.
    Dce,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sealed,
    Unsealed,
    Mic,
}

impl Cell {
    /// Every combination.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let axes = DEFAULT_ENCTYPES.into_iter().flat_map(|enctype| {
            let roles = Role::ALL.into_iter();
            roles.flat_map(move |role| Form::ALL.map(|form| (enctype, role, form)))
        });
        axes.flat_map(|(enctype, role, form)| {
            Kind::ALL.map(|kind| Self {
                enctype,
                role,
                form,
                kind,
            })
        })
    }
}

impl Role {
    pub(crate) const ALL: [Self; 2] = [Self::Initiator, Self::Acceptor];
}

impl Form {
    pub(crate) const ALL: [Self; 3] = [Self::Whole, Self::Iov, Self::Dce];

    /// What the context has to be asked for.
    pub(crate) fn flags(self) -> ContextFlags {
        match self {
            Self::Whole | Self::Iov => ContextFlags::empty(),
            Self::Dce => ContextFlags::DCE_STYLE,
        }
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Sealed, Self::Unsealed, Self::Mic];

    /// What a Wrap token of this kind asks for.
    pub(crate) fn protection(self) -> Protection {
        match self {
            Self::Sealed => Protection::CONFIDENTIALITY,
            Self::Unsealed | Self::Mic => Protection::INTEGRITY,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            enctype,
            role,
            form,
            kind,
        } = self;
        let (role, form, kind) = (
            format!("{role:?}"),
            format!("{form:?}"),
            format!("{kind:?}"),
        );
        write!(f, "{enctype:<28} {role:<10} {form:<6} {kind:<9}")
    }
}
