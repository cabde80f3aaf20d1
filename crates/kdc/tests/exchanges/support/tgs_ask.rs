//! A TGS-REQ as a test wants it.

use orthros_asn1::{
    ApOptions, ApReq, Authenticator, AuthorizationData, Checksum, CksumType, EncTgsRepPart,
    EncTicketPart, EncryptedData, EncryptionType, Exactly, HostAddresses, KdcOptions, KdcReq,
    KdcReqBody, KerberosTime, KrbError, Message as _, MethodData, Microseconds, PaData, PaDataType,
    PrincipalName, Raw, Realm, TgsRep, TgsReq, Ticket, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_types::Principal;

use super::{
    AES128, AES256, AsAsk, Granted, REALM, World, encryption_key, etype, name, padata, random_key,
    seal, to_key,
};

/// A ticket and what its holder knows of it.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) crealm: Realm,
    pub(crate) cname: PrincipalName,
    pub(crate) ticket: Raw<Ticket>,
    pub(crate) key: Key,
}

/// A TGS-REQ: by default for `host/a.orthros.test`, as long as can be, with a subkey.
#[derive(Clone)]
pub(crate) struct TgsAsk {
    pub(crate) held: Held,
    pub(crate) realm: String,
    pub(crate) service: Option<PrincipalName>,
    pub(crate) options: KdcOptions,
    pub(crate) etypes: Vec<EncryptionType>,
    pub(crate) from: Option<KerberosTime>,
    pub(crate) till: KerberosTime,
    pub(crate) rtime: Option<KerberosTime>,
    pub(crate) addresses: Option<HostAddresses>,
    pub(crate) authorization_data: Option<AuthorizationData>,
    pub(crate) additional: Vec<Raw<Ticket>>,
    /// What follows the PA-TGS-REQ.
    pub(crate) padata: MethodData,
    pub(crate) subkey: Option<Key>,
    /// What to change in the authenticator.
    pub(crate) spoil: fn(&mut Authenticator),
    /// What to put in the place of the body that the checksum is over.
    pub(crate) other_body: bool,
    /// The checksum of the body, where it is not the session key's.
    pub(crate) checksum: Option<Checksum>,
}

impl Held {
    /// An AP-REQ for anything but a TGS-REQ.
    pub(crate) fn ap_req(
        &self,
        world: &World,
        subkey: Option<&Key>,
        seq_number: Option<UInt32>,
    ) -> Vec<u8> {
        let mut authenticator = self.authenticator(world, subkey);
        authenticator.seq_number = seq_number;
        self.present(&authenticator, KeyUsage::AP_REQ_AUTHENTICATOR)
    }

    fn authenticator(&self, world: &World, subkey: Option<&Key>) -> Authenticator {
        Authenticator {
            authenticator_vno: Exactly,
            crealm: self.crealm.clone(),
            cname: self.cname.clone(),
            cksum: None,
            cusec: Microseconds::new(1).unwrap(),
            ctime: KerberosTime::from_seconds(world.now.seconds()).unwrap(),
            subkey: subkey.map(encryption_key),
            seq_number: None,
            authorization_data: None,
        }
    }

    fn present(&self, authenticator: &Authenticator, usage: KeyUsage) -> Vec<u8> {
        let ap_req = ApReq {
            pvno: Exactly,
            msg_type: Exactly,
            ap_options: ApOptions::empty(),
            ticket: self.ticket.clone(),
            authenticator: seal(&self.key, usage, authenticator),
        };
        ap_req.encode().unwrap()
    }
}

impl From<Granted> for Held {
    fn from(granted: Granted) -> Self {
        Self {
            crealm: granted.crealm,
            cname: granted.cname,
            key: to_key(&granted.part.key),
            ticket: granted.ticket,
        }
    }
}

impl World {
    /// A ticket-granting ticket of `client`, which preauthenticated, with these options.
    pub(crate) fn tgt(&self, client: &str, options: KdcOptions) -> Held {
        let ask = AsAsk::new(self, client).options(options);
        ask.granted(self).into()
    }

    /// The same ticket, with something else in it, as only the holder of the service's key can make it.
    pub(crate) fn forge(&self, held: &Held, change: impl FnOnce(&mut EncTicketPart)) -> Held {
        let mut part = self.open(&held.ticket);
        change(&mut part);
        self.seal_ticket(&held.ticket, part)
    }

    /// A ticket that another realm's KDC made for this realm's ticket-granting service.
    pub(crate) fn foreign_tgt(&self, issuer: &str, client: &Principal) -> Held {
        let here = self.tgt("bob", KdcOptions::FORWARDABLE);
        let mut part = self.open(&here.ticket);
        part.crealm = client.to_realm();
        part.cname = client.to_principal_name();
        let ticket = Ticket {
            realm: issuer.into(),
            ..here.ticket.value().clone()
        };
        self.seal_ticket(&ticket, part)
    }

    /// The contents in the key of the service that the ticket names.
    pub(crate) fn seal_ticket(&self, ticket: &Ticket, part: EncTicketPart) -> Held {
        let service = Principal::from_message(ticket.realm.clone(), ticket.sname.clone());
        let entry = orthros_kdc::Store::find(&*self.store, &service);
        let entry = entry.unwrap().expect("service is there");
        let key = &entry.keys[0];
        let mut enc_part = seal(&key.key, KeyUsage::KDC_REP_TICKET, &part);
        enc_part.kvno = Some(UInt32(key.kvno));
        let ticket = Ticket {
            enc_part,
            ..ticket.clone()
        };
        Held {
            crealm: part.crealm,
            cname: part.cname,
            ticket: Raw::new(ticket).unwrap(),
            key: to_key(&part.key),
        }
    }
}

impl TgsAsk {
    pub(crate) fn new(held: &Held) -> Self {
        Self {
            held: held.clone(),
            realm: REALM.into(),
            service: Some(name("host/a.orthros.test")),
            options: KdcOptions::empty(),
            etypes: vec![etype(AES256), etype(AES128)],
            from: None,
            till: KerberosTime::EPOCH,
            rtime: None,
            addresses: None,
            authorization_data: None,
            additional: Vec::new(),
            padata: Vec::new(),
            subkey: Some(random_key(AES256, 42)),
            spoil: |_| {},
            other_body: false,
            checksum: None,
        }
    }

    pub(crate) fn service(mut self, text: &str) -> Self {
        self.service = Some(name(text));
        self
    }

    pub(crate) fn named(mut self, name: PrincipalName) -> Self {
        self.service = Some(name);
        self
    }

    pub(crate) fn options(mut self, options: KdcOptions) -> Self {
        self.options |= options;
        self
    }

    pub(crate) fn etypes(mut self, enctypes: &[Enctype]) -> Self {
        self.etypes = enctypes.iter().copied().map(etype).collect();
        self
    }

    pub(crate) fn additional(mut self, ticket: &Raw<Ticket>) -> Self {
        self.additional.push(ticket.clone());
        self
    }

    pub(crate) fn padata(mut self, element: PaData) -> Self {
        self.padata.push(element);
        self
    }

    pub(crate) fn spoil(mut self, spoil: fn(&mut Authenticator)) -> Self {
        self.spoil = spoil;
        self
    }

    /// The key that the reply is to be in.
    pub(crate) fn reply_key(&self) -> &Key {
        self.subkey.as_ref().unwrap_or(&self.held.key)
    }

    pub(crate) fn body(&self) -> Raw<KdcReqBody> {
        let usage = match self.subkey {
            Some(_) => KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SUBKEY,
            None => KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SESSION_KEY,
        };
        let data = self.authorization_data.as_ref();
        Raw::new(KdcReqBody {
            kdc_options: self.options,
            cname: None,
            realm: self.realm.as_str().into(),
            sname: self.service.clone(),
            from: self.from,
            till: self.till,
            rtime: self.rtime,
            nonce: UInt32(0x0009_1234),
            etype: self.etypes.clone(),
            addresses: self.addresses.clone(),
            enc_authorization_data: data.map(|data| seal(self.reply_key(), usage, data)),
            additional_tickets: (!self.additional.is_empty()).then(|| self.additional.clone()),
        })
        .unwrap()
    }

    /// The AP-REQ that goes before a body.
    pub(crate) fn ap_req(&self, world: &World, body: &Raw<KdcReqBody>) -> Vec<u8> {
        let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
        let covered: &[u8] = if self.other_body {
            b"other"
        } else {
            body.octets()
        };
        let mut authenticator = self.held.authenticator(world, self.subkey.as_ref());
        let own = || Checksum {
            cksumtype: CksumType(self.held.key.enctype().checksum_type().number()),
            checksum: self.held.key.checksum(usage, covered).as_ref().into(),
        };
        authenticator.cksum = Some(self.checksum.clone().unwrap_or_else(own));
        (self.spoil)(&mut authenticator);
        let usage = KeyUsage::TGS_REQ_AUTHENTICATOR;
        self.held.present(&authenticator, usage)
    }

    pub(crate) fn encode(&self, world: &World) -> Vec<u8> {
        let body = self.body();
        let ap_req = self.ap_req(world, &body);
        self.frame(&ap_req, body)
    }

    /// The request with another AP-REQ before it.
    pub(crate) fn frame(&self, ap_req: &[u8], body: Raw<KdcReqBody>) -> Vec<u8> {
        let mut data = vec![padata(PaDataType::TGS_REQ, ap_req)];
        data.extend(self.padata.iter().cloned());
        let request = TgsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: Some(data),
            req_body: body,
        });
        request.encode().unwrap()
    }

    pub(crate) fn granted(&self, world: &World) -> Granted {
        let reply = world.reply(&self.encode(world));
        self.open(&reply)
    }

    /// What a reply to this request says.
    pub(crate) fn open(&self, reply: &[u8]) -> Granted {
        let TgsRep(reply) = TgsRep::decode(reply).unwrap_or_else(|_| {
            let error = KrbError::decode(reply).unwrap();
            panic!("{}: {:?}", error.error_code, error.e_text)
        });
        let usage = match self.subkey {
            Some(_) => KeyUsage::TGS_REP_ENC_PART_SUBKEY,
            None => KeyUsage::TGS_REP_ENC_PART_SESSION_KEY,
        };
        let EncryptedData { cipher, kvno, .. } = &reply.enc_part;
        let plaintext = self.reply_key().decrypt(usage, cipher).unwrap();
        let EncTgsRepPart(part) = EncTgsRepPart::decode(&plaintext).unwrap();
        assert_eq!(part.nonce, UInt32(0x0009_1234));
        Granted {
            crealm: reply.crealm,
            cname: reply.cname,
            padata: reply.padata.unwrap_or_default(),
            kvno: kvno.map(u32::from),
            ticket: reply.ticket,
            part,
        }
    }

    pub(crate) fn refused(&self, world: &World) -> KrbError {
        world.error(&self.encode(world))
    }
}
