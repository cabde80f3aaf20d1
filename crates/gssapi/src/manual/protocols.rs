//! What protocols that use GSS-API ask of it, and which calls that is.
//!
//! | protocol | mechanism | first token | protection of messages |
//! |---|---|---|---|
//! | SASL `GSSAPI` (RFC 4752): LDAP, IMAP, Kafka | [`Oid::KRB5`](crate::Oid::KRB5) | the client's, in the protocol's own framing | [`wrap`](crate::SecurityContext::wrap), as agreed on in two messages more |
//! | SASL `GSS-SPNEGO`: LDAP of Windows | [`Oid::SPNEGO`](crate::Oid::SPNEGO) | the client's | as flags say, without such an agreement |
//! | HTTP `Negotiate` (RFC 4559) | [`Oid::SPNEGO`](crate::Oid::SPNEGO) | the client's, in base64, after a 401 | none: TLS, to which [`ChannelBindings`](crate::ChannelBindings) tie it |
//! | SSH `gssapi-with-mic` (RFC 4462) | [`Oid::KRB5`](crate::Oid::KRB5) | the client's | one [`get_mic`](crate::SecurityContext::get_mic) over the session's identifier |
//! | SMB (MS-SMB2) | [`Oid::SPNEGO`](crate::Oid::SPNEGO) | the server's may come first | its own, with [`session_key`](crate::SecurityContext::session_key) |
//! | DCE/RPC (MS-RPCE) | either, with [`DCE_STYLE`](crate::ContextFlags::DCE_STYLE) | the client's | scattered buffers ([`Iov`](crate::Iov)) |
//! | NFS (RFC 2203) and others | [`Oid::KRB5`](crate::Oid::KRB5) | the client's | [`wrap`](crate::SecurityContext::wrap), or [`get_mic`](crate::SecurityContext::get_mic) |
//!
//! # SASL
//!
//! Behind the context both sides agree on a *security layer*, each with one Wrap token without encryption. The server
//! offers layers and says the longest token that it takes; the client chooses, and says the same of itself. Then every
//! message of the protocol is a Wrap token behind its length in four bytes, and no message may be longer than
//! [`wrap_size_limit`](crate::SecurityContext::wrap_size_limit) has it for what the peer takes. `examples/sasl.rs` is
//! both sides.
//!
//! Ask for [`SEQUENCE`](crate::ContextFlags::SEQUENCE), and take what [`in_sequence`](crate::Unwrapped::in_sequence)
//! lets through: RFC 4752 has lost and reordered messages end the connection.
//!
//! # HTTP
//!
//! The server answers a request without authorization by `401` and `WWW-Authenticate: Negotiate`; the client repeats
//! the request with its first token in `Authorization: Negotiate`, and the server's last one comes with the answer.
//! There is nothing else of the context in HTTP, so the server has to remember the client by other means, and tie the
//! context to TLS:
//!
//! ```no_run
//! use orthros::{AcceptContext, ChannelBindings, Credential, SecurityContext, Step};
//! # fn base64(_: &[u8]) -> String { String::new() }
//! # fn from_base64(_: &str) -> Option<Vec<u8>> { None }
//!
//! /// The client's name, and the value of `WWW-Authenticate` to answer with.
//! fn authenticate(
//!     authorization: &str,
//!     credential: &Credential,
//!     certificate: &[u8],
//! ) -> Result<(String, String), Box<dyn std::error::Error>> {
//!     let token = authorization.strip_prefix("Negotiate ").and_then(from_base64);
//!     let mut acceptor = AcceptContext::builder()
//!         .credential(credential)
//!         .channel_bindings(&ChannelBindings::tls_server_end_point(certificate)?)
//!         .build()?;
//!     match acceptor.step(&token.ok_or("no token")?)? {
//!         Step::Done { context, token } => {
//!             let answer = format!("Negotiate {}", base64(&token.unwrap_or_default()));
//!             Ok((context.initiator_name().to_string(), answer))
//!         }
//!         // Where the client's first choice was another mechanism; keep the acceptor for the connection then.
//!         Step::Continue(token) => Err(format!("401, Negotiate {}", base64(&token)).into()),
//!     }
//! }
//! ```
//!
//! # SSH
//!
//! RFC 4462 wants integrity, and for the exchange of keys mutual authentication; both are the defaults here. Then
//! comes a MIC over the session's identifier and the request for authentication. It names mechanisms by their DER
//! encodings: [`Oid::to_der`](crate::Oid::to_der).
//!
//! # Servers that speak first
//!
//! SMB's, and some others', say what they take before the client has asked.
//! [`AcceptContext::step`](crate::AcceptContext::step) with an empty token gives SPNEGO's token for that, and waits
//! for the client's first one. The client gives what the server said to its own first
//! [`step`](crate::InitContext::step), or leaves it out: nothing in it is authenticated.
