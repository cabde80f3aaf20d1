//! Looking under the armor of an answer.

use alloc::boxed::Box;

use orthros_asn1::{
    KrbError, KrbFastResponse, Message, MethodData, PaData, PaDataType, PaFxFastReply, Raw, Ticket,
};
use orthros_crypto::{DecryptError, Key, KeyUsage};

use super::Armor;
use crate::exchange::error::malformed;
use crate::exchange::padata::find;
use crate::exchange::{ExchangeError, ReplyError};
use crate::wire;
use crate::{ErrorData, PeerError};
use orthros_types::Principal;

/// What a reply says under its armor.
pub(in crate::exchange) struct Armored {
    /// In place of those outside.
    pub(in crate::exchange) padata: MethodData,
    /// The client of the ticket, which is not protected outside.
    pub(in crate::exchange) client: Principal,
    strengthen_key: Option<Key>,
}

/// A KRB-ERROR, and whether it is the KDC's.
pub(in crate::exchange) enum ErrorReply {
    /// It was under armor: this is what the KDC says.
    Authentic(Box<PeerError>),
    /// It was not, and can be forged.
    Unprotected(Box<PeerError>),
}

impl Armored {
    /// What the KDC adds to the reply key.
    pub(in crate::exchange) fn strengthen_key(&self) -> Option<&Key> {
        self.strengthen_key.as_ref()
    }

    /// The key that the reply is encrypted in: the reply key without armor, mixed with the KDC's strengthen-key
    /// (RFC 6113 section 5.4.3).
    pub(in crate::exchange) fn strengthen(&self, reply_key: &Key) -> Key {
        match &self.strengthen_key {
            Some(key) => key.fx_cf2(b"strengthenkey", reply_key, b"replykey"),
            None => reply_key.clone(),
        }
    }
}

impl Armor {
    /// Opens the armored part of a reply, and checks that it belongs to the request and to the ticket; none if
    /// there is no such part.
    pub(in crate::exchange) fn open_reply(
        &self,
        padata: &[PaData],
        nonce: u32,
        ticket: &Raw<Ticket>,
    ) -> Result<Option<Armored>, ExchangeError> {
        let Some(armored) = find(padata, PaDataType::FX_FAST) else {
            return Ok(None);
        };
        let response = self.open(armored, nonce)?;
        let finished = response.finished.ok_or(ReplyError::FinishedMissing)?;
        let checksum = &finished.ticket_checksum;
        if checksum.cksumtype.0 != self.key.enctype().checksum_type().number() {
            return Err(ReplyError::TicketChecksum.into());
        }
        let usage = KeyUsage::FAST_FINISHED;
        self.key
            .verify_checksum(usage, ticket.octets(), &checksum.checksum)
            .map_err(|_| ReplyError::TicketChecksum)?;
        let strengthen_key = response
            .strengthen_key
            .map(|key| wire::key(&key).ok_or(ReplyError::StrengthenKey(key.keytype)))
            .transpose()?;
        Ok(Some(Armored {
            padata: response.padata,
            client: wire::principal(&finished.crealm, &finished.cname),
            strengthen_key,
        }))
    }

    /// Opens an error, if it is under armor.
    pub(in crate::exchange) fn open_error(
        &self,
        error: Box<PeerError>,
        nonce: u32,
    ) -> Result<ErrorReply, ExchangeError> {
        let Some(armored) = find(error.method_data(), PaDataType::FX_FAST) else {
            return Ok(ErrorReply::Unprotected(error));
        };
        let mut padata = self.open(armored, nonce)?.padata;
        let inner = find(&padata, PaDataType::FX_ERROR).ok_or(ReplyError::ArmoredErrorMissing)?;
        let mut inner = KrbError::decode(inner).map_err(malformed("KRB-ERROR under armor"))?;
        // Under armor an error's data are the other elements of the KrbFastResponse (RFC 6113 section 5.4.4).
        inner.e_data = None;
        let inner = PeerError::of_kdc(inner).map_err(malformed("e-data of a KRB-ERROR"))?;
        padata.retain(|element| element.padata_type != PaDataType::FX_ERROR);
        Ok(ErrorReply::Authentic(Box::new(PeerError {
            data: ErrorData::MethodData(padata),
            ..inner
        })))
    }

    fn open(&self, armored: &[u8], nonce: u32) -> Result<KrbFastResponse, ExchangeError> {
        let PaFxFastReply::ArmoredData(reply) =
            PaFxFastReply::decode(armored).map_err(malformed("PA-FX-FAST-REPLY"))?;
        let plaintext = self
            .key
            .decrypt(KeyUsage::FAST_REP, &reply.enc_fast_rep.cipher)
            .map_err(|error| match error {
                DecryptError::Integrity(_) => ReplyError::ArmorIntegrity.into(),
                error => ExchangeError::from(ReplyError::Ciphertext(error)),
            })?;
        let response = KrbFastResponse::decode(&plaintext).map_err(malformed("KrbFastResponse"))?;
        if response.nonce.0 == nonce {
            Ok(response)
        } else {
            Err(ReplyError::Nonce.into())
        }
    }
}
