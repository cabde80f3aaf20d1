//! Service tickets, and tickets in place of old ones: from the cache or from a KDC, and into the cache.

use orthros_krb5::crypto::Enctype;
use orthros_krb5::{
    ExchangeError, KdcRefusalError, TgsExchange, TgsRequestOptions, TransportError,
};
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, CredentialQuery, HostAddress, Principal, Selection, Timestamp};

use super::AcquireError;
use super::armor::armoring_realms;
use super::path::start_realm;
use crate::cache::Cache;
use crate::environment::Environment;

/// How a service ticket is got. The default asks the cache, then the KDC, and stores what that gave.
#[derive(Clone, Debug)]
pub struct ServiceTicketOptions {
    /// What to ask a KDC for.
    pub request: TgsRequestOptions,
    /// The service's own ticket-granting ticket in DER, for a ticket that is sealed in that one's session key
    /// (user-to-user, RFC 4120 section 2.9.2): of use to a service that has no key at hand.
    pub second_ticket: Option<Vec<u8>>,
    /// Ask no KDC.
    pub cached_only: bool,
    /// Put what a KDC gave into the cache.
    pub store: bool,
    /// The service's host as the caller wrote it, where [`host_based_service`](Environment::host_based_service) made the service's name of
    /// it: what the resolver is asked for where the KDC does not know that name.
    pub given_host: Option<String>,
}

impl Default for ServiceTicketOptions {
    fn default() -> Self {
        Self {
            request: TgsRequestOptions::default(),
            second_ticket: None,
            cached_only: false,
            store: true,
            given_host: None,
        }
    }
}

impl Environment {
    /// A ticket for `service` in the name of the cache's client: the one that the cache has and that has not expired, else
    /// one from the KDC (RFC 4120 section 3.3). An empty realm in `service` leaves it to the KDC to find it.
    ///
    /// A host-based service that the KDC does not know is asked for by its host's other names, which
    /// [`fallback_services`](Self::fallback_services) has. Where none of them leads to a ticket it is the first name that the error is about.
    ///
    /// That a ticket can't be put into the cache does not make it worse: it is returned all the same, as by MIT.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Cache`] where the cache can't be read; [`AcquireError::NoTicketGrantingTicket`] and
    /// [`AcquireError::TicketExpired`] where there is nothing to ask a KDC with; else what the exchange or the transport says.
    pub fn service_ticket(
        &self,
        cache: &Cache,
        service: &Principal,
        options: &ServiceTicketOptions,
    ) -> Result<Credential, AcquireError> {
        let refused = match self.ticket_of_name(cache, service, options) {
            Err(AcquireError::Exchange(ExchangeError::Refused(refusal)))
                if is_unknown(&refusal) =>
            {
                refusal
            }
            done => return done,
        };
        let refused = ExchangeError::Refused(refused);
        let given = options.given_host.as_deref();
        // A host that the configuration has no name for has no other one either.
        let others = self.fallback_services(service, given).unwrap_or_default();
        for other in &others {
            if let Ok(ticket) = self.ticket_of_name(cache, other, options) {
                return Ok(ticket);
            }
        }
        // Whoever reads the error knows the service by its first name.
        Err(match others.is_empty() {
            true => refused.into(),
            false => AcquireError::NoSuchService { refused, others },
        })
    }

    /// A ticket for a service of exactly that name. Where its realm is open, and the own realm's KDC neither knows the service nor
    /// refers to a realm that does, it is looked for in the realm that its host's domain is called after, as by MIT.
    fn ticket_of_name(
        &self,
        cache: &Cache,
        service: &Principal,
        options: &ServiceTicketOptions,
    ) -> Result<Credential, AcquireError> {
        let refused = match self.ticket_in_realm(cache, service, service, options) {
            Err(AcquireError::Exchange(ExchangeError::Refused(refusal)))
                if is_unknown(&refusal) && service.realm().is_empty() =>
            {
                refusal
            }
            done => return done,
        };
        let first = || Err(ExchangeError::Refused(refused).into());
        let contents = cache.contents()?;
        let Some(realm) = self
            .fallback_realm(service)
            .filter(|realm| realm.as_bytes() != start_realm(&contents))
        else {
            return first();
        };
        let there = service.clone().with_realm(realm.as_bytes());
        match self.ticket_in_realm(cache, &there, service, options) {
            // The realm was a guess: that there is no such, or no such service in it, is no better an answer than the first.
            Err(AcquireError::Exchange(ExchangeError::Refused(refusal)))
                if is_unknown(&refusal) || is_unreachable(&refusal) =>
            {
                first()
            }
            done => done,
        }
    }

    /// The realm to guess for a service of a host.
    fn fallback_realm(&self, service: &Principal) -> Option<String> {
        let [_, host, ..] = service.components() else {
            return None;
        };
        let host = str::from_utf8(host).ok()?;
        let bare = host.split_once(':').map_or(host, |(bare, _)| bare);
        self.config().fallback_realm(bare)
    }

    /// A ticket for `service`, filed under `filed_as`: the same name, perhaps with the realm left open.
    fn ticket_in_realm(
        &self,
        cache: &Cache,
        service: &Principal,
        filed_as: &Principal,
        options: &ServiceTicketOptions,
    ) -> Result<Credential, AcquireError> {
        let contents = cache.contents()?;
        let now = self.kdc_time(&contents, self.now());
        if let Some(cached) = find_cached(&contents, service, options, now) {
            return Ok(cached.clone());
        }
        if options.cached_only {
            return Err(AcquireError::NotCached {
                cache: cache.name().clone(),
                service: service.clone(),
            });
        }
        let tgt = self.ticket_granting_ticket(cache, &contents, service, now)?;
        let (service, mut request) = (service.clone(), options.request.clone());
        if request.realm_path.is_empty() {
            request.realm_path = self.realms_between(start_realm(&contents), service.realm());
        }
        request = in_armor(request, &contents);
        let exchange = match &options.second_ticket {
            Some(second) => TgsExchange::user_to_user(tgt, service, second, request)?,
            None => TgsExchange::new(tgt, service, request)?,
        };
        let notes = options.store.then_some(cache);
        let mut ticket = self.drive_service(exchange, &contents, notes)?;
        if !ticket.credential.server.is_ticket_granting() {
            ticket.credential.server = filed_as.clone();
        }
        if options.store {
            let _ = cache.store(&self.to_be_kept(&contents, &ticket));
        }
        Ok(ticket.credential)
    }

    /// The ticket to ask with: for the service's own realm where the cache has one by an issuer on the path, else for the realm that
    /// the client began in. The issuer counts before the enctype.
    fn ticket_granting_ticket<'a>(
        &self,
        cache: &Cache,
        contents: &'a CacheContents,
        service: &Principal,
        now: Timestamp,
    ) -> Result<&'a Credential, AcquireError> {
        let preference = self.permitted()?;
        let find = |tgs: &Principal, good_at: Option<Timestamp>| {
            let query = CredentialQuery {
                client: Some(&contents.principal),
                server: Some(tgs),
                good_at,
                ..CredentialQuery::default()
            };
            found(contents.find(&query, preference))
        };
        let start = start_realm(contents);
        if !service.realm().is_empty() && service.realm() != start {
            let names = self.ticket_granting_names(start, service.realm());
            if let Some(tgt) = names.iter().find_map(|theirs| find(theirs, Some(now))) {
                return Ok(tgt);
            }
        }
        let ours = Principal::local_ticket_granting(start);
        if let Some(tgt) = find(&ours, Some(now)) {
            return Ok(tgt);
        }
        let name = cache.name().clone();
        Err(match find(&ours, None) {
            Some(expired) => AcquireError::TicketExpired {
                cache: name,
                ticket: ours,
                end_time: expired.times.endtime,
            },
            None => AcquireError::NoTicketGrantingTicket {
                cache: name,
                ticket: ours,
            },
        })
    }

    /// The ticket-granting ticket that the cache's client began with, if it has not expired.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Cache`] where the cache can't be read; [`AcquireError::NoTicketGrantingTicket`] and
    /// [`AcquireError::TicketExpired`] where it has none.
    pub fn initial_ticket(&self, cache: &Cache) -> Result<Credential, AcquireError> {
        let contents = cache.contents()?;
        let now = self.kdc_time(&contents, self.now());
        let tgs = Principal::local_ticket_granting(start_realm(&contents));
        self.ticket_granting_ticket(cache, &contents, &tgs, now)
            .cloned()
    }

    /// A ticket-granting ticket of the cache's client for use at `addresses`, or anywhere if there are none: what is
    /// delegated to a server (RFC 4120 section 2.6). It is put into no cache.
    ///
    /// # Errors
    ///
    /// As [`service_ticket`](Self::service_ticket), and [`ExchangeError::Misused`] where the cache's is not forwardable.
    pub fn forwarded_ticket(
        &self,
        cache: &Cache,
        addresses: &[HostAddress],
        options: &TgsRequestOptions,
    ) -> Result<Credential, AcquireError> {
        let tgt = self.initial_ticket(cache)?;
        let contents = cache.contents()?;
        let options = in_armor(options.clone(), &contents);
        let exchange = TgsExchange::forward(&tgt, addresses, options)?;
        let forwarded = self.drive_service(exchange, &contents, Some(cache))?;
        Ok(forwarded.credential)
    }

    /// A ticket for the cache's client, a service, in the name of a user of its realm (`S4U2Self`). It is put into no cache.
    ///
    /// # Errors
    ///
    /// As [`service_ticket`](Self::service_ticket).
    pub fn ticket_for_user(
        &self,
        cache: &Cache,
        user: &Principal,
        options: &TgsRequestOptions,
    ) -> Result<Credential, AcquireError> {
        let tgt = self.initial_ticket(cache)?;
        let contents = cache.contents()?;
        let options = in_armor(options.clone(), &contents);
        let exchange = TgsExchange::for_user(&tgt, user.clone(), options)?;
        let ticket = self.drive_service(exchange, &contents, Some(cache))?;
        Ok(ticket.credential)
    }

    /// A ticket for `service` in the name of the client of `evidence`, a ticket for the cache's client (`S4U2Proxy`). It is
    /// put into no cache.
    ///
    /// # Errors
    ///
    /// As [`service_ticket`](Self::service_ticket).
    pub fn ticket_on_behalf_of(
        &self,
        cache: &Cache,
        evidence: &Credential,
        service: &Principal,
        options: &TgsRequestOptions,
    ) -> Result<Credential, AcquireError> {
        let tgt = self.initial_ticket(cache)?;
        let contents = cache.contents()?;
        let (service, options) = (service.clone(), in_armor(options.clone(), &contents));
        let exchange = TgsExchange::on_behalf_of(&tgt, evidence, service, options)?;
        let ticket = self.drive_service(exchange, &contents, Some(cache))?;
        Ok(ticket.credential)
    }

    /// Renews a ticket of the cache, the ticket-granting ticket unless `service` names another, and begins the cache anew
    /// with it.
    ///
    /// # Errors
    ///
    /// As [`service_ticket`](Self::service_ticket). The cache is as it was then.
    pub fn renew(
        &self,
        cache: &Cache,
        service: Option<&Principal>,
        options: &TgsRequestOptions,
    ) -> Result<Credential, AcquireError> {
        let contents = cache.contents()?;
        let tgs = Principal::local_ticket_granting(start_realm(&contents));
        let service = service.unwrap_or(&tgs);
        let query = CredentialQuery {
            client: Some(&contents.principal),
            server: Some(service),
            ..CredentialQuery::default()
        };
        let old = found(contents.find(&query, self.permitted()?));
        let old = old.ok_or_else(|| AcquireError::NotCached {
            cache: cache.name().clone(),
            service: service.clone(),
        })?;
        let exchange = TgsExchange::renew(old, in_armor(options.clone(), &contents))?;
        let renewed = self
            .drive_service(exchange, &contents, Some(cache))?
            .credential;
        // Anew, for what the exchange has noted there.
        let mut entries: Vec<Credential> = cache
            .contents()?
            .credentials
            .iter()
            .filter(|entry| entry.is_config())
            .cloned()
            .collect();
        entries.push(renewed.clone());
        cache.initialize(&contents.principal, contents.kdc_offset, &entries)?;
        Ok(renewed)
    }

    /// The enctypes that a session key may be of to ask a KDC with, whatever is asked for.
    fn permitted(&self) -> Result<&[Enctype], TransportError> {
        Ok(self.config().permitted_enctypes()?)
    }

    /// The time by the clock of the KDC that the cache's tickets are from: it is what their times are compared with
    /// (`kdc_timesync`).
    #[must_use]
    pub fn kdc_time(&self, contents: &CacheContents, now: Timestamp) -> Timestamp {
        if self.config().kdc_timesync() {
            contents.kdc_time(now)
        } else {
            now
        }
    }
}

/// Whether the KDC does not know the service.
fn is_unknown(refusal: &KdcRefusalError) -> bool {
    matches!(refusal, KdcRefusalError::ServiceUnknown { .. })
}

/// Whether no KDC leads to the service's realm.
fn is_unreachable(refusal: &KdcRefusalError) -> bool {
    matches!(refusal, KdcRefusalError::RealmNotReachable { .. })
}

/// The options, with what the cache notes of KDCs that answer under armor.
fn in_armor(mut options: TgsRequestOptions, contents: &CacheContents) -> TgsRequestOptions {
    options.armoring_realms.extend(armoring_realms(contents));
    options
}

/// The service's ticket as it was asked for; where the realm was left open also in the client's realm, as MIT looks for it.
fn find_cached<'a>(
    contents: &'a CacheContents,
    service: &Principal,
    options: &ServiceTicketOptions,
    now: Timestamp,
) -> Option<&'a Credential> {
    let find = |service: &Principal| {
        let query = CredentialQuery {
            authorization_data: Some(&options.request.authorization_data),
            user_to_user: options.second_ticket.is_some(),
            second_ticket: options.second_ticket.as_deref(),
            ..CredentialQuery::service(&contents.principal, service, now)
        };
        found(contents.find(&query, &options.request.enctypes))
    };
    find(service).or_else(|| {
        let open = service.realm().is_empty();
        open.then(|| service.clone().with_realm(contents.principal.realm()))
            .and_then(|service| find(&service))
    })
}

fn found<T>(selection: Selection<T>) -> Option<T> {
    match selection {
        Selection::Found(credential) => Some(credential),
        Selection::NotFound | Selection::NoSupportedEnctype => None,
    }
}
