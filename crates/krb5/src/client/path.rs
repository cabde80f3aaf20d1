//! Which realm may vouch for which: the realms whose ticket-granting tickets are used and kept.
//!
//! Any realm can issue a ticket that names any other as the one that it is for. Of those in a cache only such are
//! taken whose issuer the client has a reason to believe about that realm: its own realm's KDC, and those that
//! `[capaths]` puts on the way.

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use orthros_types::{Credential, Principal, Timestamp};

use super::error::ClientError;
use super::snapshot::ClientSnapshot;
use crate::ServiceTicket;

impl ClientSnapshot {
    /// The realms between the one that the client began in and that of a service, as the configuration has them.
    pub(super) fn realms_between(&self, realm: &[u8]) -> Vec<Vec<u8>> {
        // Without a configured path the realms are neighbours, or the KDCs know the way.
        let path = self.config.capath(self.start_realm(), realm);
        let path = path.unwrap_or_default();
        path.iter().map(|realm| realm.as_bytes().to_vec()).collect()
    }

    /// The ticket to ask with: for the service's own realm where the cache has one by an issuer on the path, else for
    /// the realm that the client began in. The issuer counts before the enctype.
    pub(super) fn ticket_granting_ticket(
        &self,
        service: &Principal,
        now: Timestamp,
    ) -> Result<&Credential, ClientError> {
        if !service.realm().is_empty() && service.realm() != self.start_realm() {
            for theirs in self.ticket_granting_names(service.realm()) {
                if let Some(tgt) = self.ticket_for(&theirs, Some(self.kdc_time(now)))? {
                    return Ok(tgt);
                }
            }
        }
        self.initial_ticket(now)
    }

    /// The names under which a ticket-granting ticket for `realm` may be in the cache, the most trusted first: by the
    /// client's own realm, then by those on the configured path, in its order.
    fn ticket_granting_names(&self, realm: &[u8]) -> Vec<Principal> {
        let mut issuers = Vec::from([self.start_realm().to_vec()]);
        issuers.extend(self.realms_between(realm));
        let names = issuers
            .iter()
            .map(|issuer| Principal::ticket_granting(realm, issuer.as_slice()));
        names.collect()
    }

    /// What of an exchange's result goes into the cache: not a ticket-granting ticket by an issuer off the path, and
    /// no ticket by the name of the cache's own notes, which it would be taken for from then on.
    pub(super) fn to_be_kept(&self, got: &ServiceTicket) -> Vec<Credential> {
        let ticket = &got.credential;
        let is_kept = ticket.server.served_realm().is_none_or(|realm| {
            let is_own = ticket.server.realm() == realm;
            let names = self.ticket_granting_names(realm);
            got.is_on_path && (is_own || names.contains(&ticket.server))
        });
        let last = (is_kept && !ticket.is_config()).then_some(ticket);
        got.realm_tickets.iter().chain(last).cloned().collect()
    }
}
