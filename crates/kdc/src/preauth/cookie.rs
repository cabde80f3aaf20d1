//! PA-FX-COOKIE: what mechanisms must remember between two rounds, kept by the client, RFC 6113 section 5.2.
//!
//! The state is encrypted in a key of the ticket-granting service, so that any KDC of the realm can read it, and no
//! client can read or change it. With it goes what it is of: the client, the mechanism, whether the conversation is
//! under armor, and when it was made. The cookie of the hints has the state of each mechanism whose hint begins the
//! conversation; the client goes on with one of them.
//!
//! A cookie can be sent again for as long as it is good, to each KDC of the realm, with the rest of its request or
//! with another one. What of it must count once, or for one request only, the mechanism has to bind itself.
//!
//! ```text
//! cookie   ::= EncryptedData (DER): etype and kvno of the key
//! contents ::= time (i64, seconds), armored (u8, 0 or 1), client (u64 length, name), state*
//! state    ::= mechanism (i32, type of the PA-DATA), state (u64 length, bytes)
//! ```

use alloc::vec::Vec;

use orthros_asn1::{EncryptedData, Message as _, PaDataType, UInt32};
use orthros_crypto::{KeyUsage, RandomSource, SecretVec};
use orthros_types::bytes::{ByteOrder, ByteReader, ByteWriter, Truncated};
use orthros_types::{Duration, Timestamp};

use super::PreauthRequest;
use crate::{RequestError, enctypes, wire};

/// The cookie of an error where there is no state. Without one MIT's client takes an error under armor for the end.
pub(super) const WITHOUT_STATE: &[u8] = b"none";

/// What a mechanism must remember.
pub(super) type State = (PaDataType, SecretVec);

/// The cookie with these states, for the client of this request.
pub(super) fn seal(
    request: &PreauthRequest<'_>,
    states: &[State],
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, RequestError> {
    if states.is_empty() {
        return Ok(WITHOUT_STATE.into());
    }
    let context = request.context;
    let contents = encode(request, states);
    let tgs = context.ticket_granting_service()?;
    let key = enctypes::ticket_key(context.policy, &tgs)?;
    let encrypted = EncryptedData {
        etype: wire::encryption_type(key.key.enctype()),
        kvno: Some(UInt32(key.kvno)),
        cipher: key.key.encrypt(COOKIE, &contents, random)?.into(),
    };
    Ok(encrypted.encode()?)
}

/// The state that is in a cookie; `None` in one without state of this mechanism: a client that goes on with another
/// mechanism than it began with sends the cookie of that one (RFC 6113 section 5.2).
pub(super) fn open(
    request: &PreauthRequest<'_>,
    mechanism: PaDataType,
    cookie: &[u8],
) -> Result<Option<SecretVec>, RequestError> {
    if cookie == WITHOUT_STATE {
        return Ok(None);
    }
    let context = request.context;
    let encrypted = EncryptedData::decode(cookie).map_err(|_| RequestError::PreauthCookie)?;
    let tgs = context.ticket_granting_service()?;
    let permitted = &context.policy.enctypes;
    let enctype = wire::enctype(encrypted.etype).filter(|enctype| permitted.contains(enctype));
    // One that was made before the keys were changed is in an old key.
    let key = enctype.and_then(|enctype| tgs.key(enctype, encrypted.kvno.map(u32::from)));
    let contents = key
        .and_then(|key| key.key.decrypt(COOKIE, &encrypted.cipher).ok())
        .ok_or(RequestError::PreauthCookie)?;
    let contents = decode(&contents).map_err(|_| RequestError::PreauthCookie)?;
    let client = request.client.principal.unparse();
    if contents.client != client || contents.armored != armored(request) {
        return Err(RequestError::PreauthCookie);
    }
    let Some(state) = contents.state_of(mechanism) else {
        return Ok(None);
    };
    if !context.now.is_within(LIFETIME, contents.time) {
        return Err(RequestError::PreauthExpired);
    }
    Ok(Some(state.into()))
}

struct Contents<'c> {
    time: Timestamp,
    armored: u8,
    client: &'c [u8],
    states: Vec<(PaDataType, &'c [u8])>,
}

impl<'c> Contents<'c> {
    fn state_of(&self, mechanism: PaDataType) -> Option<&'c [u8]> {
        let mut states = self.states.iter();
        let (_, state) = states.find(|(of, _)| *of == mechanism)?;
        Some(state)
    }
}

/// What a cookie says of the armor. A conversation that began under armor does not go on outside of it, where others
/// can read it; nor does one that began outside go on under armor, which may be that of another client.
fn armored(request: &PreauthRequest<'_>) -> u8 {
    request.armor.is_some().into()
}

fn encode(request: &PreauthRequest<'_>, states: &[State]) -> SecretVec {
    let name = request.client.principal.unparse();
    let capacity = states
        .iter()
        .map(|(_, state)| STATE_HEADER_LEN.saturating_add(state.len()))
        .chain([HEADER_LEN, name.len()])
        .fold(0, usize::saturating_add);
    let mut contents = ByteWriter::with_capacity(capacity, ByteOrder::BigEndian);
    contents.bytes(&request.context.now.seconds().to_be_bytes());
    contents.u8(armored(request));
    counted(&mut contents, &name);
    for (mechanism, state) in states {
        contents.bytes(&mechanism.0.to_be_bytes());
        counted(&mut contents, state);
    }
    contents.finish()
}

fn counted(contents: &mut ByteWriter, bytes: &[u8]) {
    // No length has more than 64 bits.
    contents.u64(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    contents.bytes(bytes);
}

fn decode(contents: &[u8]) -> Result<Contents<'_>, Truncated> {
    let mut reader = ByteReader::new(contents);
    let seconds = reader.u64("time")?.cast_signed();
    let armored = reader.u8("armored")?;
    let client = take_counted(&mut reader, "client")?;
    let mut states = Vec::new();
    while reader.remaining() > 0 {
        let mechanism = PaDataType(reader.i32("mechanism")?);
        states.push((mechanism, take_counted(&mut reader, "state")?));
    }
    Ok(Contents {
        time: Timestamp::from_seconds(seconds),
        armored,
        client,
        states,
    })
}

fn take_counted<'c>(
    reader: &mut ByteReader<'c>,
    field: &'static str,
) -> Result<&'c [u8], Truncated> {
    // A length that memory has no room for is beyond the end, too.
    let length = usize::try_from(reader.u64(field)?).unwrap_or(usize::MAX);
    reader.take(length, field)
}

/// Bytes of the contents before the client's name.
const HEADER_LEN: usize = 8 + 1 + 8;
/// Bytes before a mechanism's state.
const STATE_HEADER_LEN: usize = 4 + 8;

/// How long a state is good: as long as it takes to find a token and type what it shows.
const LIFETIME: Duration = Duration::from_seconds(600);

/// The usage of the key: the numbers from 512 on are for each implementation's own (RFC 4120 section 7.5.1), and
/// MIT's KDC has this one for its cookies.
pub(super) const COOKIE: KeyUsage = KeyUsage(513);
