//! Credentials in bytes, for another process (`gss_export_cred`, `gss_import_cred`).
//!
//! ```text
//! token     ::= "OrthrosC" 01, usage (u8), initiator, acceptor, CRC-32 of all before (u32)    integers are big-endian
//! initiator ::= 00 | 01 cache, client, client keytab, lifetime (u32)                      bytes: length (u32), bytes
//! cache     ::= 00 | 01 name | 02 cache file of version 4
//! acceptor  ::= 00 | 01 keytab's name, name, replay cache's name | 02 initiator, replay cache's name
//!               names but a keytab's: 00 | 01 ..
//! ```

mod fields;

use std::os::unix::ffi::OsStrExt;

use orthros_host::{Cache, Environment};
use orthros_types::ccache::{self, CacheFile, Header};

use super::acceptor::AcceptorName;
use super::initiator::{ClientKeytab, DesiredCredential};
use super::{AcceptorCredential, AcceptorKeys, Credential, InitiatorCredential};
use crate::error::{CallError, cache_error, keytab_error};
use crate::{Error, Lifetime, SecretVec};
use fields::{ABSENT, BY_VALUE, PRESENT, Reader, Writer};

impl Credential {
    /// The credential for another process of the same user. It is not used up.
    ///
    /// Caches in files and directories, and keytabs, go by name: the other process must have them too, and finds what
    /// is in them then. A cache in memory goes with all that is in it, session keys too: such a token is a secret, and
    /// nothing protects it from being changed.
    ///
    /// # Errors
    ///
    /// Where a cache in memory can't be read.
    pub fn export(&self) -> Result<SecretVec, Error> {
        let mut out = Writer::begin(self.usage());
        match &self.shared.initiator {
            None => out.byte(ABSENT),
            Some(initiator) => {
                out.byte(PRESENT);
                put_initiator(&mut out, initiator)?;
            }
        }
        match &self.shared.acceptor {
            None => out.byte(ABSENT),
            Some(acceptor) => put_acceptor(&mut out, acceptor)?,
        }
        Ok(out.finish())
    }

    /// A credential that this or another process has [exported](Self::export), in the process' environment.
    ///
    /// # Errors
    ///
    /// `DEFECTIVE_TOKEN` where it is none, was damaged or is of another version; `DEFECTIVE_CREDENTIAL` where the
    /// keytab that it names is damaged; `NO_CRED` where that is not there.
    pub fn import(token: &[u8]) -> Result<Self, Error> {
        Self::import_in(token, &crate::environment::process()?)
    }

    /// The same in this environment.
    ///
    /// # Errors
    ///
    /// As [`import`](Self::import).
    pub fn import_in(token: &[u8], environment: &Environment) -> Result<Self, Error> {
        let (mut reader, usage) = Reader::open(token)?;
        let initiator = match reader.is_present()? {
            true => Some(read_initiator(&mut reader, environment)?),
            false => None,
        };
        let acceptor = match reader.byte()? {
            ABSENT => None,
            kind => Some(read_acceptor(kind, &mut reader, environment)?),
        };
        reader.finish()?;
        if usage.initiates() != initiator.is_some() || usage.accepts() != acceptor.is_some() {
            return Err(CallError::ExportedCredential("usage").into());
        }
        Ok(Self::new(environment, usage, initiator, acceptor))
    }
}

fn put_initiator(out: &mut Writer, initiator: &InitiatorCredential) -> Result<(), Error> {
    let desired = initiator.desired();
    match initiator.known_cache() {
        None => out.byte(ABSENT),
        Some(cache) => put_cache(out, &cache)?,
    }
    out.principal(desired.client.as_ref());
    match &desired.client_keytab {
        ClientKeytab::Default => out.byte(ABSENT),
        ClientKeytab::Named(keytab) => {
            out.byte(PRESENT);
            out.counted(keytab.name().to_os_string().as_bytes());
        }
        ClientKeytab::None => out.byte(BY_VALUE),
    }
    out.number(desired.lifetime.number());
    Ok(())
}

fn put_cache(out: &mut Writer, cache: &Cache) -> Result<(), Error> {
    if !cache.name().is_in_process() {
        out.byte(PRESENT);
        out.counted(cache.name().to_os_string().as_bytes());
        return Ok(());
    }
    let contents = cache.contents().map_err(cache_error)?;
    let header = Header::new(contents.principal.clone(), contents.kdc_offset);
    let file = ccache::encode(&header, &contents.credentials);
    let file = file.map_err(|_| CallError::ExportedCredential("cache"))?;
    out.byte(BY_VALUE);
    out.counted(&file);
    Ok(())
}

fn put_acceptor(out: &mut Writer, acceptor: &AcceptorCredential) -> Result<(), Error> {
    match acceptor.keys() {
        AcceptorKeys::Keytab(keytab) => {
            out.byte(PRESENT);
            out.counted(keytab.name().to_os_string().as_bytes());
            out.principal(match acceptor.name() {
                AcceptorName::Any => None,
                AcceptorName::Principal(principal) => Some(principal),
            });
        }
        AcceptorKeys::Ticket(initiator) => {
            out.byte(USER_TO_USER);
            put_initiator(out, initiator)?;
        }
    }
    match acceptor.replay_name() {
        None => out.byte(ABSENT),
        Some(name) => {
            out.byte(PRESENT);
            out.counted(name.as_bytes());
        }
    }
    Ok(())
}

fn read_initiator(
    reader: &mut Reader<'_>,
    environment: &Environment,
) -> Result<InitiatorCredential, Error> {
    let (mut by_value, mut cache) = (None, None);
    match reader.byte()? {
        ABSENT => {}
        PRESENT => {
            let named = environment.cache(reader.name()?);
            cache = Some(named.map_err(|_| CallError::ExportedCredential("cache"))?);
        }
        BY_VALUE => by_value = Some(reader.counted()?),
        _ => return Err(CallError::ExportedCredential("cache").into()),
    }
    let client = reader.principal()?;
    let client_keytab = match reader.byte()? {
        ABSENT => ClientKeytab::Default,
        PRESENT => {
            let keytab = environment.keytab(reader.name()?);
            ClientKeytab::Named(keytab.map_err(|_| CallError::ExportedCredential("keytab"))?)
        }
        BY_VALUE => ClientKeytab::None,
        _ => return Err(CallError::ExportedCredential("keytab").into()),
    };
    let lifetime = Lifetime::from_number(reader.number()?);
    if let Some(file) = by_value {
        return of_cache_file(file, environment);
    }
    Ok(InitiatorCredential::new(DesiredCredential {
        cache,
        client,
        client_keytab,
        lifetime,
    }))
}

fn of_cache_file(file: &[u8], environment: &Environment) -> Result<InitiatorCredential, Error> {
    let damaged = |_| Error::from(CallError::ExportedCredential("cache"));
    let cache = CacheFile::open(file).map_err(damaged)?;
    let stored: Result<Vec<_>, _> = cache.stored().collect();
    let credentials: Vec<_> = stored
        .map_err(damaged)?
        .into_iter()
        .map(|stored| stored.credential)
        .collect();
    let header = cache.header();
    InitiatorCredential::of_tickets(
        &header.default_principal,
        header.kdc_offset(),
        &credentials,
        environment,
    )
}

fn read_acceptor(
    kind: u8,
    reader: &mut Reader<'_>,
    environment: &Environment,
) -> Result<AcceptorCredential, Error> {
    let half = match kind {
        PRESENT => {
            let keytab = environment.keytab(reader.name()?).map_err(keytab_error)?;
            let name = reader.principal()?;
            AcceptorCredential::new(
                keytab,
                name.map_or(AcceptorName::Any, AcceptorName::Principal),
            )
        }
        USER_TO_USER => AcceptorCredential::of_ticket(read_initiator(reader, environment)?),
        _ => return Err(CallError::ExportedCredential("acceptor").into()),
    };
    let replay = match reader.is_present()? {
        true => Some(reader.name()?.to_owned()),
        false => None,
    };
    let half = half.remembering_in(replay, environment)?;
    // As where it was acquired: there has to be something to accept with.
    half.require_key(None, environment)?;
    Ok(half)
}

/// Of an acceptor's keys: they are in a credential cache.
const USER_TO_USER: u8 = 2;
