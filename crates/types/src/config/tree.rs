//! One file's sections and relations.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::Place;

/// A section. Sections of one name in one place are one section.
///
/// The names of different things are sorted, as MIT has them; values of one name stay in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    relations: BTreeMap<String, Vec<Relation>>,
    subsections: BTreeMap<String, Self>,
    /// Whether later files have no say in it.
    pub(super) is_final: bool,
}

/// A relation's value.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub(super) value: String,
    pub(super) place: Place,
    /// Whether later relations of this name don't count.
    pub(super) is_final: bool,
}

impl Section {
    pub(super) fn subsection(&self, name: &str) -> Option<&Self> {
        self.subsections.get(name)
    }

    /// The subsection of this name, made if need be.
    pub(super) fn subsection_mut(&mut self, name: &str) -> &mut Self {
        self.subsections.entry(name.into()).or_default()
    }

    pub(super) fn subsection_names(&self) -> impl Iterator<Item = &str> {
        self.subsections.keys().map(String::as_str)
    }

    /// The relations of this name.
    pub(super) fn relations(&self, name: &str) -> &[Relation] {
        self.relations.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn relation_names(&self) -> impl Iterator<Item = &str> {
        self.relations.keys().map(String::as_str)
    }

    /// Adds a relation, unless an earlier one of its name was final.
    pub(super) fn add(&mut self, name: &str, relation: Relation) {
        let relations = self.relations.entry(name.into()).or_default();
        // None comes behind a final one: that is the last.
        if !relations.last().is_some_and(|earlier| earlier.is_final) {
            relations.push(relation);
        }
    }
}
