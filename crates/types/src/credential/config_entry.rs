//! Configuration entries: what MIT notes about a cache, filed as credentials that no KDC ever issued.

use alloc::vec::Vec;

use orthros_asn1::TicketFlags;

use super::{Credential, KeyBlock, TicketTimes};
use crate::Principal;

impl Credential {
    /// An entry that notes `value` under `key`, for the whole cache or for one principal.
    ///
    /// `client` is the cache's default principal. Keys that MIT knows: `fast_avail`, `pa_type`, `pa_config_data`,
    /// `proxy_impersonator`, `refresh_time`, `start_realm`.
    #[must_use]
    pub fn config(
        client: Principal,
        key: &str,
        principal: Option<&Principal>,
        value: Vec<u8>,
    ) -> Self {
        let mut components = Vec::from([NAME.to_vec(), key.as_bytes().to_vec()]);
        components.extend(principal.map(Principal::unparse));
        Self {
            client,
            server: Principal::new(REALM, components),
            session_key: KeyBlock::null(),
            times: TicketTimes::default(),
            is_skey: false,
            flags: TicketFlags::empty(),
            addresses: Vec::new(),
            authorization_data: Vec::new(),
            ticket: value,
            second_ticket: Vec::new(),
        }
    }

    /// Whether this notes something about the cache and is no ticket.
    #[must_use]
    pub fn is_config(&self) -> bool {
        self.server.realm() == REALM
            && self
                .server
                .components()
                .first()
                .is_some_and(|name| name == NAME)
    }

    /// What is noted; `None` for a ticket.
    #[must_use]
    pub fn as_config(&self) -> Option<ConfigEntry<'_>> {
        let (key, principal) = match self.server.components() {
            [_, key] if self.is_config() => (key, None),
            [_, key, principal] if self.is_config() => (key, Some(principal.as_slice())),
            _ => return None,
        };
        Some(ConfigEntry {
            key,
            principal,
            value: &self.ticket,
        })
    }
}

/// What a configuration entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigEntry<'a> {
    /// What it is about.
    pub key: &'a [u8],
    /// The text of the principal that it is about; else it is about the whole cache.
    pub principal: Option<&'a [u8]>,
    /// What is noted.
    pub value: &'a [u8],
}

pub(super) const REALM: &[u8] = b"X-CACHECONF:";
/// As long as [`REALM`], so that an entry can be overwritten where it stands.
pub(super) const REMOVED_REALM: &[u8] = b"X-RMED-CONF:";
const NAME: &[u8] = b"krb5_ccache_conf_data";
