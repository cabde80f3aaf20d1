//! Clients by the names that they give, RFC 6806.

use alloc::sync::Arc;

use orthros_asn1::NameType;
use orthros_types::Principal;

use crate::context::RequestContext;
use crate::{PrincipalEntry, RequestError};

/// The client of this name. An alias will do where the client lets its name be changed (RFC 6806 section 6), an
/// enterprise name (section 5) always: that is no name to put into a ticket.
pub(crate) fn find(
    context: &RequestContext<'_>,
    name: &Principal,
    canonicalize: bool,
) -> Result<Arc<PrincipalEntry>, RequestError> {
    if name.realm() != context.policy.realm {
        return Err(RequestError::ClientUnknown);
    }
    // A trust is another realm's principal, even where it has a name in this one.
    let here = |entry: &Arc<PrincipalEntry>| entry.principal.realm() == context.policy.realm;
    if let Some(entry) = context.find(name)?.filter(here) {
        let is_enterprise = name.name_type() == NameType::ENTERPRISE;
        if canonicalize || is_enterprise || entry.principal == *name {
            return Ok(entry);
        }
        return Err(RequestError::ClientUnknown);
    }
    let Some(named) = enterprise_principal(name) else {
        return Err(RequestError::ClientUnknown);
    };
    if named.realm() == context.policy.realm {
        let found = context.find(&named)?.filter(here);
        return found.ok_or(RequestError::ClientUnknown);
    }
    refer(context, name, named.realm())
}

/// Sends the client to its own realm, if that is one that this realm trusts.
fn refer<T>(
    context: &RequestContext<'_>,
    name: &Principal,
    realm: &[u8],
) -> Result<T, RequestError> {
    let tgs = Principal::ticket_granting(realm, context.policy.realm.clone());
    if context.find(&tgs)?.is_none() {
        return Err(RequestError::ClientUnknown);
    }
    let client = name.clone().with_realm(realm);
    Err(RequestError::WrongRealm { client })
}

/// The principal that an enterprise name such as `alice@EXAMPLE.ORG` spells.
fn enterprise_principal(name: &Principal) -> Option<Principal> {
    let [text] = name.components() else {
        return None;
    };
    let at = text.iter().rposition(|byte| *byte == b'@')?;
    let (user, realm) = (text.get(..at)?, text.get(at + 1..)?);
    let is_enterprise = name.name_type() == NameType::ENTERPRISE;
    (is_enterprise && !user.is_empty() && !realm.is_empty()).then(|| Principal::new(realm, [user]))
}

/// What a ticket calls the client: as it asked, name type and all, or what it is called here.
pub(crate) fn named(name: Principal, client: &PrincipalEntry) -> Principal {
    if name == client.principal {
        name
    } else {
        client.principal.clone()
    }
}
