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
//!     // or for programs that the service starts for the user, with nothing of the service's own in it (see below):
//!     if credential.impersonator()?.is_none() {
//!         credential.store(&StoreOptions::new().ccache("FILE:/run/web/alice.ccache"))?;
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A service with such a credential *is* the user, wherever the user may go, until it expires.
//!
//! # Constrained delegation
//!
//! A KDC can let a service go on to some others, and to no more, without being given anything by the user (MS-SFU):
//! those that the service's account names, or, resource-based, those whose own accounts name the service. It takes the
//! service's own ticket-granting ticket and the ticket that the user has shown, which has to be forwardable. A service
//! that accepts with a credential which it has asked for [both uses](crate::CredentialUsage::Both), with a client
//! keytab for example, is given such a credential in the same place, where the user has delegated none:
//!
//! ```no_run
//! use orthros::{AcceptContext, Credential, CredentialUsage, InitContext, Name, Step};
//!
//! # fn serve(token: &[u8]) -> Result<(), orthros::Error> {
//! let web = Credential::acquire().usage(CredentialUsage::Both).client_keytab("/etc/web.keytab").build()?;
//! let mut acceptor = AcceptContext::builder().credential(&web).build()?;
//! if let Step::Done { context, .. } = acceptor.step(token)?
//!     && let Some(user) = context.delegated_cred()?
//! {
//!     let peer = Name::hostbased_service("ldap@db.example.org")?;
//!     let onward = InitContext::builder(peer).credential(&user).build()?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A user who has proved otherwise who they are, by a certificate for example, has shown no ticket.
//! [`Credential::impersonate`](crate::Credential::impersonate) has the KDC make one for the service; with it the
//! service goes on to others if the KDC trusts it with that (protocol transition), or, where its account names no
//! services, to those whose accounts name it.
//!
//! Such a credential is stored, exported and acquired like any other. Its cache is of the user and notes the service,
//! as MIT krb5's does, and MIT's programs take it for the same. It has the service's ticket-granting ticket: keep it
//! as you keep that. What the user can read it must not be stored in: with that ticket the user would be the service.
//!
//! The initiator decides which of both there is: with what it delegates the service may go anywhere in the user's
//! name, and no KDC asks whether that was meant. A service that is to stay within what its KDC allows takes a
//! credential only if [`impersonator`](crate::Credential::impersonator) names the service itself.
