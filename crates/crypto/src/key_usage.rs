//! Key usage numbers.

/// What a key is used for: the number that keeps the keys derived for one purpose from serving another
/// (RFC 3961 section 5.3; numbers of RFC 4120 section 7.5.1 unless said otherwise).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyUsage(pub u32);

impl KeyUsage {
    /// AS-REQ PA-ENC-TIMESTAMP padata timestamp, encrypted with the client key.
    pub const AS_REQ_PA_ENC_TIMESTAMP: Self = Self(1);
    /// AS-REP or TGS-REP ticket, encrypted with the service key.
    pub const KDC_REP_TICKET: Self = Self(2);
    /// AS-REP encrypted part, encrypted with the client key.
    pub const AS_REP_ENC_PART: Self = Self(3);
    /// TGS-REQ KDC-REQ-BODY authorization data, encrypted with the TGS session key.
    pub const TGS_REQ_AUTHORIZATION_DATA_SESSION_KEY: Self = Self(4);
    /// TGS-REQ KDC-REQ-BODY authorization data, encrypted with the TGS authenticator subkey.
    pub const TGS_REQ_AUTHORIZATION_DATA_SUBKEY: Self = Self(5);
    /// TGS-REQ PA-TGS-REQ AP-REQ authenticator checksum, keyed with the TGS session key.
    pub const TGS_REQ_AUTHENTICATOR_CHECKSUM: Self = Self(6);
    /// TGS-REQ PA-TGS-REQ AP-REQ authenticator, encrypted with the TGS session key.
    pub const TGS_REQ_AUTHENTICATOR: Self = Self(7);
    /// TGS-REP encrypted part, encrypted with the TGS session key.
    pub const TGS_REP_ENC_PART_SESSION_KEY: Self = Self(8);
    /// TGS-REP encrypted part, encrypted with the TGS authenticator subkey.
    pub const TGS_REP_ENC_PART_SUBKEY: Self = Self(9);
    /// AP-REQ authenticator checksum, keyed with the application session key.
    pub const AP_REQ_AUTHENTICATOR_CHECKSUM: Self = Self(10);
    /// AP-REQ authenticator, encrypted with the application session key.
    pub const AP_REQ_AUTHENTICATOR: Self = Self(11);
    /// AP-REP encrypted part, encrypted with the application session key.
    pub const AP_REP_ENC_PART: Self = Self(12);
    /// KRB-PRIV encrypted part.
    pub const KRB_PRIV_ENC_PART: Self = Self(13);
    /// KRB-CRED encrypted part.
    pub const KRB_CRED_ENC_PART: Self = Self(14);
    /// KRB-SAFE checksum.
    pub const KRB_SAFE_CHECKSUM: Self = Self(15);
    /// MS-SFU section 2.2.1: checksum of PA-FOR-USER.
    pub const PA_FOR_USER_CHECKSUM: Self = Self(17);
    /// AD-KDC-ISSUED checksum (ad-checksum in RFC 4120 section 5.2.6.4).
    pub const AD_KDC_ISSUED_CHECKSUM: Self = Self(19);
    /// RFC 4121 section 2: sealed tokens from the acceptor.
    pub const ACCEPTOR_SEAL: Self = Self(22);
    /// RFC 4121 section 2: MIC and integrity-only tokens from the acceptor.
    pub const ACCEPTOR_SIGN: Self = Self(23);
    /// RFC 4121 section 2: sealed tokens from the initiator.
    pub const INITIATOR_SEAL: Self = Self(24);
    /// RFC 4121 section 2: MIC and integrity-only tokens from the initiator.
    pub const INITIATOR_SIGN: Self = Self(25);
    /// MS-SFU section 2.2.2: PA-S4U-X509-USER checksum over the user of a TGS-REQ.
    pub const S4U_X509_USER_REQUEST: Self = Self(26);
    /// MS-SFU section 2.2.2: PA-S4U-X509-USER checksum over the user of a TGS-REP.
    pub const S4U_X509_USER_REPLY: Self = Self(27);
    /// RFC 6113 section 5.4.2: checksum that ties an armored request to what it comes in.
    pub const FAST_REQ_CHECKSUM: Self = Self(50);
    /// RFC 6113 section 5.4.2: request under armor.
    pub const FAST_ENC: Self = Self(51);
    /// RFC 6113 section 5.4.3: reply under armor.
    pub const FAST_REP: Self = Self(52);
    /// RFC 6113 section 5.4.3: checksum over the ticket of an armored reply.
    pub const FAST_FINISHED: Self = Self(53);
    /// RFC 6113 section 5.4.6: the client's encrypted challenge.
    pub const ENC_CHALLENGE_CLIENT: Self = Self(54);
    /// RFC 6113 section 5.4.6: the KDC's encrypted challenge.
    pub const ENC_CHALLENGE_KDC: Self = Self(55);
    /// RFC 6806 section 11: PA-REQ-ENC-PA-REP checksum over the AS-REQ.
    pub const AS_REQ_CHECKSUM: Self = Self(56);
    /// RFC 7751 section 4: the MACs of AD-CAMMAC.
    pub const CAMMAC: Self = Self(64);
    /// RFC 9588 section 4.3: the second factor of SPAKE.
    pub const SPAKE: Self = Self(65);
}
