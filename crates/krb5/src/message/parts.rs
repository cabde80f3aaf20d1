//! Messages and tokens by their parts, in one buffer or in several, as token formats take and give them.

use orthros_crypto::IovBuffer;

use super::error::MessageError;

/// The buffers of one Wrap token.
///
/// The lengths of header and trailer are those of [`Sender::iov_lengths`](super::Sender::iov_lengths).
#[derive(Debug)]
pub struct Iov<'b, 'p> {
    /// What comes before the data.
    pub header: &'b mut [u8],
    /// The message: its data buffers are sealed in place, its associated data is signed where it stands.
    pub buffers: &'b mut [IovBuffer<'p>],
    /// What comes behind the data. Without this buffer, it is in the header.
    pub trailer: Option<&'b mut [u8]>,
}

/// How many bytes of a Wrap token are not its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IovLengths {
    /// Those before the data.
    pub header: usize,
    /// Those that make the data a number of blocks: none, as the ciphers of RFC 4121 don't need them, and the one byte
    /// of RFC 4757 counts as the trailer.
    pub padding: usize,
    /// Those behind the data; 0 without a trailer buffer.
    pub trailer: usize,
}

/// A message that a MIC is made for.
#[derive(Clone, Copy)]
pub(super) enum MessageParts<'m> {
    /// In one buffer.
    Whole(&'m [u8]),
    /// In several.
    Scattered(&'m [&'m [u8]]),
}

/// What is around the message in a Wrap token in one buffer: `header | message | trailer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrapLengths {
    pub(super) header: usize,
    pub(super) trailer: usize,
}

impl WrapLengths {
    pub(super) const fn sum(self) -> usize {
        self.header + self.trailer
    }

    /// The parts of a buffer for a token.
    pub(super) fn split(self, buffer: &mut [u8]) -> Result<WrapBuffer<'_>, MessageError> {
        let available = buffer.len();
        let needed = self.sum();
        let Some(message_len) = available.checked_sub(needed) else {
            return Err(MessageError::BufferTooShort { needed, available });
        };
        let (header, rest) = buffer.split_at_mut(self.header);
        let (message, trailer) = rest.split_at_mut(message_len);
        Ok(WrapBuffer {
            header,
            message,
            trailer,
        })
    }
}

/// A buffer for a Wrap token, by its parts.
pub(super) struct WrapBuffer<'t> {
    pub(super) header: &'t mut [u8],
    pub(super) message: &'t mut [u8],
    pub(super) trailer: &'t mut [u8],
}

/// A message that was opened in the buffer of its token.
#[derive(Debug)]
pub(super) struct Opened<'t> {
    pub(super) message: &'t mut [u8],
    /// How many bytes of the token are before the message.
    pub(super) offset: usize,
    pub(super) sealed: bool,
    pub(super) sequence_number: u64,
}

/// A message that was opened in several buffers.
#[derive(Debug)]
pub(super) struct OpenedIov {
    pub(super) sealed: bool,
    pub(super) sequence_number: u64,
}
