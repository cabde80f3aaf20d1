//! SPNEGO (RFC 4178): the negotiation of a mechanism, around its tokens.
//!
//! Both sides are stepped like the mechanisms, and negotiate over a list of
//! [`ConcreteMechanism`](super::ConcreteMechanism)s. Of these they know no more than that they are stepped, too: what
//! a mechanism says goes into `mechToken` and `responseToken`, and its context makes and verifies the MICs over the
//! list. The list of a peer may have anything in it.
//!
//! The MICs are exchanged where RFC 4178 section 5 has them: the acceptor chose another mechanism than the first, or a
//! peer sent one of its own accord. Exceptions that others make are taken, too: MIT krb5's and Windows', each with a
//! comment where it is.

pub(super) mod acceptor;
mod error;
pub(super) mod hints;
pub(super) mod initiator;
#[cfg(test)]
mod tests;
mod token;

use super::{Description, krb5};
use crate::{MechAttribute, Oid};

impl Oid {
    /// The negotiation of a mechanism, 1.3.6.1.5.5.2 (RFC 4178).
    pub const SPNEGO: Self = Self::new(&[1, 3, 6, 1, 5, 5, 2]);
}

pub(super) const DESCRIPTION: Description = Description {
    oid: Oid::SPNEGO,
    identifiers: &[],
    is_announced: true,
    // What a context has that it negotiates is the negotiated mechanism's.
    attributes: &[MechAttribute::MECH_NEGO, MechAttribute::ITOK_FRAMED],
    name_types: krb5::NAME_TYPES,
};
