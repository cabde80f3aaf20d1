//! What a value's text means.

use alloc::borrow::ToOwned as _;

use super::{ConfigError, ConfigProblem, Profile, ProfileValue};
use crate::Duration;

impl Profile {
    /// An option of `[libdefaults]`, or of the subsection there that a realm has.
    pub(super) fn libdefault(&self, realm: Option<&str>, name: &str) -> Option<ProfileValue<'_>> {
        realm
            .and_then(|realm| self.value(&["libdefaults", realm, name]))
            .or_else(|| self.value(&["libdefaults", name]))
    }

    /// A boolean that MIT insists on.
    pub(super) fn strict_boolean(&self, name: &str, default: bool) -> Result<bool, ConfigError> {
        self.libdefault(None, name).map_or(Ok(default), |value| {
            parse_boolean(value.text).ok_or_else(|| refused(name, value, ConfigProblem::NotBoolean))
        })
    }

    /// A boolean that is its default if it is malformed.
    pub(super) fn boolean_or_default(&self, name: &str, default: bool) -> bool {
        self.libdefault(None, name)
            .and_then(|value| parse_boolean(value.text))
            .unwrap_or(default)
    }

    /// A boolean that a realm may override, and that is no if it is malformed.
    pub(super) fn realm_boolean(&self, realm: Option<&str>, name: &str, default: bool) -> bool {
        self.libdefault(realm, name)
            .map_or(default, |value| parse_boolean(value.text).unwrap_or(false))
    }

    /// An integer that is its default if it is malformed.
    pub(super) fn integer_or_default(&self, name: &str, default: i32) -> i32 {
        self.libdefault(None, name)
            .and_then(|value| value.text.trim_start().parse().ok())
            .unwrap_or(default)
    }

    /// A span of time that a realm may override.
    pub(super) fn duration(
        &self,
        realm: Option<&str>,
        name: &str,
    ) -> Result<Option<Duration>, ConfigError> {
        let Some(value) = self.libdefault(realm, name) else {
            return Ok(None);
        };
        match value.text.parse() {
            Ok(duration) => Ok(Some(duration)),
            Err(_) => Err(refused(name, value, ConfigProblem::NotDuration)),
        }
    }
}

/// The synonyms of yes and no, in either case.
pub(super) fn parse_boolean(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["y", "yes", "true", "t", "1", "on"]) {
        Some(true)
    } else if is(&["n", "no", "false", "nil", "0", "off"]) {
        Some(false)
    } else {
        None
    }
}

pub(super) fn refused(name: &str, value: ProfileValue<'_>, problem: ConfigProblem) -> ConfigError {
    ConfigError {
        place: value.place.clone(),
        name: name.to_owned(),
        value: value.text.to_owned(),
        problem,
    }
}
