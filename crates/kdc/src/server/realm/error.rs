//! Why a realm does not start.

use std::path::PathBuf;
use std::prelude::rust_2024::*;

use orthros_crypto::{RandomError, StringToKeyError};
use orthros_host::{ConfigFileError, KeytabError};
use orthros_types::keytab::EncodeKeytabError;
use orthros_types::{ParsePrincipalError, Principal};

use crate::StoreError;
use crate::server::ServerError;

/// Why a realm does not start, or can't do what it is asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RealmError {
    /// A name of a principal means nothing.
    #[error("{name:?} is no principal: {error}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        error: ParsePrincipalError,
    },
    /// A principal of another realm.
    #[error("{principal} is not in the realm {realm}")]
    OtherRealm {
        /// The principal.
        principal: Principal,
        /// The realm.
        realm: String,
    },
    /// The realm's name can't stand in a `krb5.conf`.
    #[error("{realm:?} is no name for a realm")]
    RealmName {
        /// The name.
        realm: String,
    },
    /// The path of a Unix domain socket can't stand in a `krb5.conf`: it does not begin with a slash, or is no plain
    /// text.
    #[error("{path:?} can't stand in a krb5.conf as the path of a socket")]
    SocketPath {
        /// The path.
        path: PathBuf,
    },
    /// The store has the principals of another realm.
    #[error("the principals in the store are those of the realm {store}, not of {realm}")]
    StoreOfOtherRealm {
        /// The realm of the store's principals.
        store: String,
        /// The realm that was to be started.
        realm: String,
    },
    /// There is no such principal.
    #[error("there is no principal {principal}")]
    NoPrincipal {
        /// The principal.
        principal: Principal,
    },
    /// No key can be made of a password.
    #[error("no key can be made of the password of {principal}: {error}")]
    Password {
        /// The principal with that password.
        principal: Principal,
        /// What is wrong with the password.
        error: StringToKeyError,
    },
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The principals can't be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server does not start.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A key does not fit into a keytab.
    #[error(transparent)]
    Keytab(#[from] EncodeKeytabError),
    /// The keytab in memory does not take a key.
    #[error(transparent)]
    MemoryKeytab(#[from] KeytabError),
    /// The configuration that was made is none.
    #[error(transparent)]
    Config(#[from] ConfigFileError),
}
