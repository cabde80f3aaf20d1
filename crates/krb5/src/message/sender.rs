//! The sending half of a context.

use alloc::vec;
use alloc::vec::Vec;

use orthros_crypto::{Encryptor, Key, RandomSource};

use super::direction::Direction;
use super::error::MessageError;
use super::format::TokenFormat;
use super::parts::MessageParts;

/// Protects messages of one established context.
///
/// Every token made takes the next sequence number. A call that fails takes none.
#[derive(Debug)]
pub struct Sender {
    pub(super) format: TokenFormat<Encryptor>,
    pub(super) sequence_number: u64,
}

impl Sender {
    pub(super) fn new(direction: Direction, sequence_number: u64) -> Self {
        Self {
            format: TokenFormat::of(direction),
            sequence_number,
        }
    }

    /// Whether the context's key is a subkey of the acceptor's.
    pub(crate) const fn has_acceptor_subkey(&self) -> bool {
        self.format.has_acceptor_subkey()
    }

    /// The key that messages are protected with, as [`MessageProtection::key`](super::MessageProtection::key).
    #[must_use]
    pub const fn key(&self) -> &Key {
        self.format.key()
    }

    /// The sequence number of the next token.
    #[must_use]
    pub const fn sequence_number(&self) -> u64 {
        self.sequence_number
    }

    /// The length of every MIC token of this context.
    #[must_use]
    pub fn mic_len(&self) -> usize {
        self.format.mic_len()
    }

    /// How many bytes of a Wrap token are before a message of `message_len` bytes: the room to leave for
    /// [`wrap_in_place`](Self::wrap_in_place).
    #[must_use]
    pub fn wrap_header_len(&self, message_len: usize, confidential: bool) -> usize {
        self.format.wrap_lengths(message_len, confidential).header
    }

    /// How many bytes of a Wrap token are behind a message of `message_len` bytes.
    #[must_use]
    pub fn wrap_trailer_len(&self, message_len: usize, confidential: bool) -> usize {
        self.format.wrap_lengths(message_len, confidential).trailer
    }

    /// The exact length of the Wrap token of a message, or `None` if no token can be that long.
    #[must_use]
    pub fn wrap_len(&self, message_len: usize, confidential: bool) -> Option<usize> {
        let lengths = self.format.wrap_lengths(message_len, confidential);
        message_len.checked_add(lengths.sum())
    }

    /// The longest message whose Wrap token fits in `output_len` bytes: one byte more does not.
    /// `None` if not even an empty message fits (RFC 2743 section 2.2.7, where it is zero).
    #[must_use]
    pub fn wrap_size_limit(&self, output_len: usize, confidential: bool) -> Option<usize> {
        self.format.longest_message(output_len, confidential)
    }

    /// Writes the MIC token of `message` (RFC 4121 section 4.2.6.1, RFC 4757 section 7.2) at the beginning of `token`
    /// and returns its length, [`mic_len`](Self::mic_len).
    ///
    /// # Errors
    ///
    /// A buffer that is too short; integrity not negotiated.
    pub fn get_mic(&mut self, message: &[u8], token: &mut [u8]) -> Result<usize, MessageError> {
        self.get_mic_of(MessageParts::Whole(message), token)
    }

    pub(super) fn get_mic_of(
        &mut self,
        message: MessageParts<'_>,
        token: &mut [u8],
    ) -> Result<usize, MessageError> {
        self.format.services().require_integrity()?;
        let length = self.format.get_mic(self.sequence_number, message, token)?;
        self.advance();
        Ok(length)
    }

    /// Writes the Wrap token of `message` (RFC 4121 section 4.2.6.2, RFC 4757 section 7.3) at the beginning of `token`
    /// and returns its length, [`wrap_len`](Self::wrap_len). `random` gives the confounder of a confidential token,
    /// which with RFC 4757 one that is not has too, and is not asked otherwise.
    ///
    /// # Errors
    ///
    /// A buffer that is too short; integrity or confidentiality not negotiated; no randomness.
    pub fn wrap(
        &mut self,
        confidential: bool,
        message: &[u8],
        token: &mut [u8],
        random: &mut dyn RandomSource,
    ) -> Result<usize, MessageError> {
        let lengths = self.format.wrap_lengths(message.len(), confidential);
        let needed = message
            .len()
            .checked_add(lengths.sum())
            .ok_or(MessageError::MessageTooLong(message.len()))?;
        let available = token.len();
        let token = token
            .get_mut(..needed)
            .ok_or(MessageError::BufferTooShort { needed, available })?;
        lengths.split(token)?.message.copy_from_slice(message);
        self.wrap_in_place(confidential, token, random)?;
        Ok(needed)
    }

    /// Makes a Wrap token of a message that lies within `buffer`, between
    /// [`wrap_header_len`](Self::wrap_header_len) bytes before and
    /// [`wrap_trailer_len`](Self::wrap_trailer_len) bytes behind it. All of `buffer` is the
    /// token then.
    ///
    /// # Errors
    ///
    /// A buffer that is too short for header and trailer; integrity or confidentiality not
    /// negotiated; no randomness. The message is as it was then.
    pub fn wrap_in_place(
        &mut self,
        confidential: bool,
        buffer: &mut [u8],
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        self.format.services().require(confidential)?;
        self.format
            .wrap_in_place(confidential, self.sequence_number, buffer, random)?;
        self.advance();
        Ok(())
    }

    /// The MIC token of `message` in a vector of its own.
    ///
    /// # Errors
    ///
    /// Integrity not negotiated.
    pub fn get_mic_vec(&mut self, message: &[u8]) -> Result<Vec<u8>, MessageError> {
        let mut token = vec![0; self.mic_len()];
        self.get_mic(message, &mut token)?;
        Ok(token)
    }

    /// The Wrap token of `message` in a vector of its own.
    ///
    /// # Errors
    ///
    /// Integrity or confidentiality not negotiated; no randomness.
    pub fn wrap_vec(
        &mut self,
        confidential: bool,
        message: &[u8],
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, MessageError> {
        let needed = self
            .wrap_len(message.len(), confidential)
            .ok_or(MessageError::MessageTooLong(message.len()))?;
        let mut token = vec![0; needed];
        self.wrap(confidential, message, &mut token, random)?;
        Ok(token)
    }

    pub(super) fn advance(&mut self) {
        self.sequence_number = self.sequence_number.wrapping_add(1);
    }
}
