//! `[domain_realm]`: which realm a host is in.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

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
        let mut suffix = &*host;
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

    /// By `realm_try_domains` the realms to try where neither `[domain_realm]` nor a KDC's referral says which one a
    /// host is in: its name and its parents, in capital letters. The first one that has KDCs is it.
    #[must_use]
    pub fn realms_to_try(&self, host: &str) -> Vec<String> {
        let Some(name) = clean(host) else {
            return Vec::new();
        };
        let name = name.to_ascii_uppercase();
        let tried = usize::try_from(i64::from(self.realm_try_domains()).saturating_add(1));
        let parents = core::iter::successors(Some(name.as_str()), |suffix| {
            suffix.split_once('.').map(|(_, parent)| parent)
        });
        // What has one label is no realm that is guessed.
        let candidates = parents.filter(|suffix| suffix.contains('.'));
        // A negative number is none.
        let tried = tried.unwrap_or(0).min(MOST_DOMAINS);
        candidates.take(tried).map(String::from).collect()
    }

    /// The host's parent domain in capital letters, which is a realm by convention.
    #[must_use]
    pub fn fallback_host_realm(host: &str) -> Option<String> {
        let host = clean(host)?;
        let (_, parent) = host.split_once('.')?;
        Some(parent.to_ascii_uppercase())
    }
}

/// The host's name in lower case without a final dot; `None` for an address.
fn clean(host: &str) -> Option<Cow<'_, str>> {
    let is_ipv4 = host
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && host.bytes().filter(|byte| *byte == b'.').count() == 3;
    if is_ipv4 || host.contains(':') {
        return None;
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_lower = !host.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(match is_lower {
        true => Cow::Borrowed(host),
        false => Cow::Owned(host.to_ascii_lowercase()),
    })
}

/// A host's name has up to 127 labels, and each realm may cost several questions to DNS.
const MOST_DOMAINS: usize = 8;
