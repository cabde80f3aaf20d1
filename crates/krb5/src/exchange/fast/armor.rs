//! The armor of a request: the armor key, and PA-FX-FAST of the request.

use orthros_asn1::{
    Checksum, CksumType, FastArmorType, FastOptions, KdcReqBody, KrbFastArmor, KrbFastArmoredReq,
    KrbFastReq, Message, MethodData, PaData, PaDataType, PaFxFastRequest, Raw,
};
use orthros_crypto::{Enctype, Key, KeyUsage, RandomSource, SecretVec};

use crate::exchange::ExchangeError;
use crate::exchange::header_ticket::HeaderTicket;
use crate::wire;
use orthros_types::Timestamp;

/// The armor of one request, which its answer comes under too.
pub(crate) struct Armor {
    pub(super) key: Key,
    /// What the KDC makes the key from, where the request does not have that anyway.
    value: Option<KrbFastArmor>,
}

impl Armor {
    /// The enctype of its key: that of a key of this side.
    pub(in crate::exchange) fn enctype(&self) -> Enctype {
        self.key.enctype()
    }

    /// The armor that a ticket gives to an AS-REQ (RFC 6113 section 5.4.1.1).
    pub(in crate::exchange) fn of_ticket(
        ticket: &HeaderTicket,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Self, ExchangeError> {
        let subkey = ticket.key.enctype().random_key(random)?;
        let request = ticket.armor_request(&subkey, now, random)?;
        Ok(Self {
            key: armor_key(&subkey, &ticket.key),
            value: Some(KrbFastArmor {
                armor_type: FastArmorType::AP_REQUEST,
                armor_value: request.into(),
            }),
        })
    }

    /// The armor of a TGS-REQ whose authenticator has this subkey (RFC 6113 section 5.4.2).
    pub(in crate::exchange) fn of_tgs_request(subkey: &Key, session_key: &Key) -> Self {
        Self {
            key: armor_key(subkey, session_key),
            value: None,
        }
    }

    /// PA-FX-FAST with the body and these preauthentication data under the armor.
    ///
    /// `covered` is what ties it to the message around it: the body of an AS-REQ, the AP-REQ of a TGS-REQ.
    pub(in crate::exchange) fn pa_fx_fast(
        &self,
        body: &Raw<KdcReqBody>,
        covered: &[u8],
        padata: MethodData,
        random: &mut dyn RandomSource,
    ) -> Result<PaData, ExchangeError> {
        let request = KrbFastReq {
            fast_options: FastOptions::empty(),
            padata,
            req_body: body.clone(),
        };
        let plaintext = SecretVec::from(request.encode()?);
        let checksum = self.key.checksum(KeyUsage::FAST_REQ_CHECKSUM, covered);
        let request = PaFxFastRequest::ArmoredData(KrbFastArmoredReq {
            armor: self.value.clone(),
            req_checksum: Checksum {
                cksumtype: CksumType(self.key.enctype().checksum_type().number()),
                checksum: checksum.as_ref().into(),
            },
            enc_fast_req: wire::encrypt(&self.key, KeyUsage::FAST_ENC, &plaintext, random)?,
        });
        Ok(PaData {
            padata_type: PaDataType::FX_FAST,
            padata_value: request.encode()?.into(),
        })
    }

    /// The key of an encrypted challenge, mixed of the armor key and the client's (RFC 6113 section 5.4.6).
    /// `pepper` differs for the client's challenge and the KDC's.
    pub(crate) fn challenge_key(&self, pepper: &[u8], client_key: &Key) -> Key {
        self.key.fx_cf2(pepper, client_key, b"challengelongterm")
    }
}

fn armor_key(subkey: &Key, session_key: &Key) -> Key {
    subkey.fx_cf2(b"subkeyarmor", session_key, b"ticketarmor")
}
