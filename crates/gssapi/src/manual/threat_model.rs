//! What is checked where, and what is not.
//!
//! Before there is an acceptor's context, all of this was checked (RFC 4120 section 3.2.3, RFC 4121 section 4.1):
//!
//! | what | or else |
//! |---|---|
//! | the ticket decrypts in a key of the keytab, or between users in the session key of the acceptor's own ticket, for a name that the credential is for | `NO_CRED`, `FAILURE` with the name, enctype and version that are missing |
//! | the authenticator decrypts in the ticket's session key | `BAD_SIG` |
//! | both are of the same client, realm and every component | `FAILURE` |
//! | the ticket is valid now, the authenticator was made now, as far as clocks may differ | `CREDENTIALS_EXPIRED`, `FAILURE` |
//! | the authenticator was not seen before | `FAILURE` of the kind [`DuplicateToken`](crate::ErrorKind::DuplicateToken) |
//! | the realms between the client's and ours are trusted | `UNAUTHORIZED` |
//! | the channel bindings are the same, where both sides have some | `BAD_BINDINGS` |
//!
//! Before there is an initiator's with `MUTUAL`: the acceptor has decrypted the authenticator, which takes the
//! service's key.
//!
//! Where SPNEGO has negotiated: the mechanism is the initiator's first choice, or both have made a MIC over the list.
//!
//! Left to the application:
//!
//! - *Authorization.* A context says which client is there, not what it may do. Compare whole names with their realm:
//!   [`MechName`](crate::MechName) does; the text of a name's first component does not.
//! - *What comes with a message.* Replays, gaps and disorder are reported with the message;
//!   [`in_sequence`](crate::Unwrapped::in_sequence) makes errors of them.
//! - *Which protection is enough.* [`unwrap`](crate::SecurityContext::unwrap) is told the least that a message must
//!   have.
//! - *The end.* Contexts outlive their tickets, as with MIT krb5: long-lived connections go on, and
//!   [`context_time`](crate::SecurityContext::context_time) says that the time is over. A cut connection is not
//!   noticed: end your protocol with a message of its own.
//! - *TLS around it.* Without [`ChannelBindings`](crate::ChannelBindings) nothing ties a context to the TLS channel
//!   that it is in.
//! - *Which realm is the own one.* Without `default_realm` tickets for a user whose name has no realm are asked for in
//!   the realm of this host's domain. Names to be compared need theirs written: DNS is asked where KDCs are, and it
//!   never says who a peer is.
//! - *Tokens of exported contexts and credentials.* They hold keys, and nothing protects them.
//!
//! `SECURITY.md` of the repository says which attackers all of this is meant to keep out.
