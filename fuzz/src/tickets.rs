//! Tickets and authenticators that are sealed in the right keys, whatever they say.

use arbitrary::Arbitrary;
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::{
    AdType, ApOptions, ApReq, Authenticator, AuthorizationData, AuthorizationDataEntry, Checksum,
    CksumType, EncKrbCredPart, EncTicketPart, EncryptedData, EncryptionKey, EncryptionType,
    Exactly, KerberosTime, KrbCred, KrbCredInfo, Message, Microseconds, NameType, Raw,
    SecretOctets, Ticket, TicketFlags, TransitedEncoding, TransitedType, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_types::keytab::{Keytab, KeytabEntry};
use orthros_types::{KeyBlock, Principal, Timestamp};
use orthros_testing::random::SeededRandom;

use crate::damage::{self, Damage};

/// What ticket and authenticator say.
#[derive(Arbitrary, Clone, Debug)]
pub struct Request {
    pub ap_options: u32,
    pub flags: u32,
    pub ticket_client: Client,
    /// Whom the authenticator names, where it is another one.
    pub authenticator_client: Option<Client>,
    pub auth_time: i16,
    pub start_time: Option<i16>,
    pub end_time: i16,
    pub renew_till: Option<i16>,
    pub client_time: i16,
    pub microseconds: u32,
    pub transited: Vec<u8>,
    pub ticket_data: Vec<(u16, Vec<u8>)>,
    pub authenticator_data: Vec<(u16, Vec<u8>)>,
    pub subkey: Option<[u8; 32]>,
    pub sequence_number: Option<u32>,
    pub checksum: RequestChecksum,
}

/// Who asks.
#[derive(Arbitrary, Clone, Debug, PartialEq, Eq)]
pub enum Client {
    /// Whom everybody knows.
    Alice,
    /// Anybody.
    Other {
        realm: Vec<u8>,
        components: Vec<Vec<u8>>,
    },
}

/// What stands in place of the checksum of an authenticator for GSS-API.
#[derive(Arbitrary, Clone, Debug)]
pub enum RequestChecksum {
    None,
    Other {
        checksum_type: i32,
        octets: Vec<u8>,
    },
    /// RFC 4121 section 4.1.1, behind whose flags there is more.
    Gss {
        flags: u32,
        more: Vec<u8>,
    },
    /// The same with a delegated credential, whose sealed part was damaged before it was sealed.
    Delegating {
        flags: u32,
        damages: Vec<Damage>,
    },
}

/// A service whose key is known.
#[derive(Clone, Debug)]
pub struct Service {
    pub principal: Principal,
    pub key: Key,
    /// What an authenticator for it is sealed for.
    pub usage: KeyUsage,
}

impl Request {
    /// Whom the authenticator names.
    pub fn client(&self) -> &Client {
        let other = self.authenticator_client.as_ref();
        other.unwrap_or(&self.ticket_client)
    }

    /// When the ticket begins and ends, and what time it is for the client.
    pub fn times(&self) -> (Timestamp, Timestamp, Timestamp) {
        let start = self.start_time.unwrap_or(self.auth_time);
        (at(start), at(self.end_time), at(self.client_time))
    }

    /// The flags of the ticket.
    pub fn ticket_flags(&self) -> TicketFlags {
        TicketFlags::from_bits_retain(self.flags)
    }

    /// The first token of a context with [`gate`].
    pub fn token(&self) -> Vec<u8> {
        let request = self.ap_req(&gate(), self.gss_checksum());
        let mut inner = vec![1, 0];
        inner.extend(encode(&request));
        InitialContextToken {
            mechanism: KRB5,
            inner: &inner,
        }
        .encode()
    }

    /// The request to a service, with this checksum in its authenticator.
    pub fn ap_req(&self, service: &Service, checksum: Option<Checksum>) -> ApReq {
        let ticket = Ticket {
            tkt_vno: Exactly,
            realm: service.principal.to_realm(),
            sname: service.principal.to_principal_name(),
            enc_part: EncryptedData {
                kvno: Some(UInt32(KVNO)),
                ..seal(&service.key, KeyUsage::KDC_REP_TICKET, &self.ticket_part())
            },
        };
        ApReq {
            pvno: Exactly,
            msg_type: Exactly,
            ap_options: ApOptions::from_bits_retain(self.ap_options),
            ticket: Raw::new(ticket).expect("a ticket has an encoding"),
            authenticator: seal(&session_key(), service.usage, &self.authenticator(checksum)),
        }
    }

    /// The key that the authenticator proposes, else the ticket's.
    pub fn reply_key(&self) -> Key {
        let subkey = self.subkey.as_ref();
        let subkey = subkey.and_then(|octets| Key::new(ENCTYPE, octets).ok());
        subkey.unwrap_or_else(session_key)
    }

    fn ticket_part(&self) -> EncTicketPart {
        EncTicketPart {
            flags: self.ticket_flags(),
            key: encryption_key(session_key().as_bytes()),
            crealm: self.ticket_client.principal().to_realm(),
            cname: self.ticket_client.principal().to_principal_name(),
            transited: TransitedEncoding {
                tr_type: TransitedType::DOMAIN_X500_COMPRESS,
                contents: self.transited.clone().into(),
            },
            authtime: time(self.auth_time),
            starttime: self.start_time.map(time),
            endtime: time(self.end_time),
            renew_till: self.renew_till.map(time),
            caddr: None,
            authorization_data: authorization_data(&self.ticket_data),
        }
    }

    fn authenticator(&self, checksum: Option<Checksum>) -> Authenticator {
        let client = self.client().principal();
        Authenticator {
            authenticator_vno: Exactly,
            crealm: client.to_realm(),
            cname: client.to_principal_name(),
            cksum: checksum,
            cusec: Microseconds::new(self.microseconds % 1_000_000).unwrap_or_default(),
            ctime: time(self.client_time),
            subkey: self.subkey.map(|key| encryption_key(&key)),
            seq_number: self.sequence_number.map(UInt32),
            authorization_data: authorization_data(&self.authenticator_data),
        }
    }

    fn gss_checksum(&self) -> Option<Checksum> {
        let (cksumtype, checksum) = match &self.checksum {
            RequestChecksum::None => return None,
            RequestChecksum::Other {
                checksum_type,
                octets,
            } => (CksumType(*checksum_type), octets.clone()),
            RequestChecksum::Gss { flags, more } => (CksumType::GSSAPI, gss(*flags, more)),
            RequestChecksum::Delegating { flags, damages } => {
                (CksumType::GSSAPI, gss(*flags, &delegated(damages)))
            }
        };
        Some(Checksum {
            cksumtype,
            checksum: checksum.into(),
        })
    }
}

impl Client {
    pub fn principal(&self) -> Principal {
        match self {
            Self::Alice => Principal::new(REALM, ["alice"]),
            Self::Other { realm, components } => {
                Principal::new(realm.as_slice(), components.clone())
            }
        }
    }
}

/// No channel bindings, flags, and what follows.
fn gss(flags: u32, more: &[u8]) -> Vec<u8> {
    let mut checksum = vec![16, 0, 0, 0];
    checksum.extend([0; 16]);
    checksum.extend(flags.to_le_bytes());
    checksum.extend(more);
    checksum
}

/// A KRB-CRED with the octets that count it.
fn delegated(damages: &[Damage]) -> Vec<u8> {
    let ticket = Ticket {
        tkt_vno: Exactly,
        realm: REALM.into(),
        sname: Principal::local_ticket_granting(REALM).to_principal_name(),
        enc_part: seal_octets(&session_key(), KeyUsage::KDC_REP_TICKET, b"opaque"),
    };
    let info = KrbCredInfo {
        key: encryption_key(session_key().as_bytes()),
        prealm: Some(REALM.into()),
        pname: Some(Client::Alice.principal().to_principal_name()),
        flags: Some(TicketFlags::FORWARDED),
        authtime: Some(time(0)),
        starttime: None,
        endtime: Some(time(1000)),
        renew_till: None,
        srealm: Some(REALM.into()),
        sname: Some(ticket.sname.clone()),
        caddr: None,
    };
    let mut part = encode(&EncKrbCredPart {
        ticket_info: vec![info],
        nonce: None,
        timestamp: Some(time(0)),
        usec: None,
        s_address: None,
        r_address: None,
    });
    damage::apply(damages, &mut part);
    let message = encode(&KrbCred {
        pvno: Exactly,
        msg_type: Exactly,
        tickets: vec![Raw::new(ticket).expect("a ticket has an encoding")],
        enc_part: seal_octets(&session_key(), KeyUsage::KRB_CRED_ENC_PART, &part),
    });
    let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
    [&[1, 0], &length.to_le_bytes()[..], &message].concat()
}

/// `host/gate`, an acceptor.
pub fn gate() -> Service {
    Service {
        principal: Principal::new(REALM, ["host", "gate"]).with_name_type(NameType::SRV_HST),
        key: key(1),
        usage: KeyUsage::AP_REQ_AUTHENTICATOR,
    }
}

/// The acceptor's keys.
pub fn keytab() -> Keytab {
    let Service { principal, key, .. } = gate();
    Keytab::new(vec![KeytabEntry {
        principal,
        timestamp: at(0),
        kvno: KVNO,
        key: KeyBlock::new(etype(), key.as_bytes().to_vec()),
    }])
}

/// What time it is: so many seconds after the beginning of all.
pub fn at(seconds: i16) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + i64::from(seconds))
}

/// The same, as messages have it.
pub fn time(seconds: i16) -> KerberosTime {
    KerberosTime::from_seconds(at(seconds).seconds()).unwrap_or(KerberosTime::EPOCH)
}

/// A message, sealed.
pub fn seal(key: &Key, usage: KeyUsage, message: &impl Message) -> EncryptedData {
    seal_octets(key, usage, &encode(message))
}

/// Octets, sealed.
pub fn seal_octets(key: &Key, usage: KeyUsage, octets: &[u8]) -> EncryptedData {
    let sealed = key.encrypt(usage, octets, &mut SeededRandom::new(9));
    EncryptedData {
        etype: EncryptionType(key.enctype().number()),
        kvno: None,
        cipher: sealed.expect("seeded randomness does not fail").into(),
    }
}

/// A key that is the same each time.
pub fn key(seed: u64) -> Key {
    let key = ENCTYPE.random_key(&mut SeededRandom::new(seed));
    key.expect("seeded randomness does not fail")
}

/// The key in all of these tickets.
pub fn session_key() -> Key {
    key(2)
}

/// What every message has.
pub fn encode(message: &impl Message) -> Vec<u8> {
    message.encode().expect("a message has an encoding")
}

/// Elements by type and octets; none where there are none.
pub fn authorization_data(elements: &[(u16, Vec<u8>)]) -> Option<AuthorizationData> {
    let elements = elements
        .iter()
        .map(|(number, octets)| AuthorizationDataEntry {
            ad_type: AdType(i32::from(*number)),
            ad_data: octets.as_slice().into(),
        });
    let elements: AuthorizationData = elements.collect();
    (!elements.is_empty()).then_some(elements)
}

fn encryption_key(octets: &[u8]) -> EncryptionKey {
    EncryptionKey {
        keytype: etype(),
        keyvalue: SecretOctets::new(octets.to_vec()),
    }
}

fn etype() -> EncryptionType {
    EncryptionType(ENCTYPE.number())
}

/// The realm of all of these principals.
pub const REALM: &str = "ORTHROS.TEST";
/// The enctype of all of these keys.
pub const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
/// The version of all of these keys.
pub const KVNO: u32 = 1;
/// 1.2.840.113554.1.2.2
const KRB5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
