//! The Kerberos V5 protocol without I/O: AS, TGS and AP exchanges, RFC 4121 tokens.
//!
//! Principals, times, credentials and the formats of files are in [`orthros_types`].
//!
//! # Exchanges and contexts
//!
//! An exchange is a value that is stepped: what came in, `now` and randomness go in; what to send, or the result,
//! comes out. [`AsExchange`] gets an initial ticket, [`TgsExchange`] further ones. Both say what to send to the
//! KDCs of which realm ([`KdcRequest`]) and take the reply, and the driver owns the I/O. [`ap`] makes an
//! established context of a service ticket, on both sides; [`message`] protects messages under it, in the caller's
//! buffers.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod ap;
mod ap_req;
pub mod client;
pub mod dns;
mod exchange;
pub mod failover;
pub mod locate;
mod malformed_token;
pub mod message;
pub mod observe;
mod peer_error;
mod preauth;
mod sequence;
pub mod session;
mod stack;
mod transited;
mod transport;
mod wire;

pub use exchange::{
    AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, ExchangeError,
    ExchangeMisuseError, FastArmor, FastUse, InitialTicket, KdcRefusalError, KdcRequest,
    PasswordAdvice, PasswordExchange, PasswordExpiry, PasswordOutcome, PasswordPolicy,
    PasswordResult, PasswordStep, ReplyError, SecretEvidence, ServiceTicket, TgsExchange,
    TgsRequestOptions, TgsStep, Transport,
};
pub use malformed_token::MalformedTokenError;
/// Keys, enctypes and randomness, for callers that depend on this crate alone.
pub use orthros_crypto as crypto;
pub use peer_error::{ErrorData, PeerError};
pub use preauth::PasswordKeyInfo;
pub use sequence::{SequenceStatus, SequenceWindow};
pub use transport::{
    AttemptOutcome, DnsProblem, KdcAttempt, KdcReply, KdcSelection, TransportError,
};
