//! FILE caches, against files that MIT's tools wrote.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use orthros_testing::vectors::{Stanza, stanzas};
use orthros_types::bytes::ByteOrder;
use orthros_types::ccache::{
    self, CacheFile, CacheFormat, CacheFormatError, Header, HeaderTag, KdcOffset,
};
use orthros_types::{Credential, EncryptionType, KeyBlock, Principal, Timestamp};

fn mit_file(name: &str) -> Stanza {
    let mut all = stanzas("mit-files/ccache.txt").into_iter();
    all.find(|case| case.text("name").contains(name)).unwrap()
}

fn credentials(file: &[u8]) -> Vec<Credential> {
    let cache = CacheFile::open(file).unwrap();
    cache.credentials().collect::<Result<_, _>>().unwrap()
}

fn hex(octets: &[u8]) -> String {
    if octets.is_empty() {
        return "-".into();
    }
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn show(credential: &Credential) -> String {
    let times = credential.times;
    let seconds = |time: Option<Timestamp>| time.unwrap_or_default().seconds();
    let addresses: Vec<String> = (credential.addresses.iter())
        .map(|each| format!("{}:{}", each.addr_type.0, hex(&each.address)))
        .collect();
    let addresses = if addresses.is_empty() {
        "-".into()
    } else {
        addresses.join(",")
    };
    format!(
        "{} {} {} {} {} {} {} {} {} {} {:08x} {addresses} {} {}",
        credential.client,
        credential.server,
        credential.server.name_type().0,
        credential.session_key.enctype().0,
        hex(credential.session_key.as_bytes()),
        times.authtime.seconds(),
        seconds(times.starttime),
        times.endtime.seconds(),
        seconds(times.renew_till),
        u8::from(credential.is_skey),
        credential.flags.bits(),
        credential.ticket.len(),
        credential.second_ticket.len(),
    )
}

#[test]
fn what_mit_wrote_is_read_as_mit_reads_it() {
    for case in stanzas("mit-files/ccache.txt") {
        let file = case.octets("file");
        let principal = &CacheFile::open(&file)
            .unwrap()
            .header()
            .default_principal
            .clone();
        assert_eq!(
            format!("{principal} {}", principal.name_type().0),
            case.text("principal")
        );
        let shown: Vec<String> = credentials(&file).iter().map(show).collect();
        // MIT writes 8 where a credential is a user-to-user one; it means no more than 1.
        let expected = case.text("credentials").replace(" 8 5", " 1 5");
        assert_eq!(shown.join(" | "), expected, "{}", case.place());
    }
}

#[test]
fn a_file_is_written_octet_for_octet_as_mit_writes_it() {
    for name in [
        "kinit and kvno",
        "addresses",
        "version 1",
        "version 2",
        "version 3",
        "version 1, turned around",
        "version 2, turned around",
    ] {
        let file = mit_file(name).octets("file");
        let cache = CacheFile::open(&file).unwrap();
        let ours = ccache::encode(cache.header(), &credentials(&file)).unwrap();
        assert_eq!(*ours, *file, "{name}");
    }
}

#[test]
fn appending_credentials_one_by_one_gives_the_whole_file() {
    for case in stanzas("mit-files/ccache.txt") {
        if case.text("name").contains("kinit and kvno") {
            let file = case.octets("file");
            let cache = CacheFile::open(&file).unwrap();
            let mut ours = cache.header().encode().unwrap();
            for credential in credentials(&file) {
                let format = cache.header().format;
                ours.extend_from_slice(&ccache::encode_credential(&credential, format).unwrap());
            }
            assert_eq!(ours, file, "{}", case.place());
        }
    }
}

#[test]
fn the_version_and_the_byte_order_are_found_out() {
    use ByteOrder::{BigEndian, LittleEndian};
    for (name, format) in [
        ("with addresses", CacheFormat::Version4),
        ("version 3", CacheFormat::Version3),
        ("version 2", CacheFormat::Version2(LittleEndian)),
        ("version 1", CacheFormat::Version1(LittleEndian)),
        ("version 2, turned", CacheFormat::Version2(BigEndian)),
        ("version 1, turned", CacheFormat::Version1(BigEndian)),
    ] {
        let file = mit_file(name).octets("file");
        let cache = CacheFile::open(&file).unwrap();
        assert_eq!(cache.header().format, format, "{name}");
    }
}

#[test]
fn configuration_entries_are_written_as_mit_writes_them() {
    let file = mit_file("kinit and kvno").octets("file");
    let mits = credentials(&file).into_iter().next().unwrap();
    let tgs = Principal::local_ticket_granting("FILES.TEST");
    let ours = Credential::config(
        mits.client.clone(),
        "fast_avail",
        Some(&tgs),
        b"yes".to_vec(),
    );
    assert_eq!(ours, mits);
    assert_eq!(
        *ccache::encode_credential(&ours, CacheFormat::Version4).unwrap(),
        *ccache::encode_credential(&mits, CacheFormat::Version4).unwrap()
    );
}

#[test]
fn removing_what_mit_removed_gives_mits_octets() {
    let mut ours = mit_file("user-to-user").octets("file");
    let mits = mit_file("remove_cred").octets("file");
    let cache = CacheFile::open(&ours).unwrap();
    let stored = cache.stored().map(Result::unwrap).find(|stored| {
        let server = &stored.credential.server;
        *server == Principal::parse("host/files.test@FILES.TEST", None).unwrap()
    });
    let removal = stored.unwrap().removal().unwrap();
    removal.apply(&mut ours);
    // MIT went on to add configuration entries behind.
    assert_eq!(ours, mits[..ours.len()]);
}

#[test]
fn a_record_that_the_files_end_cuts_off_ends_the_cache_as_in_mit() {
    let file = mit_file("kinit and kvno").octets("file");
    let whole = credentials(&file);
    let last = ccache::encode_credential(whole.last().unwrap(), CacheFormat::Version4).unwrap();
    for missing in 1..last.len() {
        let cut = &file[..file.len() - missing];
        let read: Result<Vec<_>, _> = CacheFile::open(cut).unwrap().credentials().collect();
        match read {
            Ok(read) => assert_eq!(read, whole[..whole.len() - 1]),
            Err(error) => panic!("{missing} octets missing: {error}"),
        }
        let stored = CacheFile::open(cut).unwrap().stored().last().unwrap();
        assert!(stored.unwrap_err().is_cut_off());
    }
}

#[test]
fn a_length_beyond_the_whole_file_is_an_error_as_in_mit() {
    let mut file = mit_file("kinit and kvno").octets("file");
    let begin = (CacheFile::open(&file).unwrap().header())
        .encode()
        .unwrap()
        .len();
    // The client's realm of the first credential.
    file[begin + 8..begin + 12].copy_from_slice(&0x7FFF_FFFFu32.to_be_bytes());
    let cache = CacheFile::open(&file).unwrap();
    let read: Vec<_> = cache.credentials().collect();
    assert_eq!(
        read,
        [Err(CacheFormatError::Length {
            offset: begin + 8,
            field: "client"
        })]
    );
}

#[test]
fn a_header_keeps_offset_and_unknown_tags() {
    let principal = Principal::parse("u@R", None).unwrap();
    let offset = KdcOffset {
        seconds: -90,
        microseconds: 500_000,
    };
    let mut header = Header::new(principal, Some(offset));
    header.tags.push(HeaderTag::Other {
        number: 7,
        bytes: vec![1, 2, 3],
    });
    let file = header.encode().unwrap();
    let cache = CacheFile::open(&file).unwrap();
    assert_eq!(*cache.header(), header);
    assert_eq!(cache.header().kdc_offset(), Some(offset));
    assert_eq!(cache.stored().count(), 0);
    let now = Timestamp::from_seconds(100);
    assert_eq!(offset.apply(now).seconds(), 10);
}

#[test]
fn malformed_headers_are_refused_at_their_offset() {
    for case in stanzas("mit-files/ccache-malformed.txt") {
        let error = CacheFile::open(&case.octets("file")).unwrap_err();
        assert_eq!(error.to_string(), case.text("error"), "{}", case.place());
    }
}

#[test]
fn a_count_of_four_billion_ends_the_cache_where_the_file_ends() {
    let file = mit_file("kinit and kvno").octets("file");
    let credential = credentials(&file).pop().unwrap();
    let octets = ccache::encode_credential(&credential, CacheFormat::Version4).unwrap();
    // Behind the ticket and the second one's length stand the counts of addresses and authorization data.
    let tickets = credential.ticket.len() + 8;
    for (at, field) in [(8, "addresses"), (4, "authorization data")] {
        let mut endless = octets.to_vec();
        let place = endless.len() - tickets - at;
        endless[place..place + 4].copy_from_slice(&u32::MAX.to_be_bytes());
        let header = CacheFile::open(&file).unwrap().header().encode().unwrap();
        let read = [header, endless].concat();
        let stored: Vec<_> = CacheFile::open(&read).unwrap().stored().collect();
        assert_eq!(stored.len(), 1, "{field}");
        assert!(stored[0].is_err(), "{field}");
    }
}

#[test]
fn an_enctype_that_the_format_has_no_room_for_is_refused() {
    let file = mit_file("kinit and kvno").octets("file");
    let mut credential = credentials(&file).pop().unwrap();
    credential.session_key = KeyBlock::new(EncryptionType(70_000), vec![]);
    assert_eq!(
        ccache::encode_credential(&credential, CacheFormat::Version4)
            .unwrap_err()
            .to_string(),
        "the enctype's number is too large for a credential cache"
    );
}
