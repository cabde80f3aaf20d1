//! Child processes that can't outstay their welcome: commands with a time limit, daemons that end on drop.

use std::fmt;
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long [`run`] waits for a command, and [`Daemon::start`] for its readiness.
pub const LIMIT: Duration = Duration::from_secs(30);

/// How long a daemon whose standard input is closed may take to end.
const END_LIMIT: Duration = Duration::from_secs(10);

/// How often [`Daemon::start_silent`] looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// Why a program did not do what the test needs of it.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The operating system could not start it, or not wait for it.
    #[error("{command}: {source}")]
    Io {
        /// The command line.
        command: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// It did not end, or not become ready, in time; it was killed.
    #[error("{command}: no end after {limit:?}, killed; it printed:\n{output}")]
    TimedOut {
        /// The command line.
        command: String,
        /// The time that it had.
        limit: Duration,
        /// What it had printed.
        output: String,
    },
    /// A daemon ended before it was ready.
    #[error("{command}: ended before it was ready; it printed:\n{output}")]
    Ended {
        /// The command line.
        command: String,
        /// What it had printed.
        output: String,
    },
}

/// How a command ended and what it printed.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The command line, for messages.
    pub command: String,
    /// Its exit status.
    pub status: ExitStatus,
    /// Standard output, lossily.
    pub stdout: String,
    /// Standard error, lossily.
    pub stderr: String,
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            command,
            status,
            stdout,
            stderr,
        } = self;
        write!(f, "{command}: {status}\n{stdout}{stderr}")
    }
}

/// Runs `command` with `stdin` as its standard input, and kills it after [`LIMIT`].
///
/// # Errors
///
/// When it can't be started, or had to be killed. A failure exit status is not an error here.
pub fn run(command: &mut Command, stdin: &[u8]) -> Result<Finished, ProcessError> {
    run_within(command, stdin, LIMIT)
}

/// [`run`] with a limit of the caller's, for tests of what must take bounded time.
///
/// # Errors
///
/// As [`run`].
pub fn run_within(
    command: &mut Command,
    stdin: &[u8],
    limit: Duration,
) -> Result<Finished, ProcessError> {
    let name = command_line(command);
    let io = |source| ProcessError::Io {
        command: name.clone(),
        source,
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(io)?;
    let (sender, receiver) = channel();
    forward(child.stdout.take(), Stream::Out, &sender);
    forward(child.stderr.take(), Stream::Err, &sender);
    drop(sender);
    if let Some(mut pipe) = child.stdin.take() {
        let input = stdin.to_vec();
        // A program that ends without reading its input closes the pipe: that is its right.
        thread::spawn(move || pipe.write_all(&input).is_ok());
    }
    let mut printed = Printed::default();
    if printed.collect(&receiver, Instant::now() + limit, |_| false) == Collected::TimedOut {
        child.kill().and_then(|()| child.wait()).map_err(io)?;
        return Err(ProcessError::TimedOut {
            command: name,
            limit,
            output: printed.both(),
        });
    }
    let status = child.wait().map_err(io)?;
    Ok(Finished {
        command: name,
        status,
        stdout: printed.text(Stream::Out),
        stderr: printed.text(Stream::Err),
    })
}

/// A process that serves until this value is dropped, also when that happens because a test panics.
#[derive(Debug)]
pub struct Daemon {
    command: String,
    child: Child,
    /// The process that started it: a forked copy of this value must not end it.
    owner: u32,
    output: Mutex<Output>,
}

/// What a daemon has printed, and where more comes from.
#[derive(Debug)]
struct Output {
    receiver: Receiver<(Stream, Vec<u8>)>,
    printed: Printed,
}

impl Daemon {
    /// Starts `command` and waits until it has printed a text that contains `ready`.
    ///
    /// # Errors
    ///
    /// When it can't be started, ends first, or is not ready within [`LIMIT`].
    pub fn start(command: &mut Command, ready: &str) -> Result<Self, ProcessError> {
        Self::spawn(command, Stdio::null())?.wait_for(ready, LIMIT)
    }

    /// Starts `command`, which does not say when it is ready, and waits until `is_ready` does.
    ///
    /// # Errors
    ///
    /// As [`Daemon::start`].
    pub fn start_silent(
        command: &mut Command,
        is_ready: impl Fn() -> bool,
    ) -> Result<Self, ProcessError> {
        let daemon = Self::spawn(command, Stdio::null())?;
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            if daemon.collect(BETWEEN_LOOKS, |_| false) == Collected::Closed {
                return Err(daemon.ended());
            }
            if is_ready() {
                return Ok(daemon);
            }
        }
        Err(daemon.timed_out(LIMIT))
    }

    /// As [`Daemon::start`], within a limit of the caller's. Its standard input is open until it is dropped, or this
    /// process ends in whichever way: a daemon that waits for that never outlives its owner. When it is dropped, it
    /// has a moment to end by itself, with its children.
    ///
    /// # Errors
    ///
    /// As [`Daemon::start`].
    pub fn start_bound(
        command: &mut Command,
        ready: &str,
        limit: Duration,
    ) -> Result<Self, ProcessError> {
        let daemon = Self::spawn(command, Stdio::piped())?;
        daemon.wait_for(ready, limit)
    }

    fn wait_for(self, ready: &str, limit: Duration) -> Result<Self, ProcessError> {
        let is_ready = |printed: &Printed| printed.both().contains(ready);
        match self.collect(limit, is_ready) {
            Collected::Found => Ok(self),
            Collected::Closed => Err(self.ended()),
            Collected::TimedOut => Err(self.timed_out(limit)),
        }
    }

    fn spawn(command: &mut Command, stdin: Stdio) -> Result<Self, ProcessError> {
        let name = command_line(command);
        let mut child = command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| ProcessError::Io {
                command: name.clone(),
                source,
            })?;
        let (sender, receiver) = channel();
        forward(child.stdout.take(), Stream::Out, &sender);
        forward(child.stderr.take(), Stream::Err, &sender);
        Ok(Self {
            command: name,
            child,
            owner: std::process::id(),
            output: Mutex::new(Output {
                receiver,
                printed: Printed::default(),
            }),
        })
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    ///
    /// When it has not ended after `limit`; it is killed then.
    pub fn finish(mut self, limit: Duration) -> Result<Finished, ProcessError> {
        if self.collect(limit, |_| false) == Collected::TimedOut {
            return Err(self.timed_out(limit));
        }
        let status = self.child.wait().map_err(|source| ProcessError::Io {
            command: self.command.clone(),
            source,
        })?;
        let output = self.output();
        Ok(Finished {
            command: self.command.clone(),
            status,
            stdout: output.printed.text(Stream::Out),
            stderr: output.printed.text(Stream::Err),
        })
    }

    /// What it has printed so far, on both streams.
    #[must_use]
    pub fn printed(&self) -> String {
        self.collect(Duration::ZERO, |_| false);
        self.output().printed.both()
    }

    fn collect(&self, limit: Duration, enough: impl Fn(&Printed) -> bool) -> Collected {
        let Output { receiver, printed } = &mut *self.output();
        printed.collect(receiver, Instant::now() + limit, enough)
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self) -> ProcessError {
        ProcessError::Ended {
            command: self.command.clone(),
            output: self.output().printed.both(),
        }
    }

    fn timed_out(&self, limit: Duration) -> ProcessError {
        ProcessError::TimedOut {
            command: self.command.clone(),
            limit,
            output: self.output().printed.both(),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::process::id() != self.owner {
            return;
        }
        if self.child.stdin.take().is_some() {
            // Its output is closed when none of its children is left.
            self.collect(END_LIMIT, |_| false);
        }
        if self.child.kill().is_ok() {
            // Reaped, so that its port and its files are free when drop returns.
            let _ = self.child.wait();
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

#[derive(Debug, PartialEq, Eq)]
enum Collected {
    Found,
    Closed,
    TimedOut,
}

#[derive(Debug, Default)]
struct Printed {
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Printed {
    /// Takes what arrives until `enough`, until both streams are closed, or until `deadline`.
    fn collect(
        &mut self,
        receiver: &Receiver<(Stream, Vec<u8>)>,
        deadline: Instant,
        enough: impl Fn(&Self) -> bool,
    ) -> Collected {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match receiver.recv_timeout(left) {
                Ok((Stream::Out, octets)) => self.out.extend(octets),
                Ok((Stream::Err, octets)) => self.err.extend(octets),
                Err(RecvTimeoutError::Disconnected) => return Collected::Closed,
                Err(RecvTimeoutError::Timeout) => return Collected::TimedOut,
            }
            if enough(self) {
                return Collected::Found;
            }
        }
    }

    fn text(&self, stream: Stream) -> String {
        let octets = match stream {
            Stream::Out => &self.out,
            Stream::Err => &self.err,
        };
        String::from_utf8_lossy(octets).into_owned()
    }

    fn both(&self) -> String {
        self.text(Stream::Out) + &self.text(Stream::Err)
    }
}

/// Reads a pipe to its end in a thread: a full pipe would stop the process that is waited for.
fn forward(
    pipe: Option<impl Read + Send + 'static>,
    stream: Stream,
    sender: &Sender<(Stream, Vec<u8>)>,
) {
    let Some(mut pipe) = pipe else { return };
    let sender = sender.clone();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length) = pipe.read(&mut buffer) {
            let octets = buffer.get(..length).unwrap_or_default();
            if octets.is_empty() || sender.send((stream, octets.to_vec())).is_err() {
                return;
            }
        }
    });
}

fn command_line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_gets_its_input_and_both_outputs_are_told_apart() {
        let script = "read line; echo out $line; echo err >&2; exit 3";
        let finished = run(Command::new("sh").args(["-c", script]), b"hello\n").unwrap();
        assert_eq!(finished.stdout, "out hello\n");
        assert_eq!(finished.stderr, "err\n");
        assert_eq!(finished.status.code(), Some(3));
    }

    #[test]
    fn a_command_that_hangs_is_killed_at_its_limit() {
        let started = Instant::now();
        let hang = run_within(
            Command::new("sleep").arg("600"),
            b"",
            Duration::from_millis(50),
        );
        assert!(matches!(hang, Err(ProcessError::TimedOut { .. })));
        assert!(started.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn a_daemon_that_dies_before_it_is_ready_says_what_it_printed() {
        let script = "echo no such luck >&2";
        let error = Daemon::start(Command::new("sh").args(["-c", script]), "ready").unwrap_err();
        assert!(matches!(&error, ProcessError::Ended { output, .. } if output == "no such luck\n"));
    }

    #[test]
    fn a_daemon_ends_when_a_test_panics() {
        let (sender, receiver) = channel();
        let panicked = thread::spawn(move || {
            let script = "echo ready; exec sleep 600";
            let daemon = Daemon::start(Command::new("sh").args(["-c", script]), "ready").unwrap();
            sender.send(daemon.id()).unwrap();
            panic!("a failing test");
        })
        .join();
        assert!(panicked.is_err());
        let id = receiver.recv().unwrap();
        assert!(!std::path::Path::new(&format!("/proc/{id}")).exists());
    }
}
