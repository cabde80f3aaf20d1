//! One session: initial ticket, service ticket, context, messages.

use std::collections::HashSet;

use orthros::{
    AcceptContext, ContextFlags, Environment, InitContext, Lifetime, Name, SecurityContext, Step,
};
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::{ApReq, Message as _};
use orthros_krb5::AsRequestOptions;
use orthros_krb5::crypto::SecretVec;
use orthros_types::{Credential, Duration};

use super::agreement::{Disagreement, check_ticket};
use super::chance::Chance;
use super::kdc_host::KdcHost;
use super::network::Network;
use super::realm::{HOST, OTHER_PASSWORD, PASSWORD, SimulatedRealm, service, user};
use super::time::{SECOND, WorldTime};
use super::weather::Weather;
use super::{Outcome, Report, messages, party};

/// A world, before anything happens in it.
pub(super) struct Session<'a> {
    realm: &'a SimulatedRealm,
    time: WorldTime,
    weather: Weather,
    network: Network,
    client: Result<Environment, String>,
    acceptor: Result<Environment, String>,
    /// The user's, as the KDCs should know it.
    password: &'static [u8],
    /// Whether the user mistypes it.
    mistypes: bool,
    /// Whether nothing is in the way of a session.
    is_calm: bool,
    chance: Chance,
}

/// What the initiator has after its first step: a context already, without mutual authentication.
struct Initiated {
    initiator: InitContext,
    token: Vec<u8>,
    context: Option<SecurityContext>,
}

/// What the acceptor has, and what it answers.
struct Accepted {
    context: SecurityContext,
    reply: Option<Vec<u8>>,
}

/// Why a session ended early.
enum End {
    /// A party was told why, which is all right.
    Refused { stage: &'static str, error: String },
    /// Something did not hold.
    Violation(String),
}

impl<'a> Session<'a> {
    pub(super) fn new(realm: &'a SimulatedRealm, mut chance: Chance) -> Self {
        let chance = &mut chance;
        let time = WorldTime::new();
        let weather = Weather::draw(chance);
        let is_calm = weather.is_calm();
        let (kdcs, password) = kdcs(realm, &time, is_calm, chance);
        let hosts = kdcs.len();
        let network = Network::new(time.clone(), weather.clone(), kdcs, chance.fork());
        // A clock that is wrong by more is corrected by the KDC's, or refused.
        let furthest = if is_calm || chance.happens(700) {
            100
        } else {
            900
        };
        let client_skew = chance.between(-furthest, furthest);
        let acceptor_skew = chance.between(-furthest, furthest) / 2;
        Self {
            realm,
            client: party::client(&network, hosts, &time, client_skew, chance),
            acceptor: party::acceptor(realm, &time, acceptor_skew, chance),
            password,
            mistypes: chance.happens(60),
            time,
            weather,
            network,
            is_calm,
            chance: chance.fork(),
        }
    }

    /// Runs it and checks what must hold of all of them.
    pub(super) fn run(mut self) -> Result<Report, String> {
        let outcome = match self.go() {
            Ok(()) => Outcome::Established,
            Err(End::Refused { stage, error }) => Outcome::Refused { stage, error },
            Err(End::Violation(what)) => return Err(what),
        };
        let (requests, micros) = (self.network.requests(), self.time.micros());
        if requests > MOST_REQUESTS || micros > LONGEST {
            return Err(format!(
                "a session took {requests} requests and {} s",
                micros / SECOND
            ));
        }
        match &outcome {
            Outcome::Established if self.mistypes => {
                Err("a wrong password was good enough".to_owned())
            }
            Outcome::Refused { stage, error } if self.is_calm && !self.mistypes => {
                Err(format!("{stage} failed without a reason: {error}"))
            }
            _ => Ok(Report {
                outcome,
                requests,
                milliseconds: micros / 1000,
            }),
        }
    }

    fn go(&mut self) -> Result<(), End> {
        let client = self.client.clone().map_err(End::Violation)?;
        let acceptor = self.acceptor.clone().map_err(End::Violation)?;
        self.log_in(&client)?;
        let first = self.first_token(&client)?;
        let Accepted {
            context: mut accepted,
            reply,
        } = self.deliver(&acceptor, &first.token)?;
        let mut initiated = self.take_reply(first, reply.as_deref())?;
        check_heads(&initiated, &accepted).map_err(End::Violation)?;
        let (weather, chance) = (&self.weather, &mut self.chance);
        messages::exchange(&mut initiated, &mut accepted, weather, chance)
            .and_then(|()| messages::exchange(&mut accepted, &mut initiated, weather, chance))
            .map_err(End::Violation)
    }

    /// Gets an initial ticket into the client's cache.
    fn log_in(&mut self, client: &Environment) -> Result<(), End> {
        let mut options = AsRequestOptions::new(user());
        options.forwardable = self.chance.happens(500);
        options.lifetime = Duration::from_seconds(self.chance.between(600, 90_000));
        options.renewable_lifetime = self
            .chance
            .happens(300)
            .then(|| Duration::from_seconds(self.chance.between(600, 900_000)));
        options.canonicalize = self.chance.happens(300);
        let password = if self.mistypes {
            b"incorrect"
        } else {
            self.password
        };
        let ticket = client
            .acquire_with_password(options, SecretVec::from(password))
            .map_err(|error| refused("the AS exchange", error))?;
        self.check(&ticket.credential)?;
        client
            .default_cache()
            .and_then(|cache| client.store_initial(&cache, &ticket))
            .map_err(|error| End::Violation(error.to_string()))
    }

    /// Compares what the client holds with what the KDC wrote, unless an attacker may have written it: nothing
    /// protects a ticket on its way to the client, who can't read it, nor a name that the KDC may choose (RFC 6806).
    /// Neither is good for anything.
    fn check(&self, held: &Credential) -> Result<(), End> {
        match check_ticket(self.realm, held) {
            Err(
                Disagreement::Ticket(_)
                | Disagreement::Field {
                    field: "client", ..
                },
            ) if self.weather.is_hostile() => Ok(()),
            checked => checked.map_err(|error| End::Violation(error.to_string())),
        }
    }

    /// Gets a service ticket, and a token with it.
    fn first_token(&mut self, client: &Environment) -> Result<Initiated, End> {
        let peer = Name::hostbased_service(format!("host@{HOST}"));
        let mut flags = ContextFlags::empty();
        for (flag, often) in [
            (ContextFlags::REPLAY, 800),
            (ContextFlags::SEQUENCE, 800),
            (ContextFlags::MUTUAL, 800),
        ] {
            flags.set(flag, self.chance.happens(often));
        }
        let lifetime = self.chance.one_of(
            &[Lifetime::Indefinite, Lifetime::Seconds(300)],
            Lifetime::Indefinite,
        );
        let mut initiator = peer
            .and_then(|peer| {
                let builder = InitContext::builder(peer).flags(flags).lifetime(lifetime);
                builder.environment(client).build()
            })
            .map_err(|error| refused("the initiator", error))?;
        let step = initiator.step(None);
        let contents = client.default_cache().and_then(|cache| cache.contents());
        let contents = contents.map_err(|error| End::Violation(error.to_string()))?;
        for ticket in contents.tickets() {
            self.check(ticket)?;
        }
        let (token, context) = match step.map_err(|error| refused("the TGS exchange", error))? {
            Step::Continue(token) => (Some(token), None),
            Step::Done { context, token } => (token, Some(context)),
        };
        Ok(Initiated {
            token: token
                .ok_or_else(|| End::Violation("an initiator has nothing to say".to_owned()))?,
            initiator,
            context,
        })
    }

    /// Carries the token to the acceptor, some copies of it after each other; the first that is accepted is answered.
    fn deliver(&mut self, acceptor: &Environment, token: &[u8]) -> Result<Accepted, End> {
        let mut copies = self.weather.carry(token, &mut self.chance);
        if self.chance.happens(300) {
            // An attacker who listens sends it again.
            copies.extend(self.weather.carry(token, &mut self.chance));
        }
        copies.sort_by_key(|copy| copy.delay);
        let mut authenticators = HashSet::new();
        let mut first = None;
        let mut error = refused("the way to the acceptor", "nothing arrived");
        for copy in copies {
            self.time.advance(copy.delay);
            let context = AcceptContext::builder().environment(acceptor).build();
            let step = context.and_then(|mut context| context.step(&copy.octets));
            match step {
                Ok(Step::Done { context, token }) => {
                    if !authenticators.insert(authenticator(&copy.octets)) {
                        return Err(End::Violation(
                            "an authenticator was accepted twice".to_owned(),
                        ));
                    }
                    first = first.or(Some(Accepted {
                        context,
                        reply: token,
                    }));
                }
                Ok(Step::Continue(_)) => {
                    return Err(End::Violation("an acceptor wants more".to_owned()));
                }
                Err(refusal) => error = refused("the acceptor", refusal),
            }
        }
        first.ok_or(error)
    }

    /// Carries the answer back, if there is one to wait for.
    fn take_reply(
        &mut self,
        first: Initiated,
        reply: Option<&[u8]>,
    ) -> Result<SecurityContext, End> {
        let Initiated {
            mut initiator,
            context,
            ..
        } = first;
        let reply = match (context, reply) {
            (Some(context), None) => return Ok(context),
            (None, Some(reply)) => reply,
            _ => {
                let what = "the heads differ in whether an answer is due";
                return Err(End::Violation(what.to_owned()));
            }
        };
        let copies = self.weather.carry(reply, &mut self.chance);
        let copy = copies.into_iter().next();
        let copy = copy.ok_or_else(|| refused("the way back", "nothing arrived"))?;
        self.time.advance(copy.delay);
        match initiator.step(Some(&copy.octets)) {
            Ok(Step::Done {
                context,
                token: None,
            }) => Ok(context),
            Ok(_) => Err(End::Violation("an initiator wants more".to_owned())),
            Err(error) => Err(refused("the initiator's last step", error)),
        }
    }
}

/// The KDCs of a world, and the user's password there. In some worlds there is one, which has its principals in a file
/// and is killed once the user's password has been changed.
fn kdcs(
    realm: &SimulatedRealm,
    time: &WorldTime,
    is_calm: bool,
    chance: &mut Chance,
) -> (Vec<KdcHost>, &'static [u8]) {
    if chance.happens(20) {
        let name = format!("store-{:016x}", chance.below(u64::MAX));
        let store = realm.store_in_file(&name);
        let killed = store.map(|store| KdcHost::killed(store, time, chance));
        // Without a KDC the calm worlds among these end in an error, which is noticed.
        return (killed.into_iter().collect(), OTHER_PASSWORD);
    }
    let hosts = 1 + chance.index(3);
    let host = |_| KdcHost::new(realm.store(), time, is_calm, chance);
    ((0..hosts).map(host).collect(), PASSWORD)
}

/// What tells one authenticator from another: its ciphertext, whatever is around it.
fn authenticator(token: &[u8]) -> Vec<u8> {
    let framed = InitialContextToken::decode(token).ok();
    let message = framed.and_then(|framed| framed.inner.get(2..));
    message
        .and_then(|message| ApReq::decode(message).ok())
        .map_or_else(
            || token.to_vec(),
            |request| request.authenticator.cipher.as_ref().to_vec(),
        )
}

/// Both heads of one context must tell the same of it.
fn check_heads(initiated: &SecurityContext, accepted: &SecurityContext) -> Result<(), String> {
    let same = [
        ("flags", initiated.flags() == accepted.flags()),
        (
            "the initiator's name",
            [initiated, accepted].map(|head| head.initiator_name().to_string())
                == [(); 2].map(|()| user().to_string()),
        ),
        (
            "the acceptor's name",
            [initiated, accepted].map(|head| head.acceptor_name().to_string())
                == [(); 2].map(|()| service().to_string()),
        ),
    ];
    match same.iter().find(|(_, same)| !same) {
        None => Ok(()),
        Some((what, _)) => Err(format!("the heads differ in {what}")),
    }
}

fn refused(stage: &'static str, error: impl ToString) -> End {
    End::Refused {
        stage,
        error: error.to_string(),
    }
}

/// Of all exchanges of a session, repeated ones included.
const MOST_REQUESTS: usize = 150;
/// Six exchanges whose every pass is waited for, in microseconds.
const LONGEST: i64 = 6 * 60 * SECOND;
