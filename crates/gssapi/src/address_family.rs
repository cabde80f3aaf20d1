//! Address families of channel bindings.

/// The kind of an address in [`ChannelBindings`](crate::ChannelBindings) (RFC 2744 `GSS_C_AF_*`, with its numbers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressFamily(pub u32);

impl AddressFamily {
    /// Unspecified.
    pub const UNSPEC: Self = Self(0);
    /// Local to the host.
    pub const LOCAL: Self = Self(1);
    /// IPv4.
    pub const INET: Self = Self(2);
    /// The `ARPAnet` IMP.
    pub const IMPLINK: Self = Self(3);
    /// pup protocols, such as BSP.
    pub const PUP: Self = Self(4);
    /// MIT CHAOS protocol.
    pub const CHAOS: Self = Self(5);
    /// XEROX NS.
    pub const NS: Self = Self(6);
    /// NBS.
    pub const NBS: Self = Self(7);
    /// ECMA.
    pub const ECMA: Self = Self(8);
    /// Datakit protocols.
    pub const DATAKIT: Self = Self(9);
    /// CCITT protocols, such as X.25.
    pub const CCITT: Self = Self(10);
    /// IBM SNA.
    pub const SNA: Self = Self(11);
    /// `DECnet`.
    pub const DECNET: Self = Self(12);
    /// Direct data link interface.
    pub const DLI: Self = Self(13);
    /// LAT.
    pub const LAT: Self = Self(14);
    /// NSC Hyperchannel.
    pub const HYLINK: Self = Self(15);
    /// `AppleTalk`.
    pub const APPLETALK: Self = Self(16);
    /// BISYNC 2780/3780.
    pub const BSC: Self = Self(17);
    /// Distributed system services.
    pub const DSS: Self = Self(18);
    /// OSI TP4.
    pub const OSI: Self = Self(19);
    /// NETBIOS.
    pub const NETBIOS: Self = Self(20);
    /// X.25.
    pub const X25: Self = Self(21);
    /// IPv6, with Heimdal's number; RFC 2744 has none.
    pub const INET6: Self = Self(24);
    /// No address.
    pub const NULLADDR: Self = Self(255);
}

/// No address.
impl Default for AddressFamily {
    fn default() -> Self {
        Self::NULLADDR
    }
}
