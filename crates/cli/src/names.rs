//! The names that users type.

use orthros_host::{Cache, Environment};
use orthros_krb5::crypto::Enctype;
use orthros_types::{ParsePrincipalError, ParsePrincipalProblem, Principal};

use crate::failure::{Failure, While as _};

/// Reads a principal's name; one without a realm is in the default realm.
pub(crate) fn principal(environment: &Environment, name: &str) -> Result<Principal, Failure> {
    let parsed = Principal::parse(name, default_realm(environment));
    explained(name, parsed)
}

/// Reads an enterprise name (RFC 6806 section 5), in which an `@` is a character like others.
pub(crate) fn enterprise(environment: &Environment, name: &str) -> Result<Principal, Failure> {
    let parsed = Principal::parse_enterprise(name, default_realm(environment));
    explained(name, parsed)
}

/// Reads the name of an enctype that is supported here.
pub(crate) fn enctype(name: &str) -> Result<Enctype, String> {
    Enctype::from_name(name).ok_or_else(|| format!("no such enctype: {name}"))
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

fn default_realm(environment: &Environment) -> Option<&[u8]> {
    environment.config().default_realm().map(str::as_bytes)
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
                "there is no realm in {name} and no default_realm in the configuration; name one as in {name}@REALM"
            ),
            doing,
        )),
        parsed => parsed.while_doing(doing),
    }
}
