//! Names.

use alloc::vec::Vec;
use core::fmt;

use domain::base::name::{Name, NameBuilder};

/// An absolute domain name: at most 255 bytes, in labels of 1 to 63 bytes (RFC 1035 section 3.1). ASCII letters are
/// equal in either case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(Name<Vec<u8>>);

impl DnsName {
    /// `labels` in front of `domain`, whose labels are separated by dots; a dot at its end is ignored. Nothing where
    /// that is no domain name: a label is empty or too long, or all of it is.
    #[must_use]
    pub fn new(labels: &[&str], domain: &[u8]) -> Option<Self> {
        let domain = domain.strip_suffix(b".").unwrap_or(domain);
        let mut builder = NameBuilder::<Vec<u8>>::new();
        for label in labels.iter().map(|label| label.as_bytes()) {
            builder.append_label(label).ok()?;
        }
        for label in domain.split(|byte| *byte == b'.') {
            // An empty one is the root's, which is not within a name.
            if label.is_empty() {
                return None;
            }
            builder.append_label(label).ok()?;
        }
        // The builder counts without the root's label, and so lets one byte too many pass.
        let name = builder.into_name().ok()?;
        (name.len() <= MOST_BYTES).then_some(Self(name))
    }

    pub(super) fn inner(&self) -> &Name<Vec<u8>> {
        &self.0
    }
}

/// As in a zone file, without the final dot: what is no printable character is escaped.
impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Of a name in a message, with the length of each label and the root (RFC 1035 section 2.3.4).
const MOST_BYTES: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned as _;
    use alloc::string::ToString as _;

    fn shown(labels: &[&str], domain: &[u8]) -> Option<alloc::string::String> {
        DnsName::new(labels, domain).map(|name| name.to_string())
    }

    #[test]
    fn labels_stand_in_front_of_the_domain() {
        let name = shown(&["_kerberos", "_udp"], b"EXAMPLE.ORG.").unwrap();
        assert_eq!(name, "_kerberos._udp.EXAMPLE.ORG");
        let lower = DnsName::new(&["_kerberos", "_udp"], b"example.org");
        assert_eq!(DnsName::new(&["_KERBEROS", "_udp"], b"Example.Org"), lower);
    }

    #[test]
    fn what_is_no_domain_name_is_none() {
        for domain in [
            &b""[..],
            b".",
            b"a..b",
            b".a",
            &[b'a'; 64],
            &b"a.".repeat(127),
        ] {
            assert_eq!(shown(&["_kerberos"], domain), None, "{domain:?}");
        }
    }

    #[test]
    fn a_name_has_as_many_bytes_as_fit_and_no_more() {
        // Each letter has its label, and the root has one byte.
        let longest = ["a"; 127].join(".");
        let name = DnsName::new(&[], longest.as_bytes()).unwrap();
        assert_eq!(name.inner().len(), 255);
        let label = "b".to_owned() + &longest;
        assert_eq!(shown(&[], label.as_bytes()), None);
    }

    #[test]
    fn a_realm_can_not_drive_a_terminal() {
        let name = shown(&["_kerberos"], b"\x1b[2J\n.R").unwrap();
        assert_eq!(name, r"_kerberos.\027[2J\010.R");
    }
}
