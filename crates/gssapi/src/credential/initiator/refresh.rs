//! Initial tickets got with a client keytab, unasked: where there are none, when half of their time is over, and when
//! they end.

use std::sync::Arc;

use orthros_host::{AcquireError, Cache, CacheError, Environment, KeytabHandle};
use orthros_krb5::InitialTicket;
use orthros_types::ccache::CacheContents;
use orthros_types::{Duration, Principal, Timestamp};

use super::choice::{Choice, other_client};
use super::{ClientKeytab, KINIT, Wish, end_time};
use crate::error::{acquire_error, cache_error, config_error};
use crate::{Error, Lifetime};

impl Wish {
    /// What is in the chosen cache, after tickets were got where that was due. That it fails matters only where there
    /// were none.
    pub(super) fn contents(
        &self,
        environment: &Environment,
        choice: &Choice,
    ) -> Result<Arc<CacheContents>, Error> {
        let found = match choice.cache.contents() {
            Ok(contents) => Ok(contents),
            // A new cache is a file without anything in it.
            Err(error @ CacheError::Absent { .. }) => Err(error),
            Err(error) if choice.is_new => Err(error),
            Err(error) => return Err(cache_error(error)),
        };
        if let (Ok(contents), Some(client)) = (&found, &choice.client)
            && contents.principal != *client
        {
            return Err(other_client(&choice.cache, client, &contents.principal));
        }
        let client = match &found {
            Ok(contents) if !is_due(environment, &choice.cache, contents) => {
                return found.map_err(cache_error);
            }
            Ok(contents) => Some(contents.principal.clone()),
            Err(_) => choice
                .client
                .clone()
                .or_else(|| self.first_client(environment)),
        };
        let (Some(client), Some(keytab)) = (client, self.keytab(environment)) else {
            return found.map_err(|error| cache_error(error).or_else_tried(KINIT));
        };
        match (
            self.renew(environment, &choice.cache, client, &keytab),
            found,
        ) {
            (Ok(()), _) => choice.cache.contents().map_err(cache_error),
            (Err(_), Ok(contents)) => Ok(contents),
            (Err(failed), Err(absent)) => {
                if choice.is_new {
                    let _ = choice.cache.destroy();
                }
                Err(self.neither(cache_error(absent), failed))
            }
        }
    }

    /// Neither a cache nor tickets got with the client keytab. What was meant to be used comes first: the keytab where
    /// it was named or has the client's keys, else the cache.
    fn neither(&self, absent: Error, failed: NotRenewed) -> Error {
        match (failed, &self.client_keytab) {
            (NotRenewed::NoKeys(keys), ClientKeytab::Default | ClientKeytab::None) => {
                absent.or_else_tried(KINIT).or_else_tried(keys.cause())
            }
            (NotRenewed::NoKeys(error) | NotRenewed::Failed(error), _) => {
                error.or_else_tried(absent.cause())
            }
        }
    }

    /// Begins the cache anew with a initial ticket, and notes when the next one is due.
    fn renew(
        &self,
        environment: &Environment,
        cache: &Cache,
        client: Principal,
        keytab: &KeytabHandle,
    ) -> Result<(), NotRenewed> {
        let options = environment.initial_options(client).map_err(config_error);
        let mut options = options.map_err(NotRenewed::Failed)?;
        if let Lifetime::Seconds(seconds @ 1..) = self.lifetime {
            options.lifetime = Duration::from_seconds(seconds.into());
        }
        let ticket = environment.acquire_with_keytab(options, keytab);
        let ticket = ticket.map_err(|error| match error {
            AcquireError::Keytab(_) => NotRenewed::NoKeys(acquire_error(error)),
            error => NotRenewed::Failed(acquire_error(error)),
        })?;
        let stored = environment.store_initial(cache, &ticket);
        stored.map_err(|error| NotRenewed::Failed(cache_error(error)))?;
        // Without the note the ticket is good until it ends.
        let _ = note_refresh(cache, half_time(&ticket));
        Ok(())
    }
}

/// Why there are no new tickets.
enum NotRenewed {
    /// The keytab is not there, or has none of the client's keys.
    NoKeys(Error),
    /// The KDC gave none, or they could not be stored.
    Failed(Error),
}

/// Whether it is time to get new tickets. If so, the others who look at the cache are told to wait for a moment.
fn is_due(environment: &Environment, cache: &Cache, contents: &CacheContents) -> bool {
    let now = environment.kdc_time(contents, environment.now());
    let soon = now.saturating_add(MOMENT);
    if refresh_time(contents).is_some_and(|time| time <= now) {
        let _ = note_refresh(cache, soon);
        return true;
    }
    end_time(contents).is_none_or(|end| end < soon)
}

/// The middle of the ticket's time.
fn half_time(ticket: &InitialTicket) -> Timestamp {
    let times = &ticket.credential.times;
    let half = times.endtime.since(times.start()).seconds() / 2;
    times.start().saturating_add(Duration::from_seconds(half))
}

fn refresh_time(contents: &CacheContents) -> Option<Timestamp> {
    let noted = contents.config(REFRESH_TIME, None)?;
    let seconds = str::from_utf8(noted).ok()?.trim().parse().ok()?;
    (seconds != 0).then(|| Timestamp::from_seconds(seconds))
}

fn note_refresh(cache: &Cache, time: Timestamp) -> Result<(), CacheError> {
    let text = time.seconds().to_string();
    cache.note(REFRESH_TIME, None, text.into_bytes())
}

const REFRESH_TIME: &str = "refresh_time";
const MOMENT: Duration = Duration::from_seconds(30);
