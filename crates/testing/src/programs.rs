//! Where programs are on this machine.

use std::path::PathBuf;

/// Where Debian and others keep programs, searched after `PATH`: daemons are not in every user's path.
pub const SYSTEM_DIRS: &str = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin";

/// The path of an executable in `PATH` or in [`SYSTEM_DIRS`].
#[must_use]
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(std::env::split_paths(SYSTEM_DIRS))
        .map(|dir| dir.join(program))
        .find(|candidate| candidate.is_file())
}
