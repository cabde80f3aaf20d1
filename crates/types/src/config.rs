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

mod capaths;
mod domain_realm;
mod enctypes;
mod error;
mod libdefaults;
mod lines;
mod parse;
mod profile;
mod protection;
mod realms;
mod tree;
mod values;

pub use enctypes::DEFAULT_ENCTYPES;
pub use error::{
    ConfigError, ConfigProblem, Place, ProfileError, ProfileSyntaxError, ProfileSyntaxProblem,
};
pub use libdefaults::HostnameCanonicalization;
pub use parse::{Include, SourceFile, is_included_from_directory};
pub use profile::{Profile, ProfileValue};
pub use protection::UnknownProtection;
pub use realms::{Server, ServerAddress};

/// What a configuration says, with a default for everything it does not say.
///
/// Where MIT refuses a value so do the accessors here, with file and line; where MIT silently takes
/// the default instead, so do they: files are shared with other implementations and other versions.
#[derive(Clone, Debug, Default)]
pub struct Config {
    profile: Profile,
}

impl Config {
    /// The options in a profile. An empty profile leaves every option at its default.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { profile }
    }

    /// Sections and relations, for options that have no accessor here.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }
}
