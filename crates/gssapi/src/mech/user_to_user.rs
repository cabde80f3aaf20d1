//! Kerberos V5 between users (draft-swift-win2k-krb-user2user-03): the initiator asks its peer for the peer's
//! ticket-granting ticket first, and gets a service ticket that is encrypted in that one's session key (RFC 4120
//! section 2.9.2).

pub(super) mod acceptor;
pub(super) mod initiator;

use orthros_krb5::ap;

use super::{Description, krb5};
use crate::Oid;

impl Oid {
    /// Kerberos V5 between users, 1.2.840.113554.1.2.2.3 (draft-swift-win2k-krb-user2user-03): the initiator asks its
    /// peer for the peer's ticket-granting ticket first. It is for programs that ask for it
    /// ([`InitContextBuilder::mech_type`](crate::InitContextBuilder::mech_type)); [`mechanisms`](crate::mechanisms)
    /// does not announce it, as with it a user can be reached and a service not.
    pub const KRB5_USER_TO_USER: Self = Self::of_octets(ap::Mechanism::UserToUser.oid());
}

pub(super) const DESCRIPTION: Description = Description {
    oid: Oid::KRB5_USER_TO_USER,
    identifiers: &[ap::Mechanism::UserToUser.oid()],
    // With it a user can be reached and a service not, so it is for programs that ask for it.
    is_announced: false,
    attributes: krb5::ATTRIBUTES,
    name_types: krb5::NAME_TYPES,
};
