//! PA-ENCRYPTED-CHALLENGE: the time in a key that is made of the armor key and the client's, RFC 6113 section 5.4.6.

use orthros_asn1::{EncryptedData, Message as _, PaDataType, PaEncTsEnc, TicketFlags};
use orthros_crypto::{Key, KeyUsage, RandomSource, SecretVec};

use super::{Mechanism, PreauthRequest, Preauthenticated, ReplyKey, Verified, check_timestamp};
use crate::fast::Armor;
use crate::{PrincipalKey, RequestError, wire};

/// Encrypted challenge. The KDC answers in kind, which proves that it knows the client's key, too.
pub(super) struct EncryptedChallenge;

impl Mechanism for EncryptedChallenge {
    fn padata_type(&self) -> PaDataType {
        PaDataType::ENCRYPTED_CHALLENGE
    }

    fn is_available(&self, request: &PreauthRequest<'_>) -> bool {
        request.armor.is_some()
    }

    fn verify(
        &self,
        request: &PreauthRequest<'_>,
        value: &[u8],
        _state: Option<SecretVec>,
        random: &mut dyn RandomSource,
    ) -> Result<Verified, RequestError> {
        // Without armor it is not available.
        let armor = request.armor.ok_or(RequestError::PreauthFailed)?;
        let encrypted = EncryptedData::decode(value)?;
        let key = &client_key(request, armor, &encrypted)?.key;
        let answer = PaEncTsEnc {
            patimestamp: wire::kerberos_time(request.context.now),
            pausec: Some(wire::microseconds(request.context.now)),
        };
        let key = challenge_key(armor, b"kdcchallengearmor", key);
        let answer = wire::encrypt(&answer, &key, None, KeyUsage::ENC_CHALLENGE_KDC, random)?;
        Ok(Verified::Authenticated(Preauthenticated {
            flags: TicketFlags::PRE_AUTHENT,
            padata: alloc::vec![wire::padata(PaDataType::ENCRYPTED_CHALLENGE, &answer)?],
            reply_key: ReplyKey::ClientKey,
        }))
    }
}

/// The client's key in which the challenge is. The ciphertext does not say which one, so they are tried in turn.
fn client_key<'r>(
    request: &PreauthRequest<'r>,
    armor: &Armor,
    encrypted: &EncryptedData,
) -> Result<&'r PrincipalKey, RequestError> {
    for key in request.keys {
        let challenge_key = challenge_key(armor, b"clientchallengearmor", &key.key);
        let usage = KeyUsage::ENC_CHALLENGE_CLIENT;
        match check_timestamp(request.context, &challenge_key, usage, encrypted) {
            Ok(()) => return Ok(key),
            Err(RequestError::PreauthFailed) => {}
            Err(error) => return Err(error),
        }
    }
    Err(RequestError::PreauthFailed)
}

fn challenge_key(armor: &Armor, pepper: &[u8], key: &Key) -> Key {
    armor.key.fx_cf2(pepper, key, b"challengelongterm")
}
