//! What a caller asks for and can't have.

use orthros_asn1::{DecodeError, EncodeError, EncryptionType, ErrorCode};
use orthros_types::{MinorStatus, Principal, Timestamp};

/// The caller asked for what can't be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApMisuseError {
    /// The ticket to send has expired.
    #[error("ticket for {server} expired at {endtime}")]
    TicketExpired {
        /// The service that the ticket is for.
        server: Principal,
        /// When it ended.
        endtime: Timestamp,
    },
    /// The ticket to send is not valid yet.
    #[error("ticket for {server} is not valid before {starttime}")]
    TicketNotYetValid {
        /// The service that the ticket is for.
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
    /// The credential to delegate is too long for the authenticator, which counts its bytes in 16 bits.
    #[error("delegated credential of {0} bytes does not fit the authenticator checksum")]
    DelegationTooLong(usize),
    /// A name or data of an established context is too long to be exported: this one.
    #[error("{0} of four gigabytes can't be exported")]
    ExportTooLong(&'static str),
    /// More bytes were asked for than the pseudo-random function gives for one input (RFC 7802).
    #[error("the pseudo-random function does not give {0} bytes")]
    PseudoRandomTooLong(usize),
}

impl ApMisuseError {
    /// The RFC 4120 error code that says the same.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self {
            Self::TicketExpired { .. } => ErrorCode::KRB_AP_ERR_TKT_EXPIRED,
            Self::TicketNotYetValid { .. } => ErrorCode::KRB_AP_ERR_TKT_NYV,
            Self::DelegationTooLong(_) | Self::ExportTooLong(_) | Self::PseudoRandomTooLong(_) => {
                ErrorCode::KRB_ERR_FIELD_TOOLONG
            }
            Self::Ticket(_) | Self::SessionKey(_) | Self::Encode(_) | Self::Time(_) => {
                ErrorCode::KRB_ERR_GENERIC
            }
        }
    }

    /// MIT's number for it.
    #[must_use]
    pub const fn minor_status(&self) -> MinorStatus {
        match self {
            Self::TicketExpired { .. } => MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED,
            Self::TicketNotYetValid { .. } => MinorStatus::KRB5KRB_AP_ERR_TKT_NYV,
            Self::Ticket(_) => MinorStatus::ASN1_PARSE_ERROR,
            Self::SessionKey(_) => MinorStatus::KRB5_PROG_ETYPE_NOSUPP,
            Self::Encode(_) | Self::Time(_) => MinorStatus::ASN1_BAD_FORMAT,
            Self::DelegationTooLong(_) | Self::ExportTooLong(_) | Self::PseudoRandomTooLong(_) => {
                MinorStatus::KRB5KRB_ERR_FIELD_TOOLONG
            }
        }
    }
}
