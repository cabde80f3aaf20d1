//! A client's armor.

use orthros_asn1::{
    AsReq, Checksum, CksumType, Exactly, FastArmorType, FastOptions, KdcReq, KdcReqBody, KrbError,
    KrbFastArmor, KrbFastArmoredReq, KrbFastReq, KrbFastResponse, Message as _, MethodData, PaData,
    PaDataType, PaFxFastReply, PaFxFastRequest, Raw,
};
use orthros_crypto::{Key, KeyUsage};

use super::{AES256, AsAsk, Held, World, find, method_data, padata, random_key, seal, timestamp};

/// Armor of a ticket.
#[derive(Clone)]
pub(crate) struct Armor {
    held: Held,
    subkey: Option<Key>,
    pub(crate) key: Key,
    pub(crate) options: FastOptions,
    /// The type that it claims to be of.
    pub(crate) armor_type: FastArmorType,
    /// Whether its checksum is over something else.
    pub(crate) other_body: bool,
}

/// What a reply or an error says under its armor.
#[derive(Debug)]
pub(crate) struct Armored {
    pub(crate) response: KrbFastResponse,
}

impl Armor {
    pub(crate) fn new(held: &Held) -> Self {
        let subkey = random_key(AES256, 1234);
        Self {
            key: subkey.fx_cf2(b"subkeyarmor", &held.key, b"ticketarmor"),
            subkey: Some(subkey),
            held: held.clone(),
            options: FastOptions::empty(),
            armor_type: FastArmorType::AP_REQUEST,
            other_body: false,
        }
    }

    pub(crate) fn without_subkey(mut self) -> Self {
        self.subkey = None;
        self
    }

    /// The key of the encrypted challenge.
    pub(crate) fn challenge_key(&self, pepper: &[u8], client_key: &Key) -> Key {
        self.key.fx_cf2(pepper, client_key, b"challengelongterm")
    }

    /// An encrypted challenge of the client.
    pub(crate) fn challenge(&self, world: &World, client_key: &Key) -> PaData {
        let key = self.challenge_key(b"clientchallengearmor", client_key);
        let sealed = timestamp(&key, KeyUsage::ENC_CHALLENGE_CLIENT, world.now);
        padata(PaDataType::ENCRYPTED_CHALLENGE, &sealed.encode().unwrap())
    }

    /// An AS-REQ under the armor, in another one that names no client.
    pub(crate) fn as_req(&self, world: &World, inner: &AsAsk) -> Vec<u8> {
        let outer = AsAsk::bare("nobody").body();
        let element = self.element(world, &inner.padata, inner.body(), outer.octets(), true);
        let request = AsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: Some(vec![element]),
            req_body: outer,
        });
        request.encode().unwrap()
    }

    /// PA-FX-FAST.
    pub(crate) fn element(
        &self,
        world: &World,
        padata: &MethodData,
        req_body: Raw<KdcReqBody>,
        covered: &[u8],
        explicit: bool,
    ) -> PaData {
        let inner = KrbFastReq {
            fast_options: self.options,
            padata: padata.clone(),
            req_body,
        };
        let covered = if self.other_body { b"other" } else { covered };
        let tag = self.key.checksum(KeyUsage::FAST_REQ_CHECKSUM, covered);
        let request = PaFxFastRequest::ArmoredData(KrbFastArmoredReq {
            armor: explicit.then(|| KrbFastArmor {
                armor_type: self.armor_type,
                armor_value: self.ap_req(world).into(),
            }),
            req_checksum: Checksum {
                cksumtype: CksumType(self.key.enctype().checksum_type().number()),
                checksum: tag.as_ref().into(),
            },
            enc_fast_req: seal(&self.key, KeyUsage::FAST_ENC, &inner),
        });
        super::padata(PaDataType::FX_FAST, &request.encode().unwrap())
    }

    fn ap_req(&self, world: &World) -> Vec<u8> {
        self.held.ap_req(world, self.subkey.as_ref(), None)
    }

    pub(crate) fn open(&self, data: &MethodData) -> Armored {
        let element = find(data, PaDataType::FX_FAST).expect("reply is armored");
        let PaFxFastReply::ArmoredData(reply) = PaFxFastReply::decode(element).unwrap();
        let plaintext = self
            .key
            .decrypt(KeyUsage::FAST_REP, &reply.enc_fast_rep.cipher)
            .expect("reply is in the armor key");
        Armored {
            response: KrbFastResponse::decode(&plaintext).unwrap(),
        }
    }

    /// What an error says under its armor, and the hints in it.
    pub(crate) fn open_error(&self, error: &KrbError) -> (KrbError, MethodData) {
        let armored = self.open(&method_data(error)).response;
        assert_eq!(armored.finished, None);
        assert_eq!(armored.strengthen_key, None);
        let inner = find(&armored.padata, PaDataType::FX_ERROR).expect("there is an error");
        (KrbError::decode(inner).unwrap(), armored.padata)
    }
}

impl Armored {
    /// The reply key, strengthened.
    pub(crate) fn reply_key(&self, key: &Key) -> Key {
        let strengthen = self.response.strengthen_key.as_ref();
        let strengthen = super::to_key(strengthen.expect("reply key is strengthened"));
        strengthen.fx_cf2(b"strengthenkey", key, b"replykey")
    }
}
