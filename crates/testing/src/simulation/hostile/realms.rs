//! The realms, who is in them, and which keys X has.

use std::sync::Arc;

use orthros_asn1::{EncTicketPart, Message as _, Ticket};
use orthros_crypto::{Enctype, KeyUsage};
use orthros_kdc::{
    HostRealm, Kdc, MemoryStore, PrincipalEntry, PrincipalFlags, PrincipalKey, RealmPath,
    RealmPolicy, Store,
};
use orthros_types::{Credential, Principal};

use crate::random::SeededRandom;

/// The principals of all realms, with keys that are made once.
#[derive(Debug)]
pub struct HostileRealms {
    own: Vec<PrincipalEntry>,
    bank: Vec<PrincipalEntry>,
    /// Of X, of Y, and of the bank's realm as X plays it.
    hostile: [Vec<PrincipalEntry>; 3],
}

/// A KDC, by whom it is run.
pub(super) struct RealmKdc {
    pub(super) realm: &'static str,
    pub(super) kdc: Kdc,
    /// Whether X runs it.
    pub(super) is_hostile: bool,
}

impl HostileRealms {
    /// The realms, the same in each run.
    #[must_use]
    pub fn new() -> Self {
        let random = &mut SeededRandom::new(23);
        let mut with_key = |principal: Principal| {
            let key = PrincipalKey::random(1, ENCTYPE, random);
            PrincipalEntry::new(principal, key.into_iter().collect())
        };
        let mut tgs = |served, issuer| with_key(Principal::ticket_granting(served, issuer));
        let (bank_trust, x_trust) = (tgs(BANK, OWN), tgs(X, OWN));
        let (bank_by_x, y_by_x) = (tgs(BANK, X), tgs(Y, BANK));
        let own = vec![tgs(OWN, OWN), bank_trust.clone(), x_trust.clone()];
        let bank = vec![tgs(BANK, BANK), bank_trust];
        let x = vec![tgs(X, X), x_trust, bank_by_x.clone()];
        let y = vec![tgs(Y, Y), y_by_x.clone()];
        let played = vec![tgs(BANK, BANK), bank_by_x, y_by_x];
        let mut web = |host, realm| with_key(Principal::host_based("HTTP", host, realm));
        let (www, vault) = (web("www.own.test", OWN), web("www.bank.test", BANK));
        let hostile = [
            (x, web("www.x.test", X)),
            (y, web("www.y.test", Y)),
            (played, web("www.bank.test", BANK)),
        ];
        let users = [user(), other_user(), gate()].map(with_password);
        Self {
            own: own.into_iter().chain([www]).chain(users).collect(),
            bank: bank.into_iter().chain([vault]).collect(),
            hostile: hostile.map(|(mut entries, service)| {
                entries.push(service);
                entries
            }),
        }
    }

    /// All KDCs; that of the bank's realm which X runs stands before the bank's.
    pub(super) fn kdcs(&self) -> Vec<RealmKdc> {
        let [x, y, played] = &self.hostile;
        let through = |client: &str, service: &str, through: &[&str]| RealmPath {
            client_realm: client.into(),
            service_realm: service.into(),
            through: through.iter().map(|realm| (*realm).into()).collect(),
        };
        let mut own = RealmPolicy::new(OWN);
        own.paths.push(through(OWN, Y, &[X]));
        own.host_realms.push(HostRealm {
            domain: b".x.test".to_vec(),
            realm: X.into(),
        });
        let mut leading_astray = RealmPolicy::new(X);
        leading_astray.paths.push(through(X, Y, &[BANK]));
        let kdc = |realm, mut policy: RealmPolicy, entries: &[PrincipalEntry], is_hostile: bool| {
            policy.rejects_unchecked_paths = !is_hostile;
            RealmKdc {
                realm,
                kdc: Kdc::new(policy, store(entries)),
                is_hostile,
            }
        };
        vec![
            kdc(OWN, own, &self.own, false),
            kdc(X, leading_astray, x, true),
            kdc(Y, RealmPolicy::new(Y), y, true),
            kdc(BANK, RealmPolicy::new(BANK), played, true),
            kdc(BANK, RealmPolicy::new(BANK), &self.bank, false),
        ]
    }

    /// The client that the true service reads in a ticket, or why it reads none.
    pub(super) fn client_in(
        &self,
        held: &Credential,
        service: &Principal,
    ) -> Result<Principal, &'static str> {
        let entries = self.own.iter().chain(&self.bank);
        let mut entries = entries.filter(|entry| {
            let is_open = service.realm().is_empty();
            entry.principal.name_eq(service) && (is_open || entry.principal == *service)
        });
        let entry = entries.next().ok_or("no honest realm has such a service")?;
        let ticket = Ticket::decode(&held.ticket).map_err(|_| "it is no ticket")?;
        let part = entry.keys.iter().find_map(|key| {
            let cipher = ticket.enc_part.cipher.as_ref();
            let plaintext = key.key.decrypt(KeyUsage::KDC_REP_TICKET, cipher).ok()?;
            EncTicketPart::decode(&plaintext).ok()
        });
        let part = part.ok_or("its service can't open it")?;
        let name = part.cname.name_string.iter();
        Ok(Principal::new(
            part.crealm.0.clone(),
            name.map(|component| component.0.clone()),
        ))
    }
}

impl Default for HostileRealms {
    fn default() -> Self {
        Self::new()
    }
}

/// Who logs in.
pub(super) fn user() -> Principal {
    Principal::new(OWN, ["alice"])
}

/// In whose name the gate asks for tickets.
pub(super) fn other_user() -> Principal {
    Principal::new(OWN, ["bob"])
}

/// A service that asks for tickets in the names of users, and whose ticket is the armor of logins.
pub(super) fn gate() -> Principal {
    Principal::host_based("host", "gate.own.test", OWN)
}

fn with_password(principal: Principal) -> PrincipalEntry {
    let key = PrincipalKey::from_password(&principal, PASSWORD, 1, ENCTYPE);
    let mut entry = PrincipalEntry::new(principal, key.into_iter().collect());
    entry.flags |= PrincipalFlags::REQUIRES_PREAUTH;
    entry
}

fn store(entries: &[PrincipalEntry]) -> Arc<dyn Store> {
    let store = MemoryStore::new();
    for entry in entries {
        // No two of a realm have one name.
        let _ = store.put(entry.clone());
    }
    Arc::new(store)
}

pub(super) const OWN: &str = "OWN.TEST";
pub(super) const BANK: &str = "BANK.TEST";
pub(super) const X: &str = "X.TEST";
pub(super) const Y: &str = "Y.TEST";
pub(super) const PASSWORD: &[u8] = b"correct horse";
const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
