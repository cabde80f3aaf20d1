//! Messages in several buffers, with associated data, and DCE style.
//!
//! A Wrap token is `header | data | trailer`. In memory each may lie elsewhere, the data may be several pieces, and between them
//! may be octets that are signed where they stand but are no part of the token. Where there is no trailer buffer, the
//! trailer stands in the header's buffer, between the 16 octets that RFC 4121 calls header and the confounder: that is a
//! token rotated by the trailer's length, so that only the data has to be sent elsewhere. DCE RPC needs this.
//!
//! In DCE style (\[MS-KILE\] section 3.4.5.4.1) a sealed token has an extra count of one cipher block, and is rotated by
//! extra count and right rotation count together, as Windows has it. Unsealed ones are as ever.

mod gather;
mod unwrap;
mod wrap;

pub use unwrap::UnwrappedPieces;

use orthros_crypto::Piece;

use super::header::{HEADER_LEN, Header, TokenFlags};
use super::{BufferLength, Direction};

/// The buffers of one Wrap token.
///
/// The lengths of header and trailer are those of [`Sender::iov_lengths`](super::Sender::iov_lengths).
#[derive(Debug)]
pub struct Iov<'b, 'p> {
    /// What comes before the data.
    pub header: &'b mut [u8],
    /// The message, of which the data pieces are sealed in place, and what is signed with it where it stands.
    pub pieces: &'b mut [Piece<'p>],
    /// What comes behind the data. Without this buffer, it is in the header.
    pub trailer: Option<&'b mut [u8]>,
}

/// How many octets of a Wrap token there are beside its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IovLengths {
    /// Those before the data.
    pub header: usize,
    /// Those that make the data a number of blocks: none, as the ciphers of RFC 4121 don't need them.
    pub padding: usize,
    /// Those behind the data; 0 without a trailer buffer.
    pub trailer: usize,
}

impl<C> Direction<C> {
    pub(super) fn iov_lengths(&self, confidential: bool, with_trailer: bool) -> IovLengths {
        let header = if confidential {
            HEADER_LEN + self.confounder_len()
        } else {
            HEADER_LEN
        };
        let trailer = if confidential {
            self.extra_count() + HEADER_LEN + self.tag_len()
        } else {
            self.tag_len()
        };
        let (header, trailer) = if with_trailer {
            (header, trailer)
        } else {
            (header + trailer, 0)
        };
        IovLengths {
            header,
            padding: 0,
            trailer,
        }
    }

    /// By how much the payload of a whole token is rotated.
    pub(super) fn rotation(&self, header: Header) -> usize {
        let rotation = usize::from(header.right_rotation_count);
        if self.dce_style && header.flags.contains(TokenFlags::SEALED) && rotation != 0 {
            rotation + usize::from(header.extra_count)
        } else {
            rotation
        }
    }

    /// The extra count of sealed scattered tokens: one cipher block in DCE style, as MIT krb5 and Windows have it. A
    /// confounder is one block.
    fn extra_count(&self) -> usize {
        if self.dce_style {
            self.confounder_len()
        } else {
            0
        }
    }
}

/// The parts of a token that are not data, wherever they lie.
struct Parts<'b> {
    header: &'b mut [u8; HEADER_LEN],
    confounder: &'b mut [u8],
    trailer: &'b mut [u8],
}

impl<'b> Parts<'b> {
    fn split(
        header: &'b mut [u8],
        trailer: Option<&'b mut [u8]>,
        confounder_len: usize,
        trailer_len: usize,
    ) -> Result<Self, BufferLength> {
        let in_header = if trailer.is_some() { 0 } else { trailer_len };
        let wrong = BufferLength {
            buffer: "header",
            expected: HEADER_LEN + in_header + confounder_len,
            actual: header.len(),
        };
        if wrong.actual != wrong.expected {
            return Err(wrong);
        }
        let (header, rest) = header.split_first_chunk_mut().ok_or(wrong)?;
        let (rotated, confounder) = rest.split_at_mut(in_header);
        let trailer = trailer.unwrap_or(rotated);
        if trailer.len() != trailer_len {
            return Err(BufferLength {
                buffer: "trailer",
                expected: trailer_len,
                actual: trailer.len(),
            });
        }
        Ok(Self {
            header,
            confounder,
            trailer,
        })
    }
}

#[cfg(test)]
mod tests;
