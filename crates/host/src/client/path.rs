//! Which realm may vouch for which: whose ticket-granting tickets are used and kept.
//!
//! Any realm can issue a ticket that names any other as the one that it is for. Of those in a cache only such are taken whose
//! issuer the client has a reason to believe about that realm: its own realm's KDC, and those that `[capaths]` puts on the way.

#[cfg(test)]
mod tests;

use orthros_krb5::ServiceTicket;
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, Principal};

use super::initial::START_REALM;
use crate::environment::Environment;

impl Environment {
    /// The realms between that of the client and that of a service, as the configuration has them.
    pub(super) fn realms_between(&self, start: &[u8], realm: &[u8]) -> Vec<Vec<u8>> {
        // Without a configured path the realms are neighbours, or the KDCs know the way.
        let path = self.config().capath(start, realm).unwrap_or_default();
        path.iter().map(|realm| realm.as_bytes().to_vec()).collect()
    }

    /// The names under which a ticket-granting ticket for `realm` may be in the cache, the most trusted first: by the client's
    /// own realm, then by those on the configured path, in its order.
    pub(super) fn ticket_granting_names(&self, start: &[u8], realm: &[u8]) -> Vec<Principal> {
        let mut issuers = vec![start.to_vec()];
        issuers.extend(self.realms_between(start, realm));
        let names = issuers
            .iter()
            .map(|issuer| Principal::ticket_granting(realm, issuer.as_slice()));
        names.collect()
    }

    /// What of an exchange's result goes into the cache: not a ticket-granting ticket by an issuer off the path, and no ticket by the
    /// name of the cache's own notes, which it would be taken for from then on.
    pub(super) fn to_be_kept(
        &self,
        contents: &CacheContents,
        got: &ServiceTicket,
    ) -> Vec<Credential> {
        let start = start_realm(contents);
        let ticket = &got.credential;
        let is_kept = ticket.server.served_realm().is_none_or(|realm| {
            let is_own = ticket.server.realm() == realm;
            let names = self.ticket_granting_names(start, realm);
            got.is_on_path && (is_own || names.contains(&ticket.server))
        });
        let last = (is_kept && !ticket.is_config()).then_some(ticket);
        got.realm_tickets.iter().chain(last).cloned().collect()
    }
}

/// The realm whose ticket-granting ticket the client began with: its own unless the cache notes another.
pub(super) fn start_realm(contents: &CacheContents) -> &[u8] {
    contents
        .config(START_REALM, None)
        .unwrap_or_else(|| contents.principal.realm())
}
