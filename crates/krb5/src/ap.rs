//! The AP exchange as the GSS-API mechanism uses it: RFC 4120 section 3.2 and RFC 4121 section 4.1.
//!
//! [`initiate`] makes the first token of a service ticket, [`Acceptor::accept`] takes it and makes
//! the second, [`AwaitingReply::step`] takes that. Both sides end in an [`EstablishedContext`],
//! which nothing else makes. `now` and randomness are arguments; keys and the memory of past
//! requests come in as [`KeySource`] and [`ReplayStore`](orthros_types::ReplayStore).
//!
//! For user-to-user the initiator needs its peer's ticket-granting ticket before: [`request_tgt`] and [`TgtRequest`] are the
//! two sides of the exchange for it.

mod acceptor;
mod ap_options;
mod checksum;
mod context;
mod critical_data;
mod dce;
mod defect;
mod delegation;
mod error;
mod etype_negotiation;
mod export;
mod flags;
mod indicators;
mod initiator;
mod key_source;
mod mechanism;
mod peer_error;
mod pseudo_random;
mod random;
#[cfg(test)]
mod tests;
mod user_to_user;
mod wire;

pub use acceptor::{AcceptError, Accepted, Acceptor};
pub use checksum::{AuthenticatorChecksum, AuthenticatorChecksumError};
pub use context::{ContextInfo, EstablishedContext};
pub use dce::{
    AwaitingDceConfirmation, AwaitingDceReply, DceAccepted, DceCompletion, is_dce_style_request,
};
pub use defect::ApCheckError;
pub use delegation::ForeignDelegation;
pub use error::{ApError, ApMisuseError, MalformedTokenError};
pub use export::{ExportError, ImportError};
pub use flags::GssFlags;
pub use initiator::{AwaitingReply, Initiated, Initiation, InitiatorOptions, initiate};
pub use key_source::{AcceptorKey, AcceptorName, KeyLookupError, KeyLookupReason, KeySource};
pub use mechanism::Mechanism;
pub use peer_error::PeerError;
pub use pseudo_random::{PseudoRandomError, pseudo_random};
pub use user_to_user::{AwaitingTgt, TgtRequest, request_tgt};
