//! The object identifiers of the Kerberos V5 mechanism.

/// The object identifiers that Kerberos V5 goes by in context tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// 1.2.840.113554.1.2.2 (RFC 4121).
    #[default]
    Krb5,
    /// 1.2.840.48018.1.2.2: the same with a bit lost, as Microsoft has it.
    Microsoft,
    /// 1.3.5.1.5.2: what it was before RFC 1964.
    BeforeRfc1964,
    /// 1.2.840.113554.1.2.2.3: its exchange begins with a request for the peer's ticket-granting ticket, whose session
    /// key the peer accepts with (draft-swift-win2k-krb-user2user-03).
    UserToUser,
}

impl Mechanism {
    /// All identifiers that an acceptor takes.
    pub const ALL: [Self; 4] = [
        Self::Krb5,
        Self::Microsoft,
        Self::BeforeRfc1964,
        Self::UserToUser,
    ];

    /// The contents octets of the DER encoding.
    #[must_use]
    pub const fn oid(self) -> &'static [u8] {
        match self {
            Self::Krb5 => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02],
            Self::Microsoft => &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02],
            Self::BeforeRfc1964 => &[0x2b, 0x05, 0x01, 0x05, 0x02],
            Self::UserToUser => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03],
        }
    }

    pub(super) fn from_oid(oid: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|mechanism| mechanism.oid() == oid)
    }
}
