//! What goes wrong with caches, keytabs and KDCs, in GSS-API's terms.

use orthros_asn1::ErrorCode;
use orthros_host::{
    AcquireError, CacheError, ConfigFileError, KeytabError, LocalLoginError, ReplayCacheNameError,
};
use orthros_krb5::client::{ClientError, HostnameError};
use orthros_krb5::{ExchangeError, KdcRefusalError, TransportError};
use orthros_types::LocalNameError;
use orthros_types::config::ConfigError;

use super::exchange::{exchange_kind, exchange_major};
use crate::{Error, ErrorKind, MajorStatus, MinorStatus, Oid};

/// The total map of the errors of credential caches.
pub(crate) fn cache_error(error: CacheError) -> Error {
    Error::new(cache_major(&error), error.minor_status())
        .of_mech(Oid::KRB5)
        .caused_by(error)
}

/// The total map of the errors of keytabs.
pub(crate) fn keytab_error(error: KeytabError) -> Error {
    Error::new(keytab_major(&error), error.minor_status())
        .of_mech(Oid::KRB5)
        .caused_by(error)
}

/// A name of no replay cache.
pub(crate) fn replay_name_error(error: ReplayCacheNameError) -> Error {
    Error::new(MajorStatus::FAILURE, error.minor_status())
        .of_mech(Oid::KRB5)
        .caused_by(error)
}

/// The total map of the errors of getting tickets.
pub(crate) fn acquire_error(error: AcquireError) -> Error {
    let major = match &error {
        AcquireError::Client(error) => client_major(error),
        AcquireError::Cache(error) => cache_major(error),
        AcquireError::Keytab(error) => keytab_major(error),
        _ => MajorStatus::FAILURE,
    };
    Error::new(major, error.minor_status())
        .of_mech(Oid::KRB5)
        .of_kind(acquire_kind(&error))
        .retryable(is_retryable(&error))
        .caused_by(error)
}

/// What `FAILURE` alone does not tell.
fn acquire_kind(error: &AcquireError) -> Option<ErrorKind> {
    match error {
        AcquireError::Client(
            ClientError::Exchange(error) | ClientError::NoSuchService { refused: error, .. },
        ) => exchange_kind(error),
        AcquireError::Client(ClientError::Config(_))
        | AcquireError::Transport(TransportError::Config(_)) => Some(ErrorKind::Configuration),
        AcquireError::Transport(TransportError::RequestTooLong { .. }) => None,
        AcquireError::Transport(_) => Some(ErrorKind::KdcUnreachable),
        _ => None,
    }
}

/// Whether a KDC may answer, or answer otherwise, the next time.
fn is_retryable(error: &AcquireError) -> bool {
    match error {
        AcquireError::Transport(error) => matches!(error, TransportError::Unreachable { .. }),
        AcquireError::Client(ClientError::Exchange(ExchangeError::Refused(refusal))) => {
            matches!(&**refusal, KdcRefusalError::Other { error, .. }
                if error.code == ErrorCode::KDC_ERR_SVC_UNAVAILABLE)
        }
        _ => false,
    }
}

/// A configuration that can't be read.
pub(crate) fn config_file_error(error: ConfigFileError) -> Error {
    Error::new(MajorStatus::FAILURE, error.minor_status())
        .of_mech(Oid::KRB5)
        .of_kind(Some(ErrorKind::Configuration))
        .caused_by(error)
}

/// A value in the configuration that is none.
pub(crate) fn config_error(error: ConfigError) -> Error {
    Error::new(MajorStatus::FAILURE, MinorStatus::KRB5_CONFIG_BADFORMAT)
        .of_mech(Oid::KRB5)
        .of_kind(Some(ErrorKind::Configuration))
        .caused_by(error)
}

/// A host name that no service can be named after.
pub(crate) fn hostname_error(error: HostnameError) -> Error {
    let (major, minor) = match &error {
        HostnameError::Config(_) => (MajorStatus::FAILURE, MinorStatus::KRB5_CONFIG_BADFORMAT),
        HostnameError::NoLocalName => (MajorStatus::BAD_NAME, MinorStatus::G_NO_HOSTNAME),
        _ => (MajorStatus::BAD_NAME, MinorStatus::G_BAD_HOSTNAME),
    };
    Error::new(major, minor)
        .of_mech(Oid::KRB5)
        .of_kind(Some(ErrorKind::Configuration))
        .caused_by(error)
}

/// A principal that is no local user.
pub(crate) fn local_name_error(error: LocalNameError) -> Error {
    let major = match &error {
        LocalNameError::Rule { .. } => MajorStatus::FAILURE,
        _ => MajorStatus::UNAVAILABLE,
    };
    Error::new(major, error.minor_status())
        .of_mech(Oid::KRB5)
        .of_kind(Some(ErrorKind::Configuration))
        .caused_by(error)
}

/// A principal that may not be a local user.
pub(crate) fn local_login_error(error: LocalLoginError) -> Error {
    Error::new(MajorStatus::UNAUTHORIZED, error.minor_status())
        .of_mech(Oid::KRB5)
        .caused_by(error)
}

fn client_major(error: &ClientError) -> MajorStatus {
    match error {
        ClientError::Exchange(error) => exchange_major(error),
        ClientError::NotCached { .. } | ClientError::NoTicketGrantingTicket { .. } => {
            MajorStatus::NO_CRED
        }
        ClientError::TicketExpired { .. } => MajorStatus::CREDENTIALS_EXPIRED,
        _ => MajorStatus::FAILURE,
    }
}

fn cache_major(error: &CacheError) -> MajorStatus {
    match error {
        CacheError::NoDefault | CacheError::Absent { .. } => MajorStatus::NO_CRED,
        CacheError::Format { .. } => MajorStatus::DEFECTIVE_CREDENTIAL,
        _ => MajorStatus::FAILURE,
    }
}

fn keytab_major(error: &KeytabError) -> MajorStatus {
    match error {
        KeytabError::NoDefault
        | KeytabError::Absent { .. }
        | KeytabError::NoKey { .. }
        | KeytabError::NoUsableKey { .. } => MajorStatus::NO_CRED,
        KeytabError::Format { .. } => MajorStatus::DEFECTIVE_CREDENTIAL,
        _ => MajorStatus::FAILURE,
    }
}
