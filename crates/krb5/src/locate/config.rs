//! Servers that `[realms]` names.

use alloc::vec::Vec;

use orthros_types::config::{Config, ConfigError};

use super::KdcServer;
use crate::failover::Protocol;

/// Which entries of a realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entries {
    /// `kdc`.
    Kdc,
    /// `primary_kdc`.
    PrimaryKdc,
    /// `kpasswd_server`.
    PasswordServer,
    /// `admin_server`, at the port where passwords are changed.
    AdminServer,
}

/// The realm's entries in their order; none where it has none.
pub(super) fn servers(
    config: &Config,
    realm: &[u8],
    entries: Entries,
) -> Result<Vec<KdcServer>, ConfigError> {
    // The configuration is text: a realm whose name is none has no section in it.
    let Ok(realm) = str::from_utf8(realm) else {
        return Ok(Vec::new());
    };
    let primary = config.primary_kdcs(realm)?;
    let servers = match entries {
        Entries::Kdc => config.kdcs(realm)?,
        Entries::PrimaryKdc => primary.clone(),
        Entries::PasswordServer => config.kpasswd_servers(realm)?,
        Entries::AdminServer => config.admin_servers(realm)?,
    };
    let servers = servers.into_iter().map(|server| KdcServer {
        protocols: Protocol::of(&server),
        is_primary: primary.contains(&server),
        server,
    });
    Ok(servers.collect())
}
