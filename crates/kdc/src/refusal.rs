//! Why a request is refused.

mod client_text;

use orthros_asn1::{DecodeError, EncodeError, EncryptionType, ErrorCode};
use orthros_crypto::{RandomError, StringToKeyError};
use orthros_types::{Principal, ReplayStoreError, Shown};

use crate::StoreError;

/// Why a request is refused.
///
/// Who is meant by "the client" and "the service" stands beside it, in the [`RequestRecord`](crate::RequestRecord).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The octets are no request, or a part of it is not what it should be.
    #[error("malformed: {0}")]
    Malformed(DecodeError),
    /// The message is of a type that a KDC does not answer.
    #[error("not a message to a KDC")]
    MessageType,
    /// A reply that can't be written.
    #[error(transparent)]
    Unwritable(#[from] EncodeError),
    /// The store of principals failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store of authenticators failed, so that nobody can say what is a replay.
    #[error(transparent)]
    ReplayStore(#[from] ReplayStoreError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),

    /// The reply does not fit into a datagram; the client asks again over a stream.
    #[error("reply of {length} octets is too long for a datagram")]
    ReplyTooLong {
        /// Octets of the reply.
        length: usize,
    },

    /// The client is not in the store, or the request names none.
    #[error("client is unknown")]
    ClientUnknown,
    /// The service is not in the store, or the request names none.
    #[error("service is unknown")]
    ServiceUnknown,
    /// The client is another realm's.
    #[error("client is of the realm {}", Shown::new(client.realm()))]
    WrongRealm {
        /// The client as that realm names it.
        client: Principal,
    },
    /// The client's time is over.
    #[error("client has expired")]
    ClientExpired,
    /// The client's time has not begun.
    #[error("client is not yet valid")]
    ClientNotYet,
    /// The client is locked.
    #[error("client is locked")]
    ClientLocked,
    /// The client must change its password first.
    #[error("client's password has expired")]
    PasswordExpired,
    /// The service's time is over.
    #[error("service has expired")]
    ServiceExpired,
    /// The service's time has not begun.
    #[error("service is not yet valid")]
    ServiceNotYet,
    /// The service is locked. To the client it does not exist.
    #[error("service is locked")]
    ServiceLocked,
    /// The service takes user-to-user tickets only.
    #[error("service takes user-to-user tickets only")]
    MustUseUserToUser,
    /// The service takes no tickets that a ticket-granting ticket got.
    #[error("service takes tickets of the AS exchange only")]
    MustUseAsExchange,
    /// The service takes no user-to-user tickets.
    #[error("service takes no user-to-user tickets")]
    NoUserToUser,
    /// The service wants clients that have proved who they are, and this one has not.
    #[error("service requires pre-authentication, the ticket-granting ticket was got without")]
    NotPreauthenticated,
    /// None of the enctypes that the client offers is permitted, and one for which there is a key.
    #[error("no enctype in common")]
    NoCommonEnctype,
    /// A principal has no key of a permitted enctype.
    #[error("{principal} has no key that can be used")]
    NoKey {
        /// Whose key is missing.
        principal: Principal,
    },

    /// The client must prove who it is.
    #[error("pre-authentication is required")]
    PreauthRequired,
    /// The proof is in a key that the client does not have.
    #[error("pre-authentication is in a key of {etype}, which the client does not have")]
    PreauthEnctype {
        /// The enctype of the proof.
        etype: EncryptionType,
    },
    /// The proof is not one of the client's key: the wrong password.
    #[error("pre-authentication failed: not made with the client's key")]
    PreauthFailed,
    /// The mechanism of the preauthentication needs another round.
    #[error("pre-authentication needs another round")]
    MorePreauthRequired,
    /// The cookie that came with the preauthentication is not this KDC's, or is for another client or mechanism.
    #[error("pre-authentication failed: its cookie is not one of this KDC for this client")]
    PreauthCookie,
    /// The cookie that came with the preauthentication is too old: the client has to begin again.
    #[error("pre-authentication took too long")]
    PreauthExpired,
    /// The client's clock and the KDC's differ too much.
    #[error("clocks differ by {seconds} seconds")]
    Skew {
        /// By how much the client's clock is ahead; negative where it is behind.
        seconds: i64,
    },

    /// An option that has no place in the request.
    #[error("option is not allowed: {0}")]
    BadOption(BadOption),
    /// Neither client nor service may be postdated, or a start in the future was asked for without the option.
    #[error("ticket can't be postdated")]
    CannotPostdate,
    /// The ticket would end before it begins.
    #[error("ticket would end before it begins")]
    NeverValid,
    /// The realm's policy is against it.
    #[error("against the realm's policy: {0}")]
    Policy(PolicyBreach),

    /// A TGS-REQ without the ticket that it is about.
    #[error("TGS-REQ has no AP-REQ")]
    NoApReq,
    /// A ticket of a service that is not this KDC's.
    #[error("ticket is for {service}")]
    NotUs {
        /// For which service the ticket is.
        service: Principal,
    },
    /// A ticket of a service that is not one any more, or not now.
    #[error("ticket is for {service}, which {state}")]
    TicketService {
        /// For which service the ticket is.
        service: Principal,
        /// Why that is none.
        state: ServiceState,
    },
    /// A ticket of a client of another realm, which is not trusted any more, or not now.
    #[error("client came here by {service}, which {state}")]
    Trust {
        /// The ticket-granting service of this realm as the other one knows it.
        service: Principal,
        /// Why that is none.
        state: ServiceState,
    },
    /// The service does not have the key that its ticket is encrypted in.
    #[error("{service} has no key of {etype}, kvno {kvno}")]
    NoSuchKey {
        /// For which service the ticket is.
        service: Principal,
        /// The enctype of the key.
        etype: EncryptionType,
        /// The version of the key; 0 where the ticket names none.
        kvno: u32,
        /// Whether it has another key of the enctype.
        other_versions: bool,
    },
    /// A ticket or an authenticator that does not decrypt.
    #[error("{0} does not decrypt")]
    Integrity(Sealed),
    /// A key of an enctype that is not known, or of the wrong length.
    #[error("key of {etype} can't be used")]
    BadKey {
        /// The enctype of the key.
        etype: EncryptionType,
    },
    /// The ticket has expired.
    #[error("ticket has expired")]
    TicketExpired,
    /// The ticket is not valid yet, or was not validated.
    #[error("ticket is not yet valid")]
    TicketNotYetValid,
    /// Ticket and authenticator name different clients.
    #[error("authenticator is of another client than the ticket")]
    BadMatch,
    /// The ticket is bound to addresses, of which the sender's is none.
    #[error("ticket is bound to other addresses")]
    BadAddress,
    /// The authenticator was seen before.
    #[error("authenticator was used before")]
    Repeated,
    /// A checksum is missing, or of a type that proves nothing.
    #[error("checksum of the {0} is missing or not of its key")]
    InappropriateChecksum(Checked),
    /// A checksum does not match.
    #[error("checksum of the {0} does not match")]
    Modified(Checked),
    /// The ticket is not for the service that the request is for.
    #[error("ticket and request are for different services")]
    ServerMismatch,
    /// Transited realms in an encoding that is not known.
    #[error("encoding of the transited realms is not known")]
    TransitedType,
    /// The way that the client came is not one that the realm accepts.
    #[error("path through transited realms is not accepted")]
    PathNotAccepted,

    /// A request to change a password that can't be granted.
    #[error("password is not changed: {0}")]
    Password(PasswordDefect),
    /// Parameters of the string-to-key function that can't be used.
    #[error(transparent)]
    StringToKey(#[from] StringToKeyError),

    /// FAST options that must be understood, and are not.
    #[error("critical FAST options are not known")]
    CriticalFastOptions,
    /// FAST armor that gives no key.
    #[error("armor can't be used: {0}")]
    Armor(ArmorDefect),
}

/// Which option of a request has no place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BadOption {
    /// An option of the TGS exchange in an AS-REQ.
    #[error("an AS-REQ shows no ticket")]
    TgsOption,
    /// Anonymity that nothing proves: the client is not anonymous.
    #[error("the client is not anonymous")]
    Anonymous,
    /// A forwarded ticket from one that is not forwardable.
    #[error("ticket is not forwardable")]
    NotForwardable,
    /// A proxy from a ticket that is not proxiable.
    #[error("ticket is not proxiable")]
    NotProxiable,
    /// A proxy that is a ticket-granting ticket.
    #[error("a ticket-granting ticket can't be a proxy")]
    ProxyOfTgt,
    /// A postdated ticket from one that may not be.
    #[error("ticket may not be postdated")]
    NotPostdatable,
    /// Validation of a ticket that is valid.
    #[error("ticket is valid already")]
    AlreadyValid,
    /// Renewal of a ticket that is not renewable.
    #[error("ticket is not renewable")]
    NotRenewable,
    /// An option that needs an additional ticket, without one.
    #[error("additional ticket is missing")]
    NoAdditionalTicket,
    /// Evidence that is not forwardable, for `S4U2Proxy`.
    #[error("evidence ticket is not forwardable")]
    EvidenceNotForwardable,
    /// Options that exclude each other.
    #[error("options exclude each other")]
    Conflict,
    /// The service may not delegate to that one.
    #[error("delegation to that service is not allowed")]
    DelegationNotAllowed,
}

/// Which part of the realm's policy is against a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyBreach {
    /// A client of this realm, in a ticket from another one.
    #[error("another realm vouches for a client of this one")]
    Lineage,
    /// An additional ticket that is not a ticket-granting ticket, for user-to-user.
    #[error("additional ticket is not a ticket-granting ticket of this realm")]
    NotTicketGranting,
    /// A ticket that is good for armor only.
    #[error("ticket is for use as armor only")]
    ArmorOnly,
    /// Authorization data that the KDC must know, and does not.
    #[error("authorization data that the KDC must know is not known")]
    MandatoryAuthorizationData,
    /// Delegation of a ticket-granting ticket.
    #[error("ticket-granting tickets can't be had by delegation")]
    DelegatedTgt,
    /// `S4U2Self` for a user of another realm.
    #[error("user is of another realm")]
    ForeignUser,
}

/// Why tickets of a service are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceState {
    /// It is locked. To the client it does not exist.
    #[error("is locked")]
    Locked,
    /// Its time is over.
    #[error("has expired")]
    Expired,
    /// Its time has not begun.
    #[error("is not yet valid")]
    NotYetValid,
    /// It was removed.
    #[error("is gone")]
    Gone,
    /// It takes user-to-user tickets only, which are in another key.
    #[error("takes user-to-user tickets only")]
    UserToUserOnly,
}

/// What did not decrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Sealed {
    /// The ticket that is presented.
    #[error("ticket")]
    Ticket,
    /// The authenticator.
    #[error("authenticator")]
    Authenticator,
    /// The additional ticket.
    #[error("additional ticket")]
    AdditionalTicket,
    /// The authorization data of the request.
    #[error("authorization data")]
    AuthorizationData,
    /// The request under armor.
    #[error("armored request")]
    ArmoredRequest,
    /// The new password.
    #[error("new password")]
    Password,
}

/// What a checksum is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Checked {
    /// The body of the request.
    #[error("request body")]
    RequestBody,
    /// What the armor is tied to.
    #[error("armored request")]
    ArmoredRequest,
    /// The user of an `S4U2Self` request.
    #[error("user of the request")]
    User,
    /// The evidence of an `S4U2Proxy` request: the KDC's signature of it.
    #[error("evidence ticket by this KDC")]
    Evidence,
    /// The ticket that is to be renewed, validated, forwarded or proxied: the KDC's signature of it, without which it says what
    /// its service likes.
    #[error("header ticket by this KDC")]
    HeaderTicket,
}

/// Why armor gives no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ArmorDefect {
    /// No armor in an AS-REQ.
    #[error("it is missing")]
    Missing,
    /// Armor of a type that is not known.
    #[error("its type is not known")]
    Type,
    /// An AP-REQ for something else than the ticket-granting service.
    #[error("its ticket is not for the ticket-granting service")]
    NotTicketGranting,
    /// An AP-REQ whose ticket's client or service is locked, has expired or is gone.
    #[error("client or service of its ticket is locked, has expired or is gone")]
    Principal,
    /// An AP-REQ without a subkey.
    #[error("it has no subkey")]
    NoSubkey,
    /// Armor of its own in a TGS-REQ.
    #[error("a TGS-REQ has its own")]
    ExplicitInTgs,
}

/// Why a password is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordDefect {
    /// Lengths that do not fit.
    #[error("request has no proper frame")]
    Framing,
    /// A version that is not known.
    #[error("version {version:#x} is not known")]
    Version {
        /// The version of the request.
        version: u16,
    },
    /// The password does not belong to the AP-REQ before it.
    #[error("sequence number is not that of the authenticator")]
    SequenceNumber,
    /// The ticket was got with another ticket, not with the password.
    #[error("ticket was not got with the password")]
    NotInitial,
    /// The password is another's.
    #[error("setting the password of others is not allowed")]
    NotAllowed,
    /// The password is too short for the realm's policy.
    #[error("password has fewer than {least} octets")]
    TooShort {
        /// The least that would do.
        least: usize,
    },
    /// The password is one that the principal has: to set it again is no change.
    #[error("it is the one in use")]
    InUse,
    /// The KDC lives by the principal's keys, such as those of `krbtgt` and `kadmin`.
    #[error("keys of the KDC's own principals can't be set by a password")]
    KdcsOwn,
    /// The other principal has no password: its keys are random.
    #[error("principal has no password, its keys are random")]
    RandomKeys,
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}

impl Refusal {
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
            Self::Store(_) | Self::ReplayStore(_) => ErrorCode::KDC_ERR_SVC_UNAVAILABLE,
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
            Self::PreauthEnctype { .. } | Self::PreauthFailed | Self::PreauthCookie => {
                ErrorCode::KDC_ERR_PREAUTH_FAILED
            }
            Self::MorePreauthRequired => ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED,
            Self::PreauthExpired => ErrorCode::KDC_ERR_PREAUTH_EXPIRED,
            Self::BadOption(_) => ErrorCode::KDC_ERR_BADOPTION,
            Self::CannotPostdate => ErrorCode::KDC_ERR_CANNOT_POSTDATE,
            Self::NeverValid => ErrorCode::KDC_ERR_NEVER_VALID,
            Self::CriticalFastOptions => ErrorCode::KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS,
            Self::Armor(defect) => defect.error_code(),
            presented => presented.ap_error_code(),
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

impl ArmorDefect {
    const fn error_code(self) -> ErrorCode {
        match self {
            Self::Missing | Self::Type | Self::ExplicitInTgs => ErrorCode::KDC_ERR_PREAUTH_FAILED,
            Self::NotTicketGranting => ErrorCode::KDC_ERR_SERVER_NOMATCH,
            Self::NoSubkey | Self::Principal => ErrorCode::KDC_ERR_POLICY,
        }
    }
}
