//! What a failed per-message call is in GSS-API's terms.

use orthros_krb5::message::{MessageError, TokenDefect};

use super::NO_MINOR;
use crate::{Error, MajorStatus, MinorStatus, Oid};

/// The total map of the mechanism's per-message errors.
pub(crate) fn message_error(error: MessageError) -> Error {
    let (major, minor) = match &error {
        MessageError::Defective(defect) => (MajorStatus::DEFECTIVE_TOKEN, defect_minor(*defect)),
        MessageError::Integrity => (
            MajorStatus::BAD_SIG,
            MinorStatus::KRB5KRB_AP_ERR_BAD_INTEGRITY,
        ),
        MessageError::Reflected => (MajorStatus::BAD_SIG, MinorStatus::G_BAD_DIRECTION),
        MessageError::IntegrityNotNegotiated => (MajorStatus::FAILURE, NO_MINOR),
        MessageError::ConfidentialityNotNegotiated => (MajorStatus::UNAVAILABLE, NO_MINOR),
        MessageError::BufferTooShort { .. } | MessageError::BufferLength(_) => (
            MajorStatus::CALL_INACCESSIBLE_WRITE,
            MinorStatus::G_WRONG_SIZE,
        ),
        MessageError::MessageTooLong(_) => {
            (MajorStatus::FAILURE, MinorStatus::KRB5KRB_ERR_FIELD_TOOLONG)
        }
        MessageError::Random(_) => (MajorStatus::FAILURE, MinorStatus::KRB5_CRYPTO_INTERNAL),
        _ => (MajorStatus::FAILURE, NO_MINOR),
    };
    Error::new(major, minor).of_mech(Oid::KRB5).caused_by(error)
}

fn defect_minor(defect: TokenDefect) -> MinorStatus {
    match defect {
        TokenDefect::TooShort { .. } => MinorStatus::G_TOK_TRUNC,
        TokenDefect::TokenId(_) => MinorStatus::G_WRONG_TOKID,
        TokenDefect::ExtraCount(_) | TokenDefect::BufferLength(_) => MinorStatus::KG_BAD_LENGTH,
        _ => MinorStatus::G_BAD_TOK_HEADER,
    }
}
