//! Requests byte for byte, and replies that are cut, too long or malformed.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::ccache::{CacheFormat, encode_credential, encode_principal};
use crate::{
    Credential, EncryptionType, KeyBlock, MinorStatus, Principal, TicketFlags, TicketTimes,
    Timestamp,
};

fn alice() -> Principal {
    Principal::parse("a@R", None).unwrap()
}

fn ticket() -> Credential {
    Credential {
        client: alice(),
        server: Principal::parse("b/c@R", None).unwrap(),
        session_key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
        times: TicketTimes {
            authtime: Timestamp::from_seconds(1),
            starttime: None,
            endtime: Timestamp::from_seconds(3),
            renew_till: Some(Timestamp::from_seconds(4)),
        },
        is_skey: true,
        flags: TicketFlags::FORWARDABLE,
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: vec![1, 2, 3],
        second_ticket: vec![9],
    }
}

const ALICE: &[u8] = b"\0\0\0\x01\0\0\0\x01\0\0\0\x01R\0\0\0\x01a";
const SERVER: &[u8] = b"\0\0\0\x01\0\0\0\x02\0\0\0\x01R\0\0\0\x01b\0\0\0\x01c";

#[test]
fn requests_are_as_mits() {
    let principal = &alice();
    let credential = &ticket();
    let stored = encode_credential(credential, CacheFormat::Version4).unwrap();
    let counted = u32::try_from(stored.len()).unwrap().to_be_bytes();
    let cache = b"0:1";
    let uuid = KcmUuid([5; 16]);
    let matched = [
        // Enctype, times exactly, second ticket, is_skey; client, server, key and second ticket are there.
        b"\x44\xc0\0\0\0\0\0\x17",
        ALICE,
        SERVER,
        b"\0\x12\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x04\x01\x40\0\0\0\0\0\0\x01\x09",
    ]
    .concat();
    for (request, opcode, named, argument) in [
        (KcmRequest::GenNew, 3, false, vec![]),
        (
            KcmRequest::Initialize { cache, principal },
            4,
            true,
            ALICE.to_vec(),
        ),
        (KcmRequest::Destroy { cache }, 5, true, vec![]),
        (
            KcmRequest::Store { cache, credential },
            6,
            true,
            stored.to_vec(),
        ),
        (KcmRequest::GetPrincipal { cache }, 8, true, vec![]),
        (KcmRequest::GetCredUuidList { cache }, 9, true, vec![]),
        (
            KcmRequest::GetCredByUuid { cache, uuid },
            10,
            true,
            vec![5; 16],
        ),
        (
            KcmRequest::RemoveCred { cache, credential },
            11,
            true,
            matched,
        ),
        (KcmRequest::GetCacheUuidList, 18, false, vec![]),
        (KcmRequest::GetCacheByUuid { uuid }, 19, false, vec![5; 16]),
        (KcmRequest::GetDefaultCache, 20, false, vec![]),
        (KcmRequest::SetDefaultCache { cache }, 21, true, vec![]),
        (KcmRequest::GetKdcOffset { cache }, 22, true, vec![]),
        (
            KcmRequest::SetKdcOffset { cache, seconds: -2 },
            23,
            true,
            vec![255, 255, 255, 254],
        ),
        (KcmRequest::GetCredList { cache }, 13001, true, vec![]),
        (
            KcmRequest::Replace {
                cache,
                seconds: 7,
                principal,
                credentials: core::slice::from_ref(credential),
            },
            13002,
            true,
            [&[0, 0, 0, 7], ALICE, &[0, 0, 0, 1], &counted, &stored].concat(),
        ),
    ] {
        let name: &[u8] = if named { b"0:1\0" } else { b"" };
        let opcode = u16::to_be_bytes(opcode);
        let rest = [&[2, 0], &opcode[..], name, &argument].concat();
        let length = u32::try_from(rest.len()).unwrap().to_be_bytes();
        let encoded = request.encode().unwrap();
        assert_eq!(*encoded, [&length[..], &rest].concat(), "{request:?}");
        assert!(request.operation().name().is_some());
    }
}

#[test]
fn a_name_with_a_zero_octet_is_no_name() {
    let refused = KcmRequest::Destroy { cache: b"0\0:1" }
        .encode()
        .unwrap_err();
    assert_eq!(refused, EncodeKcmError::Name);
    let mut credential = ticket();
    credential.session_key = KeyBlock::new(EncryptionType(70_000), Vec::new());
    for request in [
        KcmRequest::Store {
            cache: b"0",
            credential: &credential,
        },
        KcmRequest::RemoveCred {
            cache: b"0",
            credential: &credential,
        },
    ] {
        let refused = request.encode().unwrap_err().to_string();
        assert!(refused.contains("enctype"), "{refused}");
    }
}

#[test]
fn the_head_of_a_reply_has_a_limit() {
    let head = |length: u32, status: i32| {
        let head = [length.to_be_bytes(), status.to_be_bytes()].concat();
        KcmReplyHead::decode(head.try_into().unwrap())
    };
    let read = head(5, -1_765_328_189).unwrap();
    assert_eq!(read.length, 5);
    assert_eq!(read.status, MinorStatus::KRB5_FCC_NOFILE);
    head(LONGEST_REPLY, 0).unwrap();
    let length = LONGEST_REPLY + 1;
    assert_eq!(head(length, 0), Err(KcmReplyError::TooLong { length }));
}

#[test]
fn results_are_read_whole_or_not_at_all() {
    let credential = encode_credential(&ticket(), CacheFormat::Version4).unwrap();
    let counted = u32::try_from(credential.len()).unwrap().to_be_bytes();
    let list = [&[0, 0, 0, 1], &counted[..], &credential].concat();
    let principal = encode_principal(&alice()).unwrap();
    type Read = fn(KcmReply<'_>) -> Result<(), KcmReplyError>;
    let results: [(&[u8], Read); 6] = [
        (b"0:1\0", |reply| {
            assert_eq!(reply.name()?, b"0:1");
            Ok(())
        }),
        (&[5; 16], |reply| {
            assert_eq!(reply.uuids()?, [KcmUuid([5; 16])]);
            Ok(())
        }),
        (&principal, |reply| {
            assert_eq!(reply.principal()?, Some(alice()));
            Ok(())
        }),
        (b"\xff\xff\xff\xfe", |reply| {
            assert_eq!(reply.kdc_offset()?, -2);
            Ok(())
        }),
        (&credential, |reply| {
            assert_eq!(reply.credential()?, ticket());
            Ok(())
        }),
        (&list, |reply| {
            assert_eq!(reply.credentials()?, [ticket()]);
            Ok(())
        }),
    ];
    for (result, read) in results {
        let body = [&[0; 4], result].concat();
        read(KcmReply::decode(&body).unwrap()).unwrap();
        read(KcmReply::decode(&[&body[..], b"x"].concat()).unwrap()).unwrap_err();
        // No UUIDs and no principal are results, too.
        for cut in 5..body.len() {
            read(KcmReply::decode(&body[..cut]).unwrap()).unwrap_err();
        }
    }
    for name in [&b"\x1b[31m0\0"[..], b"0\n1\0", &[b'x'; 1025]] {
        let body = [&[0; 4], name].concat();
        assert_eq!(
            KcmReply::decode(&body).unwrap().name(),
            Err(KcmReplyError::Name)
        );
    }
    for cut in 0..4 {
        KcmReply::decode(&[0; 4][..cut]).unwrap_err();
    }
    assert_eq!(KcmReply::decode(&[0; 4]).unwrap().principal(), Ok(None));
    assert_eq!(KcmReply::decode(&[0; 4]).unwrap().uuids(), Ok(Vec::new()));
}
