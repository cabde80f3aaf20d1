//! Tokens of RFC 4121 coming in.

use core::iter::once;

use orthros_crypto::{Decryptor, IovBuffer};
use zeroize::Zeroize as _;

use super::Cfx;
use super::header::{HEADER_LEN, Header, TokenFlags, TokenKind};
use super::layout::{Layout, Parts, Payload, SealedPayload, SignedPayload, WrongLength};
use crate::MalformedTokenError;
use crate::message::error::MessageError;
use crate::message::gather::{gathered, into_bytes, reborrowed};
use crate::message::parts::{Iov, MessageParts, Opened, OpenedIov};

impl Cfx<Decryptor> {
    /// Checks a MIC token (section 4.2.6.1) and gives its sequence number.
    pub(in crate::message) fn verify_mic(
        &mut self,
        message: MessageParts<'_>,
        token: &[u8],
    ) -> Result<u64, MessageError> {
        let too_short = too_short(token.len(), self.mic_len());
        if token.len() < self.mic_len() {
            return Err(too_short);
        }
        let (bytes, checksum) = token.split_first_chunk::<HEADER_LEN>().ok_or(too_short)?;
        let header = Header::parse(TokenKind::Mic, bytes)?;
        self.check_flags(header.flags)?;
        if header.is_sealed() {
            return Err(MalformedTokenError::SealedMic.into());
        }
        let mac = self.mic();
        let verified = match message {
            MessageParts::Whole(message) => mac.verify(&[message, bytes], checksum),
            MessageParts::Scattered(parts) => {
                let all = parts.iter().copied().chain(once(&bytes[..]));
                gathered(parts.len() + 1, all, |all| mac.verify(all, checksum))
            }
        };
        verified.map_err(|_| MessageError::Integrity)?;
        Ok(header.sequence_number)
    }

    /// Opens a whole Wrap token in its own buffer, whatever its counts are.
    pub(in crate::message) fn open<'t>(
        &mut self,
        token: &'t mut [u8],
    ) -> Result<Opened<'t>, MessageError> {
        let (header, payload) = self.unrotate(token)?;
        let message = match payload {
            Payload::Sealed(payload) => self.decrypt(header, payload)?,
            Payload::Signed(payload) => self.verify(header, payload)?,
        };
        Ok(Opened {
            message,
            offset: self.layout(header.is_sealed(), 0).before(),
            sealed: header.is_sealed(),
            sequence_number: header.sequence_number,
        })
    }

    /// Opens a Wrap token in several buffers.
    pub(in crate::message) fn open_iov(
        &mut self,
        iov: Iov<'_, '_>,
    ) -> Result<OpenedIov, MessageError> {
        let too_short = too_short(iov.header.len(), HEADER_LEN);
        let header = self.parse(iov.header.first_chunk().ok_or(too_short)?)?;
        let layout = self.layout_of(header)?;
        let expected = match &iov.trailer {
            Some(_) => 0,
            None => layout.behind(),
        };
        if self.rotation(header) != expected {
            return Err(
                MalformedTokenError::RightRotationCount(header.right_rotation_count).into(),
            );
        }
        let parts = Parts::split(iov.header, iov.trailer, layout).map_err(WrongLength::received)?;
        let (count, buffers) = (iov.buffers.len(), iov.buffers.iter_mut().map(reborrowed));
        self.open_parts(header, parts, count, buffers)?;
        Ok(OpenedIov {
            sealed: header.is_sealed(),
            sequence_number: header.sequence_number,
        })
    }

    /// Opens a whole Wrap token in its own buffer, whatever its counts are, together with what its tag covers before
    /// and behind the message and is not in it.
    pub(in crate::message) fn open_stream<'t>(
        &mut self,
        token: &'t mut [u8],
        before: &[&[u8]],
        behind: &[&[u8]],
    ) -> Result<Opened<'t>, MessageError> {
        // The cipher goes through several buffers, so the payload is split where the extra count says, as if it lay
        // in them.
        let (header, _) = self.unrotate(token)?;
        let layout = self.layout_of(header)?;
        let message_len = token
            .len()
            .checked_sub(layout.overhead())
            .ok_or(MalformedTokenError::ExtraCount(header.extra_count))?;
        let (start, rest) = token.split_at_mut(layout.before());
        let (message, trailer) = rest.split_at_mut(message_len);
        let parts = Parts::split(start, Some(trailer), layout).map_err(WrongLength::received)?;
        let buffers = associated(before)
            .chain(once(IovBuffer::Data(&mut *message)))
            .chain(associated(behind));
        self.open_parts(header, parts, before.len() + 1 + behind.len(), buffers)?;
        Ok(Opened {
            message,
            offset: layout.before(),
            sealed: header.is_sealed(),
            sequence_number: header.sequence_number,
        })
    }

    /// Reads the header of a whole token and undoes the rotation of what follows it, which is long enough for what
    /// must be in it.
    fn unrotate<'t>(&self, token: &'t mut [u8]) -> Result<(Header, Payload<'t>), MessageError> {
        let length = token.len();
        let (bytes, payload) = token
            .split_first_chunk_mut()
            .ok_or(too_short(length, HEADER_LEN + self.tag_len()))?;
        let header = self.parse(bytes)?;
        // An empty payload has no rotation, and is refused below. In place and in linear time.
        if let Some(rotation) = self.rotation(header).checked_rem(payload.len()) {
            payload.rotate_left(rotation);
        }
        let layout = self.layout(header.is_sealed(), 0);
        let payload = Payload::split(payload, header.is_sealed(), layout)
            .ok_or(too_short(length, layout.overhead()))?;
        Ok((header, payload))
    }

    /// The header of a Wrap token of the peer's.
    fn parse(&self, bytes: &[u8; HEADER_LEN]) -> Result<Header, MessageError> {
        let header = Header::parse(TokenKind::Wrap, bytes)?;
        self.check_flags(header.flags)?;
        Ok(header)
    }

    /// Sender and key as this context has them.
    ///
    /// A token in the initiator's subkey is refused once the acceptor has asserted its own:
    /// only that one proves that the token is not from a recording of an earlier session.
    fn check_flags(&self, flags: TokenFlags) -> Result<(), MessageError> {
        let expected = self.flags;
        let differs = |flag| flags.contains(flag) != expected.contains(flag);
        if differs(TokenFlags::SENT_BY_ACCEPTOR) {
            Err(MessageError::Reflected)
        } else if differs(TokenFlags::ACCEPTOR_SUBKEY) {
            Err(MalformedTokenError::AcceptorSubkeyFlag.into())
        } else {
            Ok(())
        }
    }

    /// How long the parts of the token with this header are.
    fn layout_of(&self, header: Header) -> Result<Layout, MalformedTokenError> {
        self.check_extra_count(header)?;
        Ok(self.layout(header.is_sealed(), header.extra_count.into()))
    }

    /// The extra count of a token that is not sealed is the length of its checksum (section 4.2.3).
    fn check_extra_count(&self, header: Header) -> Result<(), MalformedTokenError> {
        if header.is_sealed() || usize::from(header.extra_count) == self.tag_len() {
            Ok(())
        } else {
            Err(MalformedTokenError::ExtraCount(header.extra_count))
        }
    }

    fn decrypt<'t>(
        &mut self,
        header: Header,
        payload: SealedPayload<'t>,
    ) -> Result<&'t mut [u8], MessageError> {
        let SealedPayload { ciphertext, tag } = payload;
        let confounder_len = self.key.enctype().confounder_len();
        let opened = self
            .decryptor()
            .decrypt_iov(&mut [IovBuffer::Data(&mut *ciphertext)], tag);
        let (confounder, plaintext) = ciphertext.split_at_mut(confounder_len);
        let message_len = match opened {
            Ok(()) => message_len(header, plaintext).map_err(MessageError::from),
            Err(_) => Err(MessageError::Integrity),
        };
        match message_len {
            Ok(length) => Ok(plaintext.split_at_mut(length).0),
            Err(error) => {
                for part in [confounder, plaintext, tag] {
                    part.zeroize();
                }
                Err(error)
            }
        }
    }

    fn verify<'t>(
        &mut self,
        header: Header,
        payload: SignedPayload<'t>,
    ) -> Result<&'t mut [u8], MessageError> {
        self.check_extra_count(header)?;
        let SignedPayload { message, tag } = payload;
        let signed = header.with_counts(0, 0).to_bytes();
        self.wrap_mac()
            .verify(&[message, &signed], tag)
            .map_err(|_| MessageError::Integrity)?;
        Ok(message)
    }

    /// Decrypts or verifies `count` buffers with what is around them.
    fn open_parts<'p>(
        &mut self,
        header: Header,
        parts: Parts<'p>,
        count: usize,
        buffers: impl Iterator<Item = IovBuffer<'p>>,
    ) -> Result<(), MessageError> {
        if !header.is_sealed() {
            let signed = header.with_counts(0, 0).to_bytes();
            let all = buffers
                .map(|buffer| into_bytes(buffer))
                .chain(once(&signed[..]));
            let mac = self.wrap_mac();
            return gathered(count + 1, all, |all| mac.verify(all, parts.tag))
                .map_err(|_| MessageError::Integrity);
        }
        let all = once(IovBuffer::Data(parts.confounder))
            .chain(buffers)
            .chain(once(IovBuffer::Data(parts.sealed)));
        let decryptor = self.decryptor();
        gathered(count + 2, all, |all| {
            let opened = match decryptor.decrypt_iov(all, parts.tag) {
                Ok(()) if ends_with(header, all) => Ok(()),
                Ok(()) => Err(MalformedTokenError::InnerHeader.into()),
                Err(_) => Err(MessageError::Integrity),
            };
            if opened.is_err() {
                all.iter_mut().for_each(wipe);
            }
            opened
        })
    }
}

/// The length of the message in a decrypted `message | filler | header`, if that header is the token's.
fn message_len(header: Header, plaintext: &[u8]) -> Result<usize, MalformedTokenError> {
    let (before, bytes) = plaintext
        .split_last_chunk()
        .ok_or(MalformedTokenError::InnerHeader)?;
    if !header.is_within(bytes) {
        return Err(MalformedTokenError::InnerHeader);
    }
    before
        .len()
        .checked_sub(header.extra_count.into())
        .ok_or(MalformedTokenError::ExtraCount(header.extra_count))
}

/// Whether the last buffer ends with the token's header.
fn ends_with(header: Header, buffers: &[IovBuffer<'_>]) -> bool {
    match buffers {
        [.., IovBuffer::Data(sealed)] => sealed
            .last_chunk()
            .is_some_and(|bytes| header.is_within(bytes)),
        _ => false,
    }
}

fn associated<'p>(parts: &'p [&[u8]]) -> impl Iterator<Item = IovBuffer<'p>> {
    parts.iter().map(|part| IovBuffer::AssociatedData(part))
}

fn wipe(buffer: &mut IovBuffer<'_>) {
    match buffer {
        IovBuffer::Data(bytes) => bytes.zeroize(),
        IovBuffer::AssociatedData(_) => {}
    }
}

fn too_short(length: usize, least: usize) -> MessageError {
    MalformedTokenError::MessageTooShort { length, least }.into()
}
