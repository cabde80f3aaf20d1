//! A KDC whose every key is known, and how its answers go wrong.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use arbitrary::Arbitrary;
use orthros_asn1::{
    ApReq, AsRep, AsReq, Authenticator, EncAsRepPart, EncKdcRepPart, EncTgsRepPart, EncryptedData,
    EncryptionType, ErrorCode, EtypeInfo2Entry, Exactly, KdcRep, KrbError, KrbFastResponse,
    Message, MethodData, Microseconds, PaData, PaDataType, PaFxFastReply, PaFxFastRequest, TgsRep,
    TgsReq, UInt32,
};
use orthros_crypto::{Key, KeyUsage};
use orthros_kdc::{
    Kdc, MemoryStore, PrincipalEntry, PrincipalFlags, PrincipalKey, RealmPolicy, Source, Store,
    Transport,
};
use orthros_krb5::{AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret};
use orthros_types::{Credential, NameType, Principal};
use orthros_testing::random::SeededRandom;

use crate::damage::{self, Damage};
use crate::tickets::{
    Client, ENCTYPE, KVNO, REALM, Service, at, encode, gate, key, seal_octets, time,
};

/// Where all requests come from.
pub const SOURCE: Source = Source {
    address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    transport: Transport::Stream,
};

/// What a client of the realm gets in answer.
#[derive(Arbitrary, Clone, Debug)]
pub enum Answer {
    /// The KDC's, changed on its way.
    Damaged(Vec<Damage>),
    /// The KDC's, changed before it was sealed in the client's key.
    Sealed(Vec<Damage>),
    /// An error that anybody can make.
    Error { code: u8, hints: Vec<Hint> },
    /// Noise.
    Noise(Vec<u8>),
}

/// What an error has in its METHOD-DATA.
#[derive(Arbitrary, Clone, Debug)]
pub enum Hint {
    Etypes(Vec<(i8, Option<Vec<u8>>, Option<Vec<u8>>)>),
    Other(u8, Vec<u8>),
}

/// A realm with `alice`, `host/gate`, and who changes passwords. All must pre-authenticate.
pub fn kdc() -> Kdc {
    kdc_of(RealmPolicy::new(REALM))
}

fn kdc_of(policy: RealmPolicy) -> Kdc {
    let store = MemoryStore::new();
    let put = |principal: Principal, key: Key, flags| {
        let key = PrincipalKey {
            kvno: KVNO,
            key,
            salt: None,
            s2kparams: None,
        };
        let mut entry = PrincipalEntry::new(principal, vec![key]);
        entry.flags |= flags | PrincipalFlags::REQUIRES_PREAUTH;
        store.put(entry).expect("memory takes it");
    };
    put(
        Client::Alice.principal(),
        client_key(),
        PrincipalFlags::empty(),
    );
    for (service, flags) in [
        (gate(), PrincipalFlags::empty()),
        (ticket_granting(), PrincipalFlags::empty()),
        (password_change(), PrincipalFlags::PASSWORD_CHANGE_SERVICE),
    ] {
        put(service.principal, service.key, flags);
    }
    Kdc::new(policy, Arc::new(store))
}

/// The realm's KDC, for targets that don't change what it knows.
pub static KDC: LazyLock<Kdc> = LazyLock::new(kdc);

/// The one that clients ask. It seals its replies in keys that are known here: those of SPAKE are not, which has a
/// target of its own.
static CLIENTS_KDC: LazyLock<Kdc> = LazyLock::new(|| {
    let mut policy = RealmPolicy::new(REALM);
    policy.spake_groups = Vec::new();
    kdc_of(policy)
});

/// Alice's tickets for the two services of the realm itself, as the KDC gives them.
pub static TGT: LazyLock<Credential> = LazyLock::new(|| initial_ticket(ticket_granting()));
pub static PASSWORD_TICKET: LazyLock<Credential> =
    LazyLock::new(|| initial_ticket(password_change()));

/// Who grants tickets.
pub fn ticket_granting() -> Service {
    Service {
        principal: Principal::local_ticket_granting(REALM),
        key: key(3),
        usage: KeyUsage::TGS_REQ_AUTHENTICATOR,
    }
}

/// Who changes passwords.
pub fn password_change() -> Service {
    Service {
        principal: Principal::new(REALM, ["kadmin", "changepw"])
            .with_name_type(NameType::PRINCIPAL),
        key: key(4),
        usage: KeyUsage::AP_REQ_AUTHENTICATOR,
    }
}

/// Alice's.
pub fn client_key() -> Key {
    key(5)
}

/// What the KDC answers to alice or anybody else.
pub fn ask(request: &[u8]) -> Vec<u8> {
    let random = &mut SeededRandom::new(12);
    let answer = CLIENTS_KDC.handle(request, &SOURCE, at(0), random);
    answer.reply.unwrap_or_default()
}

impl Answer {
    /// What comes in for a request.
    pub fn to(&self, request: &[u8]) -> Vec<u8> {
        match self {
            Self::Damaged(damages) => {
                let mut reply = ask(request);
                damage::apply(damages, &mut reply);
                reply
            }
            Self::Sealed(damages) => {
                let reply = ask(request);
                sealed_again(request, &reply, damages).unwrap_or(reply)
            }
            Self::Error { code, hints } => {
                let hints: Vec<PaData> = hints.iter().map(Hint::element).collect();
                encode(&error(*code, Some(encode(&hints))))
            }
            Self::Noise(octets) => octets.clone(),
        }
    }
}

/// What a client sent last, and what came in for it.
#[derive(Debug)]
pub struct Conversation<'a> {
    answers: std::slice::Iter<'a, Answer>,
    count: usize,
    request: Vec<u8>,
    reply: Vec<u8>,
}

impl<'a> Conversation<'a> {
    /// One in which these answers are given, one after the other.
    pub fn new(answers: &'a [Answer]) -> Self {
        Self {
            answers: answers.iter(),
            count: 0,
            request: Vec::new(),
            reply: Vec::new(),
        }
    }

    /// What comes in for a request, as long as there is an answer.
    pub fn answer(&mut self, request: Vec<u8>) -> Option<&[u8]> {
        self.count += 1;
        assert!(self.count <= MOST_REQUESTS, "the exchange has no end");
        self.reply = self.answers.next()?.to(&request);
        self.request = request;
        Some(&self.reply)
    }

    /// A ticket is what the last reply says in the client's key, and answers the last request. Whose it is, is not in
    /// there.
    pub fn check(&self, ticket: &Credential, service: &Principal) {
        let part = open(&self.request, &self.reply).expect("a ticket of who has no key");
        assert!(ticket.server.name_eq(service) && ticket.server.realm() == service.realm());
        assert_eq!(ticket.session_key.as_bytes(), part.key.keyvalue.expose());
        assert_eq!(ticket.times.endtime.seconds(), part.endtime.seconds());
        assert_eq!(
            nonce(&self.request),
            Some(part.nonce),
            "a reply to another request"
        );
    }
}

fn nonce(request: &[u8]) -> Option<UInt32> {
    let initial = AsReq::decode(request).map(|AsReq(request)| request.req_body.nonce);
    let further = || TgsReq::decode(request).map(|TgsReq(request)| request.req_body.nonce);
    initial.or_else(|_| further()).ok()
}

/// What a reply says to who has the key, if it is one.
pub fn open(request: &[u8], reply: &[u8]) -> Option<EncKdcRepPart> {
    if let Ok(AsRep(reply)) = AsRep::decode(reply) {
        let plaintext = opened(&as_reply_key(request, &reply)?, &reply)?;
        return Some(EncAsRepPart::decode(&plaintext).ok()?.0);
    }
    let TgsRep(reply) = TgsRep::decode(reply).ok()?;
    let plaintext = opened(&tgs_reply_key(request, &reply)?, &reply)?;
    Some(EncTgsRepPart::decode(&plaintext).ok()?.0)
}

/// The reply with other contents in the same key.
fn sealed_again(request: &[u8], reply: &[u8], damages: &[Damage]) -> Option<Vec<u8>> {
    if let Ok(AsRep(mut reply)) = AsRep::decode(reply) {
        seal_again(&as_reply_key(request, &reply)?, &mut reply, damages)?;
        return AsRep(reply).encode().ok();
    }
    let TgsRep(mut reply) = TgsRep::decode(reply).ok()?;
    seal_again(&tgs_reply_key(request, &reply)?, &mut reply, damages)?;
    TgsRep(reply).encode().ok()
}

/// What the sealed part of a reply is in.
type ReplyKey = (Key, KeyUsage);

fn opened<const TYPE: i32>((key, usage): &ReplyKey, reply: &KdcRep<TYPE>) -> Option<Vec<u8>> {
    let plaintext = key.decrypt(*usage, &reply.enc_part.cipher).ok()?;
    Some(plaintext.to_vec())
}

fn seal_again<const TYPE: i32>(
    key: &ReplyKey,
    reply: &mut KdcRep<TYPE>,
    damages: &[Damage],
) -> Option<()> {
    let mut plaintext = opened(key, reply)?;
    damage::apply(damages, &mut plaintext);
    reply.enc_part = EncryptedData {
        kvno: reply.enc_part.kvno,
        ..seal_octets(&key.0, key.1, &plaintext)
    };
    Some(())
}

/// Alice's key, strengthened under the armor of [`TGT`].
fn as_reply_key<const TYPE: i32>(request: &[u8], reply: &KdcRep<TYPE>) -> Option<ReplyKey> {
    let AsReq(request) = AsReq::decode(request).ok()?;
    let armored = request.padata.as_ref();
    let armored = armored.and_then(|padata| find(padata, PaDataType::FX_FAST));
    let key = match armored {
        Some(armored) => {
            let PaFxFastRequest::ArmoredData(armored) = PaFxFastRequest::decode(armored).ok()?;
            let header = ApReq::decode(&armored.armor?.armor_value).ok()?;
            let subkey = subkey(&header, KeyUsage::AP_REQ_AUTHENTICATOR)?;
            strengthened(client_key(), reply, &subkey)?
        }
        None => client_key(),
    };
    Some((key, KeyUsage::AS_REP_ENC_PART))
}

/// The subkey of a client with [`TGT`], strengthened where it is armor, too.
fn tgs_reply_key<const TYPE: i32>(request: &[u8], reply: &KdcRep<TYPE>) -> Option<ReplyKey> {
    let TgsReq(request) = TgsReq::decode(request).ok()?;
    let header = find(request.padata.as_ref()?, PaDataType::TGS_REQ)?;
    let header = ApReq::decode(header).ok()?;
    let subkey = subkey(&header, KeyUsage::TGS_REQ_AUTHENTICATOR)?;
    let key = strengthened(subkey.clone(), reply, &subkey)?;
    Some((key, KeyUsage::TGS_REP_ENC_PART_SUBKEY))
}

fn subkey(header: &ApReq, usage: KeyUsage) -> Option<Key> {
    let session_key = TGT.session_key.key()?;
    let plaintext = session_key.decrypt(usage, &header.authenticator.cipher);
    let authenticator = Authenticator::decode(&plaintext.ok()?).ok()?;
    Key::new(ENCTYPE, authenticator.subkey?.keyvalue.expose()).ok()
}

/// RFC 6113 section 5.4.3; the key itself where the reply has no armor.
fn strengthened<const TYPE: i32>(key: Key, reply: &KdcRep<TYPE>, subkey: &Key) -> Option<Key> {
    let armored = reply.padata.as_ref();
    let Some(armored) = armored.and_then(|padata| find(padata, PaDataType::FX_FAST)) else {
        return Some(key);
    };
    let armor = subkey.fx_cf2(b"subkeyarmor", &TGT.session_key.key()?, b"ticketarmor");
    let PaFxFastReply::ArmoredData(armored) = PaFxFastReply::decode(armored).ok()?;
    let plaintext = armor.decrypt(KeyUsage::FAST_REP, &armored.enc_fast_rep.cipher);
    let response = KrbFastResponse::decode(&plaintext.ok()?).ok()?;
    let strengthen = Key::new(ENCTYPE, response.strengthen_key?.keyvalue.expose()).ok()?;
    Some(strengthen.fx_cf2(b"strengthenkey", &key, b"replykey"))
}

fn find(elements: &MethodData, wanted: PaDataType) -> Option<&[u8]> {
    let mut elements = elements.iter();
    let found = elements.find(|element| element.padata_type == wanted)?;
    Some(&found.padata_value)
}

/// A request or reply of RFC 3244: its first part is an AP-REQ or an AP-REP.
pub fn password_frame(version: u16, first: &[u8], second: &[u8]) -> Vec<u8> {
    let count = |length| u16::try_from(length).unwrap_or(u16::MAX);
    let length = count(6 + first.len() + second.len());
    let numbers = [length, version, count(first.len())].map(u16::to_be_bytes);
    [numbers.as_flattened(), first, second].concat()
}

/// An error, which anybody can make.
pub fn error(code: u8, e_data: Option<Vec<u8>>) -> KrbError {
    let service = ticket_granting().principal;
    KrbError {
        pvno: Exactly,
        msg_type: Exactly,
        ctime: None,
        cusec: None,
        stime: time(0),
        susec: Microseconds::default(),
        error_code: ErrorCode(i32::from(code)),
        crealm: None,
        cname: None,
        realm: service.to_realm(),
        sname: service.to_principal_name(),
        e_text: None,
        e_data: e_data.map(Into::into),
    }
}

impl Hint {
    fn element(&self) -> PaData {
        let (padata_type, padata_value) = match self {
            Self::Etypes(entries) => {
                let entries = entries
                    .iter()
                    .map(|(etype, salt, s2kparams)| EtypeInfo2Entry {
                        etype: EncryptionType(i32::from(*etype)),
                        salt: salt.as_ref().map(|salt| salt.as_slice().into()),
                        s2kparams: s2kparams.as_ref().map(|octets| octets.as_slice().into()),
                    });
                let entries: Vec<EtypeInfo2Entry> = entries.collect();
                (PaDataType::ETYPE_INFO2, encode(&entries))
            }
            Self::Other(number, octets) => (PaDataType(i32::from(*number)), octets.clone()),
        };
        PaData {
            padata_type,
            padata_value: padata_value.into(),
        }
    }
}

fn initial_ticket(service: Service) -> Credential {
    let random = &mut SeededRandom::new(13);
    let mut options = AsRequestOptions::new(Client::Alice.principal());
    options.service = Some(service.principal);
    let secret = ClientSecret::Keys(vec![client_key()]);
    let mut exchange = AsExchange::new(options, secret).expect("the options are good");
    let mut step = exchange.step(AsInput::Begin, at(0), random);
    loop {
        step = match step.expect("the KDC is genuine") {
            AsStep::Send(request) => {
                exchange.step(AsInput::Reply(&ask(&request.message)), at(0), random)
            }
            AsStep::Done(ticket) => return ticket.credential,
            AsStep::NeedPassword { .. } => panic!("there is a key"),
        };
    }
}

/// More than any exchange needs.
const MOST_REQUESTS: usize = 32;
