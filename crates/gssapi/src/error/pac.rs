//! What a PAC that is not to be believed is in GSS-API's terms.

use orthros_pac::{PacError, PacVerificationError};
use orthros_types::Principal;

use crate::{Error, MajorStatus, MinorStatus, Oid};

/// What a PAC is that is not one of the KDC's for this client's ticket.
pub(crate) fn pac_error(error: PacVerificationError, client: &Principal) -> Error {
    let (major, minor) = match &error {
        PacVerificationError::Malformed(error) => return malformed_pac(*error, client),
        PacVerificationError::Signature(_) => {
            (MajorStatus::BAD_SIG, MinorStatus::KRB5KRB_AP_ERR_MODIFIED)
        }
        _ => (
            MajorStatus::UNAUTHORIZED,
            MinorStatus::KRB5KRB_AP_WRONG_PRINC,
        ),
    };
    refused(major, minor, client, error.to_string())
}

/// What a PAC is that can't be read.
pub(crate) fn malformed_pac(error: PacError, client: &Principal) -> Error {
    let minor = MinorStatus::KRB5KRB_ERR_GENERIC;
    refused(
        MajorStatus::DEFECTIVE_TOKEN,
        minor,
        client,
        error.to_string(),
    )
}

/// What a PAC is of which an imported context does not say that it was verified.
pub(crate) fn unverified_pac(client: &Principal) -> Error {
    let text = "the process that exported the context had not verified it".to_owned();
    let minor = MinorStatus::KRB5KRB_AP_ERR_MODIFIED;
    refused(MajorStatus::UNAVAILABLE, minor, client, text)
}

fn refused(major: MajorStatus, minor: MinorStatus, client: &Principal, text: String) -> Error {
    let client = client.clone();
    Error::new(major, minor)
        .of_mech(Oid::KRB5)
        .caused_by(TicketPacError { client, text })
}

/// What is wrong with the PAC in a client's ticket.
#[derive(Debug, thiserror::Error)]
#[error("ticket of {client}: {text}")]
struct TicketPacError {
    client: Principal,
    text: String,
}
