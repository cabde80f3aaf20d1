//! Context tokens that can't be read.

use orthros_asn1::{DecodeError, ErrorCode};
use orthros_types::MinorStatus;

/// A context token that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedTokenError {
    /// The token is longer than any with a ticket of a usual KDC: than 256 KiB.
    #[error("context token of {0} bytes is too long")]
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
    /// The checksum field of the authenticator (RFC 4121 section 4.1.1) ends before its contents do.
    #[error("authenticator checksum of {0} bytes is too short for its contents")]
    ChecksumTooShort(usize),
    /// The hash of the channel bindings in the checksum field is not 16 bytes long.
    #[error("channel bindings hash of {0} bytes in the authenticator checksum")]
    BindingsLength(u32),
    /// The checksum field has an option that is not delegation where delegation must be.
    #[error("unknown delegation option {0} in the authenticator checksum")]
    DelegationOption(u16),
    /// The delegated credential is incomplete.
    #[error("malformed KRB-CRED: {0}")]
    Delegation(&'static str),
    /// The DCE style flag in a token that is framed, or none in a bare one. DCE style has no framing, and a third
    /// token.
    #[error("the token's framing and its DCE style flag disagree")]
    DceStyle,
    /// The `KERB_AP_OPTIONS` element of the authorization data is not four bytes.
    #[error("AP options of {0} bytes in the authenticator")]
    ApOptions(usize),
}

impl MalformedTokenError {
    pub(in crate::ap) const fn syntax(what: &'static str) -> impl FnOnce(DecodeError) -> Self {
        move |error| Self::Syntax { what, error }
    }

    /// The RFC 4120 error code that says the same.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self {
            Self::TokenId(_) | Self::ApOptions(_) => ErrorCode::KRB_AP_ERR_MSG_TYPE,
            Self::TooLong(_)
            | Self::Framing(_)
            | Self::OtherMechanism
            | Self::NoTokenId
            | Self::Syntax { .. }
            | Self::ChecksumTooShort(_)
            | Self::BindingsLength(_)
            | Self::DelegationOption(_)
            | Self::Delegation(_)
            | Self::DceStyle => ErrorCode::KRB_ERR_GENERIC,
        }
    }

    /// MIT's number for it; zero where its major status says it all.
    #[must_use]
    pub const fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Framing(_) | Self::NoTokenId => MinorStatus::G_BAD_TOK_HEADER,
            Self::OtherMechanism => MinorStatus::G_WRONG_MECH,
            Self::TokenId(_) | Self::ApOptions(_) => MinorStatus::KRB5KRB_AP_ERR_MSG_TYPE,
            Self::Syntax { .. } | Self::Delegation(_) => MinorStatus::ASN1_PARSE_ERROR,
            Self::DceStyle => MinorStatus::from_number(0),
            Self::ChecksumTooShort(_)
            | Self::BindingsLength(_)
            | Self::DelegationOption(_)
            | Self::TooLong(_) => MinorStatus::KG_BAD_LENGTH,
        }
    }
}
