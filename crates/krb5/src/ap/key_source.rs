//! The acceptor's long-term keys, and which of them opens a ticket.

use core::fmt;

use orthros_asn1::{ErrorCode, Ticket};
use orthros_crypto::{Enctype, Key, KeyUsage, SecretVec};

use super::error::ApError;
use super::wire;
use crate::credential::KeyBlock;
use crate::keytab::{Keytab, KeytabEntry};
use crate::{EncryptionType, NameType, Principal};

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

/// A ticket that opened, and by whose key.
pub(super) struct OpenedTicket {
    pub(super) server: Principal,
    /// The key that opened it.
    pub(super) key: Key,
    /// The encoding of an `EncTicketPart`.
    pub(super) plaintext: SecretVec,
}

/// Opens a ticket in the first key that does it.
///
/// The ticket's name for the service may be an alias, its kvno missing or from before a restore
/// of the KDC, and a principal may be in several realms. So the names and numbers only say where
/// to begin: the key that the ticket asks for, then others of that principal, then all others of
/// its enctype whose principal `name` allows. `sealed_in` says which kind of keys they are.
pub(super) fn open_ticket(
    ticket: &Ticket,
    sealed_in: SealedIn,
    keys: &dyn KeySource,
    name: &AcceptorName,
) -> Result<OpenedTicket, ApError> {
    let mut search = Search::new(ticket, name);
    for rank in [Rank::Exact, Rank::OtherVersion, Rank::OtherPrincipal] {
        sealed_in.visit(keys, &mut |key| search.consider(rank, key));
        if let Some(opened) = search.opened.take() {
            return Ok(opened);
        }
    }
    let nothing = match sealed_in {
        SealedIn::SessionKey => KeyLookupReason::NoTicketGrantingTicket,
        SealedIn::LongTermKey if SealedIn::SessionKey.is_in(keys) => {
            KeyLookupReason::UserToUserRequired
        }
        SealedIn::LongTermKey => KeyLookupReason::NoKeys,
    };
    Err(search.failure(nothing).into())
}

/// What kind of key a ticket is sealed in.
#[derive(Clone, Copy)]
pub(super) enum SealedIn {
    /// The service's own, of its keytab.
    LongTermKey,
    /// That of the service's ticket-granting ticket (user-to-user).
    SessionKey,
}

impl SealedIn {
    fn visit(self, keys: &dyn KeySource, visitor: &mut dyn FnMut(AcceptorKey<'_>)) {
        match self {
            Self::LongTermKey => keys.visit(visitor),
            Self::SessionKey => keys.visit_session_keys(visitor),
        }
    }

    fn is_in(self, keys: &dyn KeySource) -> bool {
        let mut found = false;
        self.visit(keys, &mut |_| found = true);
        found
    }
}

/// How well a key fits what the ticket says of its key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Exact,
    OtherVersion,
    OtherPrincipal,
}

struct Search<'t> {
    name: &'t AcceptorName,
    server: Principal,
    kvno: Option<u32>,
    enctype: EncryptionType,
    ciphertext: &'t [u8],
    found: Found,
    newest: u32,
    opened: Option<OpenedTicket>,
}

/// What of a ticket's demands was seen among the keys.
#[derive(Default)]
struct Found {
    any: bool,
    name: bool,
    server_not_allowed: bool,
    server: bool,
    kvno: bool,
    enctype: bool,
}

impl<'t> Search<'t> {
    fn new(ticket: &'t Ticket, name: &'t AcceptorName) -> Self {
        Self {
            name,
            server: wire::principal(&ticket.realm, &ticket.sname),
            kvno: ticket.enc_part.kvno.map(|kvno| kvno.0),
            enctype: ticket.enc_part.etype,
            ciphertext: &ticket.enc_part.cipher,
            found: Found::default(),
            newest: 0,
            opened: None,
        }
    }

    fn consider(&mut self, rank: Rank, key: AcceptorKey<'_>) {
        if self.opened.is_some() {
            return;
        }
        let same_principal = *key.principal == self.server;
        let allowed = self.name.matches(key.principal);
        self.found.any = true;
        self.found.name |= allowed;
        self.found.server_not_allowed |= same_principal && !allowed;
        if !allowed {
            return;
        }
        let same_kvno = self.kvno.is_none_or(|kvno| kvno == key.kvno);
        let same_enctype = key.key.enctype() == self.enctype;
        if same_principal {
            self.found.server = true;
            self.found.kvno |= same_kvno;
            self.found.enctype |= same_kvno && same_enctype;
            self.newest = self.newest.max(key.kvno);
        }
        let key_rank = match (same_principal, same_kvno) {
            (true, true) => Rank::Exact,
            (true, false) => Rank::OtherVersion,
            (false, _) => Rank::OtherPrincipal,
        };
        if same_enctype && key_rank == rank {
            self.opened = self.try_key(key);
        }
    }

    fn try_key(&self, key: AcceptorKey<'_>) -> Option<OpenedTicket> {
        let server = key.principal.clone();
        let key = key.key.key()?;
        let opened = key.decrypt(KeyUsage::KDC_REP_TICKET, self.ciphertext);
        Some(OpenedTicket {
            server,
            plaintext: opened.ok()?,
            key,
        })
    }

    /// MIT's order of reasons, from the most general to the most particular; `nothing` where there was no key to consider.
    fn failure(self, nothing: KeyLookupReason) -> KeyLookupError {
        let reason = match self.found {
            Found { any: false, .. } => nothing,
            Found { name: false, .. } => KeyLookupReason::NoKeyOfName,
            Found {
                server: false,
                server_not_allowed: true,
                ..
            } => KeyLookupReason::OtherName,
            Found { server: false, .. } => KeyLookupReason::NoKeyOfServer,
            Found { kvno: false, .. } => KeyLookupReason::NoKvno {
                newest: self.newest,
            },
            Found { enctype: false, .. } => KeyLookupReason::NoEnctype,
            _ => KeyLookupReason::Integrity,
        };
        KeyLookupError {
            server: self.server,
            name: self.name.clone(),
            kvno: self.kvno,
            enctype: self.enctype,
            reason,
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
    /// There is no key of the ticket's service, and none of another opens it.
    NoKeyOfServer,
    /// There are keys of the service, but not of the ticket's version.
    NoKvno {
        /// The newest version that is there.
        newest: u32,
    },
    /// There is that version, but not of the ticket's enctype.
    NoEnctype,
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
        match Enctype::from_number(self.enctype.0) {
            Some(enctype) => write!(f, " enctype {enctype}")?,
            None => write!(f, " enctype {} (not supported)", self.enctype.0)?,
        }
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
            KeyLookupReason::Integrity => f.write_str(": the key does not decrypt it"),
        }
    }
}

impl core::error::Error for KeyLookupError {}
