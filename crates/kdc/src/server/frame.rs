//! Requests on a stream: four bytes of length, and the message (RFC 4120 section 7.2.2).

use std::prelude::rust_2024::*;

/// What has come of one request.
#[derive(Debug)]
pub(super) struct Frame {
    bytes: Vec<u8>,
    limit: usize,
}

/// How far it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// At least this many bytes are missing.
    Missing(usize),
    /// All of it is there.
    Complete,
    /// It will not be read: it is longer than the limit, or the length's highest bit is set, which is reserved.
    TooLong,
}

impl Frame {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
        }
    }

    /// Takes what has come, no more than was missing. The buffer grows with what is there, not with what was
    /// announced.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn progress(&self) -> Progress {
        let Some((length, message)) = self.bytes.split_first_chunk::<LENGTH>() else {
            return Progress::Missing(LENGTH.saturating_sub(self.bytes.len()));
        };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > self.limit {
            return Progress::TooLong;
        }
        match length.saturating_sub(message.len()) {
            0 => Progress::Complete,
            missing => Progress::Missing(missing),
        }
    }

    /// The message, as far as it is there.
    pub(super) fn message(&self) -> &[u8] {
        self.bytes.get(LENGTH..).unwrap_or_default()
    }

    /// Makes room for the next request, and gives back what a long one took.
    pub(super) fn clear(&mut self) {
        self.bytes = Vec::new();
    }
}

/// A message as it goes onto a stream.
pub(super) fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut framed = Vec::with_capacity(LENGTH.saturating_add(message.len()));
    framed.extend(length.to_be_bytes());
    framed.extend_from_slice(message);
    framed
}

/// Bytes of the length.
const LENGTH: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_comes_octet_by_octet_is_complete_with_its_last() {
        let mut frame = Frame::new(8);
        let bytes = framed(b"request!");
        for (index, byte) in bytes.iter().enumerate() {
            assert_ne!(frame.progress(), Progress::Complete, "{index}");
            frame.push(&[*byte]);
        }
        assert_eq!(frame.progress(), Progress::Complete);
        assert_eq!(frame.message(), b"request!");
        frame.clear();
        assert_eq!(frame.progress(), Progress::Missing(4));
    }

    #[test]
    fn a_length_above_the_limit_is_refused_before_anything_is_read() {
        for length in [9_u32, 1 << 31, u32::MAX] {
            let mut frame = Frame::new(8);
            frame.push(&length.to_be_bytes());
            assert_eq!(frame.progress(), Progress::TooLong, "{length}");
            assert!(frame.bytes.capacity() < 64);
        }
    }

    #[test]
    fn an_empty_request_is_complete() {
        let mut frame = Frame::new(8);
        frame.push(&[0; 4]);
        assert_eq!(frame.progress(), Progress::Complete);
        assert_eq!(frame.message(), b"");
    }
}
