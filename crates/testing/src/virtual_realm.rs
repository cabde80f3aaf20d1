//! A realm without a KDC, a clock or chance: service tickets and the keys that open them.
//!
//! It is for tests and benches of what comes after a ticket; nothing in it is secret, and the same
//! comes out of it each time.

use orthros_asn1::{
    EncTicketPart, EncryptedData, EncryptionKey, EncryptionType, Exactly, KerberosTime, Message,
    PrincipalName, Realm, SecretOctets, Ticket, TransitedEncoding, TransitedType, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage, RandomSource};
use orthros_krb5::ap::{
    Accepted, Acceptor, AcceptorName, AwaitingReply, ContextFlags, EstablishedContext, Initiated,
    Initiation, InitiatorOptions, initiate,
};
use orthros_types::keytab::{Keytab, KeytabEntry};
use orthros_types::{
    Credential, Duration, KeyBlock, Principal, TicketFlags, TicketTimes, Timestamp,
};

use crate::random::SeededRandom;
use crate::replay::NoReplays;

/// A client `alice`, a service `host/gate.orthros.test`, and the time that it is for both.
#[derive(Debug)]
pub struct VirtualRealm {
    now: Timestamp,
    session_key: Key,
    service_key: Key,
}

/// Both ends of one context.
#[derive(Debug)]
pub struct Pair {
    /// The client's.
    pub initiator: EstablishedContext,
    /// The service's.
    pub acceptor: EstablishedContext,
}

impl VirtualRealm {
    /// A realm that knows one enctype.
    #[must_use]
    pub fn new(enctype: Enctype) -> Self {
        Self {
            now: Timestamp::from_seconds(1_800_000_000),
            session_key: key(enctype, 1),
            service_key: key(enctype, 2),
        }
    }

    /// What everybody's clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> Principal {
        Principal::new(REALM, ["alice"])
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> Principal {
        Principal::host_based("host", "gate.orthros.test", REALM)
    }

    /// The keys of the service.
    #[must_use]
    pub fn keytab(&self) -> Keytab {
        Keytab::new(vec![KeytabEntry {
            principal: self.service(),
            timestamp: self.now,
            kvno: KVNO,
            key: key_block(&self.service_key),
        }])
    }

    /// The client's ticket for the service, good for another hour.
    #[must_use]
    pub fn service_ticket(&self) -> Credential {
        self.service_ticket_with(|_| ())
    }

    /// The same, with something else in it: what that is `change` says.
    #[must_use]
    pub fn service_ticket_with(&self, change: impl FnOnce(&mut EncTicketPart)) -> Credential {
        let service = self.service();
        let ticket = Ticket {
            tkt_vno: Exactly,
            realm: Realm::from(REALM),
            sname: name(&service),
            enc_part: EncryptedData {
                etype: EncryptionType(self.service_key.enctype().number()),
                kvno: Some(UInt32(KVNO)),
                cipher: self.ticket_part(change).into(),
            },
        };
        Credential {
            client: self.client(),
            server: service,
            session_key: key_block(&self.session_key),
            times: TicketTimes {
                authtime: self.now,
                starttime: None,
                endtime: self.now.saturating_add(Duration::from_hours(1)),
                renew_till: None,
            },
            is_skey: false,
            flags: TicketFlags::PRE_AUTHENT,
            addresses: Vec::new(),
            authorization_data: Vec::new(),
            ticket: encode(&ticket),
            second_ticket: Vec::new(),
        }
    }

    /// The client's first token for the service, and what waits for the answer: mutual authentication, replay and
    /// sequence detection are asked for.
    #[must_use]
    pub fn request(&self, random: &mut dyn RandomSource) -> (Vec<u8>, AwaitingReply) {
        request(&self.service_ticket(), self.now, random)
    }

    /// A mutual context of client and service, by a whole AP exchange.
    #[must_use]
    pub fn establish(&self) -> Pair {
        let mut random = SeededRandom::new(4);
        let (token, awaiting) = self.request(&mut random);
        let acceptor = Acceptor {
            keys: &self.keytab(),
            name: &AcceptorName::Any,
            replay_cache: &NoReplays,
            clock_skew: Duration::from_seconds(300),
            channel_bindings: None,
            require_channel_bindings: false,
            without_gss_checksum: false,
            permitted_enctypes: Enctype::ALL,
            realm_paths: None,
        };
        let accepted = acceptor.accept(&token, self.now, &mut random);
        let Ok(Accepted {
            token: Some(reply),
            context,
        }) = accepted
        else {
            unreachable!("a mutual request with a good ticket is accepted");
        };
        let Ok(initiator) = awaiting.step(&reply) else {
            unreachable!("the reply is to that request");
        };
        Pair {
            initiator,
            acceptor: context,
        }
    }

    fn ticket_part(&self, change: impl FnOnce(&mut EncTicketPart)) -> Vec<u8> {
        let client = self.client();
        let mut part = EncTicketPart {
            flags: TicketFlags::PRE_AUTHENT,
            key: EncryptionKey {
                keytype: EncryptionType(self.session_key.enctype().number()),
                keyvalue: SecretOctets::new(self.session_key.as_bytes().to_vec()),
            },
            crealm: Realm::from(REALM),
            cname: name(&client),
            transited: TransitedEncoding {
                tr_type: TransitedType::DOMAIN_X500_COMPRESS,
                contents: Vec::new().into(),
            },
            authtime: time(self.now),
            starttime: None,
            endtime: time(self.now.saturating_add(Duration::from_hours(1))),
            renew_till: None,
            caddr: None,
            authorization_data: None,
        };
        change(&mut part);
        let plaintext = encode(&part);
        let random = &mut SeededRandom::new(3);
        let Ok(sealed) = self
            .service_key
            .encrypt(KeyUsage::KDC_REP_TICKET, &plaintext, random)
        else {
            unreachable!("seeded randomness does not fail");
        };
        sealed
    }
}

/// As [`VirtualRealm::request`], with a ticket that need not be made anew.
#[must_use]
pub fn request(
    ticket: &Credential,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> (Vec<u8>, AwaitingReply) {
    let options = InitiatorOptions {
        flags: ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE,
        ..InitiatorOptions::default()
    };
    match initiate(ticket, &options, now, random) {
        Ok(Initiation {
            token,
            next: Initiated::AwaitingReply(awaiting),
        }) => (token, *awaiting),
        _ => unreachable!("the ticket is good, and the request mutual"),
    }
}

fn key(enctype: Enctype, seed: u64) -> Key {
    let Ok(key) = enctype.random_key(&mut SeededRandom::new(seed)) else {
        unreachable!("seeded randomness does not fail");
    };
    key
}

fn key_block(key: &Key) -> KeyBlock {
    let enctype = EncryptionType(key.enctype().number());
    KeyBlock::new(enctype, key.as_bytes().to_vec())
}

fn name(principal: &Principal) -> PrincipalName {
    let components = principal.components().iter();
    PrincipalName {
        name_type: principal.name_type(),
        name_string: components.map(|c| c.as_slice().into()).collect(),
    }
}

fn time(time: Timestamp) -> KerberosTime {
    KerberosTime::from_seconds(time.seconds()).unwrap_or(KerberosTime::EPOCH)
}

fn encode(message: &impl Message) -> Vec<u8> {
    let Ok(octets) = message.encode() else {
        unreachable!("every message of this module can be encoded");
    };
    octets
}

const REALM: &str = "ORTHROS.TEST";
const KVNO: u32 = 1;
