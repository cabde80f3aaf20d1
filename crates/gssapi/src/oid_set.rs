//! Sets of object identifiers.

use core::ops::Deref;

use crate::Oid;

/// A set of [`Oid`]s that keeps the order in which they came, each at most once.
///
/// It is read as a slice: indexed, iterated, asked whether it `contains` one.
///
/// ```
/// use orthros::{Oid, OidSet};
///
/// let mut set = OidSet::from(Oid::KRB5);
/// assert!(!set.insert(Oid::KRB5));
/// assert_eq!(set.len(), 1);
/// assert_eq!(set[0], Oid::KRB5);
/// ```
#[derive(Debug, Clone, Default)]
pub struct OidSet(Vec<Oid>);

impl OidSet {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds `oid`, and says whether it was not there before.
    pub fn insert(&mut self, oid: Oid) -> bool {
        let fresh = !self.0.contains(&oid);
        if fresh {
            self.0.push(oid);
        }
        fresh
    }
}

impl Deref for OidSet {
    type Target = [Oid];

    fn deref(&self) -> &[Oid] {
        &self.0
    }
}

impl From<Oid> for OidSet {
    fn from(oid: Oid) -> Self {
        Self(vec![oid])
    }
}

impl Extend<Oid> for OidSet {
    fn extend<I: IntoIterator<Item = Oid>>(&mut self, oids: I) {
        for oid in oids {
            self.insert(oid);
        }
    }
}

impl FromIterator<Oid> for OidSet {
    fn from_iter<I: IntoIterator<Item = Oid>>(oids: I) -> Self {
        let mut set = Self::new();
        set.extend(oids);
        set
    }
}

impl IntoIterator for OidSet {
    type Item = Oid;
    type IntoIter = std::vec::IntoIter<Oid>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a OidSet {
    type Item = &'a Oid;
    type IntoIter = core::slice::Iter<'a, Oid>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// Sets are equal where they hold the same identifiers, in whatever order.
impl PartialEq for OidSet {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|oid| other.contains(oid))
    }
}

impl Eq for OidSet {}

#[cfg(test)]
mod tests {
    use super::OidSet;
    use crate::Oid;

    const OTHER: Oid = Oid::new(&[1, 3, 6, 1, 5, 5, 2]);

    #[test]
    fn an_identifier_is_held_once_and_in_order() {
        let set: OidSet = [OTHER, Oid::KRB5, OTHER].into_iter().collect();
        assert_eq!(&*set, [OTHER, Oid::KRB5]);
        assert_eq!(set[1], Oid::KRB5);
    }

    #[test]
    fn equality_does_not_look_at_the_order() {
        let forth: OidSet = [OTHER, Oid::KRB5].into_iter().collect();
        let back: OidSet = [Oid::KRB5, OTHER].into_iter().collect();
        assert_eq!(forth, back);
        assert_ne!(forth, OidSet::from(OTHER));
    }
}
