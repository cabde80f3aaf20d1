//! Where an operation is that may need KDCs.

use orthros_krb5::{KdcRequest, KdcSelection};

/// Where an operation is whose caller asks KDCs itself; see [`InitContext::start`](crate::InitContext::start) and
/// [`CredentialBuilder::start`](crate::CredentialBuilder::start).
#[derive(Debug)]
#[must_use = "it goes on with the KDC's reply, or its result is in here"]
pub enum Progress<T> {
    /// Send this, and answer with what came back. Requests are whole messages; over a stream each has its length
    /// before it (RFC 4120 section 7.2.2).
    AskKdc {
        /// What to send, and to the KDCs of which realm.
        request: KdcRequest,
        /// To which of them.
        kdcs: KdcSelection,
    },
    /// The result.
    Ready(T),
}
