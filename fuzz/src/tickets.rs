//! Requests to an acceptor that are encrypted in the right keys, whatever they say.

use arbitrary::Arbitrary;
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::{
    ApOptions, ApReq, Authenticator, Checksum, CksumType, EncTicketPart, EncryptedData,
    EncryptionKey, EncryptionType, Exactly, KerberosTime, Message, Microseconds, NameType,
    PrincipalName, Raw, SecretOctets, Ticket, TicketFlags, TransitedEncoding, TransitedType,
    UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_krb5::keytab::{Keytab, KeytabEntry};
use orthros_krb5::{KeyBlock, Principal, Timestamp};
use orthros_testing::virtual_realm::SeededRandom;

/// What ticket and authenticator say.
#[derive(Arbitrary, Clone, Debug)]
pub struct Request {
    pub ap_options: u32,
    pub flags: u32,
    pub ticket_client: Name,
    pub authenticator_client: Name,
    pub same_client: bool,
    pub auth_time: i16,
    pub start_time: Option<i16>,
    pub end_time: i16,
    pub client_time: i16,
    pub microseconds: u32,
    pub transited: Vec<u8>,
    pub subkey: Option<[u8; 32]>,
    pub sequence_number: Option<u32>,
    pub checksum_type: i32,
    pub checksum: Option<Vec<u8>>,
    pub gss_flags: Option<u32>,
}

/// A client.
#[derive(Arbitrary, Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub realm: Vec<u8>,
    pub components: Vec<Vec<u8>>,
}

impl Request {
    /// Whom the authenticator names.
    pub fn client(&self) -> &Name {
        if self.same_client {
            &self.ticket_client
        } else {
            &self.authenticator_client
        }
    }

    /// When the ticket begins and ends, and what time it is for the client.
    pub fn times(&self) -> (Timestamp, Timestamp, Timestamp) {
        let start = self.start_time.unwrap_or(self.auth_time);
        (at(start), at(self.end_time), at(self.client_time))
    }

    /// The token: everything is sealed as it should be.
    pub fn token(&self) -> Vec<u8> {
        let random = &mut SeededRandom::new(9);
        let mut seal = |key: &Key, usage, octets: &[u8], kvno| EncryptedData {
            etype: etype(),
            kvno,
            cipher: key
                .encrypt(usage, octets, random)
                .expect("seeded randomness does not fail")
                .into(),
        };
        let part = self
            .ticket_part()
            .encode()
            .expect("a ticket has an encoding");
        let ticket = Ticket {
            tkt_vno: Exactly,
            realm: REALM.into(),
            sname: name(&[b"host".to_vec(), b"gate".to_vec()]),
            enc_part: seal(
                &service_key(),
                KeyUsage::KDC_REP_TICKET,
                &part,
                Some(UInt32(1)),
            ),
        };
        let part = self.authenticator().encode();
        let part = part.expect("an authenticator has an encoding");
        let request = ApReq {
            pvno: Exactly,
            msg_type: Exactly,
            ap_options: ApOptions::from_bits_retain(self.ap_options),
            ticket: Raw::new(ticket).expect("a ticket has an encoding"),
            authenticator: seal(&session_key(), KeyUsage::AP_REQ_AUTHENTICATOR, &part, None),
        };
        let mut inner = vec![1, 0];
        inner.extend(request.encode().expect("a request has an encoding"));
        InitialContextToken {
            mechanism: KRB5,
            inner: &inner,
        }
        .encode()
    }

    fn ticket_part(&self) -> EncTicketPart {
        EncTicketPart {
            flags: TicketFlags::from_bits_retain(self.flags),
            key: encryption_key(session_key().octets()),
            crealm: self.ticket_client.realm.as_slice().into(),
            cname: name(&self.ticket_client.components),
            transited: TransitedEncoding {
                tr_type: TransitedType::DOMAIN_X500_COMPRESS,
                contents: self.transited.clone().into(),
            },
            authtime: time(self.auth_time),
            starttime: self.start_time.map(time),
            endtime: time(self.end_time),
            renew_till: None,
            caddr: None,
            authorization_data: None,
        }
    }

    fn authenticator(&self) -> Authenticator {
        let client = self.client();
        Authenticator {
            authenticator_vno: Exactly,
            crealm: client.realm.as_slice().into(),
            cname: name(&client.components),
            cksum: self.gss_checksum(),
            cusec: Microseconds::new(self.microseconds % 1_000_000).unwrap_or_default(),
            ctime: time(self.client_time),
            subkey: self.subkey.map(|key| encryption_key(&key)),
            seq_number: self.sequence_number.map(UInt32),
            authorization_data: None,
        }
    }

    /// RFC 4121 section 4.1.1 where there are flags, anything else where there are none.
    fn gss_checksum(&self) -> Option<Checksum> {
        let (cksumtype, checksum) = match (self.gss_flags, &self.checksum) {
            (Some(flags), rest) => {
                let mut checksum = vec![16, 0, 0, 0];
                checksum.extend([0; 16]);
                checksum.extend(flags.to_le_bytes());
                checksum.extend(rest.iter().flatten());
                (CksumType(0x8003), checksum)
            }
            (None, Some(checksum)) => (CksumType(self.checksum_type), checksum.clone()),
            (None, None) => return None,
        };
        Some(Checksum {
            cksumtype,
            checksum: checksum.into(),
        })
    }
}

/// The acceptor's keys.
pub fn keytab() -> Keytab {
    Keytab::new(vec![KeytabEntry {
        principal: Principal::host_based("host", "gate", REALM),
        timestamp: at(0),
        kvno: 1,
        key: KeyBlock::new(etype(), service_key().octets().to_vec()),
    }])
}

/// What time it is: so many seconds after the beginning of all.
pub fn at(seconds: i16) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + i64::from(seconds))
}

fn time(seconds: i16) -> KerberosTime {
    KerberosTime::from_seconds(at(seconds).seconds()).unwrap_or(KerberosTime::EPOCH)
}

fn name(components: &[Vec<u8>]) -> PrincipalName {
    PrincipalName {
        name_type: NameType::PRINCIPAL,
        name_string: components
            .iter()
            .map(|component| component.as_slice().into())
            .collect(),
    }
}

fn encryption_key(octets: &[u8]) -> EncryptionKey {
    EncryptionKey {
        keytype: etype(),
        keyvalue: SecretOctets::new(octets.to_vec()),
    }
}

fn service_key() -> Key {
    key(1)
}

fn session_key() -> Key {
    key(2)
}

fn key(seed: u64) -> Key {
    let key = Enctype::AES256_CTS_HMAC_SHA1_96.random_key(&mut SeededRandom::new(seed));
    key.expect("seeded randomness does not fail")
}

fn etype() -> EncryptionType {
    EncryptionType(Enctype::AES256_CTS_HMAC_SHA1_96.number())
}

const REALM: &str = "FUZZ.TEST";
/// 1.2.840.113554.1.2.2
const KRB5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
