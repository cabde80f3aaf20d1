//! What may be repeated in a message is counted before memory is spent on it.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use allocation_counter::measure;
use common::lists::LISTS;
use common::samples::reference_with;
use common::tree::{self, with_elements};
use common::{hex, recode, references};
use orthros_asn1::negoex::NegoexMessage;
use orthros_asn1::spnego::{MechTypeList, NegTokenInit, NegotiationToken};
use orthros_asn1::{
    AdAuthenticationIndicator, DecodeErrorKind, IakerbHeader, KrbError, Message, ObjectIdentifier,
    Octets, PrincipalName, Raw, Realm, TransitedEncoding, TransitedType, limits,
};

#[test]
fn a_name_of_640_000_components_is_refused_before_memory_is_spent() {
    let name = PrincipalName {
        name_type: orthros_asn1::NameType::PRINCIPAL,
        name_string: vec![Realm::default(); 640_000],
    };
    refused_at_once::<PrincipalName>(&name.encode().unwrap(), limits::NAME_COMPONENTS);
    let mut error = reference_with::<KrbError>("KRB-ERROR", "all fields");
    error.sname = name;
    let octets = error.encode().unwrap();
    refused_at_once::<KrbError>(&octets, limits::NAME_COMPONENTS);
    let error = KrbError::decode(&octets).unwrap_err();
    assert_eq!(error.path(), ["sname", "name_string"]);
    assert!(
        error
            .to_string()
            .starts_with("more than 32 elements at offset ")
    );
}

#[test]
fn a_hundred_thousand_mechanisms_are_refused_before_memory_is_spent() {
    let list: MechTypeList = vec![ObjectIdentifier::new(&[0x2A, 0x03]).unwrap(); 100_000];
    let offer = NegTokenInit {
        mech_types: Raw::new(list).unwrap(),
        req_flags: None,
        mech_token: None,
        neg_hints: None,
        mech_list_mic: None,
    };
    let octets = NegotiationToken::Init(offer).encode().unwrap();
    let mut result = None;
    let allocations = measure(|| result = Some(NegotiationToken::decode(&octets)));
    let error = result.unwrap().err().unwrap();
    assert_eq!(
        error.kind(),
        DecodeErrorKind::TooMany {
            limit: limits::MECHANISMS
        }
    );
    // The list's octets are kept for the MIC before they are read.
    assert!(
        allocations.bytes_max < 512 + octets.len() as u64,
        "{allocations:?}"
    );
}

#[test]
fn each_list_is_read_up_to_its_limit_and_refused_beyond() {
    for (limit, message, contents, path, element) in LISTS {
        let nodes = tree::parse(&encoding(message, contents));
        let full = with_elements(&nodes, path, &hex(element), *limit);
        let recoded = recode(message)(&full);
        assert_eq!(recoded.as_ref(), Ok(&full), "{message}, {path:02x?}");
        let octets = with_elements(&nodes, path, &hex(element), limit + 1);
        let error = recode(message)(&octets).unwrap_err();
        assert_eq!(
            error.kind(),
            DecodeErrorKind::TooMany { limit: *limit },
            "{message}, {path:02x?}"
        );
        // The first element that is one too many.
        assert_eq!(
            octets[error.offset()..][..element.len() / 2],
            hex(element),
            "{message}"
        );
    }
}

#[test]
fn authentication_indicators_are_limited() {
    let full: AdAuthenticationIndicator = vec![String::new(); limits::AUTHENTICATION_INDICATORS];
    assert_eq!(Message::decode(&full.encode().unwrap()), Ok(full.clone()));
    let more = [full, vec![String::new()]].concat().encode().unwrap();
    refused_at_once::<AdAuthenticationIndicator>(&more, limits::AUTHENTICATION_INDICATORS);
}

#[test]
fn texts_are_limited() {
    let realm = |length: usize| {
        let mut error = reference_with::<KrbError>("KRB-ERROR", "all fields");
        error.realm = vec![b'R'; length].into();
        error
    };
    too_long(realm, limits::TEXT_OCTETS, "realm");
    let component = |length: usize| {
        let mut error = reference_with::<KrbError>("KRB-ERROR", "all fields");
        error.sname.name_string = vec![vec![0xFF; length].into()];
        error
    };
    too_long(component, limits::TEXT_OCTETS, "name_string");
    let header = |length: usize| IakerbHeader {
        target_realm: "R".repeat(length),
        cookie: None,
    };
    too_long(header, limits::TEXT_OCTETS, "target_realm");
    let identifier = |length: usize| {
        let list = vec![ObjectIdentifier::new(&vec![1; length]).unwrap()];
        NegotiationToken::Init(NegTokenInit {
            mech_types: Raw::new(list).unwrap(),
            req_flags: None,
            mech_token: None,
            neg_hints: None,
            mech_list_mic: None,
        })
    };
    too_long(identifier, limits::OBJECT_IDENTIFIER_OCTETS, "mech_types");
}

#[test]
fn the_transited_field_is_limited() {
    let ticket = |length: usize| {
        let mut part = reference_with::<orthros_asn1::EncTicketPart>("EncTicketPart", "all fields");
        part.transited = TransitedEncoding {
            tr_type: TransitedType::DOMAIN_X500_COMPRESS,
            contents: Octets(b".,".repeat(length).split_off(length)),
        };
        part
    };
    too_long(ticket, limits::TRANSITED_OCTETS, "contents");
}

#[test]
fn messages_of_negoex_are_limited() {
    let message = NegoexMessage {
        message_type: 7,
        sequence_number: 0,
        conversation_id: [0; 16],
        fields: &[],
        payload: &[],
    };
    let mut token = Vec::new();
    for _ in 0..limits::NEGOEX_MESSAGES {
        message.encode_into(&mut token).unwrap();
    }
    assert_eq!(
        NegoexMessage::decode_all(&token).unwrap().len(),
        limits::NEGOEX_MESSAGES
    );
    let end = token.len();
    message.encode_into(&mut token).unwrap();
    let error = NegoexMessage::decode_all(&token).err().unwrap();
    let limit = limits::NEGOEX_MESSAGES;
    assert_eq!(
        (error.kind(), error.offset()),
        (DecodeErrorKind::TooMany { limit }, end)
    );
}

/// Whatever is repeated, in whatever message: what it costs is about what it has.
#[test]
fn no_value_of_any_message_takes_more_memory_than_its_octets_when_it_is_repeated() {
    for [name, contents, encoding] in references() {
        let nodes = tree::parse(&hex(encoding));
        for at in 0..tree::count(&nodes) {
            for length in [3_000, 200_000] {
                let octets = tree::repeated(&nodes, at, length);
                let allocations = measure(|| drop(recode(name)(&octets)));
                // Decoding and encoding again: what is kept as octets is there once more.
                let bound = 8 * octets.len() as u64 + FIXED;
                assert!(
                    allocations.bytes_max < bound,
                    "{name}, {contents}, value {at}: {allocations:?} for {}",
                    octets.len()
                );
            }
        }
    }
}

/// All lists at once as long as they may be, of elements as short as they can be.
#[test]
fn the_fullest_messages_take_a_few_times_the_memory_of_their_octets() {
    for (limit, message, contents, path, element) in LISTS {
        let mut octets = encoding(message, contents);
        for (limit, of, with, path, element) in LISTS {
            if (of, with) == (message, contents) {
                octets = with_elements(&tree::parse(&octets), path, &hex(element), *limit);
            }
        }
        assert!(
            octets.len() > limit * element.len() / 2,
            "{message}, {path:?}"
        );
        let mut result = None;
        let allocations = measure(|| result = Some(recode(message)(&octets)));
        assert_eq!(result.unwrap().as_ref(), Ok(&octets), "{message}");
        let bound = 8 * octets.len() as u64 + FIXED;
        assert!(
            allocations.bytes_max < bound,
            "{message}: {allocations:?} for {}",
            octets.len()
        );
    }
}

/// Reading `octets` fails for more than `limit` elements, and takes next to nothing.
fn refused_at_once<T: Message + PartialEq + std::fmt::Debug>(octets: &[u8], limit: usize) {
    let mut result = None;
    let allocations = measure(|| result = Some(T::decode(octets)));
    let error = result.unwrap().err().unwrap();
    assert_eq!(error.kind(), DecodeErrorKind::TooMany { limit });
    assert!(allocations.bytes_max < 2048, "{allocations:?}");
}

/// What `of` makes is read with `limit` octets, and refused with one more at `field`.
fn too_long<T: Message + PartialEq + std::fmt::Debug>(
    of: impl Fn(usize) -> T,
    limit: usize,
    field: &str,
) {
    let full = of(limit);
    assert_eq!(T::decode(&full.encode().unwrap()), Ok(full));
    let refused = T::decode(&of(limit + 1).encode().unwrap());
    let error = refused.err().unwrap();
    assert_eq!(error.kind(), DecodeErrorKind::TooLong { limit });
    assert_eq!(error.field(), Some(field));
}

fn encoding(name: &str, contents: &str) -> Vec<u8> {
    let row = references()
        .into_iter()
        .find(|row| row[..2] == [name, contents]);
    hex(row.expect(name)[2])
}

/// What a message takes beyond a multiple of its octets: the buffer that it is written to, and the
/// longest lists of the largest elements.
const FIXED: u64 = 96 * 1024;
