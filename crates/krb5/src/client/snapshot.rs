//! What a client has at one moment: a cache's contents and a configuration.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use orthros_types::ccache::CacheContents;
use orthros_types::config::Config;
use orthros_types::{Credential, CredentialQuery, EncryptionType, Principal, Selection, Timestamp};

use super::error::ClientError;
use super::service::ServiceTicketOptions;

/// A cache as it was when it was looked at, and the configuration to go by. Copies share both.
#[derive(Clone, Debug)]
pub struct ClientSnapshot {
    /// What errors call the cache.
    pub cache: Arc<str>,
    /// What is in it.
    pub contents: Arc<CacheContents>,
    /// The configuration.
    pub config: Config,
    /// The resolver's search domains, in its order: what a host's name of one label may be completed with.
    pub search_domains: Arc<[String]>,
}

impl ClientSnapshot {
    /// The time by the clock of the KDC that the cache's tickets are from, which their times are compared with
    /// (`kdc_timesync`).
    #[must_use]
    pub fn kdc_time(&self, now: Timestamp) -> Timestamp {
        if self.config.kdc_timesync() {
            self.contents.kdc_time(now)
        } else {
            now
        }
    }

    /// The realm whose ticket-granting ticket the client began with: its own unless the cache notes another.
    #[must_use]
    pub fn start_realm(&self) -> &[u8] {
        self.contents
            .config(START_REALM, None)
            .unwrap_or_else(|| self.contents.principal.realm())
    }

    /// The ticket-granting ticket that the cache's client began with, if it has not expired at `now`, by this
    /// machine's clock.
    ///
    /// # Errors
    ///
    /// [`ClientError::NoTicketGrantingTicket`] and [`ClientError::TicketExpired`].
    pub fn initial_ticket(&self, now: Timestamp) -> Result<&Credential, ClientError> {
        let now = self.kdc_time(now);
        let tgs = Principal::local_ticket_granting(self.start_realm());
        if let Some(tgt) = self.ticket_for(&tgs, Some(now))? {
            return Ok(tgt);
        }
        let cache = String::from(&*self.cache);
        Err(match self.ticket_for(&tgs, None)? {
            Some(expired) => ClientError::TicketExpired {
                cache,
                ticket: tgs,
                end_time: expired.times.endtime,
            },
            None => match self.enctype_of_ticket_not_permitted(&tgs, now) {
                Some(enctype) => ClientError::SessionKeyNotPermitted {
                    cache,
                    ticket: tgs,
                    enctype,
                },
                None => ClientError::NoTicketGrantingTicket { cache, ticket: tgs },
            },
        })
    }

    /// The ticket for `service` that the cache has and that has not expired at `now`, by this machine's clock: what a
    /// [`ServiceTicketRequest`](super::ServiceTicketRequest) with these options comes to without a KDC. Where the
    /// service's realm was left open, it may be in the client's realm, as MIT looks for it.
    #[must_use]
    pub fn cached_ticket(
        &self,
        service: &Principal,
        options: &ServiceTicketOptions,
        now: Timestamp,
    ) -> Option<&Credential> {
        let now = self.kdc_time(now);
        let find = |service: &Principal| {
            let query = CredentialQuery {
                authorization_data: Some(&options.request.authorization_data),
                user_to_user: options.second_ticket.is_some(),
                second_ticket: options.second_ticket.as_deref(),
                ..CredentialQuery::service(&self.contents.principal, service, now)
            };
            found(self.contents.find(&query, &options.request.enctypes))
        };
        find(service).or_else(|| {
            let open = service.realm().is_empty();
            open.then(|| service.clone().with_realm(self.contents.principal.realm()))
                .and_then(|service| find(&service))
        })
    }

    /// The enctype of a ticket that is there and not looked at, because of the enctype alone.
    fn enctype_of_ticket_not_permitted(
        &self,
        service: &Principal,
        now: Timestamp,
    ) -> Option<EncryptionType> {
        let query = CredentialQuery::service(&self.contents.principal, service, now);
        let ticket = query.first(&self.contents.credentials)?;
        Some(ticket.session_key.enctype())
    }

    /// A ticket to ask KDCs with, or to be renewed: its session key is of a permitted enctype, whatever is asked for.
    pub(super) fn ticket_for(
        &self,
        service: &Principal,
        good_at: Option<Timestamp>,
    ) -> Result<Option<&Credential>, ClientError> {
        let query = CredentialQuery {
            client: Some(&self.contents.principal),
            server: Some(service),
            good_at,
            ..CredentialQuery::default()
        };
        let permitted = self.config.permitted_enctypes()?;
        Ok(found(self.contents.find(&query, permitted)))
    }

    /// What a machine has learned, for the machines after it.
    pub(super) fn learn(&mut self, entries: &[Credential]) {
        if !entries.is_empty() {
            Arc::make_mut(&mut self.contents)
                .credentials
                .extend_from_slice(entries);
        }
    }

    pub(super) fn not_cached(&self, service: &Principal) -> ClientError {
        ClientError::NotCached {
            cache: String::from(&*self.cache),
            service: service.clone(),
        }
    }

    /// The cache's notes, which are no tickets.
    pub(super) fn notes(&self) -> Vec<Credential> {
        let entries = self.contents.credentials.iter();
        entries.filter(|entry| entry.is_config()).cloned().collect()
    }
}

pub(super) fn found<T>(selection: Selection<T>) -> Option<T> {
    match selection {
        Selection::Found(credential) => Some(credential),
        Selection::NotFound | Selection::NoSupportedEnctype => None,
    }
}

/// MIT's note of the realm that the client began in.
pub(super) const START_REALM: &str = "start_realm";
