//! Messages in several buffers, with associated data, and DCE style.
//!
//! A Wrap token is `header | data | trailer`. In memory each may lie elsewhere, the data may be in several buffers,
//! and between them may be associated data: bytes that are signed where they stand but are no part of the token.
//! Where there is no trailer buffer, all that is not data is in the header's buffer. DCE RPC needs this.

use orthros_crypto::{IovBuffer, RandomSource};

use super::error::MessageError;
use super::parts::{Iov, IovLengths, MessageParts};
use super::receiver::{Receiver, Unwrapped};
use super::sender::Sender;
use crate::sequence::SequenceStatus;

/// A message opened in the buffers that held it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnwrappedIov {
    /// Whether it was sealed, or only signed.
    pub sealed: bool,
    /// What its sequence number says.
    pub sequence: SequenceStatus,
}

impl Sender {
    /// How long header and trailer of a scattered Wrap token are, with a trailer buffer or without, for a message of
    /// `message_len` bytes in all its data buffers.
    #[must_use]
    pub fn iov_lengths(
        &self,
        message_len: usize,
        confidential: bool,
        with_trailer: bool,
    ) -> IovLengths {
        self.format
            .iov_lengths(message_len, confidential, with_trailer)
    }

    /// Makes a Wrap token of a message in several buffers (`gss_wrap_iov`): seals the data buffers in place and fills
    /// header and trailer. Up to 14 buffers need no allocation.
    ///
    /// # Errors
    ///
    /// A header or trailer of another length than [`iov_lengths`](Self::iov_lengths) says; integrity or
    /// confidentiality not negotiated; no randomness. The message is as it was then.
    pub fn wrap_iov(
        &mut self,
        confidential: bool,
        iov: Iov<'_, '_>,
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        self.format.services().require(confidential)?;
        self.format
            .wrap_iov(confidential, self.sequence_number, iov, random)?;
        self.advance();
        Ok(())
    }

    /// Makes a Wrap token of a message where it lies, as [`wrap_in_place`](Self::wrap_in_place), that also protects
    /// `associated` data, which is no part of it (`gss_wrap_aead`). Header and trailer have the lengths that
    /// [`iov_lengths`](Self::iov_lengths) says.
    ///
    /// # Errors
    ///
    /// As [`wrap_in_place`](Self::wrap_in_place).
    pub fn wrap_aead_in_place(
        &mut self,
        confidential: bool,
        associated: &[u8],
        buffer: &mut [u8],
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        let buffer = self.format.split_aead(confidential, buffer)?;
        let iov = Iov {
            header: buffer.header,
            buffers: &mut [
                IovBuffer::AssociatedData(associated),
                IovBuffer::Data(buffer.message),
            ],
            trailer: Some(buffer.trailer),
        };
        self.wrap_iov(confidential, iov, random)
    }

    /// Writes the MIC token of a message in several parts (`gss_get_mic_iov`) as [`get_mic`](Self::get_mic) does.
    ///
    /// # Errors
    ///
    /// A buffer that is too short; integrity not negotiated.
    pub fn get_mic_iov(
        &mut self,
        message: &[&[u8]],
        token: &mut [u8],
    ) -> Result<usize, MessageError> {
        self.get_mic_of(MessageParts::Scattered(message), token)
    }
}

impl Receiver {
    /// How long header and trailer of a scattered Wrap token of the peer's are, if it makes them as we do.
    #[must_use]
    pub fn iov_lengths(
        &self,
        message_len: usize,
        confidential: bool,
        with_trailer: bool,
    ) -> IovLengths {
        self.format
            .iov_lengths(message_len, confidential, with_trailer)
    }

    /// Opens a Wrap token whose parts lie in several buffers (`gss_unwrap_iov`), the data in place. Up to 14 buffers
    /// need no allocation.
    ///
    /// With a trailer buffer the token must not be rotated; without one, by the length of the trailer. Other tokens
    /// come whole: [`unwrap_stream`](Self::unwrap_stream).
    ///
    /// # Errors
    ///
    /// As [`unwrap_in_place`](Self::unwrap_in_place), and buffers whose lengths don't fit the token. What was
    /// decrypted of a token that is not authentic is wiped.
    pub fn unwrap_iov(&mut self, iov: Iov<'_, '_>) -> Result<UnwrappedIov, MessageError> {
        self.format.services().require_integrity()?;
        let opened = self.format.unwrap_iov(iov)?;
        Ok(UnwrappedIov {
            sealed: opened.sealed,
            sequence: self.check_sequence(opened.sequence_number),
        })
    }

    /// Opens a whole Wrap token in its own buffer (`gss_unwrap_iov` with a stream buffer), whatever its counts are.
    /// Signed with it were `before` and `behind` its data, which are no part of it.
    ///
    /// # Errors
    ///
    /// As [`unwrap_in_place`](Self::unwrap_in_place).
    pub fn unwrap_stream<'t>(
        &mut self,
        token: &'t mut [u8],
        before: &[&[u8]],
        behind: &[&[u8]],
    ) -> Result<Unwrapped<'t>, MessageError> {
        self.format.services().require_integrity()?;
        let opened = self.format.unwrap_stream(token, before, behind)?;
        Ok(self.numbered(opened))
    }

    /// Checks the MIC token of a message in several parts (`gss_verify_mic_iov`).
    ///
    /// # Errors
    ///
    /// As [`verify_mic`](Self::verify_mic).
    pub fn verify_mic_iov(
        &mut self,
        message: &[&[u8]],
        token: &[u8],
    ) -> Result<SequenceStatus, MessageError> {
        self.verify_mic_of(MessageParts::Scattered(message), token)
    }
}

#[cfg(test)]
mod tests;
