//! The log, on standard error. A reader who is slow, stands still or has gone away keeps no thread of the KDC from
//! answering: lines wait in a queue, and what has no room in it is counted instead.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// Takes lines, on any thread, without waiting.
#[derive(Clone, Debug)]
pub(super) struct Log {
    lines: SyncSender<String>,
    lost: Arc<AtomicU64>,
}

/// The thread that writes them.
#[derive(Debug)]
pub(super) struct Writer {
    ended: Receiver<()>,
}

impl Log {
    /// A log that is written to `out`, by a thread of its own.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<(Self, Writer)> {
        let (lines, queue) = sync_channel(QUEUE);
        let (end, ended) = sync_channel::<()>(0);
        let lost = Arc::new(AtomicU64::new(0));
        let uncounted = Arc::clone(&lost);
        thread::Builder::new()
            .name("orthros-log".into())
            .spawn(move || {
                write(&queue, &uncounted, out);
                // Says that all is written.
                drop(end);
            })?;
        Ok((Self { lines, lost }, Writer { ended }))
    }

    /// Adds a line. What peers have put into it is cut.
    pub(super) fn line(&self, text: &str) {
        let line = cut(text);
        if let Err(TrySendError::Full(_)) = self.lines.try_send(line) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Writer {
    /// Waits until all lines are written, once every [`Log`] has gone; no longer than a reader who stands still
    /// deserves.
    pub(super) fn finish(self) {
        // Either it has ended, or the time is over: the process ends in both cases.
        let _ = self.ended.recv_timeout(PATIENCE);
    }
}

fn write(queue: &Receiver<String>, lost: &AtomicU64, mut out: impl Write) {
    // A reader who has gone away misses the lines, and the KDC goes on.
    let mut put = |line: &str| {
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    };
    for line in queue {
        put(&line);
        let count = lost.swap(0, Ordering::Relaxed);
        if count > 0 {
            put(&format!(
                "kdc: {count} lines are missing here, as the log was not read in time\n"
            ));
        }
    }
}

/// The line with its end, no longer than [`LONGEST`].
fn cut(text: &str) -> String {
    let kept = text.get(..text.floor_char_boundary(LONGEST));
    match kept {
        Some(kept) if kept.len() < text.len() => format!("{kept} ..\n"),
        _ => format!("{text}\n"),
    }
}

/// Lines that wait: with [`LONGEST`], a megabyte at most.
const QUEUE: usize = 1024;
/// Octets of the longest line.
const LONGEST: usize = 1024;
/// For the last lines.
const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn lines_are_written_in_order_and_cut() {
        let (mut reader, out) = UnixStream::pair().unwrap();
        let (log, writer) = Log::start(out).unwrap();
        log.line("one");
        log.line(&"\u{e4}".repeat(100_000));
        drop(log);
        writer.finish();
        let mut written = String::new();
        reader.read_to_string(&mut written).unwrap();
        let lines: Vec<&str> = written.lines().collect();
        assert_eq!(lines[0], "one");
        assert!(lines[1].len() <= LONGEST + 3 && lines[1].ends_with(" .."));
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_reader_who_stands_still_stops_no_one_and_what_is_lost_is_counted() {
        let (mut reader, out) = UnixStream::pair().unwrap();
        let (log, writer) = Log::start(out).unwrap();
        // More than queue and pipe take together.
        let most = 10 * QUEUE;
        let line = "x".repeat(LONGEST);
        for _ in 0..most {
            log.line(&line);
        }
        let read = thread::spawn(move || {
            let mut written = String::new();
            reader.read_to_string(&mut written).map(|_| written)
        });
        drop(log);
        writer.finish();
        let written = read.join().unwrap().unwrap();
        let kept = written.lines().filter(|read| **read == line).count();
        let missing = written
            .lines()
            .filter_map(|line| line.strip_prefix("kdc: ")?.split_once(" lines are missing"));
        let missing: usize = missing
            .map(|(count, _)| count.parse::<usize>().unwrap())
            .sum();
        assert_eq!(kept + missing, most);
        assert!(missing > 0);
    }

    #[test]
    fn a_reader_who_has_gone_away_stops_no_one() {
        let (reader, out) = UnixStream::pair().unwrap();
        drop(reader);
        let (log, writer) = Log::start(out).unwrap();
        for _ in 0..2 * QUEUE {
            log.line("nothing reads this");
        }
        drop(log);
        writer.finish();
    }
}
