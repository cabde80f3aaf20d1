//! PA-ENC-TIMESTAMP: the time in the client's key, RFC 4120 section 5.2.7.2.

use alloc::vec::Vec;

use orthros_asn1::{EncryptedData, Message as _, PaDataType, TicketFlags};
use orthros_crypto::{KeyUsage, RandomSource, SecretVec};

use super::{Mechanism, PreauthRequest, Preauthenticated, ReplyKey, Verified, check_timestamp};
use crate::{RequestError, wire};

/// Encrypted timestamp. Under armor there is encrypted challenge instead.
pub(super) struct EncryptedTimestamp;

impl Mechanism for EncryptedTimestamp {
    fn padata_type(&self) -> PaDataType {
        PaDataType::ENC_TIMESTAMP
    }

    fn is_available(&self, request: &PreauthRequest<'_>) -> bool {
        request.armor.is_none()
    }

    fn verify(
        &self,
        request: &PreauthRequest<'_>,
        value: &[u8],
        _state: Option<SecretVec>,
        _random: &mut dyn RandomSource,
    ) -> Result<Verified, RequestError> {
        let encrypted = EncryptedData::decode(value)?;
        let etype = encrypted.etype;
        let key = request
            .keys
            .iter()
            .find(|key| wire::encryption_type(key.key.enctype()) == etype)
            .ok_or(RequestError::PreauthEnctype { etype })?;
        let usage = KeyUsage::AS_REQ_PA_ENC_TIMESTAMP;
        check_timestamp(request.context, &key.key, usage, &encrypted)?;
        Ok(Verified::Authenticated(Preauthenticated {
            flags: TicketFlags::PRE_AUTHENT,
            padata: Vec::new(),
            reply_key: ReplyKey::ClientKey,
        }))
    }
}
