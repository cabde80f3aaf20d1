//! Many identities in one process.
//!
//! Nothing but the process' own [`Environment`](crate::Environment) is global. Each identity gets a credential by name
//! of its cache or keytab:
//!
//! ```no_run
//! use orthros::{Credential, CredentialUsage, InitContext, Name};
//!
//! for tenant in ["red", "blue"] {
//!     let credential = Credential::acquire()
//!         .usage(CredentialUsage::Initiate)
//!         .ccache(format!("FILE:/run/tenants/{tenant}/ccache"))
//!         .build()?;
//!     let service = Name::hostbased_service("imap@mail.example.org")?;
//!     let initiator = InitContext::builder(service).credential(&credential).build()?;
//! }
//! # Ok::<(), orthros::Error>(())
//! ```
//!
//! or, where configurations differ too, an environment, which shares nothing with others:
//!
//! ```
//! use orthros::Environment;
//!
//! let tenant = Environment::builder()
//!     .config_text("tenant", "[libdefaults]\n default_realm = RED.EXAMPLE\n")?
//!     .default_cache("MEMORY:red")
//!     .default_keytab("/run/tenants/red/keytab")
//!     .build();
//! # assert_eq!(tenant.config().default_realm(), Some("RED.EXAMPLE"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Credentials and environments are handles: clones are cheap, and any thread may have one. Contexts made with a
//! credential are in its environment unless they are told another one.
