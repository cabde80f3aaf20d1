//! Connecting to a user, without a keytab (RFC 4120 section 2.9.2).
//!
//! A service opens tickets with a key that lies in its keytab. A program that a user runs has no such key, but the
//! user's ticket-granting ticket, whose session key does as well: a client can ask the KDC to encrypt the ticket for
//! that user in it. So two programs of two users can authenticate each other.
//!
//! The acceptor says so when it acquires its credential, and gives away its ticket, which is no secret:
//!
//! ```no_run
//! use orthros::{AcceptContext, Credential, CredentialUsage};
//! # fn publish(_: &[u8]) {}
//!
//! let mine = Credential::acquire()
//!     .usage(CredentialUsage::Accept)
//!     .user_to_user(true)
//!     .build()?;
//! publish(&mine.ticket_granting_ticket()?);
//! let acceptor = AcceptContext::builder().credential(&mine).build()?;
//! # Ok::<(), orthros::Error>(())
//! ```
//!
//! The initiator that connects to `bob` shows it to the KDC:
//!
//! ```no_run
//! use orthros::{InitContext, Name};
//! # fn published() -> Vec<u8> { Vec::new() }
//!
//! let initiator = InitContext::builder(Name::user("bob")?)
//!     .peer_ticket(published())
//!     .build()?;
//! # Ok::<(), orthros::Error>(())
//! ```
//!
//! The ticket need not be believed to be Bob's: the KDC refuses one of another user's
//! (`KRB5KDC_ERR_SERVER_NOMATCH`).
//!
//! Where there is no other way for the ticket, it can travel in the context's own tokens: with
//! [`mech_type`](crate::InitContextBuilder::mech_type) [`Oid::KRB5_USER_TO_USER`](crate::Oid::KRB5_USER_TO_USER) the
//! initiator's first token asks for it, and [`AcceptContext::step`](crate::AcceptContext::step) answers with it. That
//! is one more token each way, before the two of Kerberos. `FreeRDP` has the same exchange; MIT krb5's GSS-API accepts
//! no tickets for user-to-user.
