//! Scattered messages going out.

use core::iter::once;

use orthros_crypto::{Piece, RandomSource};

use super::super::error::MessageError;
use super::super::header::{HEADER_LEN, Header, TokenFlags};
use super::super::sender::Sender;
use super::gather::{gathered, octets, reborrowed};
use super::{Iov, IovLengths, Parts};

impl Sender {
    /// How long header and trailer of a scattered Wrap token are, with a trailer buffer or without.
    #[must_use]
    pub fn iov_lengths(&self, confidential: bool, with_trailer: bool) -> IovLengths {
        self.direction.iov_lengths(confidential, with_trailer)
    }

    /// Makes a Wrap token of a message in several buffers (`gss_wrap_iov`): seals the data pieces in place and fills header
    /// and trailer. Up to 14 pieces need no allocation.
    ///
    /// # Errors
    ///
    /// A header or trailer of another length than [`iov_lengths`](Self::iov_lengths) says; integrity or confidentiality not
    /// negotiated; no randomness. The message is as it was then.
    pub fn wrap_iov(
        &mut self,
        confidential: bool,
        iov: Iov<'_, '_>,
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        self.direction.require_integrity()?;
        if confidential && !self.direction.confidentiality {
            return Err(MessageError::ConfidentialityNotNegotiated);
        }
        let rotated = iov.trailer.is_none();
        let lengths = self.direction.iov_lengths(confidential, true);
        let confounder_len = lengths.header - HEADER_LEN;
        let parts = Parts::split(iov.header, iov.trailer, confounder_len, lengths.trailer)?;
        if confidential {
            self.seal_iov(parts, iov.pieces, rotated, random)?;
        } else {
            self.sign_iov(parts, iov.pieces, rotated);
        }
        self.advance();
        Ok(())
    }

    /// Makes a Wrap token of a message where it lies, as [`wrap_in_place`](Self::wrap_in_place), that also protects
    /// `associated` data, which is no part of it (`gss_wrap_aead`).
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
        let lengths = self.direction.iov_lengths(confidential, true);
        let (needed, available) = (lengths.header + lengths.trailer, buffer.len());
        let too_short = MessageError::BufferTooShort { needed, available };
        let message_len = available.checked_sub(needed).ok_or(too_short)?;
        let (header, rest) = buffer.split_at_mut(lengths.header);
        let (message, trailer) = rest.split_at_mut(message_len);
        let iov = Iov {
            header,
            pieces: &mut [Piece::SignOnly(associated), Piece::Data(message)],
            trailer: Some(trailer),
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
        self.get_mic_of(token, |mac, header| {
            let all = message.iter().copied().chain(once(header));
            gathered(message.len() + 1, all, |parts| mac.sign(parts))
        })
    }

    fn seal_iov(
        &mut self,
        parts: Parts<'_>,
        pieces: &mut [Piece<'_>],
        rotated: bool,
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        let sealed_len = parts.trailer.len().saturating_sub(self.direction.tag_len());
        let (sealed, tag) = parts.trailer.split_at_mut(sealed_len);
        let rotation = match (rotated, self.direction.dce_style) {
            (false, _) => 0,
            (true, false) => count(sealed_len + tag.len()),
            (true, true) => count(HEADER_LEN + tag.len()),
        };
        let flags = TokenFlags(self.direction.flags().0 | TokenFlags::SEALED);
        let extra_count = count(sealed_len.saturating_sub(HEADER_LEN));
        let header = Header::wrap(flags, self.sequence_number).with_counts(extra_count, 0);
        random.fill(parts.confounder)?;
        let too_short = MessageError::BufferTooShort {
            needed: HEADER_LEN,
            available: sealed_len,
        };
        let (filler, copy) = sealed.split_last_chunk_mut().ok_or(too_short)?;
        filler.fill(FILLER);
        *copy = header.octets();
        let pieces_and_two = pieces.len() + 2;
        let all = once(Piece::Data(parts.confounder))
            .chain(pieces.iter_mut().map(reborrowed))
            .chain(once(Piece::Data(sealed)));
        let encryptor = self.direction.encryptor();
        gathered(pieces_and_two, all, |all| {
            encryptor.encrypt_pieces(all, tag)
        })?;
        *parts.header = header.with_counts(extra_count, rotation).octets();
        Ok(())
    }

    fn sign_iov(&mut self, parts: Parts<'_>, pieces: &[Piece<'_>], rotated: bool) {
        let header = Header::wrap(self.direction.flags(), self.sequence_number);
        let signed = header.octets();
        let mac = self.direction.wrap_mac();
        let all = pieces.iter().map(octets).chain(once(&signed[..]));
        let tag = gathered(pieces.len() + 1, all, |all| mac.sign(all));
        parts.trailer.copy_from_slice(&tag);
        let tag_len = count(tag.len());
        let rotation = if rotated { tag_len } else { 0 };
        *parts.header = header.with_counts(tag_len, rotation).octets();
    }
}

/// Of a part of the token that has a few dozen octets.
fn count(octets: usize) -> u16 {
    u16::try_from(octets).unwrap_or(u16::MAX)
}

/// What MIT krb5 fills with. Nobody reads it.
const FILLER: u8 = 0xff;
