//! A client among realms of which one is hostile, with an attacker on the wire, out of one seed.
//!
//! The client's own realm trusts a bank's and X. X is the way to Y, and leads there over the bank: with a
//! ticket-granting ticket for the bank's realm that it has made up, and a KDC of that realm of its own, which the
//! attacker asks first whatever is meant for the bank's. The attacker forges errors, takes pre-authentication data out
//! of requests and replies, renames clients, and sends earlier replies again. What must hold, whatever they do:
//!
//! - A client that has its name in a ticket has proved it to the KDC that wrote it; the service in it is the one that
//!   was asked for.
//! - X leaves no way to another realm behind in the client's cache.
//! - A login for which armor was asked for sends nothing without armor.
//! - Once the own realm's KDC has answered under armor, an error without armor ends what it is an answer to, and
//!   steers nothing.
//! - When the attacker rests, the bank's service is reached.

mod attacker;
mod realms;

use std::sync::Arc;

use orthros_host::{AcquireError, Cache, Environment};
use orthros_krb5::client::ServiceTicketOptions;
use orthros_krb5::crypto::SecretVec;
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, Principal};

use super::chance::Chance;
use super::time::WorldTime;
use super::{Report, Violation};
use crate::simulation::Outcome;
use attacker::Wire;
pub use realms::HostileRealms;
use realms::{BANK, OWN, X, Y};

/// Runs the session of one seed among these realms.
///
/// # Errors
///
/// What did not hold.
pub fn run_hostile(realms: &HostileRealms, seed: u64) -> Result<Report, Violation> {
    Session::new(realms, Chance::new(seed))
        .and_then(|mut session| session.run())
        .map_err(|what| Violation { seed, what })
}

struct Session<'a> {
    realms: &'a HostileRealms,
    chance: Chance,
    wire: Wire,
    environment: Environment,
    user: Cache,
    gate: Cache,
    granted: usize,
    refused: Option<String>,
}

impl<'a> Session<'a> {
    fn new(realms: &'a HostileRealms, mut chance: Chance) -> Result<Self, String> {
        let time = WorldTime::new();
        let wire = Wire::new(realms, time.clock(0), chance.fork());
        let builder = Environment::builder().config_text("the client's krb5.conf", CONFIG);
        let environment = builder
            .map_err(|error| error.to_string())?
            .transport(Arc::new(wire.clone()))
            .clock(Arc::new(time.clock(0)))
            .randomness(Arc::new(chance.randomness()))
            .build();
        let cache = |name| {
            let cache = environment.cache(name);
            cache.map_err(|error| error.to_string())
        };
        Ok(Self {
            realms,
            wire,
            user: cache("MEMORY:user")?,
            gate: cache("MEMORY:gate")?,
            environment,
            chance,
            granted: 0,
            refused: None,
        })
    }

    fn run(&mut self) -> Result<Report, String> {
        self.log_in(&realms::gate(), &self.gate.clone(), false)
            .map_err(|error| format!("a login in peace failed: {error}"))?;
        self.log_in_under_attack()?;
        for _ in 0..ACTIONS {
            self.act()?;
        }
        self.end_in_peace()?;
        let outcome = match self.refused.take() {
            None => Outcome::Established,
            Some(error) => Outcome::Refused {
                stage: "an attacked exchange",
                error,
            },
        };
        Ok(Report {
            outcome,
            requests: self.wire.requests().len(),
            milliseconds: 0,
        })
    }

    /// Gets an initial ticket, under the gate's armor if it is to be.
    fn log_in(
        &self,
        client: &Principal,
        cache: &Cache,
        is_armored: bool,
    ) -> Result<(), AcquireError> {
        let mut options = orthros_krb5::AsRequestOptions::new(client.clone());
        options.forwardable = true;
        if is_armored {
            let armor = self.environment.fast_armor(&self.gate, OWN.as_bytes())?;
            options.armor = Some(armor);
        }
        let password = SecretVec::from(realms::PASSWORD);
        let ticket = self.environment.acquire_with_password(options, password)?;
        Ok(self.environment.store_initial(cache, &ticket)?)
    }

    fn log_in_under_attack(&mut self) -> Result<(), String> {
        let is_armored = self.chance.happens(500);
        let first = self.wire.requests().len();
        self.wire.attack(true);
        let attacked = self.log_in(&realms::user(), &self.user, is_armored);
        self.wire.attack(false);
        if let Err(error) = attacked {
            self.refused = Some(error.to_string());
            self.log_in(&realms::user(), &self.user, is_armored)
                .map_err(|error| format!("a login in peace failed: {error}"))?;
        }
        if is_armored
            && self
                .wire
                .requests()
                .iter()
                .skip(first)
                .any(attacker::is_open)
        {
            return Err("a login for which armor was asked for sent something without".to_owned());
        }
        self.check_cache(&self.user.clone())
    }

    /// Gets a ticket of some kind while it is attacked, and looks at what came of it.
    fn act(&mut self) -> Result<(), String> {
        let is_gate = self.chance.happens(250);
        let cache = if is_gate { &self.gate } else { &self.user }.clone();
        let before = contents(&cache)?;
        let knew = knows_armor(&before);
        let first = self.wire.requests().len();
        self.wire.attack(true);
        let options = ServiceTicketOptions {
            // So that a ticket in a user's name is asked for each time.
            store: !is_gate,
            ..ServiceTicketOptions::default()
        };
        let (service, got) = if is_gate {
            let user = realms::other_user();
            let got = self.environment.ticket_for_user(&cache, &user, &options);
            (realms::gate(), got)
        } else {
            let service = self.service();
            let got = self.environment.service_ticket(&cache, &service, &options);
            (service, got)
        };
        self.wire.attack(false);
        self.check_steering(first, knew, got.is_ok())?;
        match got {
            Ok(ticket) => {
                self.granted += 1;
                let client = if is_gate {
                    realms::other_user()
                } else {
                    realms::user()
                };
                self.check_ticket(&ticket, &service, &client)?;
            }
            Err(error) => self.refused = Some(error.to_string()),
        }
        self.check_cache(&cache)
    }

    fn service(&mut self) -> Principal {
        let services = [
            ("www.own.test", OWN),
            ("www.bank.test", BANK),
            ("www.bank.test", ""),
            ("www.x.test", X),
            ("www.x.test", ""),
            ("www.y.test", Y),
            ("www.y.test", Y),
        ];
        let (host, realm) = self.chance.one_of(&services, ("www.own.test", OWN));
        Principal::host_based("HTTP", host, realm)
    }

    /// The bank's service, with whatever X has left in the cache, and X still in front of the bank's KDC.
    fn end_in_peace(&mut self) -> Result<(), String> {
        let service = Principal::host_based("HTTP", "www.bank.test", BANK);
        let options = ServiceTicketOptions::default();
        let ticket = self
            .environment
            .service_ticket(&self.user, &service, &options)
            .map_err(|error| format!("the bank can't be reached in peace: {error}"))?;
        self.check_ticket(&ticket, &service, &realms::user())
    }

    /// Whether a forged error without armor was the last word, where the own KDC was known to answer under it.
    fn check_steering(&self, first: usize, knew: bool, is_ok: bool) -> Result<(), String> {
        let requests = self.wire.requests();
        let seen = requests.iter().skip(first);
        let mut after = seen.skip_while(|request| !(request.is_refused && request.realm == OWN));
        let was_refused = after.next().is_some();
        if knew && was_refused && (is_ok || after.next().is_some()) {
            return Err("an error without armor has steered an exchange".to_owned());
        }
        Ok(())
    }

    fn check_cache(&self, cache: &Cache) -> Result<(), String> {
        let contents = contents(cache)?;
        for ticket in contents.tickets() {
            self.check_ticket(ticket, &ticket.server, &contents.principal)?;
        }
        Ok(())
    }

    /// Opens a ticket for a service whose realm is honest, with that service's own key. What is for a service of X's,
    /// or of the realm behind it, X may have written as it likes.
    fn check_ticket(
        &self,
        ticket: &Credential,
        service: &Principal,
        client: &Principal,
    ) -> Result<(), String> {
        let what = |what| format!("ticket of {} for {service}: {what}", ticket.client);
        if ticket.client != *client {
            return Err(what("it is for another client"));
        }
        if let Some(served) = ticket.server.served_realm() {
            let is_local = served == ticket.server.realm();
            if ticket.server.realm() != OWN.as_bytes() && !is_local {
                return Err(what("its issuer may not vouch for that realm"));
            }
        }
        let host = service.components().get(1).map(Vec::as_slice);
        let is_of_x =
            host.is_some_and(|host| host.ends_with(b".x.test") || host.ends_with(b".y.test"));
        if is_of_x {
            return Ok(());
        }
        let client_inside = self.realms.client_in(ticket, service).map_err(what)?;
        if client_inside == *client {
            Ok(())
        } else {
            Err(what("its service reads another client in it"))
        }
    }
}

fn contents(cache: &Cache) -> Result<Arc<CacheContents>, String> {
    cache.contents().map_err(|error| error.to_string())
}

/// Whether the cache notes of the own realm's KDC that it answers TGS-REQs under armor.
fn knows_armor(contents: &CacheContents) -> bool {
    let tgs = Principal::local_ticket_granting(OWN);
    contents.config("orthros_armors_tgs", Some(&tgs)).is_some()
}

const ACTIONS: usize = 6;
const CONFIG: &str = "\
[libdefaults]
    default_realm = OWN.TEST
    dns_canonicalize_hostname = false
    dns_lookup_kdc = false
";
