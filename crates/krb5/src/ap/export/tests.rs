//! Exported contexts: whole, damaged, and made up.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use orthros_asn1::Message as _;
use orthros_crypto::{Enctype, SecretVec};
use proptest::prelude::*;

use super::{HEAD_LEN, VERSION};
use crate::MalformedTokenError;
use crate::ap::tests::pair::establish;
use crate::ap::tests::world::options;
use crate::ap::{ContextFlags, EstablishedContext, PacProof, TicketAuthorization};
use crate::sequence::SequenceStatus::{Duplicate, Gap, InOrder, Unsequenced};
use orthros_testing::random::SeededRandom;
use orthros_types::bytes::crc32;
use orthros_types::{AdType, AuthorizationDataEntry};

const DETECTION: ContextFlags = ContextFlags::REPLAY.union(ContextFlags::SEQUENCE);
const FLAGS: [ContextFlags; 3] = [
    DETECTION,
    DETECTION.union(ContextFlags::MUTUAL),
    ContextFlags::MUTUAL,
];

fn pair(enctype: Enctype, flags: ContextFlags) -> (EstablishedContext, EstablishedContext) {
    establish(enctype, &options(flags))
}

/// To another process and there.
fn moved(context: EstablishedContext) -> EstablishedContext {
    EstablishedContext::import(&context.export().unwrap()).unwrap()
}

/// A token that has the checksum of its octets.
fn sealed(mut token: Vec<u8>) -> Vec<u8> {
    let checksum = crc32(&token[HEAD_LEN..]);
    token[HEAD_LEN - 4..HEAD_LEN].copy_from_slice(&checksum.to_be_bytes());
    token
}

/// An acceptor's context that has received some messages and has data of all kinds.
fn rich() -> SecretVec {
    let (mut left, mut right) = pair(Enctype::AES128_CTS_HMAC_SHA256_128, FLAGS[1]);
    for number in 0..5 {
        let mic = left.messages.sender().get_mic_vec(b"").unwrap();
        if number != 2 {
            right.messages.receiver().verify_mic(b"", &mic).unwrap();
        }
    }
    let element = |ad_type, data: &[u8]| AuthorizationDataEntry {
        ad_type,
        ad_data: data.into(),
    };
    let relevant = vec![element(AdType::WIN2K_PAC, b"of the ticket")];
    let data = [
        element(AdType::IF_RELEVANT, &relevant.encode().unwrap()),
        element(AdType::WIN2K_PAC, b""),
    ];
    right.info.authorization = Some(Arc::new(TicketAuthorization {
        data: data.into(),
        indicators: ["strong".to_string()].into(),
        pac: None,
    }));
    right.info.times.starttime = Some(orthros_types::Timestamp::from_seconds(-1));
    right.export().unwrap()
}

#[test]
fn everything_about_a_context_moves() {
    for enctype in Enctype::ALL.iter().copied() {
        for flags in FLAGS {
            let (left, right) = pair(enctype, flags);
            for context in [left, right] {
                let (initiator, acceptor) = (context.initiator.clone(), context.acceptor.clone());
                let token = context.export().unwrap();
                let context = EstablishedContext::import(&token).unwrap();
                assert_eq!(context.initiator, initiator);
                assert_eq!(context.initiator.name_type(), initiator.name_type());
                assert_eq!(context.acceptor, acceptor);
                assert!(context.info.flags.contains(flags));
                assert_eq!(*context.export().unwrap(), *token);
            }
        }
    }
    let token = rich();
    let context = EstablishedContext::import(&token).unwrap();
    assert_eq!(context.info.authentication_indicators(), ["strong"]);
    let authorization = context.info.authorization.as_ref().unwrap();
    assert_eq!(authorization.data.len(), 2);
    let pac = authorization.pac.as_ref().unwrap();
    assert_eq!(*pac.bytes, *b"of the ticket");
    assert_eq!(pac.proof, PacProof::None);
    assert_eq!(*context.export().unwrap(), *token);
}

#[test]
fn both_directions_go_on_in_the_middle_of_a_stream() {
    for enctype in Enctype::ALL.iter().copied() {
        let (mut left, mut right) = pair(enctype, FLAGS[1]);
        let tokens = |left: &mut EstablishedContext| {
            let sender = left.messages.sender();
            sender
                .wrap_vec(true, b"message", &mut SeededRandom::new(1))
                .unwrap()
        };
        let receive = |right: &mut EstablishedContext, token: &[u8]| {
            let opened = right.messages.receiver().unwrap_vec(token).unwrap();
            assert_eq!(opened.message, b"message");
            opened.sequence
        };
        let [first, second, third] = [(); 3].map(|()| tokens(&mut left));
        assert_eq!(receive(&mut right, &first), InOrder);
        assert_eq!(receive(&mut right, &third), Gap);
        let mut right = moved(right);
        assert_eq!(receive(&mut right, &third), Duplicate);
        assert_eq!(receive(&mut right, &second), Unsequenced);
        let mut left = moved(left);
        let fourth = tokens(&mut left);
        assert_eq!(receive(&mut right, &fourth), InOrder);
        let back = tokens(&mut right);
        let mut right = moved(right);
        let further = tokens(&mut right);
        assert_eq!(receive(&mut left, &back), InOrder);
        assert_eq!(receive(&mut left, &further), InOrder);
        assert_eq!(receive(&mut left, &further), Duplicate);
    }
}

#[test]
fn nothing_is_detected_after_the_move_that_was_not_before() {
    let (mut left, mut right) = pair(Enctype::ALL[0], ContextFlags::MUTUAL);
    let mic = left.messages.sender().get_mic_vec(b"").unwrap();
    right.messages.receiver().verify_mic(b"", &mic).unwrap();
    let mut right = moved(right);
    let verified = right.messages.receiver().verify_mic(b"", &mic);
    assert_eq!(verified, Ok(InOrder));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let token = rich();
    for bit in 0..token.len() * 8 {
        let mut flipped = token.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let refused = EstablishedContext::import(&flipped).unwrap_err();
        let expected = match bit / 8 {
            0..4 => MalformedTokenError::NotExported,
            4 => MalformedTokenError::ExportVersion {
                found: flipped[4],
                supported: VERSION,
            },
            _ => MalformedTokenError::ExportChecksum,
        };
        assert_eq!(refused, expected, "bit {bit}");
    }
}

#[test]
fn every_truncation_is_refused_also_with_a_checksum() {
    let token = rich();
    for length in 0..token.len() {
        assert!(EstablishedContext::import(&token[..length]).is_err());
        if length >= HEAD_LEN {
            let refused = EstablishedContext::import(&sealed(token[..length].to_vec()));
            assert!(
                matches!(refused, Err(MalformedTokenError::ExportTruncated { .. })),
                "{length}"
            );
        }
    }
}

#[test]
fn octets_behind_a_context_are_refused() {
    let token = sealed([&rich()[..], b"\0"].concat());
    let refused = EstablishedContext::import(&token).unwrap_err();
    assert_eq!(refused, MalformedTokenError::ExportTrailing(1));
}

/// The field that is refused where these octets are put at an offset behind the head.
#[track_caller]
fn refused_field(offset: usize, octets: &[u8]) -> &'static str {
    let mut token = rich().to_vec();
    token[HEAD_LEN + offset..][..octets.len()].copy_from_slice(octets);
    match EstablishedContext::import(&sealed(token)).map(drop) {
        Err(MalformedTokenError::ExportField { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_no_context_can_be_is_refused() {
    assert_eq!(refused_field(0, &[2]), "role");
    assert_eq!(refused_field(1, &[4]), "mechanism");
    assert_eq!(refused_field(2, &[2]), "acceptor subkey");
    assert_eq!(refused_field(2, &[0]), "key of the context");
    assert_eq!(refused_field(19, &[0]), "starttime");
    assert_eq!(refused_field(36, &[7]), "renew-till");
    assert_eq!(
        refused_field(53, &1_000_000_u32.to_be_bytes()),
        "end of the lifetime"
    );
    assert_eq!(refused_field(57, &16_i32.to_be_bytes()), "session key");
    assert_eq!(refused_field(57, &18_i32.to_be_bytes()), "session key");
}

#[test]
fn a_window_that_no_tokens_make_is_refused() {
    let token = rich();
    let seen = 0b11011_u64.to_be_bytes();
    let at = token.windows(8).position(|octets| octets == seen).unwrap() - HEAD_LEN;
    for impossible in [0b11010_u64, 0b11_1011, u64::MAX, 0] {
        assert_eq!(
            refused_field(at, &impossible.to_be_bytes()),
            "sequence window"
        );
    }
    assert_eq!(refused_field(at - 9, &[0]), "sequence window");
    assert_eq!(refused_field(at - 9, &[2]), "sequence window");
}

#[test]
fn a_count_of_billions_ends_where_the_octets_end() {
    let token = rich();
    let at = token
        .windows(12)
        .position(|octets| octets == b"ORTHROS.TEST")
        .unwrap()
        + 12;
    let mut token = token.to_vec();
    token[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    let refused = EstablishedContext::import(&sealed(token)).unwrap_err();
    assert!(
        matches!(
            refused,
            MalformedTokenError::ExportTruncated {
                field: "initiator",
                ..
            }
        ),
        "{refused}"
    );
}

proptest! {
    #[test]
    fn mutated_contexts_are_refused_or_consistent(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut token = rich().to_vec();
        for (index, octet) in changes {
            let behind_head = index.index(token.len() - HEAD_LEN) + HEAD_LEN;
            token[behind_head] = octet;
        }
        if let Some(cut) = cut {
            token.truncate(HEAD_LEN + cut.index(token.len() - HEAD_LEN));
        }
        let token = sealed(token);
        if let Ok(mut context) = EstablishedContext::import(&token) {
            let receiver = context.messages.receiver();
            receiver.verify_mic(b"", b"").unwrap_err();
            prop_assert_eq!(&*context.export().unwrap(), &token[..]);
        }
    }

    #[test]
    fn arbitrary_octets_are_refused(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(EstablishedContext::import(&octets).is_err());
        let with_head = sealed([&b"ORTH\x02\0\0\0\0"[..], &octets].concat());
        prop_assert!(EstablishedContext::import(&with_head).is_err());
    }
}
