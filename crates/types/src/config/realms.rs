//! `[realms]`: the servers of a realm.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::values::refused;
use super::{Config, ConfigError, ConfigProblem, ProfileValue};

/// A server of a realm, as the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Server {
    /// `host`, `host:port` or `[address]:port`: by datagram or stream.
    Host(ServerAddress),
    /// `https://host[:port][/path]`: through a KDC proxy (MS-KKDCP).
    Https {
        /// The proxy.
        address: ServerAddress,
        /// What follows the slash; empty if there is none.
        path: String,
    },
    /// `/path`: a socket of this host.
    UnixSocket(String),
}

/// Certificates of authorities that the certificate of a realm's KDC proxy is verified by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HttpAnchor {
    /// `FILE:path`: a file with certificates in PEM form.
    File(String),
    /// `DIR:path`: a directory of such files.
    Directory(String),
}

/// A host and a port of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerAddress {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Config {
    /// `kdc`: the realm's KDCs, in the order in which to try them. Where only [primary ones](Self::primary_kdcs) are
    /// named, those: MIT's client comes to them at its second attempt.
    ///
    /// # Errors
    ///
    /// The first that is no server's address.
    pub fn kdcs(&self, realm: &str) -> Result<Vec<Server>, ConfigError> {
        let kdcs = self.servers(realm, "kdc", KDC_PORT)?;
        if kdcs.is_empty() {
            return self.primary_kdcs(realm);
        }
        Ok(kdcs)
    }

    /// `primary_kdc`, else `master_kdc`: those whose database is never behind, to be asked again where a password is
    /// refused.
    ///
    /// # Errors
    ///
    /// The first that is no server's address.
    pub fn primary_kdcs(&self, realm: &str) -> Result<Vec<Server>, ConfigError> {
        let primary = self.servers(realm, "primary_kdc", KDC_PORT)?;
        if primary.is_empty() {
            return self.servers(realm, "master_kdc", KDC_PORT);
        }
        Ok(primary)
    }

    /// Whether the realm has KDCs here.
    #[must_use]
    pub fn has_kdcs(&self, realm: &str) -> bool {
        ["kdc", "primary_kdc", "master_kdc"]
            .iter()
            .any(|name| self.profile().value(&["realms", realm, name]).is_some())
    }

    /// `kpasswd_server`: the servers that change passwords.
    ///
    /// # Errors
    ///
    /// The first that is no server's address.
    pub fn kpasswd_servers(&self, realm: &str) -> Result<Vec<Server>, ConfigError> {
        self.servers(realm, "kpasswd_server", KPASSWD_PORT)
    }

    /// The hosts of `admin_server`, at the port where passwords are changed: asked for that where no
    /// [`kpasswd_server`](Self::kpasswd_servers) is known.
    ///
    /// # Errors
    ///
    /// The first that is no server's address.
    pub fn admin_servers(&self, realm: &str) -> Result<Vec<Server>, ConfigError> {
        let mut servers = self.servers(realm, "admin_server", KPASSWD_PORT)?;
        for server in &mut servers {
            if let Server::Host(address) = server {
                address.port = KPASSWD_PORT;
            }
        }
        Ok(servers)
    }

    /// `http_anchors`: whose certificates the realm's KDC proxies may have. Where there are none, the system's
    /// authorities.
    ///
    /// # Errors
    ///
    /// The first that is neither `FILE:path` nor `DIR:path`. MIT's `ENV:variable` is refused, too: which variables a
    /// program has is nothing that a configuration could rely on.
    pub fn http_anchors(&self, realm: &str) -> Result<Vec<HttpAnchor>, ConfigError> {
        let values = self.profile().values(&["realms", realm, "http_anchors"]);
        let anchors = values.into_iter().map(|value| {
            HttpAnchor::parse(value.text)
                .ok_or_else(|| refused("http_anchors", value, ConfigProblem::NotAnchor))
        });
        anchors.collect()
    }

    /// `sitename`: the site of this host, whose servers are asked for in DNS first.
    #[must_use]
    pub fn sitename(&self, realm: &str) -> Option<&str> {
        let value = self.profile().value(&["realms", realm, "sitename"])?;
        Some(value.text)
    }

    /// `auth_to_local`: the rules by which the realm's principals become local users, in order.
    #[must_use]
    pub fn auth_to_local(&self, realm: &str) -> Vec<ProfileValue<'_>> {
        self.profile().values(&["realms", realm, "auth_to_local"])
    }

    /// `disable_encrypted_timestamp`: whether a password is never proved by a timestamp alone. No, unless set.
    #[must_use]
    pub fn disable_encrypted_timestamp(&self, realm: &str) -> bool {
        self.profile()
            .value(&["realms", realm, "disable_encrypted_timestamp"])
            .and_then(|value| super::values::parse_boolean(value.text))
            .unwrap_or(false)
    }

    fn servers(
        &self,
        realm: &str,
        name: &str,
        default_port: u16,
    ) -> Result<Vec<Server>, ConfigError> {
        let values = self.profile().values(&["realms", realm, name]);
        let servers = values.into_iter().map(|value| {
            Server::parse(value.text, default_port)
                .ok_or_else(|| refused(name, value, ConfigProblem::NotServer))
        });
        servers.collect()
    }
}

impl Server {
    /// Reads a server as `kdc` and its like name it; nothing where it is none. Host and path of a proxy have no
    /// characters that a URL does not have there: DNS may have named it, and an HTTP client takes it as it is.
    #[must_use]
    pub fn parse(text: &str, default_port: u16) -> Option<Self> {
        if text.starts_with('/') {
            return Some(Self::UnixSocket(text.into()));
        }
        let Some(rest) = text.strip_prefix("https://") else {
            return ServerAddress::parse(text, default_port).map(Self::Host);
        };
        let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
        let address = ServerAddress::parse(address, HTTPS_PORT)?;
        let is_host = address.host.bytes().all(is_host_byte);
        (is_host && path.bytes().all(is_path_byte)).then(|| Self::Https {
            address,
            path: path.to_string(),
        })
    }
}

impl HttpAnchor {
    fn parse(text: &str) -> Option<Self> {
        let (kind, path) = text.split_once(':')?;
        match kind {
            _ if path.is_empty() => None,
            "FILE" => Some(Self::File(path.into())),
            "DIR" => Some(Self::Directory(path.into())),
            _ => None,
        }
    }
}

/// Of names and addresses.
const fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':')
}

/// Of a URL's path and query (RFC 3986 sections 3.3 and 3.4).
const fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'#' | b'<' | b'>' | b'[' | b'\\' | b']' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}

impl ServerAddress {
    fn parse(text: &str, default_port: u16) -> Option<Self> {
        let (host, rest) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some(bracketed) => bracketed,
            None => text.split_at(text.find([' ', '\t', ':']).unwrap_or(text.len())),
        };
        // A number alone is a port, which is no server.
        if host.is_empty() || text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let port = match rest.strip_prefix(':') {
            Some(port) => port.parse().ok()?,
            None => default_port,
        };
        Some(Self {
            host: host.into(),
            port,
        })
    }
}

/// Where KDCs listen (RFC 4120 section 7.2.1).
pub const KDC_PORT: u16 = 88;
/// Where passwords are changed (RFC 3244 section 2).
pub const KPASSWD_PORT: u16 = 464;
const HTTPS_PORT: u16 = 443;
