//! What a network does to what is sent over it.

use super::chance::Chance;
use super::time::{MILLISECOND, SECOND};

/// The dangers of one world, in how many of a thousand messages each strikes.
#[derive(Clone, Debug)]
pub(super) struct Weather {
    lost: u64,
    duplicated: u64,
    truncated: u64,
    changed: u64,
    /// The longest time on the way, in microseconds.
    slowest: i64,
}

/// One copy of a message, and how long it is on its way.
pub(super) struct Copy {
    pub(super) octets: Vec<u8>,
    pub(super) delay: i64,
    /// Whether it is what was sent.
    pub(super) genuine: bool,
}

impl Weather {
    /// Half of the worlds are calm or only slow; in others datagrams are lost, and in some they are changed.
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let calm = Self {
            lost: 0,
            duplicated: 0,
            truncated: 0,
            changed: 0,
            slowest: 20 * MILLISECOND,
        };
        match chance.below(6) {
            0 | 1 => calm,
            2 => Self {
                slowest: 3 * SECOND,
                ..calm
            },
            3 => Self {
                lost: 250,
                duplicated: 250,
                slowest: 2 * SECOND,
                ..calm
            },
            4 => Self {
                lost: 600,
                duplicated: 100,
                slowest: 8 * SECOND,
                ..calm
            },
            _ => Self {
                lost: 100,
                duplicated: 300,
                truncated: 100,
                changed: 150,
                slowest: SECOND,
            },
        }
    }

    /// Whether everything arrives in time, once and as it was sent.
    pub(super) fn is_calm(&self) -> bool {
        self.lost + self.duplicated + self.truncated + self.changed == 0 && self.slowest < SECOND
    }

    /// Whether what is sent is changed on the way.
    pub(super) fn is_hostile(&self) -> bool {
        self.changed > 0
    }

    /// What becomes of one message.
    pub(super) fn carry(&self, octets: &[u8], chance: &mut Chance) -> Vec<Copy> {
        let copies = if chance.happens(self.duplicated) {
            2
        } else {
            1
        };
        let mut arriving = Vec::new();
        for _ in 0..copies {
            if !chance.happens(self.lost) {
                arriving.push(self.arrival(octets, chance));
            }
        }
        arriving
    }

    /// How long something is on its way.
    pub(super) fn delay(&self, chance: &mut Chance) -> i64 {
        chance.between(MILLISECOND, self.slowest)
    }

    fn arrival(&self, octets: &[u8], chance: &mut Chance) -> Copy {
        let mut octets = octets.to_vec();
        let truncated = chance.happens(self.truncated);
        if truncated {
            octets.truncate(chance.index(octets.len()));
        }
        let changed = chance.happens(self.changed);
        let index = chance.index(octets.len());
        if let Some(octet) = octets.get_mut(index).filter(|_| changed) {
            *octet ^= 1 << chance.below(8);
        }
        Copy {
            octets,
            delay: self.delay(chance),
            genuine: !(truncated || changed),
        }
    }
}
