//! Several files' trees, looked up as one.

use alloc::vec::Vec;

use super::parse::{self, Include, SourceFile};
use super::tree::Section;
use super::{Place, ProfileError};

/// The sections and relations of one or more configuration files.
///
/// Earlier files come first: an option that is to have one value has the first one's, one that may have several has
/// all of them in order. A section or relation marked final with `*` keeps later ones of its name out.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    files: Vec<Section>,
}

/// A relation's value, and where it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileValue<'a> {
    /// The value, without quotes.
    pub text: &'a str,
    /// Where it is set.
    pub place: &'a Place,
}

impl Profile {
    /// Reads one file, and through `includes` those that it includes.
    ///
    /// # Errors
    ///
    /// The first malformed line, or the first include that `includes` refuses.
    pub fn parse<E>(
        file: &SourceFile,
        includes: impl FnMut(Include<'_>) -> Result<Vec<SourceFile>, E>,
    ) -> Result<Self, ProfileError<E>> {
        let tree = parse::parse(file, includes)?;
        Ok(Self {
            files: Vec::from([tree]),
        })
    }

    /// Puts another profile's files behind this one's.
    pub fn append(&mut self, later: Self) {
        self.files.extend(later.files);
    }

    /// The first value at a path of names, as `["realms", "R", "kdc"]`.
    #[must_use]
    pub fn value(&self, path: &[&str]) -> Option<ProfileValue<'_>> {
        self.each_value(path).next()
    }

    /// All values at a path of names, in order.
    #[must_use]
    pub fn values(&self, path: &[&str]) -> Vec<ProfileValue<'_>> {
        self.each_value(path).collect()
    }

    /// The names of the relations in the section at a path, each once.
    #[must_use]
    pub fn relation_names(&self, path: &[&str]) -> Vec<&str> {
        distinct(self.sections(path).flat_map(Section::relation_names))
    }

    /// The names of the subsections in the section at a path, each once.
    #[must_use]
    pub fn subsection_names(&self, path: &[&str]) -> Vec<&str> {
        distinct(self.sections(path).flat_map(Section::subsection_names))
    }

    /// The values at a path of names, up to those of a file in which one is final.
    fn each_value<'a>(&'a self, path: &[&str]) -> impl Iterator<Item = ProfileValue<'a>> {
        let (name, sections) = path.split_last().unwrap_or((&"", &[]));
        let mut is_over = false;
        let relations = self.sections(sections).map_while(move |section| {
            if is_over {
                return None;
            }
            let relations = section.relations(name);
            is_over = relations.iter().any(|relation| relation.is_final);
            Some(relations)
        });
        relations.flatten().map(|relation| ProfileValue {
            text: &relation.value,
            place: &relation.place,
        })
    }

    /// The section at a path in each file that has it, up to a file where it, or a section that it is in, is final.
    fn sections<'a>(&'a self, path: &[&str]) -> impl Iterator<Item = &'a Section> {
        let mut is_over = false;
        let sections = self.files.iter().map_while(move |file| {
            if is_over {
                return None;
            }
            let mut section = Some(file);
            for name in path {
                section = section.and_then(|section| section.subsection(name));
                is_over |= section.is_some_and(|section| section.is_final);
            }
            Some(section)
        });
        sections.flatten()
    }
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}
