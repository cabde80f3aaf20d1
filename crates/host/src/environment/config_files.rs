//! Configuration files: which of a list are there, and what they include.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use orthros_krb5::MinorStatus;
use orthros_krb5::config::{
    Config, Include, Profile, ProfileError, SourceFile, is_included_from_directory,
};

/// A configuration can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigFileError {
    /// A file of the list is there and can't be read.
    #[error("cannot read the configuration {}: {error}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A line is malformed, or can't be followed. Says which line of which file.
    #[error(transparent)]
    Profile(#[from] ProfileError<io::Error>),
}

impl ConfigFileError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Read { .. } => MinorStatus::KRB5_CONFIG_CANTOPEN,
            Self::Profile(error) => match error.minor_status() {
                MinorStatus::PROF_SECTION_SYNTAX
                | MinorStatus::PROF_SECTION_NOTOP
                | MinorStatus::PROF_RELATION_SYNTAX
                | MinorStatus::PROF_MISSING_OBRACE
                | MinorStatus::PROF_EXTRA_CBRACE => MinorStatus::KRB5_CONFIG_BADFORMAT,
                other => other,
            },
        }
    }
}

/// Merges the files of a list as MIT does. Those that are missing are passed over, and so are those that must not be read
/// as long as there is another one. Of no file at all comes an empty configuration.
pub(super) fn load(paths: &[PathBuf]) -> Result<Config, ConfigFileError> {
    let mut profile: Option<Profile> = None;
    let mut forbidden = None;
    for path in paths {
        let file = match read(path) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound) => continue,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                forbidden = Some(ConfigFileError::Read {
                    path: path.clone(),
                    error,
                });
                continue;
            }
            Err(error) => {
                return Err(ConfigFileError::Read {
                    path: path.clone(),
                    error,
                });
            }
        };
        let next = Profile::parse(&file, included)?;
        match &mut profile {
            Some(profile) => profile.append(next),
            None => profile = Some(next),
        }
    }
    match (profile, forbidden) {
        (None, Some(error)) => Err(error),
        (profile, _) => Ok(Config::new(profile.unwrap_or_default())),
    }
}

/// A text that is in no file, which can include files.
pub(super) fn parse(name: &str, text: &str) -> Result<Config, ConfigFileError> {
    let profile = Profile::parse(&SourceFile::new(name, text.as_bytes()), included)?;
    Ok(Config::new(profile))
}

/// What a line asks for.
fn included(include: Include<'_>) -> io::Result<Vec<SourceFile>> {
    match include {
        Include::File(path) => read_file(Path::new(path)).map(|file| vec![file]),
        Include::Directory(path) => read_directory(Path::new(path)),
    }
}

/// A file of the list, which may be a directory: then it is as if a file included it.
fn read(path: &Path) -> io::Result<SourceFile> {
    if fs::metadata(path)?.is_dir() {
        let line = format!("includedir {}\n", path.display());
        return Ok(SourceFile::new(&path.to_string_lossy(), line.as_bytes()));
    }
    read_file(path)
}

fn read_file(path: &Path) -> io::Result<SourceFile> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() && metadata.len() > LARGEST {
        return Err(ErrorKind::FileTooLarge.into());
    }
    fs::read(path).map(|text| SourceFile::new(&path.to_string_lossy(), &text))
}

/// The files of a directory whose names qualify, sorted by name.
fn read_directory(path: &Path) -> io::Result<Vec<SourceFile>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if name.to_str().is_some_and(is_included_from_directory) {
            names.push(name);
        }
    }
    names.sort();
    names
        .iter()
        .map(|name| read_file(&path.join(name)))
        .collect()
}

const LARGEST: u64 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn write(dir: &TempDir, name: &str, text: &str) -> PathBuf {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn default_realm(realm: &str) -> String {
        format!("[libdefaults]\n default_realm = {realm}\n")
    }

    #[test]
    fn the_first_file_that_says_something_counts_and_missing_ones_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("missing");
        let first = write(&dir, "first", "[libdefaults]\n clockskew = 10\n");
        let second = write(
            &dir,
            "second",
            &(default_realm("SECOND") + " clockskew = 20\n"),
        );
        let config = load(&[missing.clone(), first, second]).unwrap();
        assert_eq!(config.default_realm(), Some("SECOND"));
        assert_eq!(config.clockskew().seconds(), 10);
        assert_eq!(load(&[missing]).unwrap().default_realm(), None);
    }

    #[test]
    fn a_directory_gives_the_files_whose_names_qualify_in_their_order() {
        let dir = tempfile::tempdir().unwrap();
        write(&dir, "b.conf", &default_realm("B"));
        write(&dir, "a_1-x", &default_realm("A"));
        for name in [".0.conf", "0~", "0.rpmsave", "0.bak"] {
            write(&dir, name, &default_realm("WRONG"));
        }
        let including = parse("test", &format!("includedir {}\n", dir.path().display())).unwrap();
        assert_eq!(including.default_realm(), Some("A"));
        let listed = load(&[dir.path().to_owned()]).unwrap();
        assert_eq!(listed.default_realm(), Some("A"));
    }

    #[test]
    fn an_include_that_is_missing_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = write(
            &dir,
            "krb5.conf",
            "# nothing here\ninclude /nowhere/krb5.conf\n",
        );
        let error = load(std::slice::from_ref(&file)).unwrap_err();
        let place = format!("{}:2: can't include /nowhere/krb5.conf: ", file.display());
        assert!(error.to_string().starts_with(&place), "{error}");
        assert_eq!(error.minor_status(), MinorStatus::PROF_FAIL_INCLUDE_FILE);
        let Err(error) = parse("text", "includedir /nowhere\n") else {
            panic!("a missing directory was included");
        };
        assert_eq!(error.minor_status(), MinorStatus::PROF_FAIL_INCLUDE_DIR);
        let Err(error) = parse("text", "[a]\n}\n") else {
            panic!("a brace closed nothing");
        };
        assert_eq!(error.minor_status(), MinorStatus::KRB5_CONFIG_BADFORMAT);
    }

    #[test]
    fn a_file_that_includes_itself_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("krb5.conf");
        fs::write(&file, format!("include {}\n", file.display())).unwrap();
        assert!(matches!(
            load(&[file]),
            Err(ConfigFileError::Profile(ProfileError::Syntax(_)))
        ));
    }
}
