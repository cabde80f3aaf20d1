//! MIT's KDC and kadmind in a container, from the image that `interop/kdc/Dockerfile` describes.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::port::free_port;
use crate::process::{self, Daemon, Finished, ProcessError};
use crate::programs;

/// What the image is called that [`Container`] is made of.
pub const IMAGE: &str = "orthros-interop-kdc";

/// The label of all containers that are started here, for who removes what was left behind.
pub const LABEL: &str = "orthros.interop";

/// Docker's client.
#[derive(Clone, Debug, Default)]
pub struct Docker {
    /// The address of the engine; without one that which `DOCKER_HOST` names, or else the machine's.
    host: Option<String>,
}

impl Docker {
    /// For the engine at an address, such as `unix:///run/docker.sock`.
    #[must_use]
    pub fn at(host: impl Into<String>) -> Self {
        Self {
            host: Some(host.into()),
        }
    }

    /// The client, to be told more.
    #[must_use]
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(programs::find("docker").unwrap_or_else(|| "docker".into()));
        command.args(arguments);
        self.set_environment(&mut command);
        command
    }

    /// Has a command, and what it starts, use this engine.
    pub fn set_environment(&self, command: &mut Command) {
        if let Some(host) = &self.host {
            command.env("DOCKER_HOST", host);
        }
    }

    /// Runs the client, which must succeed.
    ///
    /// # Errors
    ///
    /// [`ContainerError`] where there is none, or it does not.
    pub fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Finished, ContainerError> {
        let finished = process::run(&mut self.command(arguments), b"")?;
        if finished.status.success() {
            Ok(finished)
        } else {
            Err(ContainerError::Failed(Box::new(finished)))
        }
    }
}

/// A container that serves one realm. It is removed, with its database, when this value is dropped; where a failing
/// test drops it, its log is printed first.
#[derive(Debug)]
pub struct Container {
    docker: Docker,
    name: String,
    kdc: SocketAddr,
    passwords: SocketAddr,
}

/// A container that is not running yet.
#[derive(Clone, Debug)]
pub struct ContainerBuilder {
    docker: Docker,
    realm: String,
    replica_of: Option<String>,
    without_datagrams: bool,
}

/// Why a container does not do what is asked of it.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// Docker's client can't be run, or hung.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Docker refuses.
    #[error("failed: {0}")]
    Failed(Box<Finished>),
    /// It runs, but does not become healthy.
    #[error("{name} does not become healthy: {error}; its log:\n{log}")]
    Unhealthy {
        /// The container.
        name: String,
        /// What came of waiting.
        error: ProcessError,
        /// What it said.
        log: String,
    },
    /// There is no port for it.
    #[error("no free loopback port: {0}")]
    Port(std::io::Error),
}

impl ContainerBuilder {
    /// It runs in this engine.
    #[must_use]
    pub fn docker(mut self, docker: &Docker) -> Self {
        self.docker = docker.clone();
        self
    }

    /// It reads the database of that other one, and changes no passwords.
    #[must_use]
    pub fn replica_of(mut self, primary: &Container) -> Self {
        self.replica_of = Some(primary.name.clone());
        self
    }

    /// Its UDP ports are closed.
    #[must_use]
    pub fn without_datagrams(mut self) -> Self {
        self.without_datagrams = true;
        self
    }

    /// Starts it, and returns when it is healthy.
    ///
    /// # Errors
    ///
    /// [`ContainerError`]: no engine, no image, or it does not come up.
    pub fn start(self) -> Result<Container, ContainerError> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let container = Container {
            docker: self.docker,
            name: format!("orthros-interop-{}-{number}", std::process::id()),
            kdc: loopback()?,
            passwords: loopback()?,
        };
        let mut run = vec!["run".to_owned(), "--detach".to_owned()];
        run.push(format!("--name={}", container.name));
        run.push(format!("--label={LABEL}"));
        run.push(format!("--env=REALM={}", self.realm));
        for (address, port) in [(container.kdc, 88), (container.passwords, 464)] {
            run.push(format!("--publish={address}:{port}/tcp"));
            if !self.without_datagrams {
                run.push(format!("--publish={address}:{port}/udp"));
            }
        }
        if let Some(primary) = &self.replica_of {
            run.push("--env=ROLE=replica".to_owned());
            run.push(format!("--volumes-from={primary}"));
        }
        run.push(IMAGE.to_owned());
        container.docker.run(&run)?;
        container.wait_until_healthy()?;
        Ok(container)
    }
}

impl Container {
    /// One that serves this realm, to be described.
    #[must_use]
    pub fn builder(realm: &str) -> ContainerBuilder {
        ContainerBuilder {
            docker: Docker::default(),
            realm: realm.to_owned(),
            replica_of: None,
            without_datagrams: false,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its KDC is reached from this machine, by UDP and TCP.
    #[must_use]
    pub fn kdc_address(&self) -> SocketAddr {
        self.kdc
    }

    /// Where passwords are changed, by UDP and TCP.
    #[must_use]
    pub fn password_address(&self) -> SocketAddr {
        self.passwords
    }

    /// What its processes have said so far.
    #[must_use]
    pub fn log(&self) -> String {
        match self.docker.run(&["logs", &self.name]) {
            Ok(finished) => finished.stdout + &finished.stderr,
            Err(error) => error.to_string(),
        }
    }

    /// Stops its processes where they are: what is sent to them waits.
    ///
    /// # Errors
    ///
    /// [`ContainerError`], as of all that follow.
    pub fn pause(&self) -> Result<(), ContainerError> {
        self.docker.run(&["pause", &self.name]).map(drop)
    }

    /// Lets them go on.
    ///
    /// # Errors
    ///
    /// As [`pause`](Self::pause).
    pub fn unpause(&self) -> Result<(), ContainerError> {
        self.docker.run(&["unpause", &self.name]).map(drop)
    }

    /// Ends its processes without warning.
    ///
    /// # Errors
    ///
    /// As [`pause`](Self::pause).
    pub fn kill(&self) -> Result<(), ContainerError> {
        self.docker.run(&["kill", &self.name]).map(drop)
    }

    /// Starts it again after [`kill`](Self::kill), on the same ports and with the same database, and returns when it
    /// is healthy.
    ///
    /// # Errors
    ///
    /// As [`pause`](Self::pause).
    pub fn restart(&self) -> Result<(), ContainerError> {
        self.docker.run(&["start", &self.name])?;
        self.wait_until_healthy()
    }

    /// Copies the keytab with the realm's random keys out of it.
    ///
    /// # Errors
    ///
    /// As [`pause`](Self::pause).
    pub fn copy_keytab(&self, to: &Path) -> Result<(), ContainerError> {
        let from = format!("{}:/var/lib/krb5kdc/keytab", self.name);
        self.docker
            .run(&["cp", &from, &to.to_string_lossy()])
            .map(drop)
    }

    /// The engine tells of it when it is. What it told of an earlier start does not count.
    fn wait_until_healthy(&self) -> Result<(), ContainerError> {
        let format = "--format={{.State.StartedAt}}";
        let inspected = self.docker.run(&["inspect", format, &self.name])?;
        let mut events = self.docker.command(&["events"]);
        events.args(["--since", inspected.stdout.trim()]);
        events.args(["--filter", &format!("container={}", self.name)]);
        events.args(["--filter", "event=health_status"]);
        let healthy = Daemon::start(&mut events, "health_status: healthy");
        healthy
            .map(drop)
            .map_err(|error| ContainerError::Unhealthy {
                name: self.name.clone(),
                error,
                log: self.log(),
            })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {}\n{}", self.name, self.log());
        }
        if let Err(error) = self.docker.run(&["rm", "--force", "--volumes", &self.name]) {
            eprintln!("a container is left behind: {error}");
        }
    }
}

fn loopback() -> Result<SocketAddr, ContainerError> {
    let port = free_port().map_err(ContainerError::Port)?;
    Ok(SocketAddr::from(([127, 0, 0, 1], port)))
}
