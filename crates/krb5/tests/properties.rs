//! What holds for every input of the file formats and texts: nothing panics, nothing is lost, nothing outgrows its
//! file.

use orthros_testing::vectors::stanzas;
use orthros_types::ccache::{self, CacheFile};
use orthros_types::config::{Profile, ProfileError, SourceFile};
use orthros_types::keytab::{self, Keytab};
use orthros_types::{
    Duration, Principal, ReplayFileSearch, ReplayRecord, Timestamp, choose_identity,
};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{prop_assert, prop_assert_eq, proptest, sample};

/// A change of a file: other octets from a place on, or its end there.
#[derive(Clone, Debug)]
enum Mutation {
    Overwrite(usize, Vec<u8>),
    Insert(usize, Vec<u8>),
    Truncate(usize),
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    // Lengths are what readers trip over: extreme ones come often.
    let octets = || {
        prop_oneof![
            vec(any::<u8>(), 1..6),
            Just(vec![0xFF; 4]),
            Just(vec![0x7F, 0xFF, 0xFF, 0xFF]),
            Just(vec![0x80, 0, 0, 0]),
            Just(vec![0; 4]),
        ]
    };
    let mutation = prop_oneof![
        4 => (any::<usize>(), octets()).prop_map(|(at, octets)| Mutation::Overwrite(at, octets)),
        1 => (any::<usize>(), octets()).prop_map(|(at, octets)| Mutation::Insert(at, octets)),
        1 => any::<usize>().prop_map(Mutation::Truncate),
    ];
    vec(mutation, 1..5)
}

/// One of MIT's files, and what is to be changed in it.
fn mutated(vectors: &str) -> impl Strategy<Value = Vec<u8>> {
    let cases = stanzas(vectors);
    let files: Vec<Vec<u8>> = cases.iter().map(|case| case.octets("file")).collect();
    (sample::select(files), mutations()).prop_map(|(mut file, mutations)| {
        for mutation in mutations {
            mutation.apply(&mut file);
        }
        file
    })
}

impl Mutation {
    fn apply(self, file: &mut Vec<u8>) {
        match self {
            Self::Overwrite(at, octets) => {
                let at = at % (file.len() + 1);
                let end = file.len().min(at + octets.len());
                file.splice(at..end, octets);
            }
            Self::Insert(at, octets) => {
                let at = at % (file.len() + 1);
                file.splice(at..at, octets);
            }
            Self::Truncate(at) => file.truncate(at % (file.len() + 1)),
        }
    }
}

/// Looks go on behind those before.
fn assert_further_on(end: &mut u64, offset: u64) {
    assert!(offset >= *end, "{offset} {end}");
    *end = offset + 16;
}

fn octets_of(principal: &Principal) -> usize {
    let components = principal.components().iter();
    principal.realm().len() + components.map(|part| part.len() + 2).sum::<usize>()
}

proptest! {
    #[test]
    fn a_mutated_keytab_is_refused_or_survives_writing(file in mutated("mit-files/keytab.txt")) {
        if let Ok(read) = Keytab::decode(&file) {
            let entries = read.entries().iter();
            let octets: usize = entries
                .map(|entry| octets_of(&entry.principal) + entry.key.as_bytes().len())
                .sum();
            prop_assert!(octets <= file.len());
            let written = read.encode().unwrap();
            let again = Keytab::decode(&written).unwrap();
            prop_assert_eq!(again.entries(), read.entries());
        }
    }

    #[test]
    fn a_key_added_to_a_mutated_keytab_leaves_the_others(file in mutated("mit-files/keytab.txt")) {
        let donor = stanzas("mit-files/keytab.txt").remove(1).octets("file");
        let added = Keytab::decode(&donor).unwrap().entries()[2].clone();
        if let Ok(before) = Keytab::decode(&file) {
            let mut changed = file;
            let Ok(writes) = keytab::add(&changed, &added) else {
                // Nothing is written behind a length that can't be right.
                prop_assert!(before.damage().is_some());
                return Ok(());
            };
            for write in writes {
                write.apply(&mut changed);
            }
            let mut after = Keytab::decode(&changed).unwrap().entries().to_vec();
            let place = after.iter().position(|entry| *entry == added);
            after.remove(place.unwrap());
            let mut before = before.entries().to_vec();
            before.retain(|entry| *entry != added);
            after.retain(|entry| *entry != added);
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn a_mutated_cache_is_refused_or_survives_writing(file in mutated("mit-files/ccache.txt")) {
        if let Ok(cache) = CacheFile::open(&file) {
            let stored: Vec<_> = cache.stored().filter_map(Result::ok).collect();
            let octets: usize = stored.iter().map(|each| {
                let credential = &each.credential;
                octets_of(&credential.client) + octets_of(&credential.server)
                    + credential.ticket.len() + credential.second_ticket.len()
                    + 6 * (credential.addresses.len() + credential.authorization_data.len())
            }).sum();
            prop_assert!(octets <= file.len());
            // Who only looks for the end finds the same one, or the same defect.
            let last = cache.stored().last();
            match (cache.end(), last) {
                (Err(error), Some(Err(last))) => {
                    prop_assert_eq!(error.minor_status(), last.minor_status());
                }
                (Ok(end), Some(Err(last))) => {
                    prop_assert!(last.is_cut_off());
                    let behind = stored.last().map(|last| last.offset + last.length);
                    prop_assert!(behind.is_none_or(|behind| behind == end));
                }
                (Ok(end), _) => prop_assert_eq!(end, file.len()),
                (Err(error), _) => prop_assert!(false, "{}", error),
            }
            let credentials: Vec<_> = stored.into_iter().map(|each| each.credential).collect();
            let written = ccache::encode(cache.header(), &credentials).unwrap();
            let read = CacheFile::open(&written).unwrap();
            prop_assert_eq!(read.header(), cache.header());
            let read: Result<Vec<_>, _> = read.stored().collect();
            let read: Vec<_> = read.unwrap().into_iter().map(|each| each.credential).collect();
            prop_assert_eq!(read, credentials);
        }
    }

    #[test]
    fn removing_a_credential_removes_no_other(file in mutated("mit-files/ccache.txt"), which: usize) {
        if let Ok(cache) = CacheFile::open(&file) {
            let mut stored: Vec<_> = cache.stored().filter_map(Result::ok).collect();
            if stored.is_empty() {
                return Ok(());
            }
            let removed = stored.remove(which % stored.len());
            let mut changed = file.clone();
            removed.removal().unwrap().apply(&mut changed);
            prop_assert_eq!(changed.len(), file.len());
            let mut left: Vec<_> = CacheFile::open(&changed)
                .unwrap()
                .stored()
                .filter_map(Result::ok)
                .collect();
            left.retain(|each| each.offset != removed.offset);
            prop_assert_eq!(left, stored);
        }
    }

    #[test]
    fn a_replay_file_of_any_octets_gives_an_answer(
        file in vec(any::<u8>(), 0..40),
        seed: [u8; 16],
        tag: [u8; 16],
        seconds in 0u32..,
    ) {
        let now = Timestamp::from_u32(seconds);
        let skew = Duration::from_seconds(300);
        let record = ReplayRecord::new(&tag, now, now, skew);
        let mut search = ReplayFileSearch::new(seed, record, now);
        let mut end = 16;
        let ended = (0..64).any(|_| {
            assert_further_on(&mut end, search.offset());
            !matches!(search.look(&file), Ok(None))
        });
        prop_assert!(ended);
        prop_assert!(end <= i32::MAX as u64);
    }

    #[test]
    fn an_identity_file_of_any_octets_names_a_principal_or_none(
        file in vec(sample::select(b"ab@R/\\ \t\n#=*?[]-!host=service=realm=".to_vec()), 0..80),
    ) {
        let server = Principal::host_based("a", "b", "R");
        let whole = choose_identity(&file, &server, Some(b"R"));
        // What follows the line that counts does not count.
        let longer = [&file[..], b"\nlast"].concat();
        let last = Principal::parse("last@R", None).unwrap();
        prop_assert_eq!(choose_identity(&longer, &server, Some(b"R")), whole.or(Some(last)));
    }

    #[test]
    fn every_principal_survives_its_text(
        realm in vec(any::<u8>(), 0..12),
        components in vec(vec(prop_oneof![any::<u8>(), sample::select(b"/@\\\n\t\x08\0nt0".to_vec())], 0..12), 1..5),
    ) {
        let principal = Principal::new(realm.clone(), components);
        let read = Principal::parse(principal.unparse(), None).unwrap();
        prop_assert_eq!(&read, &principal);
        let short = Principal::parse(principal.unparse_short(&realm), Some(&realm)).unwrap();
        prop_assert_eq!(&short, &principal);
        let message = Principal::from_message(principal.to_realm(), principal.to_principal_name());
        prop_assert_eq!(message.name_type(), principal.name_type());
        prop_assert_eq!(message, principal);
    }

    #[test]
    fn no_text_of_a_principal_panics(text in vec(sample::select(b"ab/@\\n0".to_vec()), 0..16)) {
        if let Ok(read) = Principal::parse(&text, Some(b"R")) {
            prop_assert_eq!(Principal::parse(read.unparse(), None).unwrap(), read);
        }
        if let Ok(read) = Principal::parse_enterprise(&text, Some(b"R")) {
            prop_assert_eq!(read.components().len(), 1);
        }
    }

    #[test]
    fn a_duration_is_read_within_32_bits(text in "[-0-9: dhms#x]{0,14}") {
        if let Ok(read) = text.parse::<Duration>() {
            prop_assert!(i32::try_from(read.seconds()).is_ok());
        }
    }

    #[test]
    fn every_time_of_four_digit_years_survives_the_calendar(seconds in -62_167_219_200i64..=253_402_300_799) {
        let civil = Timestamp::from_seconds(seconds).civil().unwrap();
        prop_assert_eq!(civil.seconds(), Some(seconds));
    }

    #[test]
    fn a_malformed_profile_is_named_by_a_line_that_it_has(
        lines in vec(sample::select(vec![
            "[a]", "[b]*", "[", " b = c", " b* = d", " b = {", " b* = {", " b =", "{", " }", " }*",
            " x y = z", " =", " b", "# c", "", " q = \"a\\", "\u{B}", "include /x", "é = é",
        ]), 0..24),
    ) {
        let file = SourceFile::new("f", lines.join("\n").as_bytes());
        match Profile::parse(&file, |_| Ok::<_, ()>(Vec::new())) {
            Ok(profile) => {
                for value in profile.values(&["a", "b"]) {
                    prop_assert!(lines[value.place.line() - 1].contains('='));
                }
            }
            Err(ProfileError::Syntax(error)) => {
                prop_assert!((1..=lines.len()).contains(&error.place.line()));
            }
            Err(ProfileError::Include { .. }) => prop_assert!(false),
        }
    }
}
