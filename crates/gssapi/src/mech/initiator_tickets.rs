//! What an initiator's first token is made of.

use orthros_types::{Credential, Duration};

/// The tickets, and how far the clock of the KDC that gave them is ahead of this one.
#[derive(Clone)]
pub(crate) struct InitiatorTickets {
    /// The service's.
    pub(super) service: Credential,
    pub(super) clock_offset: Duration,
    /// What is delegated to it, if anything is.
    pub(super) delegated: Vec<Credential>,
}
