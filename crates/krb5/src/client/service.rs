//! Service tickets: out of the cache, or from a KDC and into the cache (RFC 4120 section 3.3).
//!
//! ```text
//!  Unsent ---> FirstName ---> Done
//!                  |
//!                  | the KDC does not know the service
//!                  v
//!             AwaitingHostName ---> OtherName ---> Done
//!                                    |     ^
//!                                    +-----+ nor by that name: the next
//! ```
//!
//! Each name is a [`NameSearch`] of its own: in the service's realm, and where that is open in a realm that is
//! guessed.

mod name;
mod options;
mod search;

use alloc::string::String;
use alloc::vec::{self, Vec};
use core::mem;

use orthros_crypto::RandomSource;
use orthros_types::{Credential, Principal, Timestamp};

use super::error::ClientError;
use super::machine::{Answer, ClientMachine, Done, Need, Progress};
use super::snapshot::ClientSnapshot;
use crate::{ExchangeError, ExchangeMisuseError};
use name::{NameSearch, NameStep};
pub use options::ServiceTicketOptions;
use search::{Found, Search, is_unknown};

/// A request for a ticket for a service in the name of the cache's client: the one that the cache has and that has not
/// expired, else one from a KDC. An empty realm in the service's name leaves it to the KDC to find it.
///
/// A host-based service that the KDC does not know is asked for by its host's other names
/// ([`HostnameRules::fallback`](super::HostnameRules::fallback)). Where none of them leads to a ticket it is the first
/// name that the error is about.
#[derive(Debug)]
pub struct ServiceTicketRequest {
    search: Search,
    state: State,
}

#[derive(Debug)]
enum State {
    Unsent,
    FirstName(NameSearch),
    AwaitingHostName(AwaitingHostName),
    OtherName(OtherName),
    Ended,
}

/// The resolver is asked for the host's name, because the KDC does not know the service by its first one.
#[derive(Debug)]
struct AwaitingHostName {
    refused: ExchangeError,
}

/// One of the other names is asked for.
#[derive(Debug)]
struct OtherName {
    search: NameSearch,
    names: OtherNames,
}

/// The names that are left, and what is reported where none of them is known.
#[derive(Debug)]
struct OtherNames {
    all: Vec<Principal>,
    left: vec::IntoIter<Principal>,
    /// What the KDC said of the first name.
    refused: ExchangeError,
}

type Step = (State, Progress<Credential>);

impl ServiceTicketRequest {
    /// A request for `service`.
    #[must_use]
    pub fn new(
        snapshot: ClientSnapshot,
        service: Principal,
        options: ServiceTicketOptions,
    ) -> Self {
        Self {
            search: Search::new(snapshot, service, options),
            state: State::Unsent,
        }
    }
}

impl ClientMachine for ServiceTicketRequest {
    type Output = Credential;

    fn step(
        &mut self,
        answer: Answer,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<Credential> {
        let search = &mut self.search;
        let (state, progress) = match (mem::replace(&mut self.state, State::Ended), answer) {
            (State::Unsent, Answer::Begin) => {
                let first = search.service().clone();
                let step = NameSearch::begin(first, search, now, random);
                first_name(step, search)
            }
            (State::FirstName(name), answer) => {
                let step = name.answer(answer, search, now, random);
                first_name(step, search)
            }
            (State::AwaitingHostName(state), Answer::HostName(resolved)) => {
                state.answer(resolved, search, now, random)
            }
            (State::OtherName(state), answer) => state.answer(answer, search, now, random),
            (State::Ended, _) => (State::Ended, Progress::misused(ExchangeMisuseError::Ended)),
            (_, _) => (
                State::Ended,
                Progress::misused(ExchangeMisuseError::UnexpectedInput),
            ),
        };
        self.state = state;
        progress
    }
}

/// Goes on with the service's first name, or to the others where the KDC does not know it.
fn first_name(step: NameStep, search: &Search) -> Step {
    match step {
        NameStep::Need(state, need) => (State::FirstName(state), Progress::Need(need)),
        NameStep::Found(found) => done(search, found),
        NameStep::Failed(ClientError::Exchange(ExchangeError::Refused(refusal)))
            if is_unknown(&refusal) =>
        {
            AwaitingHostName::ask(ExchangeError::Refused(refusal), search)
        }
        NameStep::Failed(error) => failed(search, error),
    }
}

impl AwaitingHostName {
    fn ask(refused: ExchangeError, search: &Search) -> Step {
        match search.fallback() {
            Ok(Some(fallback)) => {
                let need = Need::HostName(fallback.query().clone());
                let state = State::AwaitingHostName(Self { refused });
                (state, Progress::Need(need))
            }
            // A host that the configuration has no name for has no other one either.
            Ok(None) | Err(_) => failed(search, refused.into()),
        }
    }

    fn answer(
        self,
        resolved: Option<String>,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        let others = search.fallback().and_then(|fallback| match fallback {
            Some(fallback) => fallback.names(resolved),
            None => Ok(Vec::new()),
        });
        // As above.
        let all = others.unwrap_or_default();
        if all.is_empty() {
            return failed(search, self.refused.into());
        }
        let names = OtherNames {
            left: all.clone().into_iter(),
            all,
            refused: self.refused,
        };
        names.next(search, now, random)
    }
}

impl OtherName {
    fn answer(
        self,
        answer: Answer,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        let step = self.search.answer(answer, search, now, random);
        self.names.go_on(step, search, now, random)
    }
}

impl OtherNames {
    /// Asks for the next name. A name that fails, in whichever way, is passed over.
    fn next(mut self, search: &mut Search, now: Timestamp, random: &mut dyn RandomSource) -> Step {
        let Some(name) = self.left.next() else {
            // The error names the service as the caller did.
            return failed(
                search,
                ClientError::NoSuchService {
                    refused: self.refused,
                    others: self.all,
                },
            );
        };
        let step = NameSearch::begin(name, search, now, random);
        self.go_on(step, search, now, random)
    }

    fn go_on(
        self,
        step: NameStep,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        match step {
            NameStep::Need(state, need) => {
                let state = State::OtherName(OtherName {
                    search: state,
                    names: self,
                });
                (state, Progress::Need(need))
            }
            NameStep::Found(found) => done(search, found),
            NameStep::Failed(_) => self.next(search, now, random),
        }
    }
}

/// The end, with a ticket.
fn done(search: &Search, found: Found) -> Step {
    let update = search.update(found.new);
    let result = Ok(*found.credential);
    (State::Ended, Progress::Done(Done { result, update }))
}

/// The end, without a ticket: what the exchanges have shown of the KDCs is noted all the same.
fn failed(search: &Search, error: ClientError) -> Step {
    let update = search.update(Vec::new());
    let result = Err(error);
    (State::Ended, Progress::Done(Done { result, update }))
}
