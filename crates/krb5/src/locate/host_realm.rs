//! Which realm a host is in, where `[domain_realm]` does not say it.
//!
//! What DNS says here is believed only as far as the configuration wants it (`dns_lookup_realm`, `realm_try_domains`),
//! which by default is not at all: a realm that is wrong, and trusted by the own one, could vouch for the host.

use alloc::borrow::{Cow, ToOwned as _};
use alloc::format;
use alloc::string::String;
use alloc::vec::{self, Vec};
use core::iter::successors;

use orthros_types::config::Config;

use super::{KdcLocator, LocateStep};
use crate::dns::{DnsAnswer, DnsError, DnsName, DnsQuestion, DnsRecord, RecordType};
use crate::transport::KdcSelection;

/// What a locator needs, or has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RealmStep {
    /// The answer to this question, for [`HostRealmLocator::answered`].
    AskDns(DnsQuestion),
    /// The realm, or that there is none to be tried.
    Found(Option<String>),
}

/// Finds the realm of a host, or of this host: the one that names without a realm are in.
#[derive(Clone, Debug)]
pub struct HostRealmLocator {
    /// The names whose TXT records are still to be asked for.
    texts: vec::IntoIter<String>,
    /// The realms of which it is still to be seen whether they have KDCs.
    realms: vec::IntoIter<String>,
    /// Whose answer is waited for.
    state: State,
    /// Where nothing else says one.
    last_resort: Option<String>,
}

#[derive(Clone, Debug)]
enum State {
    Idle,
    /// A TXT record's.
    Text,
    /// That of the servers of this realm.
    Servers(String, KdcLocator<'static>),
    Found(String),
}

impl HostRealmLocator {
    /// The realm to try for a host that the KDC of the client's realm does not know, as MIT guesses it: with
    /// `dns_lookup_realm` what a TXT record of the host or a parent domain says; with `realm_try_domains` the first of
    /// the host's name and its parents that has KDCs; else the parent domain, in capital letters. An address has none.
    #[must_use]
    pub fn of_host(host: &str, config: &Config) -> Self {
        Self {
            texts: text_names(host, config),
            realms: config.realms_to_try(host).into_iter(),
            state: State::Idle,
            last_resort: Config::fallback_host_realm(host),
        }
    }

    /// The realm that names without one are in, where there is no `default_realm`: with `dns_lookup_realm` what a TXT
    /// record of this host or a parent domain says, or of the domains that are searched; else this host's domain, in
    /// capital letters.
    ///
    /// `host` is this host's canonical name. `searched` is what the resolver makes of a name of one label, as
    /// [`ResolverConfig::candidates`](crate::dns::ResolverConfig::candidates) has it for `_kerberos`.
    #[must_use]
    pub fn of_this_host(host: &str, searched: &[String], config: &Config) -> Self {
        let mut texts: Vec<_> = text_names(host, config).collect();
        if config.dns_lookup_realm() {
            texts.extend_from_slice(searched);
        }
        Self {
            texts: texts.into_iter(),
            realms: Vec::new().into_iter(),
            state: State::Idle,
            last_resort: Config::fallback_host_realm(host),
        }
    }

    /// What is needed next, or the realm.
    pub fn step(&mut self, config: &Config) -> RealmStep {
        loop {
            match &mut self.state {
                State::Found(realm) => return RealmStep::Found(Some(realm.clone())),
                State::Servers(realm, locator) => match locator.step(config) {
                    Ok(LocateStep::AskDns(question)) => return RealmStep::AskDns(question),
                    Ok(LocateStep::Found(_)) => self.state = State::Found(core::mem::take(realm)),
                    // It has no KDCs, or none that the configuration names in a way that is understood.
                    Err(_) => self.state = State::Idle,
                },
                State::Idle | State::Text => match self.next_state() {
                    Some(question) => return RealmStep::AskDns(question),
                    None if matches!(self.state, State::Idle) => {
                        return RealmStep::Found(self.last_resort.clone());
                    }
                    None => {}
                },
            }
        }
    }

    /// Takes the answer to the question that was asked last, or why there is none. Of no effect where none was.
    pub fn answered(&mut self, answer: Result<DnsAnswer, DnsError>) {
        match &mut self.state {
            State::Text => {
                // As by MIT: without an answer the realm is looked for elsewhere.
                let records = answer.map(|answer| answer.records).unwrap_or_default();
                let realm = records.iter().find_map(realm_of);
                self.state = realm.map_or(State::Idle, State::Found);
            }
            State::Servers(_, locator) => locator.answered(answer),
            State::Idle | State::Found(_) => {}
        }
    }

    /// Goes on to the next name or realm. A name has a question; idle again, where nothing is left.
    fn next_state(&mut self) -> Option<DnsQuestion> {
        self.state = State::Idle;
        for name in self.texts.by_ref() {
            if let Some(name) = DnsName::new(&[], name.as_bytes()) {
                self.state = State::Text;
                return Some(DnsQuestion {
                    name,
                    record_type: RecordType::Txt,
                });
            }
        }
        if let Some(realm) = self.realms.next() {
            let owned = Cow::Owned(realm.clone().into_bytes());
            self.state = State::Servers(realm, KdcLocator::of(owned, KdcSelection::Any));
        }
        None
    }
}

/// Where the TXT records of a host and its parents are; none where the configuration does not want them, or it is an
/// address.
fn text_names(host: &str, config: &Config) -> vec::IntoIter<String> {
    let is_name = Config::fallback_host_realm(host).is_some();
    let suffixes = successors(Some(host), |name| {
        name.split_once('.').map(|(_, parent)| parent)
    });
    let names = suffixes
        .filter(|name| !name.is_empty() && is_name && config.dns_lookup_realm())
        .take(MOST_SUFFIXES)
        .map(|name| format!("_kerberos.{name}"));
    names.collect::<Vec<_>>().into_iter()
}

/// The realm that a TXT record says. A final dot is a common error; what can't be a realm (RFC 4120 section 6.1) is
/// passed over.
fn realm_of(record: &DnsRecord) -> Option<String> {
    let DnsRecord::Txt(text) = record else {
        return None;
    };
    let realm = str::from_utf8(text).ok()?;
    let realm = realm.strip_suffix('.').unwrap_or(realm);
    let is_odd = |letter: char| {
        letter.is_control() || letter.is_whitespace() || matches!(letter, '@' | '/' | ':')
    };
    (!realm.is_empty() && !realm.contains(is_odd)).then(|| realm.to_owned())
}

/// A host's name has up to 127 labels, each of which would cost a question.
const MOST_SUFFIXES: usize = 8;
