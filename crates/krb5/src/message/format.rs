//! Which format the tokens of a context have.

use orthros_crypto::{Decryptor, Encryptor, Enctype, Key, RandomSource};

use super::cfx::Cfx;
use super::direction::{Direction, Services};
use super::error::MessageError;
use super::parts::{Iov, IovLengths, MessageParts, Opened, OpenedIov, WrapBuffer, WrapLengths};
use super::rfc4757::{self, Rfc4757};
use crate::ap::ContextFlags;

/// The token format of a context, with the keys of one of its directions. `C` is what this side does with sealed
/// messages, an [`Encryptor`] or a [`Decryptor`].
///
/// Nothing outside of a format knows how long its headers are, what is before and behind a message, and what is
/// rotated.
#[derive(Debug)]
pub(super) enum TokenFormat<C> {
    /// RFC 4121 section 4.2.
    Cfx(Cfx<C>),
    /// RFC 4757 section 7. RC4 is the same in both directions.
    Rfc4757(Rfc4757),
}

impl<C> TokenFormat<C> {
    /// The format that goes with the enctype of the direction's key: RFC 4121 with all but arcfour-hmac (section 2).
    pub(super) fn of(direction: Direction) -> Self {
        if is_cfx(direction.key.enctype()) {
            Self::Cfx(Cfx::new(direction))
        } else {
            Self::Rfc4757(Rfc4757::new(direction))
        }
    }

    pub(super) const fn key(&self) -> &Key {
        match self {
            Self::Cfx(cfx) => cfx.key(),
            Self::Rfc4757(tokens) => tokens.key(),
        }
    }

    pub(super) const fn services(&self) -> Services {
        match self {
            Self::Cfx(cfx) => cfx.services(),
            Self::Rfc4757(tokens) => tokens.services(),
        }
    }

    pub(super) const fn has_acceptor_subkey(&self) -> bool {
        match self {
            Self::Cfx(cfx) => cfx.has_acceptor_subkey(),
            Self::Rfc4757(tokens) => tokens.has_acceptor_subkey(),
        }
    }

    /// The length of a MIC token.
    pub(super) fn mic_len(&self) -> usize {
        match self {
            Self::Cfx(cfx) => cfx.mic_len(),
            Self::Rfc4757(tokens) => tokens.mic_len(),
        }
    }

    /// What a Wrap token in one buffer has around a message of this length.
    pub(super) fn wrap_lengths(&self, message_len: usize, confidential: bool) -> WrapLengths {
        match self {
            Self::Cfx(cfx) => cfx.wrap_lengths(message_len, confidential),
            Self::Rfc4757(tokens) => tokens.wrap_lengths(message_len),
        }
    }

    /// The longest message whose Wrap token has `token_len` bytes or fewer.
    pub(super) fn longest_message(&self, token_len: usize, confidential: bool) -> Option<usize> {
        match self {
            Self::Cfx(cfx) => cfx.longest_message(token_len, confidential),
            Self::Rfc4757(tokens) => tokens.longest_message(token_len),
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
            Self::Rfc4757(tokens) => tokens.iov_lengths(message_len, with_trailer),
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
            Self::Rfc4757(tokens) => tokens.split_aead(buffer),
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
            Self::Rfc4757(tokens) => tokens.get_mic(sequence_number, message, token),
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
            Self::Rfc4757(tokens) => tokens.wrap(confidential, sequence_number, buffer, random),
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
            Self::Rfc4757(tokens) => tokens.wrap_iov(confidential, sequence_number, iov, random),
        }
    }
}

impl TokenFormat<Decryptor> {
    /// Which number a token's sequence number is, where `expected` is the next one: tokens of RFC 4757 have 32 bits of
    /// it.
    pub(super) fn sequence_number(&self, received: u64, expected: u64) -> u64 {
        match self {
            Self::Cfx(_) => received,
            Self::Rfc4757(_) => rfc4757::extend(received, expected),
        }
    }

    /// Checks a MIC token and gives its sequence number.
    pub(super) fn verify_mic(
        &mut self,
        message: MessageParts<'_>,
        token: &[u8],
    ) -> Result<u64, MessageError> {
        match self {
            Self::Cfx(cfx) => cfx.verify_mic(message, token),
            Self::Rfc4757(tokens) => tokens.verify_mic(message, token),
        }
    }

    /// Opens a whole Wrap token in its buffer.
    pub(super) fn unwrap_in_place<'t>(
        &mut self,
        token: &'t mut [u8],
    ) -> Result<Opened<'t>, MessageError> {
        match self {
            Self::Cfx(cfx) => cfx.open(token),
            Self::Rfc4757(tokens) => tokens.open(token),
        }
    }

    /// Opens a Wrap token in several buffers.
    pub(super) fn unwrap_iov(&mut self, iov: Iov<'_, '_>) -> Result<OpenedIov, MessageError> {
        match self {
            Self::Cfx(cfx) => cfx.open_iov(iov),
            Self::Rfc4757(tokens) => tokens.open_iov(iov),
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
            Self::Rfc4757(tokens) => tokens.open_stream(token, before, behind),
        }
    }
}

/// Whether an acceptor asserts a subkey of this enctype, and an initiator that gets one uses it, where the key is
/// `key` without it.
///
/// Tokens of RFC 4757 don't say which key they are in, and peers go on with the initiator's. So an acceptor's counts
/// where the tokens become RFC 4121's with it, and in DCE style, whose third token settles it (MIT krb5 likewise).
pub(crate) fn uses_acceptor_subkey(key: Enctype, subkey: Enctype, flags: ContextFlags) -> bool {
    is_cfx(subkey) || is_cfx(key) || flags.contains(ContextFlags::DCE_STYLE)
}

/// Whether messages in a key of this enctype are protected as RFC 4121 has it.
fn is_cfx(enctype: Enctype) -> bool {
    enctype != Enctype::ARCFOUR_HMAC
}
