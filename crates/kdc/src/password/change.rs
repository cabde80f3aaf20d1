//! Whose password becomes what.

use alloc::sync::Arc;

use orthros_asn1::{ChangePasswdData, Message as _};
use orthros_crypto::Enctype;
use orthros_krb5::Principal;

use super::Session;
use super::message::{ChangeRequest, Version};
use crate::case::Case;
use crate::refusal::PasswordDefect;
use crate::{PrincipalEntry, PrincipalFlags, Refusal};

/// Gives the principal the password, if the client may.
pub(super) fn change(
    case: &Case<'_>,
    request: &ChangeRequest<'_>,
    session: &Session,
) -> Result<(), Refusal> {
    // A ticket that lies about in a cache is no proof that its owner sits there: the password was typed for this one.
    if !session.is_initial() {
        return Err(Refusal::Password(PasswordDefect::NotInitial));
    }
    let client = session.presented.ticket.client();
    let user_data = session.part.user_data.expose();
    match request.version {
        Version::Change => {
            let entry = known(case, &client)?;
            store(case, &entry, user_data)
        }
        Version::Set => {
            let data = ChangePasswdData::decode(user_data)?;
            let target = target(&client, &data);
            let entry = known(case, &target)?;
            check_may_set(case, &client, &entry)?;
            store(case, &entry, data.newpasswd.expose())
        }
    }
}

/// Whose password it is to be: the client's where nobody is named, and of its realm where none is.
fn target(client: &Principal, data: &ChangePasswdData) -> Principal {
    let Some(name) = &data.targname else {
        return client.clone();
    };
    let realm = data.targrealm.clone().unwrap_or_else(|| client.to_realm());
    Principal::from_message(realm, name.clone())
}

fn known(case: &Case<'_>, name: &Principal) -> Result<Arc<PrincipalEntry>, Refusal> {
    case.find(name)?.ok_or(Refusal::ClientUnknown)
}

/// Its own password everybody may set, others only who has the flag.
fn check_may_set(
    case: &Case<'_>,
    client: &Principal,
    target: &PrincipalEntry,
) -> Result<(), Refusal> {
    let client = known(case, client)?;
    let may_set = client.flags.contains(PrincipalFlags::MAY_SET_PASSWORDS);
    if may_set || client.principal == target.principal {
        Ok(())
    } else {
        Err(Refusal::Password(PasswordDefect::NotAllowed))
    }
}

fn store(case: &Case<'_>, entry: &PrincipalEntry, password: &[u8]) -> Result<(), Refusal> {
    let policy = case.policy();
    let least = policy.min_password_len;
    if password.len() < least {
        return Err(Refusal::Password(PasswordDefect::TooShort { least }));
    }
    let mut changed = entry.clone();
    changed.set_password(password, &enctypes(case, entry))?;
    changed
        .flags
        .remove(PrincipalFlags::REQUIRES_PASSWORD_CHANGE);
    let life = policy.max_password_life;
    changed.password_expiry = life.map(|life| case.now.saturating_add(life));
    Ok(case.kdc.store().put(changed)?)
}

/// The enctypes of the new keys: those that the principal has keys of, as far as they are permitted; else all that are.
fn enctypes(case: &Case<'_>, entry: &PrincipalEntry) -> alloc::vec::Vec<Enctype> {
    let permitted = &case.policy().enctypes;
    let current = entry.current_keys().map(|key| key.key.enctype());
    let kept: alloc::vec::Vec<Enctype> = current
        .filter(|enctype| permitted.contains(enctype))
        .collect();
    if kept.is_empty() {
        permitted.clone()
    } else {
        kept
    }
}
