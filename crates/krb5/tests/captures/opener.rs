//! Reads messages and, with whatever keys are known by then, what is in them.

use std::collections::BTreeMap;

use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::spnego::NegotiationToken;
use orthros_asn1::{
    AdAndOr, AdAuthenticationIndicator, AdCammac, AdKdcIssued, AdType, ApRep, ApReq, AsRep, AsReq,
    Authenticator, AuthorizationData, Checksum, CksumType, EncApRepPart, EncAsRepPart,
    EncKdcRepPart, EncKrbCredPart, EncTgsRepPart, EncTicketPart, EncryptedData, EncryptionKey,
    EtypeInfo, EtypeInfo2, KdcRep, KdcReq, KrbCred, KrbError, KrbFastReq, KrbFastResponse, Message,
    MethodData, PaData, PaDataType, PaEncTsEnc, PaForUser, PaFxFastReply, PaFxFastRequest,
    PaPacOptions, PaPacRequest, PaS4uX509User, TgsRep, TgsReq, Ticket,
};
use orthros_crypto::{Enctype, Key, KeyUsage, SecretVec};

/// All keys that were in a keytab or a message so far, and how many messages there were of each type.
pub(crate) struct Opener {
    keys: Vec<Key>,
    /// Keys that are made of these for one request and its reply.
    derived: Vec<Key>,
    /// What the next message under armor is opened with, once the request has said it.
    session: Option<Key>,
    subkey: Option<Key>,
    counts: BTreeMap<&'static str, usize>,
    place: String,
}

impl Opener {
    pub(crate) fn new(keys: Vec<Key>) -> Self {
        Self {
            keys,
            derived: Vec::new(),
            session: None,
            subkey: None,
            counts: BTreeMap::new(),
            place: String::new(),
        }
    }

    /// Says where the next message is from, for failures.
    pub(crate) fn at(&mut self, place: String) {
        self.place = place;
    }

    /// How many messages there were, by their name in ASN.1.
    pub(crate) fn counts(self) -> BTreeMap<&'static str, usize> {
        self.counts
    }

    /// A message to or from a KDC.
    pub(crate) fn kdc_message(&mut self, octets: &[u8]) {
        match octets.first() {
            Some(0x6A) => self.request("AS-REQ", octets, |AsReq(request)| request),
            Some(0x6C) => self.request("TGS-REQ", octets, |TgsReq(request)| request),
            Some(0x6B) => self.reply("AS-REP", octets, |AsRep(reply)| reply),
            Some(0x6D) => self.reply("TGS-REP", octets, |TgsRep(reply)| reply),
            Some(0x7E) => self.error(octets),
            other => panic!("{}: no message begins with {other:02x?}", self.place),
        }
    }

    /// A token of a GSS-API context.
    pub(crate) fn token(&mut self, octets: &[u8]) {
        if octets.first() != Some(&0x60) {
            return self.negotiation(octets);
        }
        let token = InitialContextToken::decode(octets).unwrap();
        assert_eq!(token.encode(), octets, "{}", self.place);
        self.saw("InitialContextToken");
        match token.inner {
            [1, 0, request @ ..] => self.context_request(request),
            [2, 0, reply @ ..] => self.context_reply(reply),
            inner => self.negotiation(inner),
        }
    }

    fn negotiation(&mut self, octets: &[u8]) {
        let inner = match self.same("NegotiationToken", octets) {
            NegotiationToken::Init(offer) => offer.mech_token,
            NegotiationToken::Resp(answer) => answer.response_token,
        };
        if let Some(inner) = inner {
            self.token(&inner);
        }
    }

    fn context_request(&mut self, octets: &[u8]) {
        let authenticator = self.ap_req(octets, KeyUsage::AP_REQ_AUTHENTICATOR);
        let Some(checksum) = authenticator.cksum else {
            return;
        };
        assert_eq!(checksum.cksumtype, CksumType::GSSAPI);
        // RFC 4121 section 4.1.1: behind channel bindings and flags, delegated credentials with their length.
        if let Some((_, [length_0, length_1, rest @ ..])) = checksum.checksum.split_at_checked(26) {
            let length = u16::from_le_bytes([*length_0, *length_1]);
            let credentials: KrbCred = self.same("KRB-CRED", &rest[..usize::from(length)]);
            for ticket in &credentials.tickets {
                self.ticket(ticket);
            }
            let usage = KeyUsage::KRB_CRED_ENC_PART;
            let part =
                self.opened::<EncKrbCredPart>("EncKrbCredPart", &credentials.enc_part, usage);
            assert_eq!(part.ticket_info.len(), credentials.tickets.len());
        }
    }

    fn context_reply(&mut self, octets: &[u8]) {
        let reply: ApRep = self.same("AP-REP", octets);
        let usage = KeyUsage::AP_REP_ENC_PART;
        self.opened::<EncApRepPart>("EncAPRepPart", &reply.enc_part, usage);
    }

    fn request<T: Message, const TYPE: i32>(
        &mut self,
        name: &'static str,
        octets: &[u8],
        inner: fn(T) -> KdcReq<TYPE>,
    ) {
        (self.session, self.subkey) = (None, None);
        self.derived.clear();
        let request = inner(self.same(name, octets));
        self.preauth(&request.padata.unwrap_or_default());
        for ticket in request.req_body.additional_tickets.iter().flatten() {
            self.ticket(ticket);
        }
        if let Some(data) = &request.req_body.enc_authorization_data {
            let plaintext = self
                .decrypt(data, KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SUBKEY)
                .or_else(|| self.decrypt(data, KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SESSION_KEY));
            let data: AuthorizationData = self.same("AuthorizationData", &plaintext.unwrap());
            self.authorization_data(&data);
        }
    }

    fn reply<T: Message, const TYPE: i32>(
        &mut self,
        name: &'static str,
        octets: &[u8],
        inner: fn(T) -> KdcRep<TYPE>,
    ) {
        let reply = inner(self.same(name, octets));
        self.preauth(&reply.padata.unwrap_or_default());
        self.ticket(&reply.ticket);
        let usages = [
            KeyUsage::AS_REP_ENC_PART,
            KeyUsage::TGS_REP_ENC_PART_SUBKEY,
            KeyUsage::TGS_REP_ENC_PART_SESSION_KEY,
        ];
        let plaintext = usages
            .iter()
            .find_map(|usage| self.decrypt(&reply.enc_part, *usage));
        let plaintext = plaintext.unwrap_or_else(|| panic!("{}: no key for the reply", self.place));
        let part = self.reply_part(&plaintext);
        self.learn(&part.key);
        self.preauth(&part.encrypted_pa_data.unwrap_or_default());
    }

    /// MIT's KDC has the tag of the one for the other, too.
    fn reply_part(&mut self, plaintext: &[u8]) -> EncKdcRepPart {
        match plaintext.first() {
            Some(0x79) => self.same::<EncAsRepPart>("EncASRepPart", plaintext).0,
            _ => self.same::<EncTgsRepPart>("EncTGSRepPart", plaintext).0,
        }
    }

    fn error(&mut self, octets: &[u8]) {
        let error: KrbError = self.same("KRB-ERROR", octets);
        if let Some(data) = error.e_data {
            let data: MethodData = self.same("METHOD-DATA", &data);
            self.preauth(&data);
        }
    }

    fn preauth(&mut self, data: &[PaData]) {
        for PaData {
            padata_type,
            padata_value,
        } in data
        {
            // Also the announcement of a mechanism, without data.
            if !padata_value.is_empty() {
                self.preauth_of_type(*padata_type, padata_value);
            }
        }
    }

    fn preauth_of_type(&mut self, padata_type: PaDataType, data: &[u8]) {
        match padata_type {
            PaDataType::TGS_REQ => {
                self.ap_req(data, KeyUsage::TGS_REQ_AUTHENTICATOR);
            }
            PaDataType::ENC_TIMESTAMP => self.timestamp(data, &[KeyUsage::AS_REQ_PA_ENC_TIMESTAMP]),
            PaDataType::ENCRYPTED_CHALLENGE => self.timestamp(
                data,
                &[KeyUsage::ENC_CHALLENGE_CLIENT, KeyUsage::ENC_CHALLENGE_KDC],
            ),
            PaDataType::FX_FAST if data.starts_with(&[0xA0]) => self.armored(data),
            PaDataType::FX_ERROR => self.error(data),
            PaDataType::ETYPE_INFO => _ = self.same::<EtypeInfo>("ETYPE-INFO", data),
            PaDataType::ETYPE_INFO2 => _ = self.same::<EtypeInfo2>("ETYPE-INFO2", data),
            PaDataType::FOR_USER => _ = self.same::<PaForUser>("PA-FOR-USER", data),
            PaDataType::FOR_X509_USER => _ = self.same::<PaS4uX509User>("PA-S4U-X509-USER", data),
            PaDataType::PAC_REQUEST => _ = self.same::<PaPacRequest>("KERB-PA-PAC-REQUEST", data),
            PaDataType::PAC_OPTIONS => _ = self.same::<PaPacOptions>("PA-PAC-OPTIONS", data),
            PaDataType::REQ_ENC_PA_REP => _ = self.same::<Checksum>("Checksum", data),
            // Octets of no structure.
            PaDataType::FX_COOKIE | PaDataType::PW_SALT | PaDataType::SUPPORTED_ENCTYPES => {}
            other => panic!("{}: what is in {other:?}?", self.place),
        }
    }

    fn timestamp(&mut self, octets: &[u8], usages: &[KeyUsage]) {
        let data: EncryptedData = self.same("EncryptedData", octets);
        let plaintext = usages.iter().find_map(|usage| self.decrypt(&data, *usage));
        let plaintext = plaintext.unwrap_or_else(|| {
            panic!(
                "{}: no key for a timestamp of {data:?} {usages:?}",
                self.place
            )
        });
        self.same::<PaEncTsEnc>("PA-ENC-TS-ENC", &plaintext);
    }

    /// A request or a reply under armor: the armor key is of the request's AP-REQ.
    fn armored(&mut self, octets: &[u8]) {
        let is_request = PaFxFastReply::decode(octets).is_err();
        if is_request {
            let PaFxFastRequest::ArmoredData(request) = self.same("PA-FX-FAST-REQUEST", octets);
            if let Some(armor) = &request.armor {
                self.ap_req(&armor.armor_value, KeyUsage::AP_REQ_AUTHENTICATOR);
            }
            self.learn_armor_key();
            let usage = KeyUsage::FAST_ENC;
            let request = self.opened::<KrbFastReq>("KrbFastReq", &request.enc_fast_req, usage);
            self.preauth(&request.padata);
        } else {
            let PaFxFastReply::ArmoredData(reply) = self.same("PA-FX-FAST-REPLY", octets);
            let usage = KeyUsage::FAST_REP;
            let reply =
                self.opened::<KrbFastResponse>("KrbFastResponse", &reply.enc_fast_rep, usage);
            self.preauth(&reply.padata);
            if let Some(strengthen) = reply.strengthen_key.as_ref().and_then(usable) {
                let keys = self.keys.iter().chain(&self.subkey);
                let strengthened = keys
                    .map(|key| strengthen.fx_cf2(b"strengthenkey", key, b"replykey"))
                    .collect::<Vec<_>>();
                self.derived.extend(strengthened);
            }
        }
    }

    /// RFC 6113 sections 5.4.1.1 and 5.4.6, for each key that the client might have.
    fn learn_armor_key(&mut self) {
        let (session, subkey) = (self.session.clone().unwrap(), self.subkey.clone().unwrap());
        let armor = subkey.fx_cf2(b"subkeyarmor", &session, b"ticketarmor");
        let challenges = self.keys.iter().flat_map(|key| {
            [&b"clientchallengearmor"[..], b"kdcchallengearmor"]
                .map(|pepper| armor.fx_cf2(pepper, key, b"challengelongterm"))
        });
        let challenges: Vec<_> = challenges.collect();
        self.derived.extend(challenges);
        self.derived.push(armor);
    }

    fn ap_req(&mut self, octets: &[u8], usage: KeyUsage) -> Authenticator {
        let request: ApReq = self.same("AP-REQ", octets);
        self.session = self.ticket(&request.ticket);
        let authenticator =
            self.opened::<Authenticator>("Authenticator", &request.authenticator, usage);
        self.subkey = authenticator.subkey.as_ref().and_then(usable);
        self.derived.extend(self.subkey.clone());
        self.authorization_data(
            authenticator
                .authorization_data
                .as_deref()
                .unwrap_or_default(),
        );
        authenticator
    }

    /// The session key.
    fn ticket(&mut self, ticket: &Ticket) -> Option<Key> {
        let usage = KeyUsage::KDC_REP_TICKET;
        let part = self.opened::<EncTicketPart>("EncTicketPart", &ticket.enc_part, usage);
        self.authorization_data(part.authorization_data.as_deref().unwrap_or_default());
        self.learn(&part.key);
        usable(&part.key)
    }

    fn authorization_data(&mut self, data: &[orthros_asn1::AuthorizationDataEntry]) {
        for entry in data {
            match entry.ad_type {
                AdType::IF_RELEVANT | AdType::MANDATORY_FOR_KDC => {
                    let inner: AuthorizationData = self.same("AuthorizationData", &entry.ad_data);
                    self.authorization_data(&inner);
                }
                AdType::KDC_ISSUED => {
                    let issued: AdKdcIssued = self.same("AD-KDCIssued", &entry.ad_data);
                    self.authorization_data(&issued.elements);
                }
                AdType::AND_OR => {
                    let and_or: AdAndOr = self.same("AD-AND-OR", &entry.ad_data);
                    self.authorization_data(&and_or.elements);
                }
                AdType::CAMMAC => {
                    let cammac: AdCammac = self.same("AD-CAMMAC", &entry.ad_data);
                    self.authorization_data(&cammac.elements);
                }
                AdType::AUTHENTICATION_INDICATOR => {
                    let name = "AD-AUTHENTICATION-INDICATOR";
                    self.same::<AdAuthenticationIndicator>(name, &entry.ad_data);
                }
                _ => {}
            }
        }
    }

    /// Reads `octets`, which are those that the value is written as.
    fn same<T: Message>(&mut self, name: &'static str, octets: &[u8]) -> T {
        let value = match T::decode(octets) {
            Ok(value) => value,
            Err(error) => panic!("{}: {name}: {error}", self.place),
        };
        let written = value.encode().unwrap();
        if written != octets {
            let corrected = with_unsigned_numbers(octets);
            assert_eq!(written, corrected, "{}: {name}", self.place);
            self.saw(SIGNED);
        }
        self.saw(name);
        value
    }

    fn opened<T: Message>(
        &mut self,
        name: &'static str,
        data: &EncryptedData,
        usage: KeyUsage,
    ) -> T {
        match self.decrypt(data, usage) {
            Some(plaintext) => self.same(name, &plaintext),
            None => panic!("{}: no key for {name}", self.place),
        }
    }

    fn decrypt(&self, data: &EncryptedData, usage: KeyUsage) -> Option<SecretVec> {
        let keys = self.derived.iter().chain(&self.keys).rev();
        let mut keys = keys.filter(|key| key.enctype().number() == data.etype.0);
        keys.find_map(|key| key.decrypt(usage, &data.cipher).ok())
    }

    fn learn(&mut self, key: &EncryptionKey) {
        let key = usable(key).filter(|key| !self.keys.contains(key));
        self.keys.extend(key);
    }

    fn saw(&mut self, name: &'static str) {
        *self.counts.entry(name).or_default() += 1;
    }
}

fn usable(key: &EncryptionKey) -> Option<Key> {
    Key::new(Enctype::from_number(key.keytype.0)?, key.keyvalue.expose()).ok()
}

/// The encoding with every number of 32 bits that is sent as a negative one as RFC 4120 has it: the one relaxation
/// that the captured messages need.
fn with_unsigned_numbers(mut octets: &[u8]) -> Vec<u8> {
    let mut corrected = Vec::new();
    while let [identifier, length, rest @ ..] = octets {
        let (length, rest) = match length {
            0x81 => (usize::from(rest[0]), &rest[1..]),
            0x82 => (usize::from(rest[0]) << 8 | usize::from(rest[1]), &rest[2..]),
            short => (usize::from(*short), rest),
        };
        let (contents, rest) = rest.split_at(length);
        let contents = match (*identifier, contents) {
            (INTEGER, [0x80..=0xFF, _, _, _]) => [&[0], contents].concat(),
            (identifier, contents) if identifier & CONSTRUCTED != 0 => {
                with_unsigned_numbers(contents)
            }
            (_, contents) => contents.to_vec(),
        };
        corrected.push(*identifier);
        match u16::try_from(contents.len()).unwrap().to_be_bytes() {
            [0, short @ 0..0x80] => corrected.push(short),
            [0, length] => corrected.extend([0x81, length]),
            [high, low] => corrected.extend([0x82, high, low]),
        }
        corrected.extend(contents);
        octets = rest;
    }
    corrected
}

/// What messages are counted as, in addition to their own name, that had numbers in signed form.
pub(crate) const SIGNED: &str = "(signed numbers)";
const INTEGER: u8 = 0x02;
const CONSTRUCTED: u8 = 0x20;
