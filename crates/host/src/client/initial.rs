//! Initial tickets.

use core::fmt;
use std::io;

use orthros_krb5::client::{ArmorRequest, CacheUpdate, InitialTicketRequest, SecretSource};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{AsRequestOptions, FastArmor, InitialTicket};
use orthros_types::Principal;

use super::AcquireError;
use super::driver::Means;
use crate::cache::{Cache, CacheError};
use crate::environment::Environment;
use crate::keytab::KeytabHandle;

/// What a client gets an initial ticket with.
pub enum Secret<'a> {
    /// Its password.
    Password(SecretVec),
    /// Its password, for which this is called once the KDC has said that it wants one.
    Prompt(&'a mut (dyn FnMut(&Principal) -> io::Result<SecretVec> + 'a)),
    /// Its newest keys in this keytab.
    Keytab(&'a KeytabHandle),
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password(_) => f.write_str("Password(..)"),
            Self::Prompt(_) => f.write_str("Prompt(..)"),
            Self::Keytab(keytab) => f.debug_tuple("Keytab").field(keytab).finish(),
        }
    }
}

impl Environment {
    /// Gets an initial ticket with a password (RFC 4120 section 3.1). It is in no cache yet:
    /// [`store_initial`](Self::store_initial) puts it there.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Client`] where the KDC refuses or misbehaves; a wrong password has a variant of its own there.
    /// [`AcquireError::Transport`] where no KDC answers.
    pub fn acquire_with_password(
        &self,
        options: AsRequestOptions,
        password: SecretVec,
    ) -> Result<InitialTicket, AcquireError> {
        self.acquire(options, Secret::Password(password), None)
    }

    /// Gets an initial ticket with a password that `ask` is asked for, once, when the KDC has said that it wants one.
    ///
    /// # Errors
    ///
    /// As [`acquire_with_password`](Self::acquire_with_password), and [`AcquireError::Password`] with what `ask` said.
    pub fn acquire_asking(
        &self,
        options: AsRequestOptions,
        mut ask: impl FnMut(&Principal) -> io::Result<SecretVec>,
    ) -> Result<InitialTicket, AcquireError> {
        self.acquire(options, Secret::Prompt(&mut ask), None)
    }

    /// Gets an initial ticket with the client's newest keys from a keytab.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Keytab`] where it has no usable key of the client; else as
    /// [`acquire_with_password`](Self::acquire_with_password).
    pub fn acquire_with_keytab(
        &self,
        options: AsRequestOptions,
        keytab: &KeytabHandle,
    ) -> Result<InitialTicket, AcquireError> {
        self.acquire(options, Secret::Keytab(keytab), None)
    }

    /// Gets an initial ticket, in whichever way. With an armor cache it is got under armor in whichever realm the
    /// client turns out to belong to: `options` have the [`fast_armor`](Self::fast_armor) for the realm to begin in,
    /// the cache has or gets that for others.
    ///
    /// # Errors
    ///
    /// As the other ways to get one, and as [`fast_armor`](Self::fast_armor).
    pub fn acquire(
        &self,
        options: AsRequestOptions,
        secret: Secret<'_>,
        armor: Option<&Cache>,
    ) -> Result<InitialTicket, AcquireError> {
        let mut means = Means {
            cache: armor,
            ..Means::default()
        };
        let source = match secret {
            Secret::Password(password) => SecretSource::Password(password),
            Secret::Prompt(ask) => {
                means.ask = Some(ask);
                SecretSource::Prompt
            }
            Secret::Keytab(keytab) => {
                means.keytab = Some(keytab);
                SecretSource::Keys
            }
        };
        let mut request = InitialTicketRequest::new(self.config().clone(), options, source);
        if let Some(cache) = armor {
            request = request.armored_by(self.client_snapshot(&cache.snapshot()?));
        }
        self.drive(request, means)
    }

    /// The armor that `cache` has for a client of `realm` (FAST, RFC 6113): its ticket for the ticket-granting service
    /// there, got first if need be. It is [`FastUse::Required`](orthros_krb5::FastUse::Required).
    ///
    /// # Errors
    ///
    /// As [`service_ticket`](Self::service_ticket).
    pub fn fast_armor(&self, cache: &Cache, realm: &[u8]) -> Result<FastArmor, AcquireError> {
        let snapshot = self.client_snapshot(&cache.snapshot()?);
        self.drive(ArmorRequest::new(snapshot, realm), Means::storing_in(cache))
    }

    /// Begins `cache` anew with an initial ticket and the configuration entries that MIT adds to it.
    ///
    /// # Errors
    ///
    /// Where the cache can't be written. The old one is intact then.
    pub fn store_initial(&self, cache: &Cache, ticket: &InitialTicket) -> Result<(), CacheError> {
        let contents = CacheUpdate::begin(ticket, self.config().kdc_timesync());
        cache.update(CacheUpdate::Replace(contents))
    }
}
