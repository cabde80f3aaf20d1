//! What exactly is wrong with a request, where its error code does not say it.

use core::fmt;

use orthros_crypto::spake::ElementError;

/// Which option of a request has no place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
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
pub enum PolicyError {
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

/// What is wrong with a message of SPAKE preauthentication, other than that it was made with another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpakeError {
    /// The client has none of the realm's groups.
    #[error("the client has none of the realm's groups")]
    NoCommonGroup,
    /// A public key that is none.
    #[error(transparent)]
    PublicKey(#[from] ElementError),
    /// A message that no client sends, or a response without its challenge.
    #[error("a message that is not expected")]
    OutOfTurn,
    /// A second factor that was not offered.
    #[error("a second factor that was not offered")]
    SecondFactor,
    /// What this KDC keeps in its cookie is not what it was.
    #[error("the cookie has no state of an exchange")]
    State,
}

/// Why tickets of a service are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceState {
    /// It is locked. To the client it does not exist.
    Locked,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// It was removed.
    Gone,
    /// It takes user-to-user tickets only, which are in another key.
    UserToUserOnly,
}

impl fmt::Display for ServiceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Locked => "is locked",
            Self::Expired => "has expired",
            Self::NotYetValid => "is not yet valid",
            Self::Gone => "is gone",
            Self::UserToUserOnly => "takes user-to-user tickets only",
        })
    }
}

/// A part of a request that is encrypted, or under a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestPart {
    /// The ticket of an AP-REQ.
    Ticket,
    /// The authenticator.
    Authenticator,
    /// The additional ticket.
    AdditionalTicket,
    /// The authorization data of the request.
    AuthorizationData,
    /// The request under armor.
    ArmoredRequest,
    /// The new password.
    Password,
    /// The body of the request.
    RequestBody,
    /// The user of an `S4U2Self` request.
    User,
    /// The evidence of an `S4U2Proxy` request: the KDC's own checksum of it.
    Evidence,
    /// The header ticket that is to be renewed, validated, forwarded or proxied: the KDC's own checksum of it,
    /// without which it is its service that may have written it.
    HeaderTicket,
}

impl fmt::Display for RequestPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ticket => "ticket",
            Self::Authenticator => "authenticator",
            Self::AdditionalTicket => "additional ticket",
            Self::AuthorizationData => "authorization data",
            Self::ArmoredRequest => "armored request",
            Self::Password => "new password",
            Self::RequestBody => "request body",
            Self::User => "user of the request",
            Self::Evidence => "evidence ticket by this KDC",
            Self::HeaderTicket => "header ticket by this KDC",
        })
    }
}

/// Why armor gives no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ArmorError {
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
pub enum PasswordChangeError {
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
