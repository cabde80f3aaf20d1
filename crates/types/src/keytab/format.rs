//! The two versions of the format.

use crate::bytes::ByteOrder;

/// Which version of the format a keytab is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeytabFormat {
    /// Principals have no name type, their realm is counted among their components, and numbers have the byte order of
    /// the host that wrote them, which the file does not name.
    Version1(ByteOrder),
    /// What is written today.
    #[default]
    Version2,
}

impl KeytabFormat {
    /// The order of the bytes of its numbers.
    #[must_use]
    pub fn byte_order(self) -> ByteOrder {
        match self {
            Self::Version1(order) => order,
            Self::Version2 => ByteOrder::BigEndian,
        }
    }

    /// The two bytes that a file of it begins with.
    pub(super) fn first_octets(self) -> [u8; 2] {
        match self {
            Self::Version1(_) => VERSION_1,
            Self::Version2 => VERSION_2,
        }
    }

    pub(super) fn counts_realm(self) -> bool {
        matches!(self, Self::Version1(_))
    }
}

pub(super) const VERSION_1: [u8; 2] = [5, 1];
pub(super) const VERSION_2: [u8; 2] = [5, 2];
