//! The realm.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use orthros_asn1::{
    EncKdcRepPart, EncTicketPart, KrbError, Message as _, MethodData, PrincipalName, Raw, Realm,
    Ticket,
};
use orthros_crypto::{Key, KeyUsage};
use orthros_kdc::{
    Answer, Kdc, MemoryStore, PrincipalEntry, PrincipalFlags, PrincipalKey, RealmPolicy, Source,
    Store as _, Transport,
};
use orthros_testing::random::SeededRandom;
use orthros_types::{Principal, Timestamp};

use super::{AES128, AES256, NOW, PASSWORD, REALM, keys, principal};

/// A realm with
///
/// - `krbtgt/ORTHROS.TEST`, kvno 3
/// - `alice`, which must preauthenticate; her password's keys have kvno 2 and a salt of their own
/// - `bob`, which need not
/// - `host/a.orthros.test` and `HTTP/b.orthros.test`
/// - `kadmin/changepw`
pub(crate) struct World {
    pub(crate) kdc: Kdc,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) now: Timestamp,
    pub(crate) source: Source,
}

/// What to change before it starts.
pub(crate) struct WorldBuilder {
    pub(crate) policy: RealmPolicy,
    pub(crate) store: Arc<MemoryStore>,
}

/// What a client has got.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) crealm: Realm,
    pub(crate) cname: PrincipalName,
    pub(crate) padata: MethodData,
    pub(crate) ticket: Raw<Ticket>,
    /// What only the client can read.
    pub(crate) part: EncKdcRepPart,
    /// The version of the key that this is in.
    pub(crate) kvno: Option<u32>,
}

impl WorldBuilder {
    pub(crate) fn new() -> Self {
        let builder = Self {
            policy: RealmPolicy::new(REALM),
            store: Arc::default(),
        };
        let random = |text: &str, kvno| {
            let seed = text.len() as u64;
            PrincipalEntry::new(principal(text), keys(kvno, &[AES256, AES128], seed))
        };
        builder.put(random("krbtgt/ORTHROS.TEST", 3));
        builder.put(random("bob", 1));
        builder.put(random("host/a.orthros.test", 5));
        builder.put(random("HTTP/b.orthros.test", 1));
        let mut changepw = random("kadmin/changepw", 1);
        changepw.flags |= PrincipalFlags::PASSWORD_CHANGE_SERVICE;
        builder.put(changepw);
        builder.put(alice());
        builder
    }

    pub(crate) fn put(&self, entry: PrincipalEntry) {
        self.store.put(entry).unwrap();
    }

    /// Changes a principal.
    pub(crate) fn with(self, text: &str, change: impl FnOnce(&mut PrincipalEntry)) -> Self {
        let found = self.store.find(&principal(text)).unwrap();
        let mut entry = (*found.expect("principal is there")).clone();
        change(&mut entry);
        self.put(entry);
        self
    }

    pub(crate) fn flags(self, text: &str, flags: PrincipalFlags) -> Self {
        self.with(text, |entry| entry.flags |= flags)
    }

    pub(crate) fn policy(mut self, change: impl FnOnce(&mut RealmPolicy)) -> Self {
        change(&mut self.policy);
        self
    }

    pub(crate) fn build(self) -> World {
        World {
            kdc: Kdc::new(self.policy, self.store.clone()),
            store: self.store,
            now: NOW,
            source: Source {
                address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                transport: Transport::Stream,
            },
        }
    }
}

impl World {
    pub(crate) fn new() -> Self {
        WorldBuilder::new().build()
    }

    pub(crate) fn answer(&self, request: &[u8]) -> Answer {
        let random = &mut SeededRandom::new(request.len() as u64);
        self.kdc.handle(request, &self.source, self.now, random)
    }

    pub(crate) fn reply(&self, request: &[u8]) -> Vec<u8> {
        self.answer(request).reply.expect("there is a reply")
    }

    /// The KRB-ERROR that a request gets.
    pub(crate) fn error(&self, request: &[u8]) -> KrbError {
        KrbError::decode(&self.reply(request)).expect("request is refused")
    }

    pub(crate) fn entry(&self, text: &str) -> Arc<PrincipalEntry> {
        let found = self.store.find(&principal(text)).unwrap();
        found.expect("principal is there")
    }

    /// What the service finds in a ticket of it.
    pub(crate) fn open(&self, ticket: &Ticket) -> EncTicketPart {
        let service = Principal::from_message(ticket.realm.clone(), ticket.sname.clone());
        let entry = self
            .store
            .find(&service)
            .unwrap()
            .expect("service is there");
        let kvno = ticket.enc_part.kvno.map(u32::from);
        let enctype = orthros_crypto::Enctype::from_number(ticket.enc_part.etype.0).unwrap();
        let key = entry.key(enctype, kvno).expect("service has the key");
        open_ticket(ticket, &key.key)
    }
}

pub(crate) fn open_ticket(ticket: &Ticket, key: &Key) -> EncTicketPart {
    let plaintext = key
        .decrypt(KeyUsage::KDC_REP_TICKET, &ticket.enc_part.cipher)
        .expect("ticket is in the service's key");
    EncTicketPart::decode(&plaintext).unwrap()
}

fn alice() -> PrincipalEntry {
    let key = |enctype| {
        let salt = b"pepper".to_vec();
        PrincipalKey::from_salted_password(PASSWORD.as_bytes(), salt, None, 2, enctype).unwrap()
    };
    let mut alice = PrincipalEntry::new(principal("alice"), vec![key(AES256), key(AES128)]);
    alice.flags |= PrincipalFlags::REQUIRES_PREAUTH;
    alice
}
