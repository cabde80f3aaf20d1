//! From nothing to an encrypted message.
//!
//! ```toml
//! [dependencies]
//! orthros = "0.1"
//!
//! [dev-dependencies]
//! orthros-kdc = { version = "0.1", features = ["server"] }
//! ```
//!
//! There are two parties. The *initiator* connects, and has a user's tickets. The *acceptor* is connected to, and has
//! a service's key. They send each other tokens until both have a context; how the tokens travel is their protocol's
//! business. Here they don't travel at all: both parties are in one function, in a realm that lives as long as the
//! function runs.
//!
//! ```
//! use orthros::{AcceptContext, Credential, InitContext, Name, Protection, Step};
//! use orthros_kdc::server::Realm;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let realm = Realm::builder("EXAMPLE.TEST")
//!     .user("alice", "secret")
//!     .service("imap/localhost")
//!     .start()?;
//!
//! // The initiator: its credential, and the service to connect to.
//! let alice = Credential::acquire()
//!     .name(Name::user("alice")?)
//!     .password("secret")
//!     .environment(realm.environment())
//!     .build()?;
//! let mut initiator = InitContext::builder(Name::hostbased_service("imap@localhost")?)
//!     .credential(&alice)
//!     .build()?;
//! // The acceptor: any key of the default keytab.
//! let mut acceptor = AcceptContext::builder()
//!     .environment(realm.environment())
//!     .build()?;
//!
//! // The first token is the initiator's; it got a ticket from the KDC for it.
//! let Step::Continue(request) = initiator.step(None)? else {
//!     return Err("an answer was asked for".into());
//! };
//! // The acceptor has a context at once, and an answer ..
//! let Step::Done { context: mut server, token: Some(answer) } = acceptor.step(&request)? else {
//!     return Err("one token is all that an acceptor needs".into());
//! };
//! // .. which proves to the initiator that it is the service.
//! let Step::Done { context: mut client, token: None } = initiator.step(Some(&answer))? else {
//!     return Err("that was the last token".into());
//! };
//!
//! assert_eq!(server.peer_name().to_string(), "alice@EXAMPLE.TEST");
//! let token = client.wrap(b"hello", Protection::CONFIDENTIALITY)?;
//! let message = server.unwrap(&token, Protection::CONFIDENTIALITY)?;
//! assert_eq!(message.in_sequence()?, b"hello");
//! # Ok(())
//! # }
//! ```
//!
//! Where there is a realm already, the lines about it go away: without `environment` the configuration, caches and
//! keytab are those that MIT krb5 would use, and without a credential the initiator is the user that `kinit` was for.
//!
//! A real program sends each token over its connection, and goes on until [`Step::Done`](crate::Step::Done), however
//! many tokens that takes: `examples/quickstart.rs` is that program, in two threads with a TCP connection between
//! them. Then there is a page for each of [your part](super#pages).
