//! What the KDC's exchanges cost, without sockets: a request in, the reply out.
//!
//! The KDC has its principals in memory and remembers authenticators; the requests are made by the client outside of
//! the time. Each request is another one: none is answered from memory. Randomness is the operating system's.
#![expect(
    clippy::expect_used,
    reason = "a bench of calls that fail measures nothing"
)]

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use orthros_benches::{Row, is_wanted, measure, measure_batches, print, print_head};
use orthros_crypto::Enctype;
use orthros_crypto::spake::Group;
use orthros_host::{Environment, MemoryReplayCache};
use orthros_kdc::{
    Kdc, MemoryStore, PrincipalEntry, PrincipalFlags, PrincipalKey, RealmPolicy, Source,
    Store as _, Transport,
};
use orthros_krb5::{
    AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, TgsExchange, TgsRequestOptions,
    TgsStep,
};
use orthros_types::{Credential, Principal, Timestamp};

fn main() {
    print_head();
    for enctype in [
        Enctype::AES256_CTS_HMAC_SHA1_96,
        Enctype::AES256_CTS_HMAC_SHA384_192,
    ] {
        let world = World::new(enctype);
        let name = enctype.name();
        for (what, groups) in [
            ("login by timestamp", &[][..]),
            ("login by SPAKE", &[Group::Edwards25519]),
        ] {
            world.login_figure(what, name, groups);
        }
        let demand = world.demand();
        world.figure("AS exchange", name, || world.as_req(&demand));
        let tgt = world.log_in(&[]);
        world.figure("TGS exchange", name, || world.tgs_req(&tgt));
    }
}

/// A realm with a client and a service, whose keys are all of one enctype.
struct World {
    kdc: Kdc,
    client: PrincipalKey,
    environment: Environment,
}

impl World {
    fn new(enctype: Enctype) -> Self {
        let environment = Environment::builder().build();
        let random = &mut environment.random();
        let mut key = || PrincipalKey::random(1, enctype, random).expect("there is randomness");
        let client = key();
        let store = MemoryStore::new();
        let entries = [
            (alice(), client.clone()),
            (Principal::local_ticket_granting(REALM), key()),
            (service(), key()),
        ];
        for (principal, key) in entries {
            let mut entry = PrincipalEntry::new(principal, vec![key]);
            if entry.principal == alice() {
                entry.flags |= PrincipalFlags::REQUIRES_PREAUTH;
            }
            store.put(entry).expect("names are different");
        }
        let kdc = Kdc::new(RealmPolicy::new(REALM), Arc::new(store))
            .with_replay_cache(Arc::new(MemoryReplayCache::new()));
        Self {
            kdc,
            client,
            environment,
        }
    }

    fn answer(&self, request: &[u8]) -> Vec<u8> {
        let random = &mut self.environment.random();
        let answer = self.kdc.handle(request, &SOURCE, NOW, random);
        answer.reply.expect("requests are well-formed")
    }

    /// What a client without pre-authentication is told.
    fn demand(&self) -> Vec<u8> {
        let begun = self
            .as_exchange(&[])
            .step(AsInput::Begin, NOW, &mut self.environment.random());
        match begun {
            Ok(AsStep::Send(request)) => self.answer(&request.message),
            other => unreachable!("the first step sends, not {other:?}"),
        }
    }

    /// An exchange that preauthenticates by SPAKE in these groups; by a timestamp without any.
    fn as_exchange(&self, groups: &[Group]) -> AsExchange {
        let secret = ClientSecret::Keys(vec![self.client.key.clone()]);
        let mut options = AsRequestOptions::new(alice());
        options.spake_groups = groups.to_vec();
        AsExchange::new(options, secret).expect("options are good")
    }

    fn log_in(&self, groups: &[Group]) -> Credential {
        let random = &mut self.environment.random();
        let mut exchange = self.as_exchange(groups);
        let mut step = exchange.step(AsInput::Begin, NOW, random);
        loop {
            step = match step.expect("password is right") {
                AsStep::Send(request) => {
                    let reply = self.answer(&request.message);
                    exchange.step(AsInput::Reply(&reply), NOW, random)
                }
                AsStep::Done(ticket) => return ticket.credential,
                AsStep::NeedPassword { .. } => unreachable!("there is a key"),
            };
        }
    }

    /// A request with an encrypted timestamp: the answer to a demand for it.
    fn as_req(&self, demand: &[u8]) -> Vec<u8> {
        let random = &mut self.environment.random();
        let mut exchange = self.as_exchange(&[]);
        let begun = exchange.step(AsInput::Begin, NOW, random);
        begun.expect("there is a first request");
        match exchange.step(AsInput::Reply(demand), NOW, random) {
            Ok(AsStep::Send(request)) => request.message,
            other => unreachable!("a demand is met, not {other:?}"),
        }
    }

    fn tgs_req(&self, tgt: &Credential) -> Vec<u8> {
        let random = &mut self.environment.random();
        let options = TgsRequestOptions::default();
        let exchange = TgsExchange::new(tgt, service(), options);
        let step = exchange.expect("ticket is good").step(None, NOW, random);
        match step {
            Ok(TgsStep::Send(request)) => request.message,
            other => unreachable!("the first step sends, not {other:?}"),
        }
    }

    /// All of a login, on both sides: the client has its key, and no password to make one of.
    fn login_figure(&self, what: &str, with: &str, groups: &[Group]) {
        if !is_wanted(&["kdc", what, with]) {
            return;
        }
        let time = measure(|| {
            black_box(self.log_in(groups));
        });
        print(&Row {
            what,
            with,
            octets: 0,
            time,
            floor: None,
        });
    }

    fn figure(&self, what: &str, with: &str, request: impl Fn() -> Vec<u8>) {
        if !is_wanted(&["kdc", what, with]) {
            return;
        }
        let octets = self.answer(&request());
        assert!(octets.first() != Some(&KRB_ERROR), "{what} is granted");
        let time = measure_batches(
            64,
            |count| (0..count).map(|_| request()).collect(),
            |request| {
                black_box(self.answer(request));
            },
        );
        print(&Row {
            what,
            with,
            octets: 0,
            time,
            floor: None,
        });
    }
}

fn alice() -> Principal {
    Principal::new(REALM, ["alice"])
}

fn service() -> Principal {
    Principal::host_based("host", "gate.orthros.test", REALM)
}

const REALM: &str = "ORTHROS.TEST";
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const SOURCE: Source = Source {
    address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    transport: Transport::Stream,
};
/// The first octet of a KRB-ERROR.
const KRB_ERROR: u8 = 0x7E;
