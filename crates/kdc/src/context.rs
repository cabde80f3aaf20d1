//! What a request is answered by.

use alloc::sync::Arc;

use orthros_types::{Principal, Timestamp};

use crate::replays::Replays;
use crate::{PrincipalEntry, RealmPolicy, RequestError, Source, Store};

/// What a request is answered by: the realm's policy and principals, where the request came from, and when.
///
/// It is the same from the first byte of the request to the last of the reply.
#[derive(Clone, Copy)]
pub(crate) struct RequestContext<'k> {
    pub(crate) policy: &'k RealmPolicy,
    pub(crate) store: &'k dyn Store,
    pub(crate) replays: &'k Replays,
    pub(crate) source: &'k Source,
    pub(crate) now: Timestamp,
}

impl RequestContext<'_> {
    /// The principal of this name or alias.
    pub(crate) fn find(
        &self,
        name: &Principal,
    ) -> Result<Option<Arc<PrincipalEntry>>, RequestError> {
        Ok(self.store.find(name)?)
    }

    /// Whether a principal is the client of this realm that has this name. A client of another realm is none here,
    /// whatever its name is an alias of.
    pub(crate) fn is_client(
        &self,
        entry: &PrincipalEntry,
        name: &Principal,
    ) -> Result<bool, RequestError> {
        if name.realm() != self.policy.realm {
            return Ok(false);
        }
        if entry.principal == *name {
            return Ok(true);
        }
        let found = self.find(name)?;
        Ok(found.is_some_and(|found| found.principal == entry.principal))
    }

    /// The ticket-granting service of this realm, whose keys are the KDC's own.
    pub(crate) fn ticket_granting_service(&self) -> Result<Arc<PrincipalEntry>, RequestError> {
        let principal = Principal::local_ticket_granting(self.policy.realm.clone());
        self.find(&principal)?
            .ok_or(RequestError::NoKey { principal })
    }
}
