//! Context flags (RFC 2744 section 5.19, RFC 5896).

bitflags::bitflags! {
    /// What a context is asked for, or what it has (RFC 2744 `GSS_C_*_FLAG`, with its numbers).
    ///
    /// An initiator asks with them; an established context reports them. CONF and INTEG are always asked for by
    /// the Kerberos mechanism, whatever the caller says. Bits without a name survive.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct ContextFlags: u32 {
        /// The initiator's credentials are delegated to the acceptor. It overrides [`DELEG_POLICY`](Self::DELEG_POLICY).
        const DELEG = 1;
        /// The acceptor authenticates itself to the initiator, too.
        const MUTUAL = 2;
        /// Replayed per-message tokens are detected.
        const REPLAY = 4;
        /// Per-message tokens out of order are detected.
        const SEQUENCE = 8;
        /// Messages can be sealed.
        const CONF = 16;
        /// Messages can be signed.
        const INTEG = 32;
        /// The initiator does not reveal its name to the acceptor.
        const ANON = 64;
        /// Per-message calls are possible already.
        const PROT_READY = 128;
        /// The context can be exported to another process.
        const TRANS = 256;
        /// Both sides gave channel bindings, and they are equal. Reported by acceptors only.
        const CHANNEL_BOUND = 2048;
        /// Three tokens instead of two, and tokens without the framing of GSS-API, as DCE RPC has it (\[MS-KILE\]). It implies
        /// [`MUTUAL`](Self::MUTUAL).
        const DCE_STYLE = 0x1000;
        /// Credentials are delegated only where the service's ticket has ok-as-delegate (RFC 5896).
        const DELEG_POLICY = 32768;

        const _ = !0;
    }
}

#[cfg(test)]
mod tests {
    use super::ContextFlags;

    #[test]
    fn bits_without_a_name_survive() {
        assert_eq!(ContextFlags::from_bits_retain(0x1002).bits(), 0x1002);
    }
}
