//! The loop that drives a machine.

use std::io;

use orthros_krb5::client::{
    Answer, ClientError, ClientMachine, ClientSnapshot, Done, HostQuery, Need, Progress,
};
use orthros_krb5::crypto::SecretVec;
use orthros_types::Principal;

use super::AcquireError;
use crate::cache::{Cache, CacheSnapshot};
use crate::environment::Environment;
use crate::keytab::KeytabHandle;

/// What a machine is given beside what the environment has. A machine that needs something else comes to its end.
#[derive(Default)]
pub(super) struct Means<'a> {
    /// The cache to store in what is new.
    pub(super) cache: Option<&'a Cache>,
    /// What asks for a password.
    pub(super) ask: Option<&'a mut Ask<'a>>,
    /// The client's keys.
    pub(super) keytab: Option<&'a KeytabHandle>,
}

impl<'a> Means<'a> {
    /// A cache alone.
    pub(super) fn storing_in(cache: &'a Cache) -> Self {
        Self {
            cache: Some(cache),
            ..Self::default()
        }
    }
}

/// Asks for the password of a client.
pub(super) type Ask<'a> = dyn FnMut(&Principal) -> io::Result<SecretVec> + 'a;

impl Environment {
    /// Steps a machine to its end.
    pub(super) fn drive<M: ClientMachine>(
        &self,
        mut machine: M,
        mut means: Means<'_>,
    ) -> Result<M::Output, AcquireError> {
        let mut random = self.random();
        let mut answer = Answer::Begin;
        // Why the last need was not met, in more words than the machine has.
        let mut unmet = None;
        loop {
            match machine.step(answer, self.now(), &mut random) {
                Progress::Need(need) => answer = self.meet(need, &mut means, &mut unmet),
                Progress::Done(done) => return end(done, means.cache, unmet),
            }
        }
    }

    fn meet(&self, need: Need, means: &mut Means<'_>, unmet: &mut Option<AcquireError>) -> Answer {
        match need {
            Need::Kdc { request, kdcs } => match self.ask_kdc(&request, kdcs) {
                Ok(reply) => Answer::Kdc(reply),
                Err(error) => {
                    *unmet = Some(error.into());
                    Answer::NoKdc
                }
            },
            Need::HostName(query) => Answer::HostName(self.resolve_name(&query)),
            Need::Password { client } => match means.ask.as_mut().map(|ask| ask(&client)) {
                Some(Ok(password)) => Answer::Password(password),
                Some(Err(error)) => {
                    *unmet = Some(AcquireError::Password { client, error });
                    Answer::NoPassword
                }
                None => Answer::NoPassword,
            },
            Need::Keys { client } => match means.keytab.map(|keytab| keytab.client_keys(&client)) {
                Some(Ok(keys)) => Answer::Keys(keys),
                Some(Err(error)) => {
                    *unmet = Some(error.into());
                    Answer::NoKeys
                }
                None => Answer::NoKeys,
            },
        }
    }

    /// What the resolver calls a host: the name of its address where that is wanted and there is one, else its canonical name.
    #[must_use]
    pub fn resolve_name(&self, query: &HostQuery) -> Option<String> {
        let record = self.resolver().forward(&query.host)?;
        let by_address = query
            .by_address
            .then(|| self.resolver().reverse(record.address));
        by_address.flatten().or(record.canonical_name)
    }

    /// What a client's machine begins with: this look at a cache, and this environment's configuration.
    #[must_use]
    pub fn client_snapshot(&self, cache: &CacheSnapshot) -> ClientSnapshot {
        ClientSnapshot {
            cache: cache.name().to_string().into(),
            contents: cache.contents().clone(),
            config: self.config().clone(),
            search_domains: self.search_domains().clone(),
        }
    }
}

/// Stores what is new, and says in the driver's words what the machine knows the outline of.
fn end<T>(
    done: Done<T>,
    cache: Option<&Cache>,
    unmet: Option<AcquireError>,
) -> Result<T, AcquireError> {
    let stored = cache.map_or(Ok(()), |cache| cache.update(done.update));
    match (done.result, unmet) {
        (Ok(result), _) => Ok(stored.map(|()| result)?),
        (
            Err(ClientError::NoReply | ClientError::NoPassword { .. } | ClientError::NoKeys { .. }),
            Some(unmet),
        ) => Err(unmet),
        (Err(error), _) => Err(error.into()),
    }
}
