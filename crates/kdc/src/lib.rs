//! An embeddable Kerberos V5 KDC: a request, the time and randomness go in, the reply comes out.
//!
//! A [`Kdc`] answers for one realm. It knows the realm's [`RealmPolicy`] and asks a [`Store`] for principals; it has no
//! clock, no socket and no thread. What it must remember between requests (authenticators that it has seen, replies that
//! it gave) is kept by stores that it is given.
//!
//! Its exchanges are its own: it shares the encodings and the cryptography with the client in `orthros-krb5`, and nothing of
//! what the client does with them.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod answer;
mod ap_req;
mod as_exchange;
mod authorization;
mod case;
mod clients;
#[cfg(feature = "durable")]
pub mod durable;
mod enctypes;
mod entry;
mod fast;
mod flags;
mod grant;
mod kdc;
mod lookaside;
mod password;
mod paths;
mod policy;
pub mod refusal;
#[cfg(feature = "server")]
pub mod server;
mod source;
mod store;
mod tgs_exchange;
mod times;
mod transited;
mod wire;

pub use answer::{Answer, ExchangeKind, Outcome, RequestRecord};
pub use entry::{PrincipalEntry, PrincipalKey};
pub use flags::PrincipalFlags;
pub use kdc::Kdc;
pub use lookaside::Lookaside;
#[cfg(feature = "std")]
pub use lookaside::MemoryLookaside;
pub use policy::{HostRealm, RealmPath, RealmPolicy};
pub use refusal::Refusal;
pub use source::{Source, Transport};
#[cfg(feature = "std")]
pub use store::MemoryStore;
pub use store::{Store, StoreError};
