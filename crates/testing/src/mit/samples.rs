//! Runs servers that speak the protocol of MIT's GSS-API samples, MIT's own or ours.

use std::process::Command;
use std::time::Duration;

use super::{RealmError, on_a_free_port};
use crate::process::{Daemon, Finished};

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
        on_a_free_port(|port| {
            let daemon = Daemon::start(&mut command(port), ready)?;
            Ok(Self { port, daemon })
        })
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
