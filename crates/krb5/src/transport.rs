//! What passes between an exchange and the transport of its driver, besides the request: to which of the realm's
//! servers that goes, and the reply, or why there is none.

mod error;
mod reply;
mod selection;

pub use error::{AttemptOutcome, DnsProblem, KdcAttempt, TransportError};
pub use reply::KdcReply;
pub use selection::KdcSelection;
