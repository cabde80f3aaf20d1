//! An AS-REQ as a test wants it.

use orthros_asn1::{
    AsRep, AsReq, EncAsRepPart, EncryptedData, EncryptionType, Exactly, HostAddresses, KdcOptions,
    KdcReq, KdcReqBody, KerberosTime, KrbError, Message as _, MethodData, PaData, PaDataType,
    PaEncTsEnc, PrincipalName, Raw, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_types::Timestamp;

use super::{AES128, AES256, Granted, HOUR, REALM, World, at, etype, name, padata, seal};

/// An AS-REQ: by default for a ticket-granting ticket of ten hours, without pre-authentication.
#[derive(Clone)]
pub(crate) struct AsAsk {
    pub(crate) realm: String,
    pub(crate) client: Option<PrincipalName>,
    pub(crate) service: Option<PrincipalName>,
    pub(crate) options: KdcOptions,
    pub(crate) etypes: Vec<EncryptionType>,
    pub(crate) from: Option<KerberosTime>,
    pub(crate) till: KerberosTime,
    pub(crate) rtime: Option<KerberosTime>,
    pub(crate) addresses: Option<HostAddresses>,
    pub(crate) padata: MethodData,
}

impl AsAsk {
    /// As `client`, without pre-authentication.
    pub(crate) fn bare(client: &str) -> Self {
        Self {
            realm: REALM.into(),
            client: Some(name(client)),
            service: Some(name("krbtgt/ORTHROS.TEST")),
            options: KdcOptions::empty(),
            etypes: vec![etype(AES256), etype(AES128)],
            from: None,
            till: at(10 * HOUR),
            rtime: None,
            addresses: None,
            padata: Vec::new(),
        }
    }

    /// As `client`, with an encrypted timestamp in its first key.
    pub(crate) fn new(world: &World, client: &str) -> Self {
        let key = world.entry(client).keys[0].key.clone();
        Self::bare(client).with_timestamp(&key, world.now)
    }

    pub(crate) fn with_timestamp(mut self, key: &Key, time: Timestamp) -> Self {
        let encrypted = timestamp(key, KeyUsage::AS_REQ_PA_ENC_TIMESTAMP, time);
        let encrypted = encrypted.encode().unwrap();
        self.padata
            .push(padata(PaDataType::ENC_TIMESTAMP, &encrypted));
        self
    }

    pub(crate) fn service(mut self, text: &str) -> Self {
        self.service = Some(name(text));
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

    pub(crate) fn padata(mut self, element: PaData) -> Self {
        self.padata.push(element);
        self
    }

    pub(crate) fn body(&self) -> Raw<KdcReqBody> {
        Raw::new(KdcReqBody {
            kdc_options: self.options,
            cname: self.client.clone(),
            realm: self.realm.as_str().into(),
            sname: self.service.clone(),
            from: self.from,
            till: self.till,
            rtime: self.rtime,
            nonce: UInt32(0x0007_1234),
            etype: self.etypes.clone(),
            addresses: self.addresses.clone(),
            enc_authorization_data: None,
            additional_tickets: None,
        })
        .unwrap()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let padata = &self.padata;
        let request = AsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: (!padata.is_empty()).then(|| padata.clone()),
            req_body: self.body(),
        });
        request.encode().unwrap()
    }

    pub(crate) fn granted(&self, world: &World) -> Granted {
        self.open(world, &world.reply(&self.encode()))
    }

    /// What a reply to this request says, in the key of the client that it names.
    pub(crate) fn open(&self, world: &World, reply: &[u8]) -> Granted {
        let AsRep(reply) = AsRep::decode(reply).expect("ticket is granted");
        let client =
            orthros_types::Principal::from_message(reply.crealm.clone(), reply.cname.clone());
        let entry = orthros_kdc::Store::find(&*world.store, &client)
            .unwrap()
            .unwrap();
        let kvno = reply.enc_part.kvno.map(u32::from);
        let enctype = Enctype::from_number(reply.enc_part.etype.0).unwrap();
        let key = &entry.key(enctype, kvno).expect("client has the key").key;
        let plaintext = key
            .decrypt(KeyUsage::AS_REP_ENC_PART, &reply.enc_part.cipher)
            .expect("reply is in the client's key");
        let EncAsRepPart(part) = EncAsRepPart::decode(&plaintext).unwrap();
        assert_eq!(part.nonce, self.body().nonce);
        Granted {
            crealm: reply.crealm,
            cname: reply.cname,
            padata: reply.padata.unwrap_or_default(),
            ticket: reply.ticket,
            part,
            kvno,
        }
    }

    pub(crate) fn refused(&self, world: &World) -> KrbError {
        world.error(&self.encode())
    }
}

/// The time, in a key.
pub(crate) fn timestamp(key: &Key, usage: KeyUsage, time: Timestamp) -> EncryptedData {
    let stamp = PaEncTsEnc {
        patimestamp: KerberosTime::from_seconds(time.seconds()).unwrap(),
        pausec: None,
    };
    seal(key, usage, &stamp)
}
