//! Events for the crate `tracing`.

use orthros_krb5::observe::{Event, Observe};

/// Hands each event on to the crate `tracing`, as an event of its own at the level DEBUG and with the target
/// `orthros`: its message is the line of a trace.
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingObserver;

impl Observe for TracingObserver {
    fn observe(&self, event: &Event<'_>) {
        tracing::debug!(target: "orthros", "{event}");
    }
}
