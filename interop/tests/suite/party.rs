//! A client, or a service, of the realms.

use std::sync::Arc;

use orthros_host::{AcquireError, Cache, Clock as _, Environment, ManualClock, SystemClock};
use orthros_interop::{HOME, OTHER, Realms};
use orthros_krb5::client::ClientError;
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{
    AsRequestOptions, ExchangeError, InitialTicket, KdcRefusalError, TgsRequestOptions,
};
use orthros_types::{Credential, Duration, MinorStatus, Principal};

pub(crate) const ALICE: &str = "alice";
pub(crate) const PASSWORD: &str = "correct-horse";
pub(crate) const SERVICE: &str = "host/www.orthros.test";
pub(crate) const OTHER_SERVICE: &str = "host/www.other.test";

/// An environment with a cache of its own.
pub(crate) struct Party {
    pub(crate) environment: Environment,
    pub(crate) cache: Cache,
}

impl Party {
    pub(crate) fn new(realms: &Realms) -> Self {
        Self::with(realms, "")
    }

    /// One whose `[libdefaults]` say more.
    pub(crate) fn with(realms: &Realms, libdefaults: &str) -> Self {
        Self::of(realms.environment(libdefaults).unwrap())
    }

    /// One whose clock is wrong.
    pub(crate) fn in_time(realms: &Realms, libdefaults: &str, ahead: Duration) -> Self {
        let clock = ManualClock::at(SystemClock.now().saturating_add(ahead));
        Self::of(realms.environment_at(libdefaults, Arc::new(clock)).unwrap())
    }

    pub(crate) fn of(environment: Environment) -> Self {
        let cache = environment.default_cache().unwrap();
        Self { environment, cache }
    }

    /// Alice, with a ticket-granting ticket.
    pub(crate) fn alice(realms: &Realms) -> Self {
        let party = Self::new(realms);
        party.log_in(ALICE, PASSWORD);
        party
    }

    /// What a user of the home realm asks for by default.
    pub(crate) fn options(&self, user: &str) -> AsRequestOptions {
        self.environment.initial_options(principal(user)).unwrap()
    }

    pub(crate) fn acquire(
        &self,
        user: &str,
        password: &str,
    ) -> Result<InitialTicket, AcquireError> {
        self.acquire_by(self.options(user), password)
    }

    pub(crate) fn acquire_by(
        &self,
        options: AsRequestOptions,
        password: &str,
    ) -> Result<InitialTicket, AcquireError> {
        self.environment
            .acquire_with_password(options, SecretVec::from(password.as_bytes()))
    }

    /// Puts a ticket-granting ticket into the cache.
    #[track_caller]
    pub(crate) fn log_in(&self, user: &str, password: &str) -> InitialTicket {
        let ticket = self.acquire(user, password).unwrap();
        self.environment
            .store_initial(&self.cache, &ticket)
            .unwrap();
        ticket
    }

    /// A ticket for a service, by what `change` makes of the request.
    pub(crate) fn ticket_by(
        &self,
        service: &Principal,
        change: impl FnOnce(&mut TgsRequestOptions),
    ) -> Result<Credential, AcquireError> {
        let mut options = self.environment.service_options().unwrap();
        change(&mut options.request);
        self.environment
            .service_ticket(&self.cache, service, &options)
    }

    pub(crate) fn ticket(&self, service: &str) -> Result<Credential, AcquireError> {
        self.ticket_by(&principal(service), |_| {})
    }
}

/// A principal of the home realm, unless its name says another.
pub(crate) fn principal(name: &str) -> Principal {
    Principal::parse(name, Some(HOME.as_bytes())).unwrap()
}

/// One of the other realm.
pub(crate) fn elsewhere(name: &str) -> Principal {
    Principal::parse(name, Some(OTHER.as_bytes())).unwrap()
}

/// Says what is wrong if it is not this that went wrong.
#[track_caller]
pub(crate) fn assert_status<T>(outcome: Result<T, AcquireError>, status: MinorStatus) {
    match outcome {
        Ok(_) => panic!("no error"),
        Err(error) => assert_eq!(error.minor_status(), status, "{error}"),
    }
}

/// What the KDC said no to.
#[track_caller]
pub(crate) fn refusal<T>(outcome: Result<T, AcquireError>) -> KdcRefusalError {
    match outcome {
        Err(AcquireError::Client(ClientError::Exchange(ExchangeError::Refused(refusal)))) => {
            *refusal
        }
        Err(error) => panic!("no refusal: {error}"),
        Ok(_) => panic!("no error"),
    }
}
