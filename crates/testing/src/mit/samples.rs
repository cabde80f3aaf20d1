//! Runs servers that speak the protocol of MIT's GSS-API samples, MIT's own or ours.

use std::process::Command;
use std::time::Duration;

use super::{RealmError, free_port, io_error};
use crate::process::{Daemon, Finished, ProcessError};

/// How often another port is tried when somebody took the one that was free.
const PORT_ATTEMPTS: usize = 8;

/// A `gss-server` on a port of its own; it ends when this value is dropped.
#[derive(Debug)]
pub struct SampleServer {
    port: u16,
    daemon: Daemon,
}

impl SampleServer {
    /// Starts what `command` makes for a port, and waits until it has printed `ready`.
    ///
    /// # Errors
    ///
    /// When it does not come up on any of several ports.
    pub fn start(command: impl Fn(u16) -> Command, ready: &str) -> Result<Self, RealmError> {
        let mut attempts = 1;
        loop {
            let port = free_port().map_err(io_error("free loopback port"))?;
            match Daemon::start(&mut command(port), ready) {
                Ok(daemon) => return Ok(Self { port, daemon }),
                Err(ProcessError::Ended { .. }) if attempts < PORT_ATTEMPTS => attempts += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The TCP port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until a server that serves once has ended, and returns what it printed.
    ///
    /// # Errors
    ///
    /// When it goes on for longer than `limit`.
    pub fn finish(self, limit: Duration) -> Result<Finished, RealmError> {
        Ok(self.daemon.finish(limit)?)
    }
}
