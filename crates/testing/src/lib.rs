//! Test support for Orthros: vector files, throw-away realms and the peers they need.
//!
//! - [`mit::Realm`] starts a MIT realm of its own for one test, on its own loopback port, in its own directory.
//! - [`docker::Container`] is one of MIT's in a container.
//! - [`heimdal::Realm`] starts one of Heimdal's; [`heimdal::gss_peer`] is its GSS-API, the other head of contexts.
//! - [`java`] is Java's GSS-API, the other head of contexts.
//! - `kcm`, of the feature `virtual-realm`, has KCM daemons: sssd's, Heimdal's, and one that does what a test wants.
//! - [`samba::Domain`] is an Active Directory domain of Samba's, with a network of its own.
//! - [`peers`] says which real programs this machine has; [`require_mit!`] and [`require_python_gssapi!`]
//!   skip a test honestly where they are missing.
//! - [`proof`] records what a test with a real peer has shown, for the table of peers.
//! - [`recorder`] records what two programs say to each other.
//! - [`programs`] finds programs, [`port`] free ports; [`process`] runs programs with a time limit, and daemons that
//!   end with the value that holds them.
//! - `random` and `replay`, of the feature `virtual-realm`, have randomness that is the same in every run, and replay
//!   caches.
//! - `counting_store`, a feature, counts what a KDC asks its store.
//! - `virtual_realm`, a feature, gives service tickets without a KDC, in virtual time;
//!   `virtual_environment`, another, an environment that has them.
//! - `virtual_network`, of the same feature, has KDCs that are up, down, slow or wrong, in virtual time.
//! - `simulation`, a feature, has whole sessions in virtual time, each out of one seed.
//! - [`vectors`] reads the data files under `/vectors`.
//!
//! Tests, benches and xtask use this crate, published code never does. A unit test uses of it only what is made of
//! crates below its own: vectors, randomness, processes.
//!
//! ```no_run
//! use orthros_testing::{mit::Realm, require_mit};
//!
//! fn kinit_takes_a_password() {
//!     require_mit!();
//!     let realm = Realm::builder().user("alice", "secret").start().unwrap();
//!     let kinit = realm.run(realm.command("kinit").arg("alice"), b"secret\n").unwrap();
//!     assert!(kinit.status.success(), "{kinit}");
//! }
//! ```
#![forbid(unsafe_code)]

#[cfg(feature = "counting-store")]
pub mod counting_store;
pub mod docker;
pub mod heimdal;
pub mod java;
#[cfg(feature = "virtual-realm")]
pub mod kcm;
pub mod mit;
pub mod peers;
pub mod port;
pub mod process;
pub mod programs;
pub mod proof;
#[cfg(feature = "virtual-realm")]
pub mod random;
pub mod recorder;
#[cfg(feature = "virtual-realm")]
pub mod replay;
pub mod samba;
#[cfg(feature = "simulation")]
pub mod simulation;
pub mod vectors;
#[cfg(feature = "virtual-environment")]
pub mod virtual_environment;
#[cfg(feature = "virtual-realm")]
pub mod virtual_network;
#[cfg(feature = "virtual-realm")]
pub mod virtual_realm;
