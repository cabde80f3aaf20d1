//! What can be wrong with a configuration, and where.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use crate::MinorStatus;

/// A line of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub(super) file: Arc<str>,
    pub(super) line: usize,
}

impl Place {
    /// The file's name, as its reader gave it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Why a file, or what it includes, could not be read. `E` is how the caller's reading of included files fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError<E> {
    /// A line is malformed.
    #[error(transparent)]
    Syntax(#[from] ProfileSyntaxError),
    /// What a line includes could not be had.
    #[error("{place}: can't include {path}: {error}")]
    Include {
        /// The line that includes it.
        place: Place,
        /// The file or the directory.
        path: String,
        /// Whether `includedir` asks for it.
        is_directory: bool,
        /// The caller's reason.
        error: E,
    },
}

impl<E> ProfileError<E> {
    /// The number that MIT's profile library has for it. `krb5_init_context` makes
    /// [`KRB5_CONFIG_BADFORMAT`](MinorStatus::KRB5_CONFIG_BADFORMAT) of those that are about a line's form.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Syntax(error) => error.problem.minor_status(),
            Self::Include {
                is_directory: true, ..
            } => MinorStatus::PROF_FAIL_INCLUDE_DIR,
            Self::Include { .. } => MinorStatus::PROF_FAIL_INCLUDE_FILE,
        }
    }
}

/// A malformed line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ProfileSyntaxError {
    /// Which line it is.
    pub place: Place,
    /// What is wrong with it.
    pub problem: ProfileSyntaxProblem,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileSyntaxProblem {
    /// `[section` or `[section] more`
    #[error("a section's header is not of the form [name] or [name]*")]
    SectionHeader,
    /// `[section]` while a brace is open.
    #[error("a section begins within braces")]
    SectionWithinBraces,
    /// A line that is neither `name = value` nor anything else.
    #[error("a line without \"=\" is no relation")]
    NoEqualsSign,
    /// `= value`
    #[error("a relation has no name")]
    NoName,
    /// `two words = value`
    #[error("a relation's name has a space in it")]
    SpaceInName,
    /// `name =` without `{` in the next line.
    #[error("\"{{\" is missing after a relation without a value")]
    NoOpeningBrace,
    /// `}` that closes nothing.
    #[error("\"}}\" closes nothing")]
    NothingToClose,
    /// Braces in braces in braces, and so on.
    #[error("subsections are nested too deeply")]
    NestedTooDeeply,
    /// A file that includes itself, or the like.
    #[error("includes are nested too deeply or too many")]
    TooManyIncludes,
    /// `module path:argument`, which loads code into MIT's library.
    #[error("a profile module is wanted, which is not supported")]
    Module,
}

impl ProfileSyntaxProblem {
    /// The number that MIT's profile library has for it.
    #[must_use]
    pub fn minor_status(self) -> MinorStatus {
        match self {
            Self::SectionHeader => MinorStatus::PROF_SECTION_SYNTAX,
            Self::SectionWithinBraces => MinorStatus::PROF_SECTION_NOTOP,
            Self::NoEqualsSign | Self::NoName | Self::SpaceInName => {
                MinorStatus::PROF_RELATION_SYNTAX
            }
            Self::NoOpeningBrace => MinorStatus::PROF_MISSING_OBRACE,
            Self::NothingToClose => MinorStatus::PROF_EXTRA_CBRACE,
            Self::NestedTooDeeply => MinorStatus::PROF_BAD_GROUP_LVL,
            // MIT goes on until it has no more file descriptors.
            Self::TooManyIncludes => MinorStatus::PROF_FAIL_INCLUDE_FILE,
            Self::Module => MinorStatus::PROF_MODULE,
        }
    }
}

/// An option whose value is not what it has to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {name} = {value}: {problem}")]
pub struct ConfigError {
    /// Where it is set.
    pub place: Place,
    /// The option.
    pub name: String,
    /// The value it is set to.
    pub value: String,
    /// What is wrong with that.
    pub problem: ConfigProblem,
}

impl ConfigError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self.problem {
            ConfigProblem::NoEnctype | ConfigProblem::Rc4NotAllowed => {
                MinorStatus::KRB5_CONFIG_ETYPE_NOSUPP
            }
            ConfigProblem::NotDuration => MinorStatus::KRB5_DELTAT_BADFORMAT,
            ConfigProblem::NotBoolean
            | ConfigProblem::NotBooleanOrFallback
            | ConfigProblem::NotServer
            | ConfigProblem::NotAnchor
            | ConfigProblem::NotAddress
            | ConfigProblem::AddressesUnknown => MinorStatus::KRB5_CONFIG_BADFORMAT,
        }
    }
}

/// What is wrong with an option's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigProblem {
    /// Not one of yes, no and their synonyms.
    #[error("not a boolean")]
    NotBoolean,
    /// Neither a boolean nor `fallback`.
    #[error("neither a boolean nor \"fallback\"")]
    NotBooleanOrFallback,
    /// Not a span of time.
    #[error("not a duration")]
    NotDuration,
    /// A list of enctypes that has none left which are supported.
    #[error("no supported encryption type is left")]
    NoEnctype,
    /// The same, where RC4 would be left.
    #[error(
        "no encryption type is left but arcfour-hmac, which needs allow_rc4 = true in [libdefaults]"
    )]
    Rc4NotAllowed,
    /// Not `host`, `host:port` or `[address]:port`.
    #[error("not a server's address")]
    NotServer,
    /// Neither `FILE:path` nor `DIR:path`.
    #[error("neither FILE:path nor DIR:path of certificates")]
    NotAnchor,
    /// A list of IP addresses with something else in it.
    #[error("not a list of IP addresses")]
    NotAddress,
    /// `noaddresses = false` on a host that can't tell its addresses.
    #[error("this host's addresses can't be found out")]
    AddressesUnknown,
}
