//! The transited realms of a ticket, whose KDCs have vouched for its client (RFC 4120 sections 2.7 and 3.3.3.2).

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use orthros_asn1::{TransitedEncoding, TransitedType};

use orthros_types::Shown;
use orthros_types::config::Config;

/// Why the realms between a client and a service are not trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TransitedError {
    /// They are written in a way that RFC 4120 does not know.
    #[error("the transited realms are encoded in type {}", .0.0)]
    Type(TransitedType),
    /// They can't be read, or are more than any path has.
    #[error("the transited realms are malformed")]
    Malformed,
    /// One of them is on no way from the client's realm to the service's.
    #[error("realm {} is not on the way", Shown::new(.0))]
    NotOnTheWay(Vec<u8>),
}

/// Checks that all realms which vouched for a client of realm `client` to a service of realm `server` are on the way
/// that `config` has from one to the other: that of `[capaths]`, else that of the hierarchy.
///
/// # Errors
///
/// [`TransitedError`], with the first realm that is not.
pub(crate) fn check_transited(
    config: &Config,
    transited: &TransitedEncoding,
    client: &[u8],
    server: &[u8],
) -> Result<(), TransitedError> {
    // Some KDCs end the list with a zero octet, also where it is empty.
    let contents = &*transited.contents;
    let contents = contents.strip_suffix(&[0]).unwrap_or(contents);
    if contents.is_empty() || client == ANONYMOUS {
        return Ok(());
    }
    if transited.tr_type != TransitedType::DOMAIN_X500_COMPRESS {
        return Err(TransitedError::Type(transited.tr_type));
    }
    let path = if client == server {
        Vec::new()
    } else {
        config.realm_path(client, server)
    };
    let mut count = 0_usize;
    for_each_realm(contents, client, server, &mut |realm| {
        count = count.saturating_add(1);
        if count > MOST_REALMS {
            Err(TransitedError::Malformed)
        } else if path.iter().any(|on_the_way| on_the_way == realm) {
            Ok(())
        } else {
            Err(TransitedError::NotOnTheWay(realm.to_vec()))
        }
    })
}

/// How many realms are looked at. More than any path has: a short list can stand for many realms.
const MOST_REALMS: usize = 256;

/// The realm of anonymous clients, which no realm has to vouch for (RFC 8062).
const ANONYMOUS: &[u8] = b"WELLKNOWN:ANONYMOUS";

/// Called with each realm.
type Visit<'a> = dyn FnMut(&[u8]) -> Result<(), TransitedError> + 'a;

/// Expands a list in DOMAIN-X500-COMPRESS (RFC 4120 section 3.3.3.2), realm by realm.
fn for_each_realm(
    contents: &[u8],
    client: &[u8],
    server: &[u8],
    visit: &mut Visit<'_>,
) -> Result<(), TransitedError> {
    let mut last = client.to_vec();
    let mut is_first = true;
    let mut after_gap = false;
    let mut rest = Some(contents);
    while let Some(list) = rest {
        let (mut subfield, next) = split(list)?;
        rest = next;
        if subfield.name.is_empty() {
            // Nothing between two commas, before the first or after the last one: all realms in between.
            match rest {
                Some(_) => after_gap = true,
                None => between(&last, server, visit)?,
            }
            is_first = false;
            continue;
        }
        if subfield.stands_alone || (is_first && !after_gap) {
            last.clear();
        }
        join(&mut subfield.name, &last)?;
        visit(&subfield.name)?;
        if after_gap {
            between(&subfield.name, &last, visit)?;
        }
        (after_gap, is_first) = (false, false);
        last = subfield.name;
    }
    Ok(())
}

/// One name of the list.
struct Subfield {
    name: Vec<u8>,
    /// Whether a space precedes it: the name is complete then, also where it begins with a slash or ends with a dot.
    stands_alone: bool,
}

/// The first subfield, without its escapes, and the rest of the list if a comma follows.
fn split(list: &[u8]) -> Result<(Subfield, Option<&[u8]>), TransitedError> {
    let mut name = Vec::new();
    let mut stands_alone = false;
    let mut octets = list.iter();
    while let Some(octet) = octets.next() {
        match octet {
            b'\\' => name.extend(octets.next()),
            b',' => return Ok((Subfield { name, stands_alone }, Some(octets.as_slice()))),
            b' ' if name.is_empty() => stands_alone = true,
            literal => name.push(*literal),
        }
        if name.len() > LONGEST {
            return Err(TransitedError::Malformed);
        }
    }
    Ok((Subfield { name, stands_alone }, None))
}

/// Completes a name that is relative to the last one: it is appended to that where it begins with a slash, and has
/// that appended where it ends with a dot.
fn join(name: &mut Vec<u8>, last: &[u8]) -> Result<(), TransitedError> {
    if name.first() == Some(&b'/') {
        name.splice(..0, last.iter().copied());
    } else if name.last() == Some(&b'.') {
        name.extend_from_slice(last);
    }
    if name.len() > LONGEST {
        return Err(TransitedError::Malformed);
    }
    Ok(())
}

/// Visits the realms between two of which one is above the other in the hierarchy.
fn between(one: &[u8], other: &[u8], visit: &mut Visit<'_>) -> Result<(), TransitedError> {
    let (above, below) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let separator = if above.first() == Some(&b'/') {
        b'/'
    } else {
        b'.'
    };
    let related = match separator {
        b'/' => below.starts_with(above),
        _ => below.ends_with(above) && below.first() != Some(&b'/'),
    };
    if above.is_empty() || !related {
        return Err(TransitedError::Malformed);
    }
    if above.len() == below.len() {
        return Ok(());
    }
    if separator == b'/' {
        for end in above.len().saturating_add(1)..below.len() {
            if let (realm, [b'/', ..]) = below.split_at(end) {
                visit(realm)?;
            }
        }
        return Ok(());
    }
    for start in (1..below.len().saturating_sub(above.len())).rev() {
        if let ([.., b'.'], realm) = below.split_at(start) {
            visit(realm)?;
        }
    }
    Ok(())
}

/// Bytes of the longest name, as by MIT. It bounds what a short list can grow to.
const LONGEST: usize = 512;
