//! Changes of something genuine, which get further than noise.

use arbitrary::Arbitrary;

/// One change.
#[derive(Arbitrary, Clone, Debug)]
pub enum Damage {
    /// Other bits in an octet.
    Flip { at: u16, bits: u8 },
    /// Other octets in the place of some.
    Overwrite { at: u16, octets: Vec<u8> },
    /// More octets.
    Insert { at: u16, octets: Vec<u8> },
    /// The end of it.
    Truncate { at: u16 },
}

impl Damage {
    /// Makes the change.
    pub fn apply(&self, octets: &mut Vec<u8>) {
        let place = |at: &u16| usize::from(*at) % (octets.len() + 1);
        match self {
            Self::Flip { at, bits } => {
                let at = place(at);
                if let Some(octet) = octets.get_mut(at) {
                    *octet ^= bits;
                }
            }
            Self::Overwrite { at, octets: new } => {
                let at = place(at);
                let end = octets.len().min(at + new.len());
                octets.splice(at..end, new.iter().copied());
            }
            Self::Insert { at, octets: new } => {
                let at = place(at);
                octets.splice(at..at, new.iter().copied());
            }
            Self::Truncate { at } => {
                let at = place(at);
                octets.truncate(at);
            }
        }
    }
}

/// Makes them all.
pub fn apply(damages: &[Damage], octets: &mut Vec<u8>) {
    for damage in damages {
        damage.apply(octets);
    }
}
