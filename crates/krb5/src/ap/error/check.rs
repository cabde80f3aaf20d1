//! The checks of a well-formed message that can fail (RFC 4120 sections 3.2.3 to 3.2.5).

use alloc::string::String;

use orthros_asn1::{AdType, CksumType, EncryptionType, ErrorCode};
use orthros_crypto::Enctype;
use orthros_types::{Duration, EnctypeSwitch, MinorStatus, Principal, Timestamp};

/// A check of the peer's message failed: it is not to be believed, or not to be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApCheckError {
    /// A key in a request or a reply is of an enctype that is not supported or not permitted, or of a wrong length.
    #[error("{what} of enctype {enctype} can't be used{}", EnctypeSwitch(*.enctype))]
    Key {
        /// Which key.
        what: &'static str,
        /// Its enctype's number.
        enctype: EncryptionType,
    },
    /// Something does not decrypt in the key that both should know.
    #[error("{0} does not decrypt in the session key")]
    Integrity(&'static str),
    /// The authenticator was made by another client than the ticket is for.
    #[error("authenticator is of {authenticator}, the ticket is for {ticket}")]
    ClientMismatch {
        /// The client in the ticket.
        ticket: Principal,
        /// The client in the authenticator.
        authenticator: Principal,
    },
    /// The ticket's flags say that it must be validated first.
    #[error("ticket of {client} is marked invalid")]
    TicketInvalid {
        /// The client.
        client: Principal,
    },
    /// The ticket is not valid yet, even if clocks differ as much as they may.
    #[error("ticket of {client} is not valid before {starttime}, now it is {now}")]
    TicketNotYetValid {
        /// The client.
        client: Principal,
        /// When the ticket begins.
        starttime: Timestamp,
        /// The acceptor's clock.
        now: Timestamp,
    },
    /// The ticket has expired, even if clocks differ as much as they may.
    #[error("ticket of {client} expired at {endtime}, now it is {now}")]
    TicketExpired {
        /// The client.
        client: Principal,
        /// When the ticket ended.
        endtime: Timestamp,
        /// The acceptor's clock.
        now: Timestamp,
    },
    /// The clocks are further apart than allowed.
    #[error("authenticator of {client} is {} seconds off, {} are allowed", .offset.seconds(), .allowed.seconds())]
    Skew {
        /// The client.
        client: Principal,
        /// How far the client's clock is ahead of the acceptor's.
        offset: Duration,
        /// How far it may be.
        allowed: Duration,
    },
    /// The same authenticator was accepted before.
    #[error("request of {client} is a replay")]
    Replay {
        /// The client.
        client: Principal,
    },
    /// The ticket may not be used from the initiator's address.
    #[error("ticket of {client} is not for the initiator's address")]
    Address {
        /// The client.
        client: Principal,
    },
    /// The KDC did not check the realms between client and service, and here there is no policy
    /// that allows them.
    #[error("realms between {client} and {server} are not trusted: {realms}")]
    Transited {
        /// The client.
        client: Principal,
        /// The service.
        server: Principal,
        /// The realms as encoded in the ticket (RFC 4120 section 3.3.3.2), for people to read.
        realms: String,
    },
    /// The initiator has other channel bindings, or none where they are demanded.
    #[error("channel bindings do not match")]
    ChannelBindings,
    /// Ticket or authenticator restrict their use in a way that is not known (RFC 4120 section 5.2.6).
    #[error(
        "{what} of {client} has critical authorization data of type {}, which this acceptor does not know", .ad_type.0
    )]
    AuthorizationData {
        /// The ticket or the authenticator.
        what: &'static str,
        /// The client.
        client: Principal,
        /// The type of the first such element.
        ad_type: AdType,
    },
    /// The ticket has more than one PAC. A KDC puts in one, so that another one is the client's.
    #[error("ticket of {client} has more than one PAC")]
    SeveralPacs {
        /// The client.
        client: Principal,
    },
    /// The ticket is sealed in an encryption type that may not be used here.
    #[error(
        "ticket for {server} is sealed in {enctype}, which permitted_enctypes does not allow{}",
        EnctypeSwitch(EncryptionType(.enctype.number()))
    )]
    TicketEnctype {
        /// The service as the ticket names it.
        server: Principal,
        /// The encryption type of the service's key.
        enctype: Enctype,
    },
    /// The authenticator has not the checksum field of the GSS-API mechanism, and the acceptor does not allow that.
    #[error(
        "AP-REQ of {client} has not the checksum of RFC 4121, and this acceptor does not do without"
    )]
    NoGssChecksum {
        /// The client.
        client: Principal,
    },
    /// The authenticator's checksum is none of the types that this mechanism knows.
    #[error("authenticator checksum of type {0} is not accepted")]
    ChecksumType(CksumType),
    /// The authenticator's checksum is wrong.
    #[error("authenticator checksum is wrong")]
    Checksum,
    /// The initiator delegated a ticket of another client. The context stands, without the ticket: an acceptor that
    /// acted with it would act for another client than the authenticated one.
    #[error("{initiator} delegated a ticket of {client}")]
    ForeignDelegation {
        /// The authenticated client.
        initiator: Principal,
        /// The client of the ticket, as the KRB-CRED message names it.
        client: Principal,
    },
    /// The acceptor did not prove that it read the authenticator.
    #[error("acceptor's reply does not match the request")]
    MutualFailed,
}

impl ApCheckError {
    /// The RFC 4120 error code that says the same.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self {
            Self::Integrity(_) => ErrorCode::KRB_AP_ERR_BAD_INTEGRITY,
            Self::ClientMismatch { .. } | Self::ForeignDelegation { .. } => {
                ErrorCode::KRB_AP_ERR_BADMATCH
            }
            Self::TicketInvalid { .. } | Self::TicketNotYetValid { .. } => {
                ErrorCode::KRB_AP_ERR_TKT_NYV
            }
            Self::TicketExpired { .. } => ErrorCode::KRB_AP_ERR_TKT_EXPIRED,
            Self::Skew { .. } => ErrorCode::KRB_AP_ERR_SKEW,
            Self::Replay { .. } => ErrorCode::KRB_AP_ERR_REPEAT,
            Self::Address { .. } => ErrorCode::KRB_AP_ERR_BADADDR,
            Self::Transited { .. } => ErrorCode::KRB_AP_PATH_NOT_ACCEPTED,
            Self::ChecksumType(_) | Self::NoGssChecksum { .. } => ErrorCode::KRB_AP_ERR_INAPP_CKSUM,
            Self::Checksum => ErrorCode::KRB_AP_ERR_MODIFIED,
            Self::MutualFailed => ErrorCode::KRB_AP_ERR_MUT_FAIL,
            Self::TicketEnctype { .. } => ErrorCode::KDC_ERR_ETYPE_NOSUPP,
            Self::Key { .. }
            | Self::ChannelBindings
            | Self::AuthorizationData { .. }
            | Self::SeveralPacs { .. } => ErrorCode::KRB_ERR_GENERIC,
        }
    }

    /// MIT's number for it; zero where its major status says it all.
    #[must_use]
    pub const fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Key { .. } | Self::TicketEnctype { .. } => MinorStatus::KRB5_NOPERM_ETYPE,
            Self::TicketInvalid { .. } => MinorStatus::KRB5KRB_AP_ERR_TKT_INVALID,
            Self::Transited { .. } => MinorStatus::KRB5KRB_AP_ERR_ILL_CR_TKT,
            Self::MutualFailed => MinorStatus::KRB5_MUTUAL_FAILED,
            Self::ChannelBindings | Self::Checksum => MinorStatus::from_number(0),
            other => MinorStatus::from_rfc_code(other.error_code()),
        }
    }
}
