//! What is asked of a configuration for each context and each request: read once.

use alloc::vec::Vec;

use orthros_crypto::Enctype;

use super::{ConfigError, HostnameCanonicalization, Profile};
use crate::Duration;

/// The values of those options.
#[derive(Clone, Debug)]
pub(super) struct PerContext {
    pub(super) allow_rc4: Result<bool, ConfigError>,
    pub(super) permitted_enctypes: Result<Vec<Enctype>, ConfigError>,
    pub(super) default_tkt_enctypes: Result<Vec<Enctype>, ConfigError>,
    pub(super) default_tgs_enctypes: Result<Vec<Enctype>, ConfigError>,
    pub(super) clockskew: Duration,
    pub(super) kdc_timesync: bool,
    pub(super) udp_preference_limit: usize,
    pub(super) enforce_ok_as_delegate: Result<bool, ConfigError>,
    pub(super) client_aware_channel_bindings: bool,
    pub(super) dns_canonicalize_hostname: Result<HostnameCanonicalization, ConfigError>,
}

impl PerContext {
    /// Those of a profile; `allow_rc4` is what it says itself, unless the caller does.
    pub(super) fn read(profile: &Profile, allow_rc4: Option<bool>) -> Self {
        let aware = "client_aware_channel_bindings";
        let allow_rc4 = allow_rc4.map_or_else(|| profile.strict_boolean("allow_rc4", false), Ok);
        let enctypes = |names: &[&str]| profile.enctypes(names, &allow_rc4);
        Self {
            permitted_enctypes: enctypes(&["permitted_enctypes"]),
            default_tkt_enctypes: enctypes(&["default_tkt_enctypes", "permitted_enctypes"]),
            default_tgs_enctypes: enctypes(&["default_tgs_enctypes", "permitted_enctypes"]),
            allow_rc4,
            clockskew: clockskew(profile),
            kdc_timesync: profile.integer_or_default("kdc_timesync", 1) != 0,
            udp_preference_limit: udp_preference_limit(profile),
            enforce_ok_as_delegate: profile.strict_boolean("enforce_ok_as_delegate", false),
            client_aware_channel_bindings: profile.boolean_or_default(aware, false),
            dns_canonicalize_hostname: profile.hostname_canonicalization(),
        }
    }
}

fn clockskew(profile: &Profile) -> Duration {
    let seconds = profile.integer_or_default("clockskew", CLOCKSKEW);
    // A negative one would refuse every client.
    let seconds = if seconds < 0 { CLOCKSKEW } else { seconds };
    Duration::from_seconds(seconds.into())
}

fn udp_preference_limit(profile: &Profile) -> usize {
    let limit = profile.integer_or_default("udp_preference_limit", UDP_PREFERENCE_LIMIT);
    let limit = if limit < 0 {
        UDP_PREFERENCE_LIMIT
    } else {
        limit.min(MAX_UDP_PREFERENCE_LIMIT)
    };
    // It is not negative.
    usize::try_from(limit).unwrap_or_default()
}

const CLOCKSKEW: i32 = 300;
const UDP_PREFERENCE_LIMIT: i32 = 1465;
const MAX_UDP_PREFERENCE_LIMIT: i32 = 32_700;
