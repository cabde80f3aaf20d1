//! GSS-API context flags as they travel in the authenticator's checksum.

bitflags::bitflags! {
    /// Services of a security context (RFC 2744 section 5.19 and RFC 4121 section 4.1.1.1), the
    /// same bits on the wire and in the API. Unknown bits survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct GssFlags: u32 {
        /// The initiator delegated its credential.
        const DELEG = 1;
        /// The acceptor authenticates itself too.
        const MUTUAL = 2;
        /// Replayed messages are reported.
        const REPLAY = 4;
        /// Messages out of sequence are reported.
        const SEQUENCE = 8;
        /// Messages may be sealed.
        const CONF = 16;
        /// Messages may be signed.
        const INTEG = 32;
        /// The initiator is anonymous. Not sent.
        const ANON = 64;
        /// Messages may be protected already. Not sent.
        const PROT_READY = 128;
        /// The context may be moved to another process. Not sent.
        const TRANS = 256;
        /// The acceptor's channel bindings were matched. Not sent.
        const CHANNEL_BOUND = 2048;
        /// DCE style exchange with a third leg ([MS-KILE]).
        const DCE_STYLE = 0x1000;
        /// The acceptor may identify the initiator but not act for it ([MS-KILE]).
        const IDENTIFY = 0x2000;
        /// Windows status codes in errors are wanted ([MS-KILE]).
        const EXTENDED_ERROR = 0x4000;
        /// Delegate only if the ticket says that the service may have it. Not sent.
        const DELEG_POLICY = 0x8000;

        const _ = !0;
    }
}

impl GssFlags {
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
