//! PA-FX-COOKIE: what a mechanism must remember between two rounds, kept by the client, RFC 6113 section 5.2.
//!
//! The state is encrypted in a key of the ticket-granting service, so that any KDC of the realm can read it, and no
//! client can read or change it. With it goes what it is of: the client, the mechanism, whether the conversation is
//! under armor, and when it was made.
//!
//! A cookie can be sent again for as long as it is good, to each KDC of the realm, with the rest of its request or
//! with another one. What of it must count once, or for one request only, the mechanism has to bind itself.
//!
//! ```text
//! cookie   ::= EncryptedData (DER): etype and kvno of the key
//! contents ::= time (i64, seconds), mechanism (i32, type of the PA-DATA), armored (u8, 0 or 1),
//!              client (u64 length, name), state
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

/// The cookie with the state of a mechanism, for the client of this request.
pub(super) fn seal(
    request: &PreauthRequest<'_>,
    mechanism: PaDataType,
    state: &[u8],
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, RequestError> {
    let context = request.context;
    let contents = encode(request, mechanism, state);
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
    if contents.mechanism != mechanism {
        return Ok(None);
    }
    if !context.now.is_within(LIFETIME, contents.time) {
        return Err(RequestError::PreauthExpired);
    }
    Ok(Some(contents.state.to_vec().into()))
}

struct Contents<'c> {
    time: Timestamp,
    mechanism: PaDataType,
    armored: u8,
    client: &'c [u8],
    state: &'c [u8],
}

/// What a cookie says of the armor. A conversation that began under armor does not go on outside of it, where others
/// can read it; nor does one that began outside go on under armor, which may be that of another client.
fn armored(request: &PreauthRequest<'_>) -> u8 {
    request.armor.is_some().into()
}

fn encode(request: &PreauthRequest<'_>, mechanism: PaDataType, state: &[u8]) -> SecretVec {
    let name = request.client.principal.unparse();
    let capacity = HEADER_LEN
        .saturating_add(name.len())
        .saturating_add(state.len());
    let mut contents = ByteWriter::with_capacity(capacity, ByteOrder::BigEndian);
    contents.bytes(&request.context.now.seconds().to_be_bytes());
    contents.bytes(&mechanism.0.to_be_bytes());
    contents.u8(armored(request));
    // No length has more than 64 bits.
    contents.u64(u64::try_from(name.len()).unwrap_or(u64::MAX));
    contents.bytes(&name);
    contents.bytes(state);
    contents.finish()
}

fn decode(contents: &[u8]) -> Result<Contents<'_>, Truncated> {
    let mut reader = ByteReader::new(contents);
    let seconds = reader.u64("time")?.cast_signed();
    let mechanism = PaDataType(reader.i32("mechanism")?);
    let armored = reader.u8("armored")?;
    // A length that memory has no room for is beyond the end, too.
    let length = usize::try_from(reader.u64("client")?).unwrap_or(usize::MAX);
    Ok(Contents {
        time: Timestamp::from_seconds(seconds),
        mechanism,
        armored,
        client: reader.take(length, "client")?,
        state: reader.take(reader.remaining(), "state")?,
    })
}

/// Bytes of the contents before the client's name.
const HEADER_LEN: usize = 8 + 4 + 1 + 8;

/// How long a state is good: as long as it takes to find a token and type what it shows.
const LIFETIME: Duration = Duration::from_seconds(600);

/// The usage of the key: the numbers from 512 on are for each implementation's own (RFC 4120 section 7.5.1), and
/// MIT's KDC has this one for its cookies.
pub(super) const COOKIE: KeyUsage = KeyUsage(513);
