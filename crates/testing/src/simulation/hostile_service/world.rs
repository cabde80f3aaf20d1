//! The realm, and what the hostile service holds of it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use orthros_asn1::{
    EncTicketPart, EncryptedData, EncryptionKey, EncryptionType, Exactly, KerberosTime, Message,
    Raw, SecretOctets, Ticket, TicketFlags, TransitedEncoding, TransitedType, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_kdc::{
    Kdc, PrincipalEntry, PrincipalFlags, PrincipalKey, RealmPolicy, Source, Store, Transport,
};
use orthros_types::{Principal, Timestamp};

use super::super::chance::Chance;
use crate::counting_store::CountingStore;
use crate::random::SeededRandom;

/// A ticket, and what they know of it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) service: Principal,
    pub(super) client: Principal,
    pub(super) ticket: Raw<Ticket>,
    pub(super) key: Key,
    /// Its contents, if they have the key to them.
    pub(super) part: Option<EncTicketPart>,
}

pub(super) struct World {
    pub(super) kdc: Kdc,
    pub(super) policy: RealmPolicy,
    pub(super) source: Source,
    pub(super) now: Timestamp,
    pub(super) random: SeededRandom,
    /// What they hold.
    pub(super) held: Vec<Held>,
    /// Whether the other realm's KDC is one of them.
    pub(super) trusts: bool,
    /// Users who have not given them their passwords.
    pub(super) users: Vec<Principal>,
    /// Those of them who have shown the front end a forwardable ticket.
    pub(super) proved: Vec<Principal>,
    /// Who can be named.
    pub(super) clients: Vec<Principal>,
    /// What can be asked for.
    pub(super) names: Vec<Principal>,
    /// The principal that was locked, if one was.
    pub(super) locked: Option<Principal>,
    entries: Vec<PrincipalEntry>,
    store: Arc<CountingStore>,
}

impl World {
    /// A realm in which the hostile service has its own ticket-granting ticket, that of a user who is with it, and
    /// what users have shown it.
    pub(super) fn new(chance: &mut Chance) -> Result<Self, String> {
        let mut random = chance.random();
        let entries = entries(chance, &mut random)?;
        let store = Arc::new(CountingStore::default());
        for entry in &entries {
            store.put(entry.clone()).map_err(|e| e.to_string())?;
        }
        let policy = RealmPolicy::new(HERE);
        let names = entries
            .iter()
            .flat_map(|entry| core::iter::once(&entry.principal).chain(&entry.aliases))
            .cloned();
        let user = |name| Principal::new(HERE, [name]);
        let mut world = Self {
            kdc: Kdc::new(policy.clone(), store.clone()),
            policy,
            source: Source {
                address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                transport: Transport::Stream,
            },
            now: Timestamp::from_seconds(1_800_000_000),
            random,
            held: Vec::new(),
            trusts: chance.happens(300),
            users: vec![user("alice"), user("bob")],
            proved: Vec::new(),
            clients: vec![
                user("alice"),
                user("bob"),
                user("mallory"),
                Principal::new(THERE, ["eve"]),
                Principal::new("FAR.TEST", ["far"]),
                front(),
                Principal::local_ticket_granting(HERE),
            ],
            names: names.collect(),
            locked: None,
            entries,
            store,
        };
        for client in [front(), user("mallory")] {
            let tgt = world.first_ticket(&client, LENT | TicketFlags::MAY_POSTDATE)?;
            world.held.push(Held { part: None, ..tgt });
        }
        if world.trusts {
            let eve = Principal::new(THERE, ["eve"]);
            let part = world.contents(&eve, LENT)?;
            let cross = Principal::ticket_granting(HERE, THERE);
            let sealed = world.seal(&cross, INCOMING, part)?;
            world.held.push(sealed);
        }
        Ok(world)
    }

    /// Locks one of the principals.
    pub(super) fn lock(&mut self, chance: &mut Chance) -> Result<(), String> {
        let mut entry = self.entry(chance.index(self.entries.len()))?.clone();
        entry.flags |= PrincipalFlags::LOCKED;
        self.locked = Some(entry.principal.clone());
        self.store.put(entry).map_err(|error| error.to_string())
    }

    /// A ticket-granting ticket, as the AS exchange gives it.
    pub(super) fn first_ticket(
        &mut self,
        client: &Principal,
        flags: TicketFlags,
    ) -> Result<Held, String> {
        let initial = flags | TicketFlags::INITIAL | TicketFlags::PRE_AUTHENT;
        let part = self.contents(client, initial)?;
        self.seal(&Principal::local_ticket_granting(HERE), GRANTING, part)
    }

    fn contents(
        &mut self,
        client: &Principal,
        flags: TicketFlags,
    ) -> Result<EncTicketPart, String> {
        let time = |seconds| {
            let time = KerberosTime::from_seconds(self.now.seconds() + seconds);
            time.unwrap_or(KerberosTime::MAX)
        };
        let times = [time(0), time(36_000), time(500_000)];
        let key = ENCTYPE.random_key(&mut self.random);
        let key = key.map_err(|error| error.to_string())?;
        Ok(EncTicketPart {
            flags,
            key: EncryptionKey {
                keytype: EncryptionType(ENCTYPE.number()),
                keyvalue: SecretOctets::new(key.as_bytes().to_vec()),
            },
            crealm: client.to_realm(),
            cname: client.to_principal_name(),
            transited: TransitedEncoding {
                tr_type: TransitedType::DOMAIN_X500_COMPRESS,
                contents: Vec::new().into(),
            },
            authtime: times[0],
            starttime: Some(times[0]),
            endtime: times[1],
            renew_till: Some(times[2]),
            caddr: None,
            authorization_data: None,
        })
    }

    /// Contents in the key of the principal at `sealer`, as a ticket for `service`.
    pub(super) fn seal(
        &self,
        service: &Principal,
        sealer: usize,
        part: EncTicketPart,
    ) -> Result<Held, String> {
        let entry = self.entry(sealer)?;
        let key = entry.keys.first().ok_or("a principal has no key")?;
        let mut enc_part = sealed(&key.key, KeyUsage::KDC_REP_TICKET, &part)?;
        enc_part.kvno = Some(UInt32(key.kvno));
        let ticket = Ticket {
            tkt_vno: Exactly,
            realm: service.to_realm(),
            sname: service.to_principal_name(),
            enc_part,
        };
        Ok(Held {
            service: service.clone(),
            client: Principal::from_message(part.crealm.clone(), part.cname.clone()),
            ticket: Raw::new(ticket).map_err(|error| error.to_string())?,
            key: Key::new(ENCTYPE, part.key.keyvalue.expose()).map_err(|e| e.to_string())?,
            part: Some(part),
        })
    }

    /// The principals whose keys they have.
    pub(super) fn sealers(&self) -> Vec<usize> {
        if self.trusts {
            vec![FRONT, MALLORY, INCOMING, OUTGOING]
        } else {
            vec![FRONT, MALLORY]
        }
    }

    pub(super) fn entry(&self, index: usize) -> Result<&PrincipalEntry, String> {
        let entry = self.entries.get(index);
        entry.ok_or_else(|| format!("no principal {index}"))
    }

    /// What a service is called by the KDC.
    pub(super) fn canonical(&self, service: &Principal) -> Principal {
        let found = self.store.uncounted().find(service).ok().flatten();
        found.map_or_else(|| service.clone(), |entry| entry.principal.clone())
    }

    /// The key of a service's tickets, and whether they have it.
    pub(super) fn key_of(&self, service: &Principal) -> Option<(Key, bool)> {
        let name = self.canonical(service);
        let index = self.entries.iter().position(|e| e.principal == name)?;
        let key = self.entries.get(index)?.keys.first()?;
        Some((key.key.clone(), self.sealers().contains(&index)))
    }

    /// Whether it is one of them, and so has the key of the ticket.
    pub(super) fn is_own(&self, service: &Principal) -> bool {
        let own = [FRONT, MALLORY].map(|index| self.entries.get(index));
        own.iter()
            .flatten()
            .any(|entry| entry.principal == *service)
    }

    /// Which the front end may delegate to.
    pub(super) fn look_ups(&self) -> usize {
        self.store.look_ups()
    }
}

/// A message in a key.
pub(super) fn sealed(
    key: &Key,
    usage: KeyUsage,
    message: &impl Message,
) -> Result<EncryptedData, String> {
    let plaintext = message.encode().map_err(|error| error.to_string())?;
    let random = &mut SeededRandom::new(plaintext.len() as u64);
    let cipher = key.encrypt(usage, &plaintext, random);
    Ok(EncryptedData {
        etype: EncryptionType(key.enctype().number()),
        kvno: None,
        cipher: cipher.map_err(|error| error.to_string())?.into(),
    })
}

pub(super) fn front() -> Principal {
    Principal::new(HERE, ["HTTP", "front"])
}

/// Which the front end may delegate to.
pub(super) fn back() -> Principal {
    Principal::new(HERE, ["imap", "back"])
}

/// A user who is with it, and delegates to none by an account of their own.
pub(super) fn mallory() -> Principal {
    Principal::new(HERE, ["mallory"])
}

/// In the order of the constants.
fn entries(chance: &mut Chance, random: &mut SeededRandom) -> Result<Vec<PrincipalEntry>, String> {
    let here = |components: &[&str]| Principal::new(HERE, components.iter().copied());
    let mut entries = Vec::new();
    for principal in [
        Principal::local_ticket_granting(HERE),
        front(),
        back(),
        mallory(),
        Principal::ticket_granting(HERE, THERE),
        Principal::ticket_granting(THERE, HERE),
        here(&["alice"]),
        here(&["bob"]),
        here(&["imap", "other"]),
        here(&["kadmin", "changepw"]),
    ] {
        let key = PrincipalKey::random(1, ENCTYPE, random).map_err(|e| e.to_string())?;
        entries.push(PrincipalEntry::new(principal, vec![key]));
    }
    for (index, entry) in entries.iter_mut().enumerate() {
        match index {
            FRONT => {
                entry.delegation_targets = vec![back()];
                entry.aliases = vec![here(&["HTTP", "alias"])];
                // It takes its own word for users, and mallory's.
                entry.delegation_sources = vec![here(&["HTTP", "alias"]), mallory()];
            }
            BACK => entry.delegation_sources = vec![front()],
            CHANGEPW => entry.flags |= PrincipalFlags::PASSWORD_CHANGE_SERVICE,
            OTHER => entry.delegation_targets = vec![back()],
            ALICE if chance.happens(300) => {
                entry.flags |= PrincipalFlags::DISALLOW_FORWARDABLE;
            }
            _ => {}
        }
    }
    Ok(entries)
}

pub(super) const HERE: &str = "HERE.TEST";
pub(super) const THERE: &str = "THERE.TEST";
pub(super) const ENCTYPE: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;

const GRANTING: usize = 0;
const FRONT: usize = 1;
const BACK: usize = 2;
const MALLORY: usize = 3;
const INCOMING: usize = 4;
const OUTGOING: usize = 5;
const ALICE: usize = 6;
const OTHER: usize = 8;
const CHANGEPW: usize = 9;

/// What the owner of a ticket can lend, and have again.
pub(super) const LENT: TicketFlags = TicketFlags::FORWARDABLE
    .union(TicketFlags::PROXIABLE)
    .union(TicketFlags::RENEWABLE);
