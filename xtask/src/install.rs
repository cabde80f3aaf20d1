//! `--install`: gets what tests and walls need on a Debian machine.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use orthros_testing::docker::Docker;
use orthros_testing::peers;
use orthros_testing::programs;

use crate::Failure;
use crate::cargo::{output, succeed};

/// Debian's packages with MIT's KDC, user programs and GSS-API samples, and with its GSS-API library for Python.
const MIT_PACKAGES: [&str; 5] = [
    "krb5-kdc",
    "krb5-admin-server",
    "krb5-user",
    "krb5-gss-samples",
    "python3-gssapi",
];

/// Debian's packages with Heimdal's programs and KDC, and their libraries.
const HEIMDAL_PACKAGES: [&str; 20] = [
    "heimdal-clients",
    "heimdal-kcm",
    "heimdal-kdc",
    "libasn1-8-heimdal",
    "libgssapi3-heimdal",
    "libhcrypto5-heimdal",
    "libhdb9-heimdal",
    "libheimbase1-heimdal",
    "libheimntlm0-heimdal",
    "libhx509-5-heimdal",
    "libkadm5clnt7-heimdal",
    "libkadm5srv8-heimdal",
    "libkafs0-heimdal",
    "libkdc2-heimdal",
    "libkrb5-26-heimdal",
    "libotp0-heimdal",
    "libroken19-heimdal",
    "libsl0-heimdal",
    "libwind0-heimdal",
    "libedit2",
];

/// Debian's packages with Samba's domain controller and clients, with what makes a network for them, and with the KCM
/// daemon that a machine of the domain has.
const SAMBA_PACKAGES: [&str; 14] = [
    "samba",
    "samba-ad-dc",
    "samba-ad-provision",
    "samba-dsdb-modules",
    "winbind",
    "smbclient",
    "python3-samba",
    "ldb-tools",
    "tdb-tools",
    "ldap-utils",
    "libsasl2-modules-gssapi-mit",
    "openssl",
    "iproute2",
    "sssd-kcm",
];

/// Installs the real peers where they are missing.
pub(crate) fn peers() -> Result<(), Failure> {
    let mut packages = Vec::new();
    if peers::mit().is_err() || peers::python_gssapi().is_err() {
        packages.extend(MIT_PACKAGES);
    }
    if peers::java().is_err() {
        packages.push("default-jdk-headless");
    }
    if peers::dnsmasq().is_err() {
        packages.push("dnsmasq-base");
    }
    if peers::kdcproxy().is_err() {
        packages.push("python3-kdcproxy");
    }
    // For tests that make network namespaces.
    if programs::find("ip").is_none() {
        packages.push("iproute2");
    }
    // For tests that make programs with file capabilities.
    if programs::find("setcap").is_none() {
        packages.push("libcap2-bin");
    }
    if peers::sssd_kcm().is_err() {
        packages.push("sssd-kcm");
    }
    let has_heimdal = peers::heimdal().is_ok() && peers::heimdal_kcm().is_ok();
    if packages.is_empty() && has_heimdal {
        return samba();
    }
    require_debian_and_root()?;
    succeed(apt_get().arg("update"))?;
    if !packages.is_empty() {
        install(&packages)?;
    }
    unpack_heimdal()?;
    samba()
}

/// Installs Samba where it is missing. Nothing of it is started: the tests start what they need themselves.
pub(crate) fn samba() -> Result<(), Failure> {
    if peers::samba().is_ok() && peers::sssd_kcm().is_ok() {
        return Ok(());
    }
    require_debian_and_root()?;
    succeed(apt_get().arg("update"))?;
    let _policy = NoServices::set()?;
    install(&SAMBA_PACKAGES)
}

/// Installs a Docker engine where none answers, and what its images can be made with where there is no registry.
pub(crate) fn docker() -> Result<(), Failure> {
    let mut packages = Vec::new();
    if Docker::default().run(&["version"]).is_err() && programs::find("dockerd").is_none() {
        packages.push("docker.io");
    }
    if programs::find("debootstrap").is_none() {
        packages.push("debootstrap");
    }
    if packages.is_empty() {
        return Ok(());
    }
    require_debian_and_root()?;
    succeed(apt_get().arg("update"))?;
    install(&packages)
}

fn install(packages: &[&str]) -> Result<(), Failure> {
    let mut install = apt_get();
    install.args(["install", "-y", "--no-install-recommends"]);
    succeed(install.args(packages))
}

/// Unpacks Heimdal's packages where they touch nothing: installed, they would take the place of MIT's.
fn unpack_heimdal() -> Result<(), Failure> {
    if peers::heimdal().is_ok() && peers::heimdal_kcm().is_ok() {
        return Ok(());
    }
    let failed = |source| Failure::File {
        path: peers::HEIMDAL.to_owned(),
        source,
    };
    fs::create_dir_all(peers::HEIMDAL).map_err(failed)?;
    let archives = tempfile::tempdir().map_err(failed)?;
    let mut download = apt_get();
    // Or it would give the download to a user who can't write there, and warn that it did not.
    download.args(["-o", "APT::Sandbox::User=root", "download"]);
    download.args(HEIMDAL_PACKAGES).current_dir(&archives);
    succeed(&mut download)?;
    for archive in fs::read_dir(&archives).map_err(failed)? {
        let archive = archive.map_err(failed)?.path();
        let mut unpack = Command::new("dpkg");
        succeed(unpack.arg("-x").arg(archive).arg(peers::HEIMDAL))?;
    }
    Ok(())
}

/// Installs Rust's standard library for a target, or what there is of it for bare metal.
pub(crate) fn target(target: &str) -> Result<(), Failure> {
    if has_target(target) {
        return Ok(());
    }
    succeed(Command::new("rustup").args(["target", "add", target]))
}

/// Whether one can compile for a target.
pub(crate) fn has_target(target: &str) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]);
    output(&mut rustc).is_ok_and(|directory| Path::new(directory.trim()).is_dir())
}

/// While this lives, no package starts a service when it is installed: Debian's `policy-rc.d` says so. The machine's
/// own policy, if it has one, is kept aside, and comes back.
struct NoServices;

const POLICY: &str = "/usr/sbin/policy-rc.d";
const POLICY_ASIDE: &str = "/usr/sbin/policy-rc.d.orthros";

impl NoServices {
    fn set() -> Result<Self, Failure> {
        let failed = |source| Failure::File {
            path: POLICY.to_owned(),
            source,
        };
        // One that is aside already is of an installation that was interrupted, and is the machine's own.
        if Path::new(POLICY).exists() && !Path::new(POLICY_ASIDE).exists() {
            fs::rename(POLICY, POLICY_ASIDE).map_err(failed)?;
        }
        let policy = Self;
        fs::write(POLICY, "#!/bin/sh\nexit 101\n").map_err(failed)?;
        fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755)).map_err(failed)?;
        Ok(policy)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        let restored = if Path::new(POLICY_ASIDE).exists() {
            fs::rename(POLICY_ASIDE, POLICY)
        } else {
            fs::remove_file(POLICY)
        };
        if let Err(error) = restored {
            eprintln!("xtask: {POLICY} is not as it was before: {error}");
        }
    }
}

pub(crate) fn require_debian_and_root() -> Result<(), Failure> {
    if !Path::new("/etc/debian_version").exists() {
        return Err(Failure::Unprepared(
            "--install installs packages on Debian only",
        ));
    }
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Err(Failure::Unprepared("--install needs root for apt-get"));
    }
    Ok(())
}

/// Without questions: the packages would ask for the realm's name.
pub(crate) fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.arg("--quiet");
    command
}
