//! Initial tickets got with a client keytab, unasked: where there are none, when half of their time is over, and when
//! they end.

use orthros_host::{AcquireError, Cache, CacheError, CacheSnapshot, ClientTask, Environment};
use orthros_krb5::InitialTicket;
use orthros_krb5::client::{InitialTicketRequest, SecretSource};
use orthros_types::ccache::CacheContents;
use orthros_types::{Duration, Principal, Timestamp};

use super::choice::{ChosenCache, other_client};
use super::{ClientKeytab, DesiredCredential, KINIT, end_time};
use crate::error::{acquire_error, cache_error, config_error};
use crate::{Error, Lifetime};

/// A look at a chosen cache.
pub(crate) enum Look {
    /// What is in it.
    Ready(CacheSnapshot),
    /// Tickets are to be got first.
    Due(Box<Refresh>),
}

/// Initial tickets are got for a cache. That it fails matters only where there were none.
pub(crate) struct Refresh {
    task: ClientTask<InitialTicketRequest>,
    cache: Cache,
    is_new: bool,
    found: Result<CacheSnapshot, CacheError>,
}

impl DesiredCredential {
    /// What is in the chosen cache, or how tickets are got where that is due.
    pub(super) fn look(
        &self,
        environment: &Environment,
        chosen: ChosenCache,
    ) -> Result<Look, Error> {
        let ChosenCache {
            cache,
            client,
            is_new,
            seen,
        } = chosen;
        let found = match seen.map_or_else(|| cache.snapshot(), Ok) {
            Ok(found) => Ok(found),
            // A new cache is a file without anything in it.
            Err(error @ CacheError::Absent { .. }) => Err(error),
            Err(error) if is_new => Err(error),
            Err(error) => return Err(cache_error(error)),
        };
        if let (Ok(found), Some(client)) = (&found, &client)
            && found.contents().principal != *client
        {
            return Err(other_client(&cache, client, &found.contents().principal));
        }
        let found = match found {
            Ok(found) if !is_due(environment, &found) => return Ok(Look::Ready(found)),
            found => found,
        };
        let client = match &found {
            Ok(found) => Some(found.contents().principal.clone()),
            Err(_) => client.or_else(|| self.first_client(environment)),
        };
        let (Some(client), Some(keytab)) = (client, self.keytab(environment)) else {
            return match found {
                Ok(found) => Ok(Look::Ready(found)),
                Err(error) => Err(cache_error(error).or_else_tried(KINIT)),
            };
        };
        match self.request(environment, client) {
            Ok(request) => Ok(Look::Due(Box::new(Refresh {
                task: ClientTask::new(environment, request, None, Some(keytab)),
                cache,
                is_new,
                found,
            }))),
            Err(failed) => {
                let failed = NotRenewed::Failed(failed);
                self.not_renewed(&cache, is_new, found, failed)
                    .map(Look::Ready)
            }
        }
    }

    fn request(
        &self,
        environment: &Environment,
        client: Principal,
    ) -> Result<InitialTicketRequest, Error> {
        let mut options = environment.initial_options(client).map_err(config_error)?;
        if let Lifetime::Seconds(seconds @ 1..) = self.lifetime {
            options.lifetime = Duration::from_seconds(seconds.into());
        }
        let config = environment.config().clone();
        Ok(InitialTicketRequest::new(
            config,
            options,
            SecretSource::Keys,
        ))
    }

    /// What there was before, or why there is nothing.
    fn not_renewed(
        &self,
        cache: &Cache,
        is_new: bool,
        found: Result<CacheSnapshot, CacheError>,
        failed: NotRenewed,
    ) -> Result<CacheSnapshot, Error> {
        found.map_err(|absent| {
            if is_new {
                // It is of no use.
                let _ = cache.destroy();
            }
            self.neither(cache_error(absent), failed)
        })
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
}

impl Refresh {
    /// What gets the ticket, to be driven to its end.
    pub(crate) fn task(&mut self) -> &mut ClientTask<InitialTicketRequest> {
        &mut self.task
    }

    /// Whether the cache was only made to get tickets into it.
    pub(super) fn is_new(&self) -> bool {
        self.is_new
    }

    /// Begins the cache anew with the ticket, and notes when the next one is due.
    pub(super) fn finish(
        self,
        desired: &DesiredCredential,
        got: Result<InitialTicket, Box<AcquireError>>,
        environment: &Environment,
    ) -> Result<CacheSnapshot, Error> {
        let stored = got
            .map_err(|error| match *error {
                AcquireError::Keytab(_) => NotRenewed::NoKeys(acquire_error(*error)),
                error => NotRenewed::Failed(acquire_error(error)),
            })
            .and_then(|ticket| {
                let stored = environment.store_initial(&self.cache, &ticket);
                stored.map_err(|error| NotRenewed::Failed(cache_error(error)))?;
                // Without the note the ticket is good until it ends.
                let _ = note_refresh(&self.cache, half_time(&ticket));
                Ok(())
            });
        match stored {
            Ok(()) => self.cache.snapshot().map_err(cache_error),
            Err(failed) => desired.not_renewed(&self.cache, self.is_new, self.found, failed),
        }
    }
}

/// Why there are no new tickets.
enum NotRenewed {
    /// The keytab is not there, or has none of the client's keys.
    NoKeys(Error),
    /// The KDC gave none, or they could not be stored.
    Failed(Error),
}

/// Whether it is time to get new tickets. If so, a note in the cache lets other processes wait for a
/// moment.
fn is_due(environment: &Environment, found: &CacheSnapshot) -> bool {
    let contents = found.contents();
    let now = environment.kdc_time(contents, environment.now());
    let soon = now.saturating_add(MOMENT);
    if refresh_time(contents).is_some_and(|time| time <= now) {
        let _ = note_refresh(found.cache(), soon);
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
