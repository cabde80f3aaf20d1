//! What stands before the confounder: the framing (RFC 2743 section 3.1), and the fields of RFC 1964 sections 1.2.1
//! and 1.2.2.

use crate::MalformedTokenError;
use crate::ap::Mechanism;

/// Which of the two kinds of tokens this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Mic,
    Wrap,
}

impl TokenKind {
    const fn token_id(self) -> [u8; 2] {
        match self {
            Self::Mic => [0x01, 0x01],
            Self::Wrap => [0x02, 0x01],
        }
    }
}

/// The eight bytes that a checksum covers: token identifier, algorithms and filler.
pub(super) fn head(kind: TokenKind, sealed: bool) -> [u8; HEAD_LEN] {
    let [id0, id1] = kind.token_id();
    let [sign0, sign1] = SIGN_ALG_HMAC_MD5;
    let [seal0, seal1] = if sealed { SEAL_ALG_RC4 } else { SEAL_ALG_NONE };
    [id0, id1, sign0, sign1, seal0, seal1, FILLER, FILLER]
}

/// Reads the eight bytes of a token that should be of `kind`, and gives whether it is sealed.
pub(super) fn parse_head(
    kind: TokenKind,
    bytes: [u8; HEAD_LEN],
) -> Result<bool, MalformedTokenError> {
    let [id0, id1, sign0, sign1, seal0, seal1, filler0, filler1] = bytes;
    if [id0, id1] != kind.token_id() {
        return Err(MalformedTokenError::MessageTokenId([id0, id1]));
    }
    if [sign0, sign1] != SIGN_ALG_HMAC_MD5 {
        return Err(MalformedTokenError::SignatureAlgorithm([sign0, sign1]));
    }
    if [filler0, filler1] != [FILLER; 2] {
        return Err(MalformedTokenError::Filler);
    }
    match ([seal0, seal1], kind) {
        (SEAL_ALG_NONE, _) => Ok(false),
        (SEAL_ALG_RC4, TokenKind::Wrap) => Ok(true),
        (SEAL_ALG_RC4, TokenKind::Mic) => Err(MalformedTokenError::SealedMic),
        (other, _) => Err(MalformedTokenError::SealAlgorithm(other)),
    }
}

/// The parts of every token behind its framing.
pub(super) struct Fields<'t> {
    pub(super) head: &'t mut [u8; HEAD_LEN],
    pub(super) number: &'t mut [u8; 8],
    pub(super) checksum: &'t mut [u8; CHECKSUM_LEN],
}

impl<'t> Fields<'t> {
    pub(super) const LEN: usize = HEAD_LEN + 8 + CHECKSUM_LEN;

    /// The fields at the beginning of `bytes`, and what follows them. None if there are not so many.
    pub(super) fn split(bytes: &'t mut [u8]) -> Option<(Self, &'t mut [u8])> {
        let (head, rest) = bytes.split_first_chunk_mut()?;
        let (number, rest) = rest.split_first_chunk_mut()?;
        let (checksum, rest) = rest.split_first_chunk_mut()?;
        let fields = Self {
            head,
            number,
            checksum,
        };
        Some((fields, rest))
    }
}

/// How long the framing is around so many bytes.
pub(super) fn framing_len(mechanism: Mechanism, counted: usize) -> usize {
    let mechanism_len = 2 + mechanism.oid().len();
    1 + length_len(mechanism_len.saturating_add(counted)) + mechanism_len
}

/// Writes the framing around `counted` bytes to the beginning of `token`, and gives what follows it. None if there is
/// no room for it.
pub(super) fn write_framing(
    token: &mut [u8],
    mechanism: Mechanism,
    counted: usize,
) -> Option<&mut [u8]> {
    let (framing, rest) = token.split_at_mut_checked(framing_len(mechanism, counted))?;
    for (place, byte) in framing.iter_mut().zip(framing_bytes(mechanism, counted)) {
        *place = byte;
    }
    Some(rest)
}

/// How long the framing is of a token whose framing counts to the end of `token_len` bytes, of which `token` has the
/// first.
///
/// There is one framing of DER for each mechanism and length, so it is compared and not read. Peers may go by another
/// identifier of Kerberos in these tokens than in the first one.
pub(super) fn read_framing(token: &[u8], token_len: usize) -> Result<usize, MalformedTokenError> {
    let found = Mechanism::ALL.into_iter().find_map(|mechanism| {
        let counted = counted(mechanism, token_len)?;
        let length = framing_len(mechanism, counted);
        let framing = token.get(..length)?;
        let expected = framing_bytes(mechanism, counted);
        framing.iter().copied().eq(expected).then_some(length)
    });
    found.ok_or(MalformedTokenError::MessageFraming)
}

/// How many bytes a framing counts in a token of this length; none if no token has this length.
fn counted(mechanism: Mechanism, token_len: usize) -> Option<usize> {
    let mechanism_len = 2 + mechanism.oid().len();
    (1..=LONGEST_LENGTH).find_map(|length| {
        let contents = token_len.checked_sub(1 + length)?;
        (length_len(contents) == length).then(|| contents.checked_sub(mechanism_len))?
    })
}

fn framing_bytes(mechanism: Mechanism, counted: usize) -> impl Iterator<Item = u8> {
    let oid = mechanism.oid();
    let contents = counted.saturating_add(2 + oid.len());
    let length = contents.to_be_bytes();
    let long = length_len(contents) - 1;
    // The long form begins with how many bytes follow.
    let form = (long > 0).then(|| 0x80 | low_byte(long));
    let kept = length.len() - long.max(1);
    [APPLICATION_0]
        .into_iter()
        .chain(form)
        .chain(length.into_iter().skip(kept))
        .chain([OBJECT_IDENTIFIER, low_byte(oid.len())])
        .chain(oid.iter().copied())
}

/// How many bytes DER needs for a length.
fn length_len(length: usize) -> usize {
    if length < 0x80 {
        return 1;
    }
    let leading = length
        .to_be_bytes()
        .iter()
        .take_while(|byte| **byte == 0)
        .count();
    1 + size_of::<usize>() - leading
}

/// Of a number that is small by construction.
const fn low_byte(number: usize) -> u8 {
    let [byte, ..] = number.to_le_bytes();
    byte
}

const HEAD_LEN: usize = 8;
/// What a token has of an HMAC-MD5.
pub(super) const CHECKSUM_LEN: usize = 8;

/// The longest length of DER: its form and as many bytes as a `usize` has.
const LONGEST_LENGTH: usize = 1 + size_of::<usize>();
const APPLICATION_0: u8 = 0x60;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// `SGN_ALG` (RFC 4757 section 7.2), the least significant byte first.
const SIGN_ALG_HMAC_MD5: [u8; 2] = [0x11, 0x00];
/// `SEAL_ALG` (section 7.3).
const SEAL_ALG_RC4: [u8; 2] = [0x10, 0x00];
const SEAL_ALG_NONE: [u8; 2] = [0xff, 0xff];
const FILLER: u8 = 0xff;
