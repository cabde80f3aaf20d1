//! The file of a Unix domain socket: made, and removed at the end.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, listen, socket,
};
use nix::unistd::geteuid;

/// The file that a server listens at. It is removed on drop, unless another has taken its place.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and inode.
    identity: (u64, u64),
}

/// Listens at a path. The process' umask says which other users may connect, as with MIT's KDC. What a server left
/// there that ended without cleaning up is removed; a socket that is served, another user's, or anything else is not.
pub(super) fn listen_at(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let unbound = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    let address = UnixAddr::new(path)?;
    let bound = match bind(unbound.as_raw_fd(), &address) {
        Err(Errno::EADDRINUSE) => {
            remove_stale(path)?;
            bind(unbound.as_raw_fd(), &address)
        }
        bound => bound,
    };
    bound?;
    let file = SocketFile {
        path: path.into(),
        identity: identity(path)?,
    };
    listen(&unbound, Backlog::MAXCONN)?;
    Ok((listener(unbound), file))
}

fn listener(socket: OwnedFd) -> UnixListener {
    socket.into()
}

/// Removes the socket of a server that has ended.
fn remove_stale(path: &Path) -> io::Result<()> {
    // Of a link it is the link itself that is looked at: what it leads to is not for us to remove.
    let found = fs::symlink_metadata(path)?;
    if !found.file_type().is_socket() {
        let what = "there is something else than a socket";
        return Err(io::Error::new(ErrorKind::AlreadyExists, what));
    }
    if found.uid() != geteuid().as_raw() {
        let what = "the socket there is another user's";
        return Err(io::Error::new(ErrorKind::PermissionDenied, what));
    }
    // Without blocking: a server that takes no connections any more, but listens, is not waited for.
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let probe = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    match connect(probe.as_raw_fd(), &UnixAddr::new(path)?) {
        Err(Errno::ECONNREFUSED) => fs::remove_file(path),
        _ => Err(io::Error::new(
            ErrorKind::AddrInUse,
            "another server listens there",
        )),
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|found| found == self.identity) {
            // Where it can't be removed the next server takes it for what it is.
            let _ = fs::remove_file(&self.path);
        }
    }
}
