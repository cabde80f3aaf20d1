//! The acceptor's side: AP-REQ in, AP-REP or KRB-ERROR out (RFC 4120 sections 3.2.3 and 3.2.4).
//!
//! The request goes through stages, each a type that the next one needs: [`Request`] is decoded,
//! [`Authenticated`] has its ticket and authenticator opened and checked, [`Offer`] its checksum
//! field read and its channel bindings compared. The replay store is asked last, so that it
//! remembers only what would have been accepted.

mod authenticated;
mod offer;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use orthros_asn1::{
    ApOptions, ApRep, ApReq, EncApRepPart, EncryptionKey, Exactly, Message, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage, RandomSource};
use zeroize::Zeroizing;

use super::context::{EstablishedContext, Parameters, Parties};
use super::dce::DceAccepted;
use super::defect::ApCheckError;
use super::error::{ApError, MalformedTokenError};
use super::etype_negotiation;
use super::key_source::{AcceptorName, KeySource};
use super::mechanism::{Mechanism, TokenId, bounded, frame, unframe};
use super::peer_error::error_token;
use super::random::{Draws, initial_sequence_number};
use super::wire;
use crate::message::Role;
use authenticated::Authenticated;
use offer::Offer;
use orthros_types::ChannelBindings;
use orthros_types::Principal;
use orthros_types::config::Config;
use orthros_types::{Duration, Timestamp};
use orthros_types::{Freshness, ReplayRecord, ReplayStore};

/// What an acceptor accepts with. It can serve any number of requests, from many threads.
#[derive(Clone, Copy)]
pub struct Acceptor<'a> {
    /// The long-term keys, and those for user-to-user.
    pub keys: &'a dyn KeySource,
    /// Which of the keys' principals it answers for.
    pub name: &'a AcceptorName,
    /// Who remembers the requests that were accepted.
    pub replay_store: &'a dyn ReplayStore,
    /// How far a client's clock may differ from the acceptor's.
    pub clock_skew: Duration,
    /// The channel, if contexts are to be bound to one. An initiator without channel bindings is
    /// accepted nevertheless, unless it says that its bindings must match.
    pub channel_bindings: Option<&'a ChannelBindings>,
    /// Refuse initiators without channel bindings too.
    pub require_channel_bindings: bool,
    /// Take an AP-REQ whose authenticator has no checksum, or one over nothing, in the place of RFC 4121's (section 4.1.1). Clients made
    /// by hand send such, and `krb5_mk_req` does. They delegate nothing and are bound to no channel, and nothing in them says
    /// that they were made for GSS-API: an AP-REQ of another protocol of the same service is as good.
    pub without_gss_checksum: bool,
    /// The encryption types that tickets may be sealed in, and that session keys and subkeys may be of: `permitted_enctypes` in the
    /// configuration, the best first. The acceptor's subkey is of the first one that the initiator knows.
    pub permitted_enctypes: &'a [Enctype],
    /// What says which realms may vouch for clients of others ([`check_transited`](crate::check_transited)), where no KDC has
    /// checked them. None: no realm may but the client's own.
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
    /// Takes an initiator's first token.
    ///
    /// # Errors
    ///
    /// A token that is malformed, or a request that fails any check. If the initiator waits for
    /// an answer, [`AcceptError::token`] is a KRB-ERROR for it.
    pub fn accept(
        &self,
        token: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Accepted, AcceptError> {
        self.take(Request::decode(token)?, now, random)
    }

    /// Takes the first token of a DCE style initiator, which [`is_dce_style_request`](super::is_dce_style_request) tells from
    /// others. There are no contexts in DCE style before its third token.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept). The KRB-ERROR is framed, as MIT krb5 has it.
    pub fn accept_dce(
        &self,
        token: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<DceAccepted, AcceptError> {
        let accepted = self.take(Request::decode_bare(token)?, now, random)?;
        Ok(DceAccepted::new(accepted).map_err(ApError::from)?)
    }

    fn take(
        &self,
        request: Request,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Accepted, AcceptError> {
        let mut refusal = Refusal {
            mechanism: request.mechanism,
            server: request.server(),
            answer: request.wants_answer(),
            now,
        };
        let authenticated =
            Authenticated::new(self, &request, now).map_err(|error| refusal.because(error))?;
        let offer = Offer::read(self, &request, &authenticated);
        // Until the checksum field is read only the request's own options say whether the
        // initiator waits; from then on its flags do too.
        refusal.answer |= offer.as_ref().is_ok_and(Offer::mutual);
        offer
            .and_then(|offer| self.establish(&request, authenticated, offer, now, random))
            .map_err(|error| refusal.because(error))
    }

    fn establish(
        &self,
        request: &Request,
        authenticated: Authenticated,
        offer: Offer,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Accepted, ApError> {
        let random = &mut Draws::new(random);
        let reply = if offer.mutual() {
            Some(Reply::new(&authenticated, self.permitted_enctypes, random)?)
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
            Some(reply) => (Some(reply.subkey), reply.sequence_number),
            // Nobody told the initiator where this side begins: where the initiator does.
            None => (None, initiator_sequence),
        };
        let parties = Parties {
            role: Role::Acceptor,
            initiator: authenticated.client,
            acceptor: authenticated.server,
            mechanism: request.mechanism,
            flags: offer.flags,
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
        let ticket_data = authenticated.ticket.authorization_data;
        let authenticator_data = authenticated.authenticator.authorization_data;
        let mut context = EstablishedContext::new(parties, parameters);
        context.info.ticket_authorization_data = ticket_data.unwrap_or_default().into();
        context.info.authenticator_authorization_data =
            authenticator_data.unwrap_or_default().into();
        context.info.authentication_indicators = authenticated.indicators.into();
        context.delegated = offer.delegated;
        context.delegation_error = offer.delegation_error.map(Box::new);
        Ok(Accepted { token, context })
    }

    /// A key in a request, if its encryption type is supported and permitted.
    fn permitted_key(&self, key: &EncryptionKey, what: &'static str) -> Result<Key, ApError> {
        let enctype = key.keytype;
        Some(wire::key(key, what)?)
            .filter(|key| self.permitted_enctypes.contains(&key.enctype()))
            .ok_or_else(|| ApCheckError::Key { what, enctype }.into())
    }

    fn check_replay(
        &self,
        request: &Request,
        authenticated: &Authenticated,
        now: Timestamp,
    ) -> Result<(), ApError> {
        let record = ReplayRecord::new(
            &request.message.authenticator.cipher,
            authenticated.session_key.enctype().tag_len(),
            authenticated.client_time(),
            now,
            self.clock_skew,
        )
        .ok_or(ApCheckError::Integrity("authenticator"))?;
        let client = &authenticated.client;
        let store = self.replay_store;
        match store.check_and_store_for(client, &record, now)? {
            Freshness::Fresh => Ok(()),
            Freshness::Replayed => Err(ApCheckError::Replay {
                client: client.clone(),
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
    fn decode(token: &[u8]) -> Result<Self, ApError> {
        let (mechanism, token_id, message) = unframe(token)?;
        if token_id != TokenId::AP_REQ {
            return Err(MalformedTokenError::TokenId(token_id.0).into());
        }
        Ok(Self {
            mechanism,
            is_framed: true,
            message: wire::decode(message, "AP-REQ")?,
        })
    }

    fn decode_bare(message: &[u8]) -> Result<Self, ApError> {
        Ok(Self {
            mechanism: Mechanism::Krb5,
            is_framed: false,
            message: wire::decode(bounded(message)?, "AP-REQ")?,
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

    fn wants_answer(&self) -> bool {
        let options = self.message.ap_options;
        options.contains(ApOptions::MUTUAL_REQUIRED)
    }
}

/// The acceptor's part of a mutual context: a subkey of its own, always, so that a recorded
/// session can't be played back to an acceptor that has forgotten it.
struct Reply {
    subkey: Key,
    sequence_number: u32,
}

impl Reply {
    /// Of the enctype that this side likes best of all that the initiator can use.
    fn new(
        authenticated: &Authenticated,
        permitted: &[Enctype],
        random: &mut dyn RandomSource,
    ) -> Result<Self, ApError> {
        let data = authenticated.authenticator.authorization_data.as_ref();
        let session_key = authenticated.session_key.enctype();
        let subkey = authenticated.subkey.as_ref().map(Key::enctype);
        let enctype = etype_negotiation::choose(data, subkey, session_key, permitted);
        Ok(Self {
            subkey: enctype.random_key(random)?,
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
            subkey: Some(wire::encryption_key(&self.subkey)),
            seq_number: Some(UInt32(self.sequence_number)),
        };
        let plaintext = Zeroizing::new(part.encode()?);
        let message = ApRep {
            pvno: Exactly,
            msg_type: Exactly,
            enc_part: wire::seal(
                &authenticated.session_key,
                KeyUsage::AP_REP_ENC_PART,
                &plaintext,
                random,
            )?,
        };
        Ok(message.encode()?)
    }
}

/// What it takes to tell an initiator no.
struct Refusal {
    mechanism: Mechanism,
    server: Principal,
    answer: bool,
    now: Timestamp,
}

impl Refusal {
    fn because(&self, error: ApError) -> AcceptError {
        let token = if self.answer {
            error_token(self.mechanism, &self.server, error.error_code(), self.now)
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
