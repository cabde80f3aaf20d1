//! Which principals may be a local user: `.k5login`, and the rules of `[realms]`.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::User;
use orthros_types::config::ConfigError;
use orthros_types::{LocalNameError, MinorStatus, Principal};

use super::Environment;

/// Why a principal may not be a local user.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalLoginError {
    /// There is no such user on this system.
    #[error("there is no user {user} on this system")]
    NoUser {
        /// The user.
        user: String,
    },
    /// The user's `.k5login` does not name the principal.
    #[error("{principal} may not be {user}: {} does not name it", path.display())]
    NotListed {
        /// The principal.
        principal: Principal,
        /// The user.
        user: String,
        /// The file.
        path: PathBuf,
    },
    /// The file is neither the user's nor root's.
    #[error("{} is owned by user number {owner}, neither by {user} nor by root", path.display())]
    Owner {
        /// The file.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// The user who should own it.
        user: String,
    },
    /// The file can't be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// There is no `.k5login`, and the principal is another user.
    #[error("{principal} may not be {user}: it is {found}")]
    OtherUser {
        /// The principal.
        principal: Principal,
        /// The user.
        user: String,
        /// Which user it is.
        found: String,
    },
    /// There is no `.k5login`, and the principal is no local user.
    #[error(transparent)]
    NoLocalName(Box<LocalNameError>),
    /// `k5login_authoritative` is no boolean.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl LocalLoginError {
    /// MIT's number for what is wrong with the configuration; zero where nothing is: its `krb5_kuserok` only says no.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Config(error) => error.minor_status(),
            Self::NoLocalName(error) => error.minor_status(),
            _ => MinorStatus::from_number(0),
        }
    }
}

impl Environment {
    /// Whether `principal` may be the local `user` (`krb5_kuserok`).
    ///
    /// Where the user has a `.k5login`, in the home or in `k5login_directory`, that must name the principal, on a line
    /// of its own and in its text form; the file must be the user's or root's. Where there is none, or
    /// `k5login_authoritative` is false, it is enough that the principal
    /// [is](orthros_types::config::Config::local_name) that user.
    ///
    /// # Errors
    ///
    /// [`LocalLoginError`] with the reason why not.
    pub fn authorize_local_login(
        &self,
        principal: &Principal,
        user: &str,
    ) -> Result<(), LocalLoginError> {
        let is_authoritative = self.config().k5login_authoritative()?;
        match self.ask_k5login(principal, user) {
            Ok(Some(())) => return Ok(()),
            Ok(None) => {}
            Err(error) if is_authoritative => return Err(error),
            Err(_) => {}
        }
        let found = self.config().local_name(principal);
        let found = found.map_err(|error| LocalLoginError::NoLocalName(Box::new(error)))?;
        if found == user {
            return Ok(());
        }
        Err(LocalLoginError::OtherUser {
            principal: principal.clone(),
            user: user.to_owned(),
            found,
        })
    }

    /// `None` where the user has no `.k5login`.
    fn ask_k5login(
        &self,
        principal: &Principal,
        user: &str,
    ) -> Result<Option<()>, LocalLoginError> {
        let account = User::from_name(user).ok().flatten();
        let account = account.ok_or_else(|| LocalLoginError::NoUser {
            user: user.to_owned(),
        })?;
        let path = match self.config().k5login_directory() {
            Some(directory) => Path::new(directory).join(&account.name),
            None => account.dir.join(".k5login"),
        };
        let read_error = |error| LocalLoginError::Read {
            path: path.clone(),
            error,
        };
        let file = match open(&path) {
            Err(error) if is_absent(&error) => return Ok(None),
            file => file.map_err(read_error)?,
        };
        let metadata = file.metadata().map_err(read_error)?;
        if ![0, account.uid.as_raw()].contains(&metadata.uid()) {
            return Err(LocalLoginError::Owner {
                path,
                owner: metadata.uid(),
                user: user.to_owned(),
            });
        }
        let mut lines = Vec::new();
        file.take(LARGEST + 1)
            .read_to_end(&mut lines)
            .map_err(read_error)?;
        if lines.len() as u64 > LARGEST {
            // A name that was cut off may be another one's.
            return Err(read_error(ErrorKind::FileTooLarge.into()));
        }
        let name = principal.unparse();
        if lines.split(|byte| *byte == b'\n').any(|line| line == name) {
            return Ok(Some(()));
        }
        Err(LocalLoginError::NotListed {
            principal: principal.clone(),
            user: user.to_owned(),
            path,
        })
    }
}

/// Opens a regular file. A pipe that a user has put there must not make the server wait.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            ErrorKind::InvalidInput,
            "it is not a regular file",
        ))
    }
}

/// Where the home is missing, so is the file.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// More than a user lists.
const LARGEST: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::chown;

    use nix::sys::stat::Mode;
    use nix::unistd::{getuid, mkfifo};
    use tempfile::TempDir;

    use super::*;

    /// Who runs the tests, and owns the files that they write.
    fn me() -> String {
        let environment = Environment::builder().build();
        environment.local_user_name().unwrap()
    }

    fn environment(dir: &TempDir, options: &str) -> Environment {
        let text = format!(
            "[libdefaults]\n default_realm = R\n k5login_directory = {}\n{options}",
            dir.path().display()
        );
        let builder = Environment::builder().config_text("krb5.conf", &text);
        builder.unwrap().build()
    }

    fn principal(text: &str) -> Principal {
        Principal::parse(text, None).unwrap()
    }

    fn list(dir: &TempDir, user: &str, lines: &str) -> PathBuf {
        let path = dir.path().join(user);
        fs::write(&path, lines).unwrap();
        path
    }

    #[test]
    fn without_a_file_the_user_of_the_name_may() {
        let dir = tempfile::tempdir().unwrap();
        let environment = environment(&dir, "");
        environment
            .authorize_local_login(&principal("root@R"), "root")
            .unwrap();
        for other in ["alice@R", "root@S", "root/admin@R"] {
            let refused = environment.authorize_local_login(&principal(other), "root");
            assert!(refused.unwrap_err().to_string().contains(other));
        }
    }

    #[test]
    fn a_user_that_is_not_there_is_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let refused = environment(&dir, "").authorize_local_login(&principal("ghost@R"), "ghost");
        assert!(matches!(refused, Err(LocalLoginError::NoUser { .. })));
    }

    #[test]
    fn who_is_listed_may_and_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = list(&dir, &me(), "alice@R\n bob@R\ncarol@R");
        let may = |options: &str, name: &str| {
            environment(&dir, options).authorize_local_login(&principal(name), &me())
        };
        may("", "alice@R").unwrap();
        may("", "carol@R").unwrap();
        // Lines are compared as they are.
        may("", "bob@R").unwrap_err();
        let refused = may("", &format!("{}@R", me())).unwrap_err().to_string();
        assert!(refused.contains(&path.display().to_string()), "{refused}");
        may(" k5login_authoritative = false\n", &format!("{}@R", me())).unwrap();
        may(" k5login_authoritative = perhaps\n", "alice@R").unwrap_err();
    }

    #[test]
    fn a_list_of_somebody_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = list(&dir, "root", "alice@R\n");
        if getuid().is_root() {
            chown(&path, Some(12_345), None).unwrap();
        }
        let refused = environment(&dir, "").authorize_local_login(&principal("alice@R"), "root");
        assert!(matches!(refused, Err(LocalLoginError::Owner { .. })));
    }

    #[test]
    fn a_name_that_the_largest_length_cuts_off_is_not_another_one() {
        let dir = tempfile::tempdir().unwrap();
        let filling = usize::try_from(LARGEST).unwrap() - "\nalice@R".len();
        list(
            &dir,
            &me(),
            &format!("{}\nalice@R.ELSEWHERE\n", "#".repeat(filling)),
        );
        let refused = environment(&dir, "").authorize_local_login(&principal("alice@R"), &me());
        assert!(matches!(refused, Err(LocalLoginError::Read { .. })));
    }

    #[test]
    fn a_pipe_in_place_of_the_list_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        mkfifo(&dir.path().join("root"), Mode::S_IRWXU).unwrap();
        let refused = environment(&dir, "").authorize_local_login(&principal("root@R"), "root");
        assert!(matches!(refused, Err(LocalLoginError::Read { .. })));
    }
}
