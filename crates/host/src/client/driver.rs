//! The loop that drives a machine.

use core::fmt;
use std::io;

use orthros_krb5::client::{
    Answer, ClientError, ClientMachine, ClientSnapshot, Done, HostQuery, Need, Progress,
};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, TransportError};
use orthros_types::Principal;

use super::AcquireError;
use crate::cache::{Cache, CacheSnapshot};
use crate::environment::Environment;
use crate::keytab::KeytabHandle;

/// A machine, and what it needs apart from the network: the environment's clock, randomness and resolver, a cache,
/// keys.
///
/// It asks for nothing but KDCs ([`TaskStep::AskKdc`]), so that it can be driven over any transport.
/// [`Environment::run`] does it over that of the environment.
pub struct ClientTask<M> {
    environment: Environment,
    machine: M,
    cache: Option<Cache>,
    keytab: Option<KeytabHandle>,
    /// Why the last need was not met, in more words than the machine has.
    unmet: Option<AcquireError>,
}

/// Where a task is.
#[derive(Debug)]
pub enum TaskStep<T> {
    /// Send this to a KDC, and [answer](ClientTask::answer) with what it replied.
    AskKdc {
        /// What to send, to which realm.
        request: KdcRequest,
        /// To which servers of the realm.
        kdcs: KdcSelection,
    },
    /// It has come to its end.
    Done(Result<T, AcquireError>),
}

/// What a machine is given in addition to what the environment has. A machine that needs something else comes to its
/// end.
#[derive(Default)]
pub(super) struct Means<'a> {
    /// The cache to store in what is new.
    pub(super) cache: Option<&'a Cache>,
    /// What asks for a password.
    pub(super) ask: Option<&'a mut Ask<'a>>,
    /// The client's keys.
    pub(super) keytab: Option<&'a KeytabHandle>,
}

/// Asks for the password of a client.
pub(super) type Ask<'a> = dyn FnMut(&Principal) -> io::Result<SecretVec> + 'a;

impl<'a> Means<'a> {
    /// A cache alone.
    pub(super) fn storing_in(cache: &'a Cache) -> Self {
        Self {
            cache: Some(cache),
            ..Self::default()
        }
    }
}

impl<M: ClientMachine> ClientTask<M> {
    /// A task that stores in `cache` what is new, and has the keys of `keytab`.
    pub fn new(
        environment: &Environment,
        machine: M,
        cache: Option<Cache>,
        keytab: Option<KeytabHandle>,
    ) -> Self {
        Self {
            environment: environment.clone(),
            machine,
            cache,
            keytab,
            unmet: None,
        }
    }

    /// Begins it.
    pub fn begin(&mut self) -> TaskStep<M::Output> {
        self.advance(Answer::Begin)
    }

    /// Goes on with what a KDC replied, or why none did.
    pub fn answer(&mut self, reply: Result<KdcReply, TransportError>) -> TaskStep<M::Output> {
        let answer = kdc_answer(reply, &mut self.unmet);
        self.advance(answer)
    }

    fn advance(&mut self, answer: Answer) -> TaskStep<M::Output> {
        let mut means = Means {
            cache: self.cache.as_ref(),
            ask: None,
            keytab: self.keytab.as_ref(),
        };
        let (machine, unmet) = (&mut self.machine, &mut self.unmet);
        self.environment.advance(machine, answer, &mut means, unmet)
    }
}

impl Environment {
    /// Drives a task to its end.
    ///
    /// # Errors
    ///
    /// What the task says.
    pub fn run<M: ClientMachine>(
        &self,
        task: &mut ClientTask<M>,
    ) -> Result<M::Output, AcquireError> {
        let mut step = task.begin();
        loop {
            match step {
                TaskStep::AskKdc { request, kdcs } => {
                    step = task.answer(self.ask_kdc(&request, kdcs));
                }
                TaskStep::Done(result) => return result,
            }
        }
    }

    /// Steps a machine to its end.
    pub(super) fn drive<M: ClientMachine>(
        &self,
        mut machine: M,
        mut means: Means<'_>,
    ) -> Result<M::Output, AcquireError> {
        let mut unmet = None;
        let mut answer = Answer::Begin;
        loop {
            match self.advance(&mut machine, answer, &mut means, &mut unmet) {
                TaskStep::AskKdc { request, kdcs } => {
                    answer = kdc_answer(self.ask_kdc(&request, kdcs), &mut unmet);
                }
                TaskStep::Done(result) => return result,
            }
        }
    }

    /// Steps a machine until a KDC has to be asked.
    fn advance<M: ClientMachine>(
        &self,
        machine: &mut M,
        mut answer: Answer,
        means: &mut Means<'_>,
        unmet: &mut Option<AcquireError>,
    ) -> TaskStep<M::Output> {
        let mut random = self.random();
        loop {
            match machine.step(answer, self.now(), &mut random) {
                Progress::Need(Need::Kdc { request, kdcs }) => {
                    return TaskStep::AskKdc { request, kdcs };
                }
                Progress::Need(Need::HostName(query)) => {
                    answer = Answer::HostName(self.resolve_name(&query));
                }
                Progress::Need(Need::Dns(question)) => {
                    answer = Answer::Dns(self.ask_dns(&question));
                }
                Progress::Need(Need::Password { client }) => {
                    answer = password_answer(client, means, unmet);
                }
                Progress::Need(Need::Keys { client }) => {
                    answer = keys_answer(&client, means, unmet);
                }
                Progress::Done(done) => {
                    return TaskStep::Done(end(done, means.cache, unmet.take()));
                }
            }
        }
    }

    /// What the resolver calls a host: the name of its address where that is wanted and there is one, else its
    /// canonical name.
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
            cache: cache.name().shown().clone(),
            contents: cache.contents().clone(),
            config: self.config().clone(),
            search_domains: self.search_domains().clone(),
        }
    }
}

fn kdc_answer(reply: Result<KdcReply, TransportError>, unmet: &mut Option<AcquireError>) -> Answer {
    match reply {
        Ok(reply) => Answer::Kdc(reply),
        Err(error) => {
            *unmet = Some(error.into());
            Answer::NoKdc
        }
    }
}

fn password_answer(
    client: Principal,
    means: &mut Means<'_>,
    unmet: &mut Option<AcquireError>,
) -> Answer {
    match means.ask.as_mut().map(|ask| ask(&client)) {
        Some(Ok(password)) => Answer::Password(password),
        Some(Err(error)) => {
            *unmet = Some(AcquireError::Password { client, error });
            Answer::NoPassword
        }
        None => Answer::NoPassword,
    }
}

fn keys_answer(client: &Principal, means: &Means<'_>, unmet: &mut Option<AcquireError>) -> Answer {
    match means.keytab.map(|keytab| keytab.client_keys(client)) {
        Some(Ok(keys)) => Answer::Keys(keys),
        Some(Err(error)) => {
            *unmet = Some(error.into());
            Answer::NoKeys
        }
        None => Answer::NoKeys,
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

impl<M> fmt::Debug for ClientTask<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTask")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}
