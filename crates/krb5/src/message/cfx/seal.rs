//! Tokens of RFC 4121 going out.

use core::iter::once;

use orthros_crypto::{Encryptor, IovBuffer, RandomSource};

use super::Cfx;
use super::header::Header;
use super::layout::{Parts, SealedPayload, SignedToken, WrongLength};
use crate::message::error::MessageError;
use crate::message::gather::{bytes, gathered, reborrowed};
use crate::message::parts::{Iov, MessageParts};

impl Cfx<Encryptor> {
    /// A MIC token: the header, and the checksum of message and header (section 4.2.6.1).
    pub(in crate::message) fn get_mic(
        &mut self,
        sequence_number: u64,
        message: MessageParts<'_>,
        token: &mut [u8],
    ) -> Result<usize, MessageError> {
        let (needed, available) = (self.mic_len(), token.len());
        let too_short = MessageError::BufferTooShort { needed, available };
        let Some((place, rest)) = token.split_first_chunk_mut() else {
            return Err(too_short);
        };
        let Some((checksum, _)) = rest.split_at_mut_checked(self.tag_len()) else {
            return Err(too_short);
        };
        let header = Header::mic(self.flags, sequence_number).to_bytes();
        let mac = self.mic();
        let tag = match message {
            MessageParts::Whole(message) => mac.sign(&[message, &header]),
            MessageParts::Scattered(parts) => {
                let all = parts.iter().copied().chain(once(&header[..]));
                gathered(parts.len() + 1, all, |all| mac.sign(all))
            }
        };
        *place = header;
        checksum.copy_from_slice(&tag);
        Ok(needed)
    }

    /// A sealed Wrap token in one buffer (section 4.2.4).
    pub(in crate::message) fn seal(
        &mut self,
        sequence_number: u64,
        buffer: &mut [u8],
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        let layout = self.layout(true, 0);
        let too_short = layout.too_short(buffer.len());
        let Some((place, payload)) = buffer.split_first_chunk_mut() else {
            return Err(too_short);
        };
        let SealedPayload { ciphertext, tag } =
            SealedPayload::split(payload, layout).ok_or_else(|| too_short.clone())?;
        let fields = layout.fields(ciphertext).ok_or(too_short)?;
        random.fill(fields.confounder)?;
        let header = Header::wrap(self.flags.sealed(), sequence_number).to_bytes();
        *fields.header_copy = header;
        *place = header;
        let buffers = &mut [IovBuffer::Data(ciphertext)];
        Ok(self.encryptor().encrypt_iov(buffers, tag)?)
    }

    /// A Wrap token in one buffer that is not sealed: the checksum is of the message and of a header without counts.
    pub(in crate::message) fn sign(
        &mut self,
        sequence_number: u64,
        buffer: &mut [u8],
    ) -> Result<(), MessageError> {
        let layout = self.layout(false, 0);
        let too_short = layout.too_short(buffer.len());
        let tag_len = count(layout.tag)?;
        let token = SignedToken::split(buffer, layout.tag).ok_or(too_short)?;
        let header = Header::wrap(self.flags, sequence_number);
        let tag = self.wrap_mac().sign(&[token.message, &header.to_bytes()]);
        token.tag.copy_from_slice(&tag);
        *token.header = header.with_counts(tag_len, 0).to_bytes();
        Ok(())
    }

    /// A sealed Wrap token in several buffers.
    pub(in crate::message) fn seal_iov(
        &mut self,
        sequence_number: u64,
        iov: Iov<'_, '_>,
        random: &mut dyn RandomSource,
    ) -> Result<(), MessageError> {
        let layout = self.layout(true, self.iov_extra_count());
        let rotation = match (&iov.trailer, self.dce_style) {
            (Some(_), _) => 0,
            (None, false) => count(layout.behind())?,
            // Together with the extra count.
            (None, true) => count(layout.header_copy + layout.tag)?,
        };
        let extra_count = count(layout.filler)?;
        let Parts {
            header: place,
            confounder,
            sealed,
            tag,
        } = Parts::split(iov.header, iov.trailer, layout).map_err(WrongLength::given)?;
        random.fill(confounder)?;
        let header = Header::wrap(self.flags.sealed(), sequence_number);
        let header = header.with_counts(extra_count, 0);
        let (filler, header_copy) = sealed.split_at_mut(layout.filler);
        filler.fill(FILLER);
        header_copy.copy_from_slice(&header.to_bytes());
        let count = iov.buffers.len() + 2;
        let all = once(IovBuffer::Data(confounder))
            .chain(iov.buffers.iter_mut().map(reborrowed))
            .chain(once(IovBuffer::Data(sealed)));
        let encryptor = self.encryptor();
        gathered(count, all, |all| encryptor.encrypt_iov(all, tag))?;
        *place = header.with_counts(extra_count, rotation).to_bytes();
        Ok(())
    }

    /// A Wrap token in several buffers that is not sealed.
    pub(in crate::message) fn sign_iov(
        &mut self,
        sequence_number: u64,
        iov: Iov<'_, '_>,
    ) -> Result<(), MessageError> {
        let layout = self.layout(false, 0);
        let tag_len = count(layout.tag)?;
        let rotation = if iov.trailer.is_some() { 0 } else { tag_len };
        let parts = Parts::split(iov.header, iov.trailer, layout).map_err(WrongLength::given)?;
        let header = Header::wrap(self.flags, sequence_number);
        let signed = header.to_bytes();
        let mac = self.wrap_mac();
        let all = iov.buffers.iter().map(bytes).chain(once(&signed[..]));
        let tag = gathered(iov.buffers.len() + 1, all, |all| mac.sign(all));
        parts.tag.copy_from_slice(&tag);
        *parts.header = header.with_counts(tag_len, rotation).to_bytes();
        Ok(())
    }
}

/// A count of a header, of what is around a message: a few dozen bytes with each enctype there is.
fn count(bytes: usize) -> Result<u16, MessageError> {
    u16::try_from(bytes).map_err(|_| MessageError::MessageTooLong(bytes))
}

/// What MIT krb5 fills with. Receivers don't look at it.
const FILLER: u8 = 0xff;
