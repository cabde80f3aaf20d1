//! Where the parts of a Wrap token lie.
//!
//! A buffer is split once, and each way to split it is the check that it is long enough: behind it no length is
//! looked at again.

use super::header::HEADER_LEN;
use crate::MalformedTokenError;
use crate::message::error::MessageError;

/// How long the parts of a Wrap token are, in their order: `header | confounder | message | filler | header copy |
/// tag`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) confounder: usize,
    /// Bytes that the extra count counts (RFC 4121 section 4.2.3).
    pub(super) filler: usize,
    /// All of a header in a sealed token, else none.
    pub(super) header_copy: usize,
    pub(super) tag: usize,
}

impl Layout {
    /// Bytes before the message.
    pub(super) const fn before(self) -> usize {
        HEADER_LEN + self.confounder
    }

    /// Bytes behind the message.
    pub(super) const fn behind(self) -> usize {
        self.filler + self.header_copy + self.tag
    }

    /// Bytes around the message.
    pub(super) const fn overhead(self) -> usize {
        self.before() + self.behind()
    }

    /// The error of a caller's buffer that has not even room for what is around the message.
    pub(super) const fn too_short(self, available: usize) -> MessageError {
        MessageError::BufferTooShort {
            needed: self.overhead(),
            available,
        }
    }

    /// What is filled in of a sealed token before it is encrypted; none if it is too short.
    pub(super) fn fields(self, ciphertext: &mut [u8]) -> Option<SealedFields<'_>> {
        let (confounder, plaintext) = ciphertext.split_at_mut_checked(self.confounder)?;
        let (_message, header_copy) = plaintext.split_last_chunk_mut()?;
        Some(SealedFields {
            confounder,
            header_copy,
        })
    }
}

/// The parts of a sealed token's ciphertext that are not the caller's.
pub(super) struct SealedFields<'t> {
    pub(super) confounder: &'t mut [u8],
    pub(super) header_copy: &'t mut [u8; HEADER_LEN],
}

/// `header | message | tag`, a token that is not sealed.
pub(super) struct SignedToken<'t> {
    pub(super) header: &'t mut [u8; HEADER_LEN],
    pub(super) message: &'t mut [u8],
    pub(super) tag: &'t mut [u8],
}

impl<'t> SignedToken<'t> {
    /// None of a buffer that is too short for header and tag.
    pub(super) fn split(buffer: &'t mut [u8], tag_len: usize) -> Option<Self> {
        let (header, payload) = buffer.split_first_chunk_mut()?;
        let SignedPayload { message, tag } = SignedPayload::split(payload, tag_len)?;
        Some(Self {
            header,
            message,
            tag,
        })
    }
}

/// What follows the header of a whole token, as it was before it was rotated.
pub(super) enum Payload<'t> {
    Sealed(SealedPayload<'t>),
    Signed(SignedPayload<'t>),
}

/// `confounder | message | filler | header copy` and the tag.
pub(super) struct SealedPayload<'t> {
    /// At least as long as a confounder and a header.
    pub(super) ciphertext: &'t mut [u8],
    pub(super) tag: &'t mut [u8],
}

/// The message and its tag.
pub(super) struct SignedPayload<'t> {
    pub(super) message: &'t mut [u8],
    pub(super) tag: &'t mut [u8],
}

impl<'t> SealedPayload<'t> {
    /// The tag is behind the ciphertext (RFC 4121 section 4.2.4), wherever the enctype itself has it.
    pub(super) fn split(payload: &'t mut [u8], layout: Layout) -> Option<Self> {
        let ciphertext_len = payload.len().checked_sub(layout.tag)?;
        if ciphertext_len < layout.confounder + layout.header_copy {
            return None;
        }
        let (ciphertext, tag) = payload.split_at_mut(ciphertext_len);
        Some(Self { ciphertext, tag })
    }
}

impl<'t> SignedPayload<'t> {
    fn split(payload: &'t mut [u8], tag_len: usize) -> Option<Self> {
        let message_len = payload.len().checked_sub(tag_len)?;
        let (message, tag) = payload.split_at_mut(message_len);
        Some(Self { message, tag })
    }
}

impl<'t> Payload<'t> {
    /// None of a payload in which not even an empty message fits.
    pub(super) fn split(payload: &'t mut [u8], sealed: bool, layout: Layout) -> Option<Self> {
        if !sealed {
            return SignedPayload::split(payload, layout.tag).map(Self::Signed);
        }
        SealedPayload::split(payload, layout).map(Self::Sealed)
    }
}

/// The parts of a token in several buffers that are not the message, wherever they lie.
pub(super) struct Parts<'b> {
    pub(super) header: &'b mut [u8; HEADER_LEN],
    pub(super) confounder: &'b mut [u8],
    /// Filler and header copy.
    pub(super) sealed: &'b mut [u8],
    pub(super) tag: &'b mut [u8],
}

impl<'b> Parts<'b> {
    /// Splits the buffers of header and trailer. Without the latter the trailer is in the former, before the
    /// confounder.
    pub(super) fn split(
        header: &'b mut [u8],
        trailer: Option<&'b mut [u8]>,
        layout: Layout,
    ) -> Result<Self, WrongLength> {
        let in_header = match trailer {
            Some(_) => 0,
            None => layout.behind(),
        };
        let wrong = WrongLength {
            buffer: "header",
            expected: layout.before() + in_header,
            actual: header.len(),
        };
        if wrong.actual != wrong.expected {
            return Err(wrong);
        }
        let (header, rest) = header.split_first_chunk_mut().ok_or(wrong)?;
        let (rotated, confounder) = rest.split_at_mut(in_header);
        let trailer = trailer.unwrap_or(rotated);
        if trailer.len() != layout.behind() {
            return Err(WrongLength {
                buffer: "trailer",
                expected: layout.behind(),
                actual: trailer.len(),
            });
        }
        let (sealed, tag) = trailer.split_at_mut(layout.filler + layout.header_copy);
        Ok(Self {
            header,
            confounder,
            sealed,
            tag,
        })
    }
}

/// A buffer of a scattered token that is not as long as that part of the token.
#[derive(Clone, Copy)]
pub(super) struct WrongLength {
    buffer: &'static str,
    expected: usize,
    actual: usize,
}

impl WrongLength {
    /// The error of a token that came.
    pub(super) const fn received(self) -> MalformedTokenError {
        let Self {
            buffer,
            expected,
            actual,
        } = self;
        MalformedTokenError::BufferLength {
            buffer,
            expected,
            actual,
        }
    }

    /// The error of a token that is to be made.
    pub(super) const fn given(self) -> MessageError {
        let Self {
            buffer,
            expected,
            actual,
        } = self;
        MessageError::BufferLength {
            buffer,
            expected,
            actual,
        }
    }
}
