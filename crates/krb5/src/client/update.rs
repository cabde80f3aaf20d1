//! What a cache has to learn.

use alloc::vec::Vec;

use orthros_types::Credential;
use orthros_types::ccache::{CacheContents, KdcOffset};

use super::snapshot::START_REALM;
use crate::InitialTicket;

/// What a machine wants to be stored in the cache of its snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CacheUpdate {
    /// Nothing.
    #[default]
    Nothing,
    /// These behind what is there. A result is none the worse where they can't be stored: as by MIT, that is passed
    /// over.
    Add(Vec<Credential>),
    /// The cache begun anew. A result is only one where that works: else the cache is as it was.
    Replace(CacheContents),
}

impl CacheUpdate {
    /// The cache that begins with an initial ticket and the configuration entries that MIT adds to it. `kdc_timesync`
    /// says whether it also keeps by how much the KDC's clock differs.
    #[must_use]
    pub fn begin(ticket: &InitialTicket, kdc_timesync: bool) -> CacheContents {
        let credential = &ticket.credential;
        let mut entries = ticket.cache_configuration();
        entries.extend(start_realm(credential));
        entries.push(credential.clone());
        let offset = kdc_timesync.then(|| offset(ticket));
        CacheContents::new(credential.client.clone(), offset, entries)
    }

    /// A cache that has only these tickets, as MIT's `kvno --out-cache` begins one: it is of the client of the first.
    /// `None` where there are none.
    #[must_use]
    pub fn of_tickets(
        tickets: Vec<Credential>,
        kdc_offset: Option<KdcOffset>,
    ) -> Option<CacheContents> {
        let client = tickets.first()?.client.clone();
        let mut entries = Vec::new();
        if let [alone] = tickets.as_slice() {
            entries.extend(start_realm(alone));
        }
        entries.extend(tickets);
        Some(CacheContents::new(client, kdc_offset, entries))
    }

    /// Entries behind what is there, if there are any.
    pub(super) fn add(entries: Vec<Credential>) -> Self {
        if entries.is_empty() {
            Self::Nothing
        } else {
            Self::Add(entries)
        }
    }
}

/// The note that the client's initial ticket is for another realm's ticket-granting service.
fn start_realm(credential: &Credential) -> Option<Credential> {
    let realm = credential.server.served_realm()?;
    let foreign = realm != credential.client.realm();
    foreign
        .then(|| Credential::config(credential.client.clone(), START_REALM, None, realm.to_vec()))
}

fn offset(ticket: &InitialTicket) -> KdcOffset {
    let seconds = ticket.kdc_offset.seconds();
    let saturated = if seconds < 0 { i32::MIN } else { i32::MAX };
    KdcOffset {
        seconds: i32::try_from(seconds).unwrap_or(saturated),
        microseconds: 0,
    }
}
