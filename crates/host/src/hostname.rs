//! The host part of a host-based service's name, as `krb5_sname_to_principal` makes it.

mod lookup;

use nix::unistd::gethostname;
use orthros_krb5::client::HostnameError;

pub use lookup::{HostRecord, Resolver, SystemResolver};

/// The system's own name.
pub(crate) fn system_hostname() -> Result<String, HostnameError> {
    let name = gethostname().map_err(|_| HostnameError::NoLocalName)?;
    name.into_string()
        .ok()
        .filter(|name| !name.is_empty())
        .ok_or(HostnameError::NoLocalName)
}

/// The resolver's search domains, in its order: those of the last `domain` or `search` line; without one it is what
/// follows the first dot of the host's own name.
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
