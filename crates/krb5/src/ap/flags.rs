//! Context flags: of the API, and as they travel in the authenticator's checksum.

bitflags::bitflags! {
    /// The services of a security context: what is asked for, or what there is (RFC 2744 section 5.19 `GSS_C_*_FLAG`,
    /// RFC 4121 section 4.1.1.1), the same bits on the wire and in the API.
    ///
    /// An initiator asks with them; an established context reports them. CONF and INTEG are asked for by the Kerberos
    /// mechanism even where the caller does not, unless it is told not to. Bits without a name survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ContextFlags: u32 {
        /// The initiator's credentials are delegated to the acceptor. It overrides
        /// [`DELEG_POLICY`](Self::DELEG_POLICY).
        const DELEG = 1;
        /// The acceptor authenticates itself to the initiator, too.
        const MUTUAL = 2;
        /// Replayed per-message tokens are detected.
        const REPLAY = 4;
        /// Per-message tokens out of order are detected.
        const SEQUENCE = 8;
        /// Messages can be encrypted.
        const CONF = 16;
        /// Messages can be protected by MICs.
        const INTEG = 32;
        /// The initiator does not reveal its name to the acceptor. Not sent.
        const ANON = 64;
        /// Per-message calls are possible already. Not sent.
        const PROT_READY = 128;
        /// The context can be exported to another process. Not sent.
        const TRANS = 256;
        /// Both sides gave channel bindings, and they are equal: acceptors report it. An initiator that asks for it
        /// says so by other means (`KERB_AP_OPTIONS_CBT`): an acceptor that has channel bindings refuses it unless its
        /// own are equal, while one that has none takes it, as everywhere. Not sent.
        const CHANNEL_BOUND = 2048;
        /// Three tokens instead of two, and tokens without the framing of GSS-API, as DCE RPC has it (\[MS-KILE\]). It
        /// implies [`MUTUAL`](Self::MUTUAL).
        const DCE_STYLE = 0x1000;
        /// The acceptor may identify the initiator but not act for it (\[MS-KILE\]).
        const IDENTIFY = 0x2000;
        /// Windows status codes in errors are wanted (\[MS-KILE\]).
        const EXTENDED_ERROR = 0x4000;
        /// Credentials are delegated only where the service's ticket has ok-as-delegate (RFC 5896). Not sent.
        const DELEG_POLICY = 0x8000;

        const _ = !0;
    }
}

impl ContextFlags {
    /// With what the flags imply: DCE style is mutual.
    pub(crate) fn completed(mut self) -> Self {
        self.set(
            Self::MUTUAL,
            self.intersects(Self::MUTUAL | Self::DCE_STYLE),
        );
        self
    }

    /// What an initiator may say in its checksum and an acceptor believes.
    pub(crate) const ON_THE_WIRE: Self = Self::MUTUAL
        .union(Self::REPLAY)
        .union(Self::SEQUENCE)
        .union(Self::CONF)
        .union(Self::INTEG)
        .union(Self::DCE_STYLE)
        .union(Self::IDENTIFY)
        .union(Self::EXTENDED_ERROR);
}

#[cfg(test)]
mod tests {
    use super::ContextFlags;

    #[test]
    fn bits_without_a_name_survive() {
        assert_eq!(ContextFlags::from_bits_retain(0x1_0002).bits(), 0x1_0002);
    }
}
