//! Channel bindings: what ties a context to the channel it runs in.
//!
//! RFC 4121 section 4.1.1.2: the MD5 hash of the bindings' fields in the order of RFC 2744
//! section 3.11, every number as four bytes, least significant first. The hash travels in the
//! authenticator's checksum, under its encryption; MD5 is only a digest of known data here.

use alloc::vec::Vec;

/// The bindings of RFC 2744 section 3.11, as an application gives them.
///
/// Address types are the `GSS_C_AF_*` numbers; this crate gives them no meaning but one:
/// an initiator address of type 2 (IPv4) is compared with the addresses in a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChannelBindings {
    /// Type of the initiator's address.
    pub initiator_address_type: u32,
    /// The initiator's address, in the format of its type.
    pub initiator_address: Vec<u8>,
    /// Type of the acceptor's address.
    pub acceptor_address_type: u32,
    /// The acceptor's address, in the format of its type.
    pub acceptor_address: Vec<u8>,
    /// Anything else that both sides know of the channel, such as `tls-server-end-point:` and
    /// a certificate's hash (RFC 5929).
    pub application_data: Vec<u8>,
}

impl ChannelBindings {
    /// The address type of IPv4 (`GSS_C_AF_INET`).
    pub const ADDRESS_TYPE_INET: u32 = 2;

    /// The hash that goes into an authenticator's checksum.
    #[must_use]
    pub fn hash(&self) -> ChannelBindingsHash {
        ChannelBindingsHash(orthros_crypto::md5(&[
            &self.initiator_address_type.to_le_bytes(),
            &length(&self.initiator_address),
            &self.initiator_address,
            &self.acceptor_address_type.to_le_bytes(),
            &length(&self.acceptor_address),
            &self.acceptor_address,
            &length(&self.application_data),
            &self.application_data,
        ]))
    }
}

/// The 16 bytes of the `Bnd` field (RFC 4121 section 4.1.1); all zero without bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChannelBindingsHash(pub [u8; 16]);

impl ChannelBindingsHash {
    /// What a peer without channel bindings sends.
    pub const NONE: Self = Self([0; 16]);

    /// The hash of bindings, or [`NONE`](Self::NONE) without.
    #[must_use]
    pub fn of(bindings: Option<&ChannelBindings>) -> Self {
        bindings.map_or(Self::NONE, ChannelBindings::hash)
    }

    /// Whether the sender had channel bindings.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }
}

/// A length in RFC 2744's layout. Bindings that do not fit 32 bits can't be told apart from
/// their remainder there; no channel has four gigabytes of them.
fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bindings_are_sixteen_zeros() {
        assert_eq!(ChannelBindingsHash::of(None).0, [0; 16]);
        assert!(ChannelBindingsHash::of(None).is_none());
    }

    #[test]
    fn empty_bindings_are_not_the_same_as_none() {
        // MD5 of 20 zero bytes; every implementation's capture of "empty" bindings shows it.
        let expected = [
            0x44, 0x10, 0x18, 0x52, 0x52, 0x08, 0x45, 0x77, 0x05, 0xbf, 0x09, 0xa8, 0xee, 0x3c,
            0x10, 0x93,
        ];
        assert_eq!(ChannelBindings::default().hash().0, expected);
    }

    #[test]
    fn every_field_is_hashed_in_rfc_2744_order() {
        // Computed with Python's hashlib from the layout of RFC 4121 section 4.1.1.2.
        let bindings = ChannelBindings {
            initiator_address_type: ChannelBindings::ADDRESS_TYPE_INET,
            initiator_address: [192, 0, 2, 1].into(),
            acceptor_address_type: ChannelBindings::ADDRESS_TYPE_INET,
            acceptor_address: [192, 0, 2, 2].into(),
            application_data: b"data".to_vec(),
        };
        let expected = [
            0xfa, 0x32, 0x8e, 0xa9, 0x0b, 0xf5, 0x9b, 0xd6, 0x25, 0x4a, 0x08, 0x54, 0x98, 0x44,
            0x89, 0x13,
        ];
        assert_eq!(bindings.hash().0, expected);
    }
}
