//! Object identifiers: what GSS-API names mechanisms and name types with (RFC 2743 section 3.1).

use core::fmt;
use core::str::FromStr;

/// An object identifier, held as the content octets of its DER encoding.
///
/// It is `Copy`, can be made in a constant, and is compared as octets. An identifier here has at least two arcs,
/// each of at most 128 bits (so that UUID arcs fit), and at most [`Oid::MAX_OCTETS`] content octets.
///
/// ```
/// use orthros::Oid;
///
/// const PRIVATE: Oid = Oid::new(&[1, 3, 6, 1, 4, 1, 99999, 1]);
///
/// let krb5: Oid = "{1 2 840 113554 1 2 2}".parse()?;
/// assert_eq!(krb5, Oid::KRB5);
/// assert_eq!(krb5.to_string(), "1.2.840.113554.1.2.2");
/// assert_ne!(krb5, PRIVATE);
/// # Ok::<(), orthros::ParseOidError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid {
    // Octets past the length are zero, so the derived comparisons compare the identifier alone.
    octets: [u8; Oid::MAX_OCTETS],
    length: u8,
}

impl Oid {
    /// The most content octets that an identifier can have here; those of real mechanisms have about ten.
    pub const MAX_OCTETS: usize = 63;

    /// An identifier from its arcs, for constants: there, a wrong one does not compile.
    ///
    /// # Panics
    ///
    /// Outside a constant it panics where [`from_arcs`](Self::from_arcs) gives an error; use that one for input.
    #[expect(
        clippy::panic,
        reason = "meant for constants, where it is a compile error"
    )]
    #[must_use]
    pub const fn new(arcs: &[u128]) -> Self {
        match Self::from_arcs(arcs) {
            Ok(oid) => oid,
            Err(_) => panic!("these arcs are not an object identifier"),
        }
    }

    /// An identifier from its arcs.
    ///
    /// # Errors
    ///
    /// [`ParseOidError`] where X.660 does not allow the arcs, or they take too many octets.
    pub const fn from_arcs(arcs: &[u128]) -> Result<Self, ParseOidError> {
        let [first, second, rest @ ..] = arcs else {
            return Err(ParseOidError::TooFewArcs);
        };
        if *first > 2 || (*first < 2 && *second > 39) {
            return Err(ParseOidError::FirstArcs);
        }
        let Some(joined) = second.checked_add(40 * *first) else {
            return Err(ParseOidError::ArcTooLarge);
        };
        let mut oid = match Self::EMPTY.with_arc(joined) {
            Ok(oid) => oid,
            Err(error) => return Err(error),
        };
        let mut rest = rest;
        while let [arc, after @ ..] = rest {
            oid = match oid.with_arc(*arc) {
                Ok(oid) => oid,
                Err(error) => return Err(error),
            };
            rest = after;
        }
        Ok(oid)
    }

    /// An identifier from the content octets of its DER encoding (what RFC 2744 calls its elements).
    ///
    /// # Errors
    ///
    /// [`ParseOidError`] where they are empty, end within an arc, or are not the shortest encoding.
    pub fn from_octets(octets: &[u8]) -> Result<Self, ParseOidError> {
        let mut held = [0; Self::MAX_OCTETS];
        held.get_mut(..octets.len())
            .ok_or(ParseOidError::TooLong)?
            .copy_from_slice(octets);
        let oid = Self {
            octets: held,
            length: u8::try_from(octets.len()).map_err(|_| ParseOidError::TooLong)?,
        };
        check_octets(octets)?;
        Ok(oid)
    }

    /// An identifier from its whole DER encoding: tag, length and content, and nothing after them.
    ///
    /// # Errors
    ///
    /// [`ParseOidError`] where it is not that.
    pub fn from_der(encoding: &[u8]) -> Result<Self, ParseOidError> {
        match encoding {
            [DER_TAG, length, octets @ ..] if usize::from(*length) == octets.len() => {
                Self::from_octets(octets)
            }
            _ => Err(ParseOidError::NotDer),
        }
    }

    /// The content octets of the DER encoding.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        // The length was checked when the value was made, so the whole array is never what is returned.
        self.octets
            .get(..usize::from(self.length))
            .unwrap_or(&self.octets)
    }

    /// The whole DER encoding: tag, length and content.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut encoding = Vec::with_capacity(2 + self.octets().len());
        encoding.extend([DER_TAG, self.length]);
        encoding.extend_from_slice(self.octets());
        encoding
    }

    /// The arcs, from the root on.
    pub fn arcs(&self) -> impl Iterator<Item = u128> + '_ {
        let mut groups = self
            .octets()
            .split_inclusive(|octet| octet & MORE == 0)
            .map(join_groups);
        let joined = groups.next().unwrap_or_default();
        let first = (joined / 40).min(2);
        [first, joined - 40 * first].into_iter().chain(groups)
    }

    /// An identifier that stands in bytes in a crate below: content octets, in a constant.
    #[expect(
        clippy::indexing_slicing,
        reason = "meant for constants, where too many octets are a compile error"
    )]
    pub(crate) const fn of_octets(octets: &[u8]) -> Self {
        let mut oid = Self::EMPTY;
        while (oid.length as usize) < octets.len() {
            oid.octets[oid.length as usize] = octets[oid.length as usize];
            oid.length += 1;
        }
        oid
    }

    const EMPTY: Self = Self {
        octets: [0; Self::MAX_OCTETS],
        length: 0,
    };

    #[expect(
        clippy::indexing_slicing,
        reason = "a constant function has no iterators; the length is checked first"
    )]
    const fn with_arc(mut self, arc: u128) -> Result<Self, ParseOidError> {
        let bits = u128::BITS - arc.leading_zeros();
        let mut groups = if bits == 0 { 1 } else { bits.div_ceil(7) };
        if self.length as usize + groups as usize > Self::MAX_OCTETS {
            return Err(ParseOidError::TooLong);
        }
        while groups > 0 {
            groups -= 1;
            let more = if groups > 0 { MORE } else { 0 };
            self.octets[self.length as usize] = ((arc >> (7 * groups)) & 0x7F) as u8 | more;
            self.length += 1;
        }
        Ok(self)
    }
}

impl FromStr for Oid {
    type Err = ParseOidError;

    /// Reads `1.2.840.113554.1.2.2`, or `{1 2 840 113554 1 2 2}` as `gss_str_to_oid` takes it.
    fn from_str(text: &str) -> Result<Self, ParseOidError> {
        let text = text.trim_ascii();
        let braced = text.strip_prefix('{').map(|rest| rest.strip_suffix('}'));
        let arcs: Result<Vec<u128>, _> = match braced {
            Some(Some(inner)) => inner.split_ascii_whitespace().map(parse_arc).collect(),
            Some(None) => return Err(ParseOidError::NotANumber),
            None => text.split('.').map(parse_arc).collect(),
        };
        Self::from_arcs(&arcs?)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, arc) in self.arcs().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write!(f, "{arc}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

/// Why something is not an object identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseOidError {
    /// There are fewer than two arcs.
    #[error("an object identifier has at least two arcs")]
    TooFewArcs,
    /// The first arc is not 0, 1 or 2, or the second is above 39 under 0 or 1.
    #[error("the first two arcs are not possible in an object identifier")]
    FirstArcs,
    /// An arc is not a decimal number, or braces do not match.
    #[error("an arc of the object identifier is not a decimal number")]
    NotANumber,
    /// An arc has more than 128 bits.
    #[error("an arc of the object identifier is larger than 128 bits")]
    ArcTooLarge,
    /// It takes more than [`Oid::MAX_OCTETS`] octets.
    #[error("the object identifier is longer than {} octets", Oid::MAX_OCTETS)]
    TooLong,
    /// Tag or length is wrong, or something follows.
    #[error("the octets are not the DER encoding of one object identifier")]
    NotDer,
    /// An arc is not encoded in its shortest form, or the last one is cut.
    #[error("an arc of the object identifier is cut or not in its shortest form")]
    NotMinimal,
}

fn parse_arc(text: &str) -> Result<u128, ParseOidError> {
    if text.is_empty() || !text.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(ParseOidError::NotANumber);
    }
    text.parse().map_err(|_| ParseOidError::ArcTooLarge)
}

fn check_octets(octets: &[u8]) -> Result<(), ParseOidError> {
    if octets.last().is_none_or(|octet| octet & MORE != 0) {
        return Err(ParseOidError::NotMinimal);
    }
    for group in octets.split_inclusive(|octet| octet & MORE == 0) {
        match group {
            [MORE, ..] => return Err(ParseOidError::NotMinimal),
            [head, tail @ ..] if tail.len() > 18 || (tail.len() == 18 && head & 0x7F > 3) => {
                return Err(ParseOidError::ArcTooLarge);
            }
            _ => {}
        }
    }
    Ok(())
}

fn join_groups(group: &[u8]) -> u128 {
    group
        .iter()
        .fold(0, |arc, octet| (arc << 7) | u128::from(octet & 0x7F))
}

/// The universal tag of OBJECT IDENTIFIER.
const DER_TAG: u8 = 0x06;
/// Set in every octet of an arc but the last.
const MORE: u8 = 0x80;

#[cfg(test)]
mod tests;
