//! Caches in which a service has tickets in the name of a user (`S4U2Proxy`, MS-SFU section 3.1.5.2.1): what is in
//! them, and what a ticket for another service is asked for with.
//!
//! They are MIT's. The cache is of the user, and notes which service has it (`proxy_impersonator`). In it are the
//! service's own ticket-granting ticket, and the evidence, which is a ticket for that service in the user's name: one
//! that the user showed it, or one that it got by `S4U2Self`. Tickets for others, which all are in the user's name,
//! are kept there like any client's.

use alloc::string::String;
use alloc::vec::Vec;

use orthros_types::ccache::{CacheContents, PROXY_IMPERSONATOR};
use orthros_types::{Credential, CredentialQuery, Principal, Timestamp};

use super::armoring_realms::ArmoringRealms;
use super::error::ClientError;
use super::snapshot::{ClientSnapshot, found};

/// What a ticket in the user's name is asked for with.
pub(super) struct ProxyTickets<'a> {
    /// The service's own.
    pub(super) tgt: &'a Credential,
    pub(super) evidence: &'a Credential,
}

impl ClientSnapshot {
    /// The contents of a cache in which the client of this one, a service, has tickets in the name of the client of
    /// `evidence`, a ticket for itself.
    ///
    /// # Errors
    ///
    /// As [`initial_ticket`](Self::initial_ticket): what this cache has is asked with.
    pub fn impersonating(
        &self,
        mut evidence: Credential,
        now: Timestamp,
    ) -> Result<CacheContents, ClientError> {
        let tgt = self.initial_ticket(now)?.clone();
        let service = &self.contents.principal;
        let user = evidence.client.clone();
        // Under the one name that is noted, by whichever of its names the user knows the service.
        evidence.server = service.clone();
        let noted = service.unparse();
        let note = Credential::config(user.clone(), PROXY_IMPERSONATOR, None, noted);
        let mut entries = Vec::from([note]);
        entries.extend(ArmoringRealms::of(self).all_notes(&user));
        entries.extend([tgt, evidence]);
        Ok(CacheContents::new(user, self.contents.kdc_offset, entries))
    }

    /// What a ticket for `service` is asked for with, where a service has the cache in the user's name. Not for the
    /// ticket to itself, which it has.
    pub(super) fn proxy_tickets(
        &self,
        service: &Principal,
        now: Timestamp,
    ) -> Result<Option<ProxyTickets<'_>>, ClientError> {
        let Some(impersonator) = self.contents.impersonator() else {
            return Ok(None);
        };
        if impersonator == *service {
            return Ok(None);
        }
        let tgs = Principal::local_ticket_granting(impersonator.realm());
        Ok(Some(ProxyTickets {
            tgt: self.proxy_ticket(&impersonator, &tgs, now)?,
            evidence: self.proxy_ticket(&self.contents.principal, &impersonator, now)?,
        }))
    }

    fn proxy_ticket(
        &self,
        client: &Principal,
        server: &Principal,
        now: Timestamp,
    ) -> Result<&Credential, ClientError> {
        let permitted = self.config.permitted_enctypes()?;
        let find = |good_at| {
            let query = CredentialQuery {
                client: Some(client),
                server: Some(server),
                good_at,
                ..CredentialQuery::default()
            };
            found(self.contents.find(&query, permitted))
        };
        if let Some(ticket) = find(Some(self.kdc_time(now))) {
            return Ok(ticket);
        }
        let cache = String::from(&*self.cache);
        Err(match find(None) {
            Some(expired) => ClientError::ProxyTicketExpired {
                cache,
                client: client.clone(),
                ticket: server.clone(),
                end_time: expired.times.endtime,
            },
            None => ClientError::NoProxyTicket {
                cache,
                client: client.clone(),
                ticket: server.clone(),
            },
        })
    }
}
