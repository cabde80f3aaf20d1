//! A realm with one client and one service, and what can be made to be wrong in it.

extern crate std;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use std::sync::Mutex;

use orthros_asn1::{
    ApReq, Authenticator, EncTicketPart, EncryptionKey, EncryptionType, Exactly, KerberosTime,
    Message, Raw, SecretOctets, Ticket, TicketFlags, TransitedEncoding, TransitedType, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage};

use super::super::*;
use crate::wire;
use orthros_testing::random::SeededRandom;
use orthros_types::config::Config;
use orthros_types::keytab::{Keytab, KeytabEntry};
use orthros_types::{
    ChannelBindings, Credential, Duration, KeyBlock, Principal, TicketTimes, Timestamp,
};
use orthros_types::{Freshness, ReplayCache, ReplayCacheError, ReplayRecord, ReplayTag};

pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(super) const SKEW: Duration = Duration::from_seconds(300);
pub(super) const HOUR: Duration = Duration::from_seconds(3600);

pub(super) fn client() -> Principal {
    Principal::new("ORTHROS.TEST", ["alice"])
}

pub(super) fn server() -> Principal {
    Principal::host_based("host", "gate.orthros.test", "ORTHROS.TEST")
}

/// A key that is the same whenever the same is asked for.
pub(in crate::ap) fn key(enctype: Enctype, seed: u64) -> Key {
    enctype.random_key(&mut SeededRandom::new(seed)).unwrap()
}

fn key_block(key: &Key) -> KeyBlock {
    KeyBlock::new(
        EncryptionType(key.enctype().number()),
        key.as_bytes().to_vec(),
    )
}

pub(in crate::ap) fn keytab_entry(principal: Principal, kvno: u32, key: &Key) -> KeytabEntry {
    KeytabEntry {
        principal,
        timestamp: NOW,
        kvno,
        key: key_block(key),
    }
}

/// A ticket before it is sealed: change what the test is about.
pub(super) struct Issue {
    pub(super) part: EncTicketPart,
    pub(super) server: Principal,
    pub(super) kvno: Option<u32>,
    pub(super) service_key: Key,
    pub(super) session_key: Key,
}

impl Issue {
    pub(super) fn new(enctype: Enctype) -> Self {
        let session_key = key(enctype, 1);
        let time = |time: Timestamp| KerberosTime::from_seconds(time.seconds()).unwrap();
        Self {
            part: EncTicketPart {
                flags: TicketFlags::INITIAL | TicketFlags::PRE_AUTHENT,
                key: EncryptionKey {
                    keytype: EncryptionType(enctype.number()),
                    keyvalue: SecretOctets::new(session_key.as_bytes().to_vec()),
                },
                crealm: wire::realm(&client()),
                cname: wire::principal_name(&client()),
                transited: TransitedEncoding {
                    tr_type: TransitedType::DOMAIN_X500_COMPRESS,
                    contents: Vec::new().into(),
                },
                authtime: time(NOW.saturating_sub(HOUR)),
                starttime: None,
                endtime: time(NOW.saturating_add(HOUR)),
                renew_till: None,
                caddr: None,
                authorization_data: None,
            },
            server: server(),
            kvno: Some(3),
            service_key: key(enctype, 2),
            session_key,
        }
    }

    pub(super) fn credential(&self) -> Credential {
        self.credential_of(&self.part.encode().unwrap())
    }

    /// The credential whose ticket contains these octets, whatever they are.
    pub(super) fn credential_of(&self, plaintext: &[u8]) -> Credential {
        let mut enc_part = wire::encrypt(
            &self.service_key,
            KeyUsage::KDC_REP_TICKET,
            plaintext,
            &mut SeededRandom::new(3),
        )
        .unwrap();
        enc_part.kvno = self.kvno.map(UInt32);
        let ticket = Ticket {
            tkt_vno: Exactly,
            realm: wire::realm(&self.server),
            sname: wire::principal_name(&self.server),
            enc_part,
        };
        Credential {
            client: wire::principal(&self.part.crealm, &self.part.cname),
            server: self.server.clone(),
            session_key: key_block(&self.session_key),
            times: TicketTimes {
                authtime: wire::timestamp(self.part.authtime),
                starttime: self.part.starttime.map(wire::timestamp),
                endtime: wire::timestamp(self.part.endtime),
                renew_till: None,
            },
            is_skey: false,
            flags: self.part.flags,
            addresses: Vec::new(),
            authorization_data: Vec::new(),
            ticket: ticket.encode().unwrap(),
            second_ticket: Vec::new(),
        }
    }
}

/// An acceptor's surroundings.
pub(super) struct Service {
    pub(super) keys: Keytab,
    pub(super) name: AcceptorName,
    pub(super) store: Store,
    pub(super) skew: Duration,
    pub(super) bindings: Option<ChannelBindings>,
    pub(super) require_bindings: bool,
    pub(super) without_gss_checksum: bool,
    pub(super) permitted: &'static [Enctype],
    pub(super) realm_paths: Option<Config>,
}

impl Service {
    pub(super) fn new(enctype: Enctype) -> Self {
        Self::with_keys(Vec::from([keytab_entry(server(), 3, &key(enctype, 2))]))
    }

    pub(super) fn with_keys(entries: Vec<KeytabEntry>) -> Self {
        Self {
            keys: Keytab::new(entries),
            name: AcceptorName::Any,
            store: Store::default(),
            skew: SKEW,
            bindings: None,
            require_bindings: false,
            without_gss_checksum: false,
            permitted: Enctype::ALL,
            realm_paths: None,
        }
    }

    pub(super) fn accept(&self, token: &[u8]) -> Result<Accepted, AcceptError> {
        self.accept_at(token, NOW)
    }

    pub(super) fn accept_at(&self, token: &[u8], now: Timestamp) -> Result<Accepted, AcceptError> {
        self.accept_with(token, now, 4)
    }

    pub(super) fn accept_with(
        &self,
        token: &[u8],
        now: Timestamp,
        seed: u64,
    ) -> Result<Accepted, AcceptError> {
        self.acceptor()
            .accept(token, now, &mut SeededRandom::new(seed))
    }

    pub(super) fn accept_dce(&self, token: &[u8], seed: u64) -> Result<DceAccepted, AcceptError> {
        let Ok(FirstToken::DceApReq(token)) = FirstToken::parse(token) else {
            panic!("not of DCE style");
        };
        self.acceptor()
            .accept_dce_request(token, NOW, &mut SeededRandom::new(seed))
    }

    pub(super) fn acceptor(&self) -> Acceptor<'_> {
        Acceptor {
            keys: &self.keys,
            name: &self.name,
            replay_cache: &self.store,
            clock_skew: self.skew,
            channel_bindings: self.bindings.as_ref(),
            require_channel_bindings: self.require_bindings,
            without_gss_checksum: self.without_gss_checksum,
            permitted_enctypes: self.permitted,
            realm_paths: self.realm_paths.as_ref(),
        }
    }

    /// The defect for which a request is refused.
    #[track_caller]
    pub(super) fn refuses(&self, token: &[u8]) -> ApCheckError {
        match self.accept(token).unwrap_err().into_parts().0 {
            ApError::Misbehaved(defect) => *defect,
            other => panic!("{other}"),
        }
    }
}

/// A replay cache that purges as it should.
#[derive(Default)]
pub(super) struct Store {
    seen: Mutex<BTreeMap<ReplayTag, Timestamp>>,
    pub(super) is_broken: bool,
}

impl Store {
    pub(super) fn len(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

impl ReplayCache for Store {
    fn check_and_store(
        &self,
        record: &ReplayRecord,
        now: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        if self.is_broken {
            return Err(ReplayCacheError::new("disk on fire"));
        }
        let mut seen = self.seen.lock().unwrap();
        seen.retain(|_, expiry| *expiry >= now);
        Ok(match seen.insert(*record.tag(), record.expiry()) {
            None => Freshness::Fresh,
            Some(_) => Freshness::Replayed,
        })
    }
}

pub(in crate::ap) fn options(flags: ContextFlags) -> InitiatorOptions<'static> {
    InitiatorOptions {
        flags,
        ..InitiatorOptions::default()
    }
}

/// A first token, and the initiator that waits for the answer to it.
pub(super) fn mutual(credential: &Credential) -> (Vec<u8>, AwaitingReply) {
    let options = options(ContextFlags::MUTUAL);
    let initiation = initiate(credential, &options, NOW, &mut SeededRandom::new(5)).unwrap();
    match initiation.next {
        Initiated::AwaitingReply(next) => (initiation.token, *next),
        other => panic!("{other:?}"),
    }
}

/// A first token of an initiator that waits for an answer.
pub(super) fn request(credential: &Credential) -> Vec<u8> {
    mutual(credential).0
}

/// The request with its authenticator changed by a party that knows the session key.
pub(super) fn with_authenticator(
    issue: &Issue,
    token: &[u8],
    change: impl FnOnce(&mut Authenticator),
) -> Vec<u8> {
    with_request(token, |request| {
        let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
        let plaintext = issue
            .session_key
            .decrypt(usage, &request.authenticator.cipher)
            .unwrap();
        let mut authenticator = Authenticator::decode(&plaintext).unwrap();
        change(&mut authenticator);
        request.authenticator = wire::encrypt(
            &issue.session_key,
            usage,
            &authenticator.encode().unwrap(),
            &mut SeededRandom::new(6),
        )
        .unwrap();
    })
}

/// The request with its outside changed by anybody.
pub(super) fn with_request(token: &[u8], change: impl FnOnce(&mut ApReq)) -> Vec<u8> {
    let (mechanism, token_id, message) = token::unframe(token).unwrap();
    let mut request = ApReq::decode(message).unwrap();
    change(&mut request);
    token::frame(mechanism, token_id, &request.encode().unwrap())
}

/// The request with another ticket in it.
pub(super) fn with_ticket(token: &[u8], ticket: &[u8]) -> Vec<u8> {
    with_request(token, |request| {
        request.ticket = Raw::decode(ticket).unwrap();
    })
}
