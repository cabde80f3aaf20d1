//! The host part of a host-based service's name, as `krb5_sname_to_principal` makes it.

mod lookup;

use nix::unistd::gethostname;
use orthros_types::config::ConfigError;

pub use lookup::{HostLookup, HostRecord, SystemHostLookup};

/// A host name can't be brought into the form that a service's key is filed under.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostnameError {
    /// `dns_canonicalize_hostname` is neither a boolean nor `fallback`.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The system has no name, or none that is text.
    #[error("this host has no name")]
    NoLocalName,
    /// No octets at all, or one that would end the name early.
    #[error("{host:?} is no host name")]
    Malformed {
        /// The name as given.
        host: String,
    },
}

/// What [`canonicalize`](Self::canonicalize) goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostnameRules<'a> {
    /// Whom to ask for the canonical name; nobody: the name is taken as it is.
    pub(crate) lookup: Option<&'a dyn HostLookup>,
    /// Whether the name of the address comes before the canonical name (`rdns`).
    pub(crate) reverse: bool,
    /// Behind names of one label that were not looked up: `qualify_shortname`, else the resolver's first search
    /// domain. Empty: nothing.
    pub(crate) domain: &'a str,
}

impl HostnameRules<'_> {
    /// Looks the name up or qualifies it, lowers ASCII letters and takes one dot from the end. A `:port` or `:instance`
    /// behind the name stays as it is.
    pub(crate) fn canonicalize(&self, name: &str) -> Result<String, HostnameError> {
        let (host, trailer) = split_trailer(name);
        if host.is_empty() || host.contains('\0') {
            return Err(HostnameError::Malformed {
                host: name.to_owned(),
            });
        }
        let mut canonical = self.looked_up(host).unwrap_or_else(|| self.qualified(host));
        canonical.make_ascii_lowercase();
        if canonical.ends_with('.') {
            canonical.pop();
        }
        Ok(canonical + trailer)
    }

    /// The name of the host's address, else its canonical name.
    fn looked_up(&self, host: &str) -> Option<String> {
        let lookup = self.lookup?;
        let record = lookup.forward(host)?;
        let reverse = self.reverse.then(|| lookup.reverse(record.address));
        reverse.flatten().or(record.canonical_name)
    }

    fn qualified(&self, host: &str) -> String {
        if host.contains(['.', ':']) || self.domain.is_empty() {
            return host.to_owned();
        }
        format!("{host}.{}", self.domain)
    }
}

/// The system's own name.
pub(crate) fn system_hostname() -> Result<String, HostnameError> {
    let name = gethostname().map_err(|_| HostnameError::NoLocalName)?;
    name.into_string()
        .ok()
        .filter(|name| !name.is_empty())
        .ok_or(HostnameError::NoLocalName)
}

/// The resolver's search domains, in its order: those of the last `domain` or `search` line; without one it is what follows
/// the first dot of the host's own name.
pub(crate) fn search_domains(resolv_conf: &str, local_hostname: Option<&str>) -> Vec<String> {
    let configured = resolv_conf.lines().rev().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let names_domains = matches!(words.next(), Some("domain" | "search"));
        let domains = named(words);
        (names_domains && !domains.is_empty()).then_some(domains)
    });
    let own = || local_hostname.and_then(|name| name.split_once('.'));
    configured.unwrap_or_else(|| named(own().map(|(_, domain)| domain).into_iter()))
}

/// As many as there may be, without the dots at their ends.
fn named<'a>(domains: impl Iterator<Item = &'a str>) -> Vec<String> {
    let domains = domains.map(|domain| domain.trim_end_matches('.'));
    let domains = domains.filter(|domain| !domain.is_empty());
    domains.take(MOST_DOMAINS).map(str::to_owned).collect()
}

/// As many as resolv.conf(5) guarantees; each may cost a question to the KDC.
pub(crate) const MOST_DOMAINS: usize = 6;

/// Whether a host's name has one label only, so that it stands for one in a search domain. A trailer does not count.
pub(crate) fn is_short(name: &str) -> bool {
    let (host, _) = split_trailer(name);
    !host.is_empty() && !host.contains(['.', ':'])
}

/// Divides `host:port` and `host:instance`, but no IPv6 address.
fn split_trailer(name: &str) -> (&str, &str) {
    match name.find(':') {
        Some(colon) if colon + 1 < name.len() && name.rfind(':') == Some(colon) => {
            name.split_at(colon)
        }
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    /// Without look-ups.
    fn in_domain(domain: &str) -> HostnameRules<'_> {
        HostnameRules {
            lookup: None,
            reverse: true,
            domain,
        }
    }

    /// Knows one host, under an alias and by its address.
    #[derive(Debug)]
    struct OneHost;

    impl HostLookup for OneHost {
        fn forward(&self, host: &str) -> Option<HostRecord> {
            (host == "alias").then(|| HostRecord {
                canonical_name: Some("Canonical.Example".to_owned()),
                address: Ipv4Addr::LOCALHOST.into(),
            })
        }

        fn reverse(&self, address: IpAddr) -> Option<String> {
            (address == Ipv4Addr::LOCALHOST).then(|| "Reverse.Example.".to_owned())
        }
    }

    #[test]
    fn letters_are_lowered_and_one_dot_goes() {
        let rules = in_domain("");
        assert_eq!(rules.canonicalize("WWW.Example.").unwrap(), "www.example");
        assert_eq!(rules.canonicalize("WWW").unwrap(), "www");
        assert_eq!(
            rules.canonicalize("Ünïcode.Example").unwrap(),
            "Ünïcode.example"
        );
    }

    #[test]
    fn short_names_are_qualified() {
        let rules = in_domain("Example.ORG");
        assert_eq!(rules.canonicalize("www").unwrap(), "www.example.org");
        assert_eq!(rules.canonicalize("www.sub").unwrap(), "www.sub");
        assert_eq!(rules.canonicalize("www.").unwrap(), "www");
    }

    #[test]
    fn trailers_stay_and_addresses_are_left_alone() {
        let rules = in_domain("example.org");
        assert_eq!(
            rules.canonicalize("SQL:1433").unwrap(),
            "sql.example.org:1433"
        );
        assert_eq!(
            rules.canonicalize("sql:Instance").unwrap(),
            "sql.example.org:Instance"
        );
        assert_eq!(rules.canonicalize("FE80::1").unwrap(), "fe80::1");
    }

    #[test]
    fn names_that_are_none() {
        let rules = in_domain("");
        for name in ["", ":88", "a\0b"] {
            assert_eq!(
                rules.canonicalize(name),
                Err(HostnameError::Malformed {
                    host: name.to_owned()
                })
            );
        }
    }

    #[test]
    fn a_looked_up_name_is_that_of_the_address_or_the_canonical_one() {
        let rules = HostnameRules {
            lookup: Some(&OneHost),
            reverse: true,
            domain: "example",
        };
        assert_eq!(rules.canonicalize("alias").unwrap(), "reverse.example");
        assert_eq!(
            rules.canonicalize("alias:1433").unwrap(),
            "reverse.example:1433"
        );
        let forward_only = HostnameRules {
            reverse: false,
            ..rules
        };
        assert_eq!(
            forward_only.canonicalize("alias").unwrap(),
            "canonical.example"
        );
    }

    #[test]
    fn a_name_that_is_not_found_is_qualified() {
        let rules = HostnameRules {
            lookup: Some(&OneHost),
            reverse: true,
            domain: "example",
        };
        assert_eq!(rules.canonicalize("Other").unwrap(), "other.example");
    }

    #[test]
    fn the_last_search_line_counts_with_all_its_domains() {
        let file =
            "search first.example second.example\n# search comment.example\ndomain last.example.\n";
        assert_eq!(search_domains(file, None), ["last.example"]);
        assert_eq!(
            search_domains("domain a.example\nsearch b.example c.example. .\n", None),
            ["b.example", "c.example"]
        );
        assert_eq!(
            search_domains("nameserver 127.0.0.1\n", Some("www.own.example")),
            ["own.example"]
        );
        assert!(search_domains("search\n", Some("www")).is_empty());
        let many = "search".to_owned() + &" a.example".repeat(1000);
        assert_eq!(search_domains(&many, None).len(), MOST_DOMAINS);
    }

    #[test]
    fn a_name_of_one_label_is_short_with_a_port_too() {
        assert!(is_short("www") && is_short("sql:1433"));
        assert!(!is_short("www.") && !is_short("www.example") && !is_short("fe80::1"));
    }
}
