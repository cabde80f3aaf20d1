//! The environment variables that Kerberos heeds. The only place that reads them.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;

use nix::unistd::{getegid, geteuid, getgid, getuid};

/// MIT's variables, as they stood when this was read. All are absent in a process that runs with more
/// rights than its caller: the caller's environment must not choose its configuration, caches or keys there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variables {
    /// `KRB5_CONFIG`: configuration files, separated by colons.
    pub(crate) config: Option<OsString>,
    /// `KRB5CCNAME`: the default credential cache.
    pub(crate) ccname: Option<OsString>,
    /// `KRB5_KTNAME`: the default keytab.
    pub(crate) ktname: Option<OsString>,
    /// `KRB5_CLIENT_KTNAME`: the keytab that initiators get tickets with.
    pub(crate) client_ktname: Option<OsString>,
    /// `KRB5RCACHENAME`: the replay store; or what `KRB5RCACHETYPE` names, a type alone.
    pub(crate) rcache_name: Option<OsString>,
    /// `KRB5RCACHEDIR`: where the default replay file is.
    pub(crate) rcache_dir: Option<OsString>,
    /// `HOME`, for `~/` in `KRB5_CONFIG`.
    pub(crate) home: Option<OsString>,
    /// `TMPDIR`, for `%{TEMP}`.
    pub(crate) tmpdir: Option<OsString>,
}

impl Variables {
    /// The process' variables, or none of them in a privileged process.
    pub(crate) fn of_process() -> Self {
        if is_privileged(fs::read("/proc/self/auxv").ok().as_deref(), ids_differ()) {
            return Self::default();
        }
        Self {
            config: env::var_os("KRB5_CONFIG"),
            ccname: env::var_os("KRB5CCNAME"),
            ktname: env::var_os("KRB5_KTNAME"),
            client_ktname: env::var_os("KRB5_CLIENT_KTNAME"),
            rcache_name: env::var_os("KRB5RCACHENAME")
                .or_else(|| env::var_os("KRB5RCACHETYPE").map(|kind| of_type(&kind))),
            rcache_dir: env::var_os("KRB5RCACHEDIR"),
            home: env::var_os("HOME"),
            tmpdir: env::var_os("TMPDIR"),
        }
    }
}

fn of_type(kind: &OsStr) -> OsString {
    let mut name = kind.to_owned();
    name.push(":");
    name
}

/// What `secure_getenv` asks: the kernel's `AT_SECURE`, which also knows of file capabilities, and which a daemon that
/// lowers its effective user keeps. A process that must not read the vector compares its identities.
fn is_privileged(auxiliary_vector: Option<&[u8]>, ids_differ: bool) -> bool {
    auxiliary_vector.and_then(at_secure).unwrap_or(ids_differ)
}

fn ids_differ() -> bool {
    getuid() != geteuid() || getgid() != getegid()
}

/// The value of `AT_SECURE` in a vector of native (type, value) words.
fn at_secure(vector: &[u8]) -> Option<bool> {
    const WORD: usize = size_of::<usize>();
    let words = vector
        .as_chunks::<WORD>()
        .0
        .iter()
        .map(|word| usize::from_ne_bytes(*word));
    let words: Vec<usize> = words.collect();
    words
        .as_chunks::<2>()
        .0
        .iter()
        .find(|[kind, _]| *kind == AT_SECURE)
        .map(|[_, value]| *value != 0)
}

const AT_SECURE: usize = 23;

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(pairs: &[(usize, usize)]) -> Vec<u8> {
        pairs
            .iter()
            .flat_map(|(kind, value)| [kind.to_ne_bytes(), value.to_ne_bytes()].concat())
            .collect()
    }

    #[test]
    fn the_kernel_says_who_is_privileged() {
        assert!(is_privileged(
            Some(&vector(&[(6, 4096), (23, 1), (0, 0)])),
            false
        ));
        assert!(!is_privileged(
            Some(&vector(&[(6, 4096), (23, 0), (0, 0)])),
            true
        ));
    }

    #[test]
    fn two_identities_are_privileged_where_the_kernel_says_nothing() {
        assert!(is_privileged(None, true));
        assert!(is_privileged(Some(&[]), true));
        assert!(!is_privileged(None, false));
    }

    #[test]
    fn a_damaged_vector_says_nothing() {
        assert_eq!(at_secure(&[]), None);
        assert_eq!(at_secure(&vector(&[(6, 4096)])[..9]), None);
    }

    #[test]
    fn the_kernel_writes_such_a_vector() {
        assert_eq!(
            at_secure(&fs::read("/proc/self/auxv").unwrap()),
            Some(false)
        );
    }
}
