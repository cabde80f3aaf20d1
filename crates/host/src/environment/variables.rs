//! The environment variables that Kerberos heeds. The only place that reads them.

use std::env;
use std::ffi::{OsStr, OsString};

use super::privilege::is_privileged;

/// MIT's variables and those of the resolver, as they stood when this was read. All are absent in a process that runs
/// with more rights than its caller: the caller's environment must not choose its configuration, caches, keys or name
/// servers there.
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
    /// `KRB5RCACHENAME`: the replay cache; or what `KRB5RCACHETYPE` names, a type alone.
    pub(crate) rcache_name: Option<OsString>,
    /// `KRB5RCACHEDIR`: where the default replay file is.
    pub(crate) rcache_dir: Option<OsString>,
    /// `KRB5_TRACE`: the file that events are written to.
    pub(crate) trace: Option<OsString>,
    /// `HOME`, for `~/` in `KRB5_CONFIG`.
    pub(crate) home: Option<OsString>,
    /// `TMPDIR`, for `%{TEMP}`.
    pub(crate) tmpdir: Option<OsString>,
    /// `LOCALDOMAIN`: the domains in which the resolver searches.
    pub(crate) local_domain: Option<OsString>,
    /// `RES_OPTIONS`: the resolver's options.
    pub(crate) res_options: Option<OsString>,
}

impl Variables {
    /// The process' variables, or none of them in a privileged process.
    pub(crate) fn of_process() -> Self {
        if is_privileged() {
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
            trace: env::var_os("KRB5_TRACE"),
            home: env::var_os("HOME"),
            tmpdir: env::var_os("TMPDIR"),
            local_domain: env::var_os("LOCALDOMAIN"),
            res_options: env::var_os("RES_OPTIONS"),
        }
    }
}

fn of_type(kind: &OsStr) -> OsString {
    let mut name = kind.to_owned();
    name.push(":");
    name
}
