//! What this end sent, so that it is known when it comes back.
//!
//! Both ends of a session have one key, and RFC 4120 tells the directions apart by addresses alone. Where these do
//! not, a message that is sent back to its sender has the peer's address, and is in time; if the peer's next number is
//! one that this end has sent, it is in sequence. So this end remembers the ends of its own messages, of which no two
//! are the same.

use alloc::collections::{BTreeSet, VecDeque};

use orthros_types::Timestamp;

/// The last messages of this end.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// The oldest first.
    order: VecDeque<(Timestamp, Tag)>,
    tags: BTreeSet<Tag>,
    /// How many there were in all.
    count: u64,
    /// When the last one of those that are no longer remembered was sent.
    forgotten: Option<Timestamp>,
}

/// The last bytes of a message: of its integrity tag, or of its checksum.
type Tag = [u8; TAG_LEN];

impl Sent {
    /// Remembers a message.
    pub(super) fn note(&mut self, message: &[u8], time: Timestamp) {
        self.count += 1;
        let Some(tag) = tag_of(message) else {
            // No message is that short; if one were, it could not be told from the peer's.
            self.forgotten = self.forgotten.max(Some(time));
            return;
        };
        if self.order.len() >= REMEMBERED
            && let Some((time, oldest)) = self.order.pop_front()
        {
            self.tags.remove(&oldest);
            self.forgotten = self.forgotten.max(Some(time));
        }
        self.order.push_back((time, tag));
        self.tags.insert(tag);
    }

    /// Whether a message with this integrity tag is one of this end's.
    pub(super) fn contains(&self, tag: &[u8]) -> bool {
        tag_of(tag).is_none_or(|tag| self.tags.contains(&tag))
    }

    /// Whether the number is that of a message which is no longer remembered. `next` is the number of this end's next
    /// message.
    pub(super) fn has_forgotten_number(&self, number: u32, next: u32) -> bool {
        // The last message is one away.
        let away = u64::from(next.wrapping_sub(number));
        let remembered = u64::try_from(self.order.len()).unwrap_or(u64::MAX);
        away > remembered && away <= self.count
    }

    /// Whether a message of that time may be one that is no longer remembered.
    pub(super) fn has_forgotten_time(&self, time: Timestamp) -> bool {
        self.forgotten.is_some_and(|forgotten| time <= forgotten)
    }
}

fn tag_of(bytes: &[u8]) -> Option<Tag> {
    bytes.last_chunk().copied()
}

/// Bytes of the shortest integrity tag of any enctype.
pub(super) const TAG_LEN: usize = 12;

/// Messages that are remembered: about a megabyte of them. So many are not on their way at a time.
const REMEMBERED: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: u32) -> [u8; 16] {
        let mut message = [0; 16];
        message[12..].copy_from_slice(&number.to_be_bytes());
        message
    }

    #[test]
    fn the_memory_is_bounded_and_says_what_it_has_forgotten() {
        let mut sent = Sent::default();
        let limit = u32::try_from(REMEMBERED).unwrap();
        let time = |number: u32| Timestamp::from_seconds(i64::from(number));
        // The numbers of the messages begin shortly before zero.
        let first = 0_u32.wrapping_sub(5);
        for index in 0..limit + 10 {
            sent.note(&message(index), time(index));
        }
        assert_eq!(
            (sent.order.len(), sent.tags.len()),
            (REMEMBERED, REMEMBERED)
        );
        let next = first.wrapping_add(limit + 10);
        for index in 0..limit + 10 {
            let is_forgotten = index < 10;
            assert_eq!(sent.contains(&message(index)), !is_forgotten);
            let number = first.wrapping_add(index);
            assert_eq!(sent.has_forgotten_number(number, next), is_forgotten);
            assert_eq!(sent.has_forgotten_time(time(index)), is_forgotten);
        }
        for unsent in [next, next.wrapping_add(1), first.wrapping_sub(1)] {
            assert!(!sent.has_forgotten_number(unsent, next));
        }
    }
}
