//! Options that would make things safer or less safe and that have no effect here.
//!
//! Files are shared with other implementations and other versions, so that most of what is not known is passed over,
//! as by MIT. An option that protects is another matter: the user who sets it relies on it. One that is known by name
//! and not supported is refused where it would have had its effect ([`Config::auto_fast_armor`]); one that only sounds
//! like it is told of ([`Config::unknown_protections`]).

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use super::values::parse_boolean;
use super::{Config, Place};

/// An option that has no effect here and by its name decides how safe something is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {name} is not known here and has no effect")]
pub struct UnknownProtection {
    /// Where it is set.
    pub place: Place,
    /// The option.
    pub name: String,
}

impl Config {
    /// `auto_fast_armor` of a realm (MIT 1.23): whether initial tickets are to be got under the armor of an anonymous
    /// ticket, unless there is other armor. No, unless set; a value that is no boolean is yes, since it may be meant
    /// so.
    ///
    /// An anonymous ticket needs PKINIT (RFC 8062), which is not supported: without other armor the request is not to
    /// be made.
    #[must_use]
    pub fn auto_fast_armor(&self, realm: &str) -> bool {
        self.profile()
            .value(&["realms", realm, "auto_fast_armor"])
            .is_some_and(|value| parse_boolean(value.text).unwrap_or(true))
    }

    /// Options of `[libdefaults]` and `[realms]` that are not known and whose names sound as if they would protect
    /// something, or give a protection up: to be shown to the user.
    #[must_use]
    pub fn unknown_protections(&self) -> Vec<UnknownProtection> {
        let mut found = Vec::new();
        self.collect(&["libdefaults"], &mut found);
        for section in ["libdefaults", "realms"] {
            for realm in self.profile().subsection_names(&[section]) {
                self.collect(&[section, realm], &mut found);
            }
        }
        found
    }

    fn collect(&self, section: &[&str], found: &mut Vec<UnknownProtection>) {
        for name in self.profile().relation_names(section) {
            let path = [section, &[name]].concat();
            if let Some(value) = self.profile().value(&path)
                && is_protective(name)
                && !KNOWN.contains(&name)
            {
                found.push(UnknownProtection {
                    place: value.place.clone(),
                    name: name.to_owned(),
                });
            }
        }
    }
}

/// Whether one of the words of a name is one of those by which options are named that protect.
fn is_protective(name: &str) -> bool {
    name.split(['_', '-'])
        .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

const WORDS: [&str; 20] = [
    "allow", "armor", "deny", "disable", "disallow", "enforce", "fast", "forbid", "insecure",
    "nofail", "only", "permit", "protect", "reject", "require", "required", "secure", "strict",
    "verify", "weak",
];

/// Those that are known, and those that concern what is not here at all: a KDC's or a PKINIT client's.
const KNOWN: [&str; 14] = [
    "allow_rc4",
    "allow_weak_crypto",
    "auto_fast_armor",
    "disable_encrypted_timestamp",
    "enforce_ok_as_delegate",
    "verify_ap_req_nofail",
    // MIT 1.21: this enctype is not supported here, whatever is allowed.
    "allow_des3",
    // Of [realms] in a KDC's file, which may be the same one.
    "disable_pac",
    "encrypted_challenge_indicator",
    "pkinit_allow_upn",
    "pkinit_require_freshness",
    "pkinit_require_crl_checking",
    "reject_bad_transit",
    "restrict_anonymous_to_tgt",
];
