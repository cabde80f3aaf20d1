//! A file and what it includes -> one tree.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::lines::{Cursor, State, is_space};
use super::tree::Section;
use super::{Place, ProfileError, ProfileSyntaxError, ProfileSyntaxProblem};

/// A configuration file's name and contents.
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
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
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
        let files = (self.includes)(include).map_err(|error| {
            let (path, is_directory) = match include {
                Include::File(path) => (path, false),
                Include::Directory(path) => (path, true),
            };
            ProfileError::Include {
                place: place.clone(),
                path: path.into(),
                is_directory,
                error,
            }
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

fn error(place: &Place, problem: ProfileSyntaxProblem) -> ProfileSyntaxError {
    ProfileSyntaxError {
        place: place.clone(),
        problem,
    }
}

const MAX_INCLUDE_DEPTH: usize = 10;
const MAX_INCLUDED_FILES: usize = 1000;
