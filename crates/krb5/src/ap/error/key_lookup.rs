//! An acceptor without the key that opens a ticket.

use core::fmt;

use orthros_asn1::ErrorCode;
use orthros_types::{EncryptionType, EnctypeName, Principal};

use crate::ap::acceptor_name::AcceptorName;

/// A ticket that none of an acceptor's keys opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLookupError {
    /// The service as the ticket names it.
    pub server: Principal,
    /// The name that the acceptor answers for.
    pub name: AcceptorName,
    /// The key version that the ticket asks for, if it does.
    pub kvno: Option<u32>,
    /// The ticket's enctype.
    pub enctype: EncryptionType,
    /// What is missing.
    pub reason: KeyLookupReason,
}

/// What an acceptor lacks to open a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyLookupReason {
    /// There are no keys at all.
    NoKeys,
    /// The ticket is for user-to-user, and there is no ticket-granting ticket whose session key could open it.
    NoTicketGrantingTicket,
    /// There is a ticket-granting ticket only, and the ticket is not for user-to-user.
    UserToUserRequired,
    /// There is no key of the name that the acceptor answers for.
    NoKeyOfName,
    /// There is a key of the ticket's service, but the acceptor does not answer for that name.
    OtherName,
    /// There is no key of the ticket's service, and none of others that were tried opens it: only a few are.
    NoKeyOfServer,
    /// There are keys of the service, but not of the ticket's version.
    NoKvno {
        /// The newest version that is there.
        newest: u32,
    },
    /// There is that version, but not of the ticket's enctype.
    NoEnctype,
    /// The ticket is of an enctype that is not supported here, such as triple DES: no key opens it.
    EnctypeNotSupported,
    /// The right key is there and does not open the ticket.
    Integrity,
}

impl KeyLookupError {
    /// The RFC 4120 error code that says the same.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self.reason {
            KeyLookupReason::NoKeys | KeyLookupReason::NoKeyOfName => ErrorCode::KRB_AP_ERR_NOKEY,
            KeyLookupReason::NoTicketGrantingTicket => ErrorCode::KRB_AP_ERR_NO_TGT,
            KeyLookupReason::UserToUserRequired => ErrorCode::KRB_AP_ERR_USER_TO_USER_REQUIRED,
            KeyLookupReason::OtherName | KeyLookupReason::NoKeyOfServer => {
                ErrorCode::KRB_AP_ERR_NOT_US
            }
            KeyLookupReason::NoKvno { .. } | KeyLookupReason::NoEnctype => {
                ErrorCode::KRB_AP_ERR_BADKEYVER
            }
            KeyLookupReason::EnctypeNotSupported => ErrorCode::KDC_ERR_ETYPE_NOSUPP,
            KeyLookupReason::Integrity => ErrorCode::KRB_AP_ERR_BAD_INTEGRITY,
        }
    }
}

impl fmt::Display for KeyLookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ticket for {}", self.server)?;
        if let Some(kvno) = self.kvno {
            write!(f, " kvno {kvno}")?;
        }
        write!(f, " enctype {}", EnctypeName(self.enctype))?;
        match self.reason {
            KeyLookupReason::NoKeys => f.write_str(": there are no keys"),
            KeyLookupReason::NoTicketGrantingTicket => f.write_str(
                ": it is for user-to-user, and there is no ticket-granting ticket to accept that with",
            ),
            KeyLookupReason::UserToUserRequired => f.write_str(
                ": it is sealed in a key of the service, and only user-to-user is accepted",
            ),
            KeyLookupReason::NoKeyOfName => write!(f, ": there is no key for {}", self.name),
            KeyLookupReason::OtherName => {
                write!(f, ": there is a key, but only {} is accepted", self.name)
            }
            KeyLookupReason::NoKeyOfServer => f.write_str(": there is no key for that principal"),
            KeyLookupReason::NoKvno { newest } if self.kvno > Some(newest) => {
                write!(
                    f,
                    ": the keys are out of date, the newest is of kvno {newest}"
                )
            }
            KeyLookupReason::NoKvno { newest } => {
                write!(
                    f,
                    ": the ticket is out of date, the newest key is of kvno {newest}"
                )
            }
            KeyLookupReason::NoEnctype => f.write_str(": there is no key of that enctype"),
            KeyLookupReason::EnctypeNotSupported => f.write_str(
                ": no key of that enctype can be used here; give the service keys of AES, and its clients new tickets",
            ),
            KeyLookupReason::Integrity => f.write_str(": the key does not decrypt it"),
        }
    }
}

impl core::error::Error for KeyLookupError {}
