//! MIT's replay file, whatever is in it: what was stored is a replay for as long as it can be one, and every search
//! ends.
#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_types::{
    Duration, REPLAY_FILE_LOOK, ReplayFileFinding, ReplayFileFull, ReplayFileSearch, ReplayRecord,
    Timestamp,
};

#[derive(Arbitrary, Debug)]
struct Input {
    /// What the file begins with, its seed first.
    octets: Vec<u8>,
    /// Up to where it is full of records that have not expired, behind those octets.
    full_below: u32,
    /// Authenticators, and how much later each comes than the one before.
    records: Vec<(u8, u8, u8)>,
}

/// A file that takes no room for what is the same everywhere.
struct File {
    octets: Vec<u8>,
    full_below: u64,
    written: HashMap<u64, [u8; RECORD]>,
}

fuzz_target!(|input: Input| {
    let mut file = File::new(input.octets, input.full_below);
    let mut now = Timestamp::from_seconds(1_800_000_000);
    let mut stored: HashMap<u8, Timestamp> = HashMap::new();
    for (tag, ahead, later) in input.records {
        now = now.saturating_add(Duration::from_seconds(i64::from(later)));
        let time = now.saturating_add(Duration::from_seconds(i64::from(ahead)));
        let record = ReplayRecord::new(&[tag; 12], time, now, SKEW);
        let known = stored.get(&tag).is_some_and(|expiry| now <= *expiry);
        match file.search(record, now) {
            Ok(ReplayFileFinding::Replayed) => {}
            Ok(ReplayFileFinding::Fresh { offset, bytes }) => {
                assert!(!known, "a replay is fresh");
                assert_eq!(offset % RECORD as u64, 0);
                file.written.insert(offset, bytes);
                stored.insert(tag, record.expiry());
            }
            Err(ReplayFileFull) => assert!(!known && file.full_below > 1 << 30),
        }
    }
});

impl File {
    fn new(octets: Vec<u8>, full_below: u32) -> Self {
        Self {
            octets,
            full_below: full_below.into(),
            written: HashMap::new(),
        }
    }

    fn search(
        &self,
        record: ReplayRecord,
        now: Timestamp,
    ) -> Result<ReplayFileFinding, ReplayFileFull> {
        let mut seed = [0; 16];
        seed.copy_from_slice(&self.place(0));
        let mut search = ReplayFileSearch::new(seed, record, now);
        // Each table is twice as large as the one before.
        for _ in 0..32 {
            let offset = search.offset();
            let look = [self.place(offset), self.place(offset + RECORD as u64)].concat();
            assert_eq!(look.len(), REPLAY_FILE_LOOK);
            if let Some(freshness) = search.look(&look)? {
                return Ok(freshness);
            }
        }
        panic!("the search has no end");
    }

    fn place(&self, offset: u64) -> [u8; RECORD] {
        if let Some(written) = self.written.get(&offset) {
            return *written;
        }
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let there = self.octets.get(start..).and_then(<[u8]>::first_chunk);
        match there {
            Some(octets) => *octets,
            // The tag is no request's, the time the last that there is.
            None if offset < self.full_below => [0xff; RECORD],
            None => [0; RECORD],
        }
    }
}

const RECORD: usize = 16;
const SKEW: Duration = Duration::from_seconds(300);
