//! Which of an acceptor's keys opens a ticket.

use orthros_asn1::Ticket;
use orthros_crypto::{Key, KeyUsage, SecretVec};

use super::super::error::ApError;
use super::super::wire;
use super::{AcceptorKey, AcceptorName, KeyLookupError, KeyLookupReason, KeySource};
use crate::{EncryptionType, Principal};

/// A ticket that opened, and by whose key.
pub(in crate::ap) struct OpenedTicket {
    pub(in crate::ap) server: Principal,
    /// The key that opened it.
    pub(in crate::ap) key: Key,
    /// The encoding of an `EncTicketPart`.
    pub(in crate::ap) plaintext: SecretVec,
}

/// Opens a ticket in the first key that does it.
///
/// The ticket's name for the service may be an alias, its kvno missing or from before a restore
/// of the KDC, and a principal may be in several realms. So the names and numbers only say where
/// to begin: the key that the ticket asks for, then others of that principal, then all others of
/// its enctype whose principal `name` allows. `sealed_in` says which kind of keys they are.
pub(in crate::ap) fn open_ticket(
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
pub(in crate::ap) enum SealedIn {
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
