//! Servers that `[realms]` names.

use alloc::vec::Vec;

use orthros_types::config::{Config, ConfigError};

use super::KdcServer;
use crate::failover::Protocol;
use crate::transport::KdcSelection;

/// The realm's entries in their order; none where it has none.
pub(super) fn servers(
    config: &Config,
    realm: &[u8],
    selection: KdcSelection,
) -> Result<Vec<KdcServer>, ConfigError> {
    // The configuration is text: a realm whose name is none has no section in it.
    let Ok(realm) = str::from_utf8(realm) else {
        return Ok(Vec::new());
    };
    let primary = config.primary_kdcs(realm)?;
    let servers = match selection {
        KdcSelection::Any => config.kdcs(realm)?,
        KdcSelection::Primary => primary.clone(),
        KdcSelection::Password => config.kpasswd_servers(realm)?,
    };
    let servers = servers.into_iter().map(|server| KdcServer {
        protocols: Protocol::of(&server),
        is_primary: primary.contains(&server),
        server,
    });
    Ok(servers.collect())
}
