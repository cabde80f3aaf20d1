//! Which services of a realm may act for users (MS-SFU).

use std::prelude::rust_2024::*;

use orthros_types::Principal;

use super::{RealmError, principals};
use crate::{PrincipalEntry, PrincipalFlags, Store};

/// What a service is allowed, by names that are still to be looked up.
#[derive(Clone, Debug)]
pub(super) enum Delegation {
    /// By its own account, to pass on its clients to the target.
    To { service: String, target: String },
    /// By the target's account, to act for users towards it.
    From { target: String, service: String },
    /// To pass on any user.
    AnyUser { service: String },
}

impl Delegation {
    /// Writes it into the store; what is there already stays.
    pub(super) fn allow(&self, store: &dyn Store, realm: &str) -> Result<(), RealmError> {
        match self {
            Self::To { service, target } => {
                let target = known(store, realm, target)?;
                change(store, realm, service, |entry| {
                    add(&mut entry.delegation_targets, &target);
                })
            }
            Self::From { target, service } => {
                let service = known(store, realm, service)?;
                change(store, realm, target, |entry| {
                    add(&mut entry.delegation_sources, &service);
                })
            }
            Self::AnyUser { service } => change(store, realm, service, |entry| {
                entry.flags |= PrincipalFlags::OK_TO_AUTH_AS_DELEGATE;
            }),
        }
    }
}

fn add(names: &mut Vec<Principal>, name: &Principal) {
    if !names.contains(name) {
        names.push(name.clone());
    }
}

/// The canonical name of a principal that is there.
fn known(store: &dyn Store, realm: &str, name: &str) -> Result<Principal, RealmError> {
    let principal = principals::parse(name, realm)?;
    let Some(entry) = store.find(&principal)? else {
        return Err(RealmError::NoPrincipal { principal });
    };
    Ok(entry.principal.clone())
}

fn change(
    store: &dyn Store,
    realm: &str,
    name: &str,
    mut change: impl FnMut(&mut PrincipalEntry),
) -> Result<(), RealmError> {
    let principal = principals::parse(name, realm)?;
    match store.update(&principal, &mut change)? {
        Some(_) => Ok(()),
        None => Err(RealmError::NoPrincipal { principal }),
    }
}
