//! `orthros keytab add`.

use std::process::ExitCode;

use clap::Args;
use orthros_host::Environment;
use orthros_krb5::crypto::{Enctype, Key, SecretVec};
use orthros_types::keytab::KeytabEntry;
use orthros_types::{KeyBlock, Principal};

use crate::failure::{Failure, Outcome, While as _};
use crate::{names, password};

/// Put in keys that are made of a password, or one that is given
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The key version number, which must be the KDC's
    #[arg(short = 'k', value_name = "KVNO")]
    kvno: u32,
    /// An enctype, or several; those that the configuration permits if left out
    #[arg(short = 'e', value_name = "ENCTYPE", value_parser = names::enctype)]
    enctypes: Vec<Enctype>,
    /// The password's salt; realm and name if left out
    #[arg(short = 's', value_name = "SALT")]
    salt: Option<String>,
    /// Ask a KDC how it makes keys of the password: for the salt of an account that was renamed, or is one of Active
    /// Directory
    #[arg(short = 'f', conflicts_with_all = ["salt", "key"])]
    fetch: bool,
    /// Ask for the key itself, in hexadecimal digits, instead of a password
    #[arg(long, requires = "enctypes", conflicts_with = "salt")]
    key: bool,
    #[command(flatten)]
    target: super::Target,
    /// Whose keys they are
    principal: String,
}

/// Runs `keytab add`. As with MIT's ktutil, what is secret is asked for and never an argument, which others could
/// read.
pub(super) fn run(environment: &Environment, arguments: &Arguments) -> Outcome {
    let principal = names::principal(environment, &arguments.principal)?;
    let keytab = arguments.target.open(environment)?;
    let keys = if arguments.key {
        vec![given_key(arguments, &principal)?]
    } else {
        keys_of_password(environment, arguments, &principal)?
    };
    let timestamp = environment.now();
    let entries: Vec<KeytabEntry> = keys
        .iter()
        .map(|key| KeytabEntry {
            principal: principal.clone(),
            timestamp,
            kvno: arguments.kvno,
            key: KeyBlock::from(key),
        })
        .collect();
    super::put(&keytab, &entries).map(|()| ExitCode::SUCCESS)
}

fn keys_of_password(
    environment: &Environment,
    arguments: &Arguments,
    principal: &Principal,
) -> Result<Vec<Key>, Failure> {
    let enctypes = if arguments.enctypes.is_empty() {
        environment
            .config()
            .permitted_enctypes()
            .while_doing("reading the configuration")?
    } else {
        &arguments.enctypes
    };
    if arguments.fetch {
        return keys_as_the_kdc_makes_them(environment, enctypes, principal);
    }
    let salt = match &arguments.salt {
        Some(salt) => salt.clone().into_bytes(),
        None => principal.default_salt(),
    };
    let password = ask(&format!("Password for {principal}: "))?;
    enctypes
        .iter()
        .map(|enctype| enctype.string_to_key(&password, &salt, None))
        .collect::<Result<_, _>>()
        .while_doing("deriving keys of the password")
}

/// Keys of those enctypes that the KDC has keys of.
fn keys_as_the_kdc_makes_them(
    environment: &Environment,
    enctypes: &[Enctype],
    principal: &Principal,
) -> Result<Vec<Key>, Failure> {
    let doing = "asking the KDC for the salt";
    let mut options = environment
        .initial_options(principal.clone())
        .while_doing("reading the configuration")?;
    options.enctypes = enctypes.to_vec();
    let keys = environment.password_keys(options).while_doing(doing)?;
    let password = ask(&format!("Password for {principal}: "))?;
    keys.iter()
        .map(|info| info.key(&password))
        .collect::<Result<_, _>>()
        .while_doing("deriving keys of the password")
}

fn given_key(arguments: &Arguments, principal: &Principal) -> Result<Key, Failure> {
    let doing = "reading the key";
    let &[enctype] = arguments.enctypes.as_slice() else {
        return Err(Failure::new("a key has one enctype", doing));
    };
    let digits = ask(&format!("Key for {principal} (hex): "))?;
    let octets = from_hexadecimal(&digits)
        .ok_or_else(|| Failure::new("a key is written in pairs of hexadecimal digits", doing))?;
    Key::new(enctype, &octets).while_doing(doing)
}

fn ask(prompt: &str) -> Result<SecretVec, Failure> {
    password::ask(prompt).while_doing("reading the secret")
}

/// Octets of pairs of hexadecimal digits, in either case.
fn from_hexadecimal(digits: &[u8]) -> Option<SecretVec> {
    let mut octets = SecretVec::zeroed(digits.len() / 2);
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    for (octet, [high, low]) in octets.iter_mut().zip(pairs) {
        *octet = value(*high)? << 4 | value(*low)?;
    }
    Some(octets)
}

fn value(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_in_either_case_and_whole_pairs() {
        let read = |digits: &str| from_hexadecimal(digits.as_bytes()).map(|octets| octets.to_vec());
        assert_eq!(read("00fF7a"), Some(vec![0, 0xff, 0x7a]));
        assert_eq!(read(""), Some(Vec::new()));
        for wrong in ["0", "000", "0g", "+1", " 1"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
