//! First tickets.
use orthros_krb5::ccache::KdcOffset;
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{
    AsExchange, AsRequestOptions, ClientSecret, Credential, InitialTicket, Principal,
};

use super::AcquireError;
use crate::cache::{Cache, CacheError};
use crate::environment::Environment;
use crate::keytab::KeytabFile;

impl Environment {
    /// Gets a first ticket with a password (RFC 4120 section 3.1). It is in no cache yet: [`store_initial`](Self::store_initial).
    ///
    /// # Errors
    ///
    /// [`AcquireError::Exchange`] where the KDC refuses or misbehaves; a wrong password has a variant of its own there.
    /// [`AcquireError::Transport`] where no KDC answers.
    pub fn acquire_with_password(
        &self,
        options: AsRequestOptions,
        password: SecretVec,
    ) -> Result<InitialTicket, AcquireError> {
        let exchange = AsExchange::new(options, ClientSecret::Password(password))?;
        self.drive_initial(exchange, &mut |_| {
            Err(std::io::ErrorKind::Unsupported.into())
        })
    }

    /// Gets a first ticket with a password that `ask` is asked for once the KDC has said that it wants one.
    ///
    /// # Errors
    ///
    /// As [`acquire_with_password`](Self::acquire_with_password), and [`AcquireError::Password`] with what `ask` said.
    pub fn acquire_asking(
        &self,
        options: AsRequestOptions,
        mut ask: impl FnMut(&Principal) -> std::io::Result<SecretVec>,
    ) -> Result<InitialTicket, AcquireError> {
        self.drive_initial(AsExchange::new(options, ClientSecret::Ask)?, &mut ask)
    }

    /// Gets a first ticket with the client's newest keys from a keytab.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Keytab`] where it has no usable key of the client; else as [`acquire_with_password`](Self::acquire_with_password).
    pub fn acquire_with_keytab(
        &self,
        options: AsRequestOptions,
        keytab: &KeytabFile,
    ) -> Result<InitialTicket, AcquireError> {
        let keys = keytab.client_keys(&options.client)?;
        let exchange = AsExchange::new(options, ClientSecret::Keys(keys))?;
        self.drive_initial(exchange, &mut |_| {
            Err(std::io::ErrorKind::Unsupported.into())
        })
    }

    /// Begins `cache` anew with a first ticket and what MIT notes beside it.
    ///
    /// # Errors
    ///
    /// Where the cache can't be written. The old one is intact then.
    pub fn store_initial(&self, cache: &Cache, ticket: &InitialTicket) -> Result<(), CacheError> {
        let credential = &ticket.credential;
        let mut entries = ticket.cache_configuration();
        entries.extend(start_realm(credential));
        entries.push(credential.clone());
        let offset = self.config().kdc_timesync().then(|| offset(ticket));
        cache.initialize(&credential.client, offset, &entries)
    }
}

/// The note that the client's first ticket is for another realm's ticket-granting service.
fn start_realm(credential: &Credential) -> Option<Credential> {
    let realm = credential.server.served_realm()?;
    let foreign = realm != credential.client.realm();
    foreign
        .then(|| Credential::config(credential.client.clone(), START_REALM, None, realm.to_vec()))
}

fn offset(ticket: &InitialTicket) -> KdcOffset {
    let seconds = ticket.kdc_offset.seconds();
    let saturated = if seconds < 0 { i32::MIN } else { i32::MAX };
    KdcOffset {
        seconds: i32::try_from(seconds).unwrap_or(saturated),
        microseconds: 0,
    }
}

pub(super) const START_REALM: &str = "start_realm";
