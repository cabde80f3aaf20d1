//! The machines of `orthros_krb5::client`, told by a script what a driver would find out.

mod initial;
mod path;
mod service;

use std::sync::Arc;

use orthros_asn1::ErrorCode;
use orthros_krb5::client::{
    Answer, CacheUpdate, ClientError, ClientMachine, ClientSnapshot, HostQuery, Need, Progress,
};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection};
use orthros_testing::virtual_network::Network;
use orthros_types::ccache::{CacheContents, KdcOffset};
use orthros_types::config::{Config, Include, Profile, SourceFile};
use orthros_types::{Credential, Principal};

use crate::support::*;

/// What answers a machine's needs.
struct Script<'a> {
    /// What a KDC says; nothing where none is reached.
    kdc: Box<KdcFunction<'a>>,
    /// Whether every KDC is a primary one.
    all_are_primary: bool,
    /// What the resolver says.
    resolver: Box<ResolverFunction<'a>>,
    /// The password of each client; it is not to be had where there is none.
    password: Option<&'static str>,
    /// What DNS has.
    network: Network,
}

type KdcFunction<'a> = dyn FnMut(&KdcRequest, KdcSelection) -> Option<Vec<u8>> + 'a;
type ResolverFunction<'a> = dyn FnMut(&HostQuery) -> Option<String> + 'a;

/// What came of a machine, and what it needed on the way.
struct Outcome<T> {
    result: Result<T, ClientError>,
    update: CacheUpdate,
    needs: Vec<String>,
}

impl<'a> Script<'a> {
    /// KDCs that answer so, a resolver that knows nothing, and a password.
    fn new(kdc: impl FnMut(&KdcRequest, KdcSelection) -> Option<Vec<u8>> + 'a) -> Self {
        Self {
            kdc: Box::new(kdc),
            all_are_primary: false,
            resolver: Box::new(|_| None),
            password: Some(PASSWORD),
            network: Network::default(),
        }
    }

    /// Nothing is to be needed.
    fn silent() -> Self {
        Self::new(|_, _| panic!("a KDC is asked"))
    }

    /// KDCs that say these errors in turn, and then nothing.
    fn errors(codes: &'a [ErrorCode]) -> Self {
        let mut codes = codes.iter().copied();
        Self::new(move |_, _| codes.next().map(error))
    }

    fn run<M: ClientMachine>(&mut self, mut machine: M) -> Outcome<M::Output> {
        let mut random = SeededRandom::new(3);
        let mut needs = Vec::new();
        let mut answer = Answer::Begin;
        loop {
            let need = match machine.step(answer, NOW, &mut random) {
                Progress::Need(need) => need,
                Progress::Done(done) => {
                    return Outcome {
                        result: done.result,
                        update: done.update,
                        needs,
                    };
                }
            };
            needs.push(shown(&need));
            answer = self.answer(need);
        }
    }

    fn answer(&mut self, need: Need) -> Answer {
        match need {
            Need::Kdc { request, kdcs } => match (self.kdc)(&request, kdcs) {
                Some(message) => Answer::Kdc(KdcReply {
                    message,
                    from_primary: self.all_are_primary || kdcs == KdcSelection::Primary,
                }),
                None => Answer::NoKdc,
            },
            Need::HostName(query) => Answer::HostName((self.resolver)(&query)),
            Need::Dns(question) => Answer::Dns(self.network.ask_dns(&question)),
            Need::Password { .. } => match self.password {
                Some(password) => Answer::Password(SecretVec::from(password.as_bytes())),
                None => Answer::NoPassword,
            },
            Need::Keys { .. } => Answer::Keys(vec![Kdc::new().client_key]),
        }
    }
}

/// Short words for a need: the kind of KDC and what it is asked for; the host; the client.
fn shown(need: &Need) -> String {
    match need {
        Need::Kdc { request, kdcs } => {
            let body = match request.message[0] {
                0x6A => as_req(&request.message).0.req_body.into_value(),
                _ => tgs_req(&request.message).0.req_body.into_value(),
            };
            let name = body.sname.unwrap().name_string;
            let components: Vec<_> = name
                .iter()
                .map(|component| String::from_utf8_lossy(&component.0).into_owned())
                .collect();
            let realm = String::from_utf8_lossy(&request.realm).into_owned();
            let asked = String::from_utf8_lossy(&body.realm.0).into_owned();
            format!("{kdcs:?} KDC of {realm}: {}@{asked}", components.join("/"))
        }
        Need::HostName(query) => format!("name of {}", query.host),
        Need::Dns(question) => question.to_string(),
        Need::Password { client } => format!("password of {client}"),
        Need::Keys { client } => format!("keys of {client}"),
    }
}

fn config(text: &str) -> Config {
    let no_includes = |_: Include<'_>| Err("no includes");
    let file = SourceFile::new("krb5.conf", text.as_bytes());
    Config::new(Profile::parse(&file, no_includes).unwrap())
}

/// A cache of [`alice`]'s with these tickets, and this configuration.
fn snapshot(text: &str, tickets: &[Credential]) -> ClientSnapshot {
    ClientSnapshot {
        cache: "MEMORY:test".into(),
        contents: Arc::new(CacheContents::new(alice(), None, tickets.to_vec())),
        config: config(text),
        search_domains: Arc::new([]),
    }
}

/// The same, of a KDC whose clock is ahead.
fn ahead(mut snapshot: ClientSnapshot, seconds: i32) -> ClientSnapshot {
    let offset = KdcOffset {
        seconds,
        microseconds: 0,
    };
    Arc::make_mut(&mut snapshot.contents).kdc_offset = Some(offset);
    snapshot
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

/// What is to be added to the cache, by name.
fn added(update: &CacheUpdate) -> Vec<String> {
    match update {
        CacheUpdate::Nothing => Vec::new(),
        CacheUpdate::Add(entries) => entries.iter().map(|e| e.server.to_string()).collect(),
        CacheUpdate::Replace(_) => panic!("the cache is begun anew"),
    }
}
