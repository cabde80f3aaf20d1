//! `principals.tsv`: who is in which realm's database.

use crate::StartError;

/// The encryption types of which there is a user and a service that have no other key.
pub const ENCTYPES: [&str; 6] = [
    "aes256-cts-hmac-sha1-96",
    "aes128-cts-hmac-sha1-96",
    "aes256-cts-hmac-sha384-192",
    "aes128-cts-hmac-sha256-128",
    "camellia256-cts-cmac",
    "camellia128-cts-cmac",
];

const TABLE: &str = include_str!("../principals.tsv");

/// A principal as the table has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// With the realm only where that is not the one of the database.
    pub(crate) name: &'static str,
    /// None for random keys.
    pub(crate) password: Option<&'static str>,
    /// For MIT's `addprinc`.
    pub(crate) options: &'static str,
}

/// What an option says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddOption {
    RequiresPreauth,
    NoTickets,
    NeedsPasswordChange,
    OkAsDelegate,
    /// On that day, in ISO 8601.
    Expires(&'static str),
    /// It has a key of that encryption type only.
    Enctype(&'static str),
}

/// All in a realm's database.
pub(crate) fn of_realm(realm: &str) -> Result<Vec<Entry>, StartError> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let entries: Result<Vec<_>, _> = lines.map(parse).collect();
    let here = entries?.into_iter().filter(|(place, _)| *place == realm);
    Ok(here.map(|(_, entry)| entry).collect())
}

fn parse(line: &'static str) -> Result<(&'static str, Entry), StartError> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [realm, name, password, options] = fields[..] else {
        return Err(StartError::Table { text: line });
    };
    let entry = Entry {
        name,
        password: Some(password).filter(|password| *password != "-"),
        options: if options == "-" { "" } else { options },
    };
    Ok((realm, entry))
}

impl Entry {
    /// The options one by one, for databases that are not MIT's.
    pub(crate) fn options(&self) -> Result<Vec<AddOption>, StartError> {
        let mut words = self.options.split_whitespace();
        let mut options = Vec::new();
        while let Some(word) = words.next() {
            let mut argument = || words.next().ok_or(StartError::Table { text: word });
            options.push(match word {
                "+requires_preauth" => AddOption::RequiresPreauth,
                "-allow_tix" => AddOption::NoTickets,
                "+needchange" => AddOption::NeedsPasswordChange,
                "+ok_as_delegate" => AddOption::OkAsDelegate,
                "-expire" => AddOption::Expires(argument()?),
                "-e" => AddOption::Enctype(argument()?.trim_end_matches(":normal")),
                unknown => return Err(StartError::Table { text: unknown }),
            });
        }
        Ok(options)
    }

    /// The encryption type of its only key, if it has only one.
    pub(crate) fn only_enctype(&self) -> Result<Option<&'static str>, StartError> {
        let options = self.options()?;
        Ok(options.iter().find_map(|option| match option {
            AddOption::Enctype(enctype) => Some(*enctype),
            _ => None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HOME, OTHER};

    #[test]
    fn every_line_of_the_table_is_understood() {
        let (home, other) = (of_realm(HOME).unwrap(), of_realm(OTHER).unwrap());
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(home.len() + other.len(), lines);
        for entry in home.iter().chain(&other) {
            entry.options().unwrap();
        }
    }

    #[test]
    fn there_is_a_user_and_a_service_of_each_enctype() {
        let home = of_realm(HOME).unwrap();
        for enctype in ENCTYPES {
            let only = home
                .iter()
                .filter(|entry| entry.only_enctype().unwrap() == Some(enctype));
            let names: Vec<&str> = only.map(|entry| entry.name).collect();
            let expected = [
                format!("user-{enctype}"),
                format!("host/{enctype}.orthros.test"),
            ];
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn an_option_that_nobody_knows_is_refused() {
        for options in ["+requires_hwauth", "-expire"] {
            let entry = Entry {
                name: "x",
                password: None,
                options,
            };
            assert!(entry.options().is_err(), "{options}");
        }
    }
}
