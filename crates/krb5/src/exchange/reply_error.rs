//! How a reply can be malformed, or fail to answer the request.

use orthros_asn1::{DecodeError, EncryptionType, SpakeGroup};
use orthros_crypto::spake::ElementError;
use orthros_crypto::{DecryptError, StringToKeyError};

use orthros_types::{Duration, EnctypeSwitch, MinorStatus, Principal, Shown, Timestamp};

/// What is wrong with a reply: it can't be read, or it is no answer to the request. The KDC misbehaves, or it was
/// not the KDC.
///
/// RFC 4120 sections 3.1.5 and 3.3.4 say what a client checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The first octet is that of no message which a KDC sends.
    #[error("the answer is no Kerberos message ({} bytes)", .length)]
    NotKerberos {
        /// How much came.
        length: usize,
    },
    /// A well-formed message that does not belong here, as an AS-REP to a TGS-REQ.
    #[error("the answer is a message of another type")]
    OtherMessage,
    /// The message, or something in it, violates its syntax.
    #[error("malformed {what} from the KDC: {error}")]
    Syntax {
        /// What was being read.
        what: &'static str,
        /// Where it went wrong.
        error: DecodeError,
    },
    /// A ciphertext that is too short to be one.
    #[error("ciphertext from the KDC: {0}")]
    Ciphertext(DecryptError),
    /// The KDC's string-to-key parameters are malformed, too weak, or too costly.
    #[error("key derivation parameters from the KDC: {0}")]
    KeyParameters(StringToKeyError),
    /// The reply is encrypted in a type that was not asked for.
    #[error(
        "the reply is encrypted with encryption type {}, which was not asked for{}", .0.0, EnctypeSwitch(*.0)
    )]
    EnctypeNotRequested(EncryptionType),
    /// The reply is encrypted in a key that the client does not know, or damaged.
    #[error("the reply can't be decrypted with the keys of the request")]
    Integrity,
    /// The reply answers another request.
    #[error("the reply's nonce is not the request's")]
    Nonce,
    /// The reply is for another client.
    #[error("the reply is for client {found}, asked for was {expected}")]
    Client {
        /// The client of the request.
        expected: Principal,
        /// The client that the reply names.
        found: Principal,
    },
    /// The ticket is for another service.
    #[error("the ticket is for {found}, asked for was {expected}")]
    Service {
        /// What was asked for.
        expected: Principal,
        /// What the reply's encrypted part names.
        found: Principal,
    },
    /// The clear part of the ticket names another service than the encrypted part of the reply.
    #[error("the ticket says that it is for {ticket}, the encrypted reply says for {encrypted}")]
    TicketService {
        /// The service in the reply's encrypted part.
        encrypted: Principal,
        /// The service in the ticket's clear part.
        ticket: Principal,
    },
    /// The session key's encryption type is not supported, or its length is wrong.
    #[error("the session key of encryption type {} is not usable", .0.0)]
    SessionKey(EncryptionType),
    /// The session key is of an encryption type that was not asked for. An AS-REQ is not protected: its list of
    /// encryption types is the KDC's word only as far as the client holds to it itself.
    #[error(
        "the session key is of encryption type {}, which was not asked for{}", .0.0, EnctypeSwitch(*.0)
    )]
    SessionKeyNotRequested(EncryptionType),
    /// A postdated ticket does not start when it should.
    #[error("the ticket starts at {found:?}, asked for was {expected:?}")]
    StartTime {
        /// When it should start.
        expected: Timestamp,
        /// When it does.
        found: Timestamp,
    },
    /// The ticket starts at a time that is too far from now.
    #[error("the ticket starts {} seconds from now, allowed are {}", .offset.seconds(), .allowed.seconds())]
    Skew {
        /// Start time less now.
        offset: Duration,
        /// The largest difference that is accepted.
        allowed: Duration,
    },
    /// The ticket ends before it starts.
    #[error("the ticket ends before it starts")]
    EndsBeforeStart,
    /// The ticket lives longer than asked for.
    #[error("the ticket ends later than asked for")]
    EndTime,
    /// The ticket can be renewed longer than asked for.
    #[error("the ticket is renewable for longer than asked for")]
    RenewTill,
    /// The ticket has a flag that was not asked for.
    #[error("the ticket is {0} though that was not asked for")]
    FlagNotRequested(&'static str),
    /// The ticket is bound to an address that was not asked for.
    #[error("the ticket is bound to a network address that was not asked for")]
    Address,
    /// The reply's flags promise PA-REQ-ENC-PA-REP, and it is not there (RFC 6806 section 11).
    #[error("the reply has no checksum of the request though its flags promise one")]
    RequestChecksumMissing,
    /// The request that the KDC saw is not the one that was sent (RFC 6806 section 11).
    #[error("the reply's checksum is not that of the request: it was modified on its way")]
    RequestChecksum,
    /// The KDC knows FAST, and its offer of it did not arrive: an encrypted timestamp was got by stealth.
    #[error(
        "the KDC supports FAST, but the error that should have said so does not: it was modified on its way"
    )]
    FastHidden,
    /// A reply to a request under armor came without.
    #[error("the reply has no armor though the request had one")]
    ArmorMissing,
    /// The armored part of a reply can't be decrypted.
    #[error("the armored part of the reply is encrypted in another key or damaged")]
    ArmorIntegrity,
    /// The armored part of an error has no error.
    #[error("there is no error under the armor of an error")]
    ArmoredErrorMissing,
    /// Nothing ties the reply to its armor.
    #[error("there is no KrbFastFinished under the armor of the reply")]
    FinishedMissing,
    /// The ticket is not the one whose checksum is in the armored part.
    #[error("the ticket does not have the checksum that is under the armor of the reply")]
    TicketChecksum,
    /// The key that the KDC adds to the reply key is of no supported encryption type, or of the wrong length.
    #[error("the strengthen-key of encryption type {} is not usable", .0.0)]
    StrengthenKey(EncryptionType),
    /// The key that the KDC adds to the reply key, and whose encryption type the reply key has then, is of one that
    /// was not asked for.
    #[error(
        "the strengthen-key is of encryption type {}, which was not asked for{}", .0.0, EnctypeSwitch(*.0)
    )]
    StrengthenKeyNotRequested(EncryptionType),
    /// The KDC did not prove that it knows the client's key.
    #[error("the KDC answers an encrypted challenge without one of its own")]
    ChallengeMissing,
    /// What should prove that the KDC knows the client's key is made with another.
    #[error("the KDC's encrypted challenge is not made with the client's key")]
    Challenge,
    /// The KDC challenges in a group after it was told that the client does not have it.
    #[error("the KDC insists on the SPAKE group {}, which spake_preauth_groups does not have", .0.0)]
    SpakeGroup(SpakeGroup),
    /// The KDC's public key is none.
    #[error("the KDC's SPAKE challenge: {0}")]
    SpakePublicKey(ElementError),
    /// The KDC takes no client without a second factor.
    #[error("the KDC's SPAKE challenge wants a second factor, and there is none")]
    SpakeSecondFactor,
    /// The KDC sends a message of SPAKE that it should not, or not now.
    #[error("the KDC sends a SPAKE message that is not expected")]
    SpakeOutOfTurn,
    /// The reply to a request in a user's name repeats another user, or without a valid checksum (MS-SFU section
    /// 2.2.2).
    #[error("the reply does not prove that it is for the user that was asked for")]
    UserChecksum,
    /// The reply to a request in a user's name does not repeat the user, and has no armor that would protect the
    /// name outside.
    #[error(
        "the reply has neither armor nor PA-S4U-X509-USER, so that nothing shows for which user it is"
    )]
    UserMissing,
    /// The password is said to be changed in a reply that does not prove to be the server's.
    #[error("the reply calls the password changed without a proof that it is the server's")]
    UnprovenSuccess,
    /// The result is encrypted by the client: its own request, sent back.
    #[error("the result of the password change is the request, sent back")]
    Reflected,
    /// A reply without the result that it is there for.
    #[error("the reply has no result of a password change")]
    PasswordResultMissing,
    /// A result that RFC 3244 does not know.
    #[error("the result {0} of a password change is not known")]
    PasswordResult(u16),
    /// A referral led to a realm that was asked before.
    #[error("the referrals lead back to realm {}", Shown::new(.0))]
    ReferralLoop(alloc::vec::Vec<u8>),
    /// Too many requests were needed.
    #[error("the exchange did not end after {0} requests")]
    TooManyRequests(u32),
    /// The KDC says that its reply is too big for a datagram, over a stream.
    #[error("the KDC calls its response too big for a stream")]
    TooBigForStream,
}

impl ReplyError {
    /// MIT's number for it.
    #[must_use]
    pub const fn minor_status(&self) -> MinorStatus {
        match self {
            Self::NotKerberos { .. } | Self::OtherMessage => MinorStatus::KRB5KRB_AP_ERR_MSG_TYPE,
            Self::Syntax { .. } => MinorStatus::ASN1_PARSE_ERROR,
            Self::Ciphertext(_) => MinorStatus::KRB5_BAD_MSIZE,
            Self::KeyParameters(_) => MinorStatus::KRB5_ERR_BAD_S2K_PARAMS,
            Self::EnctypeNotRequested(_)
            | Self::SessionKeyNotRequested(_)
            | Self::StrengthenKeyNotRequested(_) => MinorStatus::KRB5_CONFIG_ETYPE_NOSUPP,
            Self::ArmorMissing => MinorStatus::KRB5_ERR_FAST_REQUIRED,
            Self::Reflected => MinorStatus::KRB5KRB_AP_ERR_BADDIRECTION,
            Self::UnprovenSuccess | Self::PasswordResultMissing | Self::PasswordResult(_) => {
                MinorStatus::KRB5KRB_AP_ERR_MODIFIED
            }
            Self::Integrity | Self::ArmorIntegrity | Self::Challenge => {
                MinorStatus::KRB5KRB_AP_ERR_BAD_INTEGRITY
            }
            Self::SessionKey(_) | Self::StrengthenKey(_) => MinorStatus::KRB5_PROG_ETYPE_NOSUPP,
            Self::ArmoredErrorMissing
            | Self::ChallengeMissing
            | Self::SpakeGroup(_)
            | Self::SpakePublicKey(_)
            | Self::SpakeSecondFactor
            | Self::SpakeOutOfTurn => MinorStatus::KRB5_PREAUTH_FAILED,
            Self::Skew { .. } => MinorStatus::KRB5_KDCREP_SKEW,
            Self::ReferralLoop(_) => MinorStatus::KRB5_KDC_UNREACH,
            Self::TooManyRequests(_) => MinorStatus::KRB5_GET_IN_TKT_LOOP,
            Self::TooBigForStream => MinorStatus::KRB5KRB_ERR_RESPONSE_TOO_BIG,
            _ => MinorStatus::KRB5_KDCREP_MODIFIED,
        }
    }
}
