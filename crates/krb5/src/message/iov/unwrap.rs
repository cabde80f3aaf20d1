//! Scattered messages coming in.

use core::iter::once;

use orthros_crypto::{Decryptor, Piece};
use zeroize::Zeroize;

use super::super::Direction;
use super::super::error::{MessageError, TokenDefect};
use super::super::header::{HEADER_LEN, Header, TokenFlags, TokenKind};
use super::super::receiver::{Receiver, Unwrapped};
use super::gather::{gathered, into_octets, octets, reborrowed};
use super::{Iov, IovLengths, Parts};
use crate::sequence::SequenceStatus;

/// A message opened in the buffers that held it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnwrappedPieces {
    /// Whether it was sealed, or only signed.
    pub sealed: bool,
    /// What its sequence number says.
    pub sequence: SequenceStatus,
}

impl Receiver {
    /// How long header and trailer of a scattered Wrap token of the peer's are, if it makes them as we do.
    #[must_use]
    pub fn iov_lengths(&self, confidential: bool, with_trailer: bool) -> IovLengths {
        self.direction.iov_lengths(confidential, with_trailer)
    }

    /// Opens a Wrap token whose parts lie in several buffers (`gss_unwrap_iov`), the data in place. Up to 14 pieces need
    /// no allocation.
    ///
    /// With a trailer buffer the token must not be rotated; without one, by the length of the trailer. Other tokens come
    /// whole: [`unwrap_stream`](Self::unwrap_stream).
    ///
    /// # Errors
    ///
    /// As [`unwrap_in_place`](Self::unwrap_in_place), and buffers whose lengths don't fit the token. What was decrypted of a
    /// token that is not authentic is wiped.
    pub fn unwrap_iov(&mut self, iov: Iov<'_, '_>) -> Result<UnwrappedPieces, MessageError> {
        self.direction.require_integrity()?;
        let octets = iov.header.first_chunk().ok_or(TokenDefect::TooShort {
            length: iov.header.len(),
            least: HEADER_LEN,
        })?;
        let header = Header::parse(TokenKind::Wrap, octets)?;
        self.check_flags(header.flags)?;
        let shape = Shape::of(header, &self.direction)?;
        let expected = match &iov.trailer {
            Some(_) => 0,
            None => shape.trailer,
        };
        if self.direction.rotation(header) != expected {
            return Err(TokenDefect::RightRotationCount(header.right_rotation_count).into());
        }
        let parts = Parts::split(iov.header, iov.trailer, shape.confounder, shape.trailer)
            .map_err(TokenDefect::from)?;
        let (count, pieces) = (iov.pieces.len(), iov.pieces.iter_mut().map(reborrowed));
        self.open_pieces(header, parts, count, pieces)
    }

    /// Opens a whole Wrap token in its own buffer (`gss_unwrap_iov` with a stream buffer), whatever its counts are. Signed
    /// with it were `before` and `behind` its data, which are no part of it.
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
        let header = self.straighten(token)?;
        let shape = Shape::of(header, &self.direction)?;
        let start = HEADER_LEN + shape.confounder;
        let message_len = token
            .len()
            .checked_sub(start + shape.trailer)
            .ok_or(TokenDefect::ExtraCount(header.extra_count))?;
        let (start, rest) = token.split_at_mut(start);
        let (message, trailer) = rest.split_at_mut(message_len);
        let parts = Parts::split(start, Some(trailer), shape.confounder, shape.trailer)
            .map_err(TokenDefect::from)?;
        let pieces = sign_only(before)
            .chain(once(Piece::Data(&mut *message)))
            .chain(sign_only(behind));
        let count = before.len() + 1 + behind.len();
        let UnwrappedPieces { sealed, sequence } =
            self.open_pieces(header, parts, count, pieces)?;
        Ok(Unwrapped {
            message,
            sealed,
            sequence,
        })
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
        self.verify_mic_of(token, |mac, header, checksum| {
            let all = message.iter().copied().chain(once(header));
            gathered(message.len() + 1, all, |parts| mac.verify(parts, checksum))
        })
    }

    fn open_pieces<'p>(
        &mut self,
        header: Header,
        parts: Parts<'p>,
        count: usize,
        pieces: impl Iterator<Item = Piece<'p>>,
    ) -> Result<UnwrappedPieces, MessageError> {
        let sealed = header.flags.contains(TokenFlags::SEALED);
        if sealed {
            self.unseal_pieces(header, parts, count, pieces)?;
        } else {
            let signed = header.with_counts(0, 0).octets();
            let header: &[u8] = &signed;
            let all = pieces.map(|piece| into_octets(piece)).chain(once(header));
            let mac = self.direction.wrap_mac();
            gathered(count + 1, all, |all| mac.verify(all, parts.trailer))
                .map_err(|_| MessageError::Integrity)?;
        }
        Ok(UnwrappedPieces {
            sealed,
            sequence: self.window.check(header.sequence_number),
        })
    }

    fn unseal_pieces<'p>(
        &mut self,
        header: Header,
        parts: Parts<'p>,
        count: usize,
        pieces: impl Iterator<Item = Piece<'p>>,
    ) -> Result<(), MessageError> {
        let tag_len = self.direction.tag_len();
        let sealed_len = parts.trailer.len().saturating_sub(tag_len);
        let (sealed, tag) = parts.trailer.split_at_mut(sealed_len);
        let all = once(Piece::Data(parts.confounder))
            .chain(pieces)
            .chain(once(Piece::Data(sealed)));
        let decryptor = self.direction.decryptor();
        gathered(count + 2, all, |all| {
            let opened = decryptor.decrypt_pieces(all, tag);
            let outcome = opened
                .map_err(|_| MessageError::Integrity)
                .and_then(|()| check_inner_header(header, all));
            if outcome.is_err() {
                all.iter_mut().for_each(wipe);
            }
            outcome
        })
    }
}

/// How long the parts of a token are, by its header.
struct Shape {
    confounder: usize,
    trailer: usize,
}

impl Shape {
    fn of(header: Header, direction: &Direction<Decryptor>) -> Result<Self, MessageError> {
        let tag_len = direction.tag_len();
        let extra_count = usize::from(header.extra_count);
        if header.flags.contains(TokenFlags::SEALED) {
            Ok(Self {
                confounder: direction.confounder_len(),
                trailer: extra_count + HEADER_LEN + tag_len,
            })
        } else if extra_count == tag_len {
            Ok(Self {
                confounder: 0,
                trailer: tag_len,
            })
        } else {
            Err(TokenDefect::ExtraCount(header.extra_count).into())
        }
    }
}

/// Whether the last piece ends with the token's header.
fn check_inner_header(header: Header, pieces: &[Piece<'_>]) -> Result<(), MessageError> {
    let last = pieces.last().map(octets).unwrap_or_default();
    let (_, inner) = last.split_last_chunk().ok_or(TokenDefect::InnerHeader)?;
    if header.is_within(inner) {
        Ok(())
    } else {
        Err(TokenDefect::InnerHeader.into())
    }
}

fn sign_only<'p>(parts: &'p [&[u8]]) -> impl Iterator<Item = Piece<'p>> {
    parts.iter().map(|part| Piece::SignOnly(part))
}

fn wipe(piece: &mut Piece<'_>) {
    if let Piece::Data(octets) = piece {
        octets.zeroize();
    }
}
