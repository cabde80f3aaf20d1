//! The image of a KDC, and the one that it is made of.

use std::process::Stdio;

use orthros_testing::docker::{Docker, IMAGE};
use orthros_testing::programs;

use crate::Failure;
use crate::cargo::{line, root, succeed};

const BASE: &str = "debian:bookworm-slim";

/// Builds the image that `interop/kdc/Dockerfile` describes. The host's network is what its packages come by: an
/// engine of ours has no way out.
pub(super) fn build(docker: &Docker) -> Result<(), Failure> {
    ensure_base(docker)?;
    let mut build = docker.command(&["build", "--quiet", "--network", "host", "--tag", IMAGE]);
    build.args(["--file", "interop/kdc/Dockerfile", "interop"]);
    succeed(build.current_dir(root()))
}

/// The base is there, or comes of a registry; where that is out of reach, Debian's own tool makes it.
fn ensure_base(docker: &Docker) -> Result<(), Failure> {
    let mut inspect = docker.command(&["image", "inspect", BASE]);
    let quiet = inspect.stdout(Stdio::null()).stderr(Stdio::null());
    if quiet.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    if succeed(&mut docker.command(&["pull", "--quiet", BASE])).is_ok() {
        return Ok(());
    }
    let Some(debootstrap) = programs::find("debootstrap") else {
        return Err(Failure::Unprepared(
            "no registry has debian:bookworm-slim for us, and there is no debootstrap to make it with; --install gets that on Debian",
        ));
    };
    let directory = tempfile::tempdir().map_err(|source| Failure::File {
        path: "directory for Debian".to_owned(),
        source,
    })?;
    let mut bootstrap = std::process::Command::new(debootstrap);
    bootstrap.args(["--variant=minbase", "bookworm"]);
    succeed(bootstrap.arg(directory.path()).stdout(Stdio::null()))?;
    import(docker, directory.path())
}

/// Makes an image of a directory.
fn import(docker: &Docker, directory: &std::path::Path) -> Result<(), Failure> {
    let mut tar = std::process::Command::new("tar");
    tar.arg("-C").arg(directory).args(["-c", "."]);
    let mut import = docker.command(&["import", "-", BASE]);
    println!("$ {} | {}", line(&tar), line(&import));
    let failed = |source| Failure::Start {
        command: "tar".to_owned(),
        source,
    };
    let mut archive = tar.stdout(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(stdout) = archive.stdout.take() {
        import.stdin(stdout);
    }
    let imported = import.status().map_err(failed)?;
    let archived = archive.wait().map_err(failed)?;
    if imported.success() && archived.success() {
        Ok(())
    } else {
        Err(Failure::Command(line(&import)))
    }
}
