//! The names that a service's host may have, as `krb5_sname_to_principal` makes them.

#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use orthros_types::config::{Config, ConfigError, HostnameCanonicalization};
use orthros_types::{NameType, Principal};

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
    /// No bytes at all, or one that would end the name early.
    #[error("{host:?} is no host name")]
    Malformed {
        /// The name as given.
        host: String,
    },
}

/// What a resolver is asked for: the canonical name of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostQuery {
    /// The host, by a name or an alias of it, without a port.
    pub host: String,
    /// Whether the name of its address counts before its canonical name (`rdns`).
    pub by_address: bool,
}

/// How hosts are named: by the configuration and the resolver's search domains.
#[derive(Clone, Copy, Debug)]
pub struct HostnameRules<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The resolver's search domains, in its order.
    pub search_domains: &'a [String],
}

impl<'a> HostnameRules<'a> {
    /// What the resolver is to be asked for `name`, which may have a port.
    ///
    /// # Errors
    ///
    /// [`HostnameError::Malformed`].
    pub fn query(&self, name: &str) -> Result<HostQuery, HostnameError> {
        let (host, _) = split(name)?;
        Ok(HostQuery {
            host: host.to_owned(),
            by_address: self.config.rdns(),
        })
    }

    /// The form of a host's name that services' keys are filed under: the one that the resolver has, if it was asked
    /// and has one; else a name of one label is qualified by `qualify_shortname` or the first search domain. ASCII
    /// letters are lowered; one dot at the end goes; a `:port` or `:instance` behind the name stays.
    ///
    /// # Errors
    ///
    /// [`HostnameError::Malformed`].
    pub fn canonical(&self, name: &str, resolved: Option<String>) -> Result<String, HostnameError> {
        let domain = if is_short(name) {
            let first = self.search_domains.first().map(String::as_str);
            self.config.qualify_shortname().or(first)
        } else {
            None
        };
        canonical(name, resolved, domain.unwrap_or_default())
    }

    /// The other names that a host-based service may be known by, to be tried where the KDC does not know the first:
    /// only where `dns_canonicalize_hostname` is `fallback`, which is its default.
    ///
    /// `given_host` is the host as the caller wrote it, before it was made [canonical](Self::canonical); without it,
    /// it is the service's.
    ///
    /// # Errors
    ///
    /// As [`canonical`](Self::canonical), and [`HostnameError::Config`].
    pub fn fallback(
        &self,
        service: &Principal,
        given_host: Option<&str>,
    ) -> Result<Option<FallbackServices<'a>>, HostnameError> {
        let falls_back =
            self.config.dns_canonicalize_hostname()? == HostnameCanonicalization::Fallback;
        let [name, host] = service.components() else {
            return Ok(None);
        };
        let Ok(host) = str::from_utf8(host) else {
            return Ok(None);
        };
        if !falls_back || service.name_type() != NameType::SRV_HST {
            return Ok(None);
        }
        let given = given_host.unwrap_or(host).to_owned();
        Ok(Some(FallbackServices {
            rules: *self,
            query: self.query(&given)?,
            given,
            name: name.clone(),
            host: host.to_owned(),
            realm: service.realm().to_vec(),
        }))
    }

    /// The realm that `[domain_realm]` has for a host, or for one with a port behind it; else none.
    fn realm_of(&self, host: &str) -> &'a str {
        let bare = host.split_once(':').map_or(host, |(bare, _)| bare);
        self.config.host_realm(bare).unwrap_or_default()
    }
}

/// The other names of a host-based service, once the resolver has said what it calls the host.
#[derive(Clone, Debug)]
pub struct FallbackServices<'a> {
    rules: HostnameRules<'a>,
    query: HostQuery,
    /// The host as the caller wrote it.
    given: String,
    name: Vec<u8>,
    host: String,
    realm: Vec<u8>,
}

impl FallbackServices<'_> {
    /// What the resolver has to be asked.
    #[must_use]
    pub fn query(&self) -> &HostQuery {
        &self.query
    }

    /// The names, in the order in which they are to be tried. First comes the one that the resolver has for the host:
    /// it knows aliases, and names of one label in any of its search domains. Then, of a name of one label that
    /// `qualify_shortname` says nothing about, those in the search domains after the first.
    ///
    /// The realm goes with the host unless it was chosen by the caller.
    ///
    /// # Errors
    ///
    /// As [`HostnameRules::canonical`].
    pub fn names(&self, resolved: Option<String>) -> Result<Vec<Principal>, HostnameError> {
        let mut hosts = Vec::from([self.host.clone()]);
        for other in self.other_hosts(resolved)? {
            if !hosts.contains(&other) {
                hosts.push(other);
            }
        }
        let follows_host = self.realm == self.rules.realm_of(&self.host).as_bytes();
        let services = hosts.iter().skip(1).map(|other| {
            let realm = if follows_host {
                self.rules.realm_of(other).as_bytes()
            } else {
                &self.realm
            };
            Principal::host_based(self.name.as_slice(), other.as_str(), realm)
        });
        Ok(services.collect())
    }

    fn other_hosts(&self, resolved: Option<String>) -> Result<Vec<String>, HostnameError> {
        let mut others = Vec::from([self.rules.canonical(&self.given, resolved)?]);
        if is_short(&self.given) && self.rules.config.qualify_shortname().is_none() {
            for domain in self.rules.search_domains {
                others.push(canonical(&self.given, None, domain)?);
            }
        }
        Ok(others)
    }
}

/// The host's name in the resolver, or else in `domain`, in the form that keys are filed under.
fn canonical(name: &str, resolved: Option<String>, domain: &str) -> Result<String, HostnameError> {
    let (host, trailer) = split(name)?;
    let mut canonical = resolved.unwrap_or_else(|| qualified(host, domain));
    canonical.make_ascii_lowercase();
    if canonical.ends_with('.') {
        canonical.pop();
    }
    Ok(canonical + trailer)
}

fn qualified(host: &str, domain: &str) -> String {
    if host.contains(['.', ':']) || domain.is_empty() {
        return host.to_owned();
    }
    format!("{host}.{domain}")
}

/// A host's name and what is behind it.
fn split(name: &str) -> Result<(&str, &str), HostnameError> {
    let (host, trailer) = split_trailer(name);
    if host.is_empty() || host.contains('\0') {
        return Err(HostnameError::Malformed {
            host: name.to_owned(),
        });
    }
    Ok((host, trailer))
}

/// Whether a host's name has one label only, so that it stands for one in a search domain. A trailer does not count.
fn is_short(name: &str) -> bool {
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
