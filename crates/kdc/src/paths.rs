//! Which realms lie between two, RFC 4120 section 1.2.

use alloc::vec::Vec;

use crate::RealmPolicy;

/// The realms between two others, in order: as configured, else those of the hierarchy that their names make
/// (`A.EXAMPLE` and `B.EXAMPLE` meet at `EXAMPLE`), else none.
pub(crate) fn between<'r>(policy: &'r RealmPolicy, from: &'r [u8], to: &'r [u8]) -> Vec<&'r [u8]> {
    let configured = policy.paths.iter();
    configured
        .clone()
        .find(|path| path.client_realm == from && path.service_realm == to)
        .map_or_else(
            || hierarchy(from, to),
            |path| path.through.iter().map(Vec::as_slice).collect(),
        )
}

/// Bytes of the longest realm whose name is taken apart, as by MIT: a name comes from a peer, and has as many
/// realms above it as it has periods.
pub(crate) const LONGEST_REALM: usize = 512;

/// The realms of the hierarchy between two, without these.
fn hierarchy<'r>(from: &'r [u8], to: &'r [u8]) -> Vec<&'r [u8]> {
    if from.len() > LONGEST_REALM || to.len() > LONGEST_REALM {
        return Vec::new();
    }
    let Some(top) = nearest_common(from, to) else {
        return Vec::new();
    };
    let rising = ancestors(from).take_while(|realm| *realm != top);
    let falling: Vec<&[u8]> = ancestors(to).take_while(|realm| *realm != top).collect();
    let path = rising.chain([top]).chain(falling.into_iter().rev());
    path.filter(|realm| *realm != from && *realm != to)
        .collect()
}

/// The longest realm that both are, or are below.
fn nearest_common<'r>(one: &'r [u8], other: &'r [u8]) -> Option<&'r [u8]> {
    // Those above a realm are each shorter than the one before: two of one length are met once.
    let mut others = ancestors(other).peekable();
    ancestors(one).find(|realm| {
        while others.next_if(|other| other.len() > realm.len()).is_some() {}
        others.peek() == Some(realm)
    })
}

/// A realm and those above it.
fn ancestors(realm: &[u8]) -> impl Iterator<Item = &[u8]> {
    core::iter::successors(Some(realm), |realm| {
        let dot = realm.iter().position(|byte| *byte == b'.')?;
        realm.get(dot + 1..)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RealmPath;

    fn texts<'r>(path: &[&'r [u8]]) -> Vec<&'r str> {
        path.iter()
            .map(|realm| str::from_utf8(realm).unwrap())
            .collect()
    }

    #[test]
    fn realms_of_one_hierarchy_meet_at_the_nearest_above_both() {
        let policy = RealmPolicy::new("X");
        for (from, to, expected) in [
            ("A.B.C", "D.C", &["B.C", "C"][..]),
            ("D.C", "A.B.C", &["C", "B.C"]),
            ("A.B.C", "C", &["B.C"]),
            ("C", "A.B.C", &["B.C"]),
            ("B.C", "C", &[]),
            ("A", "B", &[]),
            ("A", "A", &[]),
        ] {
            let path = between(&policy, from.as_bytes(), to.as_bytes());
            assert_eq!(texts(&path), expected, "{from} to {to}");
        }
    }

    #[test]
    fn a_configured_path_goes_before_the_hierarchy() {
        let mut policy = RealmPolicy::new("X");
        policy.paths.push(RealmPath {
            client_realm: b"A.C".to_vec(),
            service_realm: b"B.C".to_vec(),
            through: alloc::vec![b"HUB".to_vec()],
        });
        assert_eq!(texts(&between(&policy, b"A.C", b"B.C")), ["HUB"]);
        assert_eq!(texts(&between(&policy, b"B.C", b"A.C")), ["C"]);
    }
}
