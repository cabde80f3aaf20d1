//! The receiving half of a context.

use alloc::vec::Vec;

use orthros_crypto::Decryptor;

use super::direction::Direction;
use super::error::MessageError;
use super::format::TokenFormat;
use super::parts::{MessageParts, Opened};
use crate::sequence::{SequenceStatus, SequenceWindow};

/// Checks and opens the tokens that the peer of one established context sends.
#[derive(Debug)]
pub struct Receiver {
    pub(super) format: TokenFormat<Decryptor>,
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
    pub(super) fn new(direction: Direction, window: SequenceWindow) -> Self {
        Self {
            format: TokenFormat::of(direction),
            window,
        }
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

    /// Checks the MIC token of a message (RFC 4121 section 4.2.6.1, RFC 4757 section 7.2).
    ///
    /// # Errors
    ///
    /// A malformed token, one of this side, a wrong checksum; integrity not negotiated.
    pub fn verify_mic(
        &mut self,
        message: &[u8],
        token: &[u8],
    ) -> Result<SequenceStatus, MessageError> {
        self.verify_mic_of(MessageParts::Whole(message), token)
    }

    pub(super) fn verify_mic_of(
        &mut self,
        message: MessageParts<'_>,
        token: &[u8],
    ) -> Result<SequenceStatus, MessageError> {
        self.format.services().require_integrity()?;
        let sequence_number = self.format.verify_mic(message, token)?;
        Ok(self.check_sequence(sequence_number))
    }

    /// Checks the sequence number of an authentic token and remembers it.
    pub(super) fn check_sequence(&mut self, received: u64) -> SequenceStatus {
        let expected = self.window.expected();
        let number = self.format.sequence_number(received, expected);
        self.window.check(number)
    }

    /// Opens a Wrap token (RFC 4121 section 4.2.6.2, RFC 4757 section 7.3) in its own buffer, whatever its extra
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
        self.format.services().require_integrity()?;
        let opened = self.format.unwrap_in_place(token)?;
        Ok(self.numbered(opened))
    }

    /// The message of an authentic token, whose sequence number counts from here on.
    pub(super) fn numbered<'t>(&mut self, opened: Opened<'t>) -> Unwrapped<'t> {
        Unwrapped {
            message: opened.message,
            sealed: opened.sealed,
            sequence: self.check_sequence(opened.sequence_number),
        }
    }

    /// Opens a Wrap token and returns the message in a vector of its own.
    ///
    /// # Errors
    ///
    /// As [`unwrap_in_place`](Self::unwrap_in_place).
    pub fn unwrap_vec(&mut self, token: &[u8]) -> Result<UnwrappedMessage, MessageError> {
        self.format.services().require_integrity()?;
        let mut buffer = token.to_vec();
        let Opened {
            message,
            offset,
            sealed,
            sequence_number,
        } = self.format.unwrap_in_place(&mut buffer)?;
        // What is around the message goes, and the one allocation stays.
        let end = offset + message.len();
        buffer.truncate(end);
        buffer.drain(..offset);
        Ok(UnwrappedMessage {
            message: buffer,
            sealed,
            sequence: self.check_sequence(sequence_number),
        })
    }
}
