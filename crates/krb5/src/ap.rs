//! The AP exchange as the GSS-API mechanism uses it: RFC 4120 section 3.2 and RFC 4121 section 4.1.
//!
//! [`initiate`] makes the first token of a service ticket, [`Acceptor::accept`] takes it and makes
//! the second, [`AwaitingReply::step`] takes that. Both sides end in an [`EstablishedContext`],
//! which nothing else makes. `now` and randomness are arguments; keys and the memory of past
//! requests come in as [`KeySource`] and [`ReplayCache`](orthros_types::ReplayCache).
//!
//! For user-to-user the initiator needs its peer's ticket-granting ticket before: [`request_tgt`] and [`TgtRequest`]
//! are the two sides of the exchange for it.

mod acceptor;
mod acceptor_name;
mod ap_options;
mod ap_rep;
mod checksum;
mod context;
mod critical_data;
mod delegation;
mod error;
mod error_reply;
mod etype_negotiation;
mod export;
mod first_token;
mod flags;
mod indicators;
mod initiator;
mod key_source;
mod mechanism;
mod pseudo_random;
mod random;
#[cfg(test)]
mod tests;
mod ticket_authorization;
mod token;
mod user_to_user;

pub use acceptor::{AcceptError, Accepted, Acceptor, AwaitingDceConfirmation, DceAccepted};
pub use acceptor_name::AcceptorName;
pub use checksum::AuthenticatorChecksum;
pub use context::{ContextInfo, EstablishedContext};
pub use error::{ApCheckError, ApError, ApMisuseError, KeyLookupError, KeyLookupReason};
pub use first_token::{ApReqToken, DceApReqToken, FirstToken};
pub use flags::ContextFlags;
pub use initiator::{
    AwaitingDceReply, AwaitingReply, DceCompletion, Initiated, Initiation, InitiatorOptions,
    initiate,
};
pub use key_source::{AcceptorKey, KeySource};
pub use mechanism::Mechanism;
pub use pseudo_random::pseudo_random;
pub use ticket_authorization::{PacProof, TicketAuthorization, TicketPac};
pub use user_to_user::{AwaitingTgt, TgtRequest, request_tgt};
