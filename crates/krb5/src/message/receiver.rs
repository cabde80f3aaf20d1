//! The receiving half of a context.

use alloc::vec::Vec;
use core::ops::Range;

use orthros_crypto::{Decryptor, IntegrityError, Mac};
use zeroize::Zeroize;

use super::Direction;
use super::error::{MessageError, TokenDefect};
use super::header::{HEADER_LEN, Header, TokenFlags, TokenKind};
use crate::sequence::{SequenceStatus, SequenceWindow};

/// Checks and opens the tokens that the peer of one established context sends.
#[derive(Debug)]
pub struct Receiver {
    pub(super) direction: Direction<Decryptor>,
    pub(super) window: SequenceWindow,
}

/// A message opened in the buffer that held its token.
#[derive(Debug, PartialEq, Eq)]
pub struct Unwrapped<'t> {
    /// The message, somewhere within the token's buffer.
    pub message: &'t mut [u8],
    /// Whether it was sealed, or only signed.
    pub sealed: bool,
    /// What its sequence number says.
    pub sequence: SequenceStatus,
}

/// A message opened into a vector of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnwrappedMessage {
    /// The message.
    pub message: Vec<u8>,
    /// Whether it was sealed, or only signed.
    pub sealed: bool,
    /// What its sequence number says.
    pub sequence: SequenceStatus,
}

impl Receiver {
    pub(super) const fn new(direction: Direction<Decryptor>, window: SequenceWindow) -> Self {
        Self { direction, window }
    }

    /// What has been received.
    pub(crate) const fn window(&self) -> &SequenceWindow {
        &self.window
    }

    /// The sequence number expected next.
    #[must_use]
    pub const fn expected_sequence_number(&self) -> u64 {
        self.window.expected()
    }

    /// Checks the MIC token of a message (RFC 4121 section 4.2.6.1).
    ///
    /// # Errors
    ///
    /// A malformed token, one of this side, a wrong checksum; integrity not negotiated.
    pub fn verify_mic(
        &mut self,
        message: &[u8],
        token: &[u8],
    ) -> Result<SequenceStatus, MessageError> {
        self.verify_mic_of(token, |mac, header, checksum| {
            mac.verify(&[message, header], checksum)
        })
    }

    /// Checks a MIC token whose checksum `verify` compares with that of the message and this header.
    pub(super) fn verify_mic_of(
        &mut self,
        token: &[u8],
        verify: impl FnOnce(&Mac, &[u8], &[u8]) -> Result<(), IntegrityError>,
    ) -> Result<SequenceStatus, MessageError> {
        self.direction.require_integrity()?;
        let least = HEADER_LEN + self.direction.tag_len();
        let (octets, checksum) = token
            .split_first_chunk::<HEADER_LEN>()
            .filter(|_| token.len() >= least)
            .ok_or_else(|| too_short(token, least))?;
        let header = Header::parse(TokenKind::Mic, octets)?;
        self.check_flags(header.flags)?;
        if header.flags.contains(TokenFlags::SEALED) {
            return Err(TokenDefect::SealedMic.into());
        }
        verify(self.direction.mic(), octets, checksum).map_err(|_| MessageError::Integrity)?;
        Ok(self.window.check(header.sequence_number))
    }

    /// Opens a Wrap token (RFC 4121 section 4.2.6.2) in its own buffer, whatever its extra
    /// count and right rotation count are.
    ///
    /// # Errors
    ///
    /// A malformed token, one of this side, a wrong checksum; integrity not negotiated. What was
    /// decrypted of a token that is not authentic is wiped from the buffer.
    pub fn unwrap_in_place<'t>(
        &mut self,
        token: &'t mut [u8],
    ) -> Result<Unwrapped<'t>, MessageError> {
        let (range, sealed, sequence) = self.open(token)?;
        let message = token.get_mut(range).ok_or(MessageError::Integrity)?;
        Ok(Unwrapped {
            message,
            sealed,
            sequence,
        })
    }

    /// Opens a Wrap token and returns the message in a vector of its own.
    ///
    /// # Errors
    ///
    /// As [`unwrap_in_place`](Self::unwrap_in_place).
    pub fn unwrap_vec(&mut self, token: &[u8]) -> Result<UnwrappedMessage, MessageError> {
        let mut message = token.to_vec();
        let (range, sealed, sequence) = self.open(&mut message)?;
        message.truncate(range.end);
        message.drain(..range.start.min(range.end));
        Ok(UnwrappedMessage {
            message,
            sealed,
            sequence,
        })
    }

    /// Opens a token in place and says where in it the message is.
    fn open(
        &mut self,
        token: &mut [u8],
    ) -> Result<(Range<usize>, bool, SequenceStatus), MessageError> {
        let header = self.straighten(token)?;
        let payload = token.get_mut(HEADER_LEN..).ok_or(MessageError::Integrity)?;
        let sealed = header.flags.contains(TokenFlags::SEALED);
        let message = if sealed {
            self.unseal(header, payload)?
        } else {
            self.verify(header, payload)?
        };
        let range = message.start + HEADER_LEN..message.end + HEADER_LEN;
        Ok((range, sealed, self.window.check(header.sequence_number)))
    }

    /// Reads the header of a whole token, which is long enough for what must be in it, and undoes the rotation.
    pub(super) fn straighten(&self, token: &mut [u8]) -> Result<Header, MessageError> {
        self.direction.require_integrity()?;
        let shortest = too_short(token, HEADER_LEN + self.direction.tag_len());
        let (octets, payload) = token
            .split_first_chunk_mut::<HEADER_LEN>()
            .ok_or(shortest)?;
        let header = Header::parse(TokenKind::Wrap, octets)?;
        self.check_flags(header.flags)?;
        let least = self.least_payload(header.flags.contains(TokenFlags::SEALED));
        if payload.len() < least {
            return Err(TokenDefect::TooShort {
                length: payload.len() + HEADER_LEN,
                least: least + HEADER_LEN,
            }
            .into());
        }
        // Never empty, since a payload contains a checksum at least; in place and in linear time.
        payload.rotate_left(self.direction.rotation(header) % payload.len());
        Ok(header)
    }

    fn unseal(&mut self, header: Header, payload: &mut [u8]) -> Result<Range<usize>, MessageError> {
        let start = self.direction.confounder_len();
        let opened = self.direction.decryptor().decrypt_in_place(payload);
        let Ok(plaintext_len) = opened.map(|plaintext| plaintext.len()) else {
            payload.zeroize();
            return Err(MessageError::Integrity);
        };
        let message_len = payload
            .get(start..)
            .and_then(|rest| rest.get(..plaintext_len))
            .ok_or(MessageError::Integrity)
            .and_then(|plaintext| message_len(header, plaintext));
        match message_len {
            Ok(length) => Ok(start..start + length),
            Err(error) => {
                payload.zeroize();
                Err(error)
            }
        }
    }

    fn verify(&mut self, header: Header, payload: &[u8]) -> Result<Range<usize>, MessageError> {
        let tag_len = self.direction.tag_len();
        if usize::from(header.extra_count) != tag_len {
            return Err(TokenDefect::ExtraCount(header.extra_count).into());
        }
        let message_len = payload.len().saturating_sub(tag_len);
        let (message, checksum) = payload
            .split_at_checked(message_len)
            .ok_or(MessageError::Integrity)?;
        let signed = header.with_counts(0, 0).octets();
        self.direction
            .wrap_mac()
            .verify(&[message, &signed], checksum)
            .map_err(|_| MessageError::Integrity)?;
        Ok(0..message_len)
    }

    /// Sender and key as this context has them.
    ///
    /// A token in the initiator's subkey is refused once the acceptor has asserted its own:
    /// only that one proves that the token is not from a recording of an earlier session.
    pub(super) fn check_flags(&self, flags: TokenFlags) -> Result<(), MessageError> {
        let expected = self.direction.flags();
        let differs = |flag| flags.contains(flag) != expected.contains(flag);
        if differs(TokenFlags::SENT_BY_ACCEPTOR) {
            Err(MessageError::Reflected)
        } else if differs(TokenFlags::ACCEPTOR_SUBKEY) {
            Err(TokenDefect::AcceptorSubkeyFlag.into())
        } else {
            Ok(())
        }
    }

    fn least_payload(&self, sealed: bool) -> usize {
        if sealed {
            self.direction.confounder_len() + HEADER_LEN + self.direction.tag_len()
        } else {
            self.direction.tag_len()
        }
    }
}

/// The length of the message in a decrypted `message | filler | header`, if that header is the token's.
fn message_len(header: Header, plaintext: &[u8]) -> Result<usize, MessageError> {
    let (before, octets) = plaintext
        .split_last_chunk::<HEADER_LEN>()
        .ok_or(TokenDefect::InnerHeader)?;
    if !header.is_within(octets) {
        return Err(TokenDefect::InnerHeader.into());
    }
    before
        .len()
        .checked_sub(header.extra_count.into())
        .ok_or_else(|| TokenDefect::ExtraCount(header.extra_count).into())
}

fn too_short(token: &[u8], least: usize) -> MessageError {
    TokenDefect::TooShort {
        length: token.len(),
        least,
    }
    .into()
}
