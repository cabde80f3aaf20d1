//! The error codes of KRB-ERRORs, RFC 4120 section 7.5.9.

use orthros_asn1::ErrorCode;

use super::{ArmorError, RequestError, ServiceState};

impl RequestError {
    /// The code in the KRB-ERROR, RFC 4120 section 7.5.9.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self {
            Self::Malformed(_)
            | Self::Password(_)
            | Self::StringToKey(_)
            | Self::Unwritable(_)
            | Self::Random(_)
            | Self::NotPreauthenticated => ErrorCode::KRB_ERR_GENERIC,
            Self::MessageType => ErrorCode::KRB_AP_ERR_MSG_TYPE,
            Self::Store(_) | Self::ReplayCache(_) => ErrorCode::KDC_ERR_SVC_UNAVAILABLE,
            Self::ReplyTooLong { .. } => ErrorCode::KRB_ERR_RESPONSE_TOO_BIG,
            Self::ClientUnknown => ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN,
            Self::ServiceUnknown | Self::ServiceLocked => ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
            Self::WrongRealm { .. } => ErrorCode::KDC_ERR_WRONG_REALM,
            Self::ClientExpired => ErrorCode::KDC_ERR_NAME_EXP,
            Self::ClientNotYet => ErrorCode::KDC_ERR_CLIENT_NOTYET,
            Self::ClientLocked => ErrorCode::KDC_ERR_CLIENT_REVOKED,
            Self::PasswordExpired => ErrorCode::KDC_ERR_KEY_EXPIRED,
            Self::ServiceExpired => ErrorCode::KDC_ERR_SERVICE_EXP,
            Self::ServiceNotYet => ErrorCode::KDC_ERR_SERVICE_NOTYET,
            Self::MustUseUserToUser => ErrorCode::KDC_ERR_MUST_USE_USER2USER,
            Self::MustUseAsExchange | Self::NoUserToUser | Self::Policy(_) => {
                ErrorCode::KDC_ERR_POLICY
            }
            Self::NoCommonEnctype | Self::NoKey { .. } | Self::BadKey { .. } => {
                ErrorCode::KDC_ERR_ETYPE_NOSUPP
            }
            Self::PreauthRequired => ErrorCode::KDC_ERR_PREAUTH_REQUIRED,
            Self::PreauthEnctype { .. }
            | Self::PreauthFailed
            | Self::PreauthCookie
            | Self::Spake(_) => ErrorCode::KDC_ERR_PREAUTH_FAILED,
            Self::MorePreauthRequired => ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED,
            Self::PreauthExpired => ErrorCode::KDC_ERR_PREAUTH_EXPIRED,
            Self::BadOption(_) => ErrorCode::KDC_ERR_BADOPTION,
            Self::CannotPostdate => ErrorCode::KDC_ERR_CANNOT_POSTDATE,
            Self::NeverValid => ErrorCode::KDC_ERR_NEVER_VALID,
            Self::CriticalFastOptions => ErrorCode::KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS,
            Self::Armor(defect) => defect.error_code(),
            of_ticket => of_ticket.ap_error_code(),
        }
    }

    /// The codes of what is wrong with a ticket and what comes with it.
    const fn ap_error_code(&self) -> ErrorCode {
        match self {
            Self::Skew { .. } => ErrorCode::KRB_AP_ERR_SKEW,
            Self::NoApReq => ErrorCode::KDC_ERR_PADATA_TYPE_NOSUPP,
            Self::NotUs { .. } => ErrorCode::KRB_AP_ERR_NOT_US,
            Self::TicketService { state, .. } | Self::Trust { state, .. } => state.error_code(),
            Self::NoSuchKey {
                other_versions: true,
                ..
            } => ErrorCode::KRB_AP_ERR_BADKEYVER,
            Self::NoSuchKey { .. } => ErrorCode::KRB_AP_ERR_NOKEY,
            Self::Integrity(_) => ErrorCode::KRB_AP_ERR_BAD_INTEGRITY,
            Self::TicketExpired => ErrorCode::KRB_AP_ERR_TKT_EXPIRED,
            Self::TicketNotYetValid => ErrorCode::KRB_AP_ERR_TKT_NYV,
            Self::BadMatch => ErrorCode::KRB_AP_ERR_BADMATCH,
            Self::BadAddress => ErrorCode::KRB_AP_ERR_BADADDR,
            Self::Repeated => ErrorCode::KRB_AP_ERR_REPEAT,
            Self::InappropriateChecksum(_) => ErrorCode::KRB_AP_ERR_INAPP_CKSUM,
            Self::Modified(_) => ErrorCode::KRB_AP_ERR_MODIFIED,
            Self::ServerMismatch => ErrorCode::KDC_ERR_SERVER_NOMATCH,
            Self::TransitedType => ErrorCode::KDC_ERR_TRTYPE_NOSUPP,
            Self::PathNotAccepted => ErrorCode::KDC_ERR_PATH_NOT_ACCEPTED,
            _ => ErrorCode::KRB_ERR_GENERIC,
        }
    }
}

impl ServiceState {
    const fn error_code(self) -> ErrorCode {
        match self {
            Self::Locked | Self::Gone => ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
            Self::Expired => ErrorCode::KDC_ERR_SERVICE_EXP,
            Self::NotYetValid => ErrorCode::KDC_ERR_SERVICE_NOTYET,
            Self::UserToUserOnly => ErrorCode::KDC_ERR_MUST_USE_USER2USER,
        }
    }
}

impl ArmorError {
    const fn error_code(self) -> ErrorCode {
        match self {
            Self::Missing | Self::Type | Self::ExplicitInTgs => ErrorCode::KDC_ERR_PREAUTH_FAILED,
            Self::NotTicketGranting => ErrorCode::KDC_ERR_SERVER_NOMATCH,
            Self::NoSubkey | Self::Principal => ErrorCode::KDC_ERR_POLICY,
        }
    }
}
