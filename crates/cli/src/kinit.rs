//! `orthros kinit`: gets a ticket-granting ticket and puts it into a credential cache.

use std::convert::Infallible;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use orthros_host::{Cache, Environment, Secret};
use orthros_krb5::{AsRequestOptions, InitialTicket};
use orthros_types::config::ConfigError;
use orthros_types::{Duration, ParseDurationError, Principal};

use crate::failure::{Failure, Outcome, While};
use crate::{kpasswd, local_time, names, output};

/// Get a ticket-granting ticket and put it into a credential cache
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Say which cache, principal and keytab are used
    #[arg(short = 'V')]
    verbose: bool,
    /// How long the ticket shall be good, such as 10h, 1d or 1:30
    #[arg(short = 'l', value_name = "LIFETIME", value_parser = duration)]
    lifetime: Option<Duration>,
    /// For how long the ticket shall be renewable, such as 7d
    #[arg(short = 'r', value_name = "LIFETIME", value_parser = duration)]
    renewable_lifetime: Option<Duration>,
    /// Ask for a forwardable ticket
    #[arg(short = 'f', overrides_with = "not_forwardable")]
    forwardable: bool,
    /// Ask for a ticket that is not forwardable
    #[arg(short = 'F')]
    not_forwardable: bool,
    /// Ask for a proxiable ticket
    #[arg(short = 'p', overrides_with = "not_proxiable")]
    proxiable: bool,
    /// Ask for a ticket that is not proxiable
    #[arg(short = 'P')]
    not_proxiable: bool,
    /// Let the KDC rename the client
    #[arg(short = 'C')]
    canonicalize: bool,
    /// PRINCIPAL is an enterprise name, such as alice@example.com
    #[arg(short = 'E')]
    enterprise: bool,
    /// Ask for a ticket with a PAC (Active Directory's authorization data)
    #[arg(long, conflicts_with = "no_request_pac")]
    request_pac: bool,
    /// Ask for a ticket without a PAC
    #[arg(long)]
    no_request_pac: bool,
    /// Renew the ticket in the cache; of -R and -k the later one counts, and -t implies -k
    #[arg(short = 'R', overrides_with = "use_keytab")]
    renew: bool,
    /// Use a key from a keytab instead of a password
    #[arg(short = 'k', overrides_with = "renew")]
    use_keytab: bool,
    /// The keytab to use instead of the default one; implies -k
    #[arg(short = 't', value_name = "KEYTAB")]
    keytab: Option<OsString>,
    /// The cache to write instead of the default one
    #[arg(short = 'c', value_name = "CACHE")]
    cache: Option<OsString>,
    /// Do all of it under the armor of this cache's ticket (FAST), so that no eavesdropper can guess the password; it
    /// fails with a KDC that does not answer under armor
    #[arg(short = 'T', value_name = "ARMOR_CACHE")]
    armor: Option<OsString>,
    /// Get a ticket for this service instead of the ticket-granting one
    #[arg(short = 'S', value_name = "SERVICE")]
    service: Option<String>,
    /// Who to be; if left out, the cache's owner, else the user's name in the default realm (with -k, this host's
    /// service)
    principal: Option<String>,
}

/// Runs `kinit`.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let environment = crate::environment()?;
    let default = crate::cache(&environment, arguments.cache.as_deref())?;
    let client = client(&environment, arguments, &default)?;
    let (cache, is_chosen) = match &arguments.cache {
        Some(_) => (default, false),
        None => choose(&environment, default, &client)?,
    };
    if arguments.renew && !arguments.renews() {
        output::note("keytab specified, forcing -k");
    }
    if arguments.verbose {
        output::note(&format!("Using cache: {}", cache.name()));
        output::note(&format!("Using principal: {client}"));
    }
    if arguments.renews() {
        renew(&environment, arguments, &cache)?;
    } else {
        let ticket = acquire(&environment, arguments, client)?;
        environment
            .store_initial(&cache, &ticket)
            .while_doing("storing the ticket")?;
        warn_of_expiry(&ticket, &environment);
    }
    if is_chosen {
        cache
            .switch_to()
            .while_doing("switching to the new credential cache")?;
    }
    if arguments.verbose {
        output::note("Authenticated to Kerberos v5");
    }
    Ok(ExitCode::SUCCESS)
}

/// The cache of a collection to write, and whether that is not simply the default one: the client's own, else a new
/// one where the default cache is another client's.
fn choose(
    environment: &Environment,
    default: Cache,
    client: &Principal,
) -> Result<(Cache, bool), Failure> {
    if !default.name().is_switchable() {
        return Ok((default, false));
    }
    if let Some(own) = crate::cache_of(environment, client)? {
        return Ok((own, true));
    }
    if default.principal().is_err() {
        return Ok((default, false));
    }
    let new = crate::collection(environment, None)?.new_cache();
    Ok((new.while_doing("making a new credential cache")?, true))
}

/// Who to be, by MIT's order: the argument, with a keytab this host's service, the cache's owner, the user's name.
fn client(
    environment: &Environment,
    arguments: &Arguments,
    cache: &Cache,
) -> Result<Principal, Failure> {
    if let Some(name) = &arguments.principal {
        let client = if arguments.enterprise {
            names::enterprise(environment, name)?
        } else {
            names::principal(environment, name)?
        };
        // Of a service an empty realm means that the KDC shall find it. No KDC is asked for a client without.
        if client.realm().is_empty() {
            return Err(Failure::new(
                format!("{name} has an empty realm"),
                "choosing a principal",
            ));
        }
        return Ok(client);
    }
    if arguments.uses_keytab() {
        return environment
            .host_based_service("host", None)
            .while_doing("making this host's principal name");
    }
    names::own(environment, cache)
}

fn acquire(
    environment: &Environment,
    arguments: &Arguments,
    client: Principal,
) -> Result<InitialTicket, Failure> {
    let armor = arguments.armor.as_ref();
    let armor = armor
        .map(|name| crate::cache(environment, Some(name)))
        .transpose()?;
    let armor = armor.as_ref();
    let options = options(environment, arguments, armor, client)?;
    let ticket = if arguments.uses_keytab() {
        let keytab = arguments
            .keytab
            .as_ref()
            .map_or_else(
                || environment.default_keytab(),
                |name| environment.keytab(name),
            )
            .while_doing("resolving the keytab")?;
        if arguments.verbose {
            output::note(&format!("Using keytab: {}", keytab.name()));
        }
        environment.acquire(options, Secret::Keytab(&keytab), armor)
    } else {
        let mut asked = kpasswd::Asked::default();
        let mut ask = |client: &Principal| asked.ask(client);
        match environment.acquire(options.clone(), Secret::Prompt(&mut ask), armor) {
            Err(error) if kpasswd::is_expiry(&error) => {
                let expired: Result<Infallible, _> = Err(error);
                let expired = expired.while_doing("getting initial credentials");
                let client = &options.client;
                let password =
                    kpasswd::replace_expired(environment, client, armor, expired, &mut asked)?;
                environment.acquire(options, Secret::Password(password), armor)
            }
            acquired => acquired,
        }
    };
    ticket.while_doing("getting initial credentials")
}

/// The configuration's options, over them those that it has for kinit alone, over them the command line's.
fn options(
    environment: &Environment,
    arguments: &Arguments,
    armor: Option<&Cache>,
    client: Principal,
) -> Result<AsRequestOptions, Failure> {
    let mut options = environment
        .initial_options(client)
        .while_doing("reading the configuration")?;
    appdefaults(environment, &mut options).while_doing("reading the configuration")?;
    if let Some(lifetime) = arguments.lifetime {
        options.lifetime = lifetime;
    }
    if arguments.renewable_lifetime.is_some() {
        options.renewable_lifetime = arguments.renewable_lifetime;
    }
    options.forwardable =
        (options.forwardable || arguments.forwardable) && !arguments.not_forwardable;
    options.proxiable = (options.proxiable || arguments.proxiable) && !arguments.not_proxiable;
    options.canonicalize |= arguments.canonicalize;
    if arguments.request_pac || arguments.no_request_pac {
        options.request_pac = Some(!arguments.no_request_pac);
    }
    if let Some(service) = &arguments.service {
        options.service = Some(names::principal(environment, service)?);
    }
    if let Some(cache) = armor {
        let armor = environment
            .fast_armor(cache, options.client.realm())
            .while_doing("getting a ticket to be the armor")?;
        options.armor = Some(armor);
    }
    Ok(options)
}

/// What `[appdefaults]` has for kinit, as by Heimdal's; MIT's does not look there.
fn appdefaults(
    environment: &Environment,
    options: &mut AsRequestOptions,
) -> Result<(), ConfigError> {
    let config = environment.config();
    let realm = str::from_utf8(options.client.realm()).map(str::to_owned);
    // The configuration is text: a realm whose name is none has nothing in it.
    let realm = realm.as_deref().ok();
    let boolean = |option| config.appdefault_boolean("kinit", realm, option);
    let duration = |option| config.appdefault_duration("kinit", realm, option);
    options.forwardable = boolean("forwardable").unwrap_or(options.forwardable);
    options.proxiable = boolean("proxiable").unwrap_or(options.proxiable);
    options.lifetime = duration("ticket_lifetime")?.unwrap_or(options.lifetime);
    if let Some(renewable) = duration("renew_lifetime")? {
        options.renewable_lifetime = Some(renewable).filter(|renewable| renewable.seconds() > 0);
    }
    Ok(())
}

fn renew(environment: &Environment, arguments: &Arguments, cache: &Cache) -> Result<(), Failure> {
    let service = arguments
        .service
        .as_deref()
        .map(|name| names::principal(environment, name))
        .transpose()?;
    let options = environment
        .service_options()
        .while_doing("reading the configuration")?;
    environment
        .renew(cache, service.as_ref(), &options.request)
        .while_doing("renewing credentials")
        .map(|_| ())
}

/// As MIT warns: always where the KDC asks for it, else in the password's last week.
fn warn_of_expiry(ticket: &InitialTicket, environment: &Environment) {
    const WEEK: i64 = 7 * 24 * 60 * 60;
    let Some(expires) = ticket.expiry.password else {
        return;
    };
    let left = expires.since(environment.now()).seconds();
    if left < WEEK || ticket.expiry.is_announced {
        output::note(&format!(
            "Warning: Your password will expire in {} on {}",
            time_left(left),
            local_time::long(expires.seconds())
        ));
    }
}

/// In MIT's words.
fn time_left(seconds: i64) -> String {
    const HOUR: i64 = 60 * 60;
    const DAY: i64 = 24 * HOUR;
    if seconds < HOUR {
        return "less than one hour".to_owned();
    }
    if seconds < 2 * DAY {
        let hours = seconds / HOUR;
        return format!("{hours} hour{}", if hours == 1 { "" } else { "s" });
    }
    format!("{} days", seconds / DAY)
}

impl Arguments {
    /// Whether to renew. A keytab gets a new ticket instead, as by MIT: what clients of Kafka run is
    /// `kinit -R -t KEYTAB -k NAME`.
    fn renews(&self) -> bool {
        self.renew && self.keytab.is_none()
    }

    fn uses_keytab(&self) -> bool {
        self.use_keytab || self.keytab.is_some()
    }
}

fn duration(text: &str) -> Result<Duration, ParseDurationError> {
    text.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_is_left_is_said_as_by_mit() {
        const HOUR: i64 = 3600;
        for (seconds, expected) in [
            (-5, "less than one hour"),
            (HOUR - 1, "less than one hour"),
            (HOUR, "1 hour"),
            (2 * HOUR - 1, "1 hour"),
            (2 * HOUR, "2 hours"),
            (48 * HOUR - 1, "47 hours"),
            (48 * HOUR, "2 days"),
            (6 * 24 * HOUR + 5, "6 days"),
        ] {
            assert_eq!(time_left(seconds), expected);
        }
    }
}
