//! The mechanisms: which there are, and what each of them answers.
//!
//! Contexts, credentials and names know [`Mechanism`] and nothing of an exchange of tokens. A mechanism's file has
//! what is fixed of it ([`Description`]), the files below that its two sides. [`concrete`] dispatches to the
//! mechanisms that establish contexts themselves, [`initiator`] and [`acceptor`] to these or to SPNEGO, which
//! negotiates over a list of them.
//!
//! To add a mechanism: its identifier in `oid.rs`, a variant of [`ConcreteMechanism`] here, its own file, and its arms
//! in `concrete.rs`.

pub(crate) mod acceptor;
mod concrete;
pub(crate) mod established;
pub(crate) mod initiator;
pub(crate) mod initiator_tickets;
pub(crate) mod inquiry;
pub(crate) mod krb5;
pub(crate) mod request;
mod spnego;
mod token;
mod user_to_user;

use crate::error::CallError;
use crate::{Error, MechAttribute, NameType, Oid};

/// A mechanism that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// One that establishes contexts itself.
    Concrete(ConcreteMechanism),
    /// SPNEGO, which negotiates one of those (RFC 4178).
    Negotiation,
}

/// A mechanism that establishes contexts itself (`GSS_C_MA_MECH_CONCRETE`, RFC 5587 section 3.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ConcreteMechanism {
    /// Kerberos V5 (RFC 4121).
    #[default]
    Krb5,
    /// Kerberos V5 between users (draft-swift-win2k-krb-user2user-03).
    UserToUser,
}

/// The mechanisms that SPNEGO negotiates.
#[derive(Clone, Copy)]
struct Negotiable {
    /// The one that initiators send a first token of.
    best: ConcreteMechanism,
    /// Those after it, the best first.
    others: &'static [ConcreteMechanism],
}

/// Between users is not for a negotiation to choose: with it a user can be reached and a service not.
const NEGOTIABLE: Negotiable = Negotiable {
    best: ConcreteMechanism::Krb5,
    others: &[],
};

/// What is fixed of a mechanism.
pub(crate) struct Description {
    /// Its identifier in the API.
    oid: Oid,
    /// The contents octets of the identifiers that it goes by in tokens, its own one first.
    identifiers: &'static [&'static [u8]],
    /// Whether `gss_indicate_mechs` names it.
    is_announced: bool,
    /// What it is known to have (RFC 5587).
    attributes: &'static [MechAttribute],
    /// The types of names that it takes.
    name_types: &'static [NameType],
}

impl Mechanism {
    /// What a call uses that names no mechanism (RFC 2744: `GSS_C_NO_OID`), and the mechanism that minor statuses are
    /// of where no other one claims them.
    pub(crate) const DEFAULT: Self = Self::Concrete(ConcreteMechanism::Krb5);

    const ALL: [Self; 3] = [
        Self::Concrete(ConcreteMechanism::Krb5),
        Self::Concrete(ConcreteMechanism::UserToUser),
        Self::Negotiation,
    ];

    /// The mechanism of this identifier; `BAD_MECH` where it is not here.
    pub(crate) fn from_oid(oid: Oid) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|mechanism| mechanism.oid() == oid);
        found
            .copied()
            .ok_or_else(|| CallError::Mechanism(oid).into())
    }

    /// Its identifier in the API.
    pub(crate) const fn oid(self) -> Oid {
        self.description().oid
    }

    pub(crate) const fn description(self) -> &'static Description {
        match self {
            Self::Concrete(concrete) => concrete.description(),
            Self::Negotiation => &spnego::DESCRIPTION,
        }
    }
}

impl ConcreteMechanism {
    const ALL: [Self; 2] = [Self::Krb5, Self::UserToUser];

    /// The mechanism with this identifier, given by its contents octets.
    fn find(identifier: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|mechanism| mechanism.goes_by(identifier))
    }

    pub(crate) const fn oid(self) -> Oid {
        self.description().oid
    }

    /// Whether this is one of its identifiers, given by its contents octets.
    fn goes_by(self, identifier: &[u8]) -> bool {
        self.description().identifiers.contains(&identifier)
    }

    const fn description(self) -> &'static Description {
        match self {
            Self::Krb5 => &krb5::DESCRIPTION,
            Self::UserToUser => &user_to_user::DESCRIPTION,
        }
    }
}

impl Negotiable {
    /// All of them, the best first.
    fn iter(self) -> impl Iterator<Item = ConcreteMechanism> {
        core::iter::once(self.best).chain(self.others.iter().copied())
    }
}
