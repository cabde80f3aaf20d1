//! The scripted KDC with FAST (RFC 6113).

use orthros_asn1::{
    ApReq, AsRep, AsReq, Authenticator, Checksum, CksumType, EncTicketPart, EncryptedData,
    EncryptionKey, EncryptionType, ErrorCode, KdcRep, KrbError, KrbFastArmoredRep, KrbFastFinished,
    KrbFastReq, KrbFastResponse, Message as _, MethodData, Microseconds, PaData, PaDataType,
    PaEncTsEnc, PaFxFastReply, PaFxFastRequest, SecretOctets, TgsRep, TgsReq, TicketFlags, UInt32,
};
use orthros_crypto::{Key, KeyUsage};

use super::kdc::request_checksum;
use super::{AES256, Kdc, kerberos_time, padata, to_key};

/// A KDC that answers under armor where it was asked under one.
pub(crate) struct FastKdc {
    pub(crate) kdc: Kdc,
    /// What to spoil under the armor of a reply or an error.
    pub(crate) tamper: Box<dyn Fn(&mut KrbFastResponse)>,
    /// Whether it adds a key of its own to the reply key.
    pub(crate) strengthens: bool,
    /// What it proves with that it knows the client: the client's key, if it does.
    pub(crate) challenge_key: Option<Key>,
    /// What it seals under the armor with: the armor key, unless there is another.
    pub(crate) armor_key: Option<Key>,
    /// What was under the armor of the last request.
    pub(crate) inner: Option<KrbFastReq>,
    /// What its errors say outside of their armor.
    pub(crate) outer_code: ErrorCode,
}

impl FastKdc {
    /// It says that it knows FAST wherever it can.
    pub(crate) fn new() -> Self {
        let mut kdc = Kdc::new();
        kdc.more_method_data = vec![padata(PaDataType::FX_FAST, b"")];
        Self {
            challenge_key: Some(kdc.client_key.clone()),
            kdc,
            tamper: Box::new(|_| {}),
            strengthens: true,
            armor_key: None,
            inner: None,
            outer_code: ErrorCode::KRB_ERR_GENERIC,
        }
    }

    /// The same, with one thing wrong under its armor.
    pub(crate) fn spoiling(tamper: impl Fn(&mut KrbFastResponse) + 'static) -> Self {
        Self {
            tamper: Box::new(tamper),
            ..Self::new()
        }
    }

    pub(crate) fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        match request[0] {
            0x6A => self.answer_as(request),
            0x6C => self.answer_tgs(request),
            other => panic!("a request that begins with {other:#x}"),
        }
    }

    fn answer_as(&mut self, octets: &[u8]) -> Vec<u8> {
        let request = AsReq::decode(octets).unwrap().0;
        let Some(armored) = armored(request.padata.as_deref()) else {
            return self.kdc.answer(octets);
        };
        assert_eq!(
            request.padata.unwrap().len(),
            1,
            "nothing stands next to the armor"
        );
        let PaFxFastRequest::ArmoredData(armored) = armored;
        let ticket = ApReq::decode(&armored.armor.as_ref().unwrap().armor_value).unwrap();
        let (session, authenticator) = self.open_ap_req(&ticket);
        assert_eq!(authenticator.ctime, kerberos_time(self.kdc.now));
        let armor_key = armor_key(&to_key(&authenticator.subkey.unwrap()), &session);
        let inner = open(&armor_key, &armored, request.req_body.octets());
        let (padata, body) = (inner.padata.clone(), inner.req_body.value().clone());
        self.inner = Some(inner);
        if let Some(code) = self.problem(&armor_key, &padata) {
            return self.armored_error(&armor_key, body.nonce, code);
        }
        let mut draft = self
            .kdc
            .draft(&body, body.cname.clone().unwrap(), self.kdc.now);
        let strengthen = self.strengthen_key();
        if let Some(key) = &strengthen {
            draft.key = key.fx_cf2(b"strengthenkey", &draft.key, b"replykey");
        }
        draft.part.flags |= TicketFlags::INITIAL | TicketFlags::ENC_PA_REP;
        draft.part.encrypted_pa_data = Some(vec![
            self::padata(
                PaDataType::REQ_ENC_PA_REP,
                &request_checksum(&draft.key, octets),
            ),
            self::padata(PaDataType::FX_FAST, b""),
        ]);
        (self.kdc.tamper)(&mut draft);
        let mut reply = draft.seal(&mut self.kdc.random);
        let proof = padata
            .iter()
            .any(|e| e.padata_type == PaDataType::ENCRYPTED_CHALLENGE);
        let mut inside: MethodData = self.kdc.etype_info_element().into_iter().collect();
        if proof {
            inside.extend(self.challenge(&armor_key));
        }
        self.put_under_armor(
            &armor_key,
            body.nonce,
            &mut reply,
            inside,
            strengthen.as_ref(),
        );
        AsRep(reply).encode().unwrap()
    }

    fn answer_tgs(&mut self, octets: &[u8]) -> Vec<u8> {
        let request = TgsReq::decode(octets).unwrap().0;
        let Some(PaFxFastRequest::ArmoredData(armored)) = armored(request.padata.as_deref()) else {
            return self.kdc.answer(octets);
        };
        assert_eq!(armored.armor, None);
        let (ticket, authenticator) = self.kdc.shown(&request);
        let armor_key = armor_key(
            &to_key(&authenticator.subkey.unwrap()),
            &to_key(&ticket.key),
        );
        let shown = request.padata.unwrap().swap_remove(0).padata_value;
        let inner = open(&armor_key, &armored, &shown);
        let nonce = inner.req_body.nonce;
        assert_eq!(inner.req_body.octets(), request.req_body.octets());
        self.inner = Some(inner);
        let mut draft = self.kdc.tgs_draft(octets);
        let strengthen = self.strengthen_key();
        if let Some(key) = &strengthen {
            draft.key = key.fx_cf2(b"strengthenkey", &draft.key, b"replykey");
        }
        (self.kdc.tamper)(&mut draft);
        let mut reply = draft.seal(&mut self.kdc.random);
        self.put_under_armor(
            &armor_key,
            nonce,
            &mut reply,
            Vec::new(),
            strengthen.as_ref(),
        );
        TgsRep(reply).encode().unwrap()
    }

    /// The error `code` under the armor of an AS-REQ or a TGS-REQ.
    pub(crate) fn refuse(&mut self, octets: &[u8], error: KrbError) -> Vec<u8> {
        let key = match octets[0] {
            0x6A => {
                let request = AsReq::decode(octets).unwrap().0;
                let PaFxFastRequest::ArmoredData(armored) =
                    armored(request.padata.as_deref()).unwrap();
                let ticket = ApReq::decode(&armored.armor.unwrap().armor_value).unwrap();
                let (session, authenticator) = self.open_ap_req(&ticket);
                (
                    armor_key(&to_key(&authenticator.subkey.unwrap()), &session),
                    request.req_body.nonce,
                )
            }
            _ => {
                let request = TgsReq::decode(octets).unwrap().0;
                let (ticket, authenticator) = self.kdc.shown(&request);
                let subkey = to_key(&authenticator.subkey.unwrap());
                (
                    armor_key(&subkey, &to_key(&ticket.key)),
                    request.req_body.nonce,
                )
            }
        };
        self.error_with(&key.0, key.1, error, Vec::new())
    }

    fn open_ap_req(&self, request: &ApReq) -> (Key, Authenticator) {
        let cipher = &request.ticket.enc_part.cipher;
        let ticket = self
            .kdc
            .tgs_key
            .decrypt(KeyUsage::KDC_REP_TICKET, cipher)
            .unwrap();
        let session = to_key(&EncTicketPart::decode(&ticket).unwrap().key);
        let cipher = &request.authenticator.cipher;
        let authenticator = session
            .decrypt(KeyUsage::AP_REQ_AUTHENTICATOR, cipher)
            .unwrap();
        (session, Authenticator::decode(&authenticator).unwrap())
    }

    fn problem(&self, armor_key: &Key, padata: &[PaData]) -> Option<ErrorCode> {
        let proof = padata
            .iter()
            .find(|e| e.padata_type == PaDataType::ENCRYPTED_CHALLENGE);
        let Some(proof) = proof else {
            let required = self.kdc.requires_preauth;
            return required.then_some(ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
        };
        let key = armor_key.fx_cf2(
            b"clientchallengearmor",
            &self.kdc.client_key,
            b"challengelongterm",
        );
        let sealed = EncryptedData::decode(&proof.padata_value).unwrap();
        let Ok(opened) = key.decrypt(KeyUsage::ENC_CHALLENGE_CLIENT, &sealed.cipher) else {
            return Some(ErrorCode::KDC_ERR_PREAUTH_FAILED);
        };
        let stamp = PaEncTsEnc::decode(&opened).unwrap();
        let distance = stamp.patimestamp.seconds().abs_diff(self.kdc.now.seconds());
        (distance > 300).then_some(ErrorCode::KRB_AP_ERR_SKEW)
    }

    fn challenge(&mut self, armor_key: &Key) -> Option<PaData> {
        let key = self.challenge_key.as_ref()?;
        let key = armor_key.fx_cf2(b"kdcchallengearmor", key, b"challengelongterm");
        let stamp = PaEncTsEnc {
            patimestamp: kerberos_time(self.kdc.now),
            pausec: None,
        };
        let sealed = self.seal(&key, KeyUsage::ENC_CHALLENGE_KDC, &stamp.encode().unwrap());
        Some(padata(
            PaDataType::ENCRYPTED_CHALLENGE,
            &sealed.encode().unwrap(),
        ))
    }

    fn armored_error(&mut self, armor_key: &Key, nonce: UInt32, code: ErrorCode) -> Vec<u8> {
        let mut inside = self.kdc.method_data();
        inside.retain(|element| element.padata_type != PaDataType::ENC_TIMESTAMP);
        inside.push(padata(PaDataType::ENCRYPTED_CHALLENGE, b""));
        inside.push(padata(PaDataType::FX_COOKIE, b"armored crumbs"));
        let error = self.kdc.error(code);
        self.error_with(armor_key, nonce, error, inside)
    }

    fn error_with(
        &mut self,
        key: &Key,
        nonce: UInt32,
        error: KrbError,
        inside: MethodData,
    ) -> Vec<u8> {
        let mut padata = vec![padata(PaDataType::FX_ERROR, &error.encode().unwrap())];
        padata.extend(inside);
        let response = KrbFastResponse {
            padata,
            strengthen_key: None,
            finished: None,
            nonce,
        };
        let e_data = vec![self.seal_response(key, response)];
        let outer = KrbError {
            e_data: Some(e_data.encode().unwrap().into()),
            ..self.kdc.error(self.outer_code)
        };
        outer.encode().unwrap()
    }

    fn put_under_armor<const MSG: i32>(
        &mut self,
        armor_key: &Key,
        nonce: UInt32,
        reply: &mut KdcRep<MSG>,
        padata: MethodData,
        strengthen: Option<&Key>,
    ) {
        let usage = KeyUsage::FAST_FINISHED;
        let response = KrbFastResponse {
            padata,
            strengthen_key: strengthen.map(|key| EncryptionKey {
                keytype: EncryptionType(key.enctype().number()),
                keyvalue: SecretOctets::new(key.as_bytes().to_vec()),
            }),
            finished: Some(KrbFastFinished {
                timestamp: kerberos_time(self.kdc.now),
                usec: Microseconds::new(0).unwrap(),
                crealm: reply.crealm.clone(),
                cname: reply.cname.clone(),
                ticket_checksum: checksum(armor_key, usage, reply.ticket.octets()),
            }),
            nonce,
        };
        reply.padata = Some(vec![self.seal_response(armor_key, response)]);
    }

    fn seal_response(&mut self, armor_key: &Key, mut response: KrbFastResponse) -> PaData {
        (self.tamper)(&mut response);
        let key = self.armor_key.as_ref().unwrap_or(armor_key).clone();
        let reply = PaFxFastReply::ArmoredData(KrbFastArmoredRep {
            enc_fast_rep: self.seal(&key, KeyUsage::FAST_REP, &response.encode().unwrap()),
        });
        padata(PaDataType::FX_FAST, &reply.encode().unwrap())
    }

    fn strengthen_key(&mut self) -> Option<Key> {
        self.strengthens
            .then(|| AES256.random_key(&mut self.kdc.random).unwrap())
    }

    fn seal(&mut self, key: &Key, usage: KeyUsage, plaintext: &[u8]) -> EncryptedData {
        let cipher = key.encrypt(usage, plaintext, &mut self.kdc.random).unwrap();
        EncryptedData {
            etype: EncryptionType(key.enctype().number()),
            kvno: None,
            cipher: cipher.into(),
        }
    }
}

fn armored(padata: Option<&[PaData]>) -> Option<PaFxFastRequest> {
    let mut elements = padata.unwrap_or_default().iter();
    let element = elements.find(|element| element.padata_type == PaDataType::FX_FAST)?;
    Some(PaFxFastRequest::decode(&element.padata_value).unwrap())
}

fn armor_key(subkey: &Key, session: &Key) -> Key {
    subkey.fx_cf2(b"subkeyarmor", session, b"ticketarmor")
}

/// Opens a request's armor and checks that it belongs to what it came in.
fn open(key: &Key, armored: &orthros_asn1::KrbFastArmoredReq, covered: &[u8]) -> KrbFastReq {
    let checksum = &armored.req_checksum.checksum;
    key.verify_checksum(KeyUsage::FAST_REQ_CHECKSUM, covered, checksum)
        .unwrap();
    let opened = key
        .decrypt(KeyUsage::FAST_ENC, &armored.enc_fast_req.cipher)
        .unwrap();
    KrbFastReq::decode(&opened).unwrap()
}

fn checksum(key: &Key, usage: KeyUsage, data: &[u8]) -> Checksum {
    Checksum {
        cksumtype: CksumType(key.enctype().checksum_type().number()),
        checksum: key.checksum(usage, data).as_ref().into(),
    }
}
