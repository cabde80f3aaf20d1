//! OBJECT IDENTIFIER, as the octets that it is on the wire.

use alloc::vec::Vec;
use core::fmt;

use rasn::types::Tag;

use super::contents::{Contents, primitive};
use crate::{DecodeErrorKind, limits};

/// The contents octets of an OBJECT IDENTIFIER: the name of a mechanism, of an algorithm.
///
/// Two are the same exactly if their octets are, so nothing here takes them apart but `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectIdentifier(Vec<u8>);

impl ObjectIdentifier {
    /// Takes contents octets, if they are DER: X.690 section 8.19.
    #[must_use]
    pub fn new(contents: &[u8]) -> Option<Self> {
        is_well_formed(contents).then(|| Self(contents.to_vec()))
    }

    /// The contents octets.
    #[must_use]
    pub fn contents(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for ObjectIdentifier {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The dotted form. Arcs that 128 bits can't hold are shown as `?`.
impl fmt::Display for ObjectIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut subidentifiers = self.0.split_inclusive(|octet| octet & MORE == 0);
        // The first two arcs share a subidentifier: X.690 section 8.19.4.
        match subidentifiers.next().map(value) {
            Some(Some(first)) => {
                let root = (first / 40).min(2);
                write!(f, "{root}.{}", first - root * 40)?;
            }
            _ => f.write_str("2.?")?,
        }
        for subidentifier in subidentifiers {
            match value(subidentifier) {
                Some(arc) => write!(f, ".{arc}")?,
                None => f.write_str(".?")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ObjectIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Contents for ObjectIdentifier {
    const TAG: Tag = Tag::OBJECT_IDENTIFIER;
    const LIMIT: usize = limits::OBJECT_IDENTIFIER_OCTETS;

    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
        Self::new(contents).ok_or(DecodeErrorKind::ObjectIdentifier)
    }

    fn write(&self) -> impl AsRef<[u8]> {
        self
    }
}

primitive!(ObjectIdentifier);

/// Whether there is a subidentifier, the last one ends, and none has a redundant octet in front.
pub(crate) fn is_well_formed(contents: &[u8]) -> bool {
    contents.last().is_some_and(|last| last & MORE == 0)
        && contents
            .split_inclusive(|octet| octet & MORE == 0)
            .all(|subidentifier| subidentifier.first() != Some(&MORE))
}

/// The number that a subidentifier's octets spell in base 128.
fn value(subidentifier: &[u8]) -> Option<u128> {
    subidentifier.iter().try_fold(0_u128, |value, octet| {
        let shifted = value.checked_mul(u128::from(MORE))?;
        Some(shifted | u128::from(octet & !MORE))
    })
}

/// Set in each octet of a subidentifier but its last.
const MORE: u8 = 0x80;

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn identifiers_are_shown_in_the_dotted_form() {
        for (contents, dotted) in [
            (
                &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02][..],
                "1.2.840.113554.1.2.2",
            ),
            (&[0x2B, 0x06, 0x01, 0x05, 0x05, 0x02], "1.3.6.1.5.5.2"),
            (&[0x00], "0.0"),
            (&[0x4F], "1.39"),
            (&[0x88, 0x37], "2.999"),
        ] {
            let identifier = ObjectIdentifier::new(contents).unwrap();
            assert_eq!(identifier.to_string(), dotted);
        }
    }

    #[test]
    fn an_arc_of_any_size_can_be_shown() {
        let mut contents = [0xFF; 40];
        contents[0] = 0x2A;
        contents[39] = 0x7F;
        assert_eq!(
            ObjectIdentifier::new(&contents).unwrap().to_string(),
            "1.2.?"
        );
        assert_eq!(
            ObjectIdentifier::new(&contents[1..]).unwrap().to_string(),
            "2.?"
        );
    }

    #[test]
    fn contents_that_are_not_der_are_refused() {
        for contents in [
            &[][..],
            &[0x2A, 0x86],
            &[0x80, 0x01],
            &[0x2A, 0x80, 0x01],
            &[0x80],
        ] {
            assert_eq!(ObjectIdentifier::new(contents), None, "{contents:02x?}");
        }
    }
}
