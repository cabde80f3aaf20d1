//! How long credentials and contexts last.

use core::fmt;

/// A lifetime: a number of seconds, or no end (`GSS_C_INDEFINITE`).
///
/// Lifetimes are ordered; no end is longer than every number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lifetime {
    /// So many seconds; 0 when it is over.
    Seconds(u32),
    /// No end, and in a request: as long as one can get.
    #[default]
    Indefinite,
}

impl Lifetime {
    /// The number of RFC 2744: seconds, and 0xFFFFFFFF for no end.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Indefinite => INDEFINITE,
        }
    }

    /// From the number of RFC 2744; 0xFFFFFFFF is no end.
    #[must_use]
    pub const fn from_number(number: u32) -> Self {
        match number {
            INDEFINITE => Self::Indefinite,
            seconds => Self::Seconds(seconds),
        }
    }

    /// What is left until a moment `seconds` away: nothing where that has passed, and at most 0xFFFFFFFE.
    pub(crate) fn remaining(seconds: i64) -> Self {
        let most = i64::from(INDEFINITE) - 1;
        Self::Seconds(u32::try_from(seconds.clamp(0, most)).unwrap_or(0))
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "{seconds} s"),
            Self::Indefinite => f.write_str("no end"),
        }
    }
}

const INDEFINITE: u32 = 0xFFFF_FFFF;

#[cfg(test)]
mod tests {
    use super::Lifetime;

    #[test]
    fn numbers_go_both_ways() {
        assert_eq!(Lifetime::from_number(0xFFFF_FFFF), Lifetime::Indefinite);
        assert_eq!(Lifetime::Indefinite.number(), 0xFFFF_FFFF);
        assert_eq!(Lifetime::from_number(300), Lifetime::Seconds(300));
        assert_eq!(Lifetime::Seconds(300).number(), 300);
    }

    #[test]
    fn no_end_is_the_longest() {
        assert!(Lifetime::Indefinite > Lifetime::Seconds(0xFFFF_FFFE));
    }

    #[test]
    fn the_past_leaves_nothing_and_the_far_future_is_not_called_endless() {
        assert_eq!(Lifetime::remaining(-5), Lifetime::Seconds(0));
        assert_eq!(
            Lifetime::remaining(i64::MAX),
            Lifetime::Seconds(0xFFFF_FFFE)
        );
    }
}
