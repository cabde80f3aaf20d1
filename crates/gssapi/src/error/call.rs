//! What the facade itself refuses, before or after the mechanism is asked.

use super::NO_MINOR;
use crate::{Error, MajorStatus, MinorStatus, Oid, Supplementary};

/// Why the facade refuses a call, with everything that its message says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("mechanism {0} is not supported")]
    Mechanism(Oid),
    #[error("name type {0} is not supported")]
    NameType(Oid),
    #[error("host-based name \"{0}\" has no service before its @")]
    NoService(String),
    #[error("\"{name}\" is no host-based name: {meant}")]
    HostBased { name: String, meant: String },
    #[error("host name in \"{0}\" is not UTF-8")]
    HostName(String),
    #[error("user number \"{0}\" is not a number of 32 bits")]
    UserNumber(String),
    #[error("user number of {0} bytes, not 4")]
    UserNumberSize(usize),
    #[error("there is no user of number {0} on this system")]
    NoUser(u32),
    #[error("exported name: {0}")]
    ExportedName(&'static str),
    #[error("quality of protection {0} does not exist in Kerberos")]
    Qop(u32),
    #[error("the message was signed and not sealed, and confidentiality is required")]
    NotSealed,
    #[error("{}", sequence_text(*.0))]
    OutOfSequence(Supplementary),
    #[error(
        "the token is of NTLM (1.3.6.1.4.1.311.2.2.10), and not of Kerberos: the peer has no ticket, or does not know the service by a name that has one"
    )]
    Ntlm,
    #[error("the token of the peer is missing")]
    MissingToken,
    #[error("there is a token where none is due")]
    UnaskedToken,
    #[error("there is a KDC's reply where none is waited for")]
    UnaskedReply,
    #[error("{}", if *.established { "the context is established already" } else { "the attempt to establish a context has failed before" })]
    Finished { established: bool },
    #[error("the credential {0} contexts only")]
    Usage(&'static str),
    #[error("a password needs the name of the client")]
    NoClient,
    #[error("{keys} has no key for {name}")]
    NoKey { keys: String, name: String },
    #[error("the credential has no ticket-granting ticket for user-to-user")]
    NoTicketGrantingTicket,
    #[error("credential cache {cache} is of {found}, not of {desired}")]
    OtherClient {
        cache: String,
        desired: String,
        found: String,
    },
    #[error("credential cache {0} has no tickets; kinit gets one")]
    CacheEmpty(String),
    #[error("the tickets in credential cache {0} have expired; kinit gets new ones")]
    CacheExpired(String),
    #[error("tickets are in credential cache {0} already, and are not to be overwritten")]
    StoredAlready(String),
    #[error("keys to accept with can't be stored")]
    StoreAcceptor,
    #[error("credential cache {name}: caches of type {kind} can't be written here")]
    StoreKind { name: String, kind: String },
    #[error("exported credential: its {0} is not right")]
    ExportedCredential(&'static str),
    #[error("a {0} is of no use {1}")]
    StoreElement(&'static str, &'static str),
    #[error("{0} is twice in the credential store")]
    StoreElementTwice(String),
    #[error("keytab {0} has no host's key to verify tickets with")]
    NothingToVerify(String),
    #[error("Kerberos has no tokens for established contexts")]
    ContextToken,
}

impl CallError {
    fn statuses(&self) -> (MajorStatus, MinorStatus) {
        match self {
            Self::Mechanism(_) | Self::Ntlm => (MajorStatus::BAD_MECH, NO_MINOR),
            Self::NameType(_) => (MajorStatus::BAD_NAMETYPE, NO_MINOR),
            Self::NoService(_) => (MajorStatus::BAD_NAME, MinorStatus::G_BAD_SERVICE_NAME),
            Self::HostBased { .. } => (MajorStatus::BAD_NAME, MinorStatus::G_BAD_SERVICE_NAME),
            Self::HostName(_) => (MajorStatus::BAD_NAME, MinorStatus::G_BAD_HOSTNAME),
            Self::UserNumber(_) => (MajorStatus::BAD_NAME, MinorStatus::G_BAD_STRING_UID),
            Self::UserNumberSize(_) => (MajorStatus::BAD_NAME, MinorStatus::G_WRONG_SIZE),
            Self::NoUser(_) => (MajorStatus::BAD_NAME, MinorStatus::G_NOUSER),
            Self::ExportedName(_) => (MajorStatus::BAD_NAME, NO_MINOR),
            Self::Qop(_) => (MajorStatus::BAD_QOP, MinorStatus::G_UNKNOWN_QOP),
            Self::NotSealed => (MajorStatus::UNAVAILABLE, NO_MINOR),
            Self::OutOfSequence(what) => {
                let minor = if what.contains(Supplementary::DUPLICATE_TOKEN) {
                    MinorStatus::KRB5KRB_AP_ERR_REPEAT
                } else {
                    MinorStatus::KRB5KRB_AP_ERR_BADORDER
                };
                // An error also to programs that look at the upper half alone.
                let major = MajorStatus::FAILURE.raw() | what.bits();
                (MajorStatus::from_raw(major), minor)
            }
            Self::ContextToken => (MajorStatus::DEFECTIVE_TOKEN, MinorStatus::G_BAD_TOK_HEADER),
            Self::MissingToken | Self::UnaskedToken => (MajorStatus::DEFECTIVE_TOKEN, NO_MINOR),
            Self::UnaskedReply => (MajorStatus::FAILURE, NO_MINOR),
            Self::Usage(_) => (MajorStatus::NO_CRED, MinorStatus::G_CRED_USAGE_MISMATCH),
            Self::NoClient => (MajorStatus::BAD_NAME, NO_MINOR),
            Self::NoKey { .. } => (MajorStatus::NO_CRED, MinorStatus::KG_KEYTAB_NOMATCH),
            Self::NoTicketGrantingTicket => {
                (MajorStatus::NO_CRED, MinorStatus::KRB5KRB_AP_ERR_NO_TGT)
            }
            Self::OtherClient { .. } => (MajorStatus::NO_CRED, MinorStatus::KG_CCACHE_NOMATCH),
            Self::CacheEmpty(_) => (MajorStatus::NO_CRED, MinorStatus::KG_EMPTY_CCACHE),
            Self::CacheExpired(_) => (
                MajorStatus::CREDENTIALS_EXPIRED,
                MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED,
            ),
            Self::StoredAlready(_) => (MajorStatus::DUPLICATE_ELEMENT, NO_MINOR),
            Self::StoreAcceptor => (
                MajorStatus::FAILURE,
                MinorStatus::G_STORE_ACCEPTOR_CRED_NOSUPP,
            ),
            Self::StoreKind { .. } => (MajorStatus::UNAVAILABLE, MinorStatus::KRB5_CC_UNKNOWN_TYPE),
            Self::ExportedCredential(_) => (MajorStatus::DEFECTIVE_TOKEN, NO_MINOR),
            Self::StoreElement(..) => (MajorStatus::FAILURE, MinorStatus::G_BAD_USAGE),
            Self::StoreElementTwice(_) => (MajorStatus::DUPLICATE_ELEMENT, NO_MINOR),
            Self::NothingToVerify(_) => (MajorStatus::NO_CRED, MinorStatus::KRB5_KT_NOTFOUND),
            Self::Finished { established: true } => {
                (MajorStatus::NO_CONTEXT, MinorStatus::KG_CONTEXT_ESTABLISHED)
            }
            Self::Finished { established: false } => (MajorStatus::NO_CONTEXT, NO_MINOR),
        }
    }
}

/// What is wrong with the place of a message among the others; a token has one of these at most.
fn sequence_text(what: Supplementary) -> &'static str {
    if what.contains(Supplementary::DUPLICATE_TOKEN) {
        "the message has been received before"
    } else if what.contains(Supplementary::OLD_TOKEN) {
        "the message is too old to tell whether it has been received before"
    } else if what.contains(Supplementary::UNSEQ_TOKEN) {
        "the message has come after a later one"
    } else {
        "messages before this one have not come"
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        let (major, minor) = error.statuses();
        let is_of_messages = matches!(
            error,
            CallError::Qop(_) | CallError::NotSealed | CallError::OutOfSequence(_)
        );
        let refused = Self::new(major, minor).caused_by(error);
        match is_of_messages {
            // The mechanism of every context that is here.
            true => refused.of_mech(Oid::KRB5),
            false => refused,
        }
    }
}
