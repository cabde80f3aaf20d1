//! What a configuration was read from, so that a change is noticed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::libc::O_NONBLOCK;
use nix::poll::{PollFd, PollFlags, poll};
use orthros_types::config::{Include, SourceFile, is_included_from_directory};

use crate::file_version::FileVersion;

/// The files and directories that were looked at for a configuration, those that are missing too.
#[derive(Debug)]
pub(super) struct Sources {
    seen: Vec<(PathBuf, Option<FileVersion>)>,
    read_at: SystemTime,
    /// Whether one of them can't be read again, as a pipe.
    is_once: bool,
}

/// What has become of the sources since they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing.
    None,
    /// Something was written a moment ago, and maybe not yet all of it.
    Underway,
    /// A file is gone, for good or until its writer has put the new one in its place.
    Vanished,
    /// They are worth another reading.
    Done,
}

/// What a path leads to.
enum Found {
    Text(SourceFile),
    Directory,
}

impl Sources {
    pub(super) fn new(read_at: SystemTime) -> Self {
        Self {
            seen: Vec::new(),
            read_at,
            is_once: false,
        }
    }

    pub(super) fn change(&self, now: SystemTime) -> Change {
        let mut change = Change::None;
        if self.is_once {
            return change;
        }
        for (path, seen) in &self.seen {
            let found = FileVersion::of(path).ok();
            match found {
                Some(found) if Some(found) == *seen => {
                    // Another write may have the same stamps.
                    if !found.is_settled(self.read_at) && change == Change::None {
                        change = Change::Done;
                    }
                }
                Some(found) if found.age(now).is_some_and(|age| age < QUIET) => {
                    return Change::Underway;
                }
                None if seen.is_none() => {}
                None => change = Change::Vanished,
                Some(_) if change == Change::Vanished => {}
                Some(_) => change = Change::Done,
            }
        }
        change
    }

    /// A file of the list, which may be a directory: then it is as if a file included it.
    pub(super) fn listed(&mut self, path: &Path) -> io::Result<SourceFile> {
        Ok(match self.read(path)? {
            Found::Text(file) => file,
            Found::Directory => {
                let line = format!("includedir {}\n", path.display());
                SourceFile::new(&path.to_string_lossy(), line.as_bytes())
            }
        })
    }

    /// What a line asks for. A directory in the place of a file is nothing, as in MIT.
    pub(super) fn included(&mut self, include: Include<'_>) -> io::Result<Vec<SourceFile>> {
        match include {
            Include::File(path) => Ok(match self.read(Path::new(path))? {
                Found::Text(file) => vec![file],
                Found::Directory => Vec::new(),
            }),
            Include::Directory(path) => self.directory(Path::new(path)),
        }
    }

    /// The files of a directory whose names qualify, sorted by name.
    fn directory(&mut self, path: &Path) -> io::Result<Vec<SourceFile>> {
        self.see(path);
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            let name = entry?.file_name();
            if name.to_str().is_some_and(is_included_from_directory) {
                names.push(name);
            }
        }
        names.sort();
        let mut files = Vec::new();
        for name in names {
            let path = path.join(name);
            let found = self.read(&path);
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            };
            if let Found::Text(file) = found.map_err(named)? {
                files.push(file);
            }
        }
        Ok(files)
    }

    /// Notes how it is before it is read: a change in between is one to be noticed.
    fn see(&mut self, path: &Path) {
        self.seen
            .push((path.to_owned(), FileVersion::of(path).ok()));
    }

    fn read(&mut self, path: &Path) -> io::Result<Found> {
        self.see(path);
        // Without a writer the opening of a pipe would wait for one.
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(O_NONBLOCK)
            .open(path)?;
        let kind = file.metadata()?.file_type();
        if kind.is_dir() {
            return Ok(Found::Directory);
        }
        self.is_once |= kind.is_fifo();
        let text = if kind.is_fifo() {
            read_pipe(&file)?
        } else {
            read_bounded(&file)?
        };
        Ok(Found::Text(SourceFile::new(&path.to_string_lossy(), &text)))
    }
}

fn read_bounded(file: &File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

/// What a shell's `<(command)` writes: waited for, but not for ever.
fn read_pipe(file: &File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        // Keeps what it has read when it would have to wait.
        let room = (LARGEST + 1).saturating_sub(text.len() as u64);
        match file.take(room).read_to_end(&mut text) {
            Ok(_) if text.is_empty() => {
                let error = "a pipe that nothing is written to";
                return Err(io::Error::new(ErrorKind::UnexpectedEof, error));
            }
            Ok(_) if text.len() as u64 > LARGEST => return Err(ErrorKind::FileTooLarge.into()),
            Ok(_) => return Ok(text),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let mut descriptors = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
                match poll(&mut descriptors, PIPE_PATIENCE) {
                    Ok(0) => return Err(ErrorKind::TimedOut.into()),
                    Ok(_) | Err(Errno::EINTR) => {}
                    Err(errno) => return Err(errno.into()),
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Far above any configuration.
const LARGEST: u64 = 16 * 1024 * 1024;
/// How long what was written has to have rested before it is read again: a writer may be at it still.
const QUIET: Duration = Duration::from_secs(1);
/// In milliseconds, for each piece.
const PIPE_PATIENCE: u16 = 15_000;
