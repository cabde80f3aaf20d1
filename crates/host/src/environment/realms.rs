//! Which realm names and hosts are in, where the configuration does not say it.

use std::time::Instant;

use orthros_krb5::dns::{DnsAnswer, DnsError, DnsQuestion};
use orthros_krb5::locate::{HostRealmLocator, RealmStep};
use orthros_types::config::Config;
use orthros_types::{ParsePrincipalError, ParsePrincipalProblem};

use super::Environment;

impl Environment {
    /// The realm of names that are written without one: `default_realm`; without it, with `dns_lookup_realm`, the one
    /// that a TXT record of this host or a parent domain names; else this host's domain, in capital letters.
    ///
    /// What was found out is kept, unless a name server did not answer on the way. A realm that is not `default_realm`
    /// is a guess, to be shown to the user: it names a client for which tickets are asked, and never decides what a
    /// peer may do (`auth_to_local` does not go by it).
    #[must_use]
    pub fn default_realm(&self) -> Option<String> {
        let known = self.config().default_realm();
        let known = known.or_else(|| self.shared.guessed_realm.get().map(String::as_str));
        known.map_or_else(|| self.guess_realm(), |realm| Some(realm.to_owned()))
    }

    /// Reads a name with `parse`, which is told the default realm. Where there is none in the configuration it is
    /// found out only for a name that has none itself.
    ///
    /// # Errors
    ///
    /// What `parse` says.
    pub fn in_default_realm<T>(
        &self,
        parse: impl Fn(Option<&[u8]>) -> Result<T, ParsePrincipalError>,
    ) -> Result<T, ParsePrincipalError> {
        match parse(self.config().default_realm().map(str::as_bytes)) {
            Err(error) if error.problem == ParsePrincipalProblem::MissingRealm => {
                match self.default_realm() {
                    Some(realm) => parse(Some(realm.as_bytes())),
                    None => Err(error),
                }
            }
            parsed => parsed,
        }
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
        let mut is_certain = true;
        loop {
            match locator.step(self.config()) {
                RealmStep::AskDns(question) => {
                    let answer = self.ask_dns(&question);
                    is_certain &= answer.is_ok();
                    locator.answered(answer);
                }
                RealmStep::Found(realm) => {
                    if let Some(realm) = realm.as_ref().filter(|_| is_certain) {
                        // Of two threads that have found it, one has set it for both.
                        let _ = self.shared.guessed_realm.set(realm.clone());
                    }
                    return realm;
                }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::DnsClient;
    use orthros_types::Principal;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Has no records, or is silent; counts what it is asked.
    #[derive(Debug, Default)]
    struct Dns {
        is_silent: bool,
        asked: AtomicUsize,
    }

    impl DnsClient for Dns {
        fn ask(&self, _: &DnsQuestion, _: Option<Instant>) -> Result<DnsAnswer, DnsError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if self.is_silent {
                return Err(DnsError::Unanswered {
                    attempts: Vec::new(),
                });
            }
            Ok(DnsAnswer {
                records: Vec::new(),
                ttl: std::time::Duration::ZERO,
            })
        }

        fn candidates(&self, name: &str) -> Vec<String> {
            vec![format!("{name}.search.example")]
        }
    }

    fn environment(libdefaults: &str, is_silent: bool) -> (Environment, Arc<Dns>) {
        let dns = Arc::new(Dns {
            is_silent,
            ..Dns::default()
        });
        let environment = Environment::builder()
            .config_text("krb5.conf", &format!("[libdefaults]\n{libdefaults}\n"))
            .unwrap()
            .dns(dns.clone())
            .local_hostname("host.a.example")
            .build();
        (environment, dns)
    }

    fn parse(environment: &Environment, name: &str) -> String {
        let parsed = environment.in_default_realm(|realm| Principal::parse(name, realm));
        parsed.unwrap().to_string()
    }

    #[test]
    fn a_realm_is_guessed_only_for_names_that_have_none() {
        let (environment, dns) = environment("dns_lookup_realm = true", false);
        assert_eq!(parse(&environment, "bob@R"), "bob@R");
        assert_eq!(dns.asked.load(Ordering::Relaxed), 0);
        assert_eq!(parse(&environment, "bob"), "bob@A.EXAMPLE");
        assert_eq!(dns.asked.load(Ordering::Relaxed), 4);
        // What was found out is kept.
        assert_eq!(parse(&environment, "bob"), "bob@A.EXAMPLE");
        assert_eq!(dns.asked.load(Ordering::Relaxed), 4);
    }

    #[test]
    fn a_guess_that_a_name_server_had_no_part_in_is_not_kept() {
        let (environment, dns) = environment("dns_lookup_realm = true", true);
        for asked in [4, 8] {
            assert_eq!(parse(&environment, "bob"), "bob@A.EXAMPLE");
            assert_eq!(dns.asked.load(Ordering::Relaxed), asked);
        }
    }

    #[test]
    fn by_default_the_hosts_domain_is_its_realm_and_dns_is_not_asked() {
        let (guessing, dns) = environment("", false);
        assert_eq!(parse(&guessing, "bob"), "bob@A.EXAMPLE");
        assert_eq!(dns.asked.load(Ordering::Relaxed), 0);
        let (configured, _) = environment("default_realm = R", false);
        assert_eq!(parse(&configured, "bob"), "bob@R");
        assert_eq!(configured.default_realm().unwrap(), "R");
    }
}
