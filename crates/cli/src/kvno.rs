//! `orthros kvno`: gets service tickets and prints the version of the key that each is encrypted with.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use orthros::Name;
use orthros_host::{Cache, Environment, KeytabHandle};
use orthros_krb5::client::{CacheUpdate, ServiceTicketOptions};
use orthros_krb5::crypto::Enctype;
use orthros_types::keytab::KeytabEntry;
use orthros_types::{Credential, EnctypeName, Principal, TicketHeader};

use crate::failure::{Failure, Outcome, While};
use crate::{names, output};

/// Get service tickets and print the key version they are encrypted with
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The cache, instead of the default one
    #[arg(short = 'c', value_name = "CACHE")]
    cache: Option<OsString>,
    /// Ask for a session key of this enctype
    #[arg(short = 'e', value_name = "ENCTYPE", value_parser = names::enctype)]
    enctype: Option<Enctype>,
    /// Decrypt the tickets with this keytab, to see whether it has the right key
    #[arg(short = 'k', value_name = "KEYTAB")]
    keytab: Option<OsString>,
    /// SERVICE is a host; ask for this service of it
    #[arg(short = 'S', value_name = "NAME")]
    service_of_host: Option<String>,
    /// Ask for tickets that are sealed in the session key of this cache's ticket-granting ticket (user-to-user)
    #[arg(long, value_name = "CACHE", conflicts_with_all = ["keytab", "user"])]
    u2u: Option<OsString>,
    /// Ask for a ticket to the cache's owner, a service, in the name of this user, an enterprise name such as
    /// alice@example.com
    #[arg(short = 'U', value_name = "USER", group = "user")]
    for_user: Option<String>,
    /// As -U, with the name of a principal
    #[arg(short = 'I', value_name = "PRINCIPAL", group = "user")]
    for_principal: Option<String>,
    /// With -U or -I: go on to SERVICE in the user's name
    #[arg(short = 'P', requires = "user")]
    proxy: bool,
    /// Print nothing but errors
    #[arg(short)]
    quiet: bool,
    /// Use what the cache has, ask no KDC
    #[arg(long)]
    cached_only: bool,
    /// Leave the cache as it is
    #[arg(long)]
    no_store: bool,
    /// Leave the cache as it is, and begin this one anew with the tickets, unless one can't be got
    #[arg(long, value_name = "CACHE")]
    out_cache: Option<OsString>,
    /// The services
    #[arg(required = true, value_name = "SERVICE")]
    services: Vec<String>,
}

/// Runs `kvno`: every service is tried, and one that fails makes the exit code 1.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let environment = crate::environment()?;
    let cache = crate::cache(&environment, arguments.cache.as_deref())?;
    cache
        .principal()
        .while_doing("getting the client's principal name")?;
    let keytab = arguments
        .keytab
        .as_ref()
        .map(|name| environment.keytab(name));
    let keytab = keytab.transpose().while_doing("resolving the keytab")?;
    let options = options(&environment, arguments)?;
    let out = arguments.out_cache.as_deref();
    let out = out.map(|name| crate::cache(&environment, Some(name)));
    let out = out.transpose()?;
    let mut code = ExitCode::SUCCESS;
    let mut tickets = Vec::new();
    for service in &arguments.services {
        match one(
            &environment,
            arguments,
            &options,
            &cache,
            keytab.as_ref(),
            service,
        ) {
            Ok(ticket) => tickets.push(ticket),
            Err(failure) => code = output::failure(&failure, "kvno"),
        }
    }
    if let Some(out) = out
        && tickets.len() == arguments.services.len()
    {
        write(&out, tickets, &cache)?;
    }
    Ok(code)
}

/// Begins a cache with tickets that were got with those of another.
fn write(out: &Cache, tickets: Vec<Credential>, from: &Cache) -> Result<(), Failure> {
    let doing = || format!("writing the cache {}", out.name());
    let kdc_offset = from.contents().while_doing(doing())?.kdc_offset;
    let Some(contents) = CacheUpdate::of_tickets(tickets, kdc_offset) else {
        return Ok(());
    };
    out.initialize(
        &contents.principal,
        contents.kdc_offset,
        &contents.credentials,
    )
    .while_doing(doing())
}

/// What is asked for of every service.
fn options(
    environment: &Environment,
    arguments: &Arguments,
) -> Result<ServiceTicketOptions, Failure> {
    let mut options = environment
        .service_options()
        .while_doing("reading the configuration")?;
    if let Some(enctype) = arguments.enctype {
        let config = environment.config();
        let allow_rc4 = config
            .allow_rc4()
            .while_doing("reading the configuration")?;
        if enctype == Enctype::ARCFOUR_HMAC && !allow_rc4 {
            let needed = "arcfour-hmac needs allow_rc4 = true in [libdefaults]";
            return Err(Failure::new(needed, "reading the options"));
        }
        options.request.enctypes = vec![enctype];
    }
    options.cached_only = arguments.cached_only;
    options.store = !arguments.no_store && arguments.out_cache.is_none();
    if let Some(cache) = &arguments.u2u {
        let cache = crate::cache(environment, Some(cache))?;
        let ticket = environment
            .initial_ticket(&cache)
            .while_doing("getting the service's ticket-granting ticket")?;
        options.second_ticket = Some(ticket.ticket);
    }
    Ok(options)
}

fn one(
    environment: &Environment,
    arguments: &Arguments,
    options: &ServiceTicketOptions,
    cache: &Cache,
    keytab: Option<&KeytabHandle>,
    name: &str,
) -> Result<Credential, Failure> {
    let service = service(environment, arguments, name)?;
    let options = &ServiceTicketOptions {
        given_host: arguments.service_of_host.as_ref().map(|_| name.to_owned()),
        ..options.clone()
    };
    let credential = match user(environment, arguments)? {
        Some(user) => for_user(environment, arguments, options, cache, &service, &user)?,
        None => environment
            .service_ticket(cache, &service, options)
            .while_doing(format!("getting credentials for {service}"))?,
    };
    let header = credential
        .ticket_header()
        .while_doing(format!("decoding the ticket for {service}"))?;
    let kvno = header.kvno.unwrap_or(0);
    let Some(keytab) = keytab else {
        print(arguments, &format!("{service}: kvno = {kvno}\n"))?;
        return Ok(credential);
    };
    let opened = open(&credential, &header, keytab)
        .map_err(|what| Failure::new(what, format!("decrypting the ticket for {service}")));
    match opened {
        Ok(()) => {
            let valid = format!("{service}: kvno = {kvno}, keytab entry valid\n");
            print(arguments, &valid)?;
            Ok(credential)
        }
        Err(why) => {
            // Where MIT says it: standard output has what worked.
            if !arguments.quiet {
                output::note(&format!("{service}: kvno = {kvno}, keytab entry invalid"));
            }
            Err(why)
        }
    }
}

/// In whose name tickets are asked for, if not in that of the cache's owner.
fn user(environment: &Environment, arguments: &Arguments) -> Result<Option<Principal>, Failure> {
    match (&arguments.for_user, &arguments.for_principal) {
        (Some(user), _) => names::enterprise(environment, user).map(Some),
        (None, Some(user)) => names::principal(environment, user).map(Some),
        (None, None) => Ok(None),
    }
}

/// A ticket in a user's name: for the cache's owner, or through it for another service.
fn for_user(
    environment: &Environment,
    arguments: &Arguments,
    options: &ServiceTicketOptions,
    cache: &Cache,
    service: &Principal,
    user: &Principal,
) -> Result<Credential, Failure> {
    let owner = cache
        .principal()
        .while_doing("getting the client's principal name")?;
    if !arguments.proxy && owner != *service {
        let what =
            format!("{owner} gets tickets in the name of others for itself only, without -P");
        return Err(Failure::new(
            what,
            format!("getting credentials for {service}"),
        ));
    }
    let own = environment
        .ticket_for_user(cache, user, options)
        .while_doing(format!(
            "getting credentials for {owner} in the name of {user}"
        ))?;
    if !arguments.proxy {
        return Ok(own);
    }
    environment
        .ticket_on_behalf_of(cache, &own, service, options)
        .while_doing(format!(
            "getting credentials for {service} in the name of {user}"
        ))
}

/// Opens the ticket with a key of the keytab, or says why not. As by MIT any of its keys will do: the service may have
/// several names, and the keytab another one of them. What is said is about the key that should have done it.
fn open(
    credential: &Credential,
    header: &TicketHeader,
    keytab: &KeytabHandle,
) -> Result<(), String> {
    let keys = keytab.read().map_err(|error| error.to_string())?;
    let opens = |entry: &KeytabEntry| {
        let key = entry.key.key();
        key.is_some_and(|key| credential.ticket_opens_with(&key))
    };
    let enctype = EnctypeName(header.enctype);
    let of_enctype = |entry: &&KeytabEntry| entry.key.enctype() == header.enctype;
    if keys.entries().iter().filter(of_enctype).any(opens) {
        return Ok(());
    }
    if !enctype.is_supported() {
        return Err(format!(
            "the ticket is of enctype {enctype}, of which no key can be used"
        ));
    }
    let entry = keytab
        .find(&header.server, header.kvno, Some(header.enctype))
        .map_err(|error| error.to_string())?;
    Err(format!(
        "keytab {}: the key for {} of kvno {} is not the KDC's",
        keytab.name(),
        entry.principal,
        entry.kvno
    ))
}

fn service(
    environment: &Environment,
    arguments: &Arguments,
    name: &str,
) -> Result<Principal, Failure> {
    match &arguments.service_of_host {
        Some(service) => {
            let doing = format!("making the name of service {service} on {name}");
            // What is written like a principal or a URL is a mistake, which no KDC could tell.
            Name::service(service, name).while_doing(doing.as_str())?;
            let service = environment.host_based_service(service, Some(name));
            service.while_doing(doing)
        }
        None => names::principal(environment, name),
    }
}

fn print(arguments: &Arguments, text: &str) -> Result<(), Failure> {
    if arguments.quiet {
        Ok(())
    } else {
        output::text(text).map(|_| ())
    }
}
