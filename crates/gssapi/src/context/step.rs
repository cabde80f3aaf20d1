//! What a step of establishing a context leads to.

use super::SecurityContext;

/// What a step of [`InitContext`](crate::InitContext) or [`AcceptContext`](crate::AcceptContext) leads to.
#[derive(Debug)]
#[must_use = "tokens have to be sent, and the context is in here"]
pub enum Step {
    /// Send this token to the peer, wait for its answer, and step again with that.
    Continue(Vec<u8>),
    /// The context is established on this side.
    Done {
        /// The context.
        context: SecurityContext,
        /// A last token to send to the peer, which still needs it.
        token: Option<Vec<u8>>,
    },
}
