//! What a failed per-message call is in GSS-API's terms.

use orthros_krb5::message::MessageError;

use super::NO_MINOR;
use crate::{Error, MajorStatus, MinorStatus, Oid};

/// The total map of the mechanism's per-message errors.
pub(crate) fn message_error(error: MessageError) -> Error {
    let (major, minor) = match &error {
        MessageError::Defective(error) => (MajorStatus::DEFECTIVE_TOKEN, error.minor_status()),
        MessageError::Integrity => (
            MajorStatus::BAD_SIG,
            MinorStatus::KRB5KRB_AP_ERR_BAD_INTEGRITY,
        ),
        MessageError::Reflected => (MajorStatus::BAD_SIG, MinorStatus::G_BAD_DIRECTION),
        MessageError::IntegrityNotNegotiated => (MajorStatus::FAILURE, NO_MINOR),
        MessageError::ConfidentialityNotNegotiated => (MajorStatus::UNAVAILABLE, NO_MINOR),
        MessageError::BufferTooShort { .. } | MessageError::BufferLength { .. } => (
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
