//! What a failed exchange is in GSS-API's terms.

use orthros_krb5::ap::{
    ApDefect, ApError, ApMisuse, ForeignDelegation, KeyLookupError, KeyLookupReason, MalformedToken,
};
use orthros_krb5::{CallerMisuse, ExchangeError, Refusal};

use crate::{Error, MajorStatus, MinorStatus};

/// What an initiator's failed step is.
pub(crate) fn initiator_error(error: ApError) -> Error {
    Error::new(ap_major(&error), error.minor_status()).caused_by(error)
}

/// What an acceptor's failed step is, with the name of the keytab or cache where keys are what is missing. Its first token chooses the
/// mechanism, so that one of another mechanism is `BAD_MECH`.
pub(crate) fn acceptor_error(error: ApError, keys: &str) -> Error {
    let major = match &error {
        ApError::Malformed(MalformedToken::OtherMechanism) => MajorStatus::BAD_MECH,
        error => ap_major(error),
    };
    let minor = error.minor_status();
    match error {
        ApError::NoKey(error) => {
            let keys = keys.to_owned();
            Error::new(major, minor).caused_by(AmongKeys { keys, error })
        }
        error => Error::new(major, minor).caused_by(error),
    }
}

/// What a delegated ticket of another client than the initiator is.
pub(crate) fn foreign_delegation(defect: &ForeignDelegation) -> Error {
    let minor = MinorStatus::KRB5KRB_AP_ERR_BADMATCH;
    Error::new(MajorStatus::UNAUTHORIZED, minor).caused_by(defect.clone())
}

/// A key that is missing, and from where.
#[derive(Debug, thiserror::Error)]
#[error("{keys}: {error}")]
struct AmongKeys {
    keys: String,
    #[source]
    error: Box<KeyLookupError>,
}

fn ap_major(error: &ApError) -> MajorStatus {
    match error {
        ApError::Malformed(_) => MajorStatus::DEFECTIVE_TOKEN,
        ApError::Misbehaved(defect) => defect_major(defect),
        ApError::NoKey(lookup) => lookup_major(lookup),
        ApError::Misused(misuse) => misuse_major(misuse),
        ApError::Refused(_) | ApError::Random(_) | ApError::ReplayStore(_) => MajorStatus::FAILURE,
    }
}

/// The major status of a failed exchange with a KDC.
pub(super) fn exchange_major(error: &ExchangeError) -> MajorStatus {
    match error {
        ExchangeError::Refused(refusal) => match **refusal {
            Refusal::TicketExpired { .. } => MajorStatus::CREDENTIALS_EXPIRED,
            _ => MajorStatus::FAILURE,
        },
        ExchangeError::Misused(CallerMisuse::StoredTicket(_)) => MajorStatus::DEFECTIVE_CREDENTIAL,
        ExchangeError::Malformed(_)
        | ExchangeError::Misbehaved(_)
        | ExchangeError::Misused(_)
        | ExchangeError::Random(_) => MajorStatus::FAILURE,
    }
}

fn defect_major(defect: &ApDefect) -> MajorStatus {
    match defect {
        ApDefect::ChannelBindings => MajorStatus::BAD_BINDINGS,
        ApDefect::Integrity(_) | ApDefect::Checksum => MajorStatus::BAD_SIG,
        ApDefect::Replay { .. } => MajorStatus::DUPLICATE_TOKEN,
        ApDefect::TicketExpired { .. } => MajorStatus::CREDENTIALS_EXPIRED,
        ApDefect::Transited { .. } | ApDefect::AuthorizationData { .. } => {
            MajorStatus::UNAUTHORIZED
        }
        _ => MajorStatus::FAILURE,
    }
}

fn lookup_major(lookup: &KeyLookupError) -> MajorStatus {
    match lookup.reason {
        KeyLookupReason::NoKeys
        | KeyLookupReason::NoKeyOfName
        | KeyLookupReason::NoTicketGrantingTicket => MajorStatus::NO_CRED,
        _ => MajorStatus::FAILURE,
    }
}

fn misuse_major(misuse: &ApMisuse) -> MajorStatus {
    match misuse {
        ApMisuse::TicketExpired { .. } => MajorStatus::CREDENTIALS_EXPIRED,
        ApMisuse::Ticket(_) | ApMisuse::SessionKey(_) => MajorStatus::DEFECTIVE_CREDENTIAL,
        _ => MajorStatus::FAILURE,
    }
}
