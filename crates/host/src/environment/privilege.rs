//! Whether the process runs with more rights than its caller (`secure_getenv`).
//!
//! The kernel's own word for it is `AT_SECURE` in `/proc/self/auxv`. A process that is not dumpable can't open that
//! file unless it is root, and these are the very processes that the question is about: programs that are set-user-ID
//! to another user than root, those that have given root's effective user back for a while, those with file
//! capabilities. There the answer comes from what such a program has that its caller had not:
//!
//! - an effective or saved user or group that is not the real one, so that it can have that one's rights (again). A
//!   process whose real user is root is not that: it was started by root and has lowered its effective user;
//! - permitted or effective capabilities that are not ambient. Ambient ones are handed on by the caller that started
//!   the process, as systemd does for `AmbientCapabilities=`; no file gives them.
//!
//! Where that can't be found out either, the process is taken for privileged. Two kinds can't be told from others: a
//! set-user-ID program that has given up all three users for good is its caller in every respect, as is a daemon that
//! started as root; and a daemon that drops root but keeps capabilities (`PR_SET_KEEPCAPS`) looks as a program with
//! file capabilities does, and is taken for one. It is told apart when it makes them ambient.

use std::fs;
use std::io::{self, ErrorKind};

use nix::sys::prctl;
use nix::unistd::{Gid, Uid, getresgid, getresuid};

/// Whether this process runs with more rights than its caller, as far as can be told when it is asked.
pub(crate) fn is_privileged() -> bool {
    match fs::read("/proc/self/auxv") {
        Ok(vector) => at_secure(&vector),
        // What the caller can bring about, who sets the limit of open files, is no reason to look elsewhere.
        Err(error) if !is_expected(error.kind()) => Some(true),
        Err(_) => None,
    }
    .unwrap_or_else(|| Evidence::of_process().speaks_of_privilege())
}

/// Why a process that is not dumpable, or has no `/proc`, can't read a file there.
fn is_expected(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::PermissionDenied | ErrorKind::NotFound)
}

/// What there is to go by where the kernel's own answer can't be read.
#[derive(Debug)]
struct Evidence {
    /// Real, effective and saved.
    users: Option<[u32; 3]>,
    /// Real, effective and saved.
    groups: Option<[u32; 3]>,
    /// The thread's `status` file.
    status: io::Result<Vec<u8>>,
    /// Whether others of the same user may look into the process.
    is_dumpable: Option<bool>,
}

impl Evidence {
    fn of_process() -> Self {
        let users = getresuid().ok();
        let groups = getresgid().ok();
        Self {
            users: users.map(|ids| [ids.real, ids.effective, ids.saved].map(Uid::as_raw)),
            groups: groups.map(|ids| [ids.real, ids.effective, ids.saved].map(Gid::as_raw)),
            status: fs::read("/proc/thread-self/status"),
            is_dumpable: prctl::get_dumpable().ok(),
        }
    }

    fn speaks_of_privilege(&self) -> bool {
        let (Some(users), Some(groups)) = (self.users, self.groups) else {
            return true;
        };
        if let [ROOT, effective, _] = users {
            // Root can read that file of every process; where something else forbids it, the process has become root
            // by a file unless it is still dumpable.
            return effective == ROOT && self.is_dumpable != Some(true);
        }
        let differ = |[real, effective, saved]: [u32; 3]| effective != real || saved != real;
        differ(users) || differ(groups) || self.has_capabilities_of_its_file()
    }

    fn has_capabilities_of_its_file(&self) -> bool {
        match &self.status {
            Ok(status) => own_capabilities(status).is_none_or(|capabilities| capabilities != 0),
            // Without /proc: after a file gave it capabilities a process is not dumpable.
            Err(error) if error.kind() == ErrorKind::NotFound => self.is_dumpable != Some(true),
            Err(_) => true,
        }
    }
}

/// The capabilities that the process has or can take, without the ambient ones; `None` of what is no such file.
fn own_capabilities(status: &[u8]) -> Option<u64> {
    // The program's name, in the first line, may be in any encoding; a newline in it is escaped.
    let status = String::from_utf8_lossy(status);
    let set = |name: &str| {
        let digits = status.lines().find_map(|line| line.strip_prefix(name))?;
        u64::from_str_radix(digits.trim(), 16).ok()
    };
    Some((set("CapPrm:")? | set("CapEff:")?) & !set("CapAmb:")?)
}

/// The value of `AT_SECURE` in a vector of native (type, value) words.
fn at_secure(vector: &[u8]) -> Option<bool> {
    const WORD: usize = size_of::<usize>();
    let (words, _) = vector.as_chunks::<WORD>();
    let words: Vec<usize> = words
        .iter()
        .map(|word| usize::from_ne_bytes(*word))
        .collect();
    let (pairs, _) = words.as_chunks::<2>();
    let pair = pairs.iter().find(|[kind, _]| *kind == AT_SECURE);
    pair.map(|[_, value]| *value != 0)
}

const AT_SECURE: usize = 23;
const ROOT: u32 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(pairs: &[(usize, usize)]) -> Vec<u8> {
        pairs
            .iter()
            .flat_map(|(kind, value)| [kind.to_ne_bytes(), value.to_ne_bytes()].concat())
            .collect()
    }

    fn status(permitted: u64, effective: u64, ambient: u64) -> io::Result<Vec<u8>> {
        let text = format!(
            "Name:\tx\nCapInh:\tffffffffffffffff\nCapPrm:\t{permitted:016x}\nCapEff:\t{effective:016x}\n\
             CapBnd:\tffffffffffffffff\nCapAmb:\t{ambient:016x}\n"
        );
        Ok(text.into_bytes())
    }

    /// Of a user's process that nothing is special about.
    fn usual() -> Evidence {
        Evidence {
            users: Some([1000; 3]),
            groups: Some([1000; 3]),
            status: status(0, 0, 0),
            is_dumpable: Some(false),
        }
    }

    #[test]
    fn the_kernel_says_who_is_privileged() {
        assert_eq!(
            at_secure(&vector(&[(6, 4096), (23, 1), (0, 0)])),
            Some(true)
        );
        assert_eq!(
            at_secure(&vector(&[(6, 4096), (23, 0), (0, 0)])),
            Some(false)
        );
        assert_eq!(
            at_secure(&fs::read("/proc/self/auxv").unwrap()),
            Some(false)
        );
    }

    #[test]
    fn a_damaged_vector_says_nothing() {
        assert_eq!(at_secure(&[]), None);
        assert_eq!(at_secure(&vector(&[(6, 4096)])[..9]), None);
    }

    #[test]
    fn another_user_or_group_in_any_place_is_privilege_unless_root_started_the_process() {
        for (users, groups, expected) in [
            ([1000, 1000, 1000], [100, 100, 100], false),
            ([1000, 1000, 0], [100, 100, 100], true),
            ([1000, 0, 0], [100, 100, 100], true),
            ([1000, 2000, 1000], [100, 100, 100], true),
            ([1000, 1000, 1000], [100, 100, 50], true),
            ([1000, 1000, 1000], [0, 50, 50], true),
            ([0, 1000, 0], [0, 100, 0], false),
        ] {
            let evidence = Evidence {
                users: Some(users),
                groups: Some(groups),
                ..usual()
            };
            assert_eq!(evidence.speaks_of_privilege(), expected, "{evidence:?}");
        }
    }

    #[test]
    fn root_that_can_not_read_its_own_files_became_root_by_a_file() {
        let root = |is_dumpable| Evidence {
            users: Some([0; 3]),
            groups: Some([0; 3]),
            is_dumpable: Some(is_dumpable),
            ..usual()
        };
        assert!(root(false).speaks_of_privilege());
        assert!(!root(true).speaks_of_privilege());
    }

    #[test]
    fn capabilities_are_privilege_unless_they_are_ambient() {
        for (permitted, effective, ambient, expected) in [
            (0x400, 0x400, 0, true),
            (0x400, 0, 0, true),
            (0x400, 0x400, 0x400, false),
            (0x2400, 0x400, 0x400, true),
        ] {
            let evidence = Evidence {
                status: status(permitted, effective, ambient),
                ..usual()
            };
            assert_eq!(evidence.speaks_of_privilege(), expected, "{evidence:?}");
        }
    }

    #[test]
    fn who_can_tell_nothing_is_taken_for_privileged() {
        let with = |status, is_dumpable| Evidence {
            status,
            is_dumpable,
            ..usual()
        };
        // The caller has set the limit of open files.
        let no_more_files = || Err(io::Error::from_raw_os_error(nix::libc::EMFILE));
        assert!(!is_expected(
            io::Error::from_raw_os_error(nix::libc::EMFILE).kind()
        ));
        let no_proc = || Err(ErrorKind::NotFound.into());
        for evidence in [
            with(no_more_files(), Some(true)),
            with(no_proc(), Some(false)),
            with(no_proc(), None),
            with(Ok(Vec::new()), Some(true)),
            with(
                Ok(b"CapPrm:\tx\nCapEff:\t0\nCapAmb:\t0\n".to_vec()),
                Some(true),
            ),
            Evidence {
                users: None,
                ..usual()
            },
            Evidence {
                groups: None,
                ..usual()
            },
        ] {
            assert!(evidence.speaks_of_privilege(), "{evidence:?}");
        }
        // In a directory without /proc the kernel still says that nothing has happened.
        assert!(!with(no_proc(), Some(true)).speaks_of_privilege());
    }

    #[test]
    fn a_process_of_ones_own_is_not_privileged() {
        assert!(!is_privileged());
        assert!(own_capabilities(&fs::read("/proc/thread-self/status").unwrap()).is_some());
    }
}
