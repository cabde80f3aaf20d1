//! A Docker engine: the machine's, or one that is started for the time being.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use orthros_testing::docker::{Docker, LABEL};
use orthros_testing::programs;
use tempfile::TempDir;

use crate::Failure;
use crate::cargo::target_directory;

/// An engine, and what clears up.
///
/// The warden is a process that waits for the end of its standard input, which comes when this value is dropped, but
/// also when xtask is interrupted or killed. Then it removes what containers of ours there are, and ends the engine if
/// that is ours, too.
#[derive(Debug)]
pub(crate) struct Engine {
    warden: Child,
    docker: Docker,
    /// Where its socket and its log are.
    _directory: TempDir,
}

/// `$1` is the directory for an engine of ours, or empty; `$2` where it keeps images. It leaves the machine's packet
/// filter alone.
const WARDEN: &str = r#"
# If no reader is there any more to be told that it is ready, there is still something to clear up.
trap '' PIPE
if [ -n "$1" ]; then
    dockerd --host "$DOCKER_HOST" --data-root "$2" --exec-root "$1/run" --pidfile "$1/pid" \
        --iptables=false --ip6tables=false >"$1/log" 2>&1 &
    engine=$!
    until docker version >/dev/null 2>&1; do
        if ! kill -0 $engine 2>/dev/null; then
            cat "$1/log" >&2
            exit 1
        fi
        sleep 0.1
    done
fi
remove() {
    containers=$(docker ps --all --quiet --filter label="$3")
    [ -z "$containers" ] || docker rm --force --volumes $containers >/dev/null
}
remove "$@"
echo ready
cat >/dev/null
remove "$@"
if [ -n "$1" ]; then
    kill $engine
    wait $engine
    # After a build on the host's network the engine leaves that mounted.
    umount "$1"/run/netns/* 2>/dev/null
    rm -rf "$1"
fi
"#;

impl Engine {
    /// The one that answers, else a new one.
    pub(crate) fn find_or_start() -> Result<Self, Failure> {
        let directory = tempfile::tempdir().map_err(|source| Failure::File {
            path: "directory of a Docker engine".to_owned(),
            source,
        })?;
        if Docker::default().run(&["version"]).is_ok() {
            return Self::guard(directory, None);
        }
        if programs::find("dockerd").is_none() {
            return Err(Failure::Unprepared(
                "there is no Docker engine; --install gets one on Debian",
            ));
        }
        let host = format!("unix://{}/docker.sock", directory.path().display());
        Self::guard(directory, Some(host))
    }

    /// Starts the warden, which in a process group of its own no interrupt from the terminal reaches, and the engine
    /// with it.
    fn guard(directory: TempDir, host: Option<String>) -> Result<Self, Failure> {
        let ours = host.as_ref().map(|_| directory.path());
        let mut command = Command::new("sh");
        command.args(["-c", WARDEN, "warden"]);
        command.arg(ours.unwrap_or("".as_ref())).arg(images()?);
        command.arg(LABEL);
        let docker = host.map(Docker::at).unwrap_or_default();
        docker.set_environment(&mut command);
        let failed = |source| Failure::Start {
            command: "the warden of a Docker engine".to_owned(),
            source,
        };
        let mut warden = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(stdout) = warden.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(failed)?;
        }
        if line != "ready\n" {
            return Err(Failure::Command("starting a Docker engine".to_owned()));
        }
        Ok(Self {
            warden,
            docker,
            _directory: directory,
        })
    }

    /// Docker's client for it.
    pub(crate) fn docker(&self) -> &Docker {
        &self.docker
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.warden.stdin.take());
        if let Err(error) = self.warden.wait() {
            eprintln!("xtask: the warden of a Docker engine: {error}");
        }
    }
}

/// Where an engine of ours keeps images from one run to the next.
fn images() -> Result<PathBuf, Failure> {
    Ok(target_directory()?.join("interop/docker"))
}
