//! Keytabs, against files that MIT's tools wrote.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use orthros_testing::vectors::{Stanza, hex, stanzas};
use orthros_types::bytes::ByteOrder;
use orthros_types::keytab::{
    self, KeyNotFoundReason, Keytab, KeytabEntry, KeytabFormat, KeytabRecord, KeytabRecords,
};
use orthros_types::{EncryptionType, KeyBlock, NameType, Principal, Timestamp};

fn mit_file(name: &str) -> Stanza {
    let mut all = stanzas("mit-files/keytab.txt").into_iter();
    all.find(|case| case.text("name").contains(name)).unwrap()
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

fn entry(name: &str, kvno: u32, enctype: i32, seconds: u32) -> KeytabEntry {
    KeytabEntry {
        principal: principal(name),
        timestamp: Timestamp::from_u32(seconds),
        kvno,
        key: KeyBlock::new(EncryptionType(enctype), vec![7; 16]),
    }
}

fn show(entry: &KeytabEntry) -> String {
    let hex: String = (entry.key.as_bytes().iter())
        .map(|octet| format!("{octet:02x}"))
        .collect();
    format!(
        "{} {} {} {} {} {hex}",
        entry.principal,
        entry.principal.name_type().0,
        entry.timestamp.seconds(),
        entry.kvno,
        entry.key.enctype().0
    )
}

#[test]
fn what_mit_wrote_is_read_as_mit_reads_it() {
    for case in stanzas("mit-files/keytab.txt") {
        let keytab = Keytab::decode(&case.octets("file")).unwrap();
        let shown: Vec<String> = keytab.entries().iter().map(show).collect();
        assert_eq!(shown.join(" | "), case.text("entries"), "{}", case.place());
    }
}

#[test]
fn a_file_without_holes_is_written_octet_for_octet_as_mit_writes_it() {
    for name in ["six enctypes", "eight bits"] {
        let file = mit_file(name).octets("file");
        let keytab = Keytab::decode(&file).unwrap();
        assert_eq!(*keytab.encode().unwrap(), *file, "{name}");
    }
}

#[test]
fn a_hole_is_filled_and_made_as_mit_does() {
    for (before, after) in [
        ("leaves holes", "fills the first hole"),
        ("leaves holes, version 1", "fills holes, version 1"),
    ] {
        let mut ours = mit_file(before).octets("file");
        let after = mit_file(after).octets("file");
        let bob = principal("bob@FILES.TEST");
        for added in Keytab::decode(&after).unwrap().entries_of(&bob) {
            for write in keytab::add(&ours, added).unwrap() {
                write.apply(&mut ours);
            }
        }
        assert_eq!(ours, after);
    }
}

fn remove_all(file: &mut Vec<u8>, gone: &Principal) {
    let records = KeytabRecords::new(file).unwrap();
    let format = records.format();
    let records: Vec<_> = records.map(Result::unwrap).collect();
    for record in records {
        match record {
            KeytabRecord::Entry {
                offset,
                length,
                entry,
            } if entry.principal == *gone => {
                for write in keytab::remove(format, offset, length) {
                    write.apply(file);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn a_file_of_format_1_is_added_to_in_its_own_byte_order() {
    for (name, order) in [
        ("ktadd, version 1", ByteOrder::LittleEndian),
        ("turned around", ByteOrder::BigEndian),
    ] {
        let mut file = mit_file(name).octets("file");
        let records = KeytabRecords::new(&file).unwrap();
        assert_eq!(records.format(), KeytabFormat::Version1(order));
        let mut entries = Keytab::decode(&file).unwrap().entries().to_vec();
        for kvno in [1, 2, 3] {
            let name = "as/long/as/nothing/is/where/it/could/go/into/a/hole@R";
            let mut added = entry(name, kvno, 18, 1);
            added.principal = added.principal.with_name_type(NameType::UNKNOWN);
            for write in keytab::add(&file, &added).unwrap() {
                write.apply(&mut file);
            }
            entries.push(added);
        }
        assert_eq!(Keytab::decode(&file).unwrap().entries(), entries, "{name}");
    }
}

#[test]
fn removing_what_mit_removed_gives_mits_file() {
    for (before, gone, after) in [
        (
            "six enctypes",
            "http/ünï.files.test@FILES.TEST",
            "leaves holes",
        ),
        (
            "ktadd, version 1",
            "host/files.test@FILES.TEST",
            "leaves holes, version 1",
        ),
    ] {
        let mut ours = mit_file(before).octets("file");
        remove_all(&mut ours, &principal(gone));
        assert_eq!(ours, mit_file(after).octets("file"));
    }
}

#[test]
fn an_added_entry_counts_only_once_its_length_is_written() {
    let old = Keytab::new(vec![entry("a@R", 1, 17, 1)]);
    let new = entry("a@R", 2, 17, 2);
    for start in [Vec::new(), old.encode().unwrap().to_vec()] {
        let mut file = start.clone();
        let writes = keytab::add(&file, &new).unwrap();
        let (last, first) = writes.split_last().unwrap();
        for write in first {
            write.apply(&mut file);
            let entries = Keytab::decode(&file).map_or(0, |keytab| keytab.entries().len());
            assert_eq!(entries, usize::from(!start.is_empty()));
        }
        last.apply(&mut file);
        assert_eq!(Keytab::decode(&file).unwrap().entries().last(), Some(&new));
    }
}

#[test]
fn an_entry_added_before_the_final_zero_keeps_it() {
    let mut file = Keytab::new(vec![entry("a@R", 1, 17, 1)])
        .encode()
        .unwrap()
        .to_vec();
    file.extend([0; 4]);
    file.extend(*b"what was here before");
    for write in keytab::add(&file, &entry("b@R", 1, 17, 1)).unwrap() {
        write.apply(&mut file);
    }
    assert_eq!(Keytab::decode(&file).unwrap().entries().len(), 2);
}

#[test]
fn a_hole_of_2_to_the_31_octets_is_refused_where_it_stands() {
    let key = Keytab::new(vec![entry("a@R", 1, 17, 1)]).encode().unwrap();
    let file = [&key[..], &hex("80000000"), &[0; 40]].concat();
    let mut records = KeytabRecords::new(&file).unwrap();
    assert!(matches!(
        records.next(),
        Some(Ok(KeytabRecord::Entry { .. }))
    ));
    let error = records.next().unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the keytab's hole at offset {} has the impossible length -2147483648",
            key.len()
        )
    );
    assert!(records.next().is_none());
    let keytab = Keytab::decode(&file).unwrap();
    assert_eq!((keytab.entries().len(), keytab.damage()), (1, Some(error)));
}

#[test]
fn a_key_is_not_lost_in_a_hole_that_reaches_beyond_the_file() {
    for (hole, room) in [("fffffff8", 2), ("80000001", 0), ("fffffc00", 80)] {
        let mut file = [hex(&format!("0502 {hole}")), vec![0xEE; room]].concat();
        let added = entry("a@R", 1, 17, 1);
        for write in keytab::add(&file, &added).unwrap() {
            write.apply(&mut file);
        }
        assert_eq!(Keytab::decode(&file).unwrap().entries(), [added], "{hole}");
        assert!(file.len() < 100);
    }
}

#[test]
fn what_follows_the_end_is_ignored_as_in_mit() {
    let whole = Keytab::new(vec![entry("a@R", 1, 17, 1)]);
    let file = whole.encode().unwrap();
    for tail in ["00", "000000", "00000000", "00000000ffffffff"] {
        let octets = [&*file, &*hex(tail)].concat();
        assert_eq!(Keytab::decode(&octets).unwrap(), whole, "{tail}");
    }
}

#[test]
fn room_left_in_a_record_is_no_kvno() {
    // kvno 5 in eight bits; what follows the key is less than four octets, or zero.
    let entry = "0001 0001 52 0001 61 00000001 00000000 05 0011 0002 abcd";
    for (tail, kvno) in [
        ("", 5),
        ("ffffff", 5),
        ("00000000", 5),
        ("00000105", 261),
        ("00000105 0000002a", 261),
    ] {
        let record = hex(&format!("{entry}{tail}"));
        let length = u32::try_from(record.len()).unwrap().to_be_bytes();
        let file = [&[5, 2][..], &length, &record].concat();
        let keytab = Keytab::decode(&file).unwrap();
        assert_eq!(keytab.entries()[0].kvno, kvno, "{tail}");
    }
}

#[test]
fn damage_is_told_with_its_offset_and_takes_no_good_key_along() {
    for case in stanzas("mit-files/keytab-malformed.txt") {
        let read = Keytab::decode(&case.octets("file"));
        let (error, good) = match &read {
            Ok(keytab) => (keytab.damage().unwrap(), keytab.entries().len()),
            Err(error) => (*error, 0),
        };
        assert_eq!(error.to_string(), case.text("error"), "{}", case.place());
        assert_eq!(good.to_string(), case.text("good"), "{}", case.place());
    }
}

/// The key of `a@R`, and then a record of 80 octets of which only 3 are there.
fn cut_short() -> Vec<u8> {
    let good = Keytab::new(vec![entry("a@R", 1, 17, 1)]).encode().unwrap();
    [&good, &hex("00000050 616263")[..]].concat()
}

#[test]
fn a_key_that_is_not_found_in_a_damaged_keytab_may_have_been_in_the_damaged_part() {
    let keytab = Keytab::decode(&cut_short()).unwrap();
    keytab.find(&principal("a@R"), None, None).unwrap();
    let error = keytab.find(&principal("b@R"), None, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no key for b@R: none for that principal; a part of the keytab can't be read: the keytab ends within the record at offset 51"
    );
}

#[test]
fn nothing_is_added_where_it_would_overwrite_what_a_wrong_length_hides() {
    let added = entry("b@R", 1, 17, 1);
    // The first key's length is wrong, and the other keys are in what it counts.
    let whole = Keytab::new(vec![entry("a@R", 1, 17, 1), entry("c@R", 1, 17, 1)]);
    let mut hidden = whole.encode().unwrap().to_vec();
    hidden[3] = 1;
    for file in [cut_short(), hidden] {
        keytab::add(&file, &added).unwrap_err();
    }
    // A hole before the damage has room all the same.
    let hole = [
        hex("0502 ffffff80"),
        vec![0; 128],
        cut_short()[2..].to_vec(),
    ]
    .concat();
    let mut file = hole.clone();
    for write in keytab::add(&file, &added).unwrap() {
        write.apply(&mut file);
    }
    assert_eq!(file[134..], hole[134..]);
    assert_eq!(Keytab::decode(&file).unwrap().entries()[0], added);
}

#[test]
fn the_newest_version_wins_and_versions_wrap() {
    let find = |entries: &[(u32, u32)]| {
        let entries = entries
            .iter()
            .map(|&(kvno, seconds)| entry("a@R", kvno, 17, seconds));
        let keytab = Keytab::new(entries.collect());
        keytab
            .find(&principal("a@R"), None, None)
            .map(|found| found.kvno)
    };
    assert_eq!(find(&[(1, 1), (3, 1), (2, 9)]).unwrap(), 3);
    assert_eq!(find(&[(255, 1), (1, 2)]).unwrap(), 1);
    assert_eq!(find(&[(1, 2), (255, 1)]).unwrap(), 1);
    assert_eq!(find(&[(1, 1), (255, 2)]).unwrap(), 255);
    assert_eq!(find(&[(1, 5), (300, 5)]).unwrap(), 1);
    assert_eq!(find(&[(1, 1), (200, 1)]).unwrap(), 200);
}

#[test]
fn eight_bits_of_a_version_do_unless_the_whole_one_is_there() {
    let short = entry("a@R", 44, 17, 1);
    let whole = entry("a@R", 300, 17, 1);
    let a = principal("a@R");
    let both = Keytab::new(vec![short.clone(), whole.clone()]);
    assert_eq!(both.find(&a, Some(300), None), Ok(&whole));
    let old = Keytab::new(vec![short.clone()]);
    assert_eq!(old.find(&a, Some(300), None), Ok(&short));
    let error = Keytab::new(vec![whole])
        .find(&a, Some(44), None)
        .unwrap_err();
    assert_eq!(error.reason, KeyNotFoundReason::Kvno { present: vec![300] });
}

#[test]
fn a_version_of_zero_is_any() {
    let any = entry("a@R", 0, 17, 1);
    let keytab = Keytab::new(vec![any.clone()]);
    let a = principal("a@R");
    assert_eq!(keytab.find(&a, Some(7), None), Ok(&any));
    let keytab = Keytab::new(vec![entry("a@R", 3, 17, 1)]);
    assert_eq!(keytab.find(&a, Some(0), None).unwrap().kvno, 3);
}

#[test]
fn a_missing_key_is_named_with_principal_version_and_enctype() {
    let keytab = Keytab::new(vec![entry("a@R", 3, 17, 1), entry("a@R", 2, 17, 1)]);
    for (name, kvno, enctype, text) in [
        ("b@R", None, None, "no key for b@R: none for that principal"),
        (
            "a@R",
            Some(3),
            Some(18),
            "no key for a@R of kvno 3 of enctype aes256-cts-hmac-sha1-96: only ones of other enctypes",
        ),
        (
            "a@R",
            Some(4),
            Some(17),
            "no key for a@R of kvno 4 of enctype aes128-cts-hmac-sha1-96: only of kvno 2, 3",
        ),
        (
            "a@R",
            None,
            Some(16),
            "no key for a@R of enctype des3-cbc-sha1 (not supported): only ones of other enctypes",
        ),
    ] {
        let error = keytab
            .find(&principal(name), kvno, enctype.map(EncryptionType))
            .unwrap_err();
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn a_name_that_the_format_has_no_room_for_is_refused() {
    let mut long = entry("a@R", 1, 17, 1);
    long.principal = Principal::new("R", [vec![b'a'; 65_536]]);
    assert_eq!(
        long.encode(KeytabFormat::Version2).unwrap_err().to_string(),
        "the principal's component is too large for a keytab"
    );
    let mut other = entry("a@R", 1, 17, 1);
    other.key = KeyBlock::new(EncryptionType(40_000), vec![1]);
    assert_eq!(
        other
            .encode(KeytabFormat::Version2)
            .unwrap_err()
            .to_string(),
        "the enctype's number is too large for a keytab"
    );
}

#[test]
fn debug_does_not_show_keys() {
    let shown = format!("{:?}", Keytab::new(vec![entry("a@R", 1, 17, 1)]));
    assert!(!shown.contains("7, 7"), "{shown}");
}
