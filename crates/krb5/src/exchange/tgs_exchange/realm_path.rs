//! The way from realm to realm (RFC 4120 section 1.2): which KDCs were asked, and whether the caller's path leads
//! there.

use alloc::vec::Vec;

use crate::exchange::ReplyError;
use crate::exchange::header_ticket::HeaderTicket;

/// The realms of one exchange.
pub(super) struct RealmPath {
    /// The realms on the way to the service's, in order, where the caller knows them.
    configured: Vec<Vec<u8>>,
    /// The realms whose KDCs were asked, the last one next.
    visited: Vec<Vec<u8>>,
    /// The realm that issued the ticket which the exchange began with.
    first_issuer: Vec<u8>,
    /// Whether the KDC that is asked next is of the realm that the exchange began in, of one that the caller's path
    /// leads to from there, or of the service's realm with a ticket by one of these.
    is_kept_to: bool,
}

impl RealmPath {
    pub(super) fn new(first: &HeaderTicket, configured: Vec<Vec<u8>>) -> Self {
        let issuer = first.server.realm();
        Self {
            is_kept_to: issuer == first.kdc_realm()
                || first.is_by_clients_realm()
                || configured.iter().any(|realm| realm == issuer),
            visited: [first.kdc_realm().to_vec()].into(),
            first_issuer: issuer.to_vec(),
            configured,
        }
    }

    /// How many realms were asked after the first.
    pub(super) fn hops(&self) -> usize {
        self.visited.len().saturating_sub(1)
    }

    /// Whether the exchange has kept to the path so far.
    pub(super) fn is_kept_to(&self) -> bool {
        self.is_kept_to
    }

    /// Goes on in `realm`, on the way to `wanted`, with a ticket that the KDC of `header` has issued. Gives whether
    /// that ticket may be kept for other exchanges: the client's own realm may issue it for any, another realm on the
    /// path only for one that is on the path behind it.
    ///
    /// # Errors
    ///
    /// A realm that was asked before, and more realms than any way has.
    pub(super) fn enter(
        &mut self,
        realm: &[u8],
        wanted: &[u8],
        header: &HeaderTicket,
    ) -> Result<bool, ReplyError> {
        let is_visited = self.visited.iter().any(|visited| visited == realm);
        if is_visited || self.first_issuer == realm || self.hops() >= MAX_HOPS {
            return Err(ReplyError::ReferralLoop(realm.to_vec()));
        }
        let leads_on = wanted == realm || self.configured.iter().any(|known| known == realm);
        let is_kept = self.is_kept_to && (leads_on || header.is_local());
        self.is_kept_to &= leads_on;
        self.visited.push(realm.to_vec());
        Ok(is_kept)
    }

    /// The realm before `wanted` on the way that the caller knows, if it leads on from `here`.
    pub(super) fn realm_before(&self, here: &[u8], wanted: &[u8]) -> Option<Vec<u8>> {
        let place = |wanted: &[u8]| self.configured.iter().position(|realm| realm == wanted);
        let start = place(here).map_or(0, |here| here.saturating_add(1));
        let end = place(wanted).unwrap_or(self.configured.len());
        self.configured.get(start..end)?.last().cloned()
    }
}

/// As many realms as MIT visits.
const MAX_HOPS: usize = 10;
