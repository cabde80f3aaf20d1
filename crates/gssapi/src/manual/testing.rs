//! Testing programs that use contexts.
//!
//! # With a realm
//!
//! The crate `orthros-kdc` has a KDC to embed. Its `Realm` starts in about a millisecond, on a port of its own, and
//! ends when it is dropped, so that each test can have one: no test waits for another, or for a machine with Kerberos
//! on it.
//!
//! ```toml
//! [dev-dependencies]
//! orthros-kdc = { version = "0.1", features = ["server"] }
//! ```
//!
//! ```
//! use orthros::{AcceptContext, Credential, CredentialUsage, Environment, InitContext, Name, Step};
//! use orthros_kdc::server::Realm;
//!
//! /// What is to be tested: it takes a credential, so that a test can bring its own.
//! fn client_of(credential: &Credential, token: &[u8]) -> Result<String, orthros::Error> {
//!     let mut acceptor = AcceptContext::builder().credential(credential).build()?;
//!     match acceptor.step(token)? {
//!         Step::Done { context, .. } => Ok(context.initiator_name().to_string()),
//!         Step::Continue(_) => Ok("not known yet".to_owned()),
//!     }
//! }
//!
//! fn log_in(user: &str, environment: &Environment) -> Result<Credential, orthros::Error> {
//!     let builder = Credential::acquire().name(Name::user(user)?).password("secret");
//!     builder.environment(environment).build()
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let realm = Realm::builder("EXAMPLE.TEST")
//!     .user("alice", "secret")
//!     .service("imap/localhost")
//!     .start()?;
//! let service = Credential::acquire()
//!     .usage(CredentialUsage::Accept)
//!     .environment(realm.environment())
//!     .build()?;
//! let mut initiator = InitContext::builder(Name::hostbased_service("imap@localhost")?)
//!     .credential(&log_in("alice", realm.environment())?)
//!     .build()?;
//! let Step::Continue(token) = initiator.step(None)? else {
//!     return Err("an answer was asked for".into());
//! };
//! assert_eq!(client_of(&service, &token)?, "alice@EXAMPLE.TEST");
//! // Shown once more it is a replay.
//! assert!(client_of(&service, &token).is_err());
//! # Ok(())
//! # }
//! ```
//!
//! Programs that can't be given an [`Environment`](crate::Environment), in other processes or with other libraries,
//! find the realm by files: its `krb5_conf()` and `keytab()` are what belongs into those that `KRB5_CONFIG` and
//! `KRB5_KTNAME` name.
//!
//! # With a clock
//!
//! Everything that a context looks up hangs on its environment, the time too. A test that moves the clock sees tickets
//! expire without waiting; given to the realm's builder it is the KDC's clock as well.
//!
//! ```
//! use std::sync::Arc;
//! use orthros::{Credential, Lifetime, Name};
//! use orthros::environment::{Clock, ManualClock, SystemClock};
//! use orthros::kerberos::Duration;
//! use orthros_kdc::server::Realm;
//!
//! let clock = Arc::new(ManualClock::at(SystemClock.now()));
//! let realm = Realm::builder("EXAMPLE.TEST")
//!     .user("alice", "secret")
//!     .clock(clock.clone())
//!     .start()?;
//! let alice = Credential::acquire()
//!     .name(Name::user("alice")?)
//!     .password("secret")
//!     .environment(realm.environment())
//!     .build()?;
//! assert_ne!(alice.lifetime()?, Lifetime::Seconds(0));
//! clock.advance(Duration::from_hours(24));
//! assert_eq!(alice.lifetime()?, Lifetime::Seconds(0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Without either
//!
//! What goes wrong before a KDC is asked needs none: an environment of the test's own has a cache that is empty, or a
//! keytab that is not there. Where it is the KDC that fails, a [`KdcTransport`](crate::environment::KdcTransport) of
//! the test's own answers what it wants.
//!
//! ```
//! use orthros::{Credential, CredentialUsage, Environment, ErrorKind};
//!
//! let environment = Environment::builder()
//!     .config_text("test", "[libdefaults]\n default_realm = EXAMPLE.TEST\n")?
//!     .default_cache("MEMORY:empty")
//!     .build();
//! let missing = Credential::acquire()
//!     .usage(CredentialUsage::Initiate)
//!     .environment(&environment)
//!     .build();
//! assert_eq!(missing.unwrap_err().kind(), ErrorKind::NoCredential);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
