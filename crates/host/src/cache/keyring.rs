//! KEYRING caches: in the kernel's keys, as MIT lays them out.
//!
//! A collection is a keyring, and so is each of its caches, which holds a key for each credential, one for the default
//! principal and maybe one for the KDC's clock: see [`orthros_types::keyring`]. What follows from that:
//!
//! - A ticket takes the place of one for the same server, as the keys of a keyring have different names. The order in
//!   which tickets were stored is not kept.
//! - Tickets go when they end, and a cache with the last of them: the kernel's timeouts say so.
//! - A user has a quota of keys. What does not fit changes nothing: a cache is begun anew in a keyring of its own,
//!   which takes the old one's place once it is whole. Tickets are in keys of the type `big_key`, of which next to
//!   nothing counts, where the kernel has that type.
//! - Only what a process holds it may read. Each call looks from the beginning, on the thread that it is made on, as
//!   threads may hold different keys.

mod error;
mod kernel;
mod residual;

use std::collections::HashSet;
use std::sync::Arc;

use orthros_krb5::crypto::{RandomSource as _, SecretVec};
use orthros_types::ccache::{self, CacheContents, CacheFormat, KdcOffset};
use orthros_types::{Credential, CredentialQuery, Principal, Timestamp, keyring};

use super::{CacheBackend, CacheError, CacheName, CacheType, NewContents};
use crate::clock::Clock;
use crate::random::EnvironmentRandom;
pub use error::{KeyAction, KeyringError};
use kernel::{Key, KeyType};
use residual::{Residual, session};

pub(super) const TYPE: CacheType = CacheType {
    name: "KEYRING",
    is_switchable: true,
    is_in_process: false,
    check: |residual| Residual::check(residual),
    open: |scope| {
        Arc::new(KeyringCaches {
            random: scope.random.clone(),
            clock: scope.clock.clone(),
        })
    },
};

/// Caches in the kernel's keys.
struct KeyringCaches {
    random: EnvironmentRandom,
    clock: Arc<dyn Clock>,
}

impl CacheBackend for KeyringCaches {
    fn primary(&self, name: &CacheName) -> Result<CacheName, CacheError> {
        of_name(name, || {
            let residual = Residual::of(name)?;
            if residual.cache().is_some() {
                return Ok(name.clone());
            }
            let primary = match residual.find_collection()? {
                Some(collection) => primary(collection)?,
                None => None,
            };
            let primary = primary.as_deref().unwrap_or(residual.first_cache());
            Ok(name.with_residual(residual.member(primary)))
        })
    }

    fn members(&self, default: Option<&CacheName>) -> Result<Vec<CacheName>, CacheError> {
        let Some(default) = default else {
            return Ok(Vec::new());
        };
        of_name(default, || {
            let residual = Residual::of(default)?;
            if residual.cache().is_some() {
                let is_there = find(default)?.is_some();
                return Ok(is_there.then(|| default.clone()).into_iter().collect());
            }
            let names = match residual.find_collection()? {
                Some(collection) => members(collection)?,
                None => Vec::new(),
            };
            let named = names.iter().map(|cache| residual.member(cache));
            Ok(named
                .map(|residual| default.with_residual(residual))
                .collect())
        })
    }

    fn new_member(&self, name: &CacheName) -> Result<CacheName, CacheError> {
        let residual = of_name(name, || Residual::of(name))?;
        if residual.cache().is_some() {
            return Err(CacheError::NoCollection { name: name.clone() });
        }
        for _ in 0..TRIES {
            let cache = format!("{NEW_PREFIX}{}", self.random_letters::<7>()?);
            let is_new = of_name(name, || {
                let collection = residual.make_collection()?;
                if collection.search(KeyType::Keyring, &cache, None)?.is_some() {
                    return Ok(false);
                }
                // Made, so that nothing else takes the name.
                collection.add_keyring(&cache).map(|_| true)
            })?;
            if is_new {
                return Ok(name.with_residual(residual.member(&cache)));
            }
        }
        of_name(name, || Err(KeyringError::NoNewName))
    }

    fn make_primary(&self, name: &CacheName) -> Result<(), CacheError> {
        of_name(name, || {
            let residual = Residual::of(name)?;
            match residual.cache() {
                Some(cache) => set_primary(residual.make_collection()?, cache),
                None => Ok(()),
            }
        })
    }

    fn contents(&self, name: &CacheName) -> Result<Arc<CacheContents>, CacheError> {
        let contents = of_name(name, || match find(name)? {
            Some(cache) => contents(cache),
            None => Ok(None),
        })?;
        contents.map(Arc::new).ok_or_else(|| absent(name))
    }

    fn initialize(&self, name: &CacheName, contents: NewContents<'_>) -> Result<(), CacheError> {
        let workshop = self.random_letters::<16>()?;
        of_name(name, || {
            let residual = Residual::of(name)?;
            let collection = residual.make_collection()?;
            if primary(collection)?.is_none() {
                set_primary(collection, residual.first_cache())?;
            }
            with_workshop(&workshop, |workshop| {
                let cache = residual.cache().unwrap_or(residual.first_cache());
                let new = workshop.add_keyring(cache)?;
                self.fill(new, &residual, contents)?;
                collection.link(new)?;
                if residual.is_linked_to_session() {
                    // As by MIT: not to be found by old programs is no reason to fail.
                    let _ = session().link(new);
                }
                Ok(())
            })
        })
    }

    fn store(&self, name: &CacheName, credentials: &[Credential]) -> Result<(), CacheError> {
        let workshop = self.random_letters::<16>()?;
        let stored = of_name(name, || {
            let residual = Residual::of(name)?;
            let Some(cache) = find(name)? else {
                return Ok(None);
            };
            let Some(before) = contents(cache)? else {
                return Ok(None);
            };
            let now = kdc_time(&*self.clock, before.kdc_offset);
            if let [credential] = credentials {
                // The kernel adds or changes a key as one step.
                add(cache, &residual, credential, now)?;
            } else {
                with_workshop(&workshop, |workshop| {
                    add_all(cache, &residual, credentials, now, workshop)
                })?;
            }
            limit(cache, before.credentials.iter().chain(credentials), now);
            Ok(Some(()))
        })?;
        stored.ok_or_else(|| absent(name))
    }

    fn remove(&self, name: &CacheName, query: &CredentialQuery<'_>) -> Result<usize, CacheError> {
        let removed = of_name(name, || {
            let Some(cache) = find(name)? else {
                return Ok(None);
            };
            if principal(cache)?.is_none() {
                return Ok(None);
            }
            let mut count = 0;
            for (key, payload) in ticket_keys(cache)? {
                // What can't be understood matches nothing.
                let matches =
                    ccache::decode_credential(&payload).is_ok_and(|each| query.matches(&each));
                if matches && cache.unlink(key)? {
                    count += 1;
                }
            }
            Ok(Some(count))
        })?;
        removed.ok_or_else(|| absent(name))
    }

    fn destroy(&self, name: &CacheName) -> Result<(), CacheError> {
        let destroyed = of_name(name, || {
            let residual = Residual::of(name)?;
            let Some(cache) = find(name)? else {
                return Ok(None);
            };
            // First what is in it, which a program that has opened it would find otherwise.
            cache.clear()?;
            if let Some(collection) = residual.find_collection()? {
                collection.unlink(cache)?;
            }
            if residual.is_linked_to_session() {
                session().unlink(cache)?;
            }
            Ok(Some(()))
        })?;
        destroyed.ok_or_else(|| absent(name))
    }
}

impl KeyringCaches {
    /// Puts all of a new cache into a keyring that is empty.
    fn fill(
        &self,
        cache: Key,
        residual: &Residual<'_>,
        contents: NewContents<'_>,
    ) -> Result<(), KeyringError> {
        let principal = ccache::encode_principal(contents.principal)?;
        cache.add(KeyType::User, keyring::PRINCIPAL_KEY, &principal)?;
        // Programs that know no collections would take it for a ticket.
        if let Some(offset) = contents
            .kdc_offset
            .filter(|_| !residual.is_linked_to_session())
        {
            let payload = keyring::encode_time_offsets(offset);
            cache.add(KeyType::User, keyring::TIME_OFFSETS_KEY, &payload)?;
        }
        let now = kdc_time(&*self.clock, contents.kdc_offset);
        for credential in contents.credentials {
            add(cache, residual, credential, now)?;
        }
        limit(cache, contents.credentials, now);
        Ok(())
    }

    /// So many letters and digits that can't be foreseen.
    fn random_letters<const N: usize>(&self) -> Result<String, CacheError> {
        let mut bytes = [0; N];
        let drawn = self.random.clone().fill(&mut bytes);
        drawn.map_err(CacheError::Random)?;
        let letter = |byte: &u8| {
            let index = usize::from(*byte) % LETTERS.len();
            char::from(LETTERS.get(index).copied().unwrap_or(b'a'))
        };
        Ok(bytes.iter().map(letter).collect())
    }
}

/// What goes wrong is said of this cache.
fn of_name<T>(
    name: &CacheName,
    call: impl FnOnce() -> Result<T, KeyringError>,
) -> Result<T, CacheError> {
    call().map_err(|error| CacheError::Keyring {
        name: name.clone(),
        error,
    })
}

/// A keyring of this process in which things are made before they are put where they belong, and which is gone
/// afterwards with what has stayed in it.
fn with_workshop<T>(
    name: &str,
    work: impl FnOnce(Key) -> Result<T, KeyringError>,
) -> Result<T, KeyringError> {
    let workshop = Key::PROCESS.add_keyring(&format!("{WORKSHOP_PREFIX}{name}"))?;
    let done = work(workshop);
    // It ends with the process at the latest.
    let _ = Key::PROCESS.unlink(workshop);
    done
}

/// A cache's keyring; `None` where there is none.
fn find(name: &CacheName) -> Result<Option<Key>, KeyringError> {
    let residual = Residual::of(name)?;
    let cache = residual.cache().unwrap_or(residual.first_cache());
    if let Some(collection) = residual.find_collection()?
        && let Some(found) = collection.search(KeyType::Keyring, cache, None)?
    {
        return Ok(Some(found));
    }
    match residual.is_linked_to_session() {
        // Of a program that knows no collections.
        true => session().search(KeyType::Keyring, cache, None),
        false => Ok(None),
    }
}

/// The name of a collection's primary cache; `None` where none has been chosen.
fn primary(collection: Key) -> Result<Option<String>, KeyringError> {
    let key = collection.search(KeyType::User, keyring::PRIMARY_KEY, None)?;
    let Some(payload) = key.map_or(Ok(None), Key::read)? else {
        return Ok(None);
    };
    let name = keyring::decode_primary(&payload).map_err(KeyringError::Format)?;
    let name = str::from_utf8(name).map_err(|_| KeyringError::Name)?;
    Ok(Some(name.to_owned()))
}

fn set_primary(collection: Key, cache: &str) -> Result<(), KeyringError> {
    let payload = keyring::encode_primary(cache.as_bytes()).map_err(KeyringError::Format)?;
    collection
        .add(KeyType::User, keyring::PRIMARY_KEY, &payload)
        .map(drop)
}

/// The names of a collection's caches, the primary one first, the others by name.
fn members(collection: Key) -> Result<Vec<String>, KeyringError> {
    let primary = primary(collection)?;
    let mut names = Vec::new();
    for key in collection.members()?.unwrap_or_default() {
        let description = key.describe()?.filter(|description| description.is_keyring);
        names.extend(description.map(|description| description.name));
    }
    names.sort_by(|one, other| {
        let is_other = |name: &String| Some(name) != primary.as_ref();
        (is_other(one), one).cmp(&(is_other(other), other))
    });
    Ok(names)
}

/// Whose cache it is; `None` where it has not been initialised, or is gone.
fn principal(cache: Key) -> Result<Option<Principal>, KeyringError> {
    let key = cache.search(KeyType::User, keyring::PRINCIPAL_KEY, None)?;
    let payload = key.map_or(Ok(None), Key::read)?;
    let principal = payload.map(|payload| ccache::decode_principal(&payload));
    principal.transpose().map_err(KeyringError::Principal)
}

/// All that is in a cache; `None` where it has not been initialised, or is gone.
fn contents(cache: Key) -> Result<Option<CacheContents>, KeyringError> {
    let Some(principal) = principal(cache)? else {
        return Ok(None);
    };
    let mut contents = CacheContents::new(principal, kdc_offset(cache)?, Vec::new());
    for (_, payload) in ticket_keys(cache)? {
        match ccache::decode_credential(&payload) {
            Ok(credential) => contents.credentials.push(credential),
            // The others are good nevertheless.
            Err(error) => contents.damage = Some(error),
        }
    }
    Ok(Some(contents))
}

/// The KDC's clock less ours, where that is noted.
fn kdc_offset(cache: Key) -> Result<Option<KdcOffset>, KeyringError> {
    let key = cache.search(KeyType::User, keyring::TIME_OFFSETS_KEY, None)?;
    let payload = key.map_or(Ok(None), Key::read)?;
    let offset = payload.map(|payload| keyring::decode_time_offsets(&payload));
    offset.transpose().map_err(KeyringError::Format)
}

/// The keys of a cache that hold credentials, with what is in them. Those that go meanwhile are passed over.
fn ticket_keys(cache: Key) -> Result<Vec<(Key, SecretVec)>, KeyringError> {
    let mut others = HashSet::new();
    for name in [keyring::PRINCIPAL_KEY, keyring::TIME_OFFSETS_KEY] {
        others.extend(cache.search(KeyType::User, name, None)?);
    }
    let mut keys = Vec::new();
    for key in cache.members()?.unwrap_or_default() {
        if !others.contains(&key)
            && let Some(payload) = key.read()?
        {
            keys.push((key, payload));
        }
    }
    Ok(keys)
}

/// Adds a credential's key to a keyring, in the place of one for the same server.
fn add(
    keyring: Key,
    residual: &Residual<'_>,
    credential: &Credential,
    now: Timestamp,
) -> Result<(), KeyringError> {
    let payload = ccache::encode_credential(credential, CacheFormat::Version4)?;
    let name = key_name(&credential.server);
    let big = match residual.is_legacy() {
        true => None,
        false => match keyring.add(KeyType::Big, &name, &payload) {
            Ok(key) => Some(key),
            Err(error) if Key::is_unknown_type(&error) => None,
            Err(error) => return Err(error),
        },
    };
    let key = big.map_or_else(|| keyring.add(KeyType::User, &name, &payload), Ok)?;
    let left = seconds_between(now, credential.times.endtime);
    if left > 0 {
        // As by MIT: without it the ticket is merely kept for longer.
        let _ = key.set_timeout(left);
    }
    Ok(())
}

/// Adds credentials to a cache: all, or none where that fails. They are made in a workshop first, where what they take
/// the place of is kept meanwhile.
fn add_all(
    cache: Key,
    residual: &Residual<'_>,
    credentials: &[Credential],
    now: Timestamp,
    workshop: Key,
) -> Result<(), KeyringError> {
    let (new, old) = (workshop.add_keyring("new")?, workshop.add_keyring("old")?);
    for credential in credentials {
        add(new, residual, credential, now)?;
        let name = key_name(&credential.server);
        for key_type in [KeyType::Big, KeyType::User] {
            // A kernel without big keys has none of this name.
            if let Ok(Some(replaced)) = cache.search(key_type, &name, None) {
                old.link(replaced)?;
            }
        }
    }
    let new = new.members()?.unwrap_or_default();
    let linked = new.iter().try_for_each(|key| cache.link(*key));
    if linked.is_err() {
        // The first error is the one to be told.
        for key in &new {
            let _ = cache.unlink(*key);
        }
        for key in old.members()?.unwrap_or_default() {
            let _ = cache.link(key);
        }
    }
    linked
}

/// Has a cache end with the last of its tickets, as MIT does; at once where all have ended.
fn limit<'a>(cache: Key, credentials: impl IntoIterator<Item = &'a Credential>, now: Timestamp) {
    let ends = credentials.into_iter().map(|each| each.times.endtime);
    let last = ends.max().filter(|end| *end != Timestamp::EPOCH);
    if let Some(last) = last {
        // Without it the cache is merely kept for longer. 0 would be for ever.
        let _ = cache.set_timeout(seconds_between(now, last).max(1));
    }
}

/// The name of the key of a ticket: its server's. Octets that are no text are written in a way that no other name is,
/// as a name's backslashes are doubled.
fn key_name(server: &Principal) -> String {
    let name = server.unparse();
    let chunks = name.utf8_chunks();
    let mut text = String::with_capacity(name.len());
    for chunk in chunks {
        text.push_str(chunk.valid());
        for octet in chunk.invalid() {
            text.push_str(&format!("\\x{octet:02x}"));
        }
    }
    text
}

/// Now, by the KDC's clock.
fn kdc_time(clock: &dyn Clock, offset: Option<KdcOffset>) -> Timestamp {
    let now = clock.now();
    offset.map_or(now, |offset| offset.apply(now))
}

/// Seconds from one time to a later one; 0 where it is not later.
fn seconds_between(from: Timestamp, to: Timestamp) -> u32 {
    to.to_u32_saturating()
        .saturating_sub(from.to_u32_saturating())
}

fn absent(name: &CacheName) -> CacheError {
    CacheError::Absent { name: name.clone() }
}

/// What MIT's names for new caches begin with.
const NEW_PREFIX: &str = "krb_ccache_";
const WORKSHOP_PREFIX: &str = "_orthros_";
const TRIES: usize = 100;
const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

#[cfg(test)]
mod tests;
