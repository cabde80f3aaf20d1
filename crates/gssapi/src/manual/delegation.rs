//! Acting for a user.
//!
//! A user whose ticket-granting ticket is forwardable (`kinit -f`) can pass one on to a service:
//!
//! ```no_run
//! use orthros::{ContextFlags, InitContext, Name};
//!
//! let service = Name::hostbased_service("HTTP@www.example.org")?;
//! let initiator = InitContext::builder(service)
//!     .flags(ContextFlags::MUTUAL | ContextFlags::DELEG_POLICY)
//!     .build()?;
//! # Ok::<(), orthros::Error>(())
//! ```
//!
//! `DELEG` passes it to any service. With `DELEG_POLICY` alone, and with `DELEG` where `enforce_ok_as_delegate` is
//! set, only those get it that the KDC has marked as trusted (`ok-as-delegate`). Where nothing can be delegated the
//! context comes about without; `DELEG` is in its [flags](crate::SecurityContext::flags) only if something was.
//!
//! The service has a [credential](crate::SecurityContext::delegated_cred) then, with which it connects in the user's
//! name:
//!
//! ```no_run
//! use orthros::{InitContext, Name, SecurityContext, StoreOptions};
//!
//! # fn go_on(context: &SecurityContext) -> Result<(), orthros::Error> {
//! if let Some(credential) = context.delegated_cred()? {
//!     let onward = InitContext::builder(Name::hostbased_service("imap@mail.example.org")?)
//!         .credential(&credential)
//!         .build()?;
//!     // or for programs that the service starts:
//!     credential.store(&StoreOptions::new().ccache("FILE:/run/web/alice.ccache"))?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A service with such a credential *is* the user, wherever the user may go, until it expires.
