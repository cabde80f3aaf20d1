//! The 16-byte header of RFC 4121 section 4.2.6, the same for MIC and Wrap tokens.

use crate::MalformedTokenError;
use crate::message::direction::Role;

/// The length of every token header.
pub(super) const HEADER_LEN: usize = 16;

/// Which of the two kinds of tokens a header begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Mic,
    Wrap,
}

impl TokenKind {
    const fn token_id(self) -> [u8; 2] {
        match self {
            Self::Mic => [0x04, 0x04],
            Self::Wrap => [0x05, 0x04],
        }
    }
}

/// The attributes of section 4.2.2 that this mechanism defines. Others are ignored when
/// received, as that section says, and clear when sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TokenFlags(pub(super) u8);

impl TokenFlags {
    pub(super) const SENT_BY_ACCEPTOR: u8 = 1;
    pub(super) const SEALED: u8 = 2;
    pub(super) const ACCEPTOR_SUBKEY: u8 = 4;

    /// Those of an unsealed token of this side, in the acceptor's subkey or another key.
    pub(super) const fn of(sent_by: Role, acceptor_subkey: bool) -> Self {
        let sender = match sent_by {
            Role::Initiator => 0,
            Role::Acceptor => Self::SENT_BY_ACCEPTOR,
        };
        let subkey = if acceptor_subkey {
            Self::ACCEPTOR_SUBKEY
        } else {
            0
        };
        Self(sender | subkey)
    }

    pub(super) const fn contains(self, flag: u8) -> bool {
        self.0 & flag != 0
    }

    /// Those of a sealed token.
    pub(super) const fn sealed(self) -> Self {
        Self(self.0 | Self::SEALED)
    }
}

/// A header's fields. MIC tokens have filler where Wrap tokens have the two counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: TokenKind,
    pub(super) flags: TokenFlags,
    pub(super) extra_count: u16,
    pub(super) right_rotation_count: u16,
    pub(super) sequence_number: u64,
}

impl Header {
    /// A MIC token's header.
    pub(super) const fn mic(flags: TokenFlags, sequence_number: u64) -> Self {
        Self {
            kind: TokenKind::Mic,
            flags,
            extra_count: MIC_FILLER,
            right_rotation_count: MIC_FILLER,
            sequence_number,
        }
    }

    /// A Wrap token's header with both counts zero, which is what a checksum covers.
    pub(super) const fn wrap(flags: TokenFlags, sequence_number: u64) -> Self {
        Self {
            kind: TokenKind::Wrap,
            flags,
            extra_count: 0,
            right_rotation_count: 0,
            sequence_number,
        }
    }

    /// The same header with other counts.
    pub(super) const fn with_counts(self, extra_count: u16, right_rotation_count: u16) -> Self {
        Self {
            extra_count,
            right_rotation_count,
            ..self
        }
    }

    pub(super) const fn is_sealed(self) -> bool {
        self.flags.contains(TokenFlags::SEALED)
    }

    /// The wire form.
    #[rustfmt::skip]
    pub(super) const fn to_bytes(self) -> [u8; HEADER_LEN] {
        let [id0, id1] = self.kind.token_id();
        let [ec0, ec1] = self.extra_count.to_be_bytes();
        let [rrc0, rrc1] = self.right_rotation_count.to_be_bytes();
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.sequence_number.to_be_bytes();
        [
            id0, id1, self.flags.0, FILLER, ec0, ec1, rrc0, rrc1,
            s0, s1, s2, s3, s4, s5, s6, s7,
        ]
    }

    /// Whether these bytes, out of the encryption, are of the same header. Its rotation count may differ: RFC 4121
    /// section 4.2.4 has it zero there.
    pub(super) fn is_within(self, bytes: &[u8; HEADER_LEN]) -> bool {
        Self::parse(self.kind, bytes).is_ok_and(|inner| {
            inner.with_counts(inner.extra_count, 0) == self.with_counts(self.extra_count, 0)
        })
    }

    /// Reads the header of a token that should be of `kind`.
    pub(super) fn parse(
        kind: TokenKind,
        bytes: &[u8; HEADER_LEN],
    ) -> Result<Self, MalformedTokenError> {
        let &[
            id0,
            id1,
            flags,
            filler,
            ec0,
            ec1,
            rrc0,
            rrc1,
            ref sequence_number @ ..,
        ] = bytes;
        let token_id = [id0, id1];
        if token_id != kind.token_id() {
            return Err(MalformedTokenError::MessageTokenId(token_id));
        }
        let header = Self {
            kind,
            flags: TokenFlags(flags),
            extra_count: u16::from_be_bytes([ec0, ec1]),
            right_rotation_count: u16::from_be_bytes([rrc0, rrc1]),
            sequence_number: u64::from_be_bytes(*sequence_number),
        };
        let counts = (header.extra_count, header.right_rotation_count);
        let mic_filler_broken = kind == TokenKind::Mic && counts != (MIC_FILLER, MIC_FILLER);
        if filler != FILLER || mic_filler_broken {
            return Err(MalformedTokenError::Filler);
        }
        Ok(header)
    }
}

const FILLER: u8 = 0xff;
const MIC_FILLER: u16 = 0xffff;
