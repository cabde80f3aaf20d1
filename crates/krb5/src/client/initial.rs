//! Initial tickets: with a password or keys, from any KDC or a primary one, under armor in whichever realm (RFC 4120
//! section 3.1).
//!
//! ```text
//!             refused by a KDC that may be behind
//!  Unsent ---> AnyKdc ------------------------------------------> PrimaryKdc ---> Done
//!    | ^        ^  |                                                 |
//!    v |        |  | refused: the client belongs to another realm    |
//!  AwaitingKeys |  v                                                 |
//!            ArmorElsewhere <----------------------------------------+
//! ```
//!
//! `AwaitingKeys` is passed through before `AnyKdc` where the client has keys instead of a password.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::{fmt, mem};

use orthros_crypto::{RandomSource, SecretVec};
use orthros_types::config::Config;
use orthros_types::{NameType, Timestamp};

use super::armor::ArmorRequest;
use super::error::ClientError;
use super::machine::{Answer, ClientMachine, Done, Need, Progress};
use super::snapshot::ClientSnapshot;
use super::update::CacheUpdate;
use crate::{
    AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, ExchangeError,
    ExchangeMisuseError, InitialTicket, KdcRefusalError, KdcReply, KdcRequest, KdcSelection,
    PasswordKeyInfo,
};

/// A request for an initial ticket. The ticket is in no cache yet: [`CacheUpdate::begin`] says what a cache begins
/// with.
///
/// What a KDC refuses that may be behind is asked of a primary one again, where the configuration names any, as by
/// MIT: a new password is known there first.
pub struct InitialTicketRequest {
    attempt: Attempt,
    state: State,
}

/// What the client proves with that it is the one.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// A password.
    Password(SecretVec),
    /// A password that is asked for when it turns out to be needed ([`Need::Password`]).
    Prompt,
    /// Keys, which are asked for at the beginning ([`Need::Keys`]), and again where the client turns out to be of
    /// another realm.
    Keys,
}

/// What lasts through all states.
struct Attempt {
    config: Config,
    options: AsRequestOptions,
    source: SecretSource,
    /// The password, once the client was asked for it.
    password: Option<SecretVec>,
    armor: Option<ArmorSource>,
}

/// A cache to get armor from for other realms, and what is new to it.
struct ArmorSource {
    snapshot: ClientSnapshot,
    update: Vec<orthros_types::Credential>,
    /// How many realms the client was referred to.
    referrals: usize,
}

enum State {
    Unsent,
    AnyKdc(AnyKdc),
    PrimaryKdc(PrimaryKdc),
    AwaitingKeys,
    ArmorElsewhere(Box<ArmorRequest>),
    Ended,
}

/// Any KDC is asked.
struct AnyKdc {
    secret: ClientSecret,
    exchange: Box<AsExchange>,
    /// Whether it was a primary one that answered last.
    answered_by_primary: bool,
}

/// A primary KDC is asked again.
struct PrimaryKdc {
    exchange: Box<AsExchange>,
    /// What the other one said. It stands where there is no primary one.
    refused: ExchangeError,
}

type Step = (State, Progress<InitialTicket>);

impl InitialTicketRequest {
    /// A request for what `options` say.
    #[must_use]
    pub fn new(config: Config, options: AsRequestOptions, source: SecretSource) -> Self {
        Self {
            attempt: Attempt {
                config,
                options,
                source,
                password: None,
                armor: None,
            },
            state: State::Unsent,
        }
    }

    /// Follows the client under armor into whichever realm it turns out to belong to, with armor that this cache has
    /// or gets: the [update](Done::update) is then for it.
    ///
    /// An armor is good for one realm, the options have that for the first. Where a KDC refers the client to another
    /// one (RFC 6806 section 7), and it may, the search begins there anew, as by MIT.
    #[must_use]
    pub fn armored_by(mut self, snapshot: ClientSnapshot) -> Self {
        self.attempt.armor = Some(ArmorSource {
            snapshot,
            update: Vec::new(),
            referrals: 0,
        });
        self
    }
}

impl InitialTicketRequest {
    /// How the KDC says that the password becomes keys, where that is what is needed.
    pub(super) fn password_keys(&self) -> Result<Vec<PasswordKeyInfo>, ExchangeError> {
        match &self.state {
            State::AnyKdc(state) => state.exchange.password_keys(),
            State::PrimaryKdc(state) => state.exchange.password_keys(),
            _ => Err(ExchangeMisuseError::UnexpectedInput.into()),
        }
    }
}

impl ClientMachine for InitialTicketRequest {
    type Output = InitialTicket;

    fn step(
        &mut self,
        answer: Answer,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<InitialTicket> {
        let attempt = &mut self.attempt;
        let (state, progress) = match (mem::replace(&mut self.state, State::Ended), answer) {
            (State::Unsent, Answer::Begin) => begin(attempt, now, random),
            (State::AwaitingKeys, Answer::Keys(keys)) => {
                AnyKdc::begin(ClientSecret::Keys(keys), attempt, now, random)
            }
            (State::AwaitingKeys, Answer::NoKeys) => {
                let client = attempt.options.client.clone();
                attempt.end(Err(ClientError::NoKeys { client }))
            }
            (State::AnyKdc(state), answer) => state.answer(answer, attempt, now, random),
            (State::PrimaryKdc(state), answer) => state.answer(answer, attempt, now, random),
            (State::ArmorElsewhere(request), answer) => {
                armor_elsewhere(request, answer, attempt, now, random)
            }
            (State::Unsent | State::AwaitingKeys, _) => {
                attempt.end(Err(misuse(ExchangeMisuseError::UnexpectedInput)))
            }
            (State::Ended, _) => attempt.end(Err(misuse(ExchangeMisuseError::Ended))),
        };
        self.state = state;
        progress
    }
}

/// Begins in the client's realm, with keys of it if it has no password.
fn begin(attempt: &mut Attempt, now: Timestamp, random: &mut dyn RandomSource) -> Step {
    let secret = match &attempt.source {
        SecretSource::Password(password) => ClientSecret::Password(password.clone()),
        SecretSource::Prompt => ClientSecret::Ask,
        SecretSource::Keys => {
            let client = attempt.options.client.clone();
            return (State::AwaitingKeys, Progress::Need(Need::Keys { client }));
        }
    };
    AnyKdc::begin(secret, attempt, now, random)
}

/// What the driver's answer makes of an exchange.
enum Outcome {
    Need(Need),
    Ticket(Box<InitialTicket>),
    /// The exchange has ended.
    Refused(ExchangeError),
    /// There was no exchange, or no answer to it.
    Failed(ClientError),
}

impl AnyKdc {
    fn begin(
        secret: ClientSecret,
        attempt: &mut Attempt,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        match attempt.exchange(&secret) {
            Ok(exchange) => {
                let state = Self {
                    secret,
                    exchange,
                    answered_by_primary: false,
                };
                state.advance(AsInput::Begin, attempt, now, random)
            }
            Err(error) => attempt.end(Err(error.into())),
        }
    }

    fn answer(
        mut self,
        answer: Answer,
        attempt: &mut Attempt,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        if let Answer::Kdc(KdcReply { from_primary, .. }) = &answer {
            self.answered_by_primary = *from_primary;
        }
        let outcome = attempt.answer(&mut self.exchange, KdcSelection::Any, answer, now, random);
        self.go_on(outcome, attempt, now, random)
    }

    fn advance(
        mut self,
        input: AsInput<'_>,
        attempt: &mut Attempt,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        let outcome = attempt.step(&mut self.exchange, KdcSelection::Any, input, now, random);
        self.go_on(outcome, attempt, now, random)
    }

    fn go_on(
        self,
        outcome: Outcome,
        attempt: &mut Attempt,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        match outcome {
            Outcome::Need(need) => (State::AnyKdc(self), Progress::Need(need)),
            Outcome::Ticket(ticket) => attempt.end(Ok(*ticket)),
            Outcome::Refused(refused) if !self.answered_by_primary && may_be_behind(&refused) => {
                PrimaryKdc::begin(&self.secret, refused, attempt, now, random)
            }
            Outcome::Refused(refused) => refused_by_all(refused, attempt, now, random),
            Outcome::Failed(error) => attempt.end(Err(error)),
        }
    }
}

impl PrimaryKdc {
    fn begin(
        secret: &ClientSecret,
        refused: ExchangeError,
        attempt: &mut Attempt,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        match attempt.exchange(secret) {
            Ok(mut exchange) => {
                let input = AsInput::Begin;
                let outcome =
                    attempt.step(&mut exchange, KdcSelection::Primary, input, now, random);
                Self { exchange, refused }.go_on(outcome, attempt, now, random)
            }
            Err(error) => attempt.end(Err(error.into())),
        }
    }

    fn answer(
        mut self,
        answer: Answer,
        attempt: &mut Attempt,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        if matches!(answer, Answer::NoKdc) {
            return refused_by_all(self.refused, attempt, now, random);
        }
        let kdcs = KdcSelection::Primary;
        let outcome = attempt.answer(&mut self.exchange, kdcs, answer, now, random);
        self.go_on(outcome, attempt, now, random)
    }

    fn go_on(
        self,
        outcome: Outcome,
        attempt: &mut Attempt,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Step {
        match outcome {
            Outcome::Need(need) => (State::PrimaryKdc(self), Progress::Need(need)),
            Outcome::Ticket(ticket) => attempt.end(Ok(*ticket)),
            Outcome::Refused(refused) => refused_by_all(refused, attempt, now, random),
            Outcome::Failed(error) => attempt.end(Err(error)),
        }
    }
}

/// The last word of the realm's KDCs. A referral to another realm is followed where there is armor for it.
fn refused_by_all(
    refused: ExchangeError,
    attempt: &mut Attempt,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Step {
    let may_follow = attempt.options.may_rename();
    let (Some(armor), Some(realm)) = (&mut attempt.armor, referral(&refused)) else {
        return attempt.end(Err(refused.into()));
    };
    if !may_follow || armor.referrals >= MAX_REFERRALS {
        return attempt.end(Err(refused.into()));
    }
    armor.referrals = armor.referrals.saturating_add(1);
    attempt.options.client = attempt.options.client.clone().with_realm(realm);
    let request = Box::new(ArmorRequest::new(armor.snapshot.clone(), realm));
    armor_elsewhere(request, Answer::Begin, attempt, now, random)
}

/// Gets the armor for the client's new realm, and begins there anew.
fn armor_elsewhere(
    mut request: Box<ArmorRequest>,
    answer: Answer,
    attempt: &mut Attempt,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Step {
    let Done { result, update } = match request.step(answer, now, random) {
        Progress::Need(need) => return (State::ArmorElsewhere(request), Progress::Need(need)),
        Progress::Done(done) => done,
    };
    attempt.learn(update);
    match result {
        Ok(armor) => {
            attempt.options.armor = Some(armor);
            // A password is one of a client in a realm.
            attempt.password = None;
            begin(attempt, now, random)
        }
        Err(error) => attempt.end(Err(error)),
    }
}

impl Attempt {
    fn exchange(&self, secret: &ClientSecret) -> Result<Box<AsExchange>, ExchangeError> {
        AsExchange::new(self.options.clone(), secret.clone()).map(Box::new)
    }

    fn answer(
        &mut self,
        exchange: &mut AsExchange,
        kdcs: KdcSelection,
        answer: Answer,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Outcome {
        match answer {
            Answer::Kdc(reply) => {
                let input = AsInput::Reply(&reply.message);
                self.step(exchange, kdcs, input, now, random)
            }
            Answer::NoKdc => Outcome::Failed(ClientError::NoReply),
            Answer::Password(password) => {
                let input = AsInput::Password(&password);
                let outcome = self.step(exchange, kdcs, input, now, random);
                self.password = Some(password);
                outcome
            }
            Answer::NoPassword => Outcome::Failed(ClientError::NoPassword {
                client: self.options.client.clone(),
            }),
            _ => Outcome::Failed(misuse(ExchangeMisuseError::UnexpectedInput)),
        }
    }

    fn step(
        &self,
        exchange: &mut AsExchange,
        kdcs: KdcSelection,
        input: AsInput<'_>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Outcome {
        let mut step = exchange.step(input, now, random);
        // A password that was asked for once is not asked for again.
        if let (Ok(AsStep::NeedPassword { .. }), Some(password)) = (&step, &self.password) {
            step = exchange.step(AsInput::Password(password), now, random);
        }
        match step {
            Ok(AsStep::Send(request)) => match self.check_automatic_armor(&request) {
                Ok(()) => Outcome::Need(Need::Kdc { request, kdcs }),
                Err(error) => Outcome::Failed(error),
            },
            Ok(AsStep::NeedPassword { client }) => Outcome::Need(Need::Password { client }),
            Ok(AsStep::Done(ticket)) => Outcome::Ticket(ticket),
            Err(error) => Outcome::Refused(error),
        }
    }

    /// Refuses to send a request without armor to a realm for which the configuration wants it under an anonymous
    /// ticket's.
    fn check_automatic_armor(&self, request: &KdcRequest) -> Result<(), ClientError> {
        let is_anonymous = self.options.client.name_type() == NameType::WELLKNOWN;
        if self.options.armor.is_some() || is_anonymous {
            return Ok(());
        }
        match str::from_utf8(&request.realm) {
            Ok(realm) if self.config.auto_fast_armor(realm) => Err(ClientError::AutomaticArmor {
                realm: realm.into(),
            }),
            // A realm that is no text is in no configuration.
            _ => Ok(()),
        }
    }

    /// What is new to the cache that armor comes from, for the next armor too. A service ticket never begins a cache
    /// anew.
    fn learn(&mut self, update: CacheUpdate) {
        if let (Some(armor), CacheUpdate::Add(entries)) = (&mut self.armor, update) {
            armor.snapshot.learn(&entries);
            armor.update.extend(entries);
        }
    }

    fn end(&mut self, result: Result<InitialTicket, ClientError>) -> Step {
        let armor = self.armor.as_mut();
        let update = armor.map(|armor| mem::take(&mut armor.update));
        let update = update.map_or(CacheUpdate::Nothing, CacheUpdate::add);
        (State::Ended, Progress::Done(Done { result, update }))
    }
}

/// Whether another KDC could say something else: not where the fault is this side's own.
fn may_be_behind(error: &ExchangeError) -> bool {
    !matches!(error, ExchangeError::Misused(_) | ExchangeError::Random(_))
}

/// Where the client has to go with another armor.
fn referral(error: &ExchangeError) -> Option<&[u8]> {
    match error {
        ExchangeError::Refused(refusal) => match &**refusal {
            KdcRefusalError::WrongRealm { realm, .. } => Some(realm),
            _ => None,
        },
        _ => None,
    }
}

fn misuse(misuse: ExchangeMisuseError) -> ClientError {
    ExchangeError::from(misuse).into()
}

impl fmt::Debug for InitialTicketRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InitialTicketRequest")
            .field("client", &self.attempt.options.client)
            .finish_non_exhaustive()
    }
}

/// As many as MIT follows.
const MAX_REFERRALS: usize = 10;
