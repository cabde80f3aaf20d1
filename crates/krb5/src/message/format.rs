//! Which format the tokens of a context have.

use orthros_crypto::{Decryptor, Encryptor, Key, RandomSource};

use super::cfx::Cfx;
use super::direction::{Direction, Services};
use super::error::MessageError;
use super::parts::{Iov, IovLengths, MessageParts, Opened, OpenedIov, WrapBuffer, WrapLengths};

/// The token format of a context, with the keys of one of its directions. `C` is what this side does with sealed
/// messages, an [`Encryptor`] or a [`Decryptor`].
///
/// Nothing outside of a format knows how long its headers are, what is before and behind a message, and what is
/// rotated.
#[derive(Debug)]
pub(super) enum TokenFormat<C> {
    /// RFC 4121 section 4.2.
    Cfx(Cfx<C>),
}

impl<C> TokenFormat<C> {
    /// The format that goes with the enctype of the direction's key: RFC 4121 with all that there are (section 2).
    pub(super) fn of(direction: Direction) -> Self {
        Self::Cfx(Cfx::new(direction))
    }

    pub(super) const fn key(&self) -> &Key {
        match self {
            Self::Cfx(cfx) => cfx.key(),
        }
    }

    pub(super) const fn services(&self) -> Services {
        match self {
            Self::Cfx(cfx) => cfx.services(),
        }
    }

    pub(super) const fn has_acceptor_subkey(&self) -> bool {
        match self {
            Self::Cfx(cfx) => cfx.has_acceptor_subkey(),
        }
    }

    /// The length of a MIC token.
    pub(super) fn mic_len(&self) -> usize {
        match self {
            Self::Cfx(cfx) => cfx.mic_len(),
        }
    }

    /// What a Wrap token in one buffer has around a message of this length.
    pub(super) fn wrap_lengths(&self, message_len: usize, confidential: bool) -> WrapLengths {
        match self {
            Self::Cfx(cfx) => cfx.wrap_lengths(message_len, confidential),
        }
    }

    /// The longest message whose Wrap token has `token_len` bytes or fewer.
    pub(super) fn longest_message(&self, token_len: usize, confidential: bool) -> Option<usize> {
        match self {
            Self::Cfx(cfx) => cfx.longest_message(token_len, confidential),
        }
    }

    /// How long header and trailer of a scattered Wrap token are, for a message of this length.
    pub(super) fn iov_lengths(
        &self,
        message_len: usize,
        confidential: bool,
        with_trailer: bool,
    ) -> IovLengths {
        match self {
            Self::Cfx(cfx) => cfx.iov_lengths(message_len, confidential, with_trailer),
        }
    }
}

impl TokenFormat<Encryptor> {
    /// The parts of one buffer for a Wrap token that also protects associated data.
    pub(super) fn split_aead<'t>(
        &self,
        confidential: bool,
        buffer: &'t mut [u8],
    ) -> Result<WrapBuffer<'t>, MessageError> {
        match self {
            Self::Cfx(cfx) => cfx.aead_lengths(confidential).split(buffer),
        }
    }

    /// Writes a MIC token to the beginning of `token`, and gives its length.
    pub(super) fn get_mic(
        &mut self,
        sequence_number: u64,
        message: MessageParts<'_>,
        token: &mut [u8],
    ) -> Result<usize, MessageError> {
        match self {
            Self::Cfx(cfx) => cfx.get_mic(sequence_number, message, token),
        }
    }

    /// Makes all of `buffer` a Wrap token of the message that lies in it as [`wrap_lengths`](Self::wrap_lengths) says.
    pub(super) fn wrap_in_place(
        &mut self,
        confidential: bool,
        sequence_number: u64,
        buffer: &mut [u8],
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        match self {
            Self::Cfx(cfx) if confidential => cfx.seal(sequence_number, buffer, random),
            Self::Cfx(cfx) => cfx.sign(sequence_number, buffer),
        }
    }

    /// Makes a Wrap token in several buffers.
    pub(super) fn wrap_iov(
        &mut self,
        confidential: bool,
        sequence_number: u64,
        iov: Iov<'_, '_>,
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        match self {
            Self::Cfx(cfx) if confidential => cfx.seal_iov(sequence_number, iov, random),
            Self::Cfx(cfx) => cfx.sign_iov(sequence_number, iov),
        }
    }
}

impl TokenFormat<Decryptor> {
    /// Checks a MIC token and gives its sequence number.
    pub(super) fn verify_mic(
        &mut self,
        message: MessageParts<'_>,
        token: &[u8],
    ) -> Result<u64, MessageError> {
        match self {
            Self::Cfx(cfx) => cfx.verify_mic(message, token),
        }
    }

    /// Opens a whole Wrap token in its buffer.
    pub(super) fn unwrap_in_place<'t>(
        &mut self,
        token: &'t mut [u8],
    ) -> Result<Opened<'t>, MessageError> {
        match self {
            Self::Cfx(cfx) => cfx.open(token),
        }
    }

    /// Opens a Wrap token in several buffers.
    pub(super) fn unwrap_iov(&mut self, iov: Iov<'_, '_>) -> Result<OpenedIov, MessageError> {
        match self {
            Self::Cfx(cfx) => cfx.open_iov(iov),
        }
    }

    /// Opens a whole Wrap token in its buffer that also protects data before and behind the message.
    pub(super) fn unwrap_stream<'t>(
        &mut self,
        token: &'t mut [u8],
        before: &[&[u8]],
        behind: &[&[u8]],
    ) -> Result<Opened<'t>, MessageError> {
        match self {
            Self::Cfx(cfx) => cfx.open_stream(token, before, behind),
        }
    }
}
