//! Requests to a KDC in which one list is long, in the right keys: work is linear in a request's length, in
//! allocations and octets.
#![no_main]

use allocation_counter::measure;
use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_asn1::{
    AddressType, AsReq, Checksum, CksumType, EncryptionType, Exactly, HostAddress, KdcOptions,
    KdcReq, KdcReqBody, NameType, PaData, PaDataType, PrincipalName, Raw, TgsReq, UInt32,
};
use orthros_crypto::KeyUsage;
use orthros_fuzz::realm::{KDC, SOURCE, ticket_granting};
use orthros_fuzz::tickets::{
    Client, ENCTYPE, REALM, Request, at, authorization_data, encode, gate, seal, session_key, time,
};
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
struct Input {
    /// What is shown; nothing in an AS-REQ.
    header: Option<Request>,
    options: u32,
    list: List,
    /// What is repeated.
    pattern: Vec<u8>,
    /// Up to how many octets, in pages of 256.
    pages: u8,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum List {
    Etypes,
    Addresses,
    Padata(u8),
    ClientComponents,
    ServiceComponents,
    ServedRealm,
    Realm,
    AuthorizationData(u16),
    TicketData(u16),
    Transited,
    ClientRealm,
}

fuzz_target!(|input: Input| {
    let request = input.request();
    let work = measure(|| {
        let answer = KDC.handle(&request, &SOURCE, at(0), &mut SeededRandom::new(13));
        let reply = answer.reply.unwrap_or_default();
        assert!(reply.len() < 2 * request.len() + 4096);
    });
    let length = request.len() as u64;
    assert!(
        work.bytes_total < 400 * length + 400_000,
        "{length} octets: {work:?}"
    );
    assert!(
        work.bytes_max < 200 * length + 200_000,
        "{length} octets: {work:?}"
    );
    assert!(
        work.count_total < 20 * length + 2000,
        "{length} octets: {work:?}"
    );
});

impl Input {
    /// The pattern, as often as it fits.
    fn repeated(&self) -> Vec<&[u8]> {
        let times = usize::from(self.pages) * 256 / (self.pattern.len() + 4);
        vec![&self.pattern; times]
    }

    fn request(&self) -> Vec<u8> {
        let body = self.body();
        let mut padata = Vec::new();
        if let List::Padata(number) = self.list {
            padata.extend(self.repeated().into_iter().map(|octets| PaData {
                padata_type: PaDataType(i32::from(number)),
                padata_value: octets.into(),
            }));
        }
        let Some(header) = &self.header else {
            return encode(&AsReq(KdcReq {
                pvno: Exactly,
                msg_type: Exactly,
                padata: Some(padata),
                req_body: body,
            }));
        };
        let header = self.header(header.clone(), &body);
        padata.insert(
            0,
            PaData {
                padata_type: PaDataType::TGS_REQ,
                padata_value: header.into(),
            },
        );
        encode(&TgsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: Some(padata),
            req_body: body,
        }))
    }

    /// The AP-REQ, with a ticket that is good now.
    fn header(&self, mut header: Request, body: &Raw<KdcReqBody>) -> Vec<u8> {
        (header.auth_time, header.start_time, header.end_time) = (0, None, 1000);
        header.client_time = 0;
        header.authenticator_client = None;
        match self.list {
            List::Transited => header.transited = self.repeated().concat(),
            List::TicketData(number) => {
                let data = self.repeated().into_iter();
                header.ticket_data = data.map(|octets| (number, octets.to_vec())).collect();
            }
            List::ClientRealm => {
                header.ticket_client = Client::Other {
                    realm: [self.repeated().concat(), REALM.into()].concat(),
                    components: vec![b"alice".to_vec()],
                };
            }
            _ => {}
        }
        let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
        let checksum = Checksum {
            cksumtype: CksumType(ENCTYPE.checksum_type().number()),
            checksum: session_key().checksum(usage, body.octets()).as_ref().into(),
        };
        encode(&header.ap_req(&ticket_granting(), Some(checksum)))
    }

    fn body(&self) -> Raw<KdcReqBody> {
        let name = |octets: Vec<&[u8]>| PrincipalName {
            name_type: NameType::PRINCIPAL,
            name_string: octets.into_iter().map(Into::into).collect(),
        };
        let repeated = self.repeated();
        let mut body = KdcReqBody {
            kdc_options: KdcOptions::from_bits_retain(self.options),
            cname: Some(Client::Alice.principal().to_principal_name()),
            realm: REALM.into(),
            sname: Some(gate().principal.to_principal_name()),
            from: None,
            till: time(1000),
            rtime: None,
            nonce: UInt32(7),
            etype: vec![EncryptionType(ENCTYPE.number())],
            addresses: None,
            enc_authorization_data: None,
            additional_tickets: None,
        };
        match self.list {
            List::Etypes => {
                let numbers = (0..repeated.len()).filter_map(|number| i32::try_from(number).ok());
                body.etype
                    .splice(..0, numbers.map(|number| EncryptionType(number + 100)));
            }
            List::Addresses => {
                let address = |octets: &[u8]| HostAddress {
                    addr_type: AddressType::IPV4,
                    address: octets.into(),
                };
                body.addresses = Some(repeated.into_iter().map(address).collect());
            }
            List::ClientComponents => body.cname = Some(name(repeated)),
            List::ServiceComponents => body.sname = Some(name(repeated)),
            List::ServedRealm => {
                let realm = [repeated.concat(), REALM.into()].concat();
                body.sname = Some(name(vec![b"krbtgt", &realm]));
            }
            List::Realm => body.realm = repeated.concat().as_slice().into(),
            List::AuthorizationData(number) => {
                let data = repeated.into_iter().map(|octets| (number, octets.to_vec()));
                let data = authorization_data(&data.collect::<Vec<_>>());
                let usage = KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SESSION_KEY;
                body.enc_authorization_data = data.map(|data| seal(&session_key(), usage, &data));
            }
            _ => {}
        }
        Raw::new(body).expect("a body has an encoding")
    }
}
