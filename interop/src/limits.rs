//! What a peer can't do, and why.

use crate::Peer;

/// Cases that do not hold with a peer. Each is run all the same, and must fail: who lifts a limit has to take it out of here.
pub const LIMITS: &[Limit] = &[];

/// A case that does not hold with a peer.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Whose KDC.
    pub peer: Peer,
    /// The name of the case.
    pub case: &'static str,
    /// Why.
    pub reason: &'static str,
}

impl Limit {
    /// The limit of a peer in a case.
    #[must_use]
    pub fn find(peer: Peer, case: &str) -> Option<&'static Self> {
        LIMITS
            .iter()
            .find(|limit| limit.peer == peer && limit.case == case)
    }
}
