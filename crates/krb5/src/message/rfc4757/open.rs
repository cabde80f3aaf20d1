//! Tokens of RFC 4757 coming in.

use core::iter::once;

use orthros_crypto::IovBuffer;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

use super::header::{CHECKSUM_LEN, Fields, TokenKind, parse_head, read_framing};
use super::seal::{message_len, side};
use super::{CONFOUNDER_LEN, PADDING_LEN, Rfc4757};
use crate::MalformedTokenError;
use crate::message::error::MessageError;
use crate::message::gather::{bytes, gathered, reborrowed};
use crate::message::parts::{Iov, MessageParts, Opened, OpenedIov};

/// The fields of a token that came, read and with its number decrypted. Nothing of them is authentic yet.
struct Received {
    head: [u8; 8],
    sealed: bool,
    number: [u8; 4],
    /// Which side sent it, as it says.
    sides: [u8; 4],
    checksum: [u8; CHECKSUM_LEN],
}

impl Rfc4757 {
    /// Checks a MIC token (RFC 4757 section 7.2) and gives its sequence number.
    pub(in crate::message) fn verify_mic(
        &mut self,
        message: MessageParts<'_>,
        token: &[u8],
    ) -> Result<u64, MessageError> {
        let offset = read_framing(token, token.len())?;
        let too_short = too_short(token.len(), self.mic_len());
        let mut fields = [0; Fields::LEN];
        let bytes = token.get(offset..).ok_or(too_short.clone())?;
        if bytes.len() != fields.len() {
            return Err(too_short);
        }
        fields.copy_from_slice(bytes);
        let (fields, _) = Fields::split(&mut fields).ok_or(too_short)?;
        let received = self.received(TokenKind::Mic, &fields)?;
        let checksum = match message {
            MessageParts::Whole(message) => {
                self.checksum(TokenKind::Mic, &[&received.head, message])
            }
            MessageParts::Scattered(parts) => {
                let all = once(&received.head[..]).chain(parts.iter().copied());
                gathered(parts.len() + 1, all, |all| {
                    self.checksum(TokenKind::Mic, all)
                })
            }
        };
        self.check(&received, checksum).map(u64::from)
    }

    /// Opens a whole Wrap token (section 7.3) in its own buffer.
    pub(in crate::message) fn open<'t>(
        &mut self,
        token: &'t mut [u8],
    ) -> Result<Opened<'t>, MessageError> {
        let token_len = token.len();
        self.open_whole(token, token_len, PADDING_LEN, &[], &[])
    }

    /// Opens a whole Wrap token in its own buffer, together with what its checksum covers before and behind the
    /// message and is not in it.
    pub(in crate::message) fn open_stream<'t>(
        &mut self,
        token: &'t mut [u8],
        before: &[&[u8]],
        behind: &[&[u8]],
    ) -> Result<Opened<'t>, MessageError> {
        // In DCE style the token is made as it is in several buffers.
        let (framed_len, padding_len) = if self.dce_style {
            (self.dce_header_len(), 0)
        } else {
            (token.len(), PADDING_LEN)
        };
        self.open_whole(token, framed_len, padding_len, before, behind)
    }

    /// Opens a token whose framing counts `framed_len` bytes, with padding of at least `padding_len` bytes.
    fn open_whole<'t>(
        &mut self,
        token: &'t mut [u8],
        framed_len: usize,
        padding_len: usize,
        before: &[&[u8]],
        behind: &[&[u8]],
    ) -> Result<Opened<'t>, MessageError> {
        let too_short = too_short(token.len(), self.wrap_lengths(0).sum());
        let offset = read_framing(token, framed_len)?;
        let (_, rest) = token.split_at_mut(offset);
        let (fields, rest) = Fields::split(rest).ok_or(too_short.clone())?;
        let (confounder, rest) = rest
            .split_first_chunk_mut::<CONFOUNDER_LEN>()
            .ok_or(too_short.clone())?;
        let message_len = rest.len().checked_sub(padding_len).ok_or(too_short)?;
        let (message, padding) = rest.split_at_mut(message_len);
        let received = self.received(TokenKind::Wrap, &fields)?;
        let count = before.len() + behind.len() + 3;
        let all = once(IovBuffer::Data(confounder))
            .chain(associated(before))
            .chain(once(IovBuffer::Data(&mut *message)))
            .chain(associated(behind))
            .chain(once(IovBuffer::Data(&mut *padding)));
        let sequence_number = gathered(count, all, |all| self.open_buffers(&received, all))?;
        let length = unpadded_len(message, padding)?;
        Ok(Opened {
            message: message.split_at_mut(length).0,
            offset: offset + Fields::LEN + CONFOUNDER_LEN,
            sealed: received.sealed,
            sequence_number: sequence_number.into(),
        })
    }

    /// Opens a Wrap token in several buffers.
    pub(in crate::message) fn open_iov(
        &mut self,
        iov: Iov<'_, '_>,
    ) -> Result<OpenedIov, MessageError> {
        let padding = iov.trailer.unwrap_or_default();
        let lengths = self.scattered_lengths(message_len(iov.buffers));
        if padding.len() != lengths.trailer {
            return Err(MalformedTokenError::BufferLength {
                buffer: "trailer",
                expected: lengths.trailer,
                actual: padding.len(),
            }
            .into());
        }
        let framed_len = if self.dce_style {
            iov.header.len()
        } else {
            let message_len = message_len(iov.buffers);
            iov.header
                .len()
                .saturating_add(message_len)
                .saturating_add(padding.len())
        };
        let too_short = too_short(iov.header.len(), lengths.header);
        let offset = read_framing(iov.header, framed_len)?;
        let (fields, confounder) =
            Fields::split(iov.header.split_at_mut(offset).1).ok_or(too_short.clone())?;
        if confounder.len() != CONFOUNDER_LEN {
            return Err(too_short);
        }
        let received = self.received(TokenKind::Wrap, &fields)?;
        let count = iov.buffers.len() + 2;
        let all = once(IovBuffer::Data(confounder))
            .chain(iov.buffers.iter_mut().map(reborrowed))
            .chain(once(IovBuffer::Data(&mut *padding)));
        let sequence_number = gathered(count, all, |all| self.open_buffers(&received, all))?;
        // The padding has a buffer of its own, so it must be what is in there.
        if padding.first().is_some_and(|count| *count != 1) {
            iov.buffers.iter_mut().for_each(wipe);
            return Err(MalformedTokenError::Padding.into());
        }
        Ok(OpenedIov {
            sealed: received.sealed,
            sequence_number: sequence_number.into(),
        })
    }

    /// Decrypts what is sealed and checks what it is. Nothing that was decrypted stays where the token is refused.
    fn open_buffers(
        &mut self,
        received: &Received,
        buffers: &mut [IovBuffer<'_>],
    ) -> Result<u32, MessageError> {
        if received.sealed {
            self.messages().apply(&received.number, buffers);
        }
        let covered = once(&received.head[..]).chain(buffers.iter().map(bytes));
        let checksum = gathered(buffers.len() + 1, covered, |all| {
            self.checksum(TokenKind::Wrap, all)
        });
        let checked = self.check(received, checksum);
        if received.sealed && checked.is_err() {
            buffers.iter_mut().for_each(wipe);
        }
        checked
    }

    /// Reads the fields.
    fn received(
        &mut self,
        kind: TokenKind,
        fields: &Fields<'_>,
    ) -> Result<Received, MalformedTokenError> {
        let sealed = parse_head(kind, *fields.head)?;
        let mut number = *fields.number;
        self.apply_to_number(*fields.checksum, &mut number);
        let [a, b, c, d, sides @ ..] = number;
        Ok(Received {
            head: *fields.head,
            sealed,
            number: [a, b, c, d],
            sides,
            checksum: *fields.checksum,
        })
    }

    /// The sequence number of a token that has this checksum and is of the side that sends in this direction.
    fn check(
        &self,
        received: &Received,
        checksum: [u8; CHECKSUM_LEN],
    ) -> Result<u32, MessageError> {
        if !bool::from(received.checksum.ct_eq(&checksum)) {
            return Err(MessageError::Integrity);
        }
        if received.sides == [side(self.sent_by); 4] {
            Ok(u32::from_be_bytes(received.number))
        } else if received.sides == [side(self.sent_by.peer()); 4] {
            Err(MessageError::Reflected)
        } else {
            Err(MessageError::Integrity)
        }
    }
}

/// How long a message is without its padding, of which the last byte is apart. An authentic token whose padding is
/// wrong is its sender's mistake: there is nothing that it could tell to others.
fn unpadded_len(message: &[u8], padding: &[u8]) -> Result<usize, MalformedTokenError> {
    let Some(&count) = padding.last() else {
        return Ok(message.len());
    };
    let here = usize::from(count)
        .checked_sub(padding.len())
        .filter(|_| count <= LONGEST_PADDING)
        .ok_or(MalformedTokenError::Padding)?;
    let length = message
        .len()
        .checked_sub(here)
        .ok_or(MalformedTokenError::Padding)?;
    let is_padding = message.iter().skip(length).all(|byte| *byte == count);
    is_padding
        .then_some(length)
        .ok_or(MalformedTokenError::Padding)
}

fn associated<'p>(parts: &'p [&[u8]]) -> impl Iterator<Item = IovBuffer<'p>> {
    parts.iter().map(|part| IovBuffer::AssociatedData(part))
}

fn wipe(buffer: &mut IovBuffer<'_>) {
    match buffer {
        IovBuffer::Data(bytes) => bytes.zeroize(),
        IovBuffer::AssociatedData(_) => {}
    }
}

fn too_short(length: usize, least: usize) -> MessageError {
    MalformedTokenError::MessageTooShort { length, least }.into()
}

/// A block of DES, for which RFC 1964 was made.
const LONGEST_PADDING: u8 = 8;
