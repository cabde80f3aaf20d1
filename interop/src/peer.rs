//! Whose KDC it is, and how two realms of it are started.

mod container;
mod embedded;
mod heimdal;
mod mit;

use std::io;
use std::path::Path;

use orthros_testing::docker::ContainerError;
use orthros_testing::peers::{self, Missing};
use orthros_testing::proof;

use crate::Server;
use crate::version::major_and_minor;

/// Whose KDC it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// MIT's, installed on this machine.
    Mit,
    /// MIT's, in a container.
    Docker,
    /// `orthros-kdc`, in this process.
    Embedded,
    /// Heimdal's, unpacked below `target/peers`.
    Heimdal,
    /// Samba's, which serves an Active Directory domain. It has cases of its own.
    Samba,
}

impl Peer {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Mit,
        Self::Docker,
        Self::Embedded,
        Self::Heimdal,
        Self::Samba,
    ];

    /// What it is called on the command line and in the names of cases.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mit => "mit",
            Self::Docker => "docker",
            Self::Embedded => "embedded",
            Self::Heimdal => "heimdal",
            Self::Samba => "samba",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|peer| peer.name() == name)
    }

    /// Whether this machine has it.
    ///
    /// # Errors
    ///
    /// [`Missing`] says what is not there and how to get it.
    pub fn find(self) -> Result<(), Missing> {
        match self {
            Self::Mit => peers::mit().map(|_| ()),
            Self::Docker => peers::docker(),
            Self::Embedded => Ok(()),
            Self::Heimdal => peers::heimdal().map(|_| ()),
            Self::Samba => peers::samba(),
        }
    }

    /// The first two numbers of its version, where limits go by it.
    pub(crate) fn version(self) -> Option<(u32, u32)> {
        match self {
            Self::Heimdal => major_and_minor(&proof::Peer::heimdal("kdc").ok()?.version),
            Self::Mit | Self::Docker | Self::Embedded | Self::Samba => None,
        }
    }

    /// Starts one realm, and writes the keytab with its random keys.
    pub(crate) fn start(
        self,
        realm: &'static str,
        keytab: &Path,
    ) -> Result<Box<dyn Server>, StartError> {
        Ok(match self {
            Self::Mit => Box::new(mit::start(realm, keytab)?),
            Self::Docker => Box::new(container::start(realm, keytab)?),
            Self::Embedded => Box::new(embedded::start(realm, keytab)?),
            Self::Heimdal => Box::new(heimdal::start(realm, keytab)?),
            Self::Samba => return Err(StartError::NoRealms),
        })
    }
}

/// Why a realm does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A line or an option of `principals.tsv` means nothing.
    #[error("principals.tsv: {text:?} is not understood")]
    Table {
        /// The line or the option.
        text: &'static str,
    },
    /// The programs are not there.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// MIT's or Heimdal's realm does not come up.
    #[error(transparent)]
    Realm(#[from] orthros_testing::mit::RealmError),
    /// Ours does not.
    #[error(transparent)]
    Embedded(#[from] orthros_kdc::server::RealmError),
    /// The container does not.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// Samba's domain is started by itself, with principals of its own.
    #[error("Samba serves a domain, not two realms")]
    NoRealms,
    /// A file can't be written.
    #[error("{what}: {source}")]
    Io {
        /// The file, or what was tried.
        what: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// The configuration is none.
    #[error(transparent)]
    Config(#[from] orthros_host::ConfigFileError),
    /// The thread that started it panicked, and has said so itself.
    #[error("starting a realm panicked")]
    Panicked,
}

impl StartError {
    pub(crate) fn io(what: impl ToString) -> impl FnOnce(io::Error) -> Self {
        let what = what.to_string();
        move |source| Self::Io { what, source }
    }
}
