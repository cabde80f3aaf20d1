//! What the KDC writes for others.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Puts `contents` in the place of a file, or where there is none. No reader sees half of it, and only those of `mode`
/// any of it.
pub(super) fn replace(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    // A device or a pipe is not to be replaced, `/dev/null` least of all.
    match fs::metadata(path) {
        Ok(known) if !known.is_file() => {
            return Err(io::Error::new(
                ErrorKind::InvalidInput,
                "there is something else than a regular file",
            ));
        }
        _ => {}
    }
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    // Whatever has that name was left by one that ended in the middle, or laid there to read along.
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&unfinished)?;
    file.write_all(contents)
        .and_then(|()| fs::rename(&unfinished, path))
        .inspect_err(|_| {
            let _ = fs::remove_file(&unfinished);
        })
}

/// For keys.
pub(super) const OWNER_ONLY: u32 = 0o600;
/// For what is no secret.
pub(super) const FOR_ALL: u32 = 0o644;
