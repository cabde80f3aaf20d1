//! Sequence numbers of received message tokens: replays, gaps and disorder.
//!
//! RFC 4121 tokens carry 64-bit sequence numbers that start at the 32-bit number of the
//! AP-REQ (initiator to acceptor) or AP-REP (acceptor to initiator). What a receiver reports
//! depends on which of replay detection and sequence detection were negotiated
//! (RFC 2743 sections 1.2.3 and 1.2.4); the answers are MIT krb5's.

/// What the window knows about one received sequence number.
///
/// All but [`InOrder`](Self::InOrder) are the supplementary statuses of RFC 2743: they come
/// with an authentic message, not instead of it, and the caller decides what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SequenceStatus {
    /// The token is the expected one, or nothing was negotiated that would complain about it.
    InOrder,
    /// One or more tokens before this one have not come (`GSS_S_GAP_TOKEN`).
    Gap,
    /// A later token was already seen (`GSS_S_UNSEQ_TOKEN`).
    Unsequenced,
    /// Too far behind to tell whether it was seen before (`GSS_S_OLD_TOKEN`).
    Old,
    /// This token was seen before (`GSS_S_DUPLICATE_TOKEN`).
    Duplicate,
}

/// The receiving side's memory: the highest sequence number and which of the 64 numbers up
/// to it have been seen.
///
/// Feed it only numbers of tokens whose MAC was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceWindow {
    replay_detection: bool,
    sequence_detection: bool,
    /// The first number of this direction. All others are taken relative to it, so that
    /// numbers wrap without a special case.
    initial: u64,
    /// The highest number seen, relative to `initial`; 0 before the first token.
    highest: u64,
    /// Bit `n` is set when the number `highest - n` was seen; none is before the first token.
    seen: u64,
}

impl SequenceWindow {
    /// A window that expects `initial` first and reports what was negotiated.
    #[must_use]
    pub const fn new(initial: u64, replay_detection: bool, sequence_detection: bool) -> Self {
        Self {
            replay_detection,
            sequence_detection,
            initial,
            highest: 0,
            seen: 0,
        }
    }

    /// Checks the number of an authentic token and remembers it.
    pub fn check(&mut self, number: u64) -> SequenceStatus {
        if !self.replay_detection && !self.sequence_detection {
            return SequenceStatus::InOrder;
        }
        let number = number.wrapping_sub(self.initial);
        match self.highest() {
            None => self.advance(number, number.saturating_add(1), number == 0),
            Some(highest) if number > highest => {
                let step = number - highest;
                self.advance(number, step, step == 1)
            }
            Some(highest) => self.look_back(highest - number),
        }
    }

    /// The number expected next: one more than the highest seen, or the initial one.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        match self.highest() {
            None => self.initial,
            Some(highest) => self.initial.wrapping_add(highest).wrapping_add(1),
        }
    }

    /// What an exported context keeps of it: initial number, highest relative to it, and which were seen.
    pub(crate) const fn state(&self) -> (u64, Option<u64>, u64) {
        (self.initial, self.highest(), self.seen)
    }

    /// A window in such a state; `None` if none can be in it.
    pub(crate) fn with_state(
        mut self,
        (initial, highest, seen): (u64, Option<u64>, u64),
    ) -> Option<Self> {
        let (highest, possible) = match highest {
            None => (0, seen == 0),
            Some(highest) => (
                highest,
                seen & 1 == 1 && reaches_back_to_the_start(seen, highest),
            ),
        };
        self.initial = initial;
        self.highest = highest;
        self.seen = seen;
        possible.then_some(self)
    }

    const fn highest(&self) -> Option<u64> {
        if self.seen == 0 {
            None
        } else {
            Some(self.highest)
        }
    }

    fn advance(&mut self, number: u64, step: u64, expected: bool) -> SequenceStatus {
        self.highest = number;
        self.seen = u32::try_from(step)
            .ok()
            .and_then(|step| self.seen.checked_shl(step))
            .unwrap_or(0)
            | 1;
        if expected || !self.sequence_detection {
            SequenceStatus::InOrder
        } else {
            SequenceStatus::Gap
        }
    }

    fn look_back(&mut self, behind: u64) -> SequenceStatus {
        let bit = u32::try_from(behind)
            .ok()
            .and_then(|behind| 1u64.checked_shl(behind));
        match bit {
            None if self.sequence_detection => SequenceStatus::Unsequenced,
            None => SequenceStatus::Old,
            Some(bit) if self.replay_detection && self.seen & bit != 0 => SequenceStatus::Duplicate,
            Some(bit) => {
                self.seen |= bit;
                if self.sequence_detection {
                    SequenceStatus::Unsequenced
                } else {
                    SequenceStatus::InOrder
                }
            }
        }
    }
}

/// Whether no number before the first one is marked as seen.
fn reaches_back_to_the_start(seen: u64, highest: u64) -> bool {
    let beyond = u32::try_from(highest.saturating_add(1)).unwrap_or(u32::MAX);
    seen.checked_shr(beyond).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests;
