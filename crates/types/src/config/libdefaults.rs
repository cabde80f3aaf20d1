//! `[libdefaults]`.
//!
//! Every option here has an effect. What is not here has none: `allow_weak_crypto` (there are no enctypes of DES to be
//! allowed), `verify_ap_req_nofail` (verifying a ticket without a key to do it with is always refused),
//! and what concerns MIT's plugins alone.
//!
//! Options that take a `realm` may be set for it in a subsection: `[libdefaults] REALM = { forwardable = true }`.

use alloc::vec::Vec;
use core::net::IpAddr;

use orthros_asn1::KdcOptions;

use super::values::{parse_boolean, refused};
use super::{Config, ConfigError, ConfigProblem, Profile};
use crate::Duration;

/// Whether a service's host name is looked up in DNS to find its canonical name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostnameCanonicalization {
    /// Before a ticket is asked for.
    Always,
    /// The name is taken as it is given.
    Never,
    /// Only once the KDC does not know the name as it is given.
    Fallback,
}

impl Config {
    /// `default_realm`: the realm of names that have none.
    #[must_use]
    pub fn default_realm(&self) -> Option<&str> {
        self.text("default_realm")
    }

    /// `ticket_lifetime`: how long tickets are asked for; MIT asks for a day if this is not set.
    ///
    /// # Errors
    ///
    /// If it is no duration.
    pub fn ticket_lifetime(&self, realm: Option<&str>) -> Result<Option<Duration>, ConfigError> {
        self.profile().duration(realm, "ticket_lifetime")
    }

    /// `renew_lifetime`: how long tickets are to be renewable, if they are.
    ///
    /// # Errors
    ///
    /// If it is no duration.
    pub fn renew_lifetime(&self, realm: Option<&str>) -> Result<Option<Duration>, ConfigError> {
        self.profile().duration(realm, "renew_lifetime")
    }

    /// `forwardable`: whether tickets are asked for that can be delegated. No, unless set.
    #[must_use]
    pub fn forwardable(&self, realm: Option<&str>) -> bool {
        self.profile().realm_boolean(realm, "forwardable", false)
    }

    /// `proxiable`: whether tickets are asked for that can be used from elsewhere. No, unless set.
    #[must_use]
    pub fn proxiable(&self, realm: Option<&str>) -> bool {
        self.profile().realm_boolean(realm, "proxiable", false)
    }

    /// `noaddresses`: whether tickets are asked for that are good from everywhere. Yes, unless set.
    #[must_use]
    pub fn noaddresses(&self, realm: Option<&str>) -> bool {
        self.profile().realm_boolean(realm, "noaddresses", true)
    }

    /// `extra_addresses`: addresses that this host is known by elsewhere, as behind a NAT, for tickets that are
    /// [bound to addresses](Self::noaddresses). Commas or blanks are between them. MIT takes names of hosts, too.
    ///
    /// # Errors
    ///
    /// If there is something else than addresses.
    pub fn extra_addresses(&self, realm: Option<&str>) -> Result<Vec<IpAddr>, ConfigError> {
        let Some(value) = self.profile().libdefault(realm, "extra_addresses") else {
            return Ok(Vec::new());
        };
        let separators = |character: char| character == ',' || character.is_whitespace();
        let addresses = value.text.split(separators).filter(|text| !text.is_empty());
        addresses
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| refused("extra_addresses", value, ConfigProblem::NotAddress))
    }

    /// The error of a host that can't tell its addresses, where `noaddresses` wants them in tickets.
    #[must_use]
    pub fn addresses_unknown(&self, realm: Option<&str>) -> Option<ConfigError> {
        let value = self.profile().libdefault(realm, "noaddresses")?;
        Some(refused(
            "noaddresses",
            value,
            ConfigProblem::AddressesUnknown,
        ))
    }

    /// `canonicalize`: whether the KDC may change the client's name. No, unless set.
    #[must_use]
    pub fn canonicalize(&self, realm: Option<&str>) -> bool {
        self.profile().realm_boolean(realm, "canonicalize", false)
    }

    /// `kdc_default_options`: set in every request for initial tickets; renewable-ok, unless set. Forwardable,
    /// proxiable, canonicalize and renewable-ok have an effect.
    #[must_use]
    pub fn kdc_default_options(&self) -> KdcOptions {
        let number = self
            .profile()
            .libdefault(None, "kdc_default_options")
            .and_then(|value| parse_flags(value.text));
        number.map_or(KdcOptions::RENEWABLE_OK, KdcOptions::from_bits_retain)
    }

    /// `request_timeout`: how long all of an exchange with the KDCs may take; without limit, unless set.
    ///
    /// # Errors
    ///
    /// If it is no duration.
    pub fn request_timeout(&self) -> Result<Option<Duration>, ConfigError> {
        self.profile().duration(None, "request_timeout")
    }

    /// `dns_lookup_kdc`, else `dns_fallback`: whether KDCs that are not configured are looked for in DNS. Yes, unless
    /// set.
    #[must_use]
    pub fn dns_lookup_kdc(&self) -> bool {
        self.dns_lookup("dns_lookup_kdc", true)
    }

    /// `dns_lookup_realm`, else `dns_fallback`: whether realms that are not configured are looked for in TXT records.
    /// No, unless set: an answer that is wrong chooses the realm that vouches for a host.
    #[must_use]
    pub fn dns_lookup_realm(&self) -> bool {
        self.dns_lookup("dns_lookup_realm", false)
    }

    fn dns_lookup(&self, name: &str, default: bool) -> bool {
        let value = self.profile().libdefault(None, name);
        value
            .or_else(|| self.profile().libdefault(None, "dns_fallback"))
            .map_or(default, |value| parse_boolean(value.text).unwrap_or(false))
    }

    /// `dns_uri_lookup`: whether URI records are asked for before SRV records. Yes, unless set.
    #[must_use]
    pub fn dns_uri_lookup(&self) -> bool {
        self.profile().boolean_or_default("dns_uri_lookup", true)
    }

    /// `dns_canonicalize_hostname`. `fallback`, unless set.
    ///
    /// # Errors
    ///
    /// If it is neither a boolean nor `fallback`.
    pub fn dns_canonicalize_hostname(&self) -> Result<HostnameCanonicalization, ConfigError> {
        self.shared.per_context.dns_canonicalize_hostname.clone()
    }

    /// `rdns`: whether a canonical name is looked for by address too. Yes, unless set.
    #[must_use]
    pub fn rdns(&self) -> bool {
        self.profile().boolean_or_default("rdns", true)
    }

    /// `qualify_shortname`: the domain of host names without a dot. Empty: they stay without; not set: the system
    /// knows.
    #[must_use]
    pub fn qualify_shortname(&self) -> Option<&str> {
        self.text("qualify_shortname")
    }

    /// `realm_try_domains`: how many parents of a host's name are tried as its realm where its own name is none
    /// ([`realms_to_try`](Self::realms_to_try)); -1, not even the name itself, unless set.
    #[must_use]
    pub fn realm_try_domains(&self) -> i32 {
        self.profile().integer_or_default("realm_try_domains", -1)
    }

    /// `default_ccache_name`, with its `%{..}` still to be replaced.
    #[must_use]
    pub fn default_ccache_name(&self) -> Option<&str> {
        self.text("default_ccache_name")
    }

    /// `kcm_socket`: where the KCM daemon listens that `KCM:` caches are with; `-`: there is none.
    #[must_use]
    pub fn kcm_socket(&self) -> Option<&str> {
        self.text("kcm_socket")
    }

    /// `default_keytab_name`, with its `%{..}` still to be replaced.
    #[must_use]
    pub fn default_keytab_name(&self) -> Option<&str> {
        self.text("default_keytab_name")
    }

    /// `default_client_keytab_name`, with its `%{..}` still to be replaced.
    #[must_use]
    pub fn default_client_keytab_name(&self) -> Option<&str> {
        self.text("default_client_keytab_name")
    }

    /// `default_rcache_name`, as `dfl:` or `file2:PATH`.
    #[must_use]
    pub fn default_rcache_name(&self) -> Option<&str> {
        self.text("default_rcache_name")
    }

    /// `ignore_acceptor_hostname`: whether an acceptor takes tickets for any of its keytab's hosts. No, unless set.
    ///
    /// # Errors
    ///
    /// If it is no boolean.
    pub fn ignore_acceptor_hostname(&self) -> Result<bool, ConfigError> {
        self.profile()
            .strict_boolean("ignore_acceptor_hostname", false)
    }

    /// `k5login_authoritative`: whether a user's `.k5login` alone says which principals may be that user. Yes, unless
    /// set.
    ///
    /// # Errors
    ///
    /// If it is no boolean.
    pub fn k5login_authoritative(&self) -> Result<bool, ConfigError> {
        self.profile().strict_boolean("k5login_authoritative", true)
    }

    /// `k5login_directory`: where the users' `.k5login` files are, each named as its user; in their homes, unless set.
    #[must_use]
    pub fn k5login_directory(&self) -> Option<&str> {
        self.text("k5login_directory")
    }

    fn text(&self, name: &str) -> Option<&str> {
        let value = self.profile().value(&["libdefaults", name])?;
        Some(value.text)
    }
}

/// A number in tens, or in sixteens after `0x` as the manuals write it.
fn parse_flags(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse::<i32>().ok().map(i32::cast_unsigned),
    }
}

impl Profile {
    pub(super) fn hostname_canonicalization(
        &self,
    ) -> Result<HostnameCanonicalization, ConfigError> {
        let name = "dns_canonicalize_hostname";
        let Some(value) = self.libdefault(None, name) else {
            return Ok(HostnameCanonicalization::Fallback);
        };
        match parse_boolean(value.text) {
            Some(true) => Ok(HostnameCanonicalization::Always),
            Some(false) => Ok(HostnameCanonicalization::Never),
            None if value.text.eq_ignore_ascii_case("fallback") => {
                Ok(HostnameCanonicalization::Fallback)
            }
            None => Err(refused(name, value, ConfigProblem::NotBooleanOrFallback)),
        }
    }
}
