//! Changing a password (RFC 3244), with a scripted server.

use orthros_asn1::{
    ApRep, ApReq, Authenticator, ChangePasswdData, EncApRepPart, EncKrbPrivPart, EncTicketPart,
    EncryptedData, EncryptionType, ErrorCode, Exactly, HostAddress, KrbError, KrbPriv,
    Message as _, SecretOctets, UInt32,
};
use orthros_crypto::{Key, KeyUsage, SecretVec};
use orthros_krb5::{
    ExchangeError, ExchangeMisuseError, PasswordAdvice, PasswordExchange, PasswordOutcome,
    PasswordResult, PasswordStep, ReplyError, Transport,
};
use orthros_types::{Credential, Principal};

use crate::support::*;

/// What spoils a reply.
type Tamper = dyn Fn(&mut EncApRepPart, &mut EncKrbPrivPart);

/// A server that changes passwords, and whose mistakes a test chooses.
struct Server {
    result: Vec<u8>,
    random: SeededRandom,
    /// Whether the result is sealed in the session key.
    uses_session_key: bool,
    tamper: Box<Tamper>,
    /// What it read: version, password, target.
    seen: Option<(u16, Vec<u8>, Option<Principal>)>,
}

impl Server {
    fn saying(result: &[u8]) -> Self {
        Self {
            result: result.to_vec(),
            random: SeededRandom::new(5),
            uses_session_key: false,
            tamper: Box::new(|_, _| {}),
            seen: None,
        }
    }

    fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        let number = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        assert_eq!(usize::from(number(0)), request.len());
        let (version, length) = (number(2), usize::from(number(4)));
        let (shown, sealed) = request[6..].split_at(length);
        let (session, authenticator) = open_ap_req(shown);
        let subkey = to_key(&authenticator.subkey.clone().unwrap());
        let sealed = KrbPriv::decode(sealed).unwrap().enc_part.cipher;
        let part = subkey
            .decrypt(KeyUsage::KRB_PRIV_ENC_PART, &sealed)
            .unwrap();
        let part = EncKrbPrivPart::decode(&part).unwrap();
        assert_eq!(part.seq_number, authenticator.seq_number);
        let data = part.user_data.expose();
        self.seen = Some(if version == 1 {
            (version, data.to_vec(), None)
        } else {
            let data = ChangePasswdData::decode(data).unwrap();
            let name = data.targname.unwrap().name_string;
            let name: Vec<Vec<u8>> = name.into_iter().map(|part| part.0).collect();
            let target = Principal::new(data.targrealm.unwrap().0, name);
            (version, data.newpasswd.expose().to_vec(), Some(target))
        });
        // The other direction.
        let s_address = HostAddress {
            addr_type: part.s_address.addr_type,
            address: [0, 0, 0, 1].as_slice().into(),
        };
        self.reply(&session, &subkey, &authenticator, s_address)
    }

    fn reply(
        &mut self,
        session: &Key,
        subkey: &Key,
        authenticator: &Authenticator,
        s_address: HostAddress,
    ) -> Vec<u8> {
        let mut reply = EncApRepPart {
            ctime: authenticator.ctime,
            cusec: authenticator.cusec,
            subkey: None,
            seq_number: Some(UInt32(77)),
        };
        let mut part = EncKrbPrivPart {
            user_data: SecretOctets::new(self.result.clone()),
            timestamp: None,
            usec: None,
            seq_number: Some(UInt32(77)),
            s_address,
            r_address: None,
        };
        (self.tamper)(&mut reply, &mut part);
        let usage = KeyUsage::AP_REP_ENC_PART;
        let reply = ApRep {
            pvno: Exactly,
            msg_type: Exactly,
            enc_part: self.seal(session, usage, &reply.encode().unwrap()),
        };
        let key = if self.uses_session_key {
            session
        } else {
            subkey
        };
        let usage = KeyUsage::KRB_PRIV_ENC_PART;
        let result = KrbPriv {
            pvno: Exactly,
            msg_type: Exactly,
            enc_part: self.seal(key, usage, &part.encode().unwrap()),
        };
        framed(&reply.encode().unwrap(), &result.encode().unwrap())
    }

    fn seal(&mut self, key: &Key, usage: KeyUsage, plaintext: &[u8]) -> EncryptedData {
        EncryptedData {
            etype: EncryptionType(key.enctype().number()),
            kvno: None,
            cipher: key
                .encrypt(usage, plaintext, &mut self.random)
                .unwrap()
                .into(),
        }
    }
}

fn open_ap_req(octets: &[u8]) -> (Key, Authenticator) {
    let request = ApReq::decode(octets).unwrap();
    let kdc = Kdc::new();
    let cipher = &request.ticket.enc_part.cipher;
    let ticket = kdc
        .tgs_key
        .decrypt(KeyUsage::KDC_REP_TICKET, cipher)
        .unwrap();
    let session = to_key(&EncTicketPart::decode(&ticket).unwrap().key);
    let cipher = &request.authenticator.cipher;
    let authenticator = session
        .decrypt(KeyUsage::AP_REQ_AUTHENTICATOR, cipher)
        .unwrap();
    (session, Authenticator::decode(&authenticator).unwrap())
}

fn framed(reply: &[u8], result: &[u8]) -> Vec<u8> {
    let length = u16::try_from(6 + reply.len() + result.len()).unwrap();
    let reply_length = u16::try_from(reply.len()).unwrap();
    let header = [length, 1, reply_length].map(u16::to_be_bytes).concat();
    [&header, reply, result].concat()
}

/// A ticket for who changes passwords.
fn ticket() -> Credential {
    let mut options = options();
    options.service = Some(Principal::new(REALM, ["kadmin", "changepw"]));
    let mut kdc = Kdc::new();
    let ticket = acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    });
    ticket.unwrap().credential
}

fn change(
    target: Option<Principal>,
    mut server: impl FnMut(&[u8], Transport) -> Vec<u8>,
) -> Result<PasswordOutcome, ExchangeError> {
    let new = SecretVec::from(&b"new one"[..]);
    let mut exchange = PasswordExchange::new(&ticket(), new, target).unwrap();
    let mut random = SeededRandom::new(3);
    let mut step = exchange.step(None, NOW, &mut random)?;
    loop {
        step = match step {
            PasswordStep::Send(request) => {
                assert_eq!(request.realm, REALM.as_bytes());
                let reply = server(&request.message, request.transport);
                exchange.step(Some(&reply), NOW, &mut random)?
            }
            PasswordStep::Done(outcome) => return Ok(outcome),
        }
    }
}

fn with(server: &mut Server) -> Result<PasswordOutcome, ExchangeError> {
    change(None, |request, _| server.answer(request))
}

fn refused(tamper: impl Fn(&mut EncApRepPart, &mut EncKrbPrivPart) + 'static) -> ReplyError {
    let mut server = Server::saying(b"\0\0");
    server.tamper = Box::new(tamper);
    defect(with(&mut server))
}

#[test]
fn ones_own_password_is_changed_by_the_first_version() {
    for uses_session_key in [false, true] {
        let mut server = Server::saying(b"\0\0");
        server.uses_session_key = uses_session_key;
        let outcome = with(&mut server).unwrap();
        assert_eq!(outcome.result, PasswordResult::Success);
        assert_eq!(server.seen, Some((1, b"new one".to_vec(), None)));
    }
}

#[test]
fn anothers_password_is_set_by_the_second_version() {
    let bob = Principal::new(REALM, ["bob"]);
    let mut server = Server::saying(b"\0\0");
    change(Some(bob.clone()), |request, _| server.answer(request)).unwrap();
    assert_eq!(server.seen, Some((0xFF80, b"new one".to_vec(), Some(bob))));
}

#[test]
fn each_result_has_its_name_and_the_servers_words() {
    let results = [
        PasswordResult::Success,
        PasswordResult::Malformed,
        PasswordResult::HardError,
        PasswordResult::AuthError,
        PasswordResult::SoftError,
        PasswordResult::AccessDenied,
        PasswordResult::BadVersion,
        PasswordResult::InitialFlagNeeded,
    ];
    for (code, result) in (0_u8..).zip(results) {
        let said = [&[0, code][..], b"because"].concat();
        let outcome = with(&mut Server::saying(&said)).unwrap();
        assert_eq!(outcome.result, result);
        assert_eq!(outcome.advice, PasswordAdvice::Text("because".to_owned()));
        assert!(outcome.to_string().ends_with(": because"), "{outcome}");
    }
}

#[test]
fn words_can_not_drive_a_terminal() {
    let outcome = with(&mut Server::saying(b"\0\x04\x1b[2Jno")).unwrap();
    assert_eq!(outcome.to_string(), "password change rejected: [2Jno");
}

#[test]
fn the_policy_of_active_directory_is_told_in_words() {
    let day = 10_000_000_u64 * 24 * 60 * 60;
    let mut said = vec![0, 4, 0, 0];
    said.extend([0, 0, 0, 7, 0, 0, 0, 24, 0, 0, 0, 1]);
    said.extend((42 * day).to_be_bytes());
    said.extend((2 * day).to_be_bytes());
    let outcome = with(&mut Server::saying(&said)).unwrap();
    let PasswordAdvice::Policy(policy) = outcome.advice else {
        panic!("{outcome:?}")
    };
    assert_eq!((policy.minimum_length, policy.history), (7, 24));
    assert!(policy.is_complex);
    assert_eq!(policy.maximum_age.seconds(), 42 * 24 * HOUR);
    let text = outcome.to_string();
    for part in [
        "at least 7 characters",
        "last 24",
        "2 days",
        "digits or symbols",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn results_that_rfc_3244_does_not_know_are_refused() {
    assert_eq!(
        defect(with(&mut Server::saying(b"\0\x08"))),
        ReplyError::PasswordResult(8)
    );
    assert_eq!(
        defect(with(&mut Server::saying(b"\0"))),
        ReplyError::PasswordResultMissing
    );
}

#[test]
fn a_server_that_did_not_open_the_request_is_refused() {
    let defect = refused(|reply, _| reply.ctime = kerberos_time(later(1)));
    assert_eq!(defect, ReplyError::Nonce);
}

#[test]
fn a_result_out_of_sequence_is_refused() {
    let defect = refused(|_, part| part.seq_number = Some(UInt32(78)));
    assert_eq!(defect, ReplyError::Nonce);
    let defect = refused(|_, part| part.seq_number = None);
    assert_eq!(defect, ReplyError::Nonce);
}

#[test]
fn a_request_that_is_sent_back_as_its_own_result_is_refused() {
    let mut server = Server::saying(b"\0\0");
    // A server without sequence numbers.
    server.tamper = Box::new(|reply, _| reply.seq_number = None);
    let result = change(None, |request, _| {
        let reply = server.answer(request);
        let length = |at: usize| usize::from(u16::from_be_bytes([request[at], request[at + 1]]));
        let sealed = &request[6 + length(4)..];
        let proof = usize::from(u16::from_be_bytes([reply[4], reply[5]]));
        framed(&reply[6..6 + proof], sealed)
    });
    assert_eq!(defect(result), ReplyError::Reflected);
}

#[test]
fn a_result_under_another_key_is_refused() {
    let mut server = Server::saying(b"\0\0");
    let result = change(None, |request, _| {
        let mut reply = server.answer(request);
        *reply.last_mut().unwrap() ^= 1;
        reply
    });
    assert_eq!(defect(result), ReplyError::Integrity);
}

fn krb_error_with(result: &[u8]) -> Vec<u8> {
    let error = KrbError {
        e_data: Some(result.into()),
        ..krb_error(ErrorCode::KRB_ERR_GENERIC, NOW)
    };
    error.encode().unwrap()
}

#[test]
fn a_result_in_an_error_is_read_with_and_without_a_header() {
    let error = krb_error_with(b"\0\x03who are you");
    for reply in [error.clone(), framed(&[], &error)] {
        let outcome = change(None, |_, _| reply.clone()).unwrap();
        assert_eq!(outcome.result, PasswordResult::AuthError);
    }
}

#[test]
fn success_in_an_error_is_not_believed() {
    let result = change(None, |_, _| krb_error_with(b"\0\0"));
    assert_eq!(defect(result), ReplyError::UnprovenSuccess);
}

#[test]
fn an_error_without_a_result_is_what_its_code_says() {
    let result = change(None, |_, _| error(ErrorCode::KRB_AP_ERR_SKEW));
    assert_eq!(refusal(result).rfc_code(), ErrorCode::KRB_AP_ERR_SKEW);
}

#[test]
fn a_reply_too_big_for_a_datagram_is_asked_for_over_a_stream_once() {
    let mut server = Server::saying(b"\0\0");
    let outcome = change(None, |request, transport| match transport {
        Transport::Datagram => error(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG),
        Transport::Stream => server.answer(request),
    });
    assert_eq!(outcome.unwrap().result, PasswordResult::Success);
    let result = change(None, |_, _| error(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG));
    assert_eq!(defect(result), ReplyError::TooBigForStream);
}

#[test]
fn what_has_not_the_outline_of_a_reply_is_malformed() {
    let mut server = Server::saying(b"\0\0");
    let mut good = Vec::new();
    change(None, |request, _| {
        good = server.answer(request);
        good.clone()
    })
    .unwrap();
    let mut longer = good.clone();
    longer.push(0);
    let mut version = good.clone();
    version[3] = 2;
    let mut reply_length = good.clone();
    reply_length[4] = 0xFF;
    for reply in [
        Vec::new(),
        b"\0\x05\0\x01\0".to_vec(),
        longer,
        version,
        reply_length,
    ] {
        let error = defect(change(None, |_, _| reply.clone()));
        assert!(matches!(error, ReplyError::NotKerberos { .. }), "{error:?}");
    }
}

#[test]
fn a_password_that_no_message_holds_is_the_callers_mistake() {
    let long = SecretVec::zeroed(70_000);
    let mut exchange = PasswordExchange::new(&ticket(), long, None).unwrap();
    let step = exchange.step(None, NOW, &mut SeededRandom::new(3));
    assert_eq!(
        step.unwrap_err(),
        ExchangeError::Misused(ExchangeMisuseError::TooLong)
    );
}
