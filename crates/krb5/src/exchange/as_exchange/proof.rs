//! How a client proves who it is: an encrypted timestamp, and under armor an encrypted challenge.

use alloc::vec::Vec;

use orthros_asn1::{EncryptedData, Message, PaData, PaDataType, PaEncTsEnc};
use orthros_crypto::{Key, KeyUsage, RandomSource};

use super::context::{AsContext, InFlight};
use super::key_hint::KeyHint;
use crate::exchange::error::malformed;
use crate::exchange::fast::Armor;
use crate::exchange::padata::find;
use crate::exchange::{CallerMisuse, ExchangeError, ReplyDefect};
use crate::wire;
use orthros_types::Timestamp;

/// How the client proved who it is.
pub(super) struct Proof {
    pub(super) key: Key,
    pub(super) hint: KeyHint,
    pub(super) mechanism: PaDataType,
    /// To be sent back as it came (RFC 6113 section 5.2).
    cookie: Option<PaData>,
}

/// The mechanism there is, with and without armor.
///
/// A timestamp in the client's key alone is not for a request under armor, which hides more.
pub(super) const fn mechanism(is_armored: bool) -> PaDataType {
    if is_armored {
        PaDataType::ENCRYPTED_CHALLENGE
    } else {
        PaDataType::ENC_TIMESTAMP
    }
}

impl Proof {
    pub(super) fn new(key: Key, hint: KeyHint, mechanism: PaDataType) -> Self {
        Self {
            key,
            hint,
            mechanism,
            cookie: None,
        }
    }

    /// Takes the cookie over that a KDC sends along with an error; the last one counts.
    pub(super) fn take_cookie(&mut self, method_data: &[PaData]) {
        let cookie = method_data
            .iter()
            .find(|element| element.padata_type == PaDataType::FX_COOKIE);
        if let Some(cookie) = cookie {
            self.cookie = Some(cookie.clone());
        }
    }

    /// Writes a request with this proof.
    pub(super) fn write(
        &self,
        context: &mut AsContext,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<InFlight, ExchangeError> {
        let kdc_time = context.kdc_time(now);
        let timestamp = PaEncTsEnc {
            patimestamp: wire::kerberos_time(kdc_time).ok_or(CallerMisuse::TimeOutOfRange)?,
            pausec: Some(wire::microseconds(kdc_time)),
        };
        let timestamp = timestamp.encode()?;
        let armor = context.armor(now, random)?;
        let sealed = match &armor {
            Some(armor) => armor.seal_challenge(&self.key, &timestamp, random)?,
            None => wire::seal(
                &self.key,
                KeyUsage::AS_REQ_PA_ENC_TIMESTAMP,
                &timestamp,
                random,
            )?,
        };
        let mut padata: Vec<PaData> = self.cookie.iter().cloned().collect();
        padata.push(PaData {
            padata_type: self.mechanism,
            padata_value: sealed.encode()?.into(),
        });
        context.write(padata, armor, now, random)
    }

    /// Under armor the KDC proves that it has the client's key in its turn (RFC 6113 section 5.4.6).
    pub(super) fn check_kdc(&self, armor: &Armor, padata: &[PaData]) -> Result<(), ExchangeError> {
        let challenge =
            find(padata, PaDataType::ENCRYPTED_CHALLENGE).ok_or(ReplyDefect::ChallengeMissing)?;
        let challenge =
            EncryptedData::decode(challenge).map_err(malformed("encrypted challenge"))?;
        let timestamp = armor
            .open_challenge(&self.key, &challenge)?
            .ok_or(ReplyDefect::Challenge)?;
        // Its time is nothing to go by: the reply around it has the nonce of the request.
        PaEncTsEnc::decode(&timestamp).map_err(malformed("PA-ENC-TS-ENC"))?;
        Ok(())
    }
}
