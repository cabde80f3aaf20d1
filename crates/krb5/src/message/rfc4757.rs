//! The tokens of RFC 1964 section 1.2 as RFC 4757 section 7 has them, with keys of arcfour-hmac.
//!
//! A token is framed as a context token is, `60 | length | mechanism`, and begins with its kind, algorithms and filler
//! (eight bytes), the encrypted sequence number and the checksum (eight each). A Wrap token goes on with `confounder |
//! message | padding`, encrypted or not; the padding of a stream cipher is one byte, which says so. What we send is
//! what MIT krb5 sends, and we take padding of up to eight bytes, as other ciphers of RFC 1964 have it.
//!
//! In several buffers the padding is the trailer. In DCE style there is none, and the framing counts its own buffer
//! alone; without DCE style a trailer buffer is needed.
//!
//! # What these tokens do not protect
//!
//! The checksum does not cover the sequence number, which is encrypted by adding a keystream. Who can change tokens on
//! their way can change the numbers of tokens that are not sealed, and say of any token that it comes from the other
//! side. The keystream of a sealed message depends on its number alone: two messages with one number, one from each
//! side or 2^32 messages apart, are encrypted alike. That is the format, and a reason why `allow_rc4` is off.

mod header;
mod open;
mod seal;

use orthros_crypto::{IovBuffer, Key, KeyUsage, Mac, TokenCipher};

use super::direction::{Direction, Role, Services};
use super::error::MessageError;
use super::parts::{IovLengths, WrapBuffer, WrapLengths};
use super::prepared::prepared;
use crate::ap::Mechanism;
use header::{CHECKSUM_LEN, Fields, TokenKind, framing_len};

/// One direction of a context whose tokens are those of RFC 4757, and its keys.
#[derive(Debug)]
pub(super) struct Rfc4757 {
    key: Key,
    services: Services,
    sent_by: Role,
    acceptor_subkey: bool,
    dce_style: bool,
    mechanism: Mechanism,
    /// Encrypts sequence numbers.
    numbers: Option<TokenCipher>,
    /// Encrypts messages.
    messages: Option<TokenCipher>,
    /// The checksum that was used last, as in RFC 4121's format.
    mac: Option<Mac>,
    mac_of: TokenKind,
}

impl Rfc4757 {
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            key: direction.key,
            services: direction.services,
            sent_by: direction.sent_by,
            acceptor_subkey: direction.acceptor_subkey,
            dce_style: direction.dce_style,
            mechanism: direction.mechanism,
            numbers: None,
            messages: None,
            mac: None,
            mac_of: TokenKind::Mic,
        }
    }

    pub(super) const fn key(&self) -> &Key {
        &self.key
    }

    pub(super) const fn services(&self) -> Services {
        self.services
    }

    pub(super) const fn has_acceptor_subkey(&self) -> bool {
        self.acceptor_subkey
    }

    pub(super) fn mic_len(&self) -> usize {
        framing_len(self.mechanism, Fields::LEN) + Fields::LEN
    }

    /// Sealed or not, a Wrap token has the same parts.
    pub(super) fn wrap_lengths(&self, message_len: usize) -> WrapLengths {
        let counted = message_len
            .saturating_add(Fields::LEN + CONFOUNDER_LEN)
            .saturating_add(PADDING_LEN);
        WrapLengths {
            header: framing_len(self.mechanism, counted) + Fields::LEN + CONFOUNDER_LEN,
            trailer: PADDING_LEN,
        }
    }

    /// The framing is a byte longer where the count of what is in it is, so that no token has some lengths.
    pub(super) fn longest_message(&self, token_len: usize) -> Option<usize> {
        let mut longest = token_len.checked_sub(self.wrap_lengths(0).sum())?;
        // No more turns than the count has bytes.
        while longest.saturating_add(self.wrap_lengths(longest).sum()) > token_len {
            longest = longest.saturating_sub(1);
        }
        Some(longest)
    }

    pub(super) fn iov_lengths(&self, message_len: usize, with_trailer: bool) -> IovLengths {
        let lengths = self.scattered_lengths(message_len);
        IovLengths {
            header: lengths.header,
            padding: 0,
            trailer: if with_trailer { lengths.trailer } else { 0 },
        }
    }

    /// What is around a message of this length that lies in several buffers.
    fn scattered_lengths(&self, message_len: usize) -> WrapLengths {
        if self.dce_style {
            WrapLengths {
                header: self.dce_header_len(),
                trailer: 0,
            }
        } else {
            self.wrap_lengths(message_len)
        }
    }

    /// The parts of one buffer for a token that is made as one in several buffers is.
    pub(super) fn split_aead<'t>(
        &self,
        buffer: &'t mut [u8],
    ) -> Result<WrapBuffer<'t>, MessageError> {
        let message_len = if self.dce_style {
            buffer.len().checked_sub(self.dce_header_len())
        } else {
            self.message_len(buffer.len())
        };
        let lengths = self.scattered_lengths(message_len.unwrap_or_default());
        if message_len.is_none() {
            return Err(MessageError::BufferTooShort {
                needed: lengths.sum(),
                available: buffer.len(),
            });
        }
        lengths.split(buffer)
    }

    /// How long the message is in a whole Wrap token of this length, if there is such a token.
    fn message_len(&self, token_len: usize) -> Option<usize> {
        let message_len = self.longest_message(token_len)?;
        (message_len.checked_add(self.wrap_lengths(message_len).sum())? == token_len)
            .then_some(message_len)
    }

    /// The framing of DCE style counts nothing but its own buffer.
    fn dce_header_len(&self) -> usize {
        let counted = Fields::LEN + CONFOUNDER_LEN;
        framing_len(self.mechanism, counted) + counted
    }

    /// The checksum of this kind of tokens (RFC 4757 section 7.2: usage 15 for MIC tokens; 7.3: 13 for Wrap tokens).
    fn mac(&mut self, of: TokenKind) -> &Mac {
        if self.mac_of != of {
            self.mac = None;
            self.mac_of = of;
        }
        let usage = match of {
            TokenKind::Mic => KeyUsage(15),
            TokenKind::Wrap => KeyUsage(13),
        };
        prepared(&mut self.mac, || self.key.mac(usage))
    }

    fn numbers(&mut self) -> &TokenCipher {
        prepared(&mut self.numbers, || TokenCipher::for_numbers(&self.key))
    }

    fn messages(&mut self) -> &TokenCipher {
        prepared(&mut self.messages, || TokenCipher::for_messages(&self.key))
    }

    /// Encrypts or decrypts a sequence number and the bytes behind it that say which side sends.
    fn apply_to_number(&mut self, checksum: [u8; CHECKSUM_LEN], number: &mut [u8; 8]) {
        let buffers = &mut [IovBuffer::Data(number)];
        self.numbers().apply(&checksum, buffers);
    }
}

/// The number of 64 bits that a received one of 32 means: the one nearest to what is expected.
pub(super) fn extend(received: u64, expected: u64) -> u64 {
    let ahead = low(received).wrapping_sub(low(expected));
    let ahead = i64::from(ahead.cast_signed());
    expected.wrapping_add_signed(ahead)
}

/// The 32 bits of a sequence number that a token has.
const fn low(number: u64) -> u32 {
    let [.., a, b, c, d] = number.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

const CONFOUNDER_LEN: usize = 8;
const PADDING_LEN: usize = 1;

#[cfg(test)]
mod tests;
