//! Connecting to a service.
//!
//! An initiator needs three things: the service's name, a credential, and what to ask for.
//!
//! ```no_run
//! use orthros::{ContextFlags, Credential, CredentialUsage, InitContext, Name};
//!
//! let service = Name::hostbased_service("imap@mail.example.org")?;
//! let credential = Credential::acquire().usage(CredentialUsage::Initiate).build()?;
//! let initiator = InitContext::builder(service)
//!     .credential(&credential)
//!     .flags(ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE)
//!     .build()?;
//! # Ok::<(), orthros::Error>(())
//! ```
//!
//! Without a credential it is the default one: the tickets of the default cache, or with a client keytab, tickets that
//! are got and renewed unasked. The flags above are the default ones.
//!
//! [`step`](crate::InitContext::step) is called without a token first, and then with each token of the peer's, until
//! it gives [`Step::Done`](crate::Step::Done). Its first call gets the service's ticket, so it may ask a KDC and take
//! as long as that. A token that comes with `Done` must still be sent.
//!
//! What was asked for need not have been granted: look at [`flags`](crate::SecurityContext::flags) before you rely on
//! it. With `MUTUAL` there is no context whose peer has not proved that it has the service's key.
//!
//! `CONF` and `INTEG` are asked for whatever the flags are, as by MIT. Some acceptors take them for the protection
//! that messages shall have: [`no_ci_flags`](crate::InitContextBuilder::no_ci_flags) leaves them out.
//!
//! In a TLS connection, give the context its [channel bindings](crate::ChannelBindings), and ask for `CHANNEL_BOUND`: an
//! acceptor that has bindings, too, then refuses an initiator without, so that a token that was made for no TLS can't
//! be used in one. (`client_aware_channel_bindings` in krb5.conf asks for it always.)
//!
//! An error ends the attempt. [`Error::kind`](crate::Error::kind) says what a program can do about it, its message
//! what the administrator can: no ticket (`NoCredential`), an expired one (`CredentialsExpired`), a service that the
//! KDC does not know (`ServiceUnknown`), a KDC that does not answer (`KdcUnreachable`). [`errors`](super::errors) has
//! them all.
//!
//! # The service's name
//!
//! [`Name::service`](crate::Name::service) takes service and host apart,
//! [`hostbased_service`](crate::Name::hostbased_service) both in one text. The host may be an alias or have one label
//! only. The KDC is asked for it as it is written first, a name of one label in the first search domain; where it does
//! not know that, by the name that the resolver has for it, and in each other search domain. That is
//! `dns_canonicalize_hostname = fallback`, the default here: where DNS is not trusted it is safer than MIT's default,
//! `true`, and it finds what `true` finds unless the alias itself is a principal.
