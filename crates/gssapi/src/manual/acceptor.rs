//! Being connected to.
//!
//! A server acquires its credential once and makes an [`AcceptContext`](crate::AcceptContext) of it for each
//! connection:
//!
//! ```no_run
//! use orthros::{AcceptContext, Credential, CredentialUsage};
//!
//! let credential = Credential::acquire()
//!     .usage(CredentialUsage::Accept)
//!     .keytab("/etc/imap.keytab")
//!     .build()?;
//! let acceptor = AcceptContext::builder().credential(&credential).build()?;
//! # Ok::<(), orthros::Error>(())
//! ```
//!
//! A credential without a name accepts with every key of the keytab, whatever the service is called by the client:
//! aliases, rotated keys and several realms need no further care. Named, it accepts with that name's keys alone, under
//! whatever name the client has the ticket; with `ignore_acceptor_hostname` in krb5.conf any host's keys of the
//! service count. The keytab is read again when it has changed.
//!
//! Where a step fails, [`Error::token`](crate::Error::token) is what to send before the connection is closed: a client
//! whose clock is wrong learns so.
//!
//! What is known of the client: its [name](crate::SecurityContext::initiator_name), to be compared as
//! [exported](crate::MechName::export) or [made a local user](crate::MechName::localname); when and
//! [how](crate::SecurityContext::authentication_indicators) it was authenticated; the
//! [authorization data](crate::SecurityContext::authorization_data) of its ticket, of which the KDC vouches for what
//! has its signature alone. In a domain of Active Directory its groups are [known](super::active_directory), too.
//!
//! ```no_run
//! # fn greet(context: &orthros::SecurityContext, user: &str) -> Result<(), orthros::Error> {
//! let client = context.initiator_name();
//! client.authorize_localname(user)?; // by .k5login, else by the rules of krb5.conf
//! println!("{client} is {user}");
//! # Ok(())
//! # }
//! ```
//!
//! Replayed first tokens are refused with the help of the environment's replay cache. One that several processes
//! share, and MIT's acceptors with them, is named by `KRB5RCACHENAME` or [`rcache`](crate::CredentialBuilder::rcache).
