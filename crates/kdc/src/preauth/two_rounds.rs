//! A mechanism of two rounds for the tests: the client answers a random challenge with a checksum of it and the body.

use orthros_asn1::{PaData, PaDataType, TicketFlags};
use orthros_crypto::{Key, KeyUsage, RandomSource, SecretVec};

use super::{Hint, Mechanism, PreauthRequest, Preauthenticated, ReplyKey, Verified};
use crate::RequestError;

/// The type of its PA-DATA. Negative ones are for local use.
pub(super) const TWO_ROUNDS: PaDataType = PaDataType(-1138);
/// What the client begins with.
pub(super) const HELLO: &[u8] = b"hello";
/// What the KDC ends with.
pub(super) const WELCOME: &[u8] = b"welcome";
/// The usage of the checksum.
pub(super) const CHALLENGE: KeyUsage = KeyUsage(1138);

pub(super) struct TwoRounds;

/// The reply key that comes of it.
pub(super) fn reply_key(client_key: &Key, challenge: &[u8]) -> Key {
    client_key.fx_cf2(b"tworounds", client_key, challenge)
}

impl Mechanism for TwoRounds {
    fn padata_type(&self) -> PaDataType {
        TWO_ROUNDS
    }

    fn is_available(&self, _request: &PreauthRequest<'_>) -> bool {
        true
    }

    fn hint(
        &self,
        _request: &PreauthRequest<'_>,
        _random: &mut dyn RandomSource,
    ) -> Result<Hint, RequestError> {
        Ok(Hint {
            value: b"say hello".to_vec(),
            state: None,
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
        let Some(challenge) = state else {
            if value != HELLO {
                return Err(RequestError::PreauthFailed);
            }
            let mut challenge = [0; 16];
            random.fill(&mut challenge)?;
            return Ok(Verified::Continue {
                value: challenge.to_vec(),
                state: challenge.as_slice().into(),
            });
        };
        let key = &request.keys[0].key;
        let covered = [&challenge, request.body.octets()].concat();
        key.verify_checksum(CHALLENGE, &covered, value)
            .map_err(|_| RequestError::PreauthFailed)?;
        Ok(Verified::Authenticated(Preauthenticated {
            flags: TicketFlags::PRE_AUTHENT | TicketFlags::HW_AUTHENT,
            padata: alloc::vec![PaData {
                padata_type: TWO_ROUNDS,
                padata_value: WELCOME.into(),
            }],
            reply_key: ReplyKey::Replaced(reply_key(key, &challenge)),
        }))
    }
}
