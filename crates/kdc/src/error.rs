//! Why a request is refused.

mod client_text;
mod code;
mod reason;

use orthros_asn1::{DecodeError, EncodeError, EncryptionType};
use orthros_crypto::{RandomError, StringToKeyError};
use orthros_types::{Principal, ReplayCacheError, Shown};

use crate::StoreError;
pub use reason::{
    ArmorError, OptionError, PasswordChangeError, PolicyError, RequestPart, ServiceState,
    SpakeError,
};

/// Why a request is refused.
///
/// Which client and service it is about says the [`RequestRecord`](crate::RequestRecord) that it is in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The bytes are no request, or a part of it is not what it should be.
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
    /// The replay cache failed, so that a replay can't be told.
    #[error(transparent)]
    ReplayCache(#[from] ReplayCacheError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),

    /// The reply does not fit into a datagram; the client asks again over a stream.
    #[error("reply of {length} octets is too long for a datagram")]
    ReplyTooLong {
        /// Bytes of the reply.
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
    /// The service requires preauthentication, and the ticket-granting ticket was issued without.
    #[error("service requires pre-authentication, the ticket-granting ticket was got without")]
    NotPreauthenticated,
    /// None of the enctypes that the client offers is permitted, and one for which there is a key.
    #[error("no enctype in common")]
    NoCommonEnctype,
    /// A principal has no key of a permitted enctype.
    #[error("{principal} has no key that can be used")]
    NoKey {
        /// The principal.
        principal: Principal,
    },

    /// The client must preauthenticate.
    #[error("pre-authentication is required")]
    PreauthRequired,
    /// The preauthentication is in a key that the client does not have.
    #[error("pre-authentication is in a key of {etype}, which the client does not have")]
    PreauthEnctype {
        /// The enctype of that key.
        etype: EncryptionType,
    },
    /// The preauthentication was not made with the client's key: the wrong password.
    #[error("pre-authentication failed: not made with the client's key")]
    PreauthFailed,
    /// The preauthentication is by SPAKE, and can't be verified.
    #[error("pre-authentication by SPAKE failed: {0}")]
    Spake(SpakeError),
    /// The mechanism of the preauthentication needs another round.
    #[error("pre-authentication needs another round")]
    MorePreauthRequired,
    /// The cookie that came with the preauthentication is not this KDC's, is for another client, or came under armor
    /// and was made outside of it, or the other way round.
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
    BadOption(OptionError),
    /// Neither client nor service may be postdated, or a start in the future was asked for without the option.
    #[error("ticket can't be postdated")]
    CannotPostdate,
    /// The ticket would end before it begins.
    #[error("ticket would end before it begins")]
    NeverValid,
    /// The realm's policy is against it.
    #[error("against the realm's policy: {0}")]
    Policy(PolicyError),

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
    Integrity(RequestPart),
    /// A key of an enctype that is not known or not permitted, or of the wrong length.
    #[error(
        "key of {etype} is of the wrong length, or its enctype not among the enctypes of the realm"
    )]
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
    InappropriateChecksum(RequestPart),
    /// A checksum does not match.
    #[error("checksum of the {0} does not match")]
    Modified(RequestPart),
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
    Password(PasswordChangeError),
    /// Parameters of the string-to-key function that can't be used.
    #[error(transparent)]
    StringToKey(#[from] StringToKeyError),

    /// FAST options that must be understood, and are not.
    #[error("critical FAST options are not known")]
    CriticalFastOptions,
    /// FAST armor that gives no key.
    #[error("armor can't be used: {0}")]
    Armor(ArmorError),
}

impl From<SpakeError> for RequestError {
    fn from(error: SpakeError) -> Self {
        Self::Spake(error)
    }
}

impl From<DecodeError> for RequestError {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}
