//! What a peer without a key can have an acceptor do is bounded by the octets of the token.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use allocation_counter::measure;
use orthros_asn1::{DecodeErrorKind, KerberosString, Raw, limits};
use orthros_crypto::Enctype;

use super::super::*;
use super::world::{Issue, Service, request, with_request};
use crate::MalformedTokenError;

/// A request whose ticket is for this name, and in no key.
fn request_for(realm: KerberosString, name: Vec<KerberosString>) -> Vec<u8> {
    let token = request(&Issue::new(Enctype::AES256_CTS_HMAC_SHA1_96).credential());
    with_request(&token, |request| {
        let mut ticket = request.ticket.value().clone();
        ticket.realm = realm;
        ticket.sname.name_string = name;
        ticket.enc_part.cipher = vec![0; 200].into();
        request.ticket = Raw::new(ticket).unwrap();
    })
}

/// Refuses the token, with an answer and a text that are short; gives what it allocated at most.
fn refused(token: &[u8]) -> (ApError, u64) {
    let service = Service::new(Enctype::AES256_CTS_HMAC_SHA1_96);
    let mut result = None;
    let allocations = measure(|| result = Some(service.accept(token)));
    let (error, answer) = result.unwrap().unwrap_err().into_parts();
    assert!(answer.is_none_or(|answer| answer.len() < 4096));
    assert!(error.to_string().len() < 4096);
    (error, allocations.bytes_max)
}

#[test]
fn a_name_of_a_hundred_thousand_components_costs_no_more_than_its_octets() {
    let token = request_for("R".into(), vec![KerberosString::default(); 100_000]);
    let (error, allocated) = refused(&token);
    let ApError::Malformed(MalformedTokenError::Syntax { error: source, .. }) = error else {
        panic!("{error}");
    };
    let limit = limits::NAME_COMPONENTS;
    assert_eq!(source.kind(), DecodeErrorKind::TooMany { limit });
    assert!(allocated < 2 * token.len() as u64, "{allocated}");
}

#[test]
fn the_longest_names_that_are_read_cost_a_few_times_their_octets() {
    let longest = KerberosString(vec![0xFF; limits::TEXT_OCTETS]);
    for name in [
        vec![longest.clone(); limits::NAME_COMPONENTS],
        vec![KerberosString::default(); limits::NAME_COMPONENTS],
        Vec::new(),
    ] {
        let token = request_for(longest.clone(), name);
        let (_, allocated) = refused(&token);
        assert!(
            allocated < 16 * token.len() as u64 + 32 * 1024,
            "{allocated} for {}",
            token.len()
        );
    }
}
