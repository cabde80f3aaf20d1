//! The four versions of the format.

use crate::bytes::ByteOrder;

/// Which version of the format a cache is in.
///
/// All that MIT and Heimdal write today is version 4. Versions 1 and 2 have the byte order of the host that wrote
/// them, which the file does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CacheFormat {
    /// Principals have no name type, and their realm is counted among their components.
    Version1(ByteOrder),
    /// Without a header, and in some byte order.
    Version2(ByteOrder),
    /// Without a header, and with each key's enctype twice.
    Version3,
    /// With a header of tagged fields.
    #[default]
    Version4,
}

impl CacheFormat {
    /// The version's number, 1 to 4.
    #[must_use]
    pub fn version(self) -> u8 {
        match self {
            Self::Version1(_) => 1,
            Self::Version2(_) => 2,
            Self::Version3 => 3,
            Self::Version4 => 4,
        }
    }

    /// The order of the bytes of its numbers.
    #[must_use]
    pub fn byte_order(self) -> ByteOrder {
        match self {
            Self::Version1(order) | Self::Version2(order) => order,
            Self::Version3 | Self::Version4 => ByteOrder::BigEndian,
        }
    }

    pub(super) fn counts_realm(self) -> bool {
        matches!(self, Self::Version1(_))
    }

    pub(super) fn repeats_enctype(self) -> bool {
        self == Self::Version3
    }

    pub(super) fn has_tags(self) -> bool {
        self == Self::Version4
    }
}
