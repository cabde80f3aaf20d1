//! Requests to a KDC in the right keys, whatever they say: a ticket is for who has shown a key, and lends no more than
//! the one that was shown. One that its service could have made up gets none.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_asn1::{
    AdType, AddressType, AsReq, Checksum, CksumType, EncTicketPart, EncryptionType, Exactly,
    HostAddress, KdcOptions, KdcReq, KdcReqBody, Message, PaData, PaDataType, PaEncTsEnc, Raw,
    TgsRep, TgsReq, Ticket, TicketFlags, UInt32,
};
use orthros_crypto::KeyUsage;
use orthros_fuzz::realm::{KDC, SOURCE, client_key, password_change, ticket_granting};
use orthros_fuzz::tickets::{
    Client, ENCTYPE, REALM, Request, at, authorization_data, encode, gate, key, seal, session_key,
    time,
};
use orthros_kdc::Outcome;
use orthros_types::{Duration, Principal};
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
struct Input {
    exchange: Exchange,
    body: Body,
    /// Further pre-authentication data.
    hints: Vec<(u8, Vec<u8>)>,
}

#[derive(Arbitrary, Debug)]
enum Exchange {
    /// With a timestamp, in alice's key or another.
    As { time: i16, is_alice: bool },
    /// With a ticket-granting ticket, or with one that its service made up in its own key.
    Tgs {
        header: Request,
        with_checksum: bool,
        by_service: bool,
    },
}

#[derive(Arbitrary, Debug)]
struct Body {
    options: u32,
    client: Option<Client>,
    service: Service,
    realm: Option<Vec<u8>>,
    from: Option<i16>,
    till: i16,
    rtime: Option<i16>,
    nonce: u32,
    /// Those beside the one that there are keys of.
    etypes: Vec<i8>,
    addresses: Option<Vec<(u8, Vec<u8>)>>,
    data: Vec<(u16, Vec<u8>)>,
    /// Whether the ticket that is shown comes once more, for its session key.
    additional: bool,
}

#[derive(Arbitrary, Debug)]
enum Service {
    None,
    Gate,
    TicketGranting,
    PasswordChange,
    Alice,
    Other(Vec<Vec<u8>>),
}

fuzz_target!(|input: Input| {
    let request = match &input.exchange {
        Exchange::As { time, is_alice } => input.as_req(*time, *is_alice),
        Exchange::Tgs {
            header,
            with_checksum,
            by_service,
        } => input.tgs_req(header, *with_checksum, *by_service),
    };
    let random = &mut SeededRandom::new(13);
    let answer = KDC.handle(&request, &SOURCE, at(0), random);
    assert!(!answer.record.to_string().is_empty());
    if !matches!(answer.record.outcome, Outcome::Granted) {
        return;
    }
    match &input.exchange {
        Exchange::As { time, is_alice } => {
            assert!(*is_alice && at(*time).is_within(SKEW, at(0)));
            assert_eq!(answer.record.client, Some(Client::Alice.principal()));
        }
        Exchange::Tgs {
            header, by_service, ..
        } => {
            assert!(!by_service, "the KDC has not signed it");
            let reply = answer.reply.expect("who is granted gets a reply");
            input.check(header, &reply);
        }
    }
});

impl Input {
    fn as_req(&self, stamp: i16, is_alice: bool) -> Vec<u8> {
        let stamp = PaEncTsEnc {
            patimestamp: time(stamp),
            pausec: None,
        };
        let key = if is_alice { client_key() } else { key(99) };
        let proof = seal(&key, KeyUsage::AS_REQ_PA_ENC_TIMESTAMP, &stamp);
        encode(&AsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: Some(self.padata(PaDataType::ENC_TIMESTAMP, encode(&proof))),
            req_body: self.body.encoded(None),
        }))
    }

    fn tgs_req(&self, header: &Request, with_checksum: bool, by_service: bool) -> Vec<u8> {
        let mut service = ticket_granting();
        if by_service {
            service = orthros_fuzz::tickets::Service {
                usage: service.usage,
                ..gate()
            };
        }
        let shown = header.ap_req(&service, None).ticket;
        let req_body = self.body.encoded(Some(shown));
        let checksum = with_checksum.then(|| {
            let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
            Checksum {
                cksumtype: CksumType(ENCTYPE.checksum_type().number()),
                checksum: session_key()
                    .checksum(usage, req_body.octets())
                    .as_ref()
                    .into(),
            }
        });
        let header = header.ap_req(&service, checksum);
        encode(&TgsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: Some(self.padata(PaDataType::TGS_REQ, encode(&header))),
            req_body,
        }))
    }

    fn padata(&self, padata_type: PaDataType, octets: Vec<u8>) -> Vec<PaData> {
        let mut elements = vec![PaData {
            padata_type,
            padata_value: octets.into(),
        }];
        elements.extend(self.hints.iter().map(|(number, octets)| PaData {
            padata_type: PaDataType(i32::from(*number)),
            padata_value: octets.as_slice().into(),
        }));
        elements
    }

    /// The ticket is its client's, and neither longer nor of more use than the one that was shown.
    fn check(&self, header: &Request, reply: &[u8]) {
        let client = header.ticket_client.principal();
        assert_eq!(header.client().principal(), client);
        let (start, end, client_time) = header.times();
        assert!(client_time.is_within(SKEW, at(0)));
        let options = KdcOptions::from_bits_retain(self.body.options);
        let shown = header.ticket_flags();
        if shown.contains(TicketFlags::INVALID) {
            assert!(options.contains(KdcOptions::VALIDATE));
        }
        assert!(start <= at(0).saturating_add(SKEW) && at(0) <= end.saturating_add(SKEW));
        let TgsRep(reply) = TgsRep::decode(reply).expect("a reply is one");
        let ticket = open(&reply.ticket);
        assert_eq!(Principal::from_message(ticket.crealm, ticket.cname), client);
        let last = header
            .renew_till
            .map(at)
            .filter(|_| options.contains(KdcOptions::RENEW));
        assert!(ticket.endtime.seconds() <= last.unwrap_or(end).seconds());
        let lent = TicketFlags::FORWARDABLE | TicketFlags::PROXIABLE | TicketFlags::MAY_POSTDATE;
        assert!(
            shown.contains(ticket.flags & lent),
            "{:?} of {shown:?}",
            ticket.flags
        );
        let data = ticket.authorization_data.unwrap_or_default();
        for element in &data {
            let forbidden = [AdType::CAMMAC, AdType::WIN2K_PAC, AdType::KDC_ISSUED];
            assert!(!forbidden.contains(&element.ad_type));
        }
    }
}

impl Body {
    fn encoded(&self, shown: Option<Raw<Ticket>>) -> Raw<KdcReqBody> {
        let realm = self.realm.as_deref().unwrap_or(REALM.as_bytes());
        let client = self.client.as_ref();
        let etypes = self.etypes.iter().map(|etype| i32::from(*etype));
        let data = authorization_data(&self.data).map(|data| {
            let usage = KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SESSION_KEY;
            seal(&session_key(), usage, &data)
        });
        let body = KdcReqBody {
            kdc_options: KdcOptions::from_bits_retain(self.options),
            cname: client.map(|client| client.principal().to_principal_name()),
            realm: realm.into(),
            sname: self
                .service
                .principal()
                .map(|service| service.to_principal_name()),
            from: self.from.map(time),
            till: time(self.till),
            rtime: self.rtime.map(time),
            nonce: UInt32(self.nonce),
            etype: etypes
                .chain([ENCTYPE.number()])
                .map(EncryptionType)
                .collect(),
            addresses: self.addresses.as_ref().map(|addresses| {
                let address = |(number, octets): &(u8, Vec<u8>)| HostAddress {
                    addr_type: AddressType(i32::from(*number)),
                    address: octets.as_slice().into(),
                };
                addresses.iter().map(address).collect()
            }),
            enc_authorization_data: data,
            additional_tickets: shown.filter(|_| self.additional).map(|shown| vec![shown]),
        };
        Raw::new(body).expect("a body has an encoding")
    }
}

impl Service {
    fn principal(&self) -> Option<Principal> {
        Some(match self {
            Self::None => return None,
            Self::Gate => gate().principal,
            Self::TicketGranting => ticket_granting().principal,
            Self::PasswordChange => password_change().principal,
            Self::Alice => Client::Alice.principal(),
            Self::Other(components) => Principal::new(REALM, components.clone()),
        })
    }
}

/// In the key of whichever service it is for.
fn open(ticket: &Ticket) -> EncTicketPart {
    let keys = [
        gate().key,
        ticket_granting().key,
        password_change().key,
        client_key(),
        session_key(),
    ];
    let cipher = &ticket.enc_part.cipher;
    let opened = |key: &orthros_crypto::Key| key.decrypt(KeyUsage::KDC_REP_TICKET, cipher).ok();
    let plaintext = keys.iter().find_map(opened).expect("a ticket is in a key");
    EncTicketPart::decode(&plaintext).expect("the KDC writes what can be read")
}

const SKEW: Duration = Duration::from_seconds(300);
