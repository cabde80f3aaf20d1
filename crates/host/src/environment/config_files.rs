//! Configuration files: which of a list are there, and what they include.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::SystemTime;

use orthros_types::MinorStatus;
use orthros_types::config::{Config, Profile, ProfileError, SourceFile};

use super::config_sources::Sources;

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

/// Merges the files of a list as MIT does. Those that are missing are passed over, and so are those that must not be
/// read as long as there is another one. Of no file at all comes an empty configuration.
pub(super) fn load(paths: &[PathBuf]) -> Result<(Config, Sources), ConfigFileError> {
    let mut sources = Sources::new(SystemTime::now());
    let mut profile: Option<Profile> = None;
    let mut forbidden = None;
    for path in paths {
        let file = match sources.listed(path) {
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
        let next = Profile::parse(&file, |include| sources.included(include))?;
        match &mut profile {
            Some(profile) => profile.append(next),
            None => profile = Some(next),
        }
    }
    match (profile, forbidden) {
        (None, Some(error)) => Err(error),
        (profile, _) => Ok((Config::new(profile.unwrap_or_default()), sources)),
    }
}

/// A text that is in no file, which can include files.
pub(super) fn parse(name: &str, text: &str) -> Result<Config, ConfigFileError> {
    let mut sources = Sources::new(SystemTime::now());
    let file = SourceFile::new(name, text.as_bytes());
    let profile = Profile::parse(&file, |include| sources.included(include))?;
    Ok(Config::new(profile))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use tempfile::TempDir;

    fn load(paths: &[PathBuf]) -> Result<Config, ConfigFileError> {
        super::load(paths).map(|(config, _)| config)
    }

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
    fn a_directory_among_the_included_files_is_skipped() {
        let dir = tempfile::tempdir().unwrap();
        let (included, inner) = (dir.path().join("d"), dir.path().join("d/inner"));
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("krb5.conf"), default_realm("WRONG")).unwrap();
        fs::write(included.join("z.conf"), default_realm("Z")).unwrap();
        for line in ["includedir", "include"] {
            let including = format!("{line} {}\n{}", included.display(), default_realm("OWN"));
            let config = parse("test", &including).unwrap();
            let expected = if line == "include" { "OWN" } else { "Z" };
            assert_eq!(config.default_realm(), Some(expected), "{line}");
        }
    }

    #[test]
    fn an_entry_of_a_directory_that_can_not_be_read_is_named_itself() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/nowhere", dir.path().join("dangling")).unwrap();
        let Err(error) = parse("test", &format!("includedir {}\n", dir.path().display())) else {
            panic!("a name that leads nowhere was included");
        };
        let entry = dir.path().join("dangling").display().to_string();
        assert!(error.to_string().contains(&entry), "{error}");
        assert_eq!(error.minor_status(), MinorStatus::PROF_FAIL_INCLUDE_DIR);
    }

    #[test]
    fn what_never_ends_and_what_nothing_is_written_to_do_not_hang() {
        let dir = tempfile::tempdir().unwrap();
        let refused = |path: PathBuf| match load(&[path]) {
            Err(ConfigFileError::Read { error, .. }) => error.kind(),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused("/dev/zero".into()), ErrorKind::FileTooLarge);
        let pipe = dir.path().join("pipe");
        mkfifo(&pipe, Mode::S_IRWXU).unwrap();
        assert_eq!(refused(pipe), ErrorKind::UnexpectedEof);
        assert_eq!(load(&["/dev/null".into()]).unwrap().default_realm(), None);
    }

    #[test]
    fn a_pipe_is_read_to_its_end() {
        use std::io::Write as _;
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        mkfifo(&pipe, Mode::S_IRWXU).unwrap();
        // Holds it open, so that the reader finds a writer.
        let mut writer = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&pipe)
            .unwrap();
        let read = std::thread::scope(|scope| {
            let reader = scope.spawn(|| load(std::slice::from_ref(&pipe)));
            writer.write_all(default_realm("PIPE").as_bytes()).unwrap();
            // Longer than a pipe holds: the reader has begun when all of it is written.
            writer.write_all(&b"# comment\n".repeat(20_000)).unwrap();
            drop(writer);
            reader.join().unwrap()
        });
        assert_eq!(read.unwrap().default_realm(), Some("PIPE"));
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
