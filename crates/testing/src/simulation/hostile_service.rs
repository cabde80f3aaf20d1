//! A service that holds its own key, in some worlds with the KDC of a realm that is trusted, which make tickets up and
//! show them to the KDC with every option, as header ticket, as evidence and as additional ticket. What they are
//! granted they build on.
//!
//! What must hold of each ticket that the KDC issues:
//!
//! - No user is named in it who has not shown the service a ticket, or in one for another service, or in a forwardable
//!   one, who has not shown it a forwardable one. (That a principal names any user in a ticket to itself is
//!   `S4U2Self`, and forwardable for one without delegation targets, which is named by other accounts or by none.)
//! - It is not in the key of another ticket than that of its service.
//! - It says of no user that it came through another realm, nor that the ticket was had with a password; and no realm
//!   speaks of another's clients.
//! - It has no authorization data that only a KDC can state, but this KDC's signature.
//! - No principal has a part in it that was locked meanwhile, nor a client of a realm that is not trusted any more.
//! - It lives no longer than the realm's policy has it.
//! - To issue or refuse it, the KDC looked up a bounded number of principals.

mod request;
mod users;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use orthros_asn1::{
    AdIfRelevant, AdType, AuthorizationDataEntry, EncTicketPart, KdcOptions, KerberosTime,
    Message as _, TicketFlags,
};
use orthros_types::Principal;

use super::chance::Chance;
use super::{Violation, said};
use request::Ask;
use world::{HERE, Held, THERE, World, back, front, mallory};

/// What became of the requests of one world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgeries {
    /// How many got a ticket. Some must: a service may do what is its own to do.
    pub granted: usize,
    /// How many were refused.
    pub refused: usize,
}

/// Lets the service of one seed try.
///
/// # Errors
///
/// What did not hold. A panic is caught and is one, too.
pub fn forge(seed: u64) -> Result<Forgeries, Violation> {
    let tries = || tries(Chance::new(seed));
    let held = catch_unwind(AssertUnwindSafe(tries));
    held.unwrap_or_else(|panic| Err(format!("a panic: {}", said(&*panic))))
        .map_err(|what| Violation { seed, what })
}

fn tries(mut chance: Chance) -> Result<Forgeries, String> {
    let mut world = World::new(&mut chance)?;
    world.visits(&mut chance)?;
    let mut forgeries = Forgeries::default();
    let lock_at = chance.index(2 * TRIES);
    for round in 0..TRIES {
        if round == lock_at {
            world.lock(&mut chance)?;
        }
        if chance.happens(600) {
            let forged = forged(&world, &mut chance)?;
            world.held.push(forged);
        }
        let ask = ask(&world, &mut chance);
        let before = world.look_ups();
        let shown = world.held.get(ask.header).cloned();
        let granted = world.answer(&ask)?;
        let look_ups = world.look_ups() - before;
        if look_ups > MOST_LOOK_UPS {
            return Err(format!("{look_ups} look-ups for {ask:?}"));
        }
        let Some((held, part)) = granted else {
            forgeries.refused += 1;
            continue;
        };
        forgeries.granted += 1;
        let shown = shown.as_ref().ok_or("no ticket was shown")?;
        check(&world, &ask, &held, &part)
            .and_then(|()| check_locked(&world, shown, &held))
            .map_err(|what| format!("{what}, with {ask:?}"))?;
        world.held.push(held);
    }
    Ok(forgeries)
}

/// A ticket that one of them makes up, or changes.
fn forged(world: &World, chance: &mut Chance) -> Result<Held, String> {
    let known: Vec<&Held> = world.held.iter().filter(|h| h.part.is_some()).collect();
    let like = known.get(chance.index(known.len()));
    let mut part = like
        .and_then(|held| held.part.clone())
        .ok_or("no ticket to start from")?;
    for _ in 0..=chance.index(3) {
        change(world, &mut part, chance);
    }
    let sealer = chance.one_of(&world.sealers(), 0);
    let service = if chance.happens(800) {
        world.entry(sealer)?.principal.clone()
    } else {
        any_service(world, chance)
    };
    world.seal(&service, sealer, part)
}

/// Changes something that is of use to whom it names.
fn change(world: &World, part: &mut EncTicketPart, chance: &mut Chance) {
    match chance.index(10) {
        0 | 1 => {
            let client = any_client(world, chance);
            part.crealm = client.to_realm();
            part.cname = client.to_principal_name();
        }
        2 | 3 => part.flags |= any_flags(chance),
        4 => part.endtime = later(world, chance),
        5 => part.renew_till = Some(later(world, chance)),
        6 => part.transited.contents = any_transited(chance).into(),
        7 => part.authorization_data = None,
        8 => {
            let data = part.authorization_data.get_or_insert_default();
            let index = chance.index(data.len() + 1);
            data.insert(index, stated(chance));
        }
        _ => {
            // Another ticket's, signature and all.
            let index = chance.index(world.held.len());
            let other = world.held.get(index).and_then(|held| held.part.as_ref());
            part.authorization_data = other.and_then(|part| part.authorization_data.clone());
        }
    }
}

/// The front end or mallory delegates whom a ticket names that they hold, often the one that they got last.
fn delegation(world: &World, chance: &mut Chance) -> Ask {
    let held = world.held.len();
    Ask {
        header: chance.index(2),
        options: KdcOptions::CNAME_IN_ADDL_TKT | lendable(chance),
        service: Some(if chance.happens(700) { back() } else { front() }),
        additional: Some(if chance.happens(500) {
            held.saturating_sub(1)
        } else {
            chance.index(held)
        }),
        user: None,
        resource_based: chance.happens(700),
        data: None,
    }
}

/// The front end or mallory says which user it serves.
fn impersonation(world: &World, chance: &mut Chance) -> Ask {
    let header = chance.index(2);
    Ask {
        header,
        options: lendable(chance),
        service: world.held.get(header).map(|held| held.client.clone()),
        additional: None,
        user: Some(any_client(world, chance)),
        resource_based: false,
        data: None,
    }
}

/// Options for a ticket that is to be of use as evidence.
fn lendable(chance: &mut Chance) -> KdcOptions {
    if chance.happens(500) {
        KdcOptions::FORWARDABLE
    } else {
        chance.one_of(&OPTIONS, KdcOptions::empty())
    }
}

/// Any request, with tickets that they hold.
fn ask(world: &World, chance: &mut Chance) -> Ask {
    if chance.happens(250) {
        return delegation(world, chance);
    }
    if chance.happens(100) {
        return impersonation(world, chance);
    }
    let mut options = KdcOptions::empty();
    for _ in 0..chance.index(4) {
        options |= chance.one_of(&OPTIONS, KdcOptions::empty());
    }
    let header = chance.index(world.held.len());
    let same = world.held.get(header).map(|held| held.service.clone());
    let service = if chance.happens(600) {
        same.unwrap_or_else(|| any_service(world, chance))
    } else {
        any_service(world, chance)
    };
    let additional = chance.happens(500).then(|| chance.index(world.held.len()));
    if additional.is_some() {
        let both = [KdcOptions::CNAME_IN_ADDL_TKT, KdcOptions::ENC_TKT_IN_SKEY];
        options |= chance.one_of(&both, KdcOptions::empty());
    }
    Ask {
        header,
        options,
        service: chance.happens(950).then_some(service),
        additional,
        user: chance.happens(150).then(|| any_client(world, chance)),
        resource_based: chance.happens(200),
        data: chance.happens(200).then(|| vec![stated(chance)]),
    }
}

fn check(world: &World, ask: &Ask, held: &Held, part: &EncTicketPart) -> Result<(), String> {
    let client = &held.client;
    let service = world.canonical(&held.service);
    let is_own = world.is_own(&service);
    let is_user = world.users.contains(client);
    if ask.options.contains(KdcOptions::ENC_TKT_IN_SKEY) && !is_own {
        return Err(format!("{service} has no part in its user-to-user ticket"));
    }
    if is_user && !is_own && !world.proved.contains(client) {
        return Err(format!("{client} is named to {service}"));
    }
    if is_user && !is_own && service != back() {
        return Err(format!("{client} is passed on to {service}"));
    }
    let lent = part.flags.contains(TicketFlags::FORWARDABLE);
    // What mallory says of users is good for those that take mallory's word.
    if is_user && lent && service != mallory() && !world.proved.contains(client) {
        return Err(format!("{client}'s ticket for {service} is forwardable"));
    }
    if client.realm() != HERE.as_bytes() && !(world.trusts && client.realm() == THERE.as_bytes()) {
        return Err(format!("{client} is of a realm that did not speak"));
    }
    let is_local = client.realm() == HERE.as_bytes();
    if is_local && !part.transited.contents.is_empty() {
        return Err(format!("{client} came through another realm"));
    }
    if is_user && part.flags.contains(TicketFlags::INITIAL) {
        return Err(format!("{client}'s ticket for {service} is an initial one"));
    }
    check_data(part, client)?;
    check_times(world, part, client)
}

/// A principal that was locked meanwhile has no part in a ticket.
fn check_locked(world: &World, shown: &Held, held: &Held) -> Result<(), String> {
    let Some(locked) = &world.locked else {
        return Ok(());
    };
    let trust = Principal::ticket_granting(HERE, THERE);
    let parts = [&shown.client, &shown.service, &held.client, &held.service];
    let has_part = |name: &&&Principal| {
        let is_foreign = name.realm() != HERE.as_bytes();
        world.canonical(name) == *locked || (*locked == trust && is_foreign)
    };
    match parts.iter().find(has_part) {
        Some(name) => Err(format!("{locked} is locked, and {name} is served")),
        None => Ok(()),
    }
}

fn check_data(part: &EncTicketPart, client: &Principal) -> Result<(), String> {
    let data = part.authorization_data.as_deref().unwrap_or_default();
    let signed = part.flags.intersects(SHOWN_AGAIN);
    let others = if signed {
        data.split_last().map_or(data, |(_, others)| others)
    } else {
        data
    };
    match others.iter().find(|element| hides(element)) {
        Some(element) => Err(format!("{} of {client}", element.ad_type)),
        None => Ok(()),
    }
}

fn check_times(world: &World, part: &EncTicketPart, client: &Principal) -> Result<(), String> {
    let latest = world.now.seconds() + world.policy.max_life.seconds();
    let renewable = world.now.seconds() + world.policy.max_renewable_life.seconds();
    let is_short = part.endtime.seconds() <= latest
        && part
            .renew_till
            .is_none_or(|till| till.seconds() <= renewable);
    if is_short {
        Ok(())
    } else {
        Err(format!("{client}'s ticket lives too long"))
    }
}

/// Whether there is what only a KDC can state, at any depth.
fn hides(element: &AuthorizationDataEntry) -> bool {
    if element.ad_type == AdType::IF_RELEVANT {
        let inner = AdIfRelevant::decode(&element.ad_data).unwrap_or_default();
        return inner.iter().any(hides);
    }
    STATED.contains(&element.ad_type)
}

/// What only a KDC can state, more or less deep.
fn stated(chance: &mut Chance) -> AuthorizationDataEntry {
    let mut element = AuthorizationDataEntry {
        ad_type: chance.one_of(&STATED, AdType(4711)),
        ad_data: b"forged".as_slice().into(),
    };
    for _ in 0..chance.index(12) {
        let inner: AdIfRelevant = vec![element.clone()];
        if let Ok(octets) = inner.encode() {
            element = AuthorizationDataEntry {
                ad_type: AdType::IF_RELEVANT,
                ad_data: octets.into(),
            };
        }
    }
    element
}

fn any_client(world: &World, chance: &mut Chance) -> Principal {
    let index = chance.index(world.clients.len());
    let client = world.clients.get(index).or(world.clients.first());
    client.map_or_else(|| Principal::new(HERE, ["nobody"]), Clone::clone)
}

fn any_service(world: &World, chance: &mut Chance) -> Principal {
    let index = chance.index(world.names.len());
    let name = world.names.get(index).or(world.names.first());
    name.map_or_else(|| Principal::new(HERE, ["nothing"]), Clone::clone)
}

fn any_flags(chance: &mut Chance) -> TicketFlags {
    let mut flags = TicketFlags::empty();
    for _ in 0..=chance.index(3) {
        flags |= chance.one_of(&FLAGS, TicketFlags::empty());
    }
    flags
}

fn any_transited(chance: &mut Chance) -> &'static [u8] {
    chance.one_of(
        &[b"THERE.TEST".as_slice(), b".,.,.,", b"HERE.TEST", b""],
        b"",
    )
}

fn later(world: &World, chance: &mut Chance) -> KerberosTime {
    let seconds = world.now.seconds() + chance.between(0, 99 * 86_400);
    KerberosTime::from_seconds(seconds).unwrap_or(KerberosTime::MAX)
}

/// So many requests in each world.
const TRIES: usize = 40;
/// Header ticket, its client, service, subject, additional ticket, its client, the ticket-granting service twice, and
/// realms on the way to the service.
const MOST_LOOK_UPS: usize = 12;

const OPTIONS: [KdcOptions; 12] = [
    KdcOptions::RENEW,
    KdcOptions::VALIDATE,
    KdcOptions::FORWARDED,
    KdcOptions::PROXY,
    KdcOptions::ENC_TKT_IN_SKEY,
    KdcOptions::CNAME_IN_ADDL_TKT,
    KdcOptions::FORWARDABLE,
    KdcOptions::PROXIABLE,
    KdcOptions::RENEWABLE,
    KdcOptions::ALLOW_POSTDATE,
    KdcOptions::POSTDATED,
    KdcOptions::CANONICALIZE,
];

const FLAGS: [TicketFlags; 9] = [
    TicketFlags::FORWARDABLE,
    TicketFlags::RENEWABLE,
    TicketFlags::PROXIABLE,
    TicketFlags::MAY_POSTDATE,
    TicketFlags::INVALID,
    TicketFlags::INITIAL,
    TicketFlags::PRE_AUTHENT,
    TicketFlags::HW_AUTHENT,
    TicketFlags::ANONYMOUS,
];

/// Flags of tickets that the KDC signs.
const SHOWN_AGAIN: TicketFlags = TicketFlags::FORWARDABLE
    .union(TicketFlags::RENEWABLE)
    .union(TicketFlags::PROXIABLE)
    .union(TicketFlags::INVALID);

const STATED: [AdType; 4] = [
    AdType::WIN2K_PAC,
    AdType::CAMMAC,
    AdType::AUTHENTICATION_INDICATOR,
    AdType::KDC_ISSUED,
];
