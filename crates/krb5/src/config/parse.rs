//! Lines -> tree, as MIT reads them.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::tree::{Relation, Section};
use super::{Place, ProfileError, ProfileSyntaxError, ProfileSyntaxProblem};

/// A configuration file that somebody has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    name: Arc<str>,
    text: String,
}

impl SourceFile {
    /// A file's name, as messages are to show it, and what is in it. What is no UTF-8 is replaced.
    #[must_use]
    pub fn new(name: &str, text: &[u8]) -> Self {
        Self {
            name: name.into(),
            text: String::from_utf8_lossy(text).into_owned(),
        }
    }
}

/// What a file asks for that only its reader can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include<'a> {
    /// `include PATH`: this file.
    File(&'a str),
    /// `includedir PATH`: those files of the directory, sorted by name, whose names
    /// [`is_included_from_directory`] allows.
    Directory(&'a str),
}

/// Whether `includedir` takes a file of this name: it ends in `.conf` and does not begin with a dot, or has nothing
/// but ASCII letters, digits, dashes and underscores in it. So editors' backups and packagers' leftovers stay out.
#[must_use]
pub fn is_included_from_directory(file_name: &str) -> bool {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    let has_suffix = file_name
        .as_bytes()
        .last_chunk()
        .is_some_and(|suffix: &[u8; 5]| suffix == b".conf");
    !file_name.starts_with('.') && (has_suffix || file_name.bytes().all(is_plain))
}

/// Reads a file and what it includes into one tree.
pub(super) fn parse<E, F>(file: &SourceFile, includes: F) -> Result<Section, ProfileError<E>>
where
    F: FnMut(Include<'_>) -> Result<Vec<SourceFile>, E>,
{
    let mut reader = Reader {
        root: Section::default(),
        includes,
        included: 0,
    };
    reader.file(file, 0)?;
    Ok(reader.root)
}

struct Reader<F> {
    root: Section,
    includes: F,
    included: usize,
}

impl<F> Reader<F> {
    /// An included file has a state of its own: it adds to the sections that it names itself.
    fn file<E>(&mut self, file: &SourceFile, depth: usize) -> Result<(), ProfileError<E>>
    where
        F: FnMut(Include<'_>) -> Result<Vec<SourceFile>, E>,
    {
        let mut state = State::BeforeSections;
        let mut cursor = Cursor::default();
        for (index, line) in file.text.split('\n').enumerate() {
            let place = Place {
                file: Arc::clone(&file.name),
                line: index + 1,
            };
            if let Some(include) = directive(line) {
                self.include(include, &place, depth)?;
                continue;
            }
            state =
                match state {
                    State::BeforeSections if argument(line, "module").is_some() => {
                        return Err(error(&place, ProfileSyntaxProblem::Module).into());
                    }
                    State::BeforeSections if !line.starts_with('[') => state,
                    State::OpeningBrace if !line.trim_start_matches(is_space).starts_with('{') => {
                        return Err(error(&place, ProfileSyntaxProblem::NoOpeningBrace).into());
                    }
                    State::OpeningBrace => State::Lines,
                    State::BeforeSections | State::Lines => cursor
                        .line(&mut self.root, line, &place)
                        .map_err(|problem| error(&place, problem))?,
                };
        }
        Ok(())
    }

    fn include<E>(
        &mut self,
        include: Include<'_>,
        place: &Place,
        depth: usize,
    ) -> Result<(), ProfileError<E>>
    where
        F: FnMut(Include<'_>) -> Result<Vec<SourceFile>, E>,
    {
        let files = (self.includes)(include).map_err(|source| ProfileError::Include {
            place: place.clone(),
            path: match include {
                Include::File(path) | Include::Directory(path) => path.into(),
            },
            source,
        })?;
        for file in &files {
            self.included += 1;
            if depth >= MAX_INCLUDE_DEPTH || self.included > MAX_INCLUDED_FILES {
                return Err(error(place, ProfileSyntaxProblem::TooManyIncludes).into());
            }
            self.file(file, depth + 1)?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum State {
    /// Until the first section begins, in the first column, everything is a comment.
    BeforeSections,
    Lines,
    /// The next line has to have the brace that the last one promised.
    OpeningBrace,
}

/// Where in the tree the lines of a file have come to.
#[derive(Default)]
struct Cursor {
    /// The names from the root down to the open section.
    path: Vec<String>,
    /// How many braces are open in a section that an earlier final one has closed to them.
    discarded: Option<usize>,
}

impl Cursor {
    fn line(
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

fn directive(line: &str) -> Option<Include<'_>> {
    argument(line, "include")
        .map(Include::File)
        .or_else(|| argument(line, "includedir").map(Include::Directory))
}

/// What follows a word that begins the line in its first column.
fn argument<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(word)?;
    rest.starts_with(is_space)
        .then(|| rest.trim_matches(is_space))
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
fn is_space(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\u{B}'
}

fn error(place: &Place, problem: ProfileSyntaxProblem) -> ProfileSyntaxError {
    ProfileSyntaxError {
        place: place.clone(),
        problem,
    }
}

/// Deeper than any configuration is, shallow enough for the stack.
const MAX_SECTION_DEPTH: usize = 32;
const MAX_INCLUDE_DEPTH: usize = 10;
const MAX_INCLUDED_FILES: usize = 1000;
