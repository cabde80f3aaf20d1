//! The principals of a realm.

use std::prelude::rust_2024::*;
use std::sync::Arc;

use orthros_crypto::{Enctype, RandomSource};
use orthros_host::{Clock, Environment};
use orthros_krb5::keytab::{Keytab, KeytabEntry};
use orthros_krb5::{KeyBlock, Principal, Timestamp};

use super::RealmError;
use crate::{PrincipalEntry, PrincipalFlags, PrincipalKey, Store};

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

/// Has a user with this password: one that is there already gets new keys only if the password is another, and keeps the old ones.
pub(super) fn ensure_user(
    store: &dyn Store,
    principal: Principal,
    password: &[u8],
    enctypes: &[Enctype],
) -> Result<(), RealmError> {
    let derive = |kvno| -> Result<Vec<PrincipalKey>, RealmError> {
        let keys = enctypes
            .iter()
            .map(|enctype| PrincipalKey::from_password(&principal, password, kvno, *enctype));
        let keys: Result<_, _> = keys.collect();
        keys.map_err(|error| RealmError::Password {
            principal: principal.clone(),
            error,
        })
    };
    let Some(known) = store.find(&principal)? else {
        let keys = derive(1)?;
        let mut entry = PrincipalEntry::new(principal, keys);
        entry.flags = PrincipalFlags::REQUIRES_PREAUTH;
        return Ok(store.put(entry)?);
    };
    let kvno = known.current_kvno().unwrap_or_default();
    let mut keys = derive(kvno)?;
    let is_known = |key: &PrincipalKey| {
        let current = known.key(key.key.enctype(), Some(kvno));
        current.is_some_and(|current| current.key == key.key)
    };
    if keys.iter().all(is_known) {
        return Ok(());
    }
    for key in &mut keys {
        key.kvno = kvno.saturating_add(1);
    }
    let mut entry = PrincipalEntry::clone(&known);
    keys.append(&mut entry.keys);
    entry.keys = keys;
    Ok(store.put(entry)?)
}

/// Has a principal whose keys nobody has to remember; one that is there already is left as it is.
pub(super) fn ensure_service(
    store: &dyn Store,
    principal: &Principal,
    flags: PrincipalFlags,
    enctypes: &[Enctype],
    random: &mut dyn RandomSource,
) -> Result<Arc<PrincipalEntry>, RealmError> {
    if let Some(known) = store.find(principal)? {
        return Ok(known);
    }
    let mut keys = Vec::with_capacity(enctypes.len());
    for enctype in enctypes {
        keys.push(PrincipalKey::random(1, *enctype, random)?);
    }
    let mut entry = PrincipalEntry::new(principal.clone(), keys);
    entry.flags = flags;
    store.put(entry.clone())?;
    Ok(Arc::new(entry))
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
