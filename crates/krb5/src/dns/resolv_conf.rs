//! resolv.conf(5): which name servers are asked, and how.

#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use core::time::Duration;

/// The name servers of a host, and how they are asked: what resolv.conf(5) says. The default is that of a host without
/// the file: its own name server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResolverConfig {
    /// `nameserver`: in the order in which they are asked. Three of the file count.
    pub name_servers: Vec<SocketAddr>,
    /// `search`, or `domain`: the domains in which a name that is not absolute is looked for. Six of the file count.
    pub search: Vec<String>,
    /// `options ndots:n`: a name with as many dots is looked for as it is before it is looked for in the domains. 1,
    /// 15 at most.
    pub ndots: usize,
    /// `options timeout:n`: how long a server is waited for at first. 5 s, 30 s at most.
    pub timeout: Duration,
    /// `options attempts:n`: how often each server is asked. 2, 5 at most.
    pub attempts: u32,
    /// `options rotate`: whether any server may be the first one to be asked.
    pub rotate: bool,
    /// `options use-vc`: whether only TCP is used.
    pub use_vc: bool,
}

impl Default for ResolverConfig {
    fn default() -> Self {
        Self {
            name_servers: Vec::from([(Ipv4Addr::LOCALHOST, PORT).into()]),
            search: Vec::new(),
            ndots: 1,
            timeout: Duration::from_secs(5),
            attempts: 2,
            rotate: false,
            use_vc: false,
        }
    }
}

impl ResolverConfig {
    /// How many search domains count, as resolv.conf(5) guarantees: each may cost a question to a KDC or to a name
    /// server.
    pub const MOST_DOMAINS: usize = 6;

    /// Reads the file's text. Lines and options that are not known are passed over, as by the system's resolver.
    /// `scope_id` has the numbers of network interfaces, for addresses like `fe80::1%eth0`.
    #[must_use]
    pub fn parse(text: &str, scope_id: impl Fn(&str) -> Option<u32>) -> Self {
        let mut config = Self::default();
        let mut name_servers = Vec::new();
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") => {
                    let server = words.next().and_then(|word| name_server(word, &scope_id));
                    name_servers.extend(server);
                }
                // The last line of either kind counts.
                Some("search" | "domain") => {
                    let domains = domains(words);
                    if !domains.is_empty() {
                        config.search = domains;
                    }
                }
                Some("options") => config.set_options(words),
                _ => {}
            }
        }
        name_servers.truncate(MOST_NAME_SERVERS);
        if !name_servers.is_empty() {
            config.name_servers = name_servers;
        }
        config
    }

    /// Sets the search domains to those of `LOCALDOMAIN`, which are separated by white space.
    pub fn set_local_domain(&mut self, value: &str) {
        self.search = domains(value.split_ascii_whitespace());
    }

    /// Sets the options of `RES_OPTIONS`, which are written as in the file.
    pub fn set_res_options(&mut self, value: &str) {
        self.set_options(value.split_ascii_whitespace());
    }

    /// `name` as it is looked for: in each search domain, and as it is; with as many dots as `ndots` says it is looked
    /// for as it is first.
    #[must_use]
    pub fn candidates(&self, name: &str) -> Vec<String> {
        let qualified = self
            .search
            .iter()
            .map(|domain| alloc::format!("{name}.{domain}"));
        let dots = name.bytes().filter(|byte| *byte == b'.').count();
        if dots >= self.ndots {
            core::iter::once(name.to_owned()).chain(qualified).collect()
        } else {
            qualified.chain(core::iter::once(name.to_owned())).collect()
        }
    }

    fn set_options<'a>(&mut self, options: impl Iterator<Item = &'a str>) {
        for option in options {
            let (name, value) = option.split_once(':').unwrap_or((option, ""));
            match (name, value.parse::<u32>()) {
                ("ndots", Ok(dots)) => self.ndots = usize::try_from(dots.min(15)).unwrap_or(15),
                ("timeout", Ok(seconds)) => {
                    self.timeout = Duration::from_secs(u64::from(seconds.clamp(1, 30)));
                }
                ("attempts", Ok(attempts)) => self.attempts = attempts.clamp(1, 5),
                ("rotate", _) => self.rotate = true,
                ("use-vc", _) => self.use_vc = true,
                _ => {}
            }
        }
    }
}

fn name_server(word: &str, scope_id: impl Fn(&str) -> Option<u32>) -> Option<SocketAddr> {
    if let Some((address, scope)) = word.split_once('%') {
        let address: Ipv6Addr = address.parse().ok()?;
        let scope = scope.parse().ok().or_else(|| scope_id(scope))?;
        return Some(SocketAddrV6::new(address, PORT, 0, scope).into());
    }
    let address: IpAddr = word.parse().ok()?;
    Some((address, PORT).into())
}

/// As many as there may be, without the dots at their ends.
fn domains<'a>(domains: impl Iterator<Item = &'a str>) -> Vec<String> {
    let domains = domains.map(|domain| domain.trim_end_matches('.'));
    let domains = domains.filter(|domain| !domain.is_empty());
    domains
        .take(ResolverConfig::MOST_DOMAINS)
        .map(str::to_owned)
        .collect()
}

const PORT: u16 = 53;
const MOST_NAME_SERVERS: usize = 3;
