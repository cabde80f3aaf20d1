//! KCM caches: with a daemon that keeps them for all processes of a user, as sssd's or Heimdal's.
//!
//! `KCM:` is the collection of the user that the daemon sees at the other end of its socket, `KCM:name` a cache of it.
//! Which daemon that is, the configuration alone says: it is trusted with the tickets of those who connect, and not
//! asked who it is, as by MIT. What may connect and what belongs to whom is the daemon's business.
//!
//! Each call is a connection of its own, and one round trip in most cases. What a daemon does not have is done in
//! another way: credentials are listed one by one, a cache is begun anew in steps. sssd's daemon can't
//! remove single credentials.

mod connection;
mod error;

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use orthros_types::ccache::{CacheContents, KdcOffset};
use orthros_types::config::Config;
use orthros_types::kcm::{KcmOperation, KcmReply, KcmRequest, KcmUuid};
use orthros_types::{Credential, CredentialQuery};

use super::{CacheBackend, CacheError, CacheName, CacheType, NewContents};
use connection::{Answer, Connection, says_unsupported};
pub use error::KcmError;

pub(super) const TYPE: CacheType = CacheType {
    name: "KCM",
    is_switchable: true,
    is_in_process: false,
    check: |_| Ok(()),
    open: |scope| Arc::new(KcmCaches::new(scope.config)),
};

/// The caches of one daemon.
struct KcmCaches {
    socket: PathBuf,
    patience: Duration,
}

impl CacheBackend for KcmCaches {
    fn primary(&self, name: &CacheName) -> Result<CacheName, CacheError> {
        if !name.residual().is_empty() {
            return Ok(name.clone());
        }
        self.with(name, |connection| {
            let primary = connection.call(KcmRequest::GetDefaultCache)?;
            Ok(member(name, primary.read(KcmReply::name)?))
        })
    }

    fn members(&self, default: Option<&CacheName>) -> Result<Vec<CacheName>, CacheError> {
        let Some(default) = default else {
            return Ok(Vec::new());
        };
        self.with(default, |connection| match default.residual().as_bytes() {
            [] => members(connection, default),
            cache => {
                let principal = connection.call(KcmRequest::GetPrincipal { cache })?;
                let is_there =
                    !principal.is_absent() && principal.read(KcmReply::principal)?.is_some();
                Ok(is_there.then(|| default.clone()).into_iter().collect())
            }
        })
    }

    fn new_member(&self, name: &CacheName) -> Result<CacheName, CacheError> {
        self.with(name, |connection| {
            let new = connection.call(KcmRequest::GenNew)?;
            Ok(member(name, new.read(KcmReply::name)?))
        })
    }

    fn make_primary(&self, name: &CacheName) -> Result<(), CacheError> {
        let cache = name.residual().as_bytes();
        self.with(name, |connection| {
            connection
                .call(KcmRequest::SetDefaultCache { cache })?
                .require_success()
        })
    }

    fn contents(&self, name: &CacheName) -> Result<Arc<CacheContents>, CacheError> {
        let contents = self.with(name, |connection| contents(connection, name))?;
        contents.map(Arc::new).ok_or_else(|| absent(name))
    }

    fn initialize(&self, name: &CacheName, contents: NewContents<'_>) -> Result<(), CacheError> {
        let cache = name.residual().as_bytes();
        self.with(name, |connection| {
            let replaced = connection.call(KcmRequest::Replace {
                cache,
                // As by MIT, whose protocol has no word for a clock that is not known.
                seconds: contents.kdc_offset.map_or(0, |offset| offset.seconds),
                principal: contents.principal,
                credentials: contents.credentials,
            })?;
            if !replaced.is_unsupported() {
                return replaced.require_success();
            }
            // The same in steps. What was there comes back where one of them fails.
            let before = self::contents(connection, name)?;
            let begun = initialize(connection, cache, contents);
            if let (Err(_), Some(before)) = (&begun, before) {
                let before = NewContents {
                    principal: &before.principal,
                    kdc_offset: before.kdc_offset,
                    credentials: &before.credentials,
                };
                // The first error is the one to be told.
                let _ = Connection::open(&self.socket, self.patience)
                    .and_then(|mut connection| initialize(&mut connection, cache, before));
            }
            begun
        })
    }

    fn store(&self, name: &CacheName, credentials: &[Credential]) -> Result<(), CacheError> {
        let cache = name.residual().as_bytes();
        let stored = self.with(name, |connection| {
            // A daemon may make a cache of what is stored in none.
            let principal = connection.call(KcmRequest::GetPrincipal { cache })?;
            if principal.is_absent() || principal.read(KcmReply::principal)?.is_none() {
                return Ok(None);
            }
            store(connection, cache, credentials).map(Some)
        })?;
        stored.ok_or_else(|| absent(name))
    }

    fn remove(&self, name: &CacheName, query: &CredentialQuery<'_>) -> Result<usize, CacheError> {
        let cache = name.residual().as_bytes();
        let removed = self.with(name, |connection| {
            let Some(contents) = contents(connection, name)? else {
                return Ok(None);
            };
            let matching = contents
                .credentials
                .iter()
                .filter(|each| query.matches(each));
            let mut count = 0;
            for credential in matching {
                count += 1;
                let removed = connection.call(KcmRequest::RemoveCred { cache, credential })?;
                // One that equals another in all that matters goes with that one.
                if !removed.is_absent() {
                    removed.require_success()?;
                }
            }
            Ok(Some(count))
        })?;
        removed.ok_or_else(|| absent(name))
    }

    /// Where the daemon can't remove, the new one is stored behind the old: the newest note of a name counts.
    fn replace(
        &self,
        name: &CacheName,
        query: &CredentialQuery<'_>,
        credential: &Credential,
    ) -> Result<(), CacheError> {
        match self.remove(name, query) {
            Err(CacheError::Kcm {
                error:
                    KcmError::Refused {
                        operation: KcmOperation::REMOVE_CRED,
                        status,
                    },
                ..
            }) if says_unsupported(status) => {}
            removed => drop(removed?),
        }
        self.store(name, core::slice::from_ref(credential))
    }

    fn destroy(&self, name: &CacheName) -> Result<(), CacheError> {
        let cache = name.residual().as_bytes();
        let destroyed = self.with(name, |connection| {
            let destroyed = connection.call(KcmRequest::Destroy { cache })?;
            match destroyed.is_absent() {
                true => Ok(None),
                false => destroyed.require_success().map(Some),
            }
        })?;
        destroyed.ok_or_else(|| absent(name))
    }
}

impl KcmCaches {
    fn new(config: &Config) -> Self {
        Self {
            socket: config.kcm_socket().unwrap_or(DEFAULT_SOCKET).into(),
            patience: PATIENCE,
        }
    }

    /// Connects for one call. What goes wrong is said of this cache.
    fn with<T>(
        &self,
        name: &CacheName,
        call: impl FnOnce(&mut Connection) -> Result<T, KcmError>,
    ) -> Result<T, CacheError> {
        let connected = match self.socket.as_os_str().as_bytes() {
            NO_SOCKET => Err(KcmError::Disabled),
            _ => Connection::open(&self.socket, self.patience),
        };
        let result = connected.and_then(|mut connection| call(&mut connection));
        result.map_err(|error| CacheError::Kcm {
            name: name.clone(),
            socket: self.socket.clone(),
            error,
        })
    }
}

/// The caches of a collection, the primary one first, the others as the daemon lists them.
fn members(
    connection: &mut Connection,
    collection: &CacheName,
) -> Result<Vec<CacheName>, KcmError> {
    let answers =
        connection.call_all(&[KcmRequest::GetCacheUuidList, KcmRequest::GetDefaultCache])?;
    let [listed, primary] = &answers[..] else {
        return Err(KcmError::Closed);
    };
    // A daemon that has none may say that there is no such file.
    if listed.is_absent() {
        return Ok(Vec::new());
    }
    let uuids = bounded(listed.read(KcmReply::uuids)?)?;
    let requests = uuids
        .into_iter()
        .map(|uuid| KcmRequest::GetCacheByUuid { uuid });
    let answers = connection.call_all(&requests.collect::<Vec<_>>())?;
    // Some may have gone meanwhile.
    let names = answers.iter().filter(|answer| !answer.is_absent());
    let names = names.map(|answer| answer.read(KcmReply::name));
    let mut names = names.collect::<Result<Vec<_>, _>>()?;
    let primary = primary.read(KcmReply::name)?;
    names.sort_by_key(|name| *name != primary);
    Ok(names
        .into_iter()
        .map(|name| member(collection, name))
        .collect())
}

/// All that is in a cache; `None` where there is no such cache.
fn contents(
    connection: &mut Connection,
    name: &CacheName,
) -> Result<Option<CacheContents>, KcmError> {
    let cache = name.residual().as_bytes();
    let answers = connection.call_all(&[
        KcmRequest::GetPrincipal { cache },
        KcmRequest::GetKdcOffset { cache },
        KcmRequest::GetCredList { cache },
    ])?;
    let [principal, offset, credentials] = &answers[..] else {
        return Err(KcmError::Closed);
    };
    if principal.is_absent() {
        return Ok(None);
    }
    let Some(principal) = principal.read(KcmReply::principal)? else {
        return Ok(None);
    };
    let mut credentials = match credentials.is_unsupported() {
        true => by_uuid(connection, cache)?,
        false => credentials.read(KcmReply::credentials)?,
    };
    drop_old_notes(&mut credentials);
    Ok(Some(CacheContents::new(
        principal,
        kdc_offset(offset)?,
        credentials,
    )))
}

/// Of several notes of one name the newest, which is the last one, counts.
fn drop_old_notes(credentials: &mut Vec<Credential>) {
    let mut seen = HashSet::new();
    let mut is_newest: Vec<bool> = credentials
        .iter()
        .rev()
        .map(|credential| !credential.is_config() || seen.insert(credential.server.unparse()))
        .collect();
    credentials.retain(|_| is_newest.pop().unwrap_or(true));
}

/// The credentials one by one, of a daemon that does not list them at once.
fn by_uuid(connection: &mut Connection, cache: &[u8]) -> Result<Vec<Credential>, KcmError> {
    let listed = connection.call(KcmRequest::GetCredUuidList { cache })?;
    let uuids = bounded(listed.read(KcmReply::uuids)?)?;
    let requests = uuids
        .into_iter()
        .map(|uuid| KcmRequest::GetCredByUuid { cache, uuid });
    let answers = connection.call_all(&requests.collect::<Vec<_>>())?;
    // Some may have gone meanwhile.
    let found = answers.iter().filter(|answer| !answer.is_absent());
    found
        .map(|answer| answer.read(KcmReply::credential))
        .collect()
}

/// 0 is how the protocol says that the KDC's clock is ours, or not known. That a daemon does not know it is no error.
fn kdc_offset(answer: &Answer) -> Result<Option<KdcOffset>, KcmError> {
    if !answer.is_success() {
        return Ok(None);
    }
    let seconds = answer.read(KcmReply::kdc_offset)?;
    let is_known = !matches!(seconds, 0 | UNKNOWN_OFFSET);
    Ok(is_known.then_some(KdcOffset {
        seconds,
        microseconds: 0,
    }))
}

/// Begins a cache anew, step by step.
fn initialize(
    connection: &mut Connection,
    cache: &[u8],
    contents: NewContents<'_>,
) -> Result<(), KcmError> {
    let principal = contents.principal;
    connection
        .call(KcmRequest::Initialize { cache, principal })?
        .require_success()?;
    if let Some(KdcOffset { seconds, .. }) = contents.kdc_offset {
        // As by MIT, no reason to have no cache.
        let _ = connection.call(KcmRequest::SetKdcOffset { cache, seconds })?;
    }
    store(connection, cache, contents.credentials)
}

fn store(
    connection: &mut Connection,
    cache: &[u8],
    credentials: &[Credential],
) -> Result<(), KcmError> {
    let stores = credentials
        .iter()
        .map(|credential| KcmRequest::Store { cache, credential });
    let answers = connection.call_all(&stores.collect::<Vec<_>>())?;
    answers.iter().try_for_each(Answer::require_success)
}

fn bounded(uuids: Vec<KcmUuid>) -> Result<Vec<KcmUuid>, KcmError> {
    if uuids.len() > MOST {
        return Err(KcmError::TooMany {
            count: uuids.len(),
            most: MOST,
        });
    }
    Ok(uuids)
}

fn member(collection: &CacheName, name: &[u8]) -> CacheName {
    collection.with_residual(OsString::from_vec(name.to_vec()))
}

fn absent(name: &CacheName) -> CacheError {
    CacheError::Absent { name: name.clone() }
}

/// Heimdal's, which MIT and sssd have taken over.
const DEFAULT_SOCKET: &str = "/var/run/.heim_org.h5l.kcm-socket";
/// The value of `kcm_socket` that says that there is none.
const NO_SOCKET: &[u8] = b"-";
/// How long a call waits for the daemon, which may have to be started first.
const PATIENCE: Duration = Duration::from_secs(15);
/// Of caches, and of credentials in one: far more than a daemon keeps for a user.
const MOST: usize = 10_000;
/// What sssd's daemon says while nothing is known of the KDC's clock.
const UNKNOWN_OFFSET: i32 = i32::MAX;

#[cfg(test)]
pub(super) mod tests;
