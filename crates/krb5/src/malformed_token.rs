//! Tokens that can't be read: of context establishment, of messages, of exported contexts.

use orthros_asn1::{DecodeError, ErrorCode};
use orthros_types::MinorStatus;

/// A token that can't be read (`GSS_S_DEFECTIVE_TOKEN`): what is wrong with it.
///
/// Tokens that establish a context are in RFC 4121 section 4.1, those of messages in section 4.2. The form of an
/// exported context (RFC 2743 section 2.2.8) is this crate's own.
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
    /// A message token shorter than the header, checksum and confounder that it must contain.
    #[error("{length} bytes are too short, at least {least} expected")]
    MessageTooShort {
        /// Length of the token.
        length: usize,
        /// The shortest token of its kind.
        least: usize,
    },
    /// A message token of RFC 4757 is not framed as one of Kerberos', or the framing counts other bytes than there
    /// are.
    #[error("the token's framing does not fit it")]
    MessageFraming,
    /// The checksum of a message token is not that of RFC 4757 section 7.2.
    #[error("unexpected signature algorithm {:02x} {:02x}", .0[0], .0[1])]
    SignatureAlgorithm([u8; 2]),
    /// A message is encrypted otherwise than RFC 4757 section 7.3 says.
    #[error("unexpected seal algorithm {:02x} {:02x}", .0[0], .0[1])]
    SealAlgorithm([u8; 2]),
    /// The padding of a message token of RFC 4757 does not say how long it is.
    #[error("the padding behind the message is malformed")]
    Padding,
    /// The first two bytes of a message token are not the expected `TOK_ID`.
    #[error("unexpected token identifier {:02x} {:02x}", .0[0], .0[1])]
    MessageTokenId([u8; 2]),
    /// Bytes that are all ones in every message token are not.
    #[error("filler bytes are not ff")]
    Filler,
    /// A MIC token that claims to be sealed.
    #[error("sealed flag in a MIC token")]
    SealedMic,
    /// The flag says that another key protects the message token than the one this context uses.
    #[error("acceptor subkey flag does not match the context")]
    AcceptorSubkeyFlag,
    /// The extra count is not the checksum's length (unsealed), or more than there is (sealed).
    #[error("extra count {0} does not fit the token")]
    ExtraCount(u16),
    /// The message token is rotated, and not as scattered tokens are.
    #[error("right rotation count {0} does not fit the buffers")]
    RightRotationCount(u16),
    /// A buffer of a scattered token is not as long as the token's counts say.
    #[error("{buffer} buffer of {actual} bytes, {expected} needed")]
    BufferLength {
        /// Which one: the header's or the trailer's.
        buffer: &'static str,
        /// Bytes that it must have.
        expected: usize,
        /// Bytes that it has.
        actual: usize,
    },
    /// The header inside of the encryption is not the one outside.
    #[error("encrypted header differs from the token's header")]
    InnerHeader,
    /// The token does not begin as an exported context does.
    #[error("not an exported context")]
    NotExported,
    /// A context that another version of this library exported.
    #[error("exported context of version {found}, not {supported}")]
    ExportVersion {
        /// The version of the token.
        found: u8,
        /// The version that can be read.
        supported: u8,
    },
    /// An exported context was changed on its way.
    #[error("exported context is damaged")]
    ExportChecksum,
    /// An exported context ends before it is complete.
    #[error("exported context ends within the {field} at offset {offset}")]
    ExportTruncated {
        /// What is incomplete.
        field: &'static str,
        /// Where it begins.
        offset: usize,
    },
    /// No context has such a value.
    #[error("{field} in exported context can't be, at offset {offset}")]
    ExportField {
        /// Which value.
        field: &'static str,
        /// Where the field ends.
        offset: usize,
    },
    /// There is more behind an exported context.
    #[error("{0} bytes too many behind exported context")]
    ExportTrailing(usize),
}

impl MalformedTokenError {
    pub(crate) const fn syntax(what: &'static str) -> impl FnOnce(DecodeError) -> Self {
        move |error| Self::Syntax { what, error }
    }

    /// The RFC 4120 error code that says the same.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self {
            Self::TokenId(_) | Self::ApOptions(_) => ErrorCode::KRB_AP_ERR_MSG_TYPE,
            _ => ErrorCode::KRB_ERR_GENERIC,
        }
    }

    /// MIT's number for it; zero where its major status says it all.
    #[must_use]
    pub const fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Framing(_)
            | Self::MessageFraming
            | Self::SignatureAlgorithm(_)
            | Self::SealAlgorithm(_)
            | Self::Padding
            | Self::NoTokenId
            | Self::Filler
            | Self::SealedMic
            | Self::AcceptorSubkeyFlag
            | Self::RightRotationCount(_)
            | Self::InnerHeader
            | Self::NotExported
            | Self::ExportVersion { .. }
            | Self::ExportChecksum
            | Self::ExportField { .. } => MinorStatus::G_BAD_TOK_HEADER,
            Self::OtherMechanism => MinorStatus::G_WRONG_MECH,
            Self::TokenId(_) | Self::ApOptions(_) => MinorStatus::KRB5KRB_AP_ERR_MSG_TYPE,
            Self::MessageTokenId(_) => MinorStatus::G_WRONG_TOKID,
            Self::MessageTooShort { .. } | Self::ExportTruncated { .. } => MinorStatus::G_TOK_TRUNC,
            Self::Syntax { .. } | Self::Delegation(_) => MinorStatus::ASN1_PARSE_ERROR,
            Self::DceStyle => MinorStatus::from_number(0),
            Self::ChecksumTooShort(_)
            | Self::BindingsLength(_)
            | Self::DelegationOption(_)
            | Self::TooLong(_)
            | Self::ExtraCount(_)
            | Self::BufferLength { .. }
            | Self::ExportTrailing(_) => MinorStatus::KG_BAD_LENGTH,
        }
    }
}
