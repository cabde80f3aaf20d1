//! Locks that exclude MIT's: open-file-description `fcntl` locks on the whole file.
//!
//! `std::fs::File::lock` is `flock(2)`, which Linux grants while another process holds an `fcntl` lock, so it would
//! protect nothing.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

/// Whether others may hold the lock too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockMode {
    /// For readers, of which there may be several at once.
    Shared,
    /// One writer alone.
    Exclusive,
}

/// An open file with a lock on all of it, which goes when the value does.
#[derive(Debug)]
pub(crate) struct LockedFile {
    file: File,
}

impl LockedFile {
    /// Waits for the lock, but not for ever: MIT holds its locks for microseconds, so a lock that stays
    /// is a stopped process, and the caller is better served by an error than by a hang.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::TimedOut`] after `patience`, else what `fcntl` says.
    pub(crate) fn acquire(file: File, mode: LockMode, patience: Duration) -> io::Result<Self> {
        let begun = Instant::now();
        let mut pause = SHORTEST_PAUSE;
        loop {
            match set_lock(&file, mode.kind()) {
                Ok(()) => return Ok(Self { file }),
                Err(Errno::EAGAIN | Errno::EACCES) if begun.elapsed() < patience => {
                    thread::sleep(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(Errno::EAGAIN | Errno::EACCES) => return Err(io::ErrorKind::TimedOut.into()),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// The file below the lock.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // Closing would do, were it not for a forked child that still has the description open.
        let _ = set_lock(&self.file, libc::F_UNLCK);
    }
}

impl LockMode {
    fn kind(self) -> libc::c_int {
        match self {
            Self::Shared => libc::F_RDLCK,
            Self::Exclusive => libc::F_WRLCK,
        }
    }
}

fn set_lock(file: &File, kind: libc::c_int) -> Result<(), Errno> {
    let whole_file = libc::flock {
        l_type: short(kind),
        l_whence: short(libc::SEEK_SET),
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(file.as_fd(), FcntlArg::F_OFD_SETLK(&whole_file)).map(drop)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the constants of fcntl.h are below 16"
)]
fn short(constant: libc::c_int) -> libc::c_short {
    constant as libc::c_short
}

/// How long a cache or keytab waits for another's lock.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
const SHORTEST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::path::Path;

    fn open(path: &Path) -> File {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .unwrap()
    }

    #[test]
    fn a_writer_excludes_everybody_until_it_is_dropped() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let writer =
            LockedFile::acquire(open(file.path()), LockMode::Exclusive, Duration::ZERO).unwrap();
        for mode in [LockMode::Shared, LockMode::Exclusive] {
            let refused = LockedFile::acquire(open(file.path()), mode, Duration::ZERO).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
        }
        drop(writer);
        LockedFile::acquire(open(file.path()), LockMode::Exclusive, Duration::ZERO).unwrap();
    }

    #[test]
    fn readers_share() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let _first =
            LockedFile::acquire(open(file.path()), LockMode::Shared, Duration::ZERO).unwrap();
        let _second =
            LockedFile::acquire(open(file.path()), LockMode::Shared, Duration::ZERO).unwrap();
        let refused = LockedFile::acquire(open(file.path()), LockMode::Exclusive, Duration::ZERO)
            .unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn the_lock_is_gone_though_a_duplicate_descriptor_lives() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let handle = open(file.path());
        let inherited = handle.try_clone().unwrap();
        drop(LockedFile::acquire(handle, LockMode::Exclusive, Duration::ZERO).unwrap());
        LockedFile::acquire(open(file.path()), LockMode::Exclusive, Duration::ZERO).unwrap();
        drop(inherited);
    }
}
