//! What is in a cache.

use alloc::vec::Vec;

use orthros_crypto::Enctype;

use super::{CacheFormatError, KdcOffset};
use crate::{Credential, CredentialQuery, Principal, Selection, Timestamp};

/// A cache as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheContents {
    /// Whose cache it is.
    pub principal: Principal,
    /// The KDC's clock less ours, as it was when the cache was begun.
    pub kdc_offset: Option<KdcOffset>,
    /// All entries in their order, configuration entries among them, removed ones not.
    pub credentials: Vec<Credential>,
    /// What is wrong with the file behind these entries, where something is: nothing behind it can be read.
    pub damage: Option<CacheFormatError>,
}

impl CacheContents {
    /// The contents of a cache that is whole.
    #[must_use]
    pub fn new(
        principal: Principal,
        kdc_offset: Option<KdcOffset>,
        credentials: Vec<Credential>,
    ) -> Self {
        Self {
            principal,
            kdc_offset,
            credentials,
            damage: None,
        }
    }

    /// The credentials that are tickets.
    pub fn tickets(&self) -> impl Iterator<Item = &Credential> {
        self.credentials
            .iter()
            .filter(|credential| !credential.is_config())
    }

    /// What is noted under `key`, for the whole cache or for one principal.
    #[must_use]
    pub fn config(&self, key: &str, principal: Option<&Principal>) -> Option<&[u8]> {
        let principal = principal.map(Principal::unparse);
        let entries = self.credentials.iter().filter_map(Credential::as_config);
        let mut noted = entries
            .filter(|entry| entry.key == key.as_bytes() && entry.principal == principal.as_deref());
        noted.next().map(|entry| entry.value)
    }

    /// The service that has the cache's tickets in the name of the cache's client, who gave it none of theirs
    /// (`S4U2Proxy`, MS-SFU), by MIT's note of it. A note that names no principal makes it no service's.
    #[must_use]
    pub fn impersonator(&self) -> Option<Principal> {
        let noted = self.config(PROXY_IMPERSONATOR, None)?;
        Principal::parse(noted, None).ok()
    }

    /// The client's tickets for the impersonator itself: evidence, for a KDC, that the client has come to it.
    pub fn evidence<'a>(
        &'a self,
        impersonator: &'a Principal,
    ) -> impl Iterator<Item = &'a Credential> {
        self.tickets()
            .filter(move |ticket| ticket.client == self.principal && ticket.server == *impersonator)
    }

    /// The ticket that serves `query` best: of the enctype that stands first in `preference`, the earlier of equals.
    #[must_use]
    pub fn find(
        &self,
        query: &CredentialQuery<'_>,
        preference: &[Enctype],
    ) -> Selection<&Credential> {
        query.best(self.tickets(), preference)
    }

    /// The KDC's time, by a clock that shows `now`.
    #[must_use]
    pub fn kdc_time(&self, now: Timestamp) -> Timestamp {
        self.kdc_offset.map_or(now, |offset| offset.apply(now))
    }
}

/// MIT's note of the service that tickets are got through.
pub const PROXY_IMPERSONATOR: &str = "proxy_impersonator";
