//! Real programs that tests talk to: are they here, and what happens to a test when they are not.
//!
//! `cargo test` hides what passing tests print, so a test that quietly returns would count as passed.
//! A skip is therefore recorded in a directory that xtask names in [`RECORD_DIR`], and xtask takes it off
//! the passed tests. Where [`REQUIRE`] is set, as in CI, a missing peer fails the test.

mod caches;

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::docker::{Docker, IMAGE};
use crate::programs::find;

#[cfg(feature = "virtual-realm")]
pub(crate) use caches::HEIMDAL_KCM;
pub use caches::{heimdal_kcm, session_keyring, sssd_kcm, user_namespace};

/// Environment variable: the directory in which skipped tests leave their records, and the others their
/// [proofs](crate::proof).
pub const RECORD_DIR: &str = "ORTHROS_RECORD_DIR";

/// Environment variable: when it is `1`, a missing peer fails the test instead of skipping it.
pub const REQUIRE: &str = "ORTHROS_REQUIRE_PEERS";

/// Environment variable: the KDCs to run the suite of `interop/` against, by name, separated by commas.
pub const INTEROP: &str = "ORTHROS_INTEROP";

/// The first word of a skip record; the fields after it are separated by tabs: test, what is missing, how to get it.
pub const SKIP_MARK: &str = "ORTHROS-SKIP";

/// MIT krb5's programs on this machine.
#[derive(Debug, Clone)]
pub struct MitTools {
    /// The key distribution centre, `krb5kdc`.
    pub krb5kdc: PathBuf,
    /// The database tool, `kdb5_util`.
    pub kdb5_util: PathBuf,
    /// The administration tool that works on the database file, `kadmin.local`.
    pub kadmin_local: PathBuf,
    /// The administration server, `kadmind`, which changes passwords.
    pub kadmind: PathBuf,
    /// The client, `kinit`.
    pub kinit: PathBuf,
    /// The acceptor of the GSS-API samples, `gss-server`.
    pub gss_server: PathBuf,
    /// The initiator of the GSS-API samples, `gss-client`.
    pub gss_client: PathBuf,
}

/// A peer that this machine does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The programs that were not found.
    pub what: String,
    /// What to do to get them.
    pub how: &'static str,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} not found; {}", self.what, self.how)
    }
}

impl std::error::Error for Missing {}

/// Finds MIT's KDC, user programs and GSS-API samples.
///
/// # Errors
///
/// [`Missing`] names every program that is not here.
pub fn mit() -> Result<MitTools, Missing> {
    let mut absent = Vec::new();
    let mut program = |name: &'static str| {
        find(name).unwrap_or_else(|| {
            absent.push(name);
            PathBuf::new()
        })
    };
    let tools = MitTools {
        krb5kdc: program("krb5kdc"),
        kdb5_util: program("kdb5_util"),
        kadmin_local: program("kadmin.local"),
        kadmind: program("kadmind"),
        kinit: program("kinit"),
        gss_server: program("gss-server"),
        gss_client: program("gss-client"),
    };
    if absent.is_empty() {
        return Ok(tools);
    }
    Err(Missing {
        what: format!("MIT krb5 ({})", absent.join(", ")),
        how: "run `cargo xtask test --install` as root on Debian, or install krb5-kdc, krb5-admin-server, krb5-user and krb5-gss-samples",
    })
}

/// Finds a Python that has the package `gssapi`, on MIT's library.
///
/// # Errors
///
/// [`Missing`] when neither Debian's Python nor that in the path has it.
pub fn python_gssapi() -> Result<PathBuf, Missing> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let candidates = [Some(PathBuf::from(DEBIAN_PYTHON)), find("python3")];
        candidates.into_iter().flatten().find(has_gssapi)
    });
    found.clone().ok_or_else(|| Missing {
        what: "python3-gssapi".to_owned(),
        how: "run `cargo xtask test --install` as root on Debian, or install python3-gssapi",
    })
}

/// Finds a Python that has `kdcproxy`, the KDC proxy of `FreeIPA`.
///
/// # Errors
///
/// [`Missing`] when there is none.
pub fn kdcproxy() -> Result<PathBuf, Missing> {
    let candidates = [Some(PathBuf::from(DEBIAN_PYTHON)), find("python3")];
    let has_kdcproxy = |python: &PathBuf| {
        let mut import = Command::new(python);
        import.args(["-c", "import kdcproxy"]);
        import.output().is_ok_and(|output| output.status.success())
    };
    let found = candidates.into_iter().flatten().find(has_kdcproxy);
    found.ok_or_else(|| Missing {
        what: "python3-kdcproxy".to_owned(),
        how: "run `cargo xtask test --install` as root on Debian, or install python3-kdcproxy",
    })
}

/// Finds a Java that can run a program from its source, as [`java`](crate::java) does.
///
/// # Errors
///
/// [`Missing`] when there is no `java` in the path, or none with a compiler.
pub fn java() -> Result<PathBuf, Missing> {
    find("javac")
        .and_then(|_| find("java"))
        .ok_or_else(|| Missing {
            what: "a Java development kit".to_owned(),
            how: "run `cargo xtask test --install` as root on Debian, or install default-jdk-headless",
        })
}

/// Heimdal's programs, unpacked next to MIT's: Debian's packages of both can't be installed on one machine.
#[derive(Debug, Clone)]
pub struct HeimdalTools {
    root: PathBuf,
}

impl HeimdalTools {
    /// The programs of Debian's packages that are unpacked below `root`.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// One of its programs, by its path below the root of the packages: `usr/bin/kgetcred`.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.root.join(program));
        self.set_libraries(&mut command);
        command
    }

    /// Where one of its programs is.
    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.root.join(program)
    }

    /// Has a command find its libraries.
    pub(crate) fn set_libraries(&self, command: &mut Command) {
        let libraries = self.root.join(HEIMDAL_LIBRARIES);
        let private = libraries.join("heimdal");
        let libraries = format!("{}:{}", libraries.display(), private.display());
        command.env("LD_LIBRARY_PATH", libraries);
    }
}

/// Finds Heimdal's programs where `cargo xtask test --install` unpacks them.
///
/// # Errors
///
/// [`Missing`] when they are not there, or there is no build of them for this processor.
pub fn heimdal() -> Result<HeimdalTools, Missing> {
    let root = PathBuf::from(HEIMDAL);
    let complete = [
        "usr/bin/kinit.heimdal",
        "usr/bin/kgetcred",
        "usr/lib/heimdal-servers/kdc",
        HEIMDAL_LIBRARIES,
    ];
    if complete.iter().all(|file| root.join(file).exists()) {
        return Ok(HeimdalTools::at(root));
    }
    Err(Missing {
        what: "Heimdal".to_owned(),
        how: "run `cargo xtask test --install` on Debian: it unpacks heimdal-clients, heimdal-kdc and their libraries below target/peers",
    })
}

/// Finds a name server: dnsmasq.
///
/// # Errors
///
/// [`Missing`] when it is not here.
pub fn dnsmasq() -> Result<PathBuf, Missing> {
    find("dnsmasq").ok_or_else(|| Missing {
        what: "dnsmasq".to_owned(),
        how: "run `cargo xtask test --install` as root on Debian, or install dnsmasq-base",
    })
}

/// Whether processes can be given a network and files of their own, which takes root.
///
/// # Errors
///
/// [`Missing`] when they can't.
pub fn namespaces() -> Result<(), Missing> {
    let mut unshare = Command::new("unshare");
    unshare.args(["--net", "--mount", "true"]);
    if unshare.output().is_ok_and(|output| output.status.success()) && find("ip").is_some() {
        return Ok(());
    }
    Err(Missing {
        what: "the right to make a network namespace, or `ip`".to_owned(),
        how: "run the tests as root, with iproute2 installed",
    })
}

/// Finds Samba's domain controller and clients, and what they are started with: namespaces, which take root.
///
/// # Errors
///
/// [`Missing`] names every program that is not here, or says that this is not root.
pub fn samba() -> Result<(), Missing> {
    let absent = SAMBA_PROGRAMS
        .iter()
        .filter(|program| find(program).is_none());
    let absent: Vec<&str> = absent.copied().collect();
    if let [_, ..] = absent.as_slice() {
        return Err(Missing {
            what: format!("Samba ({})", absent.join(", ")),
            how: "run `cargo xtask interop --samba --install` as root on Debian, or install samba-ad-dc, samba-ad-provision, samba-dsdb-modules, winbind, smbclient, ldap-utils, libsasl2-modules-gssapi-mit, openssl and iproute2",
        });
    }
    let mut unshare = Command::new("unshare");
    unshare.args(["--net", "--mount", "--pid", "--fork", "true"]);
    if unshare.output().is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    Err(Missing {
        what: "the right to make a network of one's own".to_owned(),
        how: "run the tests as root, outside of containers",
    })
}

/// Finds a Docker engine that has the image of a KDC.
///
/// # Errors
///
/// [`Missing`] where there is no client, no engine that it reaches, or not this image in it.
pub fn docker() -> Result<(), Missing> {
    let inspected = Docker::default().run(&["image", "inspect", IMAGE]);
    inspected.map(drop).map_err(|_| Missing {
        what: format!("a Docker engine with the image {IMAGE}"),
        how: "run `cargo xtask interop --docker`, which makes it",
    })
}

/// Where Heimdal's packages are unpacked.
pub const HEIMDAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/heimdal");
const HEIMDAL_LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";

/// What of Samba is used, and of what makes its namespaces.
const SAMBA_PROGRAMS: [&str; 10] = [
    "samba",
    "samba-tool",
    "smbd",
    "winbindd",
    "smbclient",
    "ldapsearch",
    "openssl",
    "ip",
    "unshare",
    "nsenter",
];

/// Where Debian's packages of Python modules are found, whatever else is called `python3`.
const DEBIAN_PYTHON: &str = "/usr/bin/python3";

/// Importing also tells a package that is built on another library than MIT's.
fn has_gssapi(python: &PathBuf) -> bool {
    let mut import = Command::new(python);
    import.args(["-c", "from gssapi.raw import krb5_get_tkt_flags, wrap_iov"]);
    import.output().is_ok_and(|output| output.status.success())
}

/// Records that `test` was skipped for want of `missing`, or fails it where peers are required.
///
/// Called by [`require_mit!`](crate::require_mit).
///
/// # Panics
///
/// When [`REQUIRE`] is `1`, or when the record can't be written: a lost record would count as a pass.
#[expect(
    clippy::panic,
    reason = "failing the test is what this function is for"
)]
pub fn skip(test: &str, missing: &Missing) {
    if std::env::var_os(REQUIRE).is_some_and(|value| value == "1") {
        panic!("{REQUIRE} is set and {missing}");
    }
    let record = format!("{SKIP_MARK}\t{test}\t{}\t{}\n", missing.what, missing.how);
    match std::env::var_os(RECORD_DIR) {
        None => eprint!("{record}"),
        Some(dir) => {
            if let Err(error) = append_record(Path::new(&dir), &record) {
                panic!("skip record in {}: {error}", dir.to_string_lossy());
            }
        }
    }
}

/// Skips the test, and returns from it, when MIT's programs are not on this machine.
///
/// The skip is recorded and counted: see [`peers`](crate::peers).
#[macro_export]
macro_rules! require_mit {
    () => {
        if let Err(missing) = $crate::peers::mit() {
            fn here() {}
            let path = ::core::any::type_name_of_val(&here);
            $crate::peers::skip(path.trim_end_matches("::here"), &missing);
            return;
        }
    };
}

/// As [`require_mit!`](crate::require_mit), for tests that need MIT's GSS-API library in a process
/// ([`Realm::gss_peer`](crate::mit::Realm::gss_peer)), and a realm for it.
#[macro_export]
macro_rules! require_python_gssapi {
    () => {
        $crate::require_mit!();
        if let Err(missing) = $crate::peers::python_gssapi() {
            fn here() {}
            let path = ::core::any::type_name_of_val(&here);
            $crate::peers::skip(path.trim_end_matches("::here"), &missing);
            return;
        }
    };
}

/// Skips the test, and returns from it, when Heimdal's programs are not on this machine.
#[macro_export]
macro_rules! require_heimdal {
    () => {
        if let Err(missing) = $crate::peers::heimdal() {
            fn here() {}
            let path = ::core::any::type_name_of_val(&here);
            $crate::peers::skip(path.trim_end_matches("::here"), &missing);
            return;
        }
    };
}

/// Skips the test, and returns from it, when Samba can't be started on this machine.
#[macro_export]
macro_rules! require_samba {
    () => {
        if let Err(missing) = $crate::peers::samba() {
            fn here() {}
            let path = ::core::any::type_name_of_val(&here);
            $crate::peers::skip(path.trim_end_matches("::here"), &missing);
            return;
        }
    };
}

/// Skips the test, and returns from it, when the peer that an expression finds is not on this machine:
/// `require_peer!(peers::sssd_kcm())`.
#[macro_export]
macro_rules! require_peer {
    ($found:expr) => {
        match $found {
            Ok(found) => found,
            Err(missing) => {
                fn here() {}
                let path = ::core::any::type_name_of_val(&here);
                $crate::peers::skip(path.trim_end_matches("::here"), &missing);
                return;
            }
        }
    };
}

/// Skips the test, and returns from it, when there is no Java on this machine.
#[macro_export]
macro_rules! require_java {
    () => {
        if let Err(missing) = $crate::peers::java() {
            fn here() {}
            let path = ::core::any::type_name_of_val(&here);
            $crate::peers::skip(path.trim_end_matches("::here"), &missing);
            return;
        }
    };
}

/// One file per test process; a line is written at once, so that threads don't mix theirs.
pub(crate) fn append_record(dir: &Path, record: &str) -> std::io::Result<()> {
    let file = dir.join(format!("{}.records", std::process::id()));
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)?
        .write_all(record.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_there_and_not_what_is_not() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program-anywhere").is_none());
    }

    #[test]
    fn a_record_is_one_line_that_names_test_peer_and_remedy() {
        let dir = tempfile::tempdir().unwrap();
        append_record(dir.path(), "one\n").unwrap();
        append_record(dir.path(), "two\n").unwrap();
        let file = dir.path().join(format!("{}.records", std::process::id()));
        assert_eq!(std::fs::read_to_string(file).unwrap(), "one\ntwo\n");
    }
}
