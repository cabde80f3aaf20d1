//! The names that users type.

use orthros_host::{Cache, Environment};
use orthros_krb5::crypto::Enctype;
use orthros_krb5::crypto::spake::Group;
use orthros_types::{ParsePrincipalError, ParsePrincipalProblem, Principal};

use crate::failure::{Failure, While as _};

/// Reads a principal's name; one without a realm is in the default realm.
pub(crate) fn principal(environment: &Environment, name: &str) -> Result<Principal, Failure> {
    let parsed = environment.in_default_realm(|realm| Principal::parse(name, realm));
    explained(name, parsed)
}

/// Reads an enterprise name (RFC 6806 section 5), in which an `@` is a character like others. One of the form
/// `DOMAIN\user`, which Windows has, is taken as it stands: elsewhere a backslash begins an escape.
pub(crate) fn enterprise(environment: &Environment, name: &str) -> Result<Principal, Failure> {
    let doubled = windows_account(name).map(|(domain, user)| format!("{domain}\\\\{user}"));
    let name = doubled.as_deref().unwrap_or(name);
    let parsed = environment.in_default_realm(|realm| Principal::parse_enterprise(name, realm));
    explained(name, parsed)
}

/// Reads the name of an enctype that is supported here.
pub(crate) fn enctype(name: &str) -> Result<Enctype, String> {
    Enctype::from_name(name).ok_or_else(|| format!("no such enctype: {name}"))
}

/// Reads the name of a group for SPAKE.
pub(crate) fn spake_group(name: &str) -> Result<Group, String> {
    Group::from_name(name).ok_or_else(|| {
        let known = Group::ALL.map(Group::name).join(", ");
        format!("no such group; there are {known}")
    })
}

/// Who the user is where nothing says it: the cache's owner, else the user's name in the default realm.
pub(crate) fn own(environment: &Environment, cache: &Cache) -> Result<Principal, Failure> {
    if let Ok(owner) = cache.principal() {
        return Ok(owner);
    }
    let user = environment.local_user_name().ok_or_else(|| {
        Failure::new(
            "the user has no name here; name a principal",
            "choosing a principal",
        )
    })?;
    principal(environment, &user)
}

/// The domain and the user of `DOMAIN\user`. A backslash before a character that has to be escaped is none of a name.
fn windows_account(name: &str) -> Option<(&str, &str)> {
    let (domain, user) = name.split_once('\\')?;
    let is_account = !domain.is_empty()
        && !domain.contains('@')
        && !user.is_empty()
        && !user.starts_with(['\\', '@', '/'])
        && !user.contains('\\');
    is_account.then_some((domain, user))
}

/// Says what to do about a realm that is not known; an offset in the name would not help there.
fn explained(
    name: &str,
    parsed: Result<Principal, ParsePrincipalError>,
) -> Result<Principal, Failure> {
    let doing = format!("parsing the name {name}");
    match parsed {
        Err(error) if error.problem == ParsePrincipalProblem::MissingRealm => Err(Failure::new(
            format!(
                "there is no realm in {name}, no default_realm in the configuration and no domain in this host's name; \
                 name one as in {name}@REALM"
            ),
            doing,
        )),
        parsed => parsed.while_doing(doing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enterprise_name(name: &str) -> String {
        let environment = Environment::builder()
            .config_text("krb5.conf", "[libdefaults]\n default_realm = R\n")
            .unwrap()
            .build();
        let principal = enterprise(&environment, name).unwrap();
        let [component] = principal.components() else {
            panic!("{principal}");
        };
        let component = String::from_utf8_lossy(component);
        format!(
            "{component} in {}",
            String::from_utf8_lossy(principal.realm())
        )
    }

    #[test]
    fn an_account_of_a_windows_domain_keeps_its_backslash() {
        for (name, expected) in [
            (r"DOMAIN\bob", r"DOMAIN\bob in R"),
            (r"DOMAIN\bob@OTHER", r"DOMAIN\bob@OTHER in R"),
            ("bob@example.com", "bob@example.com in R"),
            ("bob@example.com@OTHER", "bob@example.com in OTHER"),
            // Escaped as MIT's kinit has it.
            (r"DOMAIN\\bob", r"DOMAIN\bob in R"),
            (r"bob\@example.com@OTHER", "bob@example.com@OTHER in R"),
        ] {
            assert_eq!(enterprise_name(name), expected, "{name}");
        }
    }
}
