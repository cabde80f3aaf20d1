//! Which realm names and hosts are in, where the configuration does not say it.

use std::time::Instant;

use orthros_krb5::dns::{DnsAnswer, DnsError, DnsQuestion};
use orthros_krb5::locate::{HostRealmLocator, RealmStep};
use orthros_types::config::Config;

use super::Environment;

impl Environment {
    /// The realm of names that are written without one: `default_realm`; without it, with `dns_lookup_realm`, the one
    /// that a TXT record of this host or a parent domain names; else this host's domain, in capital letters.
    ///
    /// What was found out is kept. A realm that is not `default_realm` is a guess, to be shown to the user: it names a
    /// client for which tickets are asked, and never decides what a peer may do (`auth_to_local` does not go by it).
    #[must_use]
    pub fn default_realm(&self) -> Option<&str> {
        let configured = self.config().default_realm();
        configured.or_else(|| {
            let guessed = &self.shared.guessed_realm;
            guessed.get_or_init(|| self.guess_realm()).as_deref()
        })
    }

    /// What DNS has, within `request_timeout`.
    pub(crate) fn ask_dns(&self, question: &DnsQuestion) -> Result<DnsAnswer, DnsError> {
        let timeout = self.config().request_timeout().ok().flatten();
        let timeout = timeout.and_then(|timeout| u64::try_from(timeout.seconds()).ok());
        let deadline = timeout.filter(|seconds| *seconds > 0).and_then(|seconds| {
            Instant::now().checked_add(std::time::Duration::from_secs(seconds))
        });
        self.shared.dns.ask(question, deadline)
    }

    fn guess_realm(&self) -> Option<String> {
        let host = self.qualified_hostname()?;
        let searched = match self.config().dns_lookup_realm() {
            true => self.shared.dns.candidates("_kerberos"),
            false => Vec::new(),
        };
        let mut locator = HostRealmLocator::of_this_host(&host, &searched, self.config());
        loop {
            match locator.step(self.config()) {
                RealmStep::AskDns(question) => locator.answered(self.ask_dns(&question)),
                RealmStep::Found(realm) => return realm,
            }
        }
    }

    /// This host's name with its domain: as the system has it, else as the resolver has it.
    fn qualified_hostname(&self) -> Option<String> {
        let name = self.local_hostname().ok()?;
        if Config::fallback_host_realm(&name).is_some() {
            return Some(name);
        }
        let record = self.resolver().forward(&name)?;
        let canonical = record.canonical_name?;
        Config::fallback_host_realm(&canonical).map(|_| canonical)
    }
}
