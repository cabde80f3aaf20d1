//! Who is there in every world, and their keys.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use orthros_crypto::Enctype;
use orthros_kdc::{DurableStore, MemoryStore, PrincipalEntry, PrincipalFlags, PrincipalKey, Store};
use orthros_types::keytab::{Keytab, KeytabEntry};
use orthros_types::{EncryptionType, KeyBlock, Principal, Timestamp};
use tempfile::TempDir;

use crate::random::SeededRandom;

/// The principals of a realm, whose keys are made once for all worlds, and the keytab of its service.
#[derive(Debug)]
pub struct SimulatedRealm {
    entries: Vec<PrincipalEntry>,
    directory: TempDir,
}

impl SimulatedRealm {
    /// A realm with a user, a service and a ticket-granting service.
    ///
    /// # Errors
    ///
    /// Where there is no room for a keytab.
    pub fn new() -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let random = &mut SeededRandom::new(1);
        let mut user = with_keys(user(), |enctype| {
            PrincipalKey::from_password(&user_of(REALM), PASSWORD, 1, enctype).ok()
        });
        user.flags |= PrincipalFlags::REQUIRES_PREAUTH;
        let mut random_key = |enctype| PrincipalKey::random(2, enctype, random).ok();
        let service = with_keys(service(), &mut random_key);
        let granting = with_keys(ticket_granting(), &mut random_key);
        let realm = Self {
            entries: vec![user, service, granting],
            directory,
        };
        fs::write(
            realm.keytab(),
            realm.service_keys().encode().map_err(io::Error::other)?,
        )?;
        Ok(realm)
    }

    /// A store that has all of them.
    pub(super) fn store(&self) -> Arc<dyn Store> {
        let store = MemoryStore::new();
        for entry in &self.entries {
            // No two have one name.
            let _ = store.put(entry.clone());
        }
        Arc::new(store)
    }

    /// A store of all of them in a file of that name, in which the user has been given [`OTHER_PASSWORD`] since.
    pub(super) fn store_in_file(&self, name: &str) -> Result<DurableStore, String> {
        let path = self.directory.path().join(name);
        let _ = fs::remove_file(&path);
        let store = DurableStore::create(path, REALM).map_err(|error| error.to_string())?;
        for entry in &self.entries {
            let put = store.put(entry.clone());
            put.map_err(|error| error.to_string())?;
        }
        let [user, ..] = self.entries.as_slice() else {
            return Err("there is no user".to_owned());
        };
        let mut user = user.clone();
        let changed = user.set_password(OTHER_PASSWORD, &ENCTYPES);
        changed.map_err(|error| error.to_string())?;
        store.put(user).map_err(|error| error.to_string())?;
        Ok(store)
    }

    /// The service's keytab, a file.
    pub(super) fn keytab(&self) -> PathBuf {
        self.directory.path().join("keytab")
    }

    /// A principal's key.
    pub(super) fn key(
        &self,
        principal: &Principal,
        enctype: EncryptionType,
    ) -> Option<&PrincipalKey> {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.principal == *principal)?;
        entry.key(Enctype::from_number(enctype.0)?, None)
    }

    fn service_keys(&self) -> Keytab {
        let services = self
            .entries
            .iter()
            .filter(|entry| entry.principal == service());
        let entries = services.flat_map(|entry| {
            entry.keys.iter().map(|key| KeytabEntry {
                principal: entry.principal.clone(),
                timestamp: Timestamp::EPOCH,
                kvno: key.kvno,
                key: KeyBlock::new(
                    EncryptionType(key.key.enctype().number()),
                    key.key.as_bytes().to_vec(),
                ),
            })
        });
        Keytab::new(entries.collect())
    }
}

/// The user of all worlds.
pub(super) fn user() -> Principal {
    user_of(REALM)
}

/// The service of all worlds.
pub(super) fn service() -> Principal {
    Principal::host_based("host", HOST, REALM)
}

/// The ticket-granting service of all worlds.
pub(super) fn ticket_granting() -> Principal {
    Principal::local_ticket_granting(REALM.as_bytes())
}

fn user_of(realm: &str) -> Principal {
    Principal::new(realm, ["alice"])
}

fn with_keys(
    principal: Principal,
    key: impl FnMut(Enctype) -> Option<PrincipalKey>,
) -> PrincipalEntry {
    PrincipalEntry::new(
        principal,
        ENCTYPES.iter().copied().filter_map(key).collect(),
    )
}

pub(super) const REALM: &str = "SIMULATION.TEST";
pub(super) const HOST: &str = "gate.simulation.test";
pub(super) const PASSWORD: &[u8] = b"correct horse";
/// What the user changes it to where the realm is kept in a file.
pub(super) const OTHER_PASSWORD: &[u8] = b"battery staple";
/// Those with cheap passwords: ten thousand worlds are to be over in a minute.
const ENCTYPES: [Enctype; 2] = [
    Enctype::AES256_CTS_HMAC_SHA1_96,
    Enctype::AES128_CTS_HMAC_SHA1_96,
];
