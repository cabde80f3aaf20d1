//! The realms that a client came through, RFC 4120 section 3.3.3.2.

use alloc::vec::Vec;

use orthros_asn1::{TransitedEncoding, TransitedType};

use crate::{RealmPolicy, Refusal, paths};

/// Adds a realm behind those that were transited before.
pub(crate) fn add(
    transited: &TransitedEncoding,
    realm: &[u8],
) -> Result<TransitedEncoding, Refusal> {
    check_type(transited)?;
    let mut contents = transited.contents.to_vec();
    if !contents.is_empty() {
        contents.push(b',');
    }
    // What begins like this would be read as continuing the realm before it.
    if realm.first() == Some(&b'/') {
        contents.push(b' ');
    }
    for (index, octet) in realm.iter().enumerate() {
        let ends_in_period = *octet == b'.' && index + 1 == realm.len();
        if matches!(octet, b',' | b'\\') || ends_in_period {
            contents.push(b'\\');
        }
        contents.push(*octet);
    }
    Ok(TransitedEncoding {
        tr_type: TransitedType::DOMAIN_X500_COMPRESS,
        contents: contents.into(),
    })
}

/// Whether each transited realm is one on the path that the realm's policy has from the client's realm to its own.
pub(crate) fn is_acceptable(
    policy: &RealmPolicy,
    transited: &TransitedEncoding,
    client_realm: &[u8],
) -> Result<bool, Refusal> {
    check_type(transited)?;
    if transited.contents.is_empty() {
        return Ok(true);
    }
    let path = paths::between(policy, client_realm, &policy.realm);
    let Some(realms) = expand(&transited.contents, client_realm, &policy.realm) else {
        return Ok(false);
    };
    let expected =
        |realm: &Vec<u8>| path.contains(realm) || realm == client_realm || *realm == policy.realm;
    Ok(realms.iter().all(expected))
}

fn check_type(transited: &TransitedEncoding) -> Result<(), Refusal> {
    let known = transited.tr_type == TransitedType::DOMAIN_X500_COMPRESS;
    // MIT's KDCs of old wrote type 0 where there was nothing to write.
    if known || transited.contents.is_empty() {
        Ok(())
    } else {
        Err(Refusal::TransitedType)
    }
}

/// The realms that the encoding stands for; `None` where it stands for none, or for those between two realms that are not above
/// one another.
fn expand(contents: &[u8], client_realm: &[u8], service_realm: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut realms: Vec<Vec<u8>> = Vec::new();
    let mut previous: Vec<u8> = Vec::new();
    let mut fill = false;
    for field in fields(contents)? {
        if field.is_empty() {
            fill = true;
            continue;
        }
        let realm = uncompress(&field, &previous);
        if core::mem::take(&mut fill) {
            let before = realms.last().map_or(client_realm, Vec::as_slice);
            let between = chain(before, &realm)?;
            realms.extend(between);
        }
        realms.push(realm.clone());
        previous = realm;
    }
    if fill {
        let before = realms.last().map_or(client_realm, Vec::as_slice);
        let between = chain(before, service_realm)?;
        realms.extend(between);
    }
    Some(realms)
}

/// The fields between commas that are not quoted. `None` where a quote is at the end.
fn fields(contents: &[u8]) -> Option<Vec<Field>> {
    let mut fields = alloc::vec![Field::default()];
    let mut octets = contents.iter();
    while let Some(octet) = octets.next() {
        match octet {
            b',' => fields.push(Field::default()),
            b'\\' => fields.last_mut()?.push(*octets.next()?, true),
            _ => fields.last_mut()?.push(*octet, false),
        }
    }
    Some(fields)
}

/// One realm as it is written, without its quotes.
#[derive(Default)]
struct Field {
    octets: Vec<u8>,
    /// Whether its last octet was quoted.
    ends_quoted: bool,
}

impl Field {
    fn push(&mut self, octet: u8, quoted: bool) {
        self.octets.push(octet);
        self.ends_quoted = quoted;
    }

    const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}

/// The realm that a field stands for, behind `previous`.
fn uncompress(field: &Field, previous: &[u8]) -> Vec<u8> {
    let octets = field.octets.as_slice();
    match octets {
        [b'/', ..] => [previous, octets].concat(),
        [b' ', rest @ ..] => rest.to_vec(),
        [.., b'.'] if !field.ends_quoted => [octets, previous].concat(),
        _ => octets.to_vec(),
    }
}

/// The realms between two of which one is above the other.
fn chain(one: &[u8], other: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (lower, upper, rising) = if one.len() > other.len() {
        (one, other, true)
    } else {
        (other, one, false)
    };
    let separator = if upper.first() == Some(&b'/') {
        b'/'
    } else {
        b'.'
    };
    let mut between = Vec::new();
    let mut current = lower;
    while current != upper {
        if current != lower {
            between.push(current.to_vec());
        }
        current = above(current, separator).filter(|above| above.len() >= upper.len())?;
    }
    if !rising {
        between.reverse();
    }
    Some(between)
}

/// The realm above one: without its first component, or in the style of X.500 without its last.
fn above(realm: &[u8], separator: u8) -> Option<&[u8]> {
    if separator == b'/' {
        let cut = realm.iter().rposition(|octet| *octet == separator)?;
        return realm.get(..cut);
    }
    let cut = realm.iter().position(|octet| *octet == separator)?;
    realm.get(cut + 1..)
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn expanded(contents: &str, client: &str, service: &str) -> Option<Vec<String>> {
        let realms = expand(contents.as_bytes(), client.as_bytes(), service.as_bytes())?;
        let text = |realm| String::from_utf8(realm).unwrap();
        Some(realms.into_iter().map(text).collect())
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
        let mut transited = crate::grant::not_transited();
        let realms = ["A.EXAMPLE", "B,C", "/X500/STYLE", "D\\E", "F."];
        for realm in realms {
            transited = add(&transited, realm.as_bytes()).unwrap();
        }
        let contents = String::from_utf8(transited.contents.to_vec()).unwrap();
        assert_eq!(expanded(&contents, "X", "Y").unwrap(), realms);
    }

    #[test]
    fn an_unknown_encoding_is_refused_where_it_says_anything() {
        let mut transited = crate::grant::not_transited();
        transited.tr_type = TransitedType(99);
        let policy = RealmPolicy::new("Y");
        assert!(is_acceptable(&policy, &transited, b"X").unwrap());
        transited.contents = b"A".as_slice().into();
        assert!(matches!(
            is_acceptable(&policy, &transited, b"X"),
            Err(Refusal::TransitedType)
        ));
    }
}
