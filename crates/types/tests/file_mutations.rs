//! Damaged files of every format: read up to the damage or past it, never with a panic, and never all of one kind.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test is made of is there, or the test fails"
)]

use orthros_testing::vectors::{rows, stanzas};
use orthros_types::ccache::CacheFile;
use orthros_types::config::{Config, Profile, SourceFile};
use orthros_types::keytab::KeytabRecords;

/// How far a reader came with damaged files.
#[derive(Debug, Default)]
struct Counters {
    /// Refused before the first entry.
    early: u32,
    /// Refused behind an entry.
    late: u32,
    accepted: u32,
}

impl Counters {
    fn count(&mut self, entries: usize, is_error: bool) {
        match (entries, is_error) {
            (0, true) => self.early += 1,
            (_, true) => self.late += 1,
            (_, false) => self.accepted += 1,
        }
    }

    /// A mutation that only ever meets one gate tests nothing behind it.
    fn assert_all_met(&self) {
        let least = self.early.min(self.late).min(self.accepted);
        assert!(least > 50, "{self:?}");
    }
}

/// The same numbers in every run (a linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = (self.0.wrapping_mul(6_364_136_223_846_793_005))
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }

    /// One to three changes, of lengths more often than of anything else.
    fn damage(&mut self, file: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(file.len());
            match self.below(8) {
                0 => file[at] ^= 1 << self.below(8),
                1 => file.truncate(at),
                2 => drop(file.splice(at..at, [0, 0, 0, 1])),
                3 => drop(file.remove(at)),
                4 => {
                    let end = file.len().min(at + self.below(64));
                    file.extend_from_within(at..end);
                }
                _ => {
                    let lengths = [
                        0,
                        1,
                        0x7F,
                        0xFFFF,
                        0x0100_0000,
                        0x7FFF_FFFF,
                        0x8000_0000,
                        u32::MAX,
                    ];
                    let length = lengths[self.below(lengths.len())].to_be_bytes();
                    let end = file.len().min(at + 4);
                    file.splice(at..end, length[..end - at].iter().copied());
                }
            }
            if file.is_empty() {
                return;
            }
        }
    }
}

fn damaged(files: &[Vec<u8>], mut read: impl FnMut(&[u8])) {
    let mut numbers = Numbers(1);
    for _ in 0..MUTATIONS {
        let mut file = files[numbers.below(files.len())].clone();
        numbers.damage(&mut file);
        read(&file);
    }
}

fn files(vectors: &str) -> Vec<Vec<u8>> {
    stanzas(vectors)
        .iter()
        .map(|case| case.octets("file"))
        .collect()
}

#[test]
fn damaged_caches() {
    let mut counters = Counters::default();
    damaged(&files("mit-files/ccache.txt"), |file| {
        let Ok(cache) = CacheFile::open(file) else {
            return counters.count(0, true);
        };
        let stored: Vec<_> = cache.stored().collect();
        counters.count(stored.len(), stored.last().is_some_and(Result::is_err));
    });
    counters.assert_all_met();
}

#[test]
fn damaged_keytabs() {
    let mut counters = Counters::default();
    damaged(&files("mit-files/keytab.txt"), |file| {
        let Ok(records) = KeytabRecords::new(file) else {
            return counters.count(0, true);
        };
        let records: Vec<_> = records.collect();
        counters.count(records.len(), records.last().is_some_and(Result::is_err));
    });
    counters.assert_all_met();
}

#[test]
fn damaged_configurations() {
    let mut counters = Counters::default();
    let texts: Vec<Vec<u8>> = rows("mit-files/profile.tsv")
        .iter()
        .map(|row| row.text(1).replace('␤', "\n").into_bytes())
        .collect();
    damaged(&texts, |text| {
        let file = SourceFile::new("krb5.conf", text);
        match Profile::parse(&file, |_| Err("no includes")) {
            Ok(profile) => {
                // A text whose sections are damaged away is all comment.
                let sections = profile.subsection_names(&[]).len();
                counters.count(sections, false);
                drop(Config::new(profile).kdcs("R"));
            }
            Err(error) => {
                let first_line = error.to_string().starts_with("krb5.conf:1:");
                counters.count(usize::from(!first_line), true);
            }
        }
    });
    counters.assert_all_met();
}

/// Some seconds' worth without optimization.
const MUTATIONS: usize = 20_000;
