//! The acceptor's side: AP-REQ in, AP-REP or KRB-ERROR out (RFC 4120 sections 3.2.3 and 3.2.4).
//!
//! The request goes through stages, each a type that the next one needs:
//!
//! ```text
//! ApReqToken -> Request -> Authenticated -> RequestedContext -> EstablishedContext
//!   framing     decoded    ticket and       checksum field       not a replay,
//!   read                   authenticator    read, channel        keys agreed on
//!                          checked          bindings compared
//! ```
//!
//! The replay cache is asked last, so that it remembers only what would have been accepted.

mod authenticated;
mod dce;
mod requested_context;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use orthros_asn1::{ApOptions, ApReq, EncApRepPart, EncryptionKey, Message, UInt32};
use orthros_crypto::{Enctype, Key, RandomSource};
use orthros_types::config::Config;
use orthros_types::{
    ChannelBindings, Duration, Freshness, Principal, ReplayCache, ReplayClient, ReplayRecord,
    Timestamp,
};

use super::acceptor_name::AcceptorName;
use super::ap_rep;
use super::context::{EstablishedContext, Parameters, Parties};
use super::error::{ApCheckError, ApError};
use super::error_reply;
use super::etype_negotiation;
use super::first_token::{ApReqToken, DceApReqToken};
use super::flags::ContextFlags;
use super::key_source::KeySource;
use super::mechanism::Mechanism;
use super::random::{Draws, initial_sequence_number};
use super::token::{TokenId, frame};
use crate::MalformedTokenError;
use crate::message::{Role, uses_acceptor_subkey};
use crate::wire;
use authenticated::Authenticated;
use requested_context::RequestedContext;

pub use dce::{AwaitingDceConfirmation, DceAccepted};

/// What an acceptor accepts with. It can serve any number of requests, from many threads.
#[derive(Clone, Copy)]
pub struct Acceptor<'a> {
    /// The long-term keys, and those for user-to-user.
    pub keys: &'a dyn KeySource,
    /// Which of the keys' principals it answers for.
    pub name: &'a AcceptorName,
    /// The memory of requests that were accepted.
    pub replay_cache: &'a dyn ReplayCache,
    /// How far a client's clock may differ from the acceptor's.
    pub clock_skew: Duration,
    /// The channel, if contexts are to be bound to one. An initiator without channel bindings is
    /// accepted nevertheless, unless it says that its bindings must match.
    pub channel_bindings: Option<&'a ChannelBindings>,
    /// Refuse initiators without channel bindings too.
    pub require_channel_bindings: bool,
    /// Take an AP-REQ whose authenticator has no checksum, or one over nothing, in the place of RFC 4121's (section
    /// 4.1.1). Clients made by hand send such, and `krb5_mk_req` does. They delegate nothing and are bound to no
    /// channel, and nothing in them says that they were made for GSS-API: an AP-REQ of another protocol of the same
    /// service is as good.
    pub without_gss_checksum: bool,
    /// The encryption types that tickets may be sealed in, and that session keys and subkeys may be of:
    /// `permitted_enctypes` in the configuration, the best first. The acceptor's subkey is of the first one that the
    /// initiator knows.
    pub permitted_enctypes: &'a [Enctype],
    /// What says which realms may authenticate clients of others, where
    /// no KDC has checked them. None: no realm may but the client's own.
    pub realm_paths: Option<&'a Config>,
}

/// A context, and what its initiator waits for.
#[derive(Debug)]
pub struct Accepted {
    /// To be sent to the initiator; `None` without mutual authentication.
    pub token: Option<Vec<u8>>,
    /// The established context.
    pub context: EstablishedContext,
}

/// Why a request was not accepted, and what to tell the initiator.
#[derive(Debug)]
pub struct AcceptError {
    error: Box<ApError>,
    token: Option<Vec<u8>>,
}

impl Acceptor<'_> {
    /// Takes an initiator's first token, which must be an AP-REQ as RFC 4121 frames it.
    ///
    /// # Errors
    ///
    /// A token that is malformed or another one; else as [`accept_request`](Self::accept_request).
    pub fn accept(
        &self,
        token: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Accepted, AcceptError> {
        let token = ApReqToken::parse(token).map_err(ApError::from)?;
        self.accept_request(token, now, random)
    }

    /// Takes the AP-REQ of an initiator's first token.
    ///
    /// # Errors
    ///
    /// A request that is malformed or fails any check. If the initiator waits for an answer, [`AcceptError::token`] is
    /// a KRB-ERROR for it.
    pub fn accept_request(
        &self,
        token: ApReqToken<'_>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Accepted, AcceptError> {
        self.take(Request::decode(token)?, now, random)
    }

    /// Takes the AP-REQ of a DCE style initiator. There are no contexts in DCE style before its third token.
    ///
    /// # Errors
    ///
    /// As [`accept_request`](Self::accept_request). The KRB-ERROR is framed, as MIT krb5 has it.
    pub fn accept_dce_request(
        &self,
        token: DceApReqToken<'_>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<DceAccepted, AcceptError> {
        let accepted = self.take(Request::decode_dce(token)?, now, random)?;
        Ok(DceAccepted::new(accepted).map_err(ApError::from)?)
    }

    fn take(
        &self,
        request: Request,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Accepted, AcceptError> {
        let mut error_reply = ErrorReply {
            mechanism: request.mechanism,
            server: request.server(),
            is_wanted: request.wants_reply(),
            now,
        };
        let authenticated = match Authenticated::new(self, &request, now) {
            Ok(authenticated) => authenticated,
            Err(error) => return Err(error_reply.into_error(error)),
        };
        let requested = RequestedContext::read(self, &request, &authenticated);
        // Until the checksum field is read only the request's own options say whether the
        // initiator waits; from then on its flags do too.
        error_reply.is_wanted |= requested.as_ref().is_ok_and(RequestedContext::mutual);
        requested
            .and_then(|requested| self.establish(&request, authenticated, requested, now, random))
            .map_err(|error| error_reply.into_error(error))
    }

    fn establish(
        &self,
        request: &Request,
        mut authenticated: Authenticated,
        requested: RequestedContext,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Accepted, ApError> {
        let random = &mut Draws::new(random);
        let authorization = authenticated.take_authorization()?;
        let reply = if requested.mutual() {
            let (flags, permitted) = (requested.flags, self.permitted_enctypes);
            Some(Reply::new(&authenticated, flags, permitted, random)?)
        } else {
            None
        };
        let token = reply
            .as_ref()
            .map(|reply| reply.message(&authenticated, random))
            .transpose()?
            .map(|message| request.framed_alike(TokenId::AP_REP, message));
        self.check_replay(request, &authenticated, now)?;
        let initiator_sequence = authenticated.sequence_number();
        let (acceptor_subkey, acceptor_sequence) = match reply {
            Some(reply) => (reply.subkey, reply.sequence_number),
            // The initiator was not told where this side begins: where the initiator does.
            None => (None, initiator_sequence),
        };
        let parties = Parties {
            role: Role::Acceptor,
            initiator: authenticated.client,
            acceptor: authenticated.server,
            mechanism: request.mechanism,
            flags: requested.flags,
            times: authenticated.times,
            end: authenticated.times.endtime.saturating_add(self.clock_skew),
            ticket_flags: authenticated.ticket.flags,
            session_key: authenticated.session_key,
        };
        let parameters = Parameters {
            initiator_subkey: authenticated.subkey,
            acceptor_subkey,
            initiator_sequence,
            acceptor_sequence,
        };
        let mut context = EstablishedContext::new(parties, parameters);
        context.info.authorization = authorization.map(Arc::new);
        context.delegated = requested.delegated;
        context.delegation_error = requested.delegation_error;
        Ok(Accepted { token, context })
    }

    /// A key in a request, if its encryption type is supported and permitted.
    fn permitted_key(&self, key: &EncryptionKey, what: &'static str) -> Result<Key, ApError> {
        let enctype = key.keytype;
        wire::key(key)
            .filter(|key| self.permitted_enctypes.contains(&key.enctype()))
            .ok_or_else(|| ApCheckError::Key { what, enctype }.into())
    }

    fn check_replay(
        &self,
        request: &Request,
        authenticated: &Authenticated,
        now: Timestamp,
    ) -> Result<(), ApError> {
        let authenticator = &request.message.authenticator.cipher;
        let enctype = authenticated.session_key.enctype();
        let tag = enctype
            .tag(authenticator)
            .ok_or(ApCheckError::Integrity("authenticator"))?;
        let time = authenticated.client_time();
        let record = ReplayRecord::new(tag, time, now, self.clock_skew);
        let client = ReplayClient {
            principal: &authenticated.client,
            // The key's, as anyone can write another realm on the outside of the ticket.
            own_realm: authenticated.server.realm(),
        };
        match self
            .replay_cache
            .check_and_store_for(client, &record, now)?
        {
            Freshness::Fresh => Ok(()),
            Freshness::Replayed => Err(ApCheckError::Replay {
                client: authenticated.client.clone(),
            }
            .into()),
        }
    }
}

/// A first token, decoded. Nothing of it is believed yet.
struct Request {
    mechanism: Mechanism,
    /// Whether it came as RFC 4121 has it, and not in DCE style.
    is_framed: bool,
    message: ApReq,
}

impl Request {
    fn decode(token: ApReqToken<'_>) -> Result<Self, ApError> {
        Ok(Self {
            mechanism: token.mechanism,
            is_framed: true,
            message: ap_req(token.message)?,
        })
    }

    fn decode_dce(token: DceApReqToken<'_>) -> Result<Self, ApError> {
        Ok(Self {
            mechanism: Mechanism::Krb5,
            is_framed: false,
            message: ap_req(token.message)?,
        })
    }

    /// A token with this message, in the framing of the request.
    fn framed_alike(&self, token_id: TokenId, message: Vec<u8>) -> Vec<u8> {
        if self.is_framed {
            frame(self.mechanism, token_id, &message)
        } else {
            message
        }
    }

    /// The service as the client names it.
    fn server(&self) -> Principal {
        let ticket = &self.message.ticket;
        wire::principal(&ticket.realm, &ticket.sname)
    }

    fn wants_reply(&self) -> bool {
        let options = self.message.ap_options;
        options.contains(ApOptions::MUTUAL_REQUIRED)
    }
}

fn ap_req(message: &[u8]) -> Result<ApReq, MalformedTokenError> {
    ApReq::decode(message).map_err(MalformedTokenError::syntax("AP-REQ"))
}

/// The acceptor's part of a mutual context: a subkey of its own, wherever the tokens can have one, so that a recorded
/// session can't be played back to an acceptor that has forgotten it.
struct Reply {
    subkey: Option<Key>,
    sequence_number: u32,
}

impl Reply {
    /// Of the enctype that this side likes best of all that the initiator can use.
    fn new(
        authenticated: &Authenticated,
        flags: ContextFlags,
        permitted: &[Enctype],
        random: &mut dyn RandomSource,
    ) -> Result<Self, ApError> {
        let data = authenticated.authenticator.authorization_data.as_ref();
        let session_key = authenticated.session_key.enctype();
        let subkey = authenticated.subkey.as_ref().map(Key::enctype);
        let enctype = etype_negotiation::choose(data, subkey, session_key, permitted);
        let of_initiator = subkey.unwrap_or(session_key);
        let subkey = uses_acceptor_subkey(of_initiator, enctype, flags)
            .then(|| enctype.random_key(random))
            .transpose()?;
        Ok(Self {
            subkey,
            sequence_number: initial_sequence_number(random)?,
        })
    }

    fn message(
        &self,
        authenticated: &Authenticated,
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, ApError> {
        let part = EncApRepPart {
            ctime: authenticated.authenticator.ctime,
            cusec: authenticated.authenticator.cusec,
            subkey: self.subkey.as_ref().map(wire::encryption_key),
            seq_number: Some(UInt32(self.sequence_number)),
        };
        ap_rep::encode(&authenticated.session_key, &part, random)
    }
}

/// What a KRB-ERROR to the initiator is made of.
struct ErrorReply {
    mechanism: Mechanism,
    server: Principal,
    /// Whether the initiator waits for an answer.
    is_wanted: bool,
    now: Timestamp,
}

impl ErrorReply {
    /// The error, with the token that tells the initiator.
    fn into_error(self, error: ApError) -> AcceptError {
        let token = if self.is_wanted {
            error_reply::encode(self.mechanism, &self.server, error.error_code(), self.now)
        } else {
            None
        };
        AcceptError {
            error: Box::new(error),
            token,
        }
    }
}

impl AcceptError {
    /// What is wrong.
    #[must_use]
    pub fn error(&self) -> &ApError {
        &self.error
    }

    /// The KRB-ERROR token to send to the initiator, if it waits for one.
    #[must_use]
    pub fn token(&self) -> Option<&[u8]> {
        self.token.as_deref()
    }

    /// Both by value.
    #[must_use]
    pub fn into_parts(self) -> (ApError, Option<Vec<u8>>) {
        (*self.error, self.token)
    }
}

impl From<ApError> for AcceptError {
    fn from(error: ApError) -> Self {
        Self {
            error: Box::new(error),
            token: None,
        }
    }
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl core::error::Error for AcceptError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.error.source()
    }
}

impl fmt::Debug for Acceptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptor")
            .field("name", self.name)
            .field("clock_skew", &self.clock_skew)
            .field("channel_bindings", &self.channel_bindings)
            .field("require_channel_bindings", &self.require_channel_bindings)
            .field("without_gss_checksum", &self.without_gss_checksum)
            .finish_non_exhaustive()
    }
}
