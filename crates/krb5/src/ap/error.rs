//! Everything that can end an AP exchange without a context, by blame.

use alloc::boxed::Box;

use orthros_asn1::{DecodeError, EncodeError, EncryptionType, ErrorCode};
use orthros_crypto::RandomError;

use super::checksum::AuthenticatorChecksumError;
use super::defect::ApCheckError;
use super::key_source::KeyLookupError;
use super::peer_error::PeerError;
use orthros_types::ReplayStoreError;
use orthros_types::Timestamp;
use orthros_types::{MinorStatus, Principal};

/// Why no context was established.
#[derive(Debug, thiserror::Error)]
pub enum ApError {
    /// Malformed input: the token is none that can be read.
    #[error(transparent)]
    Malformed(#[from] MalformedTokenError),
    /// The peer misbehaved, or shows something that must not be accepted.
    #[error(transparent)]
    Misbehaved(Box<ApCheckError>),
    /// The acceptor said no.
    #[error(transparent)]
    Refused(Box<PeerError>),
    /// The acceptor has no key that opens the ticket.
    #[error(transparent)]
    NoKey(Box<KeyLookupError>),
    /// The caller's credential or options can't be used.
    #[error(transparent)]
    Misused(#[from] ApMisuseError),
    /// The environment failed: no randomness.
    #[error("no randomness for the AP exchange: {0}")]
    Random(RandomError),
    /// The environment failed: it can't be told whether the request is a replay.
    #[error(transparent)]
    ReplayStore(#[from] ReplayStoreError),
}

/// A context token that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedTokenError {
    /// The token is longer than any with a ticket of a usual KDC: than 256 KiB.
    #[error("context token of {0} octets is too long")]
    TooLong(usize),
    /// The framing of RFC 2743 section 3.1 is missing, broken, or of another length than the token.
    #[error("context token is not framed: {0}")]
    Framing(DecodeError),
    /// A token of another mechanism than Kerberos, or than the exchange began with.
    #[error("context token is of another mechanism")]
    OtherMechanism,
    /// The framing contains nothing.
    #[error("context token has no token identifier")]
    NoTokenId,
    /// A token of another step of the exchange.
    #[error("unexpected context token identifier {:02x} {:02x}", .0[0], .0[1])]
    TokenId([u8; 2]),
    /// The message, or something in it, violates its syntax.
    #[error("malformed {what}: {error}")]
    Syntax {
        /// What was being read.
        what: &'static str,
        /// Where it went wrong.
        error: DecodeError,
    },
    /// The checksum field of the authenticator is not what RFC 4121 section 4.1.1 says.
    #[error(transparent)]
    Checksum(#[from] AuthenticatorChecksumError),
    /// The delegated credential is incomplete.
    #[error("malformed KRB-CRED: {0}")]
    Delegation(&'static str),
    /// The DCE style flag in a token that is framed, or none in a bare one. DCE style has no framing, and a third leg.
    #[error("the token's framing and its DCE style flag disagree")]
    DceStyle,
    /// The `KERB_AP_OPTIONS` element of the authorization data is not four octets.
    #[error("AP options of {0} octets in the authenticator")]
    ApOptions(usize),
}

/// The caller asked for what can't be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApMisuseError {
    /// The ticket to show has expired.
    #[error("ticket for {server} expired at {endtime}")]
    TicketExpired {
        /// Whom the ticket is for.
        server: Principal,
        /// When it ended.
        endtime: Timestamp,
    },
    /// The ticket to show is not valid yet.
    #[error("ticket for {server} is not valid before {starttime}")]
    TicketNotYetValid {
        /// Whom the ticket is for.
        server: Principal,
        /// When it begins.
        starttime: Timestamp,
    },
    /// The credential's ticket can't be read.
    #[error("ticket in the credential is malformed: {0}")]
    Ticket(DecodeError),
    /// The credential's session key is of an enctype that is not supported, or damaged.
    #[error("session key in the credential (enctype {0}) can't be used")]
    SessionKey(EncryptionType),
    /// A message can't be encoded.
    #[error("message of the AP exchange can't be encoded: {0}")]
    Encode(EncodeError),
    /// The clock shows a time that no message can carry.
    #[error("time {0} has no Kerberos form")]
    Time(Timestamp),
    /// The credential to delegate is too long for the authenticator.
    #[error(transparent)]
    Delegation(AuthenticatorChecksumError),
}

impl ApError {
    /// The RFC 4120 error code that says the same: what an acceptor's KRB-ERROR carries.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::Misbehaved(defect) => defect.error_code(),
            Self::Refused(error) => error.code,
            Self::NoKey(error) => error.error_code(),
            Self::Malformed(
                MalformedTokenError::TokenId(_) | MalformedTokenError::ApOptions(_),
            ) => ErrorCode::KRB_AP_ERR_MSG_TYPE,
            Self::Misused(ApMisuseError::TicketExpired { .. }) => ErrorCode::KRB_AP_ERR_TKT_EXPIRED,
            Self::Misused(ApMisuseError::TicketNotYetValid { .. }) => ErrorCode::KRB_AP_ERR_TKT_NYV,
            Self::Misused(ApMisuseError::Delegation(_)) => ErrorCode::KRB_ERR_FIELD_TOOLONG,
            Self::Malformed(_) | Self::Misused(_) | Self::Random(_) | Self::ReplayStore(_) => {
                ErrorCode::KRB_ERR_GENERIC
            }
        }
    }

    /// MIT's number for it; zero where MIT's major status says it all.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Malformed(malformed) => malformed.minor_status(),
            Self::Misbehaved(defect) => defect.minor_status(),
            Self::Refused(error) => error.minor_status(),
            Self::NoKey(error) => MinorStatus::from_rfc_code(error.error_code()),
            Self::Misused(misuse) => misuse.minor_status(),
            Self::Random(_) => MinorStatus::KRB5_CRYPTO_INTERNAL,
            Self::ReplayStore(_) => MinorStatus::KRB5_RC_IO,
        }
    }
}

impl MalformedTokenError {
    pub(super) const fn syntax(what: &'static str) -> impl FnOnce(DecodeError) -> Self {
        move |error| Self::Syntax { what, error }
    }

    const fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Framing(_) | Self::NoTokenId => MinorStatus::G_BAD_TOK_HEADER,
            Self::OtherMechanism => MinorStatus::G_WRONG_MECH,
            Self::TokenId(_) | Self::ApOptions(_) => MinorStatus::KRB5KRB_AP_ERR_MSG_TYPE,
            Self::Syntax { .. } | Self::Delegation(_) => MinorStatus::ASN1_PARSE_ERROR,
            Self::DceStyle => MinorStatus::from_number(0),
            Self::Checksum(_) | Self::TooLong(_) => MinorStatus::KG_BAD_LENGTH,
        }
    }
}

impl ApMisuseError {
    const fn minor_status(&self) -> MinorStatus {
        match self {
            Self::TicketExpired { .. } => MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED,
            Self::TicketNotYetValid { .. } => MinorStatus::KRB5KRB_AP_ERR_TKT_NYV,
            Self::Ticket(_) => MinorStatus::ASN1_PARSE_ERROR,
            Self::SessionKey(_) => MinorStatus::KRB5_PROG_ETYPE_NOSUPP,
            Self::Encode(_) | Self::Time(_) => MinorStatus::ASN1_BAD_FORMAT,
            Self::Delegation(_) => MinorStatus::KRB5KRB_ERR_FIELD_TOOLONG,
        }
    }
}

impl From<RandomError> for ApError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<ApCheckError> for ApError {
    fn from(defect: ApCheckError) -> Self {
        Self::Misbehaved(Box::new(defect))
    }
}

impl From<PeerError> for ApError {
    fn from(error: PeerError) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl From<KeyLookupError> for ApError {
    fn from(error: KeyLookupError) -> Self {
        Self::NoKey(Box::new(error))
    }
}

impl From<EncodeError> for ApError {
    fn from(error: EncodeError) -> Self {
        Self::Misused(ApMisuseError::Encode(error))
    }
}

impl From<AuthenticatorChecksumError> for ApError {
    fn from(error: AuthenticatorChecksumError) -> Self {
        Self::Malformed(error.into())
    }
}
