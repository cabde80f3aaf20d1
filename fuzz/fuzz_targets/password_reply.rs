//! A client that changes a password, and any reply: it is changed where the server that was asked says so, and no one
//! else.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_asn1::{
    AddressType, ApRep, ApReq, Authenticator, EncApRepPart, EncKrbPrivPart, Exactly, HostAddress,
    KerberosTime, KrbPriv, Message, Microseconds, SecretOctets, UInt32,
};
use orthros_crypto::{Key, KeyUsage};
use orthros_fuzz::damage::{self, Damage};
use orthros_fuzz::realm::{PASSWORD_TICKET, error, password_frame};
use orthros_fuzz::tickets::{ENCTYPE, at, encode, seal_octets};
use orthros_krb5::{PasswordExchange, PasswordResult, PasswordStep};
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
enum Reply {
    /// Of who has the key: what it says was changed before and after it was sealed.
    Sealed {
        result: Vec<u8>,
        proof: Vec<Damage>,
        part: Vec<Damage>,
        whole: Vec<Damage>,
        in_session_key: bool,
    },
    Error {
        code: u8,
        data: Option<Vec<u8>>,
        is_framed: bool,
    },
    Noise(Vec<u8>),
}

fuzz_target!(|replies: [Reply; 2]| {
    let random = &mut SeededRandom::new(15);
    let mut exchange = PasswordExchange::new(&PASSWORD_TICKET, b"new"[..].into(), None)
        .expect("the ticket is good");
    let mut step = exchange.step(None, at(0), random);
    for reply in replies {
        let request = match step {
            Ok(PasswordStep::Send(request)) => request.message,
            _ => break,
        };
        let (octets, may_succeed) = reply.to(&request);
        step = exchange.step(Some(&octets), at(0), random);
        if let Ok(PasswordStep::Done(outcome)) = &step {
            assert!(!outcome.to_string().is_empty());
            assert!(outcome.result != PasswordResult::Success || may_succeed);
        }
    }
    match step {
        Ok(PasswordStep::Send(_)) => panic!("the exchange has no end"),
        Ok(PasswordStep::Done(_)) => {}
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

impl Reply {
    /// The reply to a request, and whether it says that the password is changed.
    fn to(&self, request: &[u8]) -> (Vec<u8>, bool) {
        match self {
            Self::Sealed {
                result,
                proof,
                part,
                whole,
                in_session_key,
            } => {
                let asked = Asked::open(request);
                let mut proof_octets = encode(&asked.proof());
                damage::apply(proof, &mut proof_octets);
                let mut part_octets = encode(&answer(result));
                damage::apply(part, &mut part_octets);
                let may_succeed = EncApRepPart::decode(&proof_octets)
                    .is_ok_and(|proof| (proof.ctime, proof.cusec) == asked.time())
                    && EncKrbPrivPart::decode(&part_octets)
                        .is_ok_and(|part| part.user_data.expose().starts_with(&[0, 0]));
                let mut reply = asked.seal(&proof_octets, &part_octets, *in_session_key);
                damage::apply(whole, &mut reply);
                (reply, may_succeed)
            }
            Self::Error {
                code,
                data,
                is_framed,
            } => {
                let error = encode(&error(*code, data.clone()));
                let framed = || password_frame(1, &[], &error);
                (if *is_framed { framed() } else { error.clone() }, false)
            }
            Self::Noise(octets) => (octets.clone(), false),
        }
    }
}

/// What the server finds in a request.
struct Asked {
    session_key: Key,
    authenticator: Authenticator,
}

impl Asked {
    fn open(request: &[u8]) -> Self {
        let length = usize::from(u16::from_be_bytes([request[4], request[5]]));
        let header = ApReq::decode(&request[6..6 + length]).expect("the request is good");
        let session_key = PASSWORD_TICKET.session_key.key().expect("it is a key");
        let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
        let plaintext = session_key.decrypt(usage, &header.authenticator.cipher);
        let authenticator = Authenticator::decode(&plaintext.expect("it is in that key"));
        Self {
            session_key,
            authenticator: authenticator.expect("the request is good"),
        }
    }

    fn time(&self) -> (KerberosTime, Microseconds) {
        (self.authenticator.ctime, self.authenticator.cusec)
    }

    fn proof(&self) -> EncApRepPart {
        EncApRepPart {
            ctime: self.authenticator.ctime,
            cusec: self.authenticator.cusec,
            subkey: None,
            seq_number: Some(SEQUENCE),
        }
    }

    fn seal(&self, proof: &[u8], part: &[u8], in_session_key: bool) -> Vec<u8> {
        let subkey = self
            .authenticator
            .subkey
            .as_ref()
            .filter(|_| !in_session_key);
        let subkey = subkey.and_then(|key| Key::new(ENCTYPE, key.keyvalue.expose()).ok());
        let key = subkey.as_ref().unwrap_or(&self.session_key);
        let reply = ApRep {
            pvno: Exactly,
            msg_type: Exactly,
            enc_part: seal_octets(&self.session_key, KeyUsage::AP_REP_ENC_PART, proof),
        };
        let sealed = KrbPriv {
            pvno: Exactly,
            msg_type: Exactly,
            enc_part: seal_octets(key, KeyUsage::KRB_PRIV_ENC_PART, part),
        };
        password_frame(1, &encode(&reply), &encode(&sealed))
    }
}

fn answer(result: &[u8]) -> EncKrbPrivPart {
    EncKrbPrivPart {
        user_data: SecretOctets::new(result.to_vec()),
        timestamp: None,
        usec: None,
        seq_number: Some(SEQUENCE),
        s_address: HostAddress {
            addr_type: AddressType::IPV4,
            address: [127, 0, 0, 1].as_slice().into(),
        },
        r_address: None,
    }
}

const SEQUENCE: UInt32 = UInt32(77);
