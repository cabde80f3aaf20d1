//! The change of a password: which principal's, and whether the client may.

use alloc::vec::Vec;

use orthros_asn1::{ChangePasswdData, Message as _};
use orthros_crypto::Enctype;
use orthros_types::Principal;

use super::Session;
use super::message::{ChangeRequest, Version};
use crate::context::RequestContext;
use crate::error::PasswordChangeError;
use crate::{
    PrincipalEntry, PrincipalFlags, PrincipalKey, RequestError, StoreError, StoredEntry,
    principal_state,
};

/// Gives the principal the password, if the client may.
///
/// Permissions are checked again where the principal was changed in between: a lock of that moment counts, and is
/// never undone.
pub(super) fn change(
    context: &RequestContext<'_>,
    request: &ChangeRequest<'_>,
    session: &Session,
) -> Result<(), RequestError> {
    let mut attempts = ATTEMPTS;
    loop {
        attempts -= 1;
        match attempt(context, request, session) {
            Err(RequestError::Store(StoreError::Changed { .. })) if attempts > 0 => {}
            changed => return changed,
        }
    }
}

/// How often a principal is read again that others change at the same time. Each time keys are derived of the
/// password.
const ATTEMPTS: u32 = 4;

fn attempt(
    context: &RequestContext<'_>,
    request: &ChangeRequest<'_>,
    session: &Session,
) -> Result<(), RequestError> {
    // A ticket in a cache may be used by others than its owner; for an initial one the password was typed.
    if !session.is_initial() {
        return Err(RequestError::Password(PasswordChangeError::NotInitial));
    }
    let client = session.ap_req.ticket.client();
    let user_data = session.part.user_data.expose();
    match request.version {
        Version::Change => {
            let found = known(context, &client)?;
            principal_state::check_client(&found.entry, context.now)?;
            store(context, &found, user_data)
        }
        Version::Set => {
            let data = ChangePasswdData::decode(user_data)?;
            let target = target(&client, &data);
            let found = known(context, &target)?;
            check_may_set(context, &client, &found.entry)?;
            store(context, &found, data.newpasswd.expose())
        }
    }
}

/// The principal that gets the password: the client where the request names none, and of its realm where it names
/// no realm.
fn target(client: &Principal, data: &ChangePasswdData) -> Principal {
    let Some(name) = &data.targname else {
        return client.clone();
    };
    let realm = data.targrealm.clone().unwrap_or_else(|| client.to_realm());
    Principal::from_message(realm, name.clone())
}

fn known(context: &RequestContext<'_>, name: &Principal) -> Result<StoredEntry, RequestError> {
    let found = context.store.read(name)?;
    found.ok_or(RequestError::ClientUnknown)
}

/// Each client may set its own password. Those of others only one with the flag, and only where there is a
/// password: random keys of a service are not replaced by ones that can be guessed.
fn check_may_set(
    context: &RequestContext<'_>,
    client: &Principal,
    target: &PrincipalEntry,
) -> Result<(), RequestError> {
    let client = known(context, client)?.entry;
    principal_state::check_client(&client, context.now)?;
    if client.principal == target.principal {
        return Ok(());
    }
    if !client.flags.contains(PrincipalFlags::MAY_SET_PASSWORDS) {
        return Err(RequestError::Password(PasswordChangeError::NotAllowed));
    }
    let mut keys = target.current_keys().peekable();
    if keys.peek().is_some() && keys.all(|key| key.salt.is_none()) {
        return Err(RequestError::Password(PasswordChangeError::RandomKeys));
    }
    Ok(())
}

/// Whether the KDC itself lives by the keys of a principal: those of the ticket-granting services, its own and
/// those shared with other realms, of the administration, of the database, and of the principals that have no owner
/// (RFC 6111).
fn is_kdcs_own(entry: &PrincipalEntry) -> bool {
    let own_kind = match entry.principal.components() {
        [kind, _, ..] => matches!(&**kind, b"krbtgt" | b"kadmin" | b"K" | b"WELLKNOWN"),
        _ => false,
    };
    let changes = PrincipalFlags::PASSWORD_CHANGE_SERVICE;
    own_kind || entry.flags.contains(changes)
}

/// Whether one of the principal's keys is of this password: to take it again is no change.
fn is_in_use(entry: &PrincipalEntry, password: &[u8]) -> bool {
    let mut derived: Vec<PrincipalKey> = Vec::new();
    for key in &entry.keys {
        // A random key is of no password.
        let Some(salt) = &key.salt else { continue };
        let same_parameters = |other: &&PrincipalKey| {
            other.key.enctype() == key.key.enctype()
                && other.salt == key.salt
                && other.s2kparams == key.s2kparams
        };
        // Each version of a password has the same parameters, as a rule: they are derived with once.
        if let Some(known) = derived.iter().find(same_parameters) {
            if known.key == key.key {
                return true;
            }
            continue;
        }
        let candidate = PrincipalKey::from_salted_password(
            password,
            salt.clone(),
            key.s2kparams.clone(),
            key.kvno,
            key.key.enctype(),
        );
        // A password that gives no key of this enctype is not the one that did.
        let Ok(candidate) = candidate else { continue };
        if candidate.key == key.key {
            return true;
        }
        derived.push(candidate);
    }
    false
}

fn store(
    context: &RequestContext<'_>,
    found: &StoredEntry,
    password: &[u8],
) -> Result<(), RequestError> {
    let entry = &*found.entry;
    if is_kdcs_own(entry) {
        return Err(RequestError::Password(PasswordChangeError::KdcsOwn));
    }
    let policy = context.policy;
    let least = policy.min_password_len;
    if password.len() < least {
        return Err(RequestError::Password(PasswordChangeError::TooShort {
            least,
        }));
    }
    if is_in_use(entry, password) {
        return Err(RequestError::Password(PasswordChangeError::InUse));
    }
    let mut changed = entry.clone();
    changed.set_password(password, &enctypes(context, entry))?;
    changed
        .flags
        .remove(PrincipalFlags::REQUIRES_PASSWORD_CHANGE);
    let life = policy.max_password_life;
    changed.password_expiry = life.map(|life| context.now.saturating_add(life));
    context.store.put_if(changed, Some(found.version))?;
    Ok(())
}

/// The enctypes of the new keys: those that the principal has keys of, as far as they are permitted; else all that
/// are.
fn enctypes(context: &RequestContext<'_>, entry: &PrincipalEntry) -> Vec<Enctype> {
    let permitted = &context.policy.enctypes;
    let current = entry.current_keys().map(|key| key.key.enctype());
    let kept: Vec<Enctype> = current
        .filter(|enctype| permitted.contains(enctype))
        .collect();
    if kept.is_empty() {
        permitted.clone()
    } else {
        kept
    }
}
