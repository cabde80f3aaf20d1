//! The realms that a client came through, RFC 4120 section 3.3.3.2.

use alloc::vec::Vec;

use orthros_asn1::{TransitedEncoding, TransitedType};

use crate::paths::{self, LONGEST_REALM};
use crate::{RealmPolicy, RequestError};

/// Adds a realm behind those that were transited before. Another realm wrote these: a quote that it left open would
/// take the comma, and the realm that is added would be part of the name before it.
pub(crate) fn add(
    transited: &TransitedEncoding,
    realm: &[u8],
) -> Result<TransitedEncoding, RequestError> {
    check_type(transited)?;
    if ends_in_open_quote(&transited.contents) {
        return Err(RequestError::PathNotAccepted);
    }
    let mut contents = transited.contents.to_vec();
    if !contents.is_empty() {
        contents.push(b',');
    }
    // What begins like this would be read as continuing the realm before it.
    if realm.first() == Some(&b'/') {
        contents.push(b' ');
    }
    for (index, byte) in realm.iter().enumerate() {
        let ends_in_period = *byte == b'.' && index + 1 == realm.len();
        if matches!(byte, b',' | b'\\') || ends_in_period {
            contents.push(b'\\');
        }
        contents.push(*byte);
    }
    Ok(TransitedEncoding {
        tr_type: TransitedType::DOMAIN_X500_COMPRESS,
        contents: contents.into(),
    })
}

fn ends_in_open_quote(contents: &[u8]) -> bool {
    let backslashes = contents.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

/// Whether each transited realm is one on the path that the realm's policy has from the client's realm to its own.
///
/// What the ticket says may be its own service's invention: the first realm that is not on the path ends it, and so
/// does one more than any path has.
pub(crate) fn is_acceptable(
    policy: &RealmPolicy,
    transited: &TransitedEncoding,
    client_realm: &[u8],
) -> Result<bool, RequestError> {
    check_type(transited)?;
    if transited.contents.is_empty() {
        return Ok(true);
    }
    let path = paths::between(policy, client_realm, &policy.realm);
    let mut count = 0_usize;
    let mut is_expected = |realm: &[u8]| {
        count = count.saturating_add(1);
        let ends = realm == client_realm || *realm == *policy.realm;
        count <= MOST_REALMS && (ends || path.contains(&realm))
    };
    let contents = &transited.contents;
    Ok(expand(contents, client_realm, &policy.realm, &mut is_expected).is_some())
}

/// The realm by way of which a client came here: the last of the transited ones, or its own where it came straight.
pub(crate) fn last(
    policy: &RealmPolicy,
    transited: &TransitedEncoding,
    client_realm: &[u8],
) -> Vec<u8> {
    let mut last = client_realm.to_vec();
    let mut count = 0_usize;
    let mut note = |realm: &[u8]| {
        count = count.saturating_add(1);
        // Neither end of the path lies on it.
        if realm != client_realm && *realm != *policy.realm {
            last = realm.to_vec();
        }
        count <= MOST_REALMS
    };
    // A list that can't be read to its end is not an acceptable path, which is checked elsewhere.
    let _ = expand(&transited.contents, client_realm, &policy.realm, &mut note);
    last
}

/// How many transited realms are looked at.
const MOST_REALMS: usize = 256;

fn check_type(transited: &TransitedEncoding) -> Result<(), RequestError> {
    let known = transited.tr_type == TransitedType::DOMAIN_X500_COMPRESS;
    // MIT's KDCs of old wrote type 0 where there was nothing to write.
    if known || transited.contents.is_empty() {
        Ok(())
    } else {
        Err(RequestError::TransitedType)
    }
}

/// Whether a realm may be there.
type Check<'c> = dyn FnMut(&[u8]) -> bool + 'c;

/// Calls `check` with each realm that the encoding stands for, until it says no. `None` where it did, where the
/// encoding stands for none, or for those between two realms that are not above one another.
///
/// It holds no more than two realms at a time: a short list can stand for many long ones.
fn expand(
    contents: &[u8],
    client_realm: &[u8],
    service_realm: &[u8],
    check: &mut Check<'_>,
) -> Option<()> {
    let mut before = client_realm.to_vec();
    let mut previous: Vec<u8> = Vec::new();
    let mut fill = false;
    let mut rest = Some(contents);
    while let Some(fields) = rest {
        let field;
        (field, rest) = Field::split(fields)?;
        if field.is_empty() {
            fill = true;
            continue;
        }
        let realm = uncompress(&field, &previous)?;
        if core::mem::take(&mut fill) {
            between(&before, &realm, check)?;
        }
        check(&realm).then_some(())?;
        before.clone_from(&realm);
        previous = realm;
    }
    if fill {
        between(&before, service_realm, check)?;
    }
    Some(())
}

/// One realm as it is written, without its quotes.
#[derive(Default)]
struct Field {
    bytes: Vec<u8>,
    /// Whether its last byte was quoted.
    ends_quoted: bool,
}

impl Field {
    /// The first field, and what is behind its comma if there is one. `None` where a quote is at the end, or the
    /// field is longer than any realm.
    fn split(fields: &[u8]) -> Option<(Self, Option<&[u8]>)> {
        let mut field = Self::default();
        let mut bytes = fields.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b',' => return Some((field, Some(bytes.as_slice()))),
                b'\\' => field.push(*bytes.next()?, true)?,
                _ => field.push(*byte, false)?,
            }
        }
        Some((field, None))
    }

    fn push(&mut self, byte: u8, quoted: bool) -> Option<()> {
        self.bytes.push(byte);
        self.ends_quoted = quoted;
        (self.bytes.len() <= LONGEST_REALM).then_some(())
    }

    const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// The realm that a field stands for, behind `previous`; `None` where it is longer than any.
fn uncompress(field: &Field, previous: &[u8]) -> Option<Vec<u8>> {
    let bytes = field.bytes.as_slice();
    let realm = match bytes {
        [b'/', ..] => [previous, bytes].concat(),
        [b' ', rest @ ..] => rest.to_vec(),
        [.., b'.'] if !field.ends_quoted => [bytes, previous].concat(),
        _ => bytes.to_vec(),
    };
    (realm.len() <= LONGEST_REALM).then_some(realm)
}

/// Calls `check` with the realms between two, of which one is above the other, in their order. `None` where they
/// are not, or `check` says no.
fn between(one: &[u8], other: &[u8], check: &mut Check<'_>) -> Option<()> {
    let (lower, upper, rising) = if one.len() > other.len() {
        (one, other, true)
    } else {
        (other, one, false)
    };
    if lower == upper {
        return Some(());
    }
    let is_x500 = upper.first() == Some(&b'/');
    let below = if is_x500 {
        lower.strip_prefix(upper)?.strip_prefix(b"/")?
    } else {
        lower.strip_suffix(upper)?.strip_suffix(b".")?
    };
    let mut show = |index: usize, byte: &u8| -> Option<()> {
        let realm = match byte {
            b'/' if is_x500 => lower.get(..upper.len().checked_add(index)?.checked_add(1)?)?,
            b'.' if !is_x500 => lower.get(index.checked_add(1)?..)?,
            _ => return Some(()),
        };
        check(realm).then_some(())
    };
    // Those of DNS are longest at the left, those of X.500 at the right.
    if rising == is_x500 {
        let mut bytes = below.iter().enumerate().rev();
        bytes.try_for_each(|(index, byte)| show(index, byte))
    } else {
        let mut bytes = below.iter().enumerate();
        bytes.try_for_each(|(index, byte)| show(index, byte))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn expanded(contents: &str, client: &str, service: &str) -> Option<Vec<String>> {
        let mut realms = Vec::new();
        let mut take = |realm: &[u8]| {
            realms.push(String::from_utf8(realm.to_vec()).unwrap());
            true
        };
        let (client, service) = (client.as_bytes(), service.as_bytes());
        expand(contents.as_bytes(), client, service, &mut take)?;
        Some(realms)
    }

    /// The examples of RFC 4120 section 3.3.3.2, and what they leave open.
    #[test]
    fn compressed_realms_are_read_as_the_rfc_has_them() {
        for (contents, expected) in [
            (
                "EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS.",
                &[
                    "EDU",
                    "MIT.EDU",
                    "ATHENA.MIT.EDU",
                    "WASHINGTON.EDU",
                    "CS.WASHINGTON.EDU",
                ][..],
            ),
            (
                "/COM,/HP,/APOLLO, /COM/DEC",
                &["/COM", "/COM/HP", "/COM/HP/APOLLO", "/COM/DEC"],
            ),
            ("A\\,B", &["A,B"]),
            ("A,B\\.", &["A", "B."]),
        ] {
            assert_eq!(expanded(contents, "X", "Y").unwrap(), expected);
        }
    }

    #[test]
    fn a_null_field_stands_for_the_realms_between_its_neighbours() {
        let client = "ATHENA.MIT.EDU";
        assert_eq!(expanded(",EDU", client, "Y").unwrap(), ["MIT.EDU", "EDU"]);
        assert_eq!(
            expanded("EDU,", "EDU", "CS.UW.EDU").unwrap(),
            ["EDU", "UW.EDU"]
        );
        assert_eq!(expanded(",COM", client, "Y"), None);
    }

    #[test]
    fn a_quote_of_nothing_is_refused() {
        assert_eq!(expanded("A\\", "X", "Y"), None);
    }

    #[test]
    fn realms_that_are_added_are_read_again() {
        let mut transited = crate::issued_ticket::not_transited();
        let realms = ["A.EXAMPLE", "B,C", "/X500/STYLE", "D\\E", "F."];
        for realm in realms {
            transited = add(&transited, realm.as_bytes()).unwrap();
        }
        let contents = String::from_utf8(transited.contents.to_vec()).unwrap();
        assert_eq!(expanded(&contents, "X", "Y").unwrap(), realms);
    }

    #[test]
    fn an_unknown_encoding_is_refused_where_it_says_anything() {
        let mut transited = crate::issued_ticket::not_transited();
        transited.tr_type = TransitedType(99);
        let policy = RealmPolicy::new("Y");
        assert!(is_acceptable(&policy, &transited, b"X").unwrap());
        transited.contents = b"A".as_slice().into();
        assert!(matches!(
            is_acceptable(&policy, &transited, b"X"),
            Err(RequestError::TransitedType)
        ));
    }
}
