//! Requests to change a password in the right keys, whatever they say: only the client that has just shown the old one
//! has its own changed.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_asn1::{
    AddressType, ChangePasswdData, EncKrbPrivPart, Exactly, HostAddress, KrbPriv, SecretOctets,
    TicketFlags, UInt32,
};
use orthros_crypto::KeyUsage;
use orthros_fuzz::damage::{self, Damage};
use orthros_fuzz::realm::{SOURCE, client_key, kdc, password_change, password_frame};
use orthros_fuzz::tickets::{Client, Request, at, encode, seal};
use orthros_kdc::Outcome;
use orthros_types::Duration;
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
struct Input {
    header: Request,
    change: ChangeRequest,
    /// Where it is not the authenticator's.
    sequence_number: Option<u32>,
    damages: Vec<Damage>,
}

#[derive(Arbitrary, Debug)]
enum ChangeRequest {
    Change(Vec<u8>),
    Set {
        password: Vec<u8>,
        target: Option<Client>,
    },
    Other {
        version: u16,
        octets: Vec<u8>,
    },
}

fuzz_target!(|input: Input| {
    let kdc = kdc();
    let request = input.request();
    let random = &mut SeededRandom::new(14);
    let answer = kdc.change_password(&request, &SOURCE, at(0), random);
    assert!(!answer.record.to_string().is_empty());
    let alice = Client::Alice.principal();
    let entry = kdc.store().find(&alice).expect("memory can be read");
    let keys = entry.expect("no principal goes").keys.clone();
    let is_unchanged = keys.len() == 1 && keys[0].key.as_bytes() == client_key().as_bytes();
    if !matches!(answer.record.outcome, Outcome::Granted) {
        return assert!(is_unchanged, "{}", answer.record);
    }
    // Only alice has a password, and no one may set another's.
    assert!(!is_unchanged, "{}", answer.record);
    let flags = input.header.ticket_flags();
    assert!(flags.contains(TicketFlags::INITIAL) && !flags.contains(TicketFlags::INVALID));
    assert_eq!(input.header.ticket_client.principal(), alice);
    assert_eq!(input.header.client().principal(), alice);
    let (start, end, client_time) = input.header.times();
    assert!(client_time.is_within(SKEW, at(0)));
    assert!(start <= at(0).saturating_add(SKEW) && at(0) <= end.saturating_add(SKEW));
});

impl Input {
    fn request(&self) -> Vec<u8> {
        let header = encode(&self.header.ap_req(&password_change(), None));
        let (version, user_data) = self.change.data();
        let number = self.sequence_number.or(self.header.sequence_number);
        let part = EncKrbPrivPart {
            user_data: SecretOctets::new(user_data),
            timestamp: None,
            usec: None,
            seq_number: number.map(UInt32),
            s_address: HostAddress {
                addr_type: AddressType::IPV4,
                address: [127, 0, 0, 1].as_slice().into(),
            },
            r_address: None,
        };
        let sealed = encode(&KrbPriv {
            pvno: Exactly,
            msg_type: Exactly,
            enc_part: seal(&self.header.reply_key(), KeyUsage::KRB_PRIV_ENC_PART, &part),
        });
        let mut request = password_frame(version, &header, &sealed);
        damage::apply(&self.damages, &mut request);
        request
    }
}

impl ChangeRequest {
    /// The version of the protocol that has it, and how it has it.
    fn data(&self) -> (u16, Vec<u8>) {
        match self {
            Self::Change(password) => (1, password.clone()),
            Self::Set { password, target } => {
                let target = target.as_ref().map(Client::principal);
                let data = ChangePasswdData {
                    newpasswd: SecretOctets::new(password.clone()),
                    targname: target.as_ref().map(|target| target.to_principal_name()),
                    targrealm: target.as_ref().map(|target| target.to_realm()),
                };
                (0xff80, encode(&data))
            }
            Self::Other { version, octets } => (*version, octets.clone()),
        }
    }
}

const SKEW: Duration = Duration::from_seconds(300);
