//! `[domain_realm]`: which realm a host is in.

use alloc::string::String;

use super::Config;

impl Config {
    /// The realm of a host by `[domain_realm]`; `None` leaves it to the KDC's referrals.
    ///
    /// The host's own name is looked up, then its parent domain with a dot before it and without, then that one's
    /// parent: for `a.b.c` these are `a.b.c`, `.b.c`, `b.c`, `.c` and `c`. Case and a final dot don't count;
    /// an address is in no domain.
    #[must_use]
    pub fn host_realm(&self, host: &str) -> Option<&str> {
        let host = clean(host)?;
        let mut suffix = host.as_str();
        loop {
            if let Some(realm) = self.profile().value(&["domain_realm", suffix]) {
                return Some(realm.text);
            }
            suffix = match suffix.strip_prefix('.') {
                Some(without_dot) => without_dot,
                None => suffix.get(suffix.find('.')?..)?,
            };
        }
    }

    /// The realm to try where nothing else says which it is: the host's parent domain in capital letters.
    #[must_use]
    pub fn fallback_host_realm(host: &str) -> Option<String> {
        let host = clean(host)?;
        let (_, parent) = host.split_once('.')?;
        Some(parent.to_ascii_uppercase())
    }
}

/// The host's name in lower case without a final dot; `None` for an address.
fn clean(host: &str) -> Option<String> {
    let is_ipv4 = host
        .bytes()
        .all(|octet| octet.is_ascii_digit() || octet == b'.')
        && host.bytes().filter(|octet| *octet == b'.').count() == 3;
    if is_ipv4 || host.contains(':') {
        return None;
    }
    Some(host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase())
}
