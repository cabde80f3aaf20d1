//! `orthros kpasswd`: changes a password.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::Args;
use orthros_host::{AcquireError, Cache, Environment};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{InitialTicket, KdcRefusalError, PasswordResult};
use orthros_types::Principal;

use crate::failure::{Failure, Outcome, While};
use crate::{names, output, password};

/// Change a password
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Get the ticket to change it with under the armor of this cache's ticket (FAST)
    #[arg(short = 'T', value_name = "ARMOR_CACHE")]
    armor: Option<OsString>,
    /// Set the password of this principal, as an administrator (RFC 3244), in place of one's own
    #[arg(long = "for", value_name = "TARGET")]
    target: Option<String>,
    /// Whose password; with --for, who sets it. If left out, the default cache's owner, else the user
    principal: Option<String>,
}

/// Runs `kpasswd`. A password that the server refuses makes the exit code 2, as by MIT.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let environment = crate::environment()?;
    let client = match &arguments.principal {
        Some(name) => names::principal(&environment, name)?,
        None => names::own(&environment, &crate::cache(&environment, None)?)?,
    };
    let target = arguments.target.as_ref();
    let target = target
        .map(|name| names::principal(&environment, name))
        .transpose()?;
    let armor = arguments.armor.as_ref();
    let armor = armor
        .map(|name| crate::cache(&environment, Some(name)))
        .transpose()?;
    let ticket = ticket(&environment, &client, armor.as_ref(), &mut Asked::default())?;
    let (password, doing, done) = match &target {
        None => (
            ask_new(),
            "changing the password".to_owned(),
            "Password changed.\n".to_owned(),
        ),
        Some(target) => (
            ask_new_for(&format!(" for {target}")),
            format!("setting the password of {target}"),
            format!("Password of {target} set.\n"),
        ),
    };
    let password = password.while_doing("reading the new password")?;
    let outcome = environment
        .change_password(&ticket, password, target)
        .while_doing(doing)?;
    if outcome.result == PasswordResult::Success {
        return output::text(&done).map(|_| ExitCode::SUCCESS);
    }
    output::note(&format!("kpasswd: {outcome}"));
    Ok(ExitCode::from(REFUSED))
}

/// Passwords that were asked for already: each client is asked once.
#[derive(Default)]
pub(crate) struct Asked(Option<(Principal, SecretVec)>);

impl Asked {
    /// The client's password, from the user unless it is known.
    pub(crate) fn ask(&mut self, client: &Principal) -> io::Result<SecretVec> {
        if let Some((known, password)) = &self.0
            && known == client
        {
            return Ok(password.clone());
        }
        let password = password::ask(&format!("Password for {client}: "))?;
        self.0 = Some((client.clone(), password.clone()));
        Ok(password)
    }
}

/// Whether an initial ticket is refused because the password is too old.
pub(crate) fn is_expiry(error: &AcquireError) -> bool {
    matches!(error, AcquireError::Client(error)
        if matches!(error.refusal(), Some(KdcRefusalError::PasswordExpired { .. })))
}

/// Has the user change a password that has expired, and gives the new one. The armor of the login, if it had any, is
/// also that of the ticket to change the password with. Where there is none to be read it is the expiry that is
/// reported.
pub(crate) fn replace_expired(
    environment: &Environment,
    client: &Principal,
    armor: Option<&Cache>,
    expired: Result<Infallible, Failure>,
    asked: &mut Asked,
) -> Result<SecretVec, Failure> {
    let ticket = ticket(environment, client, armor, asked)?;
    output::note("Password expired.  You must change it now.");
    for _ in 0..ATTEMPTS {
        let new = match ask_new() {
            Ok(new) => new,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error).while_doing("reading the new password"),
        };
        let outcome = environment
            .change_password(&ticket, new.clone(), None)
            .while_doing("changing the password")?;
        match outcome.result {
            PasswordResult::Success => return Ok(new),
            PasswordResult::SoftError => output::note(&format!("{outcome}")),
            _ => return Err(Failure::new(outcome.to_string(), "changing the password")),
        }
    }
    match expired {
        Err(failure) => Err(failure),
        Ok(never) => match never {},
    }
}

/// A ticket to change the password with, for which the old password is asked for unless the user has given it already;
/// under armor, if there is to be any.
fn ticket(
    environment: &Environment,
    client: &Principal,
    armor: Option<&Cache>,
    asked: &mut Asked,
) -> Result<InitialTicket, Failure> {
    let mut options = environment
        .password_ticket_options(client.clone())
        .while_doing("reading the configuration")?;
    if let Some(cache) = armor {
        let armor = environment
            .fast_armor(cache, client.realm())
            .while_doing("getting a ticket to be the armor")?;
        options.armor = Some(armor);
    }
    environment
        .acquire_asking(options, |client| asked.ask(client))
        .while_doing("getting a ticket to change the password with")
}

/// Asks for a new password, twice.
fn ask_new() -> io::Result<SecretVec> {
    ask_new_for("")
}

fn ask_new_for(whose: &str) -> io::Result<SecretVec> {
    let new = password::ask(&format!("Enter new password{whose}: "))?;
    if *new == *password::ask("Enter it again: ")? {
        Ok(new)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the passwords are not the same",
        ))
    }
}

/// How often MIT's kinit lets the user choose another password.
const ATTEMPTS: usize = 3;
/// MIT's exit code for a password that was refused.
const REFUSED: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    /// Standard input is not read again: it would be taken for the new password.
    #[test]
    fn a_client_is_asked_for_its_password_once() {
        let client = Principal::new("R", ["alice"]);
        let password = SecretVec::from(&b"secret"[..]);
        let mut asked = Asked(Some((client.clone(), password.clone())));
        for _ in 0..2 {
            assert_eq!(*asked.ask(&client).unwrap(), *password);
        }
    }
}
