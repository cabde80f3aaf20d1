//! Negotiating the mechanism (RFC 4178).
//!
//! HTTP's `Negotiate`, SMB and LDAP wrap the tokens of a mechanism into SPNEGO's. An initiator asks for it; an
//! acceptor sees it by the first token and takes Kerberos with or without it:
//!
//! ```no_run
//! use orthros::{InitContext, Name, Oid, Step};
//! # fn base64(_: &[u8]) -> String { String::new() }
//!
//! let service = Name::hostbased_service("HTTP@www.example.org")?;
//! let mut initiator = InitContext::builder(service).mech_type(Oid::SPNEGO).build()?;
//! let Step::Continue(token) = initiator.step(None)? else { unreachable!() };
//! println!("Authorization: Negotiate {}", base64(&token));
//! # Ok::<(), orthros::Error>(())
//! ```
//!
//! The first token has Kerberos' own in it, so the negotiation takes no message more than Kerberos with mutual
//! authentication does. Without `MUTUAL` it takes one: the acceptor's consent.
//!
//! What comes of it is the context of Kerberos: [`mech_type`](crate::SecurityContext::mech_type) says so, and messages
//! have nothing of SPNEGO.
//!
//! Servers of SMB speak first: they say which mechanisms they take (`NegTokenInit2`, MS-SPNG section 2.2.1). Give that
//! token to the first [`step`](crate::InitContext::step). It is not authenticated, and so it changes nothing of what
//! is offered; but where there is no Kerberos in it the step fails at once, and says what there is instead. An
//! acceptor whose first [`step`](crate::AcceptContext::step) gets an empty token makes one.
//!
//! Peers that list other mechanisms first, or Kerberos by the name that Windows gave it, are understood. Where
//! Kerberos was not the initiator's first choice both sides make a MIC over the list, so that better ones can't have
//! been taken out of it on the way: that is one more message each way, and [`Step`](crate::Step) tells.
