//! `krb5.conf`: text -> tree -> what the options mean.
//!
//! [`Profile`] is the text's meaning without the options': sections and relations of one or more files, each with its
//! file and line, looked up as MIT looks them up. [`Config`] knows the options, their defaults and their notations.
//!
//! Nothing here opens a file. `include` and `includedir` ask the caller, who also says which files there are to merge.
//!
//! ```
//! use orthros_types::config::{Config, Include, Profile, SourceFile};
//!
//! let file = SourceFile::new("krb5.conf", b"[libdefaults]\n default_realm = EXAMPLE.COM\n");
//! let no_includes = |_: Include<'_>| Err("no includes");
//! let profile = Profile::parse(&file, no_includes).unwrap();
//! assert_eq!(Config::new(profile).default_realm(), Some("EXAMPLE.COM"));
//! ```

mod appdefaults;
mod capaths;
mod domain_realm;
mod enctypes;
mod error;
mod libdefaults;
mod lines;
mod parse;
mod per_context;
mod profile;
mod protection;
mod realms;
mod spake_groups;
mod tree;
mod values;

use alloc::sync::Arc;
use alloc::vec::Vec;

use orthros_crypto::Enctype;

use crate::Duration;
use per_context::PerContext;

pub use enctypes::DEFAULT_ENCTYPES;
pub use error::{
    ConfigError, ConfigProblem, Place, ProfileError, ProfileSyntaxError, ProfileSyntaxProblem,
};
pub use libdefaults::HostnameCanonicalization;
pub use parse::{Include, SourceFile, is_included_from_directory};
pub use profile::{Profile, ProfileValue};
pub use protection::UnknownProtection;
pub use realms::{HttpAnchor, KDC_PORT, KPASSWD_PORT, Server, ServerAddress};
pub use spake_groups::DEFAULT_SPAKE_GROUPS;

/// What a configuration says, with a default for everything it does not say. Copies share it.
///
/// Where MIT refuses a value so do the accessors here, with file and line; where MIT silently takes
/// the default instead, so do they: files are shared with other implementations and other versions.
#[derive(Clone, Debug)]
pub struct Config {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    profile: Profile,
    per_context: PerContext,
}

impl Default for Config {
    fn default() -> Self {
        Self::new(Profile::default())
    }
}

impl Config {
    /// The options in a profile. An empty profile leaves every option at its default.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let per_context = PerContext::read(&profile, None);
        Self::of(profile, per_context)
    }

    /// The same configuration with RC4 allowed or not, whatever its `allow_rc4` says.
    #[must_use]
    pub fn with_rc4(&self, allowed: bool) -> Self {
        let profile = self.profile().clone();
        let per_context = PerContext::read(&profile, Some(allowed));
        Self::of(profile, per_context)
    }

    fn of(profile: Profile, per_context: PerContext) -> Self {
        Self {
            shared: Arc::new(Shared {
                profile,
                per_context,
            }),
        }
    }

    /// Sections and relations, for options that have no accessor here.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.shared.profile
    }

    /// `allow_rc4` (MIT 1.21): whether arcfour-hmac (RFC 4757) may be used at all. No, unless set: then no list of
    /// enctypes has it, and the default lists have it last where it is. MIT's clients and acceptors do not ask this
    /// option yet, which its manual announces.
    ///
    /// # Errors
    ///
    /// If it is no boolean.
    pub fn allow_rc4(&self) -> Result<bool, ConfigError> {
        self.shared.per_context.allow_rc4.clone()
    }

    /// `permitted_enctypes`: in which types the tickets are sealed that an acceptor takes, and of which the session
    /// keys and subkeys are. The acceptor's own subkey is of the first one that the initiator knows.
    ///
    /// # Errors
    ///
    /// If none is left that is supported.
    pub fn permitted_enctypes(&self) -> Result<&[Enctype], ConfigError> {
        enctypes(&self.shared.per_context.permitted_enctypes)
    }

    /// `default_tkt_enctypes`, else `permitted_enctypes`: what initial tickets are asked for with, best first.
    ///
    /// # Errors
    ///
    /// If none is left that is supported.
    pub fn default_tkt_enctypes(&self) -> Result<&[Enctype], ConfigError> {
        enctypes(&self.shared.per_context.default_tkt_enctypes)
    }

    /// `default_tgs_enctypes`, else `permitted_enctypes`: what service tickets are asked for with, best first.
    ///
    /// # Errors
    ///
    /// If none is left that is supported.
    pub fn default_tgs_enctypes(&self) -> Result<&[Enctype], ConfigError> {
        enctypes(&self.shared.per_context.default_tgs_enctypes)
    }

    /// `clockskew`: by how much clocks may differ. 300 seconds, unless set to a number of seconds that is not
    /// negative.
    #[must_use]
    pub fn clockskew(&self) -> Duration {
        self.shared.per_context.clockskew
    }

    /// `kdc_timesync`: whether our clock is corrected by the KDC's. Yes, unless set.
    ///
    /// It is a number in MIT, and whatever is no number is yes.
    #[must_use]
    pub fn kdc_timesync(&self) -> bool {
        self.shared.per_context.kdc_timesync
    }

    /// `udp_preference_limit`: the largest message, in bytes, that is sent in a datagram first. 1465, unless set;
    /// never more than 32700.
    #[must_use]
    pub fn udp_preference_limit(&self) -> usize {
        self.shared.per_context.udp_preference_limit
    }

    /// `enforce_ok_as_delegate`: whether credentials go only to services that the KDC trusts with them. No, unless
    /// set.
    ///
    /// # Errors
    ///
    /// If it is no boolean.
    pub fn enforce_ok_as_delegate(&self) -> Result<bool, ConfigError> {
        self.shared.per_context.enforce_ok_as_delegate.clone()
    }

    /// `client_aware_channel_bindings`: whether an initiator says that it knows of channel bindings. No, unless set.
    #[must_use]
    pub fn client_aware_channel_bindings(&self) -> bool {
        self.shared.per_context.client_aware_channel_bindings
    }
}

fn enctypes(read: &Result<Vec<Enctype>, ConfigError>) -> Result<&[Enctype], ConfigError> {
    read.as_deref().map_err(Clone::clone)
}
