//! Which services may act for their clients (`S4U2Proxy`), and for any user (protocol transition; MS-SFU).

use orthros_kdc::server::Realm;
use orthros_kdc::{PrincipalEntry, PrincipalFlags};
use orthros_types::Principal;

use crate::failure::{Failure, While as _};

/// A service, and one to which it may pass on its clients.
#[derive(Clone, Debug)]
pub(super) struct Delegation {
    service: String,
    target: String,
}

/// Reads `SERVICE=TARGET`.
pub(super) fn parse(text: &str) -> Result<Delegation, String> {
    match text.split_once('=') {
        Some((service, target)) if !service.is_empty() && !target.is_empty() => Ok(Delegation {
            service: service.to_owned(),
            target: target.to_owned(),
        }),
        _ => Err("not of the form SERVICE=TARGET".to_owned()),
    }
}

/// Writes into the store what the command line says; what is there already stays.
pub(super) fn allow(
    realm: &Realm,
    delegations: &[Delegation],
    transitions: &[String],
) -> Result<(), Failure> {
    for delegation in delegations {
        let target = known(realm, &delegation.target)?;
        change(realm, &delegation.service, |entry| {
            if !entry.delegation_targets.contains(&target) {
                entry.delegation_targets.push(target.clone());
            }
        })?;
    }
    for service in transitions {
        change(realm, service, |entry| {
            entry.flags |= PrincipalFlags::OK_TO_AUTH_AS_DELEGATE;
        })?;
    }
    Ok(())
}

fn known(realm: &Realm, name: &str) -> Result<Principal, Failure> {
    let principal = realm.principal(name).while_doing(DOING)?;
    match realm.store().find(&principal).while_doing(DOING)? {
        Some(entry) => Ok(entry.principal.clone()),
        None => Err(unknown(&principal)),
    }
}

fn change(
    realm: &Realm,
    name: &str,
    mut change: impl FnMut(&mut PrincipalEntry),
) -> Result<(), Failure> {
    let principal = realm.principal(name).while_doing(DOING)?;
    let changed = realm.store().update(&principal, &mut change);
    match changed.while_doing(DOING)? {
        Some(_) => Ok(()),
        None => Err(unknown(&principal)),
    }
}

fn unknown(principal: &Principal) -> Failure {
    let what = format!("there is no principal {principal}; --service adds a service");
    Failure::new(what, DOING)
}

const DOING: &str = "allowing delegation";
