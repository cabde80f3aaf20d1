//! The scripted KDC.

use orthros_asn1::{
    ApReq, AsReq, Authenticator, Checksum, CksumType, EncTicketPart, EncryptedData, EncryptionKey,
    EncryptionType, ErrorCode, EtypeInfo2Entry, Exactly, KdcOptions, KdcReqBody, KrbError,
    Message as _, MethodData, PaData, PaDataType, PaEncTsEnc, PrincipalName, SecretOctets, TgsReq,
    Ticket, TicketFlags, TransitedEncoding, TransitedType,
};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_types::Timestamp;

use super::{
    AES256, Draft, NOW, PASSWORD, REALM, SeededRandom, kerberos_time, key, krb_error, padata,
};

/// A KDC with one client, whose behaviour and mistakes a test chooses.
pub(crate) struct Kdc {
    pub(crate) realm: &'static str,
    /// What its clock shows.
    pub(crate) now: Timestamp,
    pub(crate) random: SeededRandom,
    pub(crate) requires_preauth: bool,
    /// The client's key, and how the client is told to make it.
    pub(crate) client_key: Key,
    pub(crate) etype_info: Vec<EtypeInfo2Entry>,
    /// Whether the client is told so in METHOD-DATA and in replies.
    pub(crate) gives_etype_info: bool,
    pub(crate) more_method_data: MethodData,
    /// Whether it proves the request as RFC 6806 section 11 has it.
    pub(crate) proves_request: bool,
    /// Whether a TGS-REP is sealed in the subkey.
    pub(crate) uses_subkey: bool,
    /// The key of its ticket-granting service, and of all others.
    pub(crate) tgs_key: Key,
    /// What to spoil in a reply.
    pub(crate) tamper: Box<dyn Fn(&mut Draft)>,
    /// Realm to which a request with the canonicalize option is referred.
    pub(crate) refers_to: Option<&'static str>,
}

impl Kdc {
    pub(crate) fn new() -> Self {
        Self::with_enctype(AES256)
    }

    /// The client has a key of this encryption type, made with a salt that is not the default one.
    pub(crate) fn with_enctype(enctype: Enctype) -> Self {
        let salt = b"pepper";
        Self {
            realm: REALM,
            now: NOW,
            random: SeededRandom::new(99),
            requires_preauth: true,
            client_key: enctype
                .string_to_key(PASSWORD.as_bytes(), salt, None)
                .unwrap(),
            etype_info: vec![EtypeInfo2Entry {
                etype: EncryptionType(enctype.number()),
                salt: Some(salt.as_slice().into()),
                s2kparams: None,
            }],
            gives_etype_info: true,
            more_method_data: Vec::new(),
            proves_request: true,
            uses_subkey: true,
            tgs_key: key(0x54),
            tamper: Box::new(|_| {}),
            refers_to: None,
        }
    }

    /// The same, with one thing wrong in its replies.
    pub(crate) fn spoiling(tamper: impl Fn(&mut Draft) + 'static) -> Self {
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

    pub(crate) fn error(&self, code: ErrorCode) -> KrbError {
        KrbError {
            realm: self.realm.into(),
            ..krb_error(code, self.now)
        }
    }

    pub(crate) fn method_data(&self) -> MethodData {
        let mut data = vec![padata(PaDataType::ENC_TIMESTAMP, b"")];
        data.extend(self.etype_info_element());
        data.extend(self.more_method_data.clone());
        data
    }

    pub(super) fn etype_info_element(&self) -> Option<PaData> {
        let encoded = self.etype_info.encode().unwrap();
        self.gives_etype_info
            .then(|| padata(PaDataType::ETYPE_INFO2, &encoded))
    }

    fn answer_as(&mut self, octets: &[u8]) -> Vec<u8> {
        let request = AsReq::decode(octets).unwrap().0;
        let data = request.padata.clone().unwrap_or_default();
        let proof = data
            .iter()
            .find(|element| element.padata_type == PaDataType::ENC_TIMESTAMP);
        if let Some(code) = self.preauth_problem(proof) {
            return KrbError {
                e_data: Some(self.method_data().encode().unwrap().into()),
                ..self.error(code)
            }
            .encode()
            .unwrap();
        }
        let body = request.req_body.value();
        let mut draft = self.draft(body, body.cname.clone().unwrap(), self.now);
        draft.padata.extend(self.etype_info_element());
        draft.part.flags |= TicketFlags::INITIAL;
        let wants_proof = data
            .iter()
            .any(|element| element.padata_type == PaDataType::REQ_ENC_PA_REP);
        if wants_proof && self.proves_request {
            draft.part.flags |= TicketFlags::ENC_PA_REP;
            draft.part.encrypted_pa_data = Some(vec![
                padata(
                    PaDataType::REQ_ENC_PA_REP,
                    &request_checksum(&self.client_key, octets),
                ),
                padata(PaDataType::FX_FAST, b""),
            ]);
        }
        (self.tamper)(&mut draft);
        draft.into_as_rep(&mut self.random)
    }

    fn preauth_problem(&self, proof: Option<&PaData>) -> Option<ErrorCode> {
        let Some(proof) = proof else {
            return self
                .requires_preauth
                .then_some(ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
        };
        let sealed = EncryptedData::decode(&proof.padata_value).unwrap();
        let usage = KeyUsage::AS_REQ_PA_ENC_TIMESTAMP;
        let Ok(plaintext) = self.client_key.decrypt(usage, &sealed.cipher) else {
            return Some(ErrorCode::KDC_ERR_PREAUTH_FAILED);
        };
        let stamp = PaEncTsEnc::decode(&plaintext).unwrap();
        let distance = stamp.patimestamp.seconds().abs_diff(self.now.seconds());
        (distance > 300).then_some(ErrorCode::KRB_AP_ERR_SKEW)
    }

    fn answer_tgs(&mut self, octets: &[u8]) -> Vec<u8> {
        let request = TgsReq::decode(octets).unwrap().0;
        let (_, authenticator) = self.shown(&request);
        if authenticator.ctime.seconds().abs_diff(self.now.seconds()) > 300 {
            return self.error(ErrorCode::KRB_AP_ERR_SKEW).encode().unwrap();
        }
        let mut draft = self.tgs_draft(octets);
        (self.tamper)(&mut draft);
        draft.into_tgs_rep(&mut self.random)
    }

    /// A faultless reply to a TGS-REQ.
    pub(super) fn tgs_draft(&mut self, octets: &[u8]) -> Draft {
        let request = TgsReq::decode(octets).unwrap().0;
        let (ticket, authenticator) = self.shown(&request);
        let mut body = request.req_body.value().clone();
        if let Some(realm) = self.refers_to
            && body.kdc_options.contains(KdcOptions::CANONICALIZE)
        {
            body.sname = Some(super::name(&["krbtgt", realm]));
        }
        let authtime = Timestamp::from_seconds(ticket.authtime.seconds());
        let mut draft = self.draft(&body, ticket.cname, authtime);
        draft.crealm = ticket.crealm.clone();
        draft.ticket_part.crealm = ticket.crealm;
        draft.tgs_tag = true;
        draft.part.starttime = Some(kerberos_time(self.now));
        (draft.key, draft.usage) = match authenticator.subkey {
            Some(subkey) if self.uses_subkey => {
                (to_key(&subkey), KeyUsage::TGS_REP_ENC_PART_SUBKEY)
            }
            _ => (to_key(&ticket.key), KeyUsage::TGS_REP_ENC_PART_SESSION_KEY),
        };
        draft
    }

    /// Opens PA-TGS-REQ and checks what a KDC checks of it.
    pub(crate) fn shown<const MSG: i32>(
        &self,
        request: &orthros_asn1::KdcReq<MSG>,
    ) -> (EncTicketPart, Authenticator) {
        let data = request.padata.as_ref().unwrap();
        assert_eq!(data[0].padata_type, PaDataType::TGS_REQ);
        let shown = ApReq::decode(&data[0].padata_value).unwrap();
        let plaintext = self
            .tgs_key
            .decrypt(KeyUsage::KDC_REP_TICKET, &shown.ticket.enc_part.cipher)
            .unwrap();
        let ticket = EncTicketPart::decode(&plaintext).unwrap();
        let session = to_key(&ticket.key);
        let plaintext = session
            .decrypt(KeyUsage::TGS_REQ_AUTHENTICATOR, &shown.authenticator.cipher)
            .unwrap();
        let authenticator = Authenticator::decode(&plaintext).unwrap();
        assert_eq!(authenticator.cname, ticket.cname);
        assert_eq!(authenticator.crealm, ticket.crealm);
        let checksum = authenticator.cksum.as_ref().unwrap();
        let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
        session
            .verify_checksum(usage, request.req_body.octets(), &checksum.checksum)
            .unwrap();
        (ticket, authenticator)
    }

    /// A faultless reply to this request, in the client's key.
    pub(super) fn draft(
        &mut self,
        body: &KdcReqBody,
        client: PrincipalName,
        authtime: Timestamp,
    ) -> Draft {
        let enctype = Enctype::from_number(body.etype[0].0).unwrap();
        let session = enctype.random_key(&mut self.random).unwrap();
        let session = EncryptionKey {
            keytype: EncryptionType(enctype.number()),
            keyvalue: SecretOctets::new(session.as_bytes().to_vec()),
        };
        let common = TicketFlags::FORWARDABLE | TicketFlags::PROXIABLE | TicketFlags::RENEWABLE;
        let mut flags = TicketFlags::from_bits_retain(body.kdc_options.bits()) & common;
        if body.kdc_options.contains(KdcOptions::POSTDATED) {
            flags |= TicketFlags::POSTDATED | TicketFlags::INVALID;
        }
        let sname = body.sname.clone().unwrap();
        Draft {
            padata: Vec::new(),
            crealm: self.realm.into(),
            cname: client.clone(),
            ticket: Ticket {
                tkt_vno: Exactly,
                realm: self.realm.into(),
                sname: sname.clone(),
                enc_part: EncryptedData {
                    etype: EncryptionType(self.tgs_key.enctype().number()),
                    kvno: None,
                    cipher: Vec::new().into(),
                },
            },
            ticket_part: EncTicketPart {
                flags,
                key: session.clone(),
                crealm: self.realm.into(),
                cname: client,
                transited: TransitedEncoding {
                    tr_type: TransitedType::DOMAIN_X500_COMPRESS,
                    contents: Vec::new().into(),
                },
                authtime: kerberos_time(authtime),
                starttime: body.from,
                endtime: body.till,
                renew_till: body.rtime,
                caddr: body.addresses.clone(),
                authorization_data: None,
            },
            service_key: self.tgs_key.clone(),
            part: orthros_asn1::EncKdcRepPart {
                key: session,
                last_req: Vec::new(),
                nonce: body.nonce,
                key_expiration: None,
                flags,
                authtime: kerberos_time(authtime),
                starttime: body.from,
                endtime: body.till,
                renew_till: body.rtime,
                srealm: self.realm.into(),
                sname,
                caddr: body.addresses.clone(),
                encrypted_pa_data: None,
            },
            key: self.client_key.clone(),
            usage: KeyUsage::AS_REP_ENC_PART,
            etype: EncryptionType(self.client_key.enctype().number()),
            tgs_tag: false,
        }
    }
}

pub(crate) fn to_key(key: &EncryptionKey) -> Key {
    let enctype = Enctype::from_number(key.keytype.0).unwrap();
    Key::new(enctype, key.keyvalue.expose()).unwrap()
}

pub(super) fn request_checksum(key: &Key, request: &[u8]) -> Vec<u8> {
    Checksum {
        cksumtype: CksumType(key.enctype().checksum_type().number()),
        checksum: key
            .checksum(KeyUsage::AS_REQ_CHECKSUM, request)
            .as_ref()
            .into(),
    }
    .encode()
    .unwrap()
}
