//! Which local user a principal is: in `[realms]`, `auth_to_local_names` of its realm and `auth_to_local` of the
//! default realm.

mod regexp;
mod rule;

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::{Config, Place, ProfileValue};
use crate::{MinorStatus, Principal};

pub use regexp::RegexpProblem;
pub use rule::RuleProblem;

/// Why a principal has no local name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocalNameError {
    /// No rule applies to it.
    #[error("no auth_to_local rule gives {principal} a local name")]
    NoTranslation {
        /// The principal.
        principal: Principal,
    },
    /// It is longer than any user's, or a rule made a name of it that no user can have: empty, or with bytes that are
    /// no text.
    #[error("the auth_to_local rules make of {principal} what is no user's name")]
    NotName {
        /// The principal.
        principal: Principal,
    },
    /// A rule is malformed.
    #[error("{place}: auth_to_local = {rule}: {problem}")]
    Rule {
        /// Where it is set.
        place: Place,
        /// The rule.
        rule: String,
        /// What is wrong with it.
        problem: RuleProblem,
    },
}

impl LocalNameError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::NoTranslation { .. } | Self::NotName { .. } => MinorStatus::KRB5_LNAME_NOTRANS,
            Self::Rule { .. } => MinorStatus::KRB5_CONFIG_BADFORMAT,
        }
    }
}

impl Config {
    /// The local user that `principal` is (`krb5_aname_to_localname`).
    ///
    /// `auth_to_local_names` of the principal's own realm comes first, then, of the default realm, each
    /// `auth_to_local` in order: `RULE:[n:string](regexp)s/regexp/text/g`, or `DEFAULT`, which is what holds without
    /// rules: `name@R` and `name/R@R` are `name`, where `R` is the default realm. The regular expressions are POSIX
    /// extended ones, of which the leftmost longest match counts. No rule sees a principal of more than 1024 bytes,
    /// which is no local user: a rule with `g` takes the square of the name's length.
    ///
    /// # Errors
    ///
    /// [`LocalNameError`] where no rule applies, the result is no name, or a rule is malformed.
    pub fn local_name(&self, principal: &Principal) -> Result<String, LocalNameError> {
        let name = self.translated(principal)?;
        let name = name.ok_or_else(|| LocalNameError::NoTranslation {
            principal: principal.clone(),
        })?;
        // A C program would take a name up to its first zero byte: that of another user.
        let name = String::from_utf8(name).ok();
        name.filter(|name| !name.is_empty() && !name.contains(|c: char| c.is_control() || c == '/'))
            .ok_or_else(|| LocalNameError::NotName {
                principal: principal.clone(),
            })
    }

    fn translated(&self, principal: &Principal) -> Result<Option<Vec<u8>>, LocalNameError> {
        let components = principal.components().iter();
        if components.map(Vec::len).sum::<usize>() + principal.realm().len() > LONGEST {
            return Err(LocalNameError::NotName {
                principal: principal.clone(),
            });
        }
        if let Some(name) = self.mapped_name(principal) {
            return Ok(Some(name));
        }
        let Some(realm) = self.default_realm() else {
            return Ok(None);
        };
        let rules = self.auth_to_local(realm);
        if rules.is_empty() {
            return Ok(default_name(realm, principal));
        }
        for rule in rules {
            let name = apply(rule, realm, principal).map_err(|problem| LocalNameError::Rule {
                place: rule.place.clone(),
                rule: rule.text.into(),
                problem,
            })?;
            if name.is_some() {
                return Ok(name);
            }
        }
        Ok(None)
    }

    /// The last value of `auth_to_local_names` of the principal's realm for the name without its realm.
    ///
    /// MIT takes that of the default realm for every principal, whatever its realm: `alice = root` would then make
    /// root of each trusted realm's alice.
    fn mapped_name(&self, principal: &Principal) -> Option<Vec<u8>> {
        let realm = core::str::from_utf8(principal.realm()).ok()?;
        let name = principal.unparse_without_realm();
        let name = core::str::from_utf8(&name).ok()?;
        let path = ["realms", realm, "auth_to_local_names", name];
        let mapped = self.profile().values(&path).into_iter().last();
        mapped.map(|value| value.text.as_bytes().to_vec())
    }
}

fn apply(
    rule: ProfileValue<'_>,
    realm: &str,
    principal: &Principal,
) -> Result<Option<Vec<u8>>, RuleProblem> {
    match rule.text.split_once(':') {
        Some(("RULE", rule)) => rule::apply(rule.as_bytes(), principal),
        Some(("DEFAULT", _)) => Ok(default_name(realm, principal)),
        None if rule.text == "DEFAULT" => Ok(default_name(realm, principal)),
        _ => Err(RuleProblem::Type),
    }
}

/// Bytes of all components and the realm. A ticket can have names of a megabyte.
const LONGEST: usize = 1024;

fn default_name(realm: &str, principal: &Principal) -> Option<Vec<u8>> {
    if principal.realm() != realm.as_bytes() {
        return None;
    }
    match principal.components() {
        [name] => Some(name.clone()),
        [name, second] if second == realm.as_bytes() => Some(name.clone()),
        _ => None,
    }
}
