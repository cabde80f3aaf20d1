//! KCM daemons: sssd's and Heimdal's, each with a socket and a store of its own, and [`FakeKcm`], which does as it is
//! told.
//!
//! The real ones have their paths built in. They are started by root in a mount namespace of their own, where these
//! paths lead into the directory of the test.

mod fake;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::mit::{RealmError, io_error};
use crate::peers;
use crate::process::Daemon;

pub use fake::{FakeKcm, Fault, is_listening, without};

/// A real KCM daemon. Dropping it ends it and removes its directory.
#[derive(Debug)]
pub struct KcmDaemon {
    _daemon: Daemon,
    directory: TempDir,
    socket: &'static str,
}

impl KcmDaemon {
    /// sssd's.
    ///
    /// # Errors
    ///
    /// Without [`peers::sssd_kcm`], or when it does not come up.
    pub fn sssd() -> Result<Self, RealmError> {
        let program = peers::sssd_kcm()?;
        let directory = directory(&["conf", "log", "run", "lib/db", "lib/secrets"])?;
        let conf = directory.path().join("conf/sssd.conf");
        let socket = directory.path().join("run/kcm");
        let text = format!(
            "[sssd]\nservices =\n[kcm]\nsocket_path = {}\nresponder_idle_timeout = 0\n",
            socket.display()
        );
        fs::write(&conf, text).map_err(io_error(conf.display()))?;
        let owner_alone = fs::Permissions::from_mode(0o600);
        fs::set_permissions(&conf, owner_alone).map_err(io_error(conf.display()))?;
        // What systemd does for it: its configuration becomes a database first.
        let script = "mount --bind \"$0/lib\" /var/lib/sss && mount --bind \"$0/conf\" /etc/sssd \
                      && mount --bind \"$0/log\" /var/log/sssd && mount --bind \"$0/run\" /run \
                      && sssd --genconf-section=kcm --logger=stderr \
                      && exec \"$1\" --uid 0 --gid 0 --logger=stderr";
        let mut command = within_namespace(script, directory.path());
        command.arg(program);
        Self::start(directory, &mut command, "run/kcm")
    }

    /// Heimdal's.
    ///
    /// # Errors
    ///
    /// Without [`peers::heimdal_kcm`], or when it does not come up.
    pub fn heimdal() -> Result<Self, RealmError> {
        let tools = peers::heimdal_kcm()?;
        let directory = directory(&["run"])?;
        let script = "mount --bind \"$0/run\" /run && exec \"$1\" -c /dev/null";
        let mut command = within_namespace(script, directory.path());
        command.arg(tools.path(peers::HEIMDAL_KCM));
        tools.set_libraries(&mut command);
        Self::start(directory, &mut command, "run/.heim_org.h5l.kcm-socket")
    }

    /// Where it listens.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join(self.socket)
    }

    fn start(
        directory: TempDir,
        command: &mut Command,
        socket: &'static str,
    ) -> Result<Self, RealmError> {
        let path = directory.path().join(socket);
        let daemon = Daemon::start_silent(command, || is_listening(&path))?;
        Ok(Self {
            _daemon: daemon,
            directory,
            socket,
        })
    }
}

/// A script as root of a mount namespace; `$0` is the directory, `$1` what is added.
fn within_namespace(script: &str, directory: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script]).arg(directory);
    command
}

fn directory(folders: &[&str]) -> Result<TempDir, RealmError> {
    let directory = tempfile::tempdir().map_err(io_error("a directory for a KCM daemon"))?;
    for folder in folders {
        let folder = directory.path().join(folder);
        fs::create_dir_all(&folder).map_err(io_error(folder.display()))?;
    }
    Ok(directory)
}
