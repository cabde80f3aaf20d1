//! PA-ENCRYPTED-CHALLENGE: the time, encrypted under armor in a key of the armor's and the client's (RFC 6113
//! section 5.4.6).
//!
//! The KDC answers with a challenge of its own, which shows that it has the client's key.

use alloc::boxed::Box;

use orthros_asn1::{EncryptedData, Message, MethodData, PaData, PaDataType, PaEncTsEnc};
use orthros_crypto::{DecryptError, Key, KeyUsage, RandomSource};

use super::encrypted_timestamp::timestamp;
use super::{Mechanism, MechanismRow, Round};
use crate::exchange::error::{ExchangeError, malformed};
use crate::exchange::padata::find;
use crate::exchange::reply_error::ReplyError;
use crate::wire;

pub(super) const ROW: MechanismRow = MechanismRow {
    padata_type: PaDataType::ENCRYPTED_CHALLENGE,
    runs_without_armor: false,
    runs_under_armor: true,
    is_allowed: |_| true,
    start: || Box::new(EncryptedChallenge { kdc_key: None }),
};

struct EncryptedChallenge {
    /// The key of the KDC's challenge that answers the last one sent; none before that.
    kdc_key: Option<Key>,
}

impl Mechanism for EncryptedChallenge {
    fn respond(
        &mut self,
        round: &Round<'_>,
        random: &mut dyn RandomSource,
    ) -> Result<MethodData, ExchangeError> {
        // The row lets it run under armor only. Were that wrong, nothing would be sent.
        let armor = round.armor.ok_or(ReplyError::ArmorMissing)?;
        let key = |pepper| armor.challenge_key(pepper, round.client_key);
        let timestamp = timestamp(round.kdc_time)?.encode()?;
        let usage = KeyUsage::ENC_CHALLENGE_CLIENT;
        let challenge = wire::encrypt(&key(b"clientchallengearmor"), usage, &timestamp, random)?;
        self.kdc_key = Some(key(b"kdcchallengearmor"));
        Ok([PaData {
            padata_type: PaDataType::ENCRYPTED_CHALLENGE,
            padata_value: challenge.encode()?.into(),
        }]
        .into())
    }

    fn check_kdc(&self, reply: &[PaData]) -> Result<(), ExchangeError> {
        let challenge = find(reply, PaDataType::ENCRYPTED_CHALLENGE);
        let (Some(key), Some(challenge)) = (&self.kdc_key, challenge) else {
            return Err(ReplyError::ChallengeMissing.into());
        };
        let challenge =
            EncryptedData::decode(challenge).map_err(malformed("encrypted challenge"))?;
        let timestamp = key
            .decrypt(KeyUsage::ENC_CHALLENGE_KDC, &challenge.cipher)
            .map_err(|error| match error {
                DecryptError::Integrity(_) => ReplyError::Challenge.into(),
                error => ExchangeError::from(ReplyError::Ciphertext(error)),
            })?;
        // Its time is nothing to go by: the reply around it has the nonce of the request.
        PaEncTsEnc::decode(&timestamp).map_err(malformed("PA-ENC-TS-ENC"))?;
        Ok(())
    }
}
