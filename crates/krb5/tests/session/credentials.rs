//! KRB-CRED: tickets that one end gives to the other, and what the other does not take.

use orthros_asn1::{EncKrbCredPart, EncryptedData, KrbCred, Ticket};
use orthros_types::{
    Credential, EncryptionType, KeyBlock, NameType, Principal, TicketFlags, TicketTimes,
};

use super::*;

fn credential(service: &str) -> Credential {
    let client = Principal::parse("alice@ORTHROS.TEST", None).unwrap();
    let server = Principal::parse(service, None).unwrap();
    let ticket = Ticket {
        tkt_vno: Exactly,
        realm: "ORTHROS.TEST".into(),
        sname: orthros_asn1::PrincipalName {
            name_type: NameType::SRV_INST,
            name_string: vec!["krbtgt".into(), "ORTHROS.TEST".into()],
        },
        enc_part: EncryptedData {
            etype: EncryptionType(18),
            kvno: None,
            cipher: [9; 40].as_slice().into(),
        },
    };
    Credential {
        client,
        server,
        session_key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
        times: TicketTimes {
            authtime: NOW,
            starttime: Some(NOW),
            endtime: NOW.saturating_add(Duration::from_seconds(36_000)),
            renew_till: None,
        },
        is_skey: false,
        flags: TicketFlags::FORWARDED,
        addresses: vec![address(4)],
        authorization_data: Vec::new(),
        ticket: ticket.encode().unwrap(),
        second_ticket: Vec::new(),
    }
}

fn tickets() -> [Credential; 2] {
    [
        credential("krbtgt/ORTHROS.TEST@ORTHROS.TEST"),
        credential("host/a.example@ORTHROS.TEST"),
    ]
}

fn given(end: &mut Session) -> Vec<u8> {
    end.encrypt_credentials(&tickets(), NOW, &mut random())
        .unwrap()
}

fn taken(end: &mut Session, message: &[u8]) -> Result<Vec<Credential>, SessionError> {
    end.decrypt_credentials(message, NOW, Some(&EndlessReplays::default()))
}

/// The message with another sealed part.
fn altered(key: &Key, message: &[u8], alter: impl FnOnce(&mut EncKrbCredPart)) -> Vec<u8> {
    let mut message = KrbCred::decode(message).unwrap();
    let usage = KeyUsage::KRB_CRED_ENC_PART;
    let part = key.decrypt(usage, &message.enc_part.cipher).unwrap();
    let mut part = EncKrbCredPart::decode(&part).unwrap();
    alter(&mut part);
    let sealed = key.encrypt(usage, &part.encode().unwrap(), &mut random());
    message.enc_part.cipher = sealed.unwrap().into();
    message.encode().unwrap()
}

#[test]
fn tickets_arrive_whole_in_each_enctype_by_number_and_by_time() {
    for enctype in Enctype::ALL {
        let key = key(*enctype);
        for (mut here, mut there) in [numbered(&key), timed(&key)] {
            let message = given(&mut here);
            assert_eq!(taken(&mut there, &message).unwrap(), tickets());
            let message = given(&mut there);
            assert_eq!(taken(&mut here, &message).unwrap(), tickets());
        }
    }
}

#[test]
fn tickets_have_their_turn_among_other_messages() {
    let (mut here, mut there) = numbered(&key(AES256));
    let before = here.encrypt(b"before", NOW, &mut random()).unwrap();
    let message = given(&mut here);
    let error = taken(&mut there, &message).unwrap_err();
    assert!(
        matches!(error, SessionError::OutOfSequence { .. }),
        "{error}"
    );
    there.decrypt(&before, NOW, None).unwrap();
    taken(&mut there, &message).unwrap();
    let error = taken(&mut there, &message).unwrap_err();
    assert!(
        matches!(error, SessionError::OutOfSequence { .. }),
        "{error}"
    );
}

#[test]
fn tickets_are_taken_once_and_only_near_their_messages_time() {
    let (mut here, mut there) = timed(&key(AES256));
    let store = EndlessReplays::default();
    let message = given(&mut here);
    let late = NOW.saturating_add(Duration::from_seconds(301));
    let error = there.decrypt_credentials(&message, late, Some(&store));
    assert!(matches!(error, Err(SessionError::Skew { .. })), "{error:?}");
    there
        .decrypt_credentials(&message, NOW, Some(&store))
        .unwrap();
    let error = there.decrypt_credentials(&message, NOW, Some(&store));
    assert!(matches!(error, Err(SessionError::Replayed)), "{error:?}");
    let message = given(&mut here);
    let error = there.decrypt_credentials(&message, NOW, None);
    assert!(matches!(error, Err(SessionError::Unprotected)), "{error:?}");
}

#[test]
fn tickets_of_ones_own_that_come_back_are_refused() {
    let (mut here, _) = timed(&key(AES256));
    let message = given(&mut here);
    let error = taken(&mut here, &message).unwrap_err();
    assert!(matches!(error, SessionError::Sender), "{error}");
}

#[test]
fn addresses_that_are_known_have_to_be_said_with_tickets() {
    let key = key(AES256);
    let end = |local, remote| {
        let numbers = SequenceNumbers { own: 5, peer: 5 };
        let options = SessionOptions {
            local_address: address(local),
            remote_address: Some(address(remote)),
            ..SessionOptions::numbered(Role::Initiator, numbers)
        };
        Session::new(key.clone(), options).unwrap()
    };
    let message = given(&mut end(1, 2));
    taken(&mut end(2, 1), &message).unwrap();
    let error = taken(&mut end(2, 3), &message).unwrap_err();
    assert!(matches!(error, SessionError::Sender), "{error}");
    let error = taken(&mut end(9, 1), &message).unwrap_err();
    assert!(matches!(error, SessionError::Receiver), "{error}");
    let silent = altered(&key, &message, |part| part.s_address = None);
    let error = taken(&mut end(2, 1), &silent).unwrap_err();
    assert!(matches!(error, SessionError::Sender), "{error}");
    let silent = altered(&key, &message, |part| part.r_address = None);
    taken(&mut end(2, 1), &silent).unwrap();
}

#[test]
fn tickets_from_nowhere_are_taken_where_the_peer_may_be_anywhere() {
    let key = key(AES256);
    let (mut here, mut there) = numbered(&key);
    let message = altered(&key, &given(&mut here), |part| part.s_address = None);
    taken(&mut there, &message).unwrap();
}

#[test]
fn what_a_session_counts_on_has_to_be_said_with_tickets() {
    let key = key(AES256);
    let (mut here, mut there) = numbered(&key);
    let message = altered(&key, &given(&mut here), |part| part.nonce = None);
    let error = taken(&mut there, &message).unwrap_err();
    assert!(matches!(error, SessionError::SequenceMissing), "{error}");
    let (mut here, mut there) = timed(&key);
    for alter in [
        |part: &mut EncKrbCredPart| part.timestamp = None,
        |part: &mut EncKrbCredPart| part.usec = None,
    ] {
        let message = altered(&key, &given(&mut here), alter);
        let error = taken(&mut there, &message).unwrap_err();
        assert!(matches!(error, SessionError::TimestampMissing), "{error}");
    }
}

#[test]
fn tickets_without_keys_or_names_are_refused() {
    let key = key(AES256);
    let alterations: [fn(&mut EncKrbCredPart); 6] = [
        |part| drop(part.ticket_info.pop()),
        |part| part.ticket_info.push(part.ticket_info[0].clone()),
        |part| part.ticket_info[1].pname = None,
        |part| part.ticket_info[1].prealm = None,
        |part| part.ticket_info[0].sname = None,
        |part| part.ticket_info[0].srealm = None,
    ];
    for alter in alterations {
        let (mut here, mut there) = numbered(&key);
        let message = altered(&key, &given(&mut here), alter);
        let error = taken(&mut there, &message).unwrap_err();
        assert!(matches!(error, SessionError::Incomplete(_)), "{error}");
    }
}

#[test]
fn a_ticket_by_the_name_of_a_cache_s_own_notes_is_refused() {
    let key = key(AES256);
    let notes = [
        ("start_realm", None),
        ("orthros_armors_tgs", Some("krbtgt/B@B")),
    ];
    for (name, about) in notes {
        let about = about.map(|about| Principal::parse(about, None).unwrap());
        let [tgt, mut note] = tickets();
        note.server =
            Credential::config(note.client.clone(), name, about.as_ref(), Vec::new()).server;
        let (mut here, mut there) = numbered(&key);
        let message = here.encrypt_credentials(&[tgt, note], NOW, &mut random());
        let error = taken(&mut there, &message.unwrap()).unwrap_err();
        assert!(matches!(error, SessionError::Incomplete(_)), "{error}");
    }
}

/// RFC 6448 has them for transports that seal them themselves.
#[test]
fn tickets_that_are_not_sealed_are_refused() {
    let key = key(AES256);
    let (mut here, mut there) = numbered(&key);
    let mut message = KrbCred::decode(&given(&mut here)).unwrap();
    let usage = KeyUsage::KRB_CRED_ENC_PART;
    let part = key.decrypt(usage, &message.enc_part.cipher).unwrap();
    message.enc_part.etype = EncryptionType::NULL;
    message.enc_part.cipher = part[..].into();
    let error = taken(&mut there, &message.encode().unwrap()).unwrap_err();
    assert!(matches!(error, SessionError::Integrity(_)), "{error}");
}

#[test]
fn tickets_sealed_in_another_key_are_refused() {
    let (mut here, _) = numbered(&key(AES256));
    let message = given(&mut here);
    for other in [Enctype::AES128_CTS_HMAC_SHA1_96, AES256] {
        let other = Key::new(other, &vec![1; other.key_len()]).unwrap();
        let error = taken(&mut numbered(&other).1, &message).unwrap_err();
        assert!(matches!(error, SessionError::Integrity(_)), "{error}");
    }
}

#[test]
fn every_flipped_bit_of_the_sealed_part_is_noticed() {
    let key = key(AES256);
    let message = given(&mut numbered(&key).0);
    let sealed = KrbCred::decode(&message).unwrap().enc_part.cipher;
    let start = message.len() - sealed.len();
    for bit in start * 8..message.len() * 8 {
        let mut spoilt = message.clone();
        spoilt[bit / 8] ^= 1 << (bit % 8);
        let error = taken(&mut numbered(&key).1, &spoilt).unwrap_err();
        assert!(
            matches!(error, SessionError::Integrity(_)),
            "{bit}: {error}"
        );
    }
}

#[test]
fn a_refused_message_leaves_its_turn_to_the_right_one() {
    let key = key(AES256);
    let (mut here, mut there) = numbered(&key);
    let message = given(&mut here);
    let wrong = altered(&key, &message, |part| part.ticket_info.clear());
    taken(&mut there, &wrong).unwrap_err();
    taken(&mut there, &message).unwrap();
}

#[test]
fn a_ticket_that_is_none_is_not_sent_and_takes_no_number() {
    let key = key(AES256);
    let (mut here, mut there) = numbered(&key);
    let broken = Credential {
        ticket: b"no ticket".to_vec(),
        ..credential("host/a.example@ORTHROS.TEST")
    };
    let error = here.encrypt_credentials(&[broken], NOW, &mut random());
    assert!(matches!(error, Err(SessionError::Ticket(_))), "{error:?}");
    let message = given(&mut here);
    taken(&mut there, &message).unwrap();
}

#[test]
fn garbage_is_no_krb_cred() {
    let (mut here, _) = numbered(&key(AES256));
    for garbage in [&b""[..], b"\x76\x00", b"\x75\x80", b"hello"] {
        let error = taken(&mut here, garbage).unwrap_err();
        assert!(matches!(error, SessionError::Malformed { .. }), "{error}");
    }
}

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
