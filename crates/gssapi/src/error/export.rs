//! What a context that can't be moved is in GSS-API's terms.

use orthros_krb5::ap::{ApMisuseError, ImportError};

use crate::{Error, MajorStatus, MinorStatus, Oid};

pub(crate) fn export_error(error: ApMisuseError) -> Error {
    Error::new(MajorStatus::FAILURE, error.minor_status())
        .of_mech(Oid::KRB5)
        .caused_by(error)
}

pub(crate) fn import_error(error: ImportError) -> Error {
    let minor = match error {
        ImportError::Truncated { .. } => MinorStatus::G_TOK_TRUNC,
        ImportError::Trailing(_) => MinorStatus::KG_BAD_LENGTH,
        _ => MinorStatus::G_BAD_TOK_HEADER,
    };
    Error::new(MajorStatus::DEFECTIVE_TOKEN, minor)
        .of_mech(Oid::KRB5)
        .caused_by(error)
}
