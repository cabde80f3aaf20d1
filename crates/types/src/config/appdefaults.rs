//! `[appdefaults]`: what applications read for themselves.

use super::values::{parse_boolean, refused};
use super::{Config, ConfigError, ConfigProblem, ProfileValue};
use crate::Duration;

impl Config {
    /// An option of `application` in `[appdefaults]`, for principals of `realm`. Of several places the first counts
    /// that has it, as by MIT's `krb5_appdefault_string`:
    ///
    /// ```text
    /// [appdefaults]
    ///     application = {
    ///         REALM = {
    ///             option = 1
    ///         }
    ///         option = 2
    ///     }
    ///     REALM = {
    ///         option = 3
    ///     }
    ///     option = 4
    /// ```
    #[must_use]
    pub fn appdefault(
        &self,
        application: &str,
        realm: Option<&str>,
        option: &str,
    ) -> Option<ProfileValue<'_>> {
        let value = |path: &[&str]| self.profile().value(path);
        realm
            .and_then(|realm| value(&["appdefaults", application, realm, option]))
            .or_else(|| value(&["appdefaults", application, option]))
            .or_else(|| realm.and_then(|realm| value(&["appdefaults", realm, option])))
            .or_else(|| value(&["appdefaults", option]))
    }

    /// Such an option that is a boolean; one that is malformed is no, as by MIT.
    #[must_use]
    pub fn appdefault_boolean(
        &self,
        application: &str,
        realm: Option<&str>,
        option: &str,
    ) -> Option<bool> {
        let value = self.appdefault(application, realm, option)?;
        Some(parse_boolean(value.text).unwrap_or(false))
    }

    /// Such an option that is a span of time.
    ///
    /// # Errors
    ///
    /// If it is no duration.
    pub fn appdefault_duration(
        &self,
        application: &str,
        realm: Option<&str>,
        option: &str,
    ) -> Result<Option<Duration>, ConfigError> {
        let Some(value) = self.appdefault(application, realm, option) else {
            return Ok(None);
        };
        match value.text.parse() {
            Ok(duration) => Ok(Some(duration)),
            Err(_) => Err(refused(option, value, ConfigProblem::NotDuration)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Include, Profile, SourceFile};

    fn config(text: &str) -> Config {
        let file = SourceFile::new("krb5.conf", text.as_bytes());
        Config::new(Profile::parse(&file, |_: Include<'_>| Err("no includes")).unwrap())
    }

    #[test]
    fn the_place_that_is_named_most_closely_counts() {
        let places = [
            "kinit = {\nR = {\nx = of both\n}\n}\n",
            "kinit = {\nx = of the application\n}\n",
            "R = {\nx = of the realm\n}\n",
            "x = of all\n",
        ];
        let found = |text: &str, realm| {
            let config = config(&alloc::format!("[appdefaults]\n{text}"));
            config
                .appdefault("kinit", realm, "x")
                .map(|value| alloc::string::String::from(value.text))
        };
        for (index, expected) in ["of both", "of the application", "of the realm", "of all"]
            .iter()
            .enumerate()
        {
            // Whichever comes first in the file.
            let mut rest: alloc::vec::Vec<_> = places[index..].to_vec();
            rest.reverse();
            assert_eq!(found(&rest.concat(), Some("R")).as_deref(), Some(*expected));
        }
        let all = places.concat();
        assert_eq!(
            found(&all, Some("OTHER")).as_deref(),
            Some("of the application")
        );
        assert_eq!(found(places[0], None), None);
        assert_eq!(found(places[2], Some("OTHER")), None);
        assert_eq!(found("", Some("R")), None);
    }

    #[test]
    fn a_boolean_that_is_none_is_no_and_a_lifetime_that_is_none_is_refused() {
        let config = config("[appdefaults]\nforwardable = perhaps\nproxiable = yes\nlife = long\n");
        let boolean = |option| config.appdefault_boolean("kinit", None, option);
        assert_eq!(boolean("forwardable"), Some(false));
        assert_eq!(boolean("proxiable"), Some(true));
        assert_eq!(boolean("absent"), None);
        let error = config.appdefault_duration("kinit", None, "life");
        assert_eq!(
            alloc::string::ToString::to_string(&error.unwrap_err()),
            "krb5.conf:4: life = long: not a duration"
        );
    }
}
