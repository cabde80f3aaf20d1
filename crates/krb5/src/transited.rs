//! The realms that vouched for a client, as a ticket has them (RFC 4120 sections 2.7 and 3.3.3.2).

use alloc::vec::Vec;

use orthros_asn1::{TransitedEncoding, TransitedType};

use orthros_types::Shown;
use orthros_types::config::Config;

/// Why the realms between a client and a service are not trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitedError {
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

/// Checks that all realms which vouched for a client of realm `client` to a service of realm `server` are on the way that
/// `config` has from one to the other: that of `[capaths]`, else that of the hierarchy.
///
/// # Errors
///
/// [`TransitedError`], with the first realm that is not.
pub fn check_transited(
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

/// The realm of anonymous clients, whom no realm has to vouch for (RFC 8062).
const ANONYMOUS: &[u8] = b"WELLKNOWN:ANONYMOUS";

/// What each realm is given to.
type Visit<'a> = dyn FnMut(&[u8]) -> Result<(), TransitedError> + 'a;

/// Undoes DOMAIN-X500-COMPRESS (RFC 4120 section 3.3.3.2).
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
    /// A space before it says that it is whole, whatever it begins or ends with.
    stands_alone: bool,
}

/// The first subfield, without its escapes, and what is behind its comma if there is one.
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

/// A name that begins with a slash goes on behind the last one, a name that ends with a dot before it.
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

/// The realms between two of which one is above the other.
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

/// Octets of the longest name, as by MIT. It bounds what a short list can grow to.
const LONGEST: usize = 512;
