//! First tickets.

use std::io;

use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{
    AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, ExchangeError, InitialTicket,
    KdcRequest, KdcSelection,
};
use orthros_types::ccache::KdcOffset;
use orthros_types::{Credential, NameType, Principal};

use super::AcquireError;
use crate::cache::{Cache, CacheError};
use crate::environment::Environment;
use crate::keytab::KeytabFile;

impl Environment {
    /// Gets a first ticket with a password (RFC 4120 section 3.1). It is in no cache yet:
    /// [`store_initial`](Self::store_initial) puts it there.
    ///
    /// What a KDC refuses that may be behind is asked of a primary one again, where the configuration names any, as by MIT: a new
    /// password is known there first.
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
        self.acquire(&options, &ClientSecret::Password(password), &mut nobody)
    }

    /// Gets a first ticket with a password that `ask` is asked for, once, when the KDC has said that it wants one.
    ///
    /// # Errors
    ///
    /// As [`acquire_with_password`](Self::acquire_with_password), and [`AcquireError::Password`] with what `ask` said.
    pub fn acquire_asking(
        &self,
        options: AsRequestOptions,
        mut ask: impl FnMut(&Principal) -> io::Result<SecretVec>,
    ) -> Result<InitialTicket, AcquireError> {
        let mut known: Option<SecretVec> = None;
        let mut ask_once = |client: &Principal| match &known {
            Some(password) => Ok(password.clone()),
            None => ask(client).inspect(|password| known = Some(password.clone())),
        };
        self.acquire(&options, &ClientSecret::Ask, &mut ask_once)
    }

    /// Gets a first ticket with the client's newest keys from a keytab.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Keytab`] where it has no usable key of the client; else as
    /// [`acquire_with_password`](Self::acquire_with_password).
    pub fn acquire_with_keytab(
        &self,
        options: AsRequestOptions,
        keytab: &KeytabFile,
    ) -> Result<InitialTicket, AcquireError> {
        let keys = keytab.client_keys(&options.client)?;
        self.acquire(&options, &ClientSecret::Keys(keys), &mut nobody)
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

    /// Asks any KDC, and a primary one where another has refused.
    fn acquire(
        &self,
        options: &AsRequestOptions,
        secret: &ClientSecret,
        ask: &mut Ask<'_>,
    ) -> Result<InitialTicket, AcquireError> {
        let mut answered_by_primary = false;
        let exchange = || AsExchange::new(options.clone(), secret.clone());
        let refused = match self.drive(
            options,
            exchange()?,
            KdcSelection::Any,
            &mut answered_by_primary,
            ask,
        ) {
            Err(AcquireError::Exchange(refused))
                if !answered_by_primary && may_be_behind(&refused) =>
            {
                refused
            }
            done => return done,
        };
        match self.drive(
            options,
            exchange()?,
            KdcSelection::Primary,
            &mut answered_by_primary,
            ask,
        ) {
            // The first answer stands where there is nobody else to ask.
            Err(AcquireError::Transport(_)) => Err(refused.into()),
            done => done,
        }
    }

    /// Steps an AS exchange to its end.
    fn drive(
        &self,
        options: &AsRequestOptions,
        mut exchange: AsExchange,
        kdcs: KdcSelection,
        answered_by_primary: &mut bool,
        ask: &mut Ask<'_>,
    ) -> Result<InitialTicket, AcquireError> {
        let mut random = self.random();
        let mut step = exchange.step(AsInput::Begin, self.now(), &mut random)?;
        loop {
            step = match step {
                AsStep::Send(request) => {
                    self.check_automatic_armor(options, &request)?;
                    let answer = self.ask_kdc(&request, kdcs)?;
                    *answered_by_primary = answer.from_primary;
                    exchange.step(AsInput::Reply(&answer.message), self.now(), &mut random)?
                }
                AsStep::NeedPassword { client } => {
                    let password =
                        ask(&client).map_err(|error| AcquireError::Password { client, error })?;
                    exchange.step(AsInput::Password(&password), self.now(), &mut random)?
                }
                AsStep::Done(ticket) => return Ok(*ticket),
            }
        }
    }
}

impl Environment {
    /// Refuses to send a request without armor to a realm for which the configuration wants it under an anonymous ticket's.
    fn check_automatic_armor(
        &self,
        options: &AsRequestOptions,
        request: &KdcRequest,
    ) -> Result<(), AcquireError> {
        let is_anonymous = options.client.name_type() == NameType::WELLKNOWN;
        if options.armor.is_some() || is_anonymous {
            return Ok(());
        }
        match str::from_utf8(&request.realm) {
            Ok(realm) if self.config().auto_fast_armor(realm) => {
                Err(AcquireError::AutomaticArmor {
                    realm: realm.to_owned(),
                })
            }
            // A realm that is no text is in no configuration.
            _ => Ok(()),
        }
    }
}

/// Where a password comes from when it turns out to be needed.
type Ask<'a> = dyn FnMut(&Principal) -> io::Result<SecretVec> + 'a;

/// Who is asked for a password where there is a secret.
fn nobody(_: &Principal) -> io::Result<SecretVec> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether another KDC could say something else: not where the fault is this side's own.
fn may_be_behind(error: &ExchangeError) -> bool {
    !matches!(error, ExchangeError::Misused(_) | ExchangeError::Random(_))
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
