//! Service tickets, and tickets in place of old ones: from the cache or from a KDC, and into the cache.

use orthros_krb5::TgsRequestOptions;
use orthros_krb5::client::{
    ClientSnapshot, DerivedTicketRequest, ServiceTicketOptions, ServiceTicketRequest,
};
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, HostAddress, Principal, Timestamp};

use super::AcquireError;
use super::driver::Means;
use crate::cache::Cache;
use crate::environment::Environment;

impl Environment {
    /// A ticket for `service` in the name of the cache's client: the one that the cache has and that has not expired,
    /// else one from the KDC (RFC 4120 section 3.3). [`ServiceTicketRequest`] has the details.
    ///
    /// That a ticket can't be put into the cache does not make it worse: it is returned all the same, as by MIT.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Cache`] where the cache can't be read; [`AcquireError::Client`] where there is nothing to ask a
    /// KDC with, and for what the exchange says; [`AcquireError::Transport`] where no KDC answers.
    pub fn service_ticket(
        &self,
        cache: &Cache,
        service: &Principal,
        options: &ServiceTicketOptions,
    ) -> Result<Credential, AcquireError> {
        let (snapshot, service) = (self.snapshot_of(cache)?, service.clone());
        let request = ServiceTicketRequest::new(snapshot, service, options.clone());
        self.drive(request, Means::storing_in(cache))
    }

    /// The ticket-granting ticket that the cache's client began with, if it has not expired.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Cache`] where the cache can't be read; [`AcquireError::Client`] where it has none.
    pub fn initial_ticket(&self, cache: &Cache) -> Result<Credential, AcquireError> {
        let snapshot = self.snapshot_of(cache)?;
        Ok(snapshot.initial_ticket(self.now())?.clone())
    }

    /// A ticket-granting ticket of the cache's client for use at `addresses`, or anywhere if there are none: what is
    /// delegated to a server (RFC 4120 section 2.6). It is put into no cache.
    ///
    /// # Errors
    ///
    /// As [`service_ticket`](Self::service_ticket), and where the cache's is not forwardable.
    pub fn forwarded_ticket(
        &self,
        cache: &Cache,
        addresses: &[HostAddress],
        options: &TgsRequestOptions,
    ) -> Result<Credential, AcquireError> {
        let (snapshot, options, now) = (self.snapshot_of(cache)?, options.clone(), self.now());
        let request = DerivedTicketRequest::forwarded(snapshot, addresses, options, now)?;
        self.drive(request, Means::storing_in(cache))
    }

    /// A ticket for the cache's client, a service, in the name of a user of its realm (`S4U2Self`): the one that the
    /// cache has and that has not expired, else one from the KDC. [`DerivedTicketRequest::for_user`] has the details.
    ///
    /// # Errors
    ///
    /// As [`service_ticket`](Self::service_ticket).
    pub fn ticket_for_user(
        &self,
        cache: &Cache,
        user: &Principal,
        options: &ServiceTicketOptions,
    ) -> Result<Credential, AcquireError> {
        let (snapshot, options, now) = (self.snapshot_of(cache)?, options.clone(), self.now());
        let request = DerivedTicketRequest::for_user(snapshot, user.clone(), options, now)?;
        self.drive(request, Means::storing_in(cache))
    }

    /// A ticket for `service` in the name of the client of `evidence`, a ticket for the cache's client (`S4U2Proxy`):
    /// the one that the cache has of this evidence, else one from the KDC.
    ///
    /// # Errors
    ///
    /// As [`service_ticket`](Self::service_ticket).
    pub fn ticket_on_behalf_of(
        &self,
        cache: &Cache,
        evidence: &Credential,
        service: &Principal,
        options: &ServiceTicketOptions,
    ) -> Result<Credential, AcquireError> {
        let (snapshot, options, now) = (self.snapshot_of(cache)?, options.clone(), self.now());
        let service = service.clone();
        let request =
            DerivedTicketRequest::on_behalf_of(snapshot, evidence, service, options, now)?;
        self.drive(request, Means::storing_in(cache))
    }

    /// Renews a ticket of the cache, the ticket-granting ticket unless `service` names another, and begins the cache
    /// anew with it.
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
        let snapshot = self.snapshot_of(cache)?;
        let request = DerivedTicketRequest::renewed(snapshot, service, options.clone())?;
        self.drive(request, Means::storing_in(cache))
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

    fn snapshot_of(&self, cache: &Cache) -> Result<ClientSnapshot, AcquireError> {
        Ok(self.client_snapshot(&cache.snapshot()?))
    }
}
