//! Which realms lie between two, RFC 4120 section 1.2.

use alloc::vec::Vec;

use crate::RealmPolicy;

/// The realms between two others, in order: as configured, else those of the hierarchy that their names make (`A.EXAMPLE` and
/// `B.EXAMPLE` meet at `EXAMPLE`), else none.
pub(crate) fn between(policy: &RealmPolicy, from: &[u8], to: &[u8]) -> Vec<Vec<u8>> {
    let configured = policy.paths.iter();
    configured
        .clone()
        .find(|path| path.client_realm == from && path.service_realm == to)
        .map_or_else(|| hierarchy(from, to), |path| path.through.clone())
}

/// The realms of the hierarchy between two, without these.
fn hierarchy(from: &[u8], to: &[u8]) -> Vec<Vec<u8>> {
    let up: Vec<&[u8]> = ancestors(from).collect();
    let down: Vec<&[u8]> = ancestors(to).collect();
    let Some(top) = up.iter().find(|realm| down.contains(realm)) else {
        return Vec::new();
    };
    let rising = up.iter().take_while(|realm| *realm != top);
    let falling = down.iter().take_while(|realm| *realm != top);
    let mut path: Vec<&[u8]> = rising.copied().collect();
    path.push(top);
    path.extend(falling.copied().collect::<Vec<_>>().into_iter().rev());
    let between = path
        .into_iter()
        .filter(|realm| *realm != from && *realm != to);
    between.map(<[u8]>::to_vec).collect()
}

/// A realm and those above it.
fn ancestors(realm: &[u8]) -> impl Iterator<Item = &[u8]> {
    core::iter::successors(Some(realm), |realm| {
        let dot = realm.iter().position(|octet| *octet == b'.')?;
        realm.get(dot + 1..)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RealmPath;

    fn texts(path: &[Vec<u8>]) -> Vec<&str> {
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
