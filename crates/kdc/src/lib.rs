//! An embeddable Kerberos V5 KDC: a request, the time and randomness go in, the reply comes out.
//!
//! A [`Kdc`] answers for one realm. It knows the realm's [`RealmPolicy`] and asks a [`Store`] for principals; it
//! has no clock, no socket and no thread. What it must remember between requests (authenticators that it has seen,
//! replies that it gave) is kept by the caches that it is given.
//!
//! ```
//! use std::net::{IpAddr, Ipv4Addr};
//! use std::sync::Arc;
//!
//! use orthros_kdc::{Kdc, MemoryStore, PrincipalEntry, PrincipalKey, RealmPolicy, Source, Store, Transport};
//! use orthros_krb5::crypto::{Enctype, RandomError, RandomSource};
//! use orthros_krb5::{AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret};
//! use orthros_types::{Principal, Timestamp};
//!
//! # struct Fixed;
//! # impl RandomSource for Fixed {
//! #     fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
//! #         out.fill(7);
//! #         Ok(())
//! #     }
//! # }
//! # let random = &mut Fixed;
//! let enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
//! let alice = Principal::new("EXAMPLE.TEST", ["alice"]);
//! let tgs = Principal::local_ticket_granting("EXAMPLE.TEST");
//! let store = MemoryStore::new();
//! let key = PrincipalKey::from_password(&alice, b"secret", 1, enctype)?;
//! store.put(PrincipalEntry::new(alice.clone(), vec![key]))?;
//! let key = PrincipalKey::random(1, enctype, random)?;
//! store.put(PrincipalEntry::new(tgs, vec![key]))?;
//! let kdc = Kdc::new(RealmPolicy::new("EXAMPLE.TEST"), Arc::new(store));
//!
//! // A client sends a request, from somewhere, at some time.
//! let now = Timestamp::from_seconds(1_800_000_000);
//! let mut client = AsExchange::new(AsRequestOptions::new(alice), ClientSecret::Ask)?;
//! let AsStep::Send(request) = client.step(AsInput::Begin, now, random)? else {
//!     unreachable!("an exchange begins with a request");
//! };
//! let source = Source {
//!     address: IpAddr::V4(Ipv4Addr::LOCALHOST),
//!     transport: Transport::Stream,
//! };
//! let answer = kdc.handle(&request.message, &source, now, random);
//! assert_eq!(
//!     answer.record.to_string(),
//!     "AS-REQ of alice@EXAMPLE.TEST for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST: granted"
//! );
//! assert!(answer.reply.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it answers
//!
//! - AS-REQ (RFC 4120 section 3.1): SPAKE (RFC 9588), encrypted timestamp, under FAST armor encrypted challenge (RFC
//!   6113), aliases and enterprise names (RFC 6806), postdated and renewable tickets.
//! - TGS-REQ (section 3.3): service tickets, renewal, validation, forwarded tickets and proxies, user-to-user,
//!   other realms with referrals and a check of the realms that were transited, authorization data, `S4U2Self` and
//!   `S4U2Proxy` (MS-SFU) within the realm, all of it under armor too.
//! - Password changes (RFC 3244): one's own, and with [`PrincipalFlags::MAY_SET_PASSWORDS`] those of others.
//!
//! A refusal is a [`RequestError`], which says what was wrong, and has the error code that goes to the client.
//! Where a reply is not what MIT's KDC says to the same request, the tests that compare both have the reason.
//!
//! There is no PAC, no public-key preauthentication, no lockout after wrong passwords, and no S4U across
//! realms.
//!
//! # What it believes
//!
//! What a ticket says that is not in the key of this realm's own ticket-granting service can have been written by
//! the service that it is for. So the KDC signs each ticket that can be sent to it again (those that are renewable,
//! forwardable, proxiable or postdated), with a CAMMAC (RFC 7751) that only it can make and that covers the whole
//! ticket; and without that signature it neither renews, validates, forwards nor proxies a ticket, nor takes it for
//! evidence of `S4U2Proxy`. Another realm's KDC is believed what it says of its own clients and of the realms that
//! they came through. No ticket is taken whose client or service is locked, has expired or is gone; and no
//! authorization data are copied that only a KDC can state.
//!
//! Its exchanges are its own: it shares the encodings and the cryptography with the client in `orthros-krb5`, and
//! nothing of what the client does with them.
//!
//! | feature | brings |
//! |---|---|
//! | `std`, by default | stores in memory |
//! | `server` | the module `server`: a server on UDP and TCP, and whole realms in a line, for tests |
//! | `durable` | `DurableStore`: principals in a file |
//!
//! Without any of them it is `no_std`, and its exchanges are the same. Only `server` starts threads.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod answer;
mod ap_req;
mod as_exchange;
mod authorization;
mod cammac;
mod clients;
mod context;
mod enctypes;
mod entry;
pub mod error;
mod error_reply;
mod fast;
mod flags;
mod issued_ticket;
mod kdc;
mod lookaside;
mod password;
mod paths;
mod policy;
mod preauth;
mod principal_state;
mod replays;
mod reply_builder;
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
use error::RequestError;
pub use flags::PrincipalFlags;
pub use kdc::Kdc;
pub use lookaside::Lookaside;
#[cfg(feature = "std")]
pub use lookaside::MemoryLookaside;
pub use policy::{HostRealm, RealmPath, RealmPolicy};
pub use source::{Source, Transport};
#[cfg(feature = "std")]
pub use store::MemoryStore;
#[cfg(feature = "durable")]
pub use store::{DurableStore, DurableStoreError, RecordError, StoreFileError};
pub use store::{EntryVersion, Store, StoreError, StoredEntry};
