//! The principals of a realm.

use std::prelude::rust_2024::*;
use std::sync::Arc;

use orthros_crypto::{Enctype, RandomSource};
use orthros_host::{Clock, Environment};
use orthros_types::keytab::{Keytab, KeytabEntry};
use orthros_types::{Duration, KeyBlock, Principal, Timestamp};

use super::RealmError;
use crate::{PrincipalEntry, PrincipalFlags, PrincipalKey, Store, StoreError};

/// The principal of that name, which must be in the realm.
pub(super) fn parse(name: &str, realm: &str) -> Result<Principal, RealmError> {
    let parsed = Principal::parse(name, Some(realm.as_bytes()));
    let principal = parsed.map_err(|error| RealmError::Name {
        name: name.into(),
        error,
    })?;
    if principal.realm() != realm.as_bytes() {
        return Err(RealmError::OtherRealm {
            principal,
            realm: realm.into(),
        });
    }
    Ok(principal)
}

/// Has a user. One that is there already is left as it is, its password, too: that may have been changed since.
pub(super) fn seed_user(
    store: &dyn Store,
    principal: Principal,
    password: &[u8],
    enctypes: &[Enctype],
) -> Result<(), RealmError> {
    if store.find(&principal)?.is_some() {
        return Ok(());
    }
    let keys = enctypes
        .iter()
        .map(|enctype| PrincipalKey::from_password(&principal, password, 1, *enctype));
    let keys: Result<_, _> = keys.collect();
    let keys = keys.map_err(|error| RealmError::Password {
        principal: principal.clone(),
        error,
    })?;
    let mut entry = PrincipalEntry::new(principal, keys);
    entry.flags = PrincipalFlags::REQUIRES_PREAUTH;
    seed(store, entry)
}

/// Has a principal whose keys are random; one that is there already is left as it is.
pub(super) fn seed_service(
    store: &dyn Store,
    principal: &Principal,
    flags: PrincipalFlags,
    enctypes: &[Enctype],
    random: &mut dyn RandomSource,
) -> Result<(), RealmError> {
    if store.find(principal)?.is_some() {
        return Ok(());
    }
    let mut entry = PrincipalEntry::new(principal.clone(), random_keys(enctypes, random)?);
    entry.flags = flags;
    seed(store, entry)
}

/// Has the service that changes passwords; one that is there already is left as it is.
///
/// A ticket for it is as good as the password, so it lives five minutes, as MIT's `kdb5_util` has it, and is not
/// renewed.
pub(super) fn seed_password_service(
    store: &dyn Store,
    principal: &Principal,
    enctypes: &[Enctype],
    random: &mut dyn RandomSource,
) -> Result<(), RealmError> {
    if store.find(principal)?.is_some() {
        return Ok(());
    }
    let mut entry = PrincipalEntry::new(principal.clone(), random_keys(enctypes, random)?);
    entry.flags = PrincipalFlags::PASSWORD_CHANGE_SERVICE
        | PrincipalFlags::DISALLOW_TGT_BASED
        | PrincipalFlags::DISALLOW_RENEWABLE;
    entry.max_life = Some(Duration::from_seconds(300));
    seed(store, entry)
}

fn random_keys(
    enctypes: &[Enctype],
    random: &mut dyn RandomSource,
) -> Result<Vec<PrincipalKey>, RealmError> {
    let mut keys = Vec::with_capacity(enctypes.len());
    for enctype in enctypes {
        keys.push(PrincipalKey::random(1, *enctype, random)?);
    }
    Ok(keys)
}

/// Adds a principal where its name is free; one that is there already is left as it is.
pub(super) fn seed(store: &dyn Store, entry: PrincipalEntry) -> Result<(), RealmError> {
    if store.find(&entry.principal)?.is_some() {
        return Ok(());
    }
    match store.put_if(entry, None) {
        // Another has made it at the same time.
        Err(StoreError::Changed { .. }) => Ok(()),
        stored => Ok(stored.map(drop)?),
    }
}

/// All keys of a principal as a keytab has them.
pub(super) fn keytab_entries(
    entry: &PrincipalEntry,
    timestamp: Timestamp,
) -> impl Iterator<Item = KeytabEntry> {
    entry.keys.iter().map(move |key| KeytabEntry {
        principal: entry.principal.clone(),
        timestamp,
        kvno: key.kvno,
        key: KeyBlock::from(&key.key),
    })
}

/// An environment for clients and services of the realm.
pub(super) fn environment(
    krb5_conf: &str,
    clock: &Arc<dyn Clock>,
    keytab: &Keytab,
) -> Result<Environment, RealmError> {
    let environment = Environment::builder()
        .config_text("krb5.conf of the realm", krb5_conf)?
        .clock(Arc::clone(clock))
        .default_cache("MEMORY:realm")
        .default_keytab("MEMORY:realm")
        .build();
    let memory = environment.default_keytab()?;
    for entry in keytab.entries() {
        memory.add(entry)?;
    }
    Ok(environment)
}
