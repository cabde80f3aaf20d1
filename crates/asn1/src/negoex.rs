//! The framing of NEGOEX, which negotiates within SPNEGO: MS-NEGOEX section 2.2.6.
//!
//! It is no ASN.1 but C structures, the least significant octet first. Windows offers it as a mechanism; a peer
//! that does not take it up needs to know no more of its token than where its messages begin and end.

use alloc::vec::Vec;

use crate::{DecodeError, DecodeErrorKind, limits};

/// A message of NEGOEX, MS-NEGOEX section 2.2.6.2. A token is one or more of these.
///
/// ```text
/// struct {
///     ULONG64 Signature;          // "NEGOEXTS"
///     ULONG MessageType;
///     ULONG SequenceNum;
///     ULONG cbHeaderLength;
///     ULONG cbMessageLength;
///     GUID ConversationId;
/// } MESSAGE_HEADER;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NegoexMessage<'a> {
    /// What the message is: 0 and 1 offer (initiator, acceptor), 2 and 3 describe schemes, 4 and 5 are
    /// tokens of a scheme (acceptor, initiator), 6 verifies, 7 alerts. Others survive.
    pub message_type: u32,
    /// Its place in the conversation, counted from 0.
    pub sequence_number: u32,
    /// Which conversation it is of.
    pub conversation_id: [u8; 16],
    /// The rest of the header, whose structure `message_type` says. Its offsets count from the first octet of the
    /// message.
    pub fields: &'a [u8],
    /// What the fields point to.
    pub payload: &'a [u8],
}

impl<'a> NegoexMessage<'a> {
    /// Takes a token apart. Its messages must be all of `octets`, and one at least; at most
    /// [`limits::NEGOEX_MESSAGES`].
    ///
    /// # Errors
    ///
    /// Says what is wrong at which offset of `octets`.
    pub fn decode_all(octets: &'a [u8]) -> Result<Vec<Self>, DecodeError> {
        let mut messages = Vec::new();
        let mut rest = octets;
        while !rest.is_empty() || messages.is_empty() {
            let start = octets.len() - rest.len();
            let limit = limits::NEGOEX_MESSAGES;
            if messages.len() == limit {
                return Err(DecodeError::new(start, DecodeErrorKind::TooMany { limit }));
            }
            let (message, behind) = Self::decode_first(rest)
                .map_err(|(at, kind)| DecodeError::new(start + at, kind))?;
            messages.push(message);
            rest = behind;
        }
        Ok(messages)
    }

    /// The first message, and what is behind it; or the offset of what is wrong.
    fn decode_first(octets: &'a [u8]) -> Result<(Self, &'a [u8]), (usize, DecodeErrorKind)> {
        let truncated = (octets.len(), DecodeErrorKind::Truncated);
        let (signature, rest) = octets.split_first_chunk().ok_or(truncated)?;
        if signature != SIGNATURE {
            return Err((0, DecodeErrorKind::UnexpectedValue));
        }
        let (message_type, rest) = number(rest).ok_or(truncated)?;
        let (sequence_number, rest) = number(rest).ok_or(truncated)?;
        let (header_length, rest) = number(rest).ok_or(truncated)?;
        let (message_length, rest) = number(rest).ok_or(truncated)?;
        let (conversation_id, _) = rest.split_first_chunk().ok_or(truncated)?;

        let beyond = (MESSAGE_LENGTH_AT, DecodeErrorKind::LengthBeyondEnd);
        let message_length = usize::try_from(message_length).map_err(|_| beyond)?;
        let (message, behind) = octets.split_at_checked(message_length).ok_or(beyond)?;
        let beyond = (HEADER_LENGTH_AT, DecodeErrorKind::LengthBeyondEnd);
        let header_length = usize::try_from(header_length).map_err(|_| beyond)?;
        let (header, payload) = message.split_at_checked(header_length).ok_or(beyond)?;
        let fields = header
            .get(HEADER..)
            .ok_or((HEADER_LENGTH_AT, DecodeErrorKind::Truncated))?;
        let message = Self {
            message_type,
            sequence_number,
            conversation_id: *conversation_id,
            fields,
            payload,
        };
        Ok((message, behind))
    }

    /// Appends the message to a token. None, and nothing is appended, where it has 4 GiB or more.
    #[must_use]
    pub fn encode_into(&self, token: &mut Vec<u8>) -> Option<()> {
        let header_length = HEADER.checked_add(self.fields.len())?;
        let message_length = header_length.checked_add(self.payload.len())?;
        let header_length = u32::try_from(header_length).ok()?;
        let message_length = u32::try_from(message_length).ok()?;
        token.extend_from_slice(SIGNATURE);
        for number in [
            self.message_type,
            self.sequence_number,
            header_length,
            message_length,
        ] {
            token.extend_from_slice(&number.to_le_bytes());
        }
        token.extend_from_slice(&self.conversation_id);
        token.extend_from_slice(self.fields);
        token.extend_from_slice(self.payload);
        Some(())
    }
}

fn number(octets: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = octets.split_first_chunk()?;
    Some((u32::from_le_bytes(*number), rest))
}

const SIGNATURE: &[u8; 8] = b"NEGOEXTS";
const HEADER_LENGTH_AT: usize = 16;
const MESSAGE_LENGTH_AT: usize = 20;
/// Octets of the header that every message has.
const HEADER: usize = 40;
