//! MIT krb5's replay file, of version 1.18 and later (`rcache2`), as bytes.
//!
//! ```text
//! file   ::= seed (16 bytes), table of 1023 records, table of 2048, of 4096, ..      as far as it has grown
//! record ::= tag (12 bytes), time (u32, big-endian)                                  time 0: empty
//! ```
//!
//! A record is in one of two neighbouring places of each table, from the one on that SipHash-2-4 of the tag under the
//! seed gives; from table to table the seed's first byte grows by one. It goes to the first place that is empty or
//! whose record has expired, and behind a place that never had a record nothing needs to be looked for.

use siphasher::sip::SipHasher24;

use crate::replay::{ReplayRecord, ReplayTag};
use crate::time::Timestamp;

/// What the file begins with: random bytes that scatter its records.
pub type ReplayFileSeed = [u8; 16];

/// Bytes to be read from a place in the file at once; fewer where the file ends.
pub const REPLAY_FILE_LOOK: usize = 2 * RECORD_LENGTH;

/// A search for a record in a replay file, for a caller that has the file locked: it says where to look, is told what
/// is there, and ends with a [`ReplayFileFinding`].
#[derive(Clone, Debug)]
pub struct ReplayFileSearch {
    record: ReplayRecord,
    now: Timestamp,
    seed: ReplayFileSeed,
    table: Table,
    free: Option<u64>,
}

/// How a search ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayFileFinding {
    /// The record is there.
    Replayed,
    /// It is not, and these bytes have to be written for it to be.
    Fresh {
        /// Where they go, counted from the file's start.
        offset: u64,
        /// The record.
        bytes: [u8; 16],
    },
}

/// The file has grown as far as MIT lets it: to 2 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the replay file is full of authenticators that could be replayed")]
pub struct ReplayFileFull;

impl ReplayFileSearch {
    /// A search for `record` in a file of this seed, by a clock that shows `now`.
    #[must_use]
    pub fn new(seed: ReplayFileSeed, record: ReplayRecord, now: Timestamp) -> Self {
        Self {
            record,
            now,
            seed,
            table: Table::FIRST,
            free: None,
        }
    }

    /// Where to read up to [`REPLAY_FILE_LOOK`] bytes.
    #[must_use]
    pub fn offset(&self) -> u64 {
        let hash = SipHasher24::new_with_key(&self.seed).hash(self.record.tag());
        let index = hash.checked_rem(self.table.records).unwrap_or_default();
        self.table.offset + index * RECORD_LENGTH as u64
    }

    /// Takes what is at [`offset`](Self::offset). `None`: there is more to look at.
    ///
    /// # Errors
    ///
    /// [`ReplayFileFull`] where the next table would be beyond the format's end.
    pub fn look(&mut self, bytes: &[u8]) -> Result<Option<ReplayFileFinding>, ReplayFileFull> {
        let offset = self.offset();
        let second = bytes.get(RECORD_LENGTH..).unwrap_or_default();
        let places = [
            (offset, Place::decode(bytes)),
            (offset + RECORD_LENGTH as u64, Place::decode(second)),
        ];
        if places.iter().any(|(_, place)| place.has(self.record.tag())) {
            return Ok(Some(ReplayFileFinding::Replayed));
        }
        let mut free = places.iter().filter(|(_, place)| self.is_free(place));
        let free = self.free.or(free.next().map(|(offset, _)| *offset));
        let ends = places.iter().any(|(_, place)| *place == Place::Empty);
        if let Some(offset) = free.filter(|_| ends) {
            let bytes = encode(&self.record);
            return Ok(Some(ReplayFileFinding::Fresh { offset, bytes }));
        }
        self.free = free;
        self.table = self.table.next().ok_or(ReplayFileFull)?;
        let [first, ..] = &mut self.seed;
        *first = first.wrapping_add(1);
        Ok(None)
    }

    fn is_free(&self, place: &Place) -> bool {
        match place {
            Place::Empty => true,
            Place::Taken { time, .. } => {
                // The file has whole seconds: a record matters until the second in which its authenticator may still
                // be fresh is over.
                let last = Timestamp::from_u32(*time).saturating_add(self.record.skew());
                last < self.now.whole()
            }
        }
    }
}

fn encode(record: &ReplayRecord) -> [u8; 16] {
    let mut bytes = [0; RECORD_LENGTH];
    let time = record.time().to_u32_saturating().to_be_bytes();
    let parts = record.tag().iter().chain(&time);
    for (place, byte) in bytes.iter_mut().zip(parts) {
        *place = *byte;
    }
    bytes
}

/// A place for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing was ever there.
    Empty,
    Taken {
        tag: ReplayTag,
        time: u32,
    },
}

impl Place {
    /// What the bytes begin with. What the file has no more room for is empty.
    fn decode(bytes: &[u8]) -> Self {
        let record = bytes
            .split_first_chunk::<12>()
            .and_then(|(tag, rest)| Some((*tag, u32::from_be_bytes(*rest.first_chunk()?))));
        match record {
            Some((tag, time)) if time != 0 => Self::Taken { tag, time },
            _ => Self::Empty,
        }
    }

    fn has(&self, wanted: &ReplayTag) -> bool {
        matches!(self, Self::Taken { tag, .. } if tag == wanted)
    }
}

/// Where a table begins, and how many records it has.
#[derive(Clone, Copy, Debug)]
struct Table {
    offset: u64,
    records: u64,
}

impl Table {
    const FIRST: Self = Self {
        offset: 16,
        records: 1023,
    };

    /// The table behind this one; none where it would reach beyond the largest file.
    fn next(self) -> Option<Self> {
        let offset = self.offset + self.records * RECORD_LENGTH as u64;
        // The first one lacks a record for the seed.
        let lacking = u64::from(self.offset == Self::FIRST.offset);
        let records = (self.records + lacking) * 2;
        let end = records
            .checked_mul(RECORD_LENGTH as u64)?
            .checked_add(offset)?;
        (end <= LARGEST).then_some(Self { offset, records })
    }
}

const RECORD_LENGTH: usize = 16;
const LARGEST: u64 = i32::MAX as u64;

#[cfg(test)]
mod tests;
