//! Lines -> sections and relations, as MIT reads them.

use alloc::string::String;
use alloc::vec::Vec;

use super::tree::{Relation, Section};
use super::{Place, ProfileSyntaxProblem};

/// What the next line is read as.
#[derive(Clone, Copy)]
pub(super) enum State {
    /// Until the first section begins, in the first column, everything is a comment.
    BeforeSections,
    Lines,
    /// The next line has to have the brace that the last one promised.
    OpeningBrace,
}

/// Where in the tree the lines of a file have come to.
#[derive(Default)]
pub(super) struct Cursor {
    /// The names from the root down to the open section.
    path: Vec<String>,
    /// How many braces are open in a section that an earlier final one has closed to them.
    discarded: Option<usize>,
}

impl Cursor {
    pub(super) fn line(
        &mut self,
        root: &mut Section,
        line: &str,
        place: &Place,
    ) -> Result<State, ProfileSyntaxProblem> {
        let line = line
            .trim_start_matches(is_space)
            .trim_end_matches(['\r', '\n']);
        if line.is_empty() || line.starts_with([';', '#']) {
            return Ok(State::Lines);
        }
        if let Some(header) = line.strip_prefix('[') {
            self.section(root, header)?;
            return Ok(State::Lines);
        }
        if let Some(rest) = line.strip_prefix('}') {
            self.close(root, rest)?;
            return Ok(State::Lines);
        }
        self.relation(root, line, place)
    }

    fn section(&mut self, root: &mut Section, header: &str) -> Result<(), ProfileSyntaxProblem> {
        if self.path.len() > 1 || self.discarded.is_some_and(|braces| braces > 0) {
            return Err(ProfileSyntaxProblem::SectionWithinBraces);
        }
        let (name, rest) = header
            .split_once(']')
            .ok_or(ProfileSyntaxProblem::SectionHeader)?;
        let (is_final, rest) = match rest.strip_prefix('*') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if !rest.chars().all(is_space) {
            return Err(ProfileSyntaxProblem::SectionHeader);
        }
        let section = root.subsection_mut(name);
        self.discarded = section.is_final.then_some(0);
        section.is_final |= is_final;
        self.path.clear();
        self.path.push(name.into());
        Ok(())
    }

    fn close(&mut self, root: &mut Section, rest: &str) -> Result<(), ProfileSyntaxProblem> {
        match &mut self.discarded {
            Some(0) if self.path.len() < 2 => return Err(ProfileSyntaxProblem::NothingToClose),
            Some(0) => self.discarded = None,
            Some(braces) => {
                *braces -= 1;
                return Ok(());
            }
            None if self.path.len() < 2 => return Err(ProfileSyntaxProblem::NothingToClose),
            None => {}
        }
        if rest.starts_with('*') {
            self.open_section(root).is_final = true;
        }
        self.path.pop();
        Ok(())
    }

    fn relation(
        &mut self,
        root: &mut Section,
        line: &str,
        place: &Place,
    ) -> Result<State, ProfileSyntaxProblem> {
        let (name, value) = line
            .split_once('=')
            .ok_or(ProfileSyntaxProblem::NoEqualsSign)?;
        let name = name.trim_end_matches(is_space);
        if name.is_empty() {
            return Err(ProfileSyntaxProblem::NoName);
        }
        if name.contains(is_space) {
            return Err(ProfileSyntaxProblem::SpaceInName);
        }
        let (name, is_final) = match name.split_once('*') {
            Some((name, _)) => (name, true),
            None => (name, false),
        };
        let value = value.trim_start_matches(is_space);
        let opens = value
            .strip_prefix('{')
            .is_some_and(|rest| rest.chars().all(is_space));
        if value.is_empty() || opens {
            self.open(root, name, is_final)?;
            return Ok(if opens {
                State::Lines
            } else {
                State::OpeningBrace
            });
        }
        if self.discarded.is_none() {
            let relation = Relation {
                value: unquoted(value),
                place: place.clone(),
                is_final,
            };
            self.open_section(root).add(name, relation);
        }
        Ok(State::Lines)
    }

    fn open(
        &mut self,
        root: &mut Section,
        name: &str,
        is_final: bool,
    ) -> Result<(), ProfileSyntaxProblem> {
        if let Some(braces) = &mut self.discarded {
            *braces += 1;
            return Ok(());
        }
        if self.path.len() >= MAX_SECTION_DEPTH {
            return Err(ProfileSyntaxProblem::NestedTooDeeply);
        }
        let section = self.open_section(root).subsection_mut(name);
        self.discarded = section.is_final.then_some(0);
        section.is_final |= is_final;
        self.path.push(name.into());
        Ok(())
    }

    fn open_section<'a>(&self, root: &'a mut Section) -> &'a mut Section {
        self.path
            .iter()
            .fold(root, |section, name| section.subsection_mut(name))
    }
}

/// A value without its quotes and their escapes, or without the space behind it.
fn unquoted(value: &str) -> String {
    let Some(quoted) = value.strip_prefix('"') else {
        return value.trim_end_matches(is_space).into();
    };
    let mut text = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => text.push(match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('b') => '\u{8}',
                Some(other) => other,
                None => '\\',
            }),
            other => text.push(other),
        }
    }
    text
}

/// White space as C's `isspace` has it.
pub(super) fn is_space(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\u{B}'
}

/// Deeper than any configuration is, shallow enough for the stack.
const MAX_SECTION_DEPTH: usize = 32;
