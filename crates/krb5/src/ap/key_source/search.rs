//! Which of an acceptor's keys opens a ticket.

use alloc::vec::Vec;

use orthros_asn1::Ticket;
use orthros_crypto::{Key, KeyUsage, SecretVec};
use orthros_types::{EncryptionType, EnctypeName, KeyBlock, Principal};

use super::super::acceptor_name::AcceptorName;
use super::super::error::{ApError, KeyLookupError, KeyLookupReason};
use super::{AcceptorKey, KeySource};
use crate::wire;

/// A ticket that opened, and by whose key.
pub(in crate::ap) struct OpenedTicket {
    pub(in crate::ap) server: Principal,
    /// The key that opened it.
    pub(in crate::ap) key: Key,
    /// The encoding of an `EncTicketPart`.
    pub(in crate::ap) plaintext: SecretVec,
}

/// Opens a ticket in the first key that does it, after at most [`MOST_KEYS_TRIED`] of them.
///
/// The ticket's name for the service may be an alias, its kvno missing or from before a restore
/// of the KDC, and a principal may be in several realms. So the names and numbers only say where
/// to begin: the key that the ticket asks for, then others of that principal, then others of
/// its enctype whose principal `name` allows; of each kind those of the ticket's kvno, then the newest.
/// Each distinct key counts once, however many principals share it. `sealed_in` says which kind of keys they are.
pub(in crate::ap) fn open_ticket(
    ticket: &Ticket,
    sealed_in: SealedIn,
    keys: &dyn KeySource,
    name: &AcceptorName,
) -> Result<OpenedTicket, ApError> {
    let mut search = Search::new(ticket, name);
    if let Some(opened) = search.open(sealed_in, keys) {
        return Ok(opened);
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

/// How many keys one ticket is tried in at most. The sender has proved nothing yet, and each try costs a pass over the
/// ticket; a ticket under an alias is opened by a key of a host's few principals.
const MOST_KEYS_TRIED: usize = 16;

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

/// How well a key that the ticket does not ask for fits it, the best greatest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    same_principal: bool,
    /// In its lowest byte, which is all that old keytabs have of it, and an RODC of its own numbers.
    same_kvno: bool,
    kvno: u32,
}

/// A key to be tried.
struct Candidate {
    fit: Fit,
    principal: Principal,
    key: KeyBlock,
}

struct Search<'t> {
    name: &'t AcceptorName,
    server: Principal,
    kvno: Option<u32>,
    enctype: EncryptionType,
    ciphertext: &'t [u8],
    found: Found,
    newest: u32,
    /// How many keys were tried.
    tried: usize,
    opened: Option<OpenedTicket>,
    /// What to try next, the best first.
    candidates: Vec<Candidate>,
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
            tried: 0,
            opened: None,
            candidates: Vec::new(),
        }
    }

    fn open(&mut self, sealed_in: SealedIn, keys: &dyn KeySource) -> Option<OpenedTicket> {
        sealed_in.visit(keys, &mut |key| self.try_if_exact(key));
        if let Some(opened) = self.opened.take() {
            return Some(opened);
        }
        sealed_in.visit(keys, &mut |key| self.consider(key));
        let candidates = core::mem::take(&mut self.candidates);
        let mut candidates = candidates.into_iter();
        candidates.find_map(|candidate| self.try_key(&candidate.principal, &candidate.key))
    }

    /// Tries the key if it is the one that the ticket asks for.
    fn try_if_exact(&mut self, key: AcceptorKey<'_>) {
        if self.opened.is_some() {
            return;
        }
        let same_principal = *key.principal == self.server;
        let allowed = self.name.matches(key.principal);
        self.found.any = true;
        self.found.name |= allowed;
        self.found.server_not_allowed |= same_principal && !allowed;
        if !allowed || !same_principal {
            return;
        }
        let same_kvno = self.kvno.is_none_or(|kvno| kvno == key.kvno);
        let same_enctype = key.key.enctype() == self.enctype;
        self.found.server = true;
        self.found.kvno |= same_kvno;
        self.found.enctype |= same_kvno && same_enctype;
        self.newest = self.newest.max(key.kvno);
        if self.is_exact(&key) && same_enctype && self.tried < MOST_KEYS_TRIED {
            self.opened = self.try_key(key.principal, key.key);
        }
    }

    /// Whether the ticket asks for this key. Without a kvno it asks for none: the newest ones are to be tried first.
    fn is_exact(&self, key: &AcceptorKey<'_>) -> bool {
        self.kvno == Some(key.kvno) && *key.principal == self.server
    }

    /// Keeps the key in mind if it is one of the best that were not tried.
    fn consider(&mut self, key: AcceptorKey<'_>) {
        let may_open = key.key.enctype() == self.enctype && self.name.matches(key.principal);
        if !may_open || self.is_exact(&key) {
            return;
        }
        let same_octet = |kvno: u32| kvno & 0xFF == key.kvno & 0xFF;
        let fit = Fit {
            same_principal: *key.principal == self.server,
            same_kvno: key.kvno == 0 || self.kvno.is_none_or(same_octet),
            kvno: key.kvno,
        };
        let better = |candidate: &Candidate| candidate.fit >= fit;
        let place = self.candidates.partition_point(better);
        let (before, behind) = self.candidates.split_at(place);
        let room = MOST_KEYS_TRIED.saturating_sub(self.tried);
        if place >= room || before.iter().any(|candidate| candidate.key == *key.key) {
            return;
        }
        if let Some(worse) = behind.iter().position(|c| c.key == *key.key) {
            self.candidates.remove(place.saturating_add(worse));
        }
        self.candidates.truncate(room.saturating_sub(1));
        self.candidates.insert(
            place,
            Candidate {
                fit,
                principal: key.principal.clone(),
                key: key.key.clone(),
            },
        );
    }

    fn try_key(&mut self, principal: &Principal, key: &KeyBlock) -> Option<OpenedTicket> {
        let key = key.key()?;
        self.tried = self.tried.saturating_add(1);
        let opened = key.decrypt(KeyUsage::KDC_REP_TICKET, self.ciphertext);
        Some(OpenedTicket {
            server: principal.clone(),
            plaintext: opened.ok()?,
            key,
        })
    }

    /// MIT's order of reasons, from the most general to the most particular; `nothing` where there was no key to
    /// consider.
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
            _ if !EnctypeName(self.enctype).is_supported() => KeyLookupReason::EnctypeNotSupported,
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

#[cfg(test)]
mod tests;
