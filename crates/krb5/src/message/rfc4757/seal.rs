//! Tokens of RFC 4757 going out.

use core::iter::once;

use orthros_crypto::{IovBuffer, RandomSource};

use super::header::{CHECKSUM_LEN, Fields, TokenKind, head, write_framing};
use super::{CONFOUNDER_LEN, PADDING_LEN, Rfc4757, low};
use crate::message::direction::Role;
use crate::message::error::MessageError;
use crate::message::gather::{bytes, gathered, reborrowed};
use crate::message::parts::{Iov, MessageParts};

impl Rfc4757 {
    /// A MIC token: the fields, with the checksum of their first eight bytes and the message (RFC 4757 section 7.2).
    pub(in crate::message) fn get_mic(
        &mut self,
        sequence_number: u64,
        message: MessageParts<'_>,
        token: &mut [u8],
    ) -> Result<usize, MessageError> {
        let (needed, available) = (self.mic_len(), token.len());
        let fields = token
            .get_mut(..needed)
            .and_then(|token| write_framing(token, self.mechanism, Fields::LEN))
            .and_then(Fields::split);
        let Some((fields, _)) = fields else {
            return Err(MessageError::BufferTooShort { needed, available });
        };
        let head = head(TokenKind::Mic, false);
        let checksum = match message {
            MessageParts::Whole(message) => self.checksum(TokenKind::Mic, &[&head, message]),
            MessageParts::Scattered(parts) => {
                let all = once(&head[..]).chain(parts.iter().copied());
                gathered(parts.len() + 1, all, |all| {
                    self.checksum(TokenKind::Mic, all)
                })
            }
        };
        self.fill(fields, head, checksum, sequence_number);
        Ok(needed)
    }

    /// A Wrap token in one buffer (section 7.3), sealed or not.
    pub(in crate::message) fn wrap(
        &mut self,
        confidential: bool,
        sequence_number: u64,
        buffer: &mut [u8],
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        let too_short = MessageError::BufferTooShort {
            needed: self.wrap_lengths(0).sum(),
            available: buffer.len(),
        };
        let Some(message_len) = self.message_len(buffer.len()) else {
            return Err(too_short);
        };
        let counted = Fields::LEN + CONFOUNDER_LEN + message_len + PADDING_LEN;
        let (fields, body) = write_framing(buffer, self.mechanism, counted)
            .and_then(Fields::split)
            .ok_or(too_short.clone())?;
        let (confounder, rest) = body
            .split_first_chunk_mut::<CONFOUNDER_LEN>()
            .ok_or(too_short.clone())?;
        let (padding, message) = rest.split_last_mut().ok_or(too_short)?;
        random.fill(confounder)?;
        *padding = PADDING;
        let head = head(TokenKind::Wrap, confidential);
        let covered = [&head[..], confounder, message, &[PADDING]];
        let checksum = self.checksum(TokenKind::Wrap, &covered);
        if confidential {
            let salt = low(sequence_number).to_be_bytes();
            self.messages().apply(&salt, &mut [IovBuffer::Data(body)]);
        }
        self.fill(fields, head, checksum, sequence_number);
        Ok(())
    }

    /// A Wrap token in several buffers, sealed or not.
    pub(in crate::message) fn wrap_iov(
        &mut self,
        confidential: bool,
        sequence_number: u64,
        iov: Iov<'_, '_>,
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        let message_len = message_len(iov.buffers);
        let lengths = self.scattered_lengths(message_len);
        let padding = iov.trailer.unwrap_or_default();
        check_length("header", lengths.header, iov.header.len())?;
        check_length("trailer", lengths.trailer, padding.len())?;
        let counted = if self.dce_style {
            Fields::LEN + CONFOUNDER_LEN
        } else {
            Fields::LEN + CONFOUNDER_LEN + message_len + PADDING_LEN
        };
        let wrong = MessageError::BufferLength {
            buffer: "header",
            expected: lengths.header,
            actual: iov.header.len(),
        };
        let (fields, confounder) = write_framing(iov.header, self.mechanism, counted)
            .and_then(Fields::split)
            .ok_or(wrong)?;
        random.fill(confounder)?;
        padding.fill(PADDING);
        let head = head(TokenKind::Wrap, confidential);
        let covered = [&head[..], confounder]
            .into_iter()
            .chain(iov.buffers.iter().map(bytes))
            .chain(once(&*padding));
        let checksum = gathered(iov.buffers.len() + 3, covered, |all| {
            self.checksum(TokenKind::Wrap, all)
        });
        if confidential {
            let salt = low(sequence_number).to_be_bytes();
            let count = iov.buffers.len() + 2;
            let encrypted = once(IovBuffer::Data(confounder))
                .chain(iov.buffers.iter_mut().map(reborrowed))
                .chain(once(IovBuffer::Data(padding)));
            gathered(count, encrypted, |all| self.messages().apply(&salt, all));
        }
        self.fill(fields, head, checksum, sequence_number);
        Ok(())
    }

    /// As much of the checksum of the parts as a token has.
    pub(super) fn checksum(&mut self, kind: TokenKind, parts: &[&[u8]]) -> [u8; CHECKSUM_LEN] {
        let tag = self.mac(kind).sign(parts);
        let mut checksum = [0; CHECKSUM_LEN];
        for (place, byte) in checksum.iter_mut().zip(tag.iter()) {
            *place = *byte;
        }
        checksum
    }

    fn fill(
        &mut self,
        fields: Fields<'_>,
        head: [u8; 8],
        checksum: [u8; CHECKSUM_LEN],
        sequence_number: u64,
    ) {
        let [a, b, c, d] = low(sequence_number).to_be_bytes();
        let side = side(self.sent_by);
        *fields.head = head;
        *fields.checksum = checksum;
        *fields.number = [a, b, c, d, side, side, side, side];
        self.apply_to_number(checksum, fields.number);
    }
}

/// What stands four times behind the sequence number (RFC 4757 section 7.2).
pub(super) const fn side(sent_by: Role) -> u8 {
    match sent_by {
        Role::Initiator => 0,
        Role::Acceptor => 0xff,
    }
}

/// How many bytes of data there are.
pub(super) fn message_len(buffers: &[IovBuffer<'_>]) -> usize {
    let lengths = buffers.iter().map(|buffer| match buffer {
        IovBuffer::Data(bytes) => bytes.len(),
        IovBuffer::AssociatedData(_) => 0,
    });
    lengths.fold(0, usize::saturating_add)
}

fn check_length(buffer: &'static str, expected: usize, actual: usize) -> Result<(), MessageError> {
    if actual == expected {
        return Ok(());
    }
    Err(MessageError::BufferLength {
        buffer,
        expected,
        actual,
    })
}

/// Padding says how long it is, in each of its bytes.
const PADDING: u8 = 1;
