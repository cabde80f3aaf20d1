//! What keeps credential caches for several processes: KCM daemons and the kernel.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use super::{HeimdalTools, Missing, heimdal};
use crate::programs::find;

/// Finds Heimdal's KCM daemon, which is unpacked with its other programs, and can be started by root alone.
///
/// # Errors
///
/// [`Missing`] when it is not there, or this is not root.
pub fn heimdal_kcm() -> Result<HeimdalTools, Missing> {
    let tools = heimdal()?;
    if tools.path(HEIMDAL_KCM).exists() && has_namespaces() {
        return Ok(tools);
    }
    Err(Missing {
        what: "Heimdal's kcm, and root to start it".to_owned(),
        how: "run `cargo xtask test --install` as root on Debian: it unpacks heimdal-kcm below target/peers",
    })
}

/// Finds sssd's KCM daemon, which can be started by root alone.
///
/// # Errors
///
/// [`Missing`] when it is not there, or this is not root.
pub fn sssd_kcm() -> Result<PathBuf, Missing> {
    let program = PathBuf::from(SSSD_KCM);
    if program.exists() && find("sssd").is_some() && has_namespaces() {
        return Ok(program);
    }
    Err(Missing {
        what: "sssd_kcm, and root to start it".to_owned(),
        how: "run `cargo xtask test --install` as root on Debian, or install sssd-kcm",
    })
}

/// Gives this thread, and the programs that it starts, a session keyring of their own, which goes with them.
///
/// # Errors
///
/// [`Missing`] where the kernel has no keys, or refuses them, as in most containers.
pub fn session_keyring() -> Result<(), Missing> {
    let joined = keyutils_raw::keyctl_join_session_keyring(None);
    joined.map(drop).map_err(|errno| Missing {
        what: format!("the kernel's keys ({errno})"),
        how: "run the tests where programs may use keyrings, which a container's seccomp profile may forbid",
    })
}

/// Finds whether programs can be started in a user namespace, which has users' keyrings of its own.
///
/// # Errors
///
/// [`Missing`] where the kernel refuses.
pub fn user_namespace() -> Result<(), Missing> {
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "true"]);
    match unshare.output() {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(Missing {
            what: "user namespaces".to_owned(),
            how: "run the tests where unshare --user works",
        }),
    }
}

/// Whether programs can be started in a mount namespace, as root can.
fn has_namespaces() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "true"]);
        unshare.output().is_ok_and(|output| output.status.success())
    })
}

/// Heimdal's KCM daemon, below the root of its packages.
pub(crate) const HEIMDAL_KCM: &str = "usr/sbin/kcm";
const SSSD_KCM: &str = "/usr/libexec/sssd/sssd_kcm";
