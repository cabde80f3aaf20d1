//! `KRB5_TRACE`: events as lines in a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use orthros_krb5::observe::{Event, Observe};

/// Appends events to a file as lines of the form of MIT's library: `[pid] seconds.microseconds: text`.
///
/// The process' environment has one where `KRB5_TRACE` names a file, such as `/dev/stderr`. Several processes may
/// write to one file: each line is one write.
#[derive(Debug)]
pub struct TraceFile {
    file: File,
}

impl TraceFile {
    /// The trace in this file, which is made if it is not there, for its owner alone.
    ///
    /// # Errors
    ///
    /// Where it can't be opened, or is a FIFO that no process reads.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            // Else the kernel waits until a FIFO has a reader, and the program with it.
            .custom_flags(OFlag::O_NONBLOCK.bits())
            .open(path)?;
        // Lines may wait for the reader that there is.
        fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND))?;
        Ok(Self { file })
    }
}

impl Observe for TraceFile {
    fn observe(&self, event: &Event<'_>) {
        let line = line(SystemTime::now(), &event.to_string());
        // A full disk does not stop what is traced.
        let _ = (&self.file).write_all(line.as_bytes());
    }
}

/// The line of an event. What peers send may be in it: control characters are escaped, so that it stays one line and
/// says nothing to a terminal.
fn line(now: SystemTime, text: &str) -> String {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut line = format!(
        "[{}] {}.{:06}: ",
        std::process::id(),
        now.as_secs(),
        now.subsec_micros()
    );
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_line_has_mits_form() {
        let now = UNIX_EPOCH + Duration::new(1_795_435_200, 7_000);
        let pid = std::process::id();
        assert_eq!(
            line(now, "Resolving hostname kdc.example"),
            format!("[{pid}] 1795435200.000007: Resolving hostname kdc.example\n")
        );
    }

    #[test]
    fn what_a_peer_sends_stays_within_its_line() {
        let line = line(UNIX_EPOCH, "said\n[1] 2.000003: \u{1b}[2Jforged\r");
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.ends_with(": said\\n[1] 2.000003: \\u{1b}[2Jforged\\r\n"));
    }

    #[test]
    fn a_trace_is_appended_to_a_file_of_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("trace");
        for _ in 0..2 {
            let trace = TraceFile::open(&path).unwrap();
            trace.observe(&Event::UnauthenticatedRequest);
        }
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(written.lines().count(), 2);
        assert!(written.ends_with(": Sending unauthenticated request\n"));
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(TraceFile::open(directory.path()).is_err());
    }

    #[test]
    fn a_fifo_has_to_have_a_reader_and_is_not_waited_for() {
        use std::io::Read as _;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(TraceFile::open(&path).is_err());
        let mut reader = OpenOptions::new()
            .read(true)
            .custom_flags(OFlag::O_NONBLOCK.bits())
            .open(&path)
            .unwrap();
        let trace = TraceFile::open(&path).unwrap();
        trace.observe(&Event::UnauthenticatedRequest);
        let mut line = [0; 256];
        let length = reader.read(&mut line).unwrap();
        assert!(line[..length].ends_with(b": Sending unauthenticated request\n"));
    }
}
