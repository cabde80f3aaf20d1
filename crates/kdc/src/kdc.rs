//! The KDC: what takes a request and gives the reply.

use alloc::sync::Arc;

use orthros_asn1::Message as _;
use orthros_crypto::RandomSource;
use orthros_types::{ReplayCache, Timestamp};

use crate::context::RequestContext;
use crate::error_reply::KnownRequest;
use crate::replays::Replays;
use crate::{
    Answer, ExchangeKind, Lookaside, Outcome, RealmPolicy, RequestError, RequestRecord, Source,
    Store, Transport, as_exchange, password, tgs_exchange,
};

/// The KDC of one realm.
///
/// It can be shared between threads.
pub struct Kdc {
    policy: RealmPolicy,
    store: Arc<dyn Store>,
    replays: Replays,
    lookaside: Option<Arc<dyn Lookaside>>,
}

impl Kdc {
    /// The KDC of the realm that `policy` names, with the principals of `store`.
    #[must_use]
    pub fn new(policy: RealmPolicy, store: Arc<dyn Store>) -> Self {
        Self {
            policy,
            store,
            replays: Replays::default(),
            lookaside: None,
        }
    }

    /// Has it refuse authenticators of password changes that it has seen before.
    ///
    /// Those of TGS-REQs are not looked for there: a replay gives nothing to its sender, as the reply is encrypted
    /// in a key that only the client has, and a client whose reply was lost is answered, however much came between
    /// (MIT's KDC does the same).
    #[must_use]
    pub fn with_replay_cache(mut self, replay_cache: Arc<dyn ReplayCache>) -> Self {
        self.replays.cache = Some(replay_cache);
        self
    }

    /// Says since when the replay cache knows what it has seen, by the KDC's clock: a store in memory since it was
    /// made.
    ///
    /// An authenticator of a password change that is older may be a replay of what an earlier process has seen, and
    /// is refused as one: it would set a password that was changed again since. So a client whose clock is behind
    /// has to wait for as long after a start. Where the KDC's clock has gone back behind that time, nothing is
    /// refused for it.
    #[must_use]
    pub fn with_replays_known_since(mut self, since: Timestamp) -> Self {
        self.replays.known_since = Some(since);
        self
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

    /// Answers an AS-REQ or a TGS-REQ that came to port 88: the bytes of one message, without the length that goes
    /// before it on TCP.
    #[must_use]
    pub fn handle(
        &self,
        request: &[u8],
        source: &Source,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Answer {
        let exchange = match request.first() {
            Some(&AS_REQ) => ExchangeKind::As,
            Some(&TGS_REQ) => ExchangeKind::Tgs,
            _ => return Answer::none(ExchangeKind::Unknown, RequestError::MessageType),
        };
        let context = self.context(source, now);
        let mut answer = if let Some(answer) = self.recall(exchange, request, now) {
            answer
        } else {
            let answer = match exchange {
                ExchangeKind::Tgs => tgs_exchange::answer(&context, request, random),
                _ => as_exchange::answer(&context, request, random),
            };
            self.remember(request, &answer, now);
            answer
        };
        fit(&mut answer, &context);
        answer
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
        let exchange = ExchangeKind::PasswordChange;
        self.recall(exchange, request, now).unwrap_or_else(|| {
            let answer = password::answer(&self.context(source, now), request, random);
            self.remember(request, &answer, now);
            answer
        })
    }

    /// What a request from there is answered by, now.
    pub(crate) fn context<'k>(&'k self, source: &'k Source, now: Timestamp) -> RequestContext<'k> {
        RequestContext {
            policy: &self.policy,
            store: &*self.store,
            replays: &self.replays,
            source,
            now,
        }
    }

    /// The answer with the reply that the same request has got before.
    fn recall(&self, exchange: ExchangeKind, request: &[u8], now: Timestamp) -> Option<Answer> {
        let reply = self.lookaside.as_ref()?.find(exchange, request, now)?;
        Some(Answer {
            reply: Some(reply),
            record: RequestRecord {
                exchange,
                client: None,
                service: None,
                outcome: Outcome::Repeated,
            },
        })
    }

    /// Remembers a ticket, or the result of a password change. An error takes no more work to make again, and any
    /// sender can have those made.
    fn remember(&self, request: &[u8], answer: &Answer, now: Timestamp) {
        let (Some(lookaside), Some(reply)) = (&self.lookaside, &answer.reply) else {
            return;
        };
        let exchange = answer.record.exchange;
        let differs = match exchange {
            ExchangeKind::PasswordChange => password::is_authenticated(reply),
            _ => matches!(answer.record.outcome, Outcome::Granted),
        };
        if differs {
            lookaside.remember(exchange, request, reply, now);
        }
    }
}

/// Replaces a reply that does not fit into a datagram by one that says so (RFC 4120 section 7.2.1).
fn fit(answer: &mut Answer, context: &RequestContext<'_>) {
    let Some(reply) = &mut answer.reply else {
        return;
    };
    let limit = context.policy.datagram_limit;
    if context.source.transport == Transport::Datagram && reply.len() > limit {
        let length = reply.len();
        let error =
            KnownRequest::default().krb_error(context, &RequestError::ReplyTooLong { length });
        answer.reply = error.encode().ok();
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

/// The first byte of an AS-REQ: `[APPLICATION 10]`.
const AS_REQ: u8 = 0x6A;
/// The first byte of a TGS-REQ: `[APPLICATION 12]`.
const TGS_REQ: u8 = 0x6C;
