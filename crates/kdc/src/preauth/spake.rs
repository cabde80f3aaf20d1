//! PA-SPAKE: a password-authenticated key exchange, RFC 9588. What goes over the wire is no help in guessing
//! passwords.
//!
//! ```text
//!  client                                       KDC
//!    | support: its groups                       |
//!    |------------------------------------------>|  draws x, sends T; remembers x and the transcript
//!    | challenge: group, T, factors              |
//!    |<------------------------------------------|
//!    | response: S, factor in K'[1]              |
//!    |------------------------------------------>|  the factor decrypts: the client has the initial key
//!    | AS-REP in K'[0]                           |
//!    |<------------------------------------------|
//! ```
//!
//! With [`RealmPolicy::spake_challenge`](crate::RealmPolicy::spake_challenge) the challenge is in the hints already,
//! which saves a client that has its group the first round.
//!
//! The initial key is the client's of the enctype that it prefers. There is no second factor but SF-NONE.
//!
//! A client that sends a cookie again, with other responses, guesses a password with each of these, as with each new
//! challenge: the response is refused unless it was made with the initial key, and it is all that it is told.
//! A request is answered with four multiplications in the group at most: two to verify a response, two for the
//! challenge of the hints.
//!
//! ```text
//! state ::= group (i32), x (u32 length, bytes), transcript (u32 length, bytes)
//! ```

use alloc::vec::Vec;

use orthros_asn1::{
    Message as _, PaDataType, PaSpake, SpakeChallenge, SpakeGroup, SpakeResponse,
    SpakeSecondFactor, SpakeSecondFactorType, SpakeSupport, TicketFlags,
};
use orthros_crypto::spake::{Group, Keys, Party, PrivateScalar, Transcript};
use orthros_crypto::{Key, KeyUsage, RandomSource, SecretVec};
use orthros_types::bytes::{ByteOrder, ByteReader, ByteWriter, TooLarge, Truncated};

use super::{Hint, Mechanism, PreauthRequest, Preauthenticated, ReplyKey, Verified};
use crate::RequestError;
use crate::error::SpakeError;

/// SPAKE with the groups of the realm's policy.
pub(super) struct Spake;

impl Mechanism for Spake {
    fn padata_type(&self) -> PaDataType {
        PaDataType::SPAKE
    }

    fn is_available(&self, request: &PreauthRequest<'_>) -> bool {
        !request.context.policy.spake_groups.is_empty()
    }

    /// Empty, or a challenge that no client has asked for.
    fn hint(
        &self,
        request: &PreauthRequest<'_>,
        random: &mut dyn RandomSource,
    ) -> Result<Hint, RequestError> {
        let policy = request.context.policy;
        let group = policy
            .spake_challenge
            .filter(|group| policy.spake_groups.contains(group));
        let Some(group) = group else {
            return Ok(Hint::default());
        };
        let (value, state) = challenge(request, group, &[], random)?;
        Ok(Hint {
            value,
            state: Some(state),
        })
    }

    fn has_rounds(&self) -> bool {
        true
    }

    fn verify(
        &self,
        request: &PreauthRequest<'_>,
        value: &[u8],
        state: Option<SecretVec>,
        random: &mut dyn RandomSource,
    ) -> Result<Verified, RequestError> {
        match (PaSpake::decode(value)?, state) {
            // Whatever was said before: a client that has not the group of a challenge begins anew with this.
            (PaSpake::Support(support), _) => {
                let group = choose_group(request, &support)?;
                let (value, state) = challenge(request, group, value, random)?;
                Ok(Verified::Continue { value, state })
            }
            (PaSpake::Response(response), Some(state)) => {
                let reply_key = verify_response(request, &response, &state)?;
                Ok(Verified::Authenticated(Preauthenticated {
                    flags: TicketFlags::PRE_AUTHENT,
                    padata: Vec::new(),
                    reply_key: ReplyKey::Replaced(reply_key),
                }))
            }
            // Further messages are for second factors, of which there are none.
            (PaSpake::Response(_) | PaSpake::Challenge(_) | PaSpake::Encdata(_), _) => {
                Err(SpakeError::OutOfTurn.into())
            }
        }
    }
}

/// The first group of the client's that the realm has.
fn choose_group(request: &PreauthRequest<'_>, support: &SpakeSupport) -> Result<Group, SpakeError> {
    let permitted = &request.context.policy.spake_groups;
    let known = support
        .groups
        .iter()
        .filter_map(|group| Group::from_number(group.0));
    let mut common = known.filter(|group| permitted.contains(group));
    common.next().ok_or(SpakeError::NoCommonGroup)
}

/// A challenge in this group, and the state that goes with it. `support` is the client's message that it answers;
/// empty if there was none.
fn challenge(
    request: &PreauthRequest<'_>,
    group: Group,
    support: &[u8],
    random: &mut dyn RandomSource,
) -> Result<(Vec<u8>, SecretVec), RequestError> {
    let private = PrivateScalar::draw(group, Party::Kdc, random)?;
    let public = private
        .public_key(initial_key(request)?)
        .map_err(SpakeError::PublicKey)?;
    let challenge = PaSpake::Challenge(SpakeChallenge {
        group: SpakeGroup(group.number()),
        pubkey: public.into(),
        factors: alloc::vec![SpakeSecondFactor {
            factor_type: SpakeSecondFactorType::SF_NONE,
            data: None,
        }],
    });
    let challenge = challenge.encode()?;
    let mut transcript = Transcript::new(group);
    transcript.update(&[support, &challenge]);
    // Scalar and hash have 66 bytes at most.
    let state = encode_state(&private, &transcript).map_err(|_| SpakeError::State)?;
    Ok((challenge, state))
}

/// The reply key, if the response was made with the client's key.
fn verify_response(
    request: &PreauthRequest<'_>,
    response: &SpakeResponse,
    state: &[u8],
) -> Result<Key, RequestError> {
    let (private, mut transcript) = decode_state(state)?;
    // The policy may have changed since.
    if !request
        .context
        .policy
        .spake_groups
        .contains(&private.group())
    {
        return Err(SpakeError::NoCommonGroup.into());
    }
    transcript.update(&[&response.pubkey]);
    let key = initial_key(request)?;
    let keys =
        Keys::agree(&private, key, &response.pubkey, transcript).map_err(SpakeError::PublicKey)?;
    let body = request.body.octets();
    let factor = keys
        .derive(1, body)
        .decrypt(KeyUsage::SPAKE, &response.factor.cipher)
        .map_err(|_| RequestError::PreauthFailed)?;
    let factor = SpakeSecondFactor::decode(&factor)?;
    if factor.factor_type != SpakeSecondFactorType::SF_NONE {
        return Err(SpakeError::SecondFactor.into());
    }
    Ok(keys.derive(0, body))
}

/// The client's key of the enctype that it prefers: the client takes the same one of the hints.
fn initial_key<'r>(request: &PreauthRequest<'r>) -> Result<&'r Key, RequestError> {
    let key = request.keys.first().ok_or(RequestError::NoCommonEnctype)?;
    Ok(&key.key)
}

fn encode_state(private: &PrivateScalar, transcript: &Transcript) -> Result<SecretVec, TooLarge> {
    let (scalar, hash) = (private.as_bytes(), transcript.as_bytes());
    let capacity = 4 + 4 + scalar.len() + 4 + hash.len();
    let mut state = ByteWriter::with_capacity(capacity, ByteOrder::BigEndian);
    state.i32(private.group().number(), "group")?;
    state.counted32(scalar, "x")?;
    state.counted32(hash, "transcript")?;
    Ok(state.finish())
}

fn decode_state(state: &[u8]) -> Result<(PrivateScalar, Transcript), SpakeError> {
    let read = || -> Result<_, Truncated> {
        let mut reader = ByteReader::new(state);
        Ok((
            reader.i32("group")?,
            reader.counted32("x")?,
            reader.counted32("transcript")?,
        ))
    };
    let (group, scalar, hash) = read().map_err(|_| SpakeError::State)?;
    let group = Group::from_number(group).ok_or(SpakeError::State)?;
    let private = PrivateScalar::from_bytes(group, Party::Kdc, scalar);
    let transcript = Transcript::from_bytes(group, hash);
    private.zip(transcript).ok_or(SpakeError::State)
}
