//! The acceptor's long-term keys, and what is said where none of them opens a ticket.

mod search;

use core::fmt;

use orthros_asn1::ErrorCode;

use orthros_types::KeyBlock;
use orthros_types::keytab::{Keytab, KeytabEntry};
use orthros_types::{EncryptionType, EnctypeName, NameType, Principal};

pub(super) use search::{SealedIn, open_ticket};

/// Where an acceptor's keys come from: a keytab, one key, or anything else that holds them.
pub trait KeySource {
    /// Shows every long-term key to `visitor`, in an order of the source's choice.
    fn visit(&self, visitor: &mut dyn FnMut(AcceptorKey<'_>));

    /// Shows the session keys of the acceptor's ticket-granting tickets to `visitor`, in which the tickets for user-to-user are
    /// sealed (RFC 4120 section 2.9.2). Unless a source says otherwise it has none.
    fn visit_session_keys(&self, _visitor: &mut dyn FnMut(AcceptorKey<'_>)) {}
}

/// One of an acceptor's keys.
#[derive(Clone, Copy, Debug)]
pub struct AcceptorKey<'a> {
    /// Whose key it is.
    pub principal: &'a Principal,
    /// Its version number; zero if not known.
    pub kvno: u32,
    /// The key itself, of an enctype known here or not.
    pub key: &'a KeyBlock,
}

impl KeySource for Keytab {
    fn visit(&self, visitor: &mut dyn FnMut(AcceptorKey<'_>)) {
        for entry in self.entries() {
            visitor(AcceptorKey {
                principal: &entry.principal,
                kvno: entry.kvno,
                key: &entry.key,
            });
        }
    }
}

/// A single key, without a keytab around it.
impl KeySource for KeytabEntry {
    fn visit(&self, visitor: &mut dyn FnMut(AcceptorKey<'_>)) {
        visitor(AcceptorKey {
            principal: &self.principal,
            kvno: self.kvno,
            key: &self.key,
        });
    }
}

/// Which of its principals an acceptor answers for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AcceptorName {
    /// Every one that it has a key of.
    #[default]
    Any,
    /// One name. If it is of type [`NameType::SRV_HST`] with two components, an empty realm or an
    /// empty host stands for any, as in MIT krb5.
    Principal(Principal),
}

impl AcceptorName {
    /// Whether the acceptor answers for `principal`.
    #[must_use]
    pub fn matches(&self, principal: &Principal) -> bool {
        let Self::Principal(name) = self else {
            return true;
        };
        match (name.components(), principal.components()) {
            ([service, host], [their_service, their_host])
                if name.name_type() == NameType::SRV_HST =>
            {
                (name.realm().is_empty() || name.realm() == principal.realm())
                    && service == their_service
                    && (host.is_empty() || host == their_host)
            }
            _ => name == principal,
        }
    }
}

impl fmt::Display for AcceptorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any principal"),
            Self::Principal(name) => name.fmt(f),
        }
    }
}

/// A ticket that none of an acceptor's keys opens. Whoever knows where the keys are from adds that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLookupError {
    /// The service as the ticket names it.
    pub server: Principal,
    /// Whom the acceptor answers for.
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
    /// The ticket is of an enctype that is not supported here, such as RC4: no key opens it.
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
