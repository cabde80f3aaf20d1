//! What Active Directory sends in place of a text: its policy, as a structure of 30 bytes.

use core::fmt;

use orthros_types::Duration;

/// What a domain wants of passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Characters of the shortest password.
    pub minimum_length: u32,
    /// How many old passwords can't be used again.
    pub history: u32,
    /// Whether letters alone won't do.
    pub is_complex: bool,
    /// For how long a password is good.
    pub maximum_age: Duration,
    /// How long a password must be kept.
    pub minimum_age: Duration,
}

impl PasswordPolicy {
    /// Reads the structure; none if it is something else.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; LENGTH] = bytes.try_into().ok()?;
        let ([0, 0], rest) = bytes.split_first_chunk::<2>()? else {
            return None;
        };
        let (minimum_length, rest) = rest.split_first_chunk::<4>()?;
        let (history, rest) = rest.split_first_chunk::<4>()?;
        let (properties, rest) = rest.split_first_chunk::<4>()?;
        let (maximum_age, rest) = rest.split_first_chunk::<8>()?;
        let (minimum_age, _) = rest.split_first_chunk::<8>()?;
        Some(Self {
            minimum_length: u32::from_be_bytes(*minimum_length),
            history: u32::from_be_bytes(*history),
            is_complex: u32::from_be_bytes(*properties) & COMPLEX != 0,
            maximum_age: age(*maximum_age),
            minimum_age: age(*minimum_age),
        })
    }
}

impl fmt::Display for PasswordPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the password has to follow the domain's policy")?;
        if self.is_complex {
            f.write_str("; it needs digits or symbols, and nothing of your name")?;
        }
        if self.minimum_length > 0 {
            write!(f, "; it needs at least {} characters", self.minimum_length)?;
        }
        if self.history > 0 {
            write!(f, "; it must not be one of the last {}", self.history)?;
        }
        let days = self.minimum_age.seconds() / DAY;
        if days > 0 {
            write!(f, "; it can be changed once in {days} days")?;
        }
        Ok(())
    }
}

fn age(bytes: [u8; 8]) -> Duration {
    let ticks = u64::from_be_bytes(bytes) / TICKS;
    Duration::from_seconds(i64::try_from(ticks).unwrap_or(i64::MAX))
}

/// Bytes of the structure: two of zero, three numbers of four, two of eight.
const LENGTH: usize = 30;
/// The property that letters alone won't do.
const COMPLEX: u32 = 1;
/// Ages are counted in units of 100 nanoseconds.
const TICKS: u64 = 10_000_000;
const DAY: i64 = 24 * 60 * 60;
