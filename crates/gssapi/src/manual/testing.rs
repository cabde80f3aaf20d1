//! Testing programs that use contexts.
//!
//! Everything that a context looks up hangs on its [`Environment`](crate::Environment), so a test makes one: its own configuration, caches in
//! memory, a clock that it moves, a transport that answers what it wants ([`KdcTransport`](crate::host::KdcTransport)).
//!
//! ```
//! use std::sync::Arc;
//! use orthros::{Credential, CredentialUsage, Environment, ErrorKind};
//! use orthros::host::ManualClock;
//! use orthros::krb5::{Duration, Timestamp};
//!
//! let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_800_000_000)));
//! let environment = Environment::builder()
//!     .config_text("test", "[libdefaults]\n default_realm = TEST\n")?
//!     .clock(clock.clone())
//!     .default_cache("MEMORY:test")
//!     .build();
//! clock.advance(Duration::from_hours(10)); // tickets expire without waiting
//! let nobody = Credential::acquire().environment(&environment).usage(CredentialUsage::Initiate).build();
//! assert_eq!(nobody.unwrap_err().kind(), ErrorKind::NoCredential);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Tickets come from a KDC. The crate `orthros-kdc` has one to embed, which answers in the same process.
