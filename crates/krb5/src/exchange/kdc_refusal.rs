//! The ways in which a KDC says no, and what it lacks.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use orthros_asn1::{ErrorCode, PaDataType};
use orthros_crypto::Enctype;

use crate::PeerError;
use orthros_types::{Duration, MinorStatus, Principal, Shown};

/// Why there is no ticket though the exchange itself went as it should.
///
/// Each text says which principal or realm an administrator has to look at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KdcRefusalError {
    /// `KDC_ERR_C_PRINCIPAL_UNKNOWN`.
    #[error("client {client} is not in the KDC's database")]
    ClientUnknown {
        /// The client of the request.
        client: Principal,
        /// What the KDC sent.
        error: Box<PeerError>,
    },
    /// `KDC_ERR_S_PRINCIPAL_UNKNOWN`.
    #[error("service {service} is not in the KDC's database")]
    ServiceUnknown {
        /// The service of the request.
        service: Principal,
        /// What the KDC sent.
        error: Box<PeerError>,
    },
    /// `KDC_ERR_CLIENT_REVOKED` or `KDC_ERR_NAME_EXP`: the account is locked, disabled or expired.
    #[error("client {client} may not log in: {}", KdcSays(.error))]
    ClientRevoked {
        /// The client of the request.
        client: Principal,
        /// What the KDC sent.
        error: Box<PeerError>,
    },
    /// `KDC_ERR_KEY_EXP`: the password must be changed first.
    #[error("the password of {client} has expired")]
    PasswordExpired {
        /// The client of the request.
        client: Principal,
        /// What the KDC sent.
        error: Box<PeerError>,
    },
    /// The password or the key is not the one that the KDC has.
    #[error("the {secret} for {client} is wrong", secret = if *.is_password { "password" } else { "key" })]
    WrongSecret {
        /// The client of the request.
        client: Principal,
        /// Whether it was a password; a key from a keytab else.
        is_password: bool,
        /// How that turned out.
        evidence: SecretEvidence,
    },
    /// The KDC wants a key of an encryption type of which there is none.
    #[error("there is no key of {client} for encryption type {}", .enctype.name())]
    KeyMissing {
        /// The client of the request.
        client: Principal,
        /// What the KDC chose.
        enctype: Enctype,
    },
    /// `KDC_ERR_ETYPE_NOSUPP`, or no common entry in ETYPE-INFO2.
    #[error(
        "the KDC has no key of {client} or of {service} in any of the encryption types asked for; arcfour-hmac is asked \
         for only with allow_rc4 = true in [libdefaults]"
    )]
    EnctypeNotSupported {
        /// The client of the request.
        client: Principal,
        /// The service of the request.
        service: Principal,
        /// What the KDC sent, unless the client found it out by itself.
        error: Option<Box<PeerError>>,
    },
    /// None of the preauthentication mechanisms that the KDC offers can be used here.
    #[error("the KDC wants pre-authentication of {client} in a way that is not possible here")]
    PreauthNotPossible {
        /// The client of the request.
        client: Principal,
        /// What the KDC offered.
        offered: Vec<PaDataType>,
    },
    /// What the KDC answered to a request under armor came without, so that it can be forged.
    #[error("the KDC answers {client} without the armor of the request: {}", KdcSays(.error))]
    ArmorIgnored {
        /// The client of the request.
        client: Principal,
        /// What came.
        error: Box<PeerError>,
    },
    /// The clocks differ and could not be reconciled.
    #[error("the KDC's clock is {} seconds {} this one", .offset.seconds().abs_diff(0), if .offset.is_negative() { "behind" } else { "ahead of" })]
    Skew {
        /// The KDC's time less ours.
        offset: Duration,
        /// What the KDC sent.
        error: Box<PeerError>,
    },
    /// The client belongs to another realm, and following was not asked for, or needs an armor for that realm.
    #[error("client {client} belongs to realm {}", Shown::new(.realm))]
    WrongRealm {
        /// The client of the request.
        client: Principal,
        /// Where the KDC sends it to.
        realm: Vec<u8>,
        /// What the KDC sent.
        error: Box<PeerError>,
    },
    /// The ticket that the request was made with has expired.
    #[error("the ticket for {ticket} has expired")]
    TicketExpired {
        /// The service that the ticket is for: the ticket-granting service, or that of the ticket which was to be
        /// renewed.
        ticket: Principal,
    },
    /// The ticket that the request was made with is not valid yet.
    #[error("the ticket for {ticket} is not valid yet")]
    TicketNotYetValid {
        /// The service that the ticket is for.
        ticket: Principal,
    },
    /// No KDC on the way knows how to reach the realm of the service.
    #[error("realm {} is not reachable from realm {}", Shown::new(.wanted), Shown::new(.reached))]
    RealmNotReachable {
        /// The realm of the service.
        wanted: Vec<u8>,
        /// The realm that could not lead further.
        reached: Vec<u8>,
        /// What the last KDC sent, unless it sent no way at all.
        error: Option<Box<PeerError>>,
    },
    /// Any other error code.
    #[error("the KDC refuses {client} a ticket for {service}: {}", KdcSays(.error))]
    Other {
        /// The client of the request.
        client: Principal,
        /// The service of the request.
        service: Principal,
        /// What the KDC sent.
        error: Box<PeerError>,
    },
}

/// What shows that a secret is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretEvidence {
    /// The KDC could not decrypt the encrypted timestamp or challenge (`KDC_ERR_PREAUTH_FAILED`, or
    /// `KRB_AP_ERR_BAD_INTEGRITY`).
    PreauthFailed(Box<PeerError>),
    /// The reply could not be decrypted here.
    ReplyIntegrity,
}

/// A KDC's error, with its own words as such.
struct KdcSays<'a>(&'a PeerError);

impl fmt::Display for KdcSays<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.minor_status())?;
        match &self.0.text {
            Some(text) => write!(f, " (KDC says \"{}\")", Shown::new(text)),
            None => Ok(()),
        }
    }
}

impl KdcRefusalError {
    /// Sorts a KRB-ERROR that ends an exchange.
    pub(super) fn new(error: PeerError, client: &Principal, service: &Principal) -> Self {
        let (client, service) = (client.clone(), service.clone());
        let error = Box::new(error);
        match error.code {
            ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN => Self::ClientUnknown { client, error },
            ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN => Self::ServiceUnknown { service, error },
            ErrorCode::KDC_ERR_CLIENT_REVOKED | ErrorCode::KDC_ERR_NAME_EXP => {
                Self::ClientRevoked { client, error }
            }
            ErrorCode::KDC_ERR_KEY_EXPIRED => Self::PasswordExpired { client, error },
            ErrorCode::KDC_ERR_ETYPE_NOSUPP => Self::EnctypeNotSupported {
                client,
                service,
                error: Some(error),
            },
            _ => Self::Other {
                client,
                service,
                error,
            },
        }
    }

    /// The RFC 4120 code that belongs to it.
    #[must_use]
    pub fn rfc_code(&self) -> ErrorCode {
        match self {
            Self::ClientUnknown { error, .. }
            | Self::ServiceUnknown { error, .. }
            | Self::ClientRevoked { error, .. }
            | Self::PasswordExpired { error, .. }
            | Self::Skew { error, .. }
            | Self::WrongRealm { error, .. }
            | Self::ArmorIgnored { error, .. }
            | Self::Other { error, .. } => error.code,
            Self::WrongSecret { evidence, .. } => match evidence {
                SecretEvidence::PreauthFailed(error) => error.code,
                SecretEvidence::ReplyIntegrity => ErrorCode::KRB_AP_ERR_BAD_INTEGRITY,
            },
            Self::KeyMissing { .. } | Self::EnctypeNotSupported { .. } => {
                ErrorCode::KDC_ERR_ETYPE_NOSUPP
            }
            Self::PreauthNotPossible { .. } => ErrorCode::KDC_ERR_PREAUTH_REQUIRED,
            Self::TicketExpired { .. } => ErrorCode::KRB_AP_ERR_TKT_EXPIRED,
            Self::TicketNotYetValid { .. } => ErrorCode::KRB_AP_ERR_TKT_NYV,
            Self::RealmNotReachable { error, .. } => error
                .as_ref()
                .map_or(ErrorCode::KDC_ERR_PATH_NOT_ACCEPTED, |error| error.code),
        }
    }

    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::KeyMissing { .. } => MinorStatus::KRB5_KT_NOTFOUND,
            Self::PreauthNotPossible { .. } => MinorStatus::KRB5_PREAUTH_FAILED,
            Self::EnctypeNotSupported { error: None, .. } => MinorStatus::KRB5_CONFIG_ETYPE_NOSUPP,
            Self::RealmNotReachable { error: None, .. } => MinorStatus::KRB5_KDC_UNREACH,
            _ => MinorStatus::from_rfc_code(self.rfc_code()),
        }
    }
}
