//! Credentials: a ticket, its session key, and what is known of both.

mod config_entry;
mod key_block;
mod query;
#[cfg(test)]
mod tests;
mod ticket_header;

use alloc::vec::Vec;
use core::fmt;

use orthros_asn1::{AuthorizationDataEntry, HostAddress, TicketFlags};

use crate::{Duration, Principal, Timestamp};

pub use config_entry::ConfigEntry;
pub use key_block::KeyBlock;
pub use query::{CredentialQuery, Selection};
pub use ticket_header::TicketHeader;

/// One entry of a credential cache: a ticket for `server`, usable by `client`, which knows the session key.
///
/// The ticket's bytes are kept as the KDC sent them. The session key is zeroized when this is dropped. `Debug` shows
/// neither the key nor the tickets, against which keys of services can be guessed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The client that the ticket is issued to.
    pub client: Principal,
    /// The service.
    pub server: Principal,
    /// The key that client and server share.
    pub session_key: KeyBlock,
    /// From when until when it is good.
    pub times: TicketTimes,
    /// Whether the ticket is encrypted in another ticket's session key (user-to-user).
    pub is_skey: bool,
    /// The flags as the KDC reported them; the ticket itself can't be read by its holder.
    pub flags: TicketFlags,
    /// Where it may be used from; empty: anywhere.
    pub addresses: Vec<HostAddress>,
    /// Authorization data that the client asked for.
    pub authorization_data: Vec<AuthorizationDataEntry>,
    /// DER bytes of the `Ticket`; in a configuration entry the configured value.
    pub ticket: Vec<u8>,
    /// DER bytes of the second `Ticket` that a user-to-user request named, or empty.
    pub second_ticket: Vec<u8>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("client", &self.client)
            .field("server", &self.server)
            .field("session_key", &self.session_key)
            .field("times", &self.times)
            .field("is_skey", &self.is_skey)
            .field("flags", &self.flags)
            .field("addresses", &self.addresses)
            .field("authorization_data", &self.authorization_data)
            .field("ticket", &format_args!("{} bytes", self.ticket.len()))
            .field(
                "second_ticket",
                &format_args!("{} bytes", self.second_ticket.len()),
            )
            .finish()
    }
}

/// The times of a ticket, whole seconds (RFC 4120 section 5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TicketTimes {
    /// When the client authenticated itself to the KDC.
    pub authtime: Timestamp,
    /// From when the ticket is good; from `authtime` on if it does not say.
    pub starttime: Option<Timestamp>,
    /// Until when it is good.
    pub endtime: Timestamp,
    /// Until when it can be renewed, if it can.
    pub renew_till: Option<Timestamp>,
}

impl TicketTimes {
    /// `starttime`, or `authtime` in its place.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.starttime.unwrap_or(self.authtime)
    }

    /// What is left until `endtime`; nothing once it is past.
    #[must_use]
    pub fn remaining(&self, now: Timestamp) -> Duration {
        self.endtime.since(now).max(Duration::ZERO)
    }

    /// Whether `endtime` has come.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.endtime <= now
    }

    /// Whether `starttime` is still to come.
    #[must_use]
    pub fn is_postdated(&self, now: Timestamp) -> bool {
        self.start() > now
    }

    /// Whether a KDC may still renew the ticket.
    #[must_use]
    pub fn is_renewable(&self, now: Timestamp) -> bool {
        self.renew_till.is_some_and(|until| until > now)
    }
}

impl Credential {
    /// Whether this is a ticket for the ticket-granting service of the client's own realm.
    #[must_use]
    pub fn is_local_ticket_granting(&self) -> bool {
        self.server.is_local_ticket_granting() && self.server.realm() == self.client.realm()
    }

    /// Whether a cache's owner has overwritten this entry to remove it.
    ///
    /// MIT can't take an entry out of the middle of a file, so it sets `endtime` to nothing and `authtime` to
    /// something.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.times.endtime == Timestamp::EPOCH && self.times.authtime != Timestamp::EPOCH
    }

    /// Makes this the entry that MIT overwrites a removed one with: of the same length, and matched by no query.
    pub fn mark_removed(&mut self) {
        self.times.endtime = Timestamp::EPOCH;
        self.times.authtime = Timestamp::from_u32(u32::MAX);
        if self.server.realm() == config_entry::REALM {
            self.server = self.server.clone().with_realm(config_entry::REMOVED_REALM);
        }
    }
}
