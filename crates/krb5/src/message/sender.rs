//! The sending half of a context.

use alloc::vec;
use alloc::vec::Vec;

use orthros_crypto::{Encryptor, Key, Mac, RandomSource, Tag};

use super::Direction;
use super::error::MessageError;
use super::header::{HEADER_LEN, Header, TokenFlags};

/// Protects messages of one established context.
///
/// Every token made takes the next sequence number. A call that fails takes none.
#[derive(Debug)]
pub struct Sender {
    pub(super) direction: Direction<Encryptor>,
    pub(super) sequence_number: u64,
}

impl Sender {
    pub(super) const fn new(direction: Direction<Encryptor>, sequence_number: u64) -> Self {
        Self {
            direction,
            sequence_number,
        }
    }

    /// Whether the context's key is a subkey of the acceptor's.
    pub(crate) const fn has_acceptor_subkey(&self) -> bool {
        self.direction.acceptor_subkey
    }

    /// The key that messages are protected with, as [`MessageProtection::key`](super::MessageProtection::key).
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.direction.key
    }

    /// The sequence number of the next token.
    #[must_use]
    pub const fn sequence_number(&self) -> u64 {
        self.sequence_number
    }

    /// The length of every MIC token of this context.
    #[must_use]
    pub fn mic_len(&self) -> usize {
        HEADER_LEN + self.direction.tag_len()
    }

    /// The octets of a Wrap token before the message: the room to leave for
    /// [`wrap_in_place`](Self::wrap_in_place).
    #[must_use]
    pub fn wrap_header_len(&self, confidential: bool) -> usize {
        if confidential {
            HEADER_LEN + self.direction.confounder_len()
        } else {
            HEADER_LEN
        }
    }

    /// The octets of a Wrap token behind the message.
    #[must_use]
    pub fn wrap_trailer_len(&self, confidential: bool) -> usize {
        if confidential {
            HEADER_LEN + self.direction.tag_len()
        } else {
            self.direction.tag_len()
        }
    }

    /// The exact length of the Wrap token of a message, or `None` if no token can be that long.
    #[must_use]
    pub fn wrap_len(&self, message_len: usize, confidential: bool) -> Option<usize> {
        message_len.checked_add(self.overhead(confidential))
    }

    /// The longest message whose Wrap token fits in `output_len` octets: one octet more does not.
    /// `None` if not even an empty message fits (RFC 2743 section 2.2.7, where it is zero).
    #[must_use]
    pub fn wrap_size_limit(&self, output_len: usize, confidential: bool) -> Option<usize> {
        output_len.checked_sub(self.overhead(confidential))
    }

    /// Writes the MIC token of `message` (RFC 4121 section 4.2.6.1) at the beginning of `token`
    /// and returns its length, [`mic_len`](Self::mic_len).
    ///
    /// # Errors
    ///
    /// A buffer that is too short; integrity not negotiated.
    pub fn get_mic(&mut self, message: &[u8], token: &mut [u8]) -> Result<usize, MessageError> {
        self.get_mic_of(token, |mac, header| mac.sign(&[message, header]))
    }

    /// A MIC token with the checksum that `sign` makes of the message and this header.
    pub(super) fn get_mic_of(
        &mut self,
        token: &mut [u8],
        sign: impl FnOnce(&Mac, &[u8]) -> Tag,
    ) -> Result<usize, MessageError> {
        self.direction.require_integrity()?;
        let needed = self.mic_len();
        let header = Header::mic(self.direction.flags(), self.sequence_number).octets();
        let too_short = MessageError::BufferTooShort {
            needed,
            available: token.len(),
        };
        let Some((head, checksum)) = token
            .get_mut(..needed)
            .and_then(<[u8]>::split_first_chunk_mut::<HEADER_LEN>)
        else {
            return Err(too_short);
        };
        let tag = sign(self.direction.mic(), &header);
        *head = header;
        checksum.copy_from_slice(tag.as_ref());
        self.advance();
        Ok(needed)
    }

    /// Writes the Wrap token of `message` (RFC 4121 section 4.2.6.2) at the beginning of `token`
    /// and returns its length, [`wrap_len`](Self::wrap_len). `random` gives the confounder of a
    /// confidential token and is not asked otherwise.
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
        let needed = self
            .wrap_len(message.len(), confidential)
            .ok_or(MessageError::MessageTooLong(message.len()))?;
        let available = token.len();
        let too_short = MessageError::BufferTooShort { needed, available };
        let token = token.get_mut(..needed).ok_or(too_short)?;
        let body = token
            .get_mut(self.wrap_header_len(confidential)..)
            .and_then(|rest| rest.get_mut(..message.len()));
        let too_short = MessageError::BufferTooShort { needed, available };
        body.ok_or(too_short)?.copy_from_slice(message);
        self.wrap_in_place(confidential, token, random)?;
        Ok(needed)
    }

    /// Makes a Wrap token of a message that lies within `buffer`, between
    /// [`wrap_header_len`](Self::wrap_header_len) octets before and
    /// [`wrap_trailer_len`](Self::wrap_trailer_len) octets behind it. All of `buffer` is the
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
        self.direction.require_integrity()?;
        let (needed, available) = (self.overhead(confidential), buffer.len());
        let too_short = MessageError::BufferTooShort { needed, available };
        if available < needed {
            return Err(too_short);
        }
        let (header, body) = buffer
            .split_first_chunk_mut::<HEADER_LEN>()
            .ok_or(too_short)?;
        if confidential {
            self.seal(header, body, random)?;
        } else {
            self.sign(header, body)?;
        }
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

    /// `body` is room for the confounder, the message, and room for header copy and tag.
    fn seal(
        &mut self,
        header: &mut [u8; HEADER_LEN],
        body: &mut [u8],
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        if !self.direction.confidentiality {
            return Err(MessageError::ConfidentialityNotNegotiated);
        }
        let flags = TokenFlags(self.direction.flags().0 | TokenFlags::SEALED);
        let octets = Header::wrap(flags, self.sequence_number).octets();
        let too_short = self.too_short(true, body);
        let confounder = body.get_mut(..self.direction.confounder_len());
        random.fill(confounder.ok_or_else(|| too_short.clone())?)?;
        let plaintext_len = body.len().checked_sub(self.direction.tag_len());
        let (_, copy) = plaintext_len
            .and_then(|length| body.get_mut(..length))
            .and_then(<[u8]>::split_last_chunk_mut::<HEADER_LEN>)
            .ok_or(too_short)?;
        *copy = octets;
        *header = octets;
        Ok(self.direction.encryptor().encrypt_in_place(body)?)
    }

    /// `body` is the message and room for the checksum.
    fn sign(&mut self, header: &mut [u8; HEADER_LEN], body: &mut [u8]) -> Result<(), MessageError> {
        let tag_len = self.direction.tag_len();
        let unsigned = Header::wrap(self.direction.flags(), self.sequence_number);
        let too_short = self.too_short(false, body);
        let message_len = body.len().checked_sub(tag_len);
        let (message, checksum) = message_len
            .and_then(|length| body.split_at_mut_checked(length))
            .ok_or(too_short)?;
        let tag = self
            .direction
            .wrap_mac()
            .sign(&[message, &unsigned.octets()]);
        checksum.copy_from_slice(tag.as_ref());
        // A tag has at most a few dozen octets.
        let extra_count = u16::try_from(tag_len).unwrap_or(u16::MAX);
        *header = unsigned.with_counts(extra_count, 0).octets();
        Ok(())
    }

    /// The error of a token that has no room for what is around the message; `body` is what follows its header.
    fn too_short(&self, confidential: bool, body: &[u8]) -> MessageError {
        MessageError::BufferTooShort {
            needed: self.overhead(confidential),
            available: HEADER_LEN + body.len(),
        }
    }

    fn overhead(&self, confidential: bool) -> usize {
        self.wrap_header_len(confidential) + self.wrap_trailer_len(confidential)
    }

    pub(super) fn advance(&mut self) {
        self.sequence_number = self.sequence_number.wrapping_add(1);
    }
}
