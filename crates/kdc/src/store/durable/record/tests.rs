use std::vec;

use super::*;

fn principal(name: &str) -> Principal {
    Principal::parse(name, Some(b"R")).unwrap()
}

fn entry() -> PrincipalEntry {
    let key = |kvno, enctype: Enctype, salt: Option<&[u8]>| PrincipalKey {
        kvno,
        key: Key::new(enctype, &vec![kvno.to_be_bytes()[3]; enctype.key_len()]).unwrap(),
        salt: salt.map(<[u8]>::to_vec),
        s2kparams: salt.map(|_| vec![0, 0, 0x10, 0]),
    };
    let keys = vec![
        key(2, Enctype::AES256_CTS_HMAC_SHA1_96, Some(b"R\xFFalice")),
        key(1, Enctype::AES128_CTS_HMAC_SHA256_128, None),
        key(300, Enctype::AES256_CTS_HMAC_SHA384_192, Some(b"")),
    ];
    let name = Principal::new(*b"R\xFF", [&b"al\xC3\xA9\xFF/x"[..], b""]);
    let mut entry = PrincipalEntry::new(name.with_name_type(NameType(10)), keys);
    entry.aliases = vec![principal("a"), principal("b/c")];
    entry.flags = PrincipalFlags::all();
    entry.valid_from = Timestamp::new(-1, 999_999);
    entry.expiry = Some(Timestamp::from_seconds(i64::MAX / 2));
    entry.max_life = Some(Duration::from_seconds(600));
    entry.delegation_targets = vec![principal("host/x")];
    entry.delegation_sources = vec![principal("HTTP/y"), principal("z")];
    entry
}

/// All of an entry that can be compared.
fn parts(entry: &PrincipalEntry) -> impl PartialEq + core::fmt::Debug {
    let names = |principals: &[Principal]| -> Vec<_> {
        let all = principals.iter();
        all.map(|p| (p.clone(), p.name_type().0)).collect()
    };
    let keys: Vec<_> = entry
        .keys
        .iter()
        .map(|key| {
            let bytes = key.key.as_bytes().to_vec();
            (key.kvno, bytes, key.salt.clone(), key.s2kparams.clone())
        })
        .collect();
    (
        names(core::slice::from_ref(&entry.principal)),
        names(&entry.aliases),
        keys,
        entry.flags.bits(),
        [entry.valid_from, entry.expiry, entry.password_expiry],
        [entry.max_life, entry.max_renewable_life],
        names(&entry.delegation_targets),
        names(&entry.delegation_sources),
    )
}

#[test]
fn a_principal_comes_back_with_all_that_it_has() {
    for entry in [entry(), PrincipalEntry::new(principal("x"), vec![])] {
        let read = decode(&encode(&entry).unwrap()).unwrap();
        assert_eq!(parts(&read), parts(&entry));
    }
}

#[test]
fn a_record_that_is_cut_off_anywhere_or_goes_on_is_refused() {
    let record = encode(&entry()).unwrap().to_vec();
    for length in 0..record.len() {
        let error = decode(&record[..length]).unwrap_err();
        assert!(matches!(error, RecordError::Malformed { .. }), "{error}");
    }
    let longer = [&record[..], &[0]].concat();
    let offset = record.len();
    assert_eq!(
        decode(&longer).unwrap_err(),
        RecordError::Trailing { offset }
    );
}

#[test]
fn a_later_version_and_an_unknown_enctype_are_named() {
    let mut record = encode(&entry()).unwrap().to_vec();
    for version in [0, 3, 255] {
        record[0] = version;
        assert_eq!(
            decode(&record).unwrap_err(),
            RecordError::Version { version }
        );
    }
    record[0] = 2;
    // After kvno 2: enctype 18.
    let at = record
        .windows(8)
        .position(|w| w == [0, 0, 0, 2, 0, 0, 0, 18]);
    record[at.unwrap() + 7] = 23;
    assert_eq!(
        decode(&record).unwrap_err(),
        RecordError::Key { number: 23 }
    );
}

#[test]
fn a_count_of_4_gib_allocates_nothing() {
    let mut record = encode(&entry()).unwrap().to_vec();
    record[1..5].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(decode(&record).is_err());
}

/// What versions 1 and 2 are, whatever the code becomes.
#[test]
fn the_format_is_as_it_was() {
    let mut entry = PrincipalEntry::new(principal("a"), vec![]);
    entry.flags = PrincipalFlags::REQUIRES_PREAUTH;
    entry.expiry = Some(Timestamp::from_seconds(7));
    let expected = [
        &[
            1, 0, 0, 0, 1, b'R', 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, b'a',
        ][..],
        &[0; 4],
        &[0; 4],
        &[0, 0, 0, 1],
        &[0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0],
        &[0, 0],
        &[0; 4],
    ];
    let expected = expected.concat();
    assert_eq!(encode(&entry).unwrap().to_vec(), expected);
    assert!(decode(&expected).unwrap().delegation_sources.is_empty());
    // Version 2 has one list more.
    entry.delegation_sources = vec![principal("b")];
    let list = [
        0, 0, 0, 1, 0, 0, 0, 1, b'R', 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, b'b',
    ];
    let expected = [&[2], &expected[1..], &list].concat();
    assert_eq!(encode(&entry).unwrap().to_vec(), expected);
}

#[test]
fn a_record_never_grows_beyond_what_was_allocated() {
    let mut many = entry();
    many.principal = Principal::new("R", vec!["component"; 40]);
    many.aliases = vec![principal("alias"); 7];
    many.delegation_sources = vec![principal("source/of/many"); 9];
    for entry in [entry(), many, PrincipalEntry::new(principal("x"), vec![])] {
        assert!(encode(&entry).unwrap().len() <= longest(&entry));
    }
}
