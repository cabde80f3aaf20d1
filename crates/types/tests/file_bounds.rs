//! What a file can have its reader do is bounded by the file's length: a hundred thousand of whatever it has, or one
//! within the other.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use std::fmt::Write as _;

use allocation_counter::measure;
use orthros_types::ccache::{CacheFile, CacheFormat, Header, encode_credential};
use orthros_types::config::{Include, Profile, ProfileError, SourceFile};
use orthros_types::keytab::{Keytab, KeytabEntry, KeytabRecords};
use orthros_types::{
    AddressType, Credential, HostAddress, KeyBlock, Principal, TicketFlags, TicketTimes, Timestamp,
};

const COUNT: usize = 100_000;
/// How many octets may be held for each one of a file, with what types cost that hold small things.
const OCTETS_FOR_ONE: u64 = 64;

fn assert_in_proportion(length: usize, read: impl FnOnce()) {
    let allocations = measure(read);
    let most = OCTETS_FOR_ONE * u64::try_from(length).unwrap();
    assert!(allocations.bytes_max < most, "{length}: {allocations:?}");
}

fn nobody() -> Principal {
    Principal::new("", [""])
}

#[test]
fn a_keytab_of_a_hundred_thousand_keys_or_holes_costs_in_proportion() {
    let entry = KeytabEntry {
        principal: nobody(),
        timestamp: Timestamp::EPOCH,
        kvno: 0,
        key: KeyBlock::null(),
    };
    let one = Keytab::new(vec![entry]).encode().unwrap();
    let (version, entry) = one.split_at(2);
    let file = [version, &entry.repeat(COUNT)].concat();
    assert_in_proportion(file.len(), || {
        assert_eq!(Keytab::decode(&file).unwrap().entries().len(), COUNT);
    });
    // A hole of one octet.
    let file = [version, &[0xFF, 0xFF, 0xFF, 0xFF, 0].repeat(COUNT)].concat();
    assert_in_proportion(file.len(), || {
        assert_eq!(KeytabRecords::new(&file).unwrap().count(), COUNT);
        assert_eq!(Keytab::decode(&file).unwrap().entries().len(), 0);
    });
}

#[test]
fn a_cache_of_a_hundred_thousand_tickets_or_addresses_costs_in_proportion() {
    let mut credential = Credential {
        client: nobody(),
        server: nobody(),
        session_key: KeyBlock::null(),
        times: TicketTimes::default(),
        is_skey: false,
        flags: TicketFlags::empty(),
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: Vec::new(),
        second_ticket: Vec::new(),
    };
    let header = Header::new(nobody(), None).encode().unwrap();
    let entry = encode_credential(&credential, CacheFormat::Version4).unwrap();
    let file = [&*header, &entry.repeat(COUNT)].concat();
    assert_in_proportion(file.len(), || {
        let cache = CacheFile::open(&file).unwrap();
        assert_eq!(cache.credentials().map(Result::unwrap).count(), COUNT);
    });
    let address = HostAddress {
        addr_type: AddressType::IPV4,
        address: [].as_slice().into(),
    };
    credential.addresses = vec![address; COUNT];
    let entry = encode_credential(&credential, CacheFormat::Version4).unwrap();
    let file = [&*header, &entry].concat();
    assert_in_proportion(file.len(), || {
        let cache = CacheFile::open(&file).unwrap();
        let read = cache.credentials().next().unwrap().unwrap();
        assert_eq!(read, credential);
    });
}

fn parse(text: &str) -> Result<Profile, ProfileError<&'static str>> {
    let no_includes = |_: Include<'_>| Err("no includes");
    Profile::parse(&SourceFile::new("krb5.conf", text.as_bytes()), no_includes)
}

#[test]
fn a_configuration_of_a_hundred_thousand_sections_or_relations_costs_in_proportion() {
    let mut sections = String::new();
    let mut subsections = "[s]\n".to_owned();
    let mut names = "[s]\n".to_owned();
    for number in 0..COUNT {
        writeln!(sections, "[{number}]").unwrap();
        writeln!(subsections, "{number} = {{\n}}").unwrap();
        writeln!(names, "{number} = v").unwrap();
    }
    let again = "[s]\na = b\n".repeat(COUNT);
    for text in [sections, subsections, names, again] {
        // A place in the file is noted for each value.
        assert_in_proportion(4 * text.len(), || drop(parse(&text).unwrap()));
    }
}

#[test]
fn a_configuration_of_a_hundred_thousand_braces_is_refused_at_a_fixed_depth() {
    let text = "[s]\n".to_owned() + &"a = {\n".repeat(COUNT);
    assert_in_proportion(text.len(), || {
        let error = parse(&text).unwrap_err().to_string();
        assert_eq!(error, "krb5.conf:33: subsections are nested too deeply");
    });
}

#[test]
fn a_name_of_a_hundred_thousand_components_costs_in_proportion() {
    let text = "/".repeat(COUNT - 1) + "@R";
    assert_in_proportion(text.len(), || {
        let principal = Principal::parse(&text, None).unwrap();
        assert_eq!(principal.components().len(), COUNT);
    });
}
