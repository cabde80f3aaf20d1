//! Preauthentication on the KDC's side: how a client shows that it has its key before it gets an initial ticket
//! (RFC 4120 section 5.2.7, RFC 6113 sections 2 to 5).
//!
//! ```text
//!  client                                               KDC
//!    | AS-REQ                                            |
//!    |-------------------------------------------------->|
//!    | KDC_ERR_PREAUTH_REQUIRED: hints, cookie           |  Mechanism::hint of each that is available, which can
//!    |                                                   |  begin the first round
//!    |<--------------------------------------------------|
//!    | AS-REQ: PA-DATA of one mechanism, cookie          |
//!    |-------------------------------------------------->|  Mechanism::verify
//!    | KDC_ERR_MORE_PREAUTH_DATA_REQUIRED: PA-DATA, cookie  Verified::Continue, as often as the mechanism needs
//!    |<--------------------------------------------------|
//!    | AS-REQ: PA-DATA, cookie                           |
//!    |-------------------------------------------------->|  Mechanism::verify, with the state of the cookie
//!    | AS-REP: PA-DATA                                   |  Verified::Authenticated: ticket flags, reply key
//!    |<--------------------------------------------------|
//! ```
//!
//! The KDC keeps nothing between the rounds: what a mechanism must remember travels in the [`cookie`].
//!
//! Another mechanism is a file with its [`Mechanism`] and a row of [`MECHANISMS`].

mod cookie;
mod encrypted_challenge;
mod encrypted_timestamp;
mod spake;
#[cfg(test)]
mod two_rounds;

use alloc::vec::Vec;

use orthros_asn1::{
    EncryptedData, EtypeInfo, EtypeInfo2, EtypeInfo2Entry, EtypeInfoEntry, KdcReqBody,
    Message as _, MethodData, PaData, PaDataType, PaEncTsEnc, Raw, TicketFlags,
};
use orthros_crypto::{Key, KeyUsage, RandomSource, SecretVec};

use crate::context::RequestContext;
use crate::error_reply::ErrorReply;
use crate::fast::Armor;
use crate::{PrincipalEntry, PrincipalKey, RequestError, enctypes, wire};

/// The mechanisms, in the order in which they are hinted at, and in which one is taken where a request has several.
///
/// SPAKE comes first, as with MIT's KDC: clients that have no preference of their own take the first that they know.
const MECHANISMS: &[&dyn Mechanism] = &[
    &spake::Spake,
    &encrypted_challenge::EncryptedChallenge,
    &encrypted_timestamp::EncryptedTimestamp,
    #[cfg(test)]
    &two_rounds::TwoRounds,
];

/// A preauthentication mechanism. What it must remember between two rounds it gives away in [`Verified::Continue`].
trait Mechanism {
    /// The type of its PA-DATA: in requests, among the hints and in replies.
    fn padata_type(&self) -> PaDataType;

    /// Whether this client can use it, in this request: under armor or without. If not, it is neither hinted at nor
    /// verified.
    fn is_available(&self, request: &PreauthRequest<'_>) -> bool;

    /// What it says to a client that has not begun to preauthenticate, or has failed.
    fn hint(
        &self,
        _request: &PreauthRequest<'_>,
        _random: &mut dyn RandomSource,
    ) -> Result<Hint, RequestError> {
        Ok(Hint::default())
    }

    /// Whether it needs several rounds, and so the state that it gave with the last one. Which round a request is of
    /// says the state alone.
    fn has_rounds(&self) -> bool {
        false
    }

    /// Verifies the value of its element of a request. `state` is that of the round before; `None` in the first one.
    fn verify(
        &self,
        request: &PreauthRequest<'_>,
        value: &[u8],
        state: Option<SecretVec>,
        random: &mut dyn RandomSource,
    ) -> Result<Verified, RequestError>;
}

/// What a mechanism says in the METHOD-DATA of an error that does not continue a round of its own.
#[derive(Default)]
struct Hint {
    /// The value of its element: empty where the type says all.
    value: Vec<u8>,
    /// What [`Mechanism::verify`] is given if the client answers the hint itself.
    state: Option<SecretVec>,
}

/// What a mechanism can ask of an AS-REQ.
pub(crate) struct PreauthRequest<'r> {
    pub(crate) context: &'r RequestContext<'r>,
    pub(crate) client: &'r PrincipalEntry,
    /// The client's current keys of enctypes that it offers, in its order of preference.
    pub(crate) keys: &'r [&'r PrincipalKey],
    /// The armor of the request, if it came under any.
    pub(crate) armor: Option<&'r Armor>,
    /// The PA-DATA of the request, out of its armor.
    pub(crate) padata: &'r [PaData],
    /// The body of the request as it came, which a mechanism can bind its keys to.
    pub(crate) body: &'r Raw<KdcReqBody>,
    /// Whether client or service require preauthentication.
    pub(crate) is_required: bool,
}

/// The outcome of one round.
enum Verified {
    /// The client is authenticated.
    Authenticated(Preauthenticated),
    /// Another round is needed.
    Continue {
        /// The value of the mechanism's element of the METHOD-DATA.
        value: Vec<u8>,
        /// What [`Mechanism::verify`] is given in the next round. The client can't read it.
        state: SecretVec,
    },
}

/// How a client was authenticated, and what follows for ticket and reply.
pub(crate) struct Preauthenticated {
    /// What the ticket says of it: PRE-AUTHENT, HW-AUTHENT, or nothing.
    pub(crate) flags: TicketFlags,
    /// The KDC's PA-DATA for the reply.
    pub(crate) padata: MethodData,
    /// What becomes of the reply key.
    pub(crate) reply_key: ReplyKey,
}

/// What a mechanism makes of the reply key, RFC 6113 section 3. Armor strengthens it once more.
pub(crate) enum ReplyKey {
    /// It is the client's key.
    ClientKey,
    /// It is the client's key, combined with this one.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no mechanism strengthens the reply key yet")
    )]
    Strengthened(Key),
    /// It is this one, whatever the client's key is.
    Replaced(Key),
}

impl Preauthenticated {
    /// A client that was not asked for preauthentication.
    const fn without_preauth() -> Self {
        Self {
            flags: TicketFlags::empty(),
            padata: Vec::new(),
            reply_key: ReplyKey::ClientKey,
        }
    }
}

impl ReplyKey {
    /// The reply key where the client's is `client_key`.
    pub(crate) fn derive(&self, client_key: &Key) -> Key {
        match self {
            Self::ClientKey => client_key.clone(),
            Self::Strengthened(with) => with.fx_cf2(b"strengthenkey", client_key, b"replykey"),
            Self::Replaced(key) => key.clone(),
        }
    }

    /// Whether the client needs its own key for it, and so has to know which one that is.
    pub(crate) const fn needs_client_key(&self) -> bool {
        !matches!(self, Self::Replaced(_))
    }
}

/// Verifies the preauthentication of a request. Where it is wrong, or missing and required, the error has the hints
/// to it.
pub(crate) fn authenticate(
    request: &PreauthRequest<'_>,
    random: &mut dyn RandomSource,
) -> Result<Preauthenticated, ErrorReply> {
    let given = available(request).find_map(|mechanism| {
        let value = wire::find(request.padata, mechanism.padata_type())?;
        Some((mechanism, value))
    });
    let Some((mechanism, value)) = given else {
        return if request.is_required {
            Err(with_hints(request, RequestError::PreauthRequired, random))
        } else {
            Ok(Preauthenticated::without_preauth())
        };
    };
    let round =
        state(request, mechanism).and_then(|state| mechanism.verify(request, value, state, random));
    match round {
        Ok(Verified::Authenticated(authenticated)) => Ok(authenticated),
        Ok(Verified::Continue { value, state }) => {
            Err(another_round(request, mechanism, value, state, random))
        }
        Err(
            error @ (RequestError::PreauthFailed
            | RequestError::PreauthEnctype { .. }
            | RequestError::PreauthCookie
            | RequestError::PreauthExpired
            | RequestError::Spake(_)),
        ) => Err(with_hints(request, error, random)),
        Err(error) => Err(error.into()),
    }
}

/// PA-ETYPE-INFO2: how the client makes its keys. A client that has no newer enctypes than those of before RFC 4120
/// gets PA-ETYPE-INFO, too, and no other client does (section 5.2.7.4).
pub(crate) fn key_info(
    body: &KdcReqBody,
    keys: &[&PrincipalKey],
) -> Result<MethodData, RequestError> {
    let info: EtypeInfo2 = keys.iter().map(|key| etype_info(key)).collect();
    let mut hints = alloc::vec![wire::padata(PaDataType::ETYPE_INFO2, &info)?];
    if enctypes::are_old(&body.etype) {
        let info: EtypeInfo = keys.iter().map(|key| old_etype_info(key)).collect();
        hints.push(wire::padata(PaDataType::ETYPE_INFO, &info)?);
    }
    Ok(hints)
}

fn old_etype_info(key: &PrincipalKey) -> EtypeInfoEntry {
    EtypeInfoEntry {
        etype: wire::encryption_type(key.key.enctype()),
        salt: key.salt.as_deref().map(Into::into),
    }
}

/// How the client makes one of its keys.
fn etype_info(key: &PrincipalKey) -> EtypeInfo2Entry {
    EtypeInfo2Entry {
        etype: wire::encryption_type(key.key.enctype()),
        salt: key.salt.as_deref().map(Into::into),
        s2kparams: key.s2kparams.as_deref().map(Into::into),
    }
}

fn available<'r>(
    request: &'r PreauthRequest<'_>,
) -> impl Iterator<Item = &'static dyn Mechanism> + 'r {
    let all = MECHANISMS.iter().copied();
    all.filter(|mechanism| mechanism.is_available(request))
}

/// The state that a mechanism gave with the round before, if there was one.
fn state(
    request: &PreauthRequest<'_>,
    mechanism: &dyn Mechanism,
) -> Result<Option<SecretVec>, RequestError> {
    if !mechanism.has_rounds() {
        return Ok(None);
    }
    let Some(cookie) = wire::find(request.padata, PaDataType::FX_COOKIE) else {
        return Ok(None);
    };
    cookie::open(request, mechanism.padata_type(), cookie)
}

/// `KDC_ERR_MORE_PREAUTH_DATA_REQUIRED`, with the mechanism's element and its state (RFC 6113 section 5.2).
///
/// A client without a cookie has not seen the hints: it is told how its key is made, as by MIT's KDC.
fn another_round(
    request: &PreauthRequest<'_>,
    mechanism: &dyn Mechanism,
    value: Vec<u8>,
    state: SecretVec,
    random: &mut dyn RandomSource,
) -> ErrorReply {
    let method_data = || -> Result<MethodData, RequestError> {
        let padata_type = mechanism.padata_type();
        let mut method_data = alloc::vec![element(padata_type, value)];
        if wire::find(request.padata, PaDataType::FX_COOKIE).is_none() {
            method_data.extend(key_info(request.body.value(), request.keys)?);
        }
        let cookie = cookie::seal(request, &[(padata_type, state)], random)?;
        method_data.push(element(PaDataType::FX_COOKIE, cookie));
        Ok(method_data)
    };
    with_method_data(RequestError::MorePreauthRequired, method_data())
}

/// The refusal, with what the client needs to preauthenticate: METHOD-DATA, RFC 4120 section 5.9.1.
fn with_hints(
    request: &PreauthRequest<'_>,
    error: RequestError,
    random: &mut dyn RandomSource,
) -> ErrorReply {
    with_method_data(error, hints(request, random))
}

fn with_method_data(
    error: RequestError,
    method_data: Result<MethodData, RequestError>,
) -> ErrorReply {
    match method_data {
        Ok(method_data) => ErrorReply { error, method_data },
        Err(error) => error.into(),
    }
}

fn hints(
    request: &PreauthRequest<'_>,
    random: &mut dyn RandomSource,
) -> Result<MethodData, RequestError> {
    let mut hints = MethodData::new();
    let mut states = Vec::new();
    if request.armor.is_none() {
        hints.push(wire::mark(PaDataType::FX_FAST));
    }
    hints.extend(key_info(request.body.value(), request.keys)?);
    for mechanism in available(request) {
        let padata_type = mechanism.padata_type();
        let hint = mechanism.hint(request, random)?;
        hints.push(element(padata_type, hint.value));
        states.extend(hint.state.map(|state| (padata_type, state)));
    }
    let cookie = cookie::seal(request, &states, random)?;
    hints.push(element(PaDataType::FX_COOKIE, cookie));
    Ok(hints)
}

fn element(padata_type: PaDataType, value: Vec<u8>) -> PaData {
    PaData {
        padata_type,
        padata_value: value.into(),
    }
}

/// Decrypts a timestamp that must be of now: what both encrypted timestamp and encrypted challenge send.
fn check_timestamp(
    context: &RequestContext<'_>,
    key: &Key,
    usage: KeyUsage,
    encrypted: &EncryptedData,
) -> Result<(), RequestError> {
    let plaintext = key
        .decrypt(usage, &encrypted.cipher)
        .map_err(|_| RequestError::PreauthFailed)?;
    let stamp = PaEncTsEnc::decode(&plaintext)?;
    let time = wire::timestamp(stamp.patimestamp);
    if context.now.is_within(context.policy.clock_skew, time) {
        return Ok(());
    }
    Err(RequestError::Skew {
        seconds: time.since(context.now).seconds(),
    })
}

#[cfg(test)]
mod tests;
