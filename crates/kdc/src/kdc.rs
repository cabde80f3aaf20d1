//! The KDC: what takes a request and gives the reply.

use alloc::sync::Arc;

use orthros_asn1::{AsReq, Message as _, TgsReq};
use orthros_crypto::RandomSource;
use orthros_krb5::{ReplayStore, Timestamp};

use crate::{
    Answer, ExchangeKind, Lookaside, Outcome, RealmPolicy, Refusal, RequestRecord, Source, Store,
};

/// The KDC of one realm.
///
/// It can be shared between threads.
pub struct Kdc {
    policy: RealmPolicy,
    store: Arc<dyn Store>,
    replay_store: Option<Arc<dyn ReplayStore>>,
    lookaside: Option<Arc<dyn Lookaside>>,
}

impl Kdc {
    /// The KDC of the realm that `policy` names, with the principals of `store`.
    #[must_use]
    pub fn new(policy: RealmPolicy, store: Arc<dyn Store>) -> Self {
        Self {
            policy,
            store,
            replay_store: None,
            lookaside: None,
        }
    }

    /// Has it refuse authenticators of TGS-REQs and password changes that it has seen before.
    #[must_use]
    pub fn with_replay_store(self, replay_store: Arc<dyn ReplayStore>) -> Self {
        Self {
            replay_store: Some(replay_store),
            ..self
        }
    }

    /// Has it answer a repeated request with the reply that it gave before.
    #[must_use]
    pub fn with_lookaside(self, lookaside: Arc<dyn Lookaside>) -> Self {
        Self {
            lookaside: Some(lookaside),
            ..self
        }
    }

    /// What the realm allows.
    #[must_use]
    pub fn policy(&self) -> &RealmPolicy {
        &self.policy
    }

    /// Where its principals are.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Answers an AS-REQ or a TGS-REQ that came to port 88: the octets of one message, without the length that goes before it
    /// on TCP.
    #[must_use]
    pub fn handle(
        &self,
        request: &[u8],
        source: &Source,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Answer {
        let _ = (source, now, random, &self.replay_store, &self.lookaside);
        let decoded = match request.first() {
            Some(0x6A) => AsReq::decode(request).map(|_| ()),
            Some(0x6C) => TgsReq::decode(request).map(|_| ()),
            _ => return dropped(Refusal::MessageType),
        };
        dropped(decoded.map_or_else(Refusal::Malformed, |()| Refusal::MessageType))
    }

    /// Answers a request to change or set a password that came to port 464, RFC 3244.
    #[must_use]
    pub fn change_password(
        &self,
        request: &[u8],
        source: &Source,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Answer {
        let _ = (request, source, now, random);
        dropped(Refusal::MessageType)
    }
}

impl core::fmt::Debug for Kdc {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Kdc")
            .field("policy", &self.policy)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

/// The answer to what is not worth one.
fn dropped(refusal: Refusal) -> Answer {
    Answer {
        reply: None,
        record: RequestRecord {
            exchange: ExchangeKind::Unknown,
            client: None,
            service: None,
            outcome: Outcome::Refused(refusal),
        },
    }
}
