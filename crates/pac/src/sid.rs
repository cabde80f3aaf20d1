//! Security identifiers.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use thiserror::Error;

/// A security identifier: a user, group or domain of Windows (\[MS-DTYP\] section 2.4.2), `S-1-5-21-..` as text.
///
/// ```
/// use orthros_pac::Sid;
///
/// let domain: Sid = "S-1-5-21-397955417-626881126-188441444".parse()?;
/// let domain_users = domain.with_rid(513).unwrap();
/// assert_eq!(domain_users.to_string(), "S-1-5-21-397955417-626881126-188441444-513");
/// assert_eq!(domain_users.domain(), Some(domain));
/// assert_eq!(domain_users.rid(), Some(513));
/// # Ok::<(), orthros_pac::ParseSidError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Sid {
    authority: [u8; 6],
    count: u8,
    /// Those behind the count are zero.
    sub_authorities: [u32; Self::MOST_SUB_AUTHORITIES],
}

impl Sid {
    /// How many subauthorities a SID has at most.
    pub const MOST_SUB_AUTHORITIES: usize = 15;

    /// The SID of an authority, of which 48 bits count, and subauthorities; `None` for more bits, or more of them than
    /// [`MOST_SUB_AUTHORITIES`](Self::MOST_SUB_AUTHORITIES).
    #[must_use]
    pub fn new(authority: u64, sub_authorities: &[u32]) -> Option<Self> {
        let [0, 0, authority @ ..] = authority.to_be_bytes() else {
            return None;
        };
        let mut sid = Self {
            authority,
            count: u8::try_from(sub_authorities.len()).ok()?,
            sub_authorities: [0; Self::MOST_SUB_AUTHORITIES],
        };
        let room = sid.sub_authorities.get_mut(..sub_authorities.len())?;
        room.copy_from_slice(sub_authorities);
        Some(sid)
    }

    /// Reads the bytes of a SID, all of them: revision, number of subauthorities, authority in big-endian order,
    /// subauthorities in little-endian order (\[MS-DTYP\] section 2.4.2.2).
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ([REVISION, count, authority @ ..], rest) = bytes.split_first_chunk::<8>()? else {
            return None;
        };
        let (sub_authorities, []) = rest.as_chunks::<4>() else {
            return None;
        };
        if sub_authorities.len() != usize::from(*count) {
            return None;
        }
        let mut sid = Self {
            authority: *authority,
            count: *count,
            sub_authorities: [0; Self::MOST_SUB_AUTHORITIES],
        };
        let room = sid.sub_authorities.get_mut(..sub_authorities.len())?;
        for (place, bytes) in room.iter_mut().zip(sub_authorities) {
            *place = u32::from_le_bytes(*bytes);
        }
        Some(sid)
    }

    /// What [`from_bytes`](Self::from_bytes) reads.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 4 * Self::MOST_SUB_AUTHORITIES);
        bytes.extend([REVISION, self.count]);
        bytes.extend(self.authority);
        let sub_authorities = self.sub_authorities().iter();
        bytes.extend(sub_authorities.flat_map(|number| number.to_le_bytes()));
        bytes
    }

    /// The identifier authority: 5 (`NT AUTHORITY`) for users and groups of a domain.
    #[must_use]
    pub fn authority(&self) -> u64 {
        let [a, b, c, d, e, f] = self.authority;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// The subauthorities, the relative identifier last.
    #[must_use]
    pub fn sub_authorities(&self) -> &[u32] {
        // The count is at most the room's: see `new` and `from_bytes`.
        let room = self.sub_authorities.split_at_checked(self.count.into());
        room.map_or(&[], |(used, _)| used)
    }

    /// The relative identifier, its last subauthority.
    #[must_use]
    pub fn rid(&self) -> Option<u32> {
        self.sub_authorities().last().copied()
    }

    /// The SID without its relative identifier: for a user or a group, its domain's.
    #[must_use]
    pub fn domain(&self) -> Option<Self> {
        let (_, domain) = self.sub_authorities().split_last()?;
        Self::new(self.authority(), domain)
    }

    /// The SID of this relative identifier in a domain; `None` if the domain has 15 subauthorities already.
    #[must_use]
    pub fn with_rid(&self, rid: u32) -> Option<Self> {
        let mut sid = *self;
        *sid.sub_authorities.get_mut(usize::from(self.count))? = rid;
        sid.count = self.count.checked_add(1)?;
        Some(sid)
    }
}

impl PartialEq for Sid {
    fn eq(&self, other: &Self) -> bool {
        // The relative identifier first: it is what differs within a domain.
        self.rid() == other.rid()
            && self.authority == other.authority
            && self.sub_authorities() == other.sub_authorities()
    }
}

impl Eq for Sid {}

impl PartialOrd for Sid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sid {
    /// By authority, then by subauthorities.
    fn cmp(&self, other: &Self) -> Ordering {
        let sub_authorities = || self.sub_authorities().cmp(other.sub_authorities());
        self.authority
            .cmp(&other.authority)
            .then_with(sub_authorities)
    }
}

impl Hash for Sid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.authority.hash(state);
        self.sub_authorities().hash(state);
    }
}

/// `S-1-`, the authority, and the subauthorities; an authority of 2^32 or more in hexadecimal (\[MS-DTYP\] section
/// 2.4.2.1).
impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match u32::try_from(self.authority()) {
            Ok(authority) => write!(f, "S-{REVISION}-{authority}")?,
            Err(_) => write!(f, "S-{REVISION}-0x{:012X}", self.authority())?,
        }
        let mut sub_authorities = self.sub_authorities().iter();
        sub_authorities.try_for_each(|number| write!(f, "-{number}"))
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sid({self})")
    }
}

/// A text that is no SID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a SID, as S-1-5-21-1-2-3-513 is one")]
pub struct ParseSidError;

impl FromStr for Sid {
    type Err = ParseSidError;

    /// Reads what `Display` writes, and an authority below 2^32 in hexadecimal, too.
    fn from_str(text: &str) -> Result<Self, ParseSidError> {
        let mut parts = text.split('-');
        if !parts.next().is_some_and(|s| s.eq_ignore_ascii_case("s")) || parts.next() != Some("1") {
            return Err(ParseSidError);
        }
        let authority = read_authority(parts.next().ok_or(ParseSidError)?)?;
        let mut sub_authorities = Vec::with_capacity(Self::MOST_SUB_AUTHORITIES);
        for part in parts {
            if sub_authorities.len() == Self::MOST_SUB_AUTHORITIES {
                return Err(ParseSidError);
            }
            sub_authorities.push(decimal(part)?);
        }
        Self::new(authority, &sub_authorities).ok_or(ParseSidError)
    }
}

fn read_authority(text: &str) -> Result<u64, ParseSidError> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            u64::from_str_radix(digits, 16).map_err(|_| ParseSidError)
        }
        Some(_) => Err(ParseSidError),
        None => decimal(text).map(u64::from),
    }
}

/// A number without a sign, which Rust's own reader would take.
fn decimal(text: &str) -> Result<u32, ParseSidError> {
    if !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(ParseSidError);
    }
    text.parse().map_err(|_| ParseSidError)
}

const REVISION: u8 = 1;

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::Sid;

    #[test]
    fn texts_and_bytes_are_read_as_they_are_written() {
        for text in [
            "S-1-0",
            "S-1-1-0",
            "S-1-5-32-544",
            "S-1-5-21-4294967295-0-1-500",
            "S-1-4294967295-7",
            "S-1-0x000100000000-7",
            "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
        ] {
            let sid: Sid = text.parse().unwrap();
            assert_eq!(sid.to_string(), text);
            assert_eq!(Sid::from_bytes(&sid.to_bytes()), Some(sid));
        }
        assert_eq!("s-1-0x5-32".parse::<Sid>(), "S-1-5-32".parse());
    }

    #[test]
    fn what_is_no_sid_is_refused_as_text() {
        let sixteen: String = "S-1-5".to_string() + &"-1".repeat(16);
        for text in [
            "",
            "S",
            "S-1",
            "S-1-",
            "S-2-5",
            "X-1-5",
            "S-1-5-",
            "S-1-5--1",
            "S-1-+5",
            "S-1-5-4294967296",
            "S-1-0x1000000000000",
            "S-1-4294967296",
            "S-1-0x",
            "S-1-0x-1",
            " S-1-5",
            "S-1-5 ",
            &sixteen,
        ] {
            assert!(text.parse::<Sid>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_sid_is_refused_as_bytes() {
        let bytes = "S-1-5-32-544".parse::<Sid>().unwrap().to_bytes();
        for end in 0..bytes.len() {
            assert_eq!(Sid::from_bytes(&bytes[..end]), None, "cut at {end}");
        }
        assert_eq!(Sid::from_bytes(&[&bytes[..], &[0]].concat()), None);
        for (place, value) in [(0, 2), (1, 1), (1, 3), (1, 255)] {
            let mut other = bytes.clone();
            other[place] = value;
            assert_eq!(Sid::from_bytes(&other), None);
        }
        let mut sixteen = alloc::vec![0; 8 + 4 * 16];
        sixteen[..2].copy_from_slice(&[1, 16]);
        assert_eq!(Sid::from_bytes(&sixteen), None);
    }

    #[test]
    fn a_full_sid_takes_no_rid() {
        let full = Sid::new(5, &[1; 15]).unwrap();
        assert_eq!(full.with_rid(1), None);
        assert_eq!(Sid::new(5, &[1; 16]), None);
        assert_eq!(Sid::new(1 << 48, &[]), None);
        let bare = Sid::new(5, &[]).unwrap();
        assert_eq!((bare.rid(), bare.domain()), (None, None));
    }

    #[test]
    fn sids_are_ordered_by_authority_then_by_subauthorities() {
        let sid = |text: &str| text.parse::<Sid>().unwrap();
        let ordered = ["S-1-1-9", "S-1-5", "S-1-5-1", "S-1-5-1-0", "S-1-5-2"].map(sid);
        assert!(ordered.is_sorted_by(|left, right| left < right));
    }
}
