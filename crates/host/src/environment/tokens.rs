//! `%{uid}` and its like in file names of krb5.conf.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use nix::unistd::{Uid, User, geteuid, getuid};

/// What the tokens stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// `%{uid}`, `%{USERID}`.
    pub(crate) uid: u32,
    /// `%{euid}`.
    pub(crate) euid: u32,
    /// `%{username}`: of the effective user, where the system knows one.
    pub(crate) username: Option<String>,
    /// `%{TEMP}`.
    pub(crate) temp: OsString,
}

/// A file name in krb5.conf can't be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// `%{` without `}`.
    #[error("{name}: a %{{ has no }} behind it")]
    Unterminated {
        /// The name, for display.
        name: String,
    },
    /// A token that is not known.
    #[error("{name}: nothing is known of %{{{token}}}")]
    Unknown {
        /// The name, for display.
        name: String,
        /// The token without its braces.
        token: String,
    },
    /// `%{username}` for a user without an entry.
    #[error("{name}: user {euid} has no name")]
    NoUser {
        /// The name, for display.
        name: String,
        /// The effective user.
        euid: u32,
    },
}

impl Tokens {
    /// The process' own, with `TMPDIR` where there is one to be heeded.
    pub(crate) fn of_process(tmpdir: Option<OsString>) -> Self {
        let euid = geteuid();
        Self {
            uid: getuid().as_raw(),
            euid: euid.as_raw(),
            username: username(euid),
            temp: tmpdir.unwrap_or_else(|| "/tmp".into()),
        }
    }

    /// `name` with every token replaced.
    pub(crate) fn expand(&self, name: &[u8]) -> Result<OsString, TokenError> {
        let shown = || String::from_utf8_lossy(name).into_owned();
        let mut expanded = Vec::with_capacity(name.len());
        let mut rest = name;
        while let Some(start) = find(rest, b"%{") {
            let (literal, token) = rest.split_at(start);
            expanded.extend_from_slice(literal);
            let end =
                find(token, b"}").ok_or_else(|| TokenError::Unterminated { name: shown() })?;
            let (token, behind) = token.split_at(end);
            let token = token.get(2..).unwrap_or_default();
            self.push(token, &mut expanded, shown)?;
            rest = behind.get(1..).unwrap_or_default();
        }
        expanded.extend_from_slice(rest);
        Ok(OsString::from_vec(expanded))
    }

    fn push(
        &self,
        token: &[u8],
        out: &mut Vec<u8>,
        shown: impl Fn() -> String,
    ) -> Result<(), TokenError> {
        match token {
            b"uid" | b"USERID" => out.extend_from_slice(self.uid.to_string().as_bytes()),
            b"euid" => out.extend_from_slice(self.euid.to_string().as_bytes()),
            b"username" => {
                let user = self.username.as_ref();
                let user = user.ok_or_else(|| TokenError::NoUser {
                    name: shown(),
                    euid: self.euid,
                })?;
                out.extend_from_slice(user.as_bytes());
            }
            b"TEMP" => out.extend_from_slice(self.temp.as_bytes()),
            b"LIBDIR" => out.extend_from_slice(b"/usr/lib"),
            b"BINDIR" => out.extend_from_slice(b"/usr/bin"),
            b"SBINDIR" => out.extend_from_slice(b"/usr/sbin"),
            b"null" => {}
            unknown => {
                let token = String::from_utf8_lossy(unknown).into_owned();
                return Err(TokenError::Unknown {
                    name: shown(),
                    token,
                });
            }
        }
        Ok(())
    }
}

fn username(user: Uid) -> Option<String> {
    User::from_uid(user).ok().flatten().map(|user| user.name)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens {
            uid: 1000,
            euid: 0,
            username: Some("root".into()),
            temp: "/var/tmp".into(),
        }
    }

    #[test]
    fn every_token_expands() {
        let expand = |name: &str| {
            tokens()
                .expand(name.as_bytes())
                .unwrap()
                .into_string()
                .unwrap()
        };
        assert_eq!(expand("FILE:/tmp/krb5cc_%{uid}"), "FILE:/tmp/krb5cc_1000");
        assert_eq!(expand("%{USERID}/%{euid}/%{username}"), "1000/0/root");
        assert_eq!(expand("FILE:%{TEMP}/%{null}cc"), "FILE:/var/tmp/cc");
        assert_eq!(
            expand("%{LIBDIR} %{BINDIR} %{SBINDIR}"),
            "/usr/lib /usr/bin /usr/sbin"
        );
        assert_eq!(expand("no token, 100 %"), "no token, 100 %");
    }

    #[test]
    fn what_does_not_expand_is_named() {
        let refused = |name: &str| tokens().expand(name.as_bytes()).unwrap_err();
        assert_eq!(
            refused("a%{uid"),
            TokenError::Unterminated {
                name: "a%{uid".into()
            }
        );
        assert_eq!(
            refused("a%{shell}"),
            TokenError::Unknown {
                name: "a%{shell}".into(),
                token: "shell".into()
            }
        );
        let nameless = Tokens {
            username: None,
            ..tokens()
        };
        let error = nameless.expand(b"%{username}").unwrap_err();
        assert_eq!(
            error,
            TokenError::NoUser {
                name: "%{username}".into(),
                euid: 0
            }
        );
        assert_eq!(error.to_string(), "%{username}: user 0 has no name");
    }
}
