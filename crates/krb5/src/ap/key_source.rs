//! The acceptor's long-term keys, and which of them opens a ticket.

mod search;

use orthros_types::keytab::{Keytab, KeytabEntry};
use orthros_types::{KeyBlock, Principal};

pub(super) use search::{SealedIn, open_ticket};

/// Where an acceptor's keys come from: a keytab, one key, or anything else that holds them.
pub trait KeySource {
    /// Shows every long-term key to `visitor`, in an order of the source's choice.
    fn visit(&self, visitor: &mut dyn FnMut(AcceptorKey<'_>));

    /// Shows the session keys of the acceptor's ticket-granting tickets to `visitor`, in which the tickets for
    /// user-to-user are sealed (RFC 4120 section 2.9.2). Unless a source says otherwise it has none.
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
