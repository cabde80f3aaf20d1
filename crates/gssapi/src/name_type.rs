//! Types of names.

use core::fmt;

use crate::Oid;

/// How the octets of a [`Name`](crate::Name) are meant: an [`Oid`] with a meaning (RFC 2743 section 4).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NameType(Oid);

impl NameType {
    /// A user's name; for Kerberos a principal, in the default realm where it names none.
    pub const USER_NAME: Self = Self(Oid::new(&[1, 2, 840, 113_554, 1, 2, 1, 1]));
    /// A user's number on this system: four octets in the host's order.
    pub const MACHINE_UID_NAME: Self = Self(Oid::new(&[1, 2, 840, 113_554, 1, 2, 1, 2]));
    /// A user's number on this system, in decimal digits.
    pub const STRING_UID_NAME: Self = Self(Oid::new(&[1, 2, 840, 113_554, 1, 2, 1, 3]));
    /// A service on a host: `service@host`, or `service` on this host.
    pub const HOSTBASED_SERVICE: Self = Self(Oid::new(&[1, 2, 840, 113_554, 1, 2, 1, 4]));
    /// The older identifier of [`HOSTBASED_SERVICE`](Self::HOSTBASED_SERVICE), 1.3.6.1.5.6.2; the same to us.
    pub const HOSTBASED_SERVICE_X: Self = Self(Oid::new(&[1, 3, 6, 1, 5, 6, 2]));
    /// An anonymous user; the octets don't matter.
    pub const ANONYMOUS: Self = Self(Oid::new(&[1, 3, 6, 1, 5, 6, 3]));
    /// What [`MechName::export`](crate::MechName::export) gave (RFC 2743 section 3.2).
    pub const EXPORT_NAME: Self = Self(Oid::new(&[1, 3, 6, 1, 5, 6, 4]));
    /// An exported name with attributes behind it (RFC 6680 section 8). The name is read, the attributes are not.
    pub const COMPOSITE_EXPORT: Self = Self(Oid::new(&[1, 3, 6, 1, 5, 6, 6]));
    /// A Kerberos principal in its text form (RFC 1964 section 2.1.1).
    pub const KRB5_PRINCIPAL_NAME: Self = Self(Oid::new(&[1, 2, 840, 113_554, 1, 2, 2, 1]));
    /// A Kerberos enterprise name, `user@domain` (RFC 6806 section 5).
    pub const KRB5_ENTERPRISE_NAME: Self = Self(Oid::new(&[1, 2, 840, 113_554, 1, 2, 2, 6]));

    /// The object identifier.
    #[must_use]
    pub const fn oid(self) -> Oid {
        self.0
    }
}

impl From<Oid> for NameType {
    fn from(oid: Oid) -> Self {
        Self(oid)
    }
}

impl From<NameType> for Oid {
    fn from(name_type: NameType) -> Self {
        name_type.0
    }
}

impl fmt::Display for NameType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for NameType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NameType({self})")
    }
}
