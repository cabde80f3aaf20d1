//! What a failed exchange is in GSS-API's terms.

use orthros_asn1::ErrorCode;
use orthros_krb5::ap::{ApCheckError, ApError, ApMisuseError, KeyLookupError, KeyLookupReason};
use orthros_krb5::{ExchangeError, ExchangeMisuseError, KdcRefusalError, MalformedTokenError};

use crate::{Error, ErrorKind, MajorStatus, Oid};

/// What an initiator's failed step is.
pub(crate) fn initiator_error(error: ApError) -> Error {
    // The next request has another authenticator.
    let is_replay =
        matches!(&error, ApError::Refused(peer) if peer.code == ErrorCode::KRB_AP_ERR_REPEAT);
    Error::new(ap_major(&error), error.minor_status())
        .of_kind(ap_kind(&error))
        .retryable(is_replay)
        .caused_by(error)
}

/// What an acceptor's failed step is, with the name of the keytab or cache where keys are what is missing. Its first
/// token chooses the mechanism, so that one of another mechanism is `BAD_MECH`.
pub(crate) fn acceptor_error(error: ApError, keys: &str) -> Error {
    let major = match &error {
        ApError::Malformed(MalformedTokenError::OtherMechanism) => MajorStatus::BAD_MECH,
        error => ap_major(error),
    };
    let refused = Error::new(major, error.minor_status()).of_kind(ap_kind(&error));
    match error {
        ApError::NoKey(error) => {
            let keys = keys.to_owned();
            refused.caused_by(MissingKeyError { keys, error })
        }
        error => refused.caused_by(error),
    }
}

/// What a delegated ticket of another client than the initiator is.
pub(crate) fn foreign_delegation(error: &ApCheckError) -> Error {
    Error::new(defect_major(error), error.minor_status()).caused_by(error.clone())
}

/// What a context that can't be exported is.
pub(crate) fn export_error(error: ApMisuseError) -> Error {
    Error::new(MajorStatus::FAILURE, error.minor_status())
        .of_mech(Oid::KRB5)
        .caused_by(error)
}

/// What a token is that no context can be imported from.
pub(crate) fn import_error(error: MalformedTokenError) -> Error {
    Error::new(MajorStatus::DEFECTIVE_TOKEN, error.minor_status())
        .of_mech(Oid::KRB5)
        .caused_by(error)
}

/// A key that is missing, and from where.
#[derive(Debug, thiserror::Error)]
#[error("{keys}: {error}")]
struct MissingKeyError {
    keys: String,
    error: Box<KeyLookupError>,
}

fn ap_major(error: &ApError) -> MajorStatus {
    match error {
        ApError::Malformed(_) => MajorStatus::DEFECTIVE_TOKEN,
        ApError::Misbehaved(defect) => defect_major(defect),
        ApError::NoKey(lookup) => lookup_major(lookup),
        ApError::Misused(misuse) => misuse_major(misuse),
        ApError::Refused(_) | ApError::Random(_) | ApError::ReplayCache(_) => MajorStatus::FAILURE,
    }
}

/// What `FAILURE` alone does not tell of a failed AP exchange.
fn ap_kind(error: &ApError) -> Option<ErrorKind> {
    match error {
        ApError::Misbehaved(defect) => defect_kind(defect),
        ApError::NoKey(lookup) if lookup.reason == KeyLookupReason::EnctypeNotSupported => {
            Some(ErrorKind::EnctypeNotSupported)
        }
        ApError::NoKey(_) => Some(ErrorKind::NoKey),
        ApError::Misused(ApMisuseError::TicketNotYetValid { .. }) => Some(ErrorKind::ClockSkew),
        ApError::Refused(peer) => peer_kind(peer.code),
        _ => None,
    }
}

fn defect_kind(defect: &ApCheckError) -> Option<ErrorKind> {
    match defect {
        ApCheckError::Replay { .. } => Some(ErrorKind::DuplicateToken),
        ApCheckError::Skew { .. } | ApCheckError::TicketNotYetValid { .. } => {
            Some(ErrorKind::ClockSkew)
        }
        ApCheckError::Key { .. } => Some(ErrorKind::EnctypeNotSupported),
        _ => None,
    }
}

/// What an acceptor's KRB-ERROR says. Windows calls a ticket that its key does not open modified.
fn peer_kind(code: ErrorCode) -> Option<ErrorKind> {
    match code {
        ErrorCode::KRB_AP_ERR_REPEAT => Some(ErrorKind::DuplicateToken),
        ErrorCode::KRB_AP_ERR_SKEW | ErrorCode::KRB_AP_ERR_TKT_NYV => Some(ErrorKind::ClockSkew),
        ErrorCode::KRB_AP_ERR_NOKEY
        | ErrorCode::KRB_AP_ERR_NOT_US
        | ErrorCode::KRB_AP_ERR_BADKEYVER
        | ErrorCode::KRB_AP_ERR_MODIFIED => Some(ErrorKind::NoKey),
        _ => None,
    }
}

/// What `FAILURE` alone does not tell of a failed exchange with a KDC.
pub(super) fn exchange_kind(error: &ExchangeError) -> Option<ErrorKind> {
    match error {
        ExchangeError::Refused(refusal) => refusal_kind(refusal),
        ExchangeError::Misused(
            ExchangeMisuseError::NoEnctypes | ExchangeMisuseError::NoUsableKey,
        ) => Some(ErrorKind::EnctypeNotSupported),
        _ => None,
    }
}

fn refusal_kind(refusal: &KdcRefusalError) -> Option<ErrorKind> {
    Some(match refusal {
        KdcRefusalError::ClientUnknown { .. } | KdcRefusalError::WrongRealm { .. } => {
            ErrorKind::ClientUnknown
        }
        KdcRefusalError::ServiceUnknown { .. } => ErrorKind::ServiceUnknown,
        KdcRefusalError::ClientRevoked { .. } => ErrorKind::ClientRevoked,
        KdcRefusalError::PasswordExpired { .. } => ErrorKind::PasswordExpired,
        KdcRefusalError::WrongSecret { .. } => ErrorKind::WrongPassword,
        KdcRefusalError::KeyMissing { .. } => ErrorKind::NoKey,
        KdcRefusalError::EnctypeNotSupported { .. } => ErrorKind::EnctypeNotSupported,
        KdcRefusalError::Skew { .. } | KdcRefusalError::TicketNotYetValid { .. } => {
            ErrorKind::ClockSkew
        }
        KdcRefusalError::RealmNotReachable { .. } => ErrorKind::RealmUnreachable,
        KdcRefusalError::Other { error, .. }
            if error.code == ErrorCode::KDC_ERR_SVC_UNAVAILABLE =>
        {
            ErrorKind::KdcUnreachable
        }
        _ => return None,
    })
}

/// The major status of a failed exchange with a KDC.
pub(super) fn exchange_major(error: &ExchangeError) -> MajorStatus {
    match error {
        ExchangeError::Refused(refusal) => match **refusal {
            KdcRefusalError::TicketExpired { .. } => MajorStatus::CREDENTIALS_EXPIRED,
            _ => MajorStatus::FAILURE,
        },
        ExchangeError::Misused(ExchangeMisuseError::StoredTicket(_)) => {
            MajorStatus::DEFECTIVE_CREDENTIAL
        }
        ExchangeError::Misbehaved(_) | ExchangeError::Misused(_) | ExchangeError::Random(_) => {
            MajorStatus::FAILURE
        }
    }
}

fn defect_major(defect: &ApCheckError) -> MajorStatus {
    match defect {
        ApCheckError::ChannelBindings => MajorStatus::BAD_BINDINGS,
        ApCheckError::Integrity(_) | ApCheckError::Checksum => MajorStatus::BAD_SIG,
        ApCheckError::TicketExpired { .. } => MajorStatus::CREDENTIALS_EXPIRED,
        ApCheckError::Transited { .. }
        | ApCheckError::AuthorizationData { .. }
        | ApCheckError::ForeignDelegation { .. } => MajorStatus::UNAUTHORIZED,
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

fn misuse_major(misuse: &ApMisuseError) -> MajorStatus {
    match misuse {
        ApMisuseError::TicketExpired { .. } => MajorStatus::CREDENTIALS_EXPIRED,
        ApMisuseError::Ticket(_) | ApMisuseError::SessionKey(_) => {
            MajorStatus::DEFECTIVE_CREDENTIAL
        }
        _ => MajorStatus::FAILURE,
    }
}
