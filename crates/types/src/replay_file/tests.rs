//! The file as a whole, in memory.

use alloc::vec::Vec;

use super::*;
use crate::time::Duration;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const SKEW: Duration = Duration::from_seconds(300);

fn record(number: u32, now: Timestamp) -> ReplayRecord {
    let mut tag = [0; 16];
    tag[..4].copy_from_slice(&number.to_be_bytes());
    ReplayRecord::new(&tag, now, now, SKEW)
}

/// What a host does with a file: whether the record was there before.
fn store(file: &mut Vec<u8>, record: ReplayRecord, now: Timestamp) -> bool {
    let seed = *file.first_chunk().unwrap();
    let mut search = ReplayFileSearch::new(seed, record, now);
    loop {
        let start = usize::try_from(search.offset()).unwrap().min(file.len());
        let end = file.len().min(start + REPLAY_FILE_LOOK);
        match search.look(&file[start..end]).unwrap() {
            None => {}
            Some(ReplayFileFinding::Replayed) => return true,
            Some(ReplayFileFinding::Fresh { offset, bytes }) => {
                let offset = usize::try_from(offset).unwrap();
                if file.len() < offset + 16 {
                    file.resize(offset + 16, 0);
                }
                file[offset..offset + 16].copy_from_slice(&bytes);
                return false;
            }
        }
    }
}

fn empty() -> Vec<u8> {
    (0x10..0x20).collect()
}

#[test]
fn each_record_is_fresh_once_though_tables_fill_up() {
    let mut file = empty();
    for number in 0..5000 {
        assert!(!store(&mut file, record(number, NOW), NOW), "{number}");
    }
    for number in 0..5000 {
        assert!(store(&mut file, record(number, NOW), NOW), "{number}");
    }
    // More than the first two tables hold.
    assert!(file.len() > 16 * (1 + 1023 + 2048));
}

#[test]
fn places_of_expired_records_are_used_again() {
    let mut file = empty();
    for number in 0..1000 {
        store(&mut file, record(number, NOW), NOW);
    }
    let length = file.len();
    let later = NOW.saturating_add(Duration::from_seconds(301));
    for number in 1000..2000 {
        assert!(!store(&mut file, record(number, later), later));
    }
    for number in 1000..2000 {
        assert!(store(&mut file, record(number, later), later));
    }
    assert!(file.len() < length * 2, "{} {length}", file.len());
}

#[test]
fn a_record_is_not_free_in_its_last_second() {
    let last = NOW.saturating_add(SKEW);
    let mut file = empty();
    store(&mut file, record(1, NOW), NOW);
    assert!(store(&mut file, record(1, NOW), last));
}

#[test]
fn a_record_is_not_written_over_within_its_last_second() {
    // The authenticator of a client whose clock is some microseconds ahead is fresh until the end of that second.
    let half_past = |time: Timestamp| Timestamp::new(time.seconds(), 500_000).unwrap();
    let last = half_past(NOW.saturating_add(SKEW));
    let taken = encode(&record(1, half_past(NOW)));
    let mut search = ReplayFileSearch::new([0; 16], record(2, last), last);
    let second = search.offset() + 16;
    let found = search.look(&[taken, [0; 16]].concat()).unwrap();
    let Some(ReplayFileFinding::Fresh { offset, .. }) = found else {
        panic!("{found:?}");
    };
    assert_eq!(offset, second);
}

#[test]
fn tables_lie_behind_each_other_and_double() {
    let tables = core::iter::successors(Some(Table::FIRST), |table| table.next());
    let tables: Vec<_> = tables.map(|table| (table.offset, table.records)).collect();
    assert_eq!(
        tables[..4],
        [
            (16, 1023),
            (16 * 1024, 2048),
            (16 * 3072, 4096),
            (16 * 7168, 8192)
        ]
    );
    let (offset, records) = tables.last().unwrap();
    assert!(offset + records * 16 <= LARGEST);
}

#[test]
fn a_file_of_nothing_but_records_that_matter_is_full_in_the_end() {
    let mut search = ReplayFileSearch::new([0; 16], record(1, NOW), NOW);
    let other = [encode(&record(2, NOW)), encode(&record(3, NOW))].concat();
    let looks = (0..100).find_map(|_| search.look(&other).err());
    assert_eq!(looks, Some(ReplayFileFull));
}
