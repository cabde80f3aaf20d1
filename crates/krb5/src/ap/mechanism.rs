//! Framing of context tokens: which mechanism, which message (RFC 2743 section 3.1, RFC 4121
//! section 4.1).

use alloc::vec::Vec;

use orthros_asn1::gss::InitialContextToken;

use super::error::{ApError, MalformedTokenError};

/// The object identifiers that Kerberos V5 goes by in context tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// 1.2.840.113554.1.2.2 (RFC 4121).
    #[default]
    Krb5,
    /// 1.2.840.48018.1.2.2: the same with a bit lost, as Microsoft has it.
    Microsoft,
    /// 1.3.5.1.5.2: what it was before RFC 1964.
    BeforeRfc1964,
    /// 1.2.840.113554.1.2.2.3: its exchange begins with the wish for the peer's ticket-granting ticket, whose session key the
    /// peer accepts with (draft-swift-win2k-krb-user2user-03).
    UserToUser,
}

impl Mechanism {
    /// All identifiers that an acceptor takes.
    pub const ALL: [Self; 4] = [
        Self::Krb5,
        Self::Microsoft,
        Self::BeforeRfc1964,
        Self::UserToUser,
    ];

    /// The contents octets of the DER encoding.
    #[must_use]
    pub const fn oid(self) -> &'static [u8] {
        match self {
            Self::Krb5 => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02],
            Self::Microsoft => &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02],
            Self::BeforeRfc1964 => &[0x2b, 0x05, 0x01, 0x05, 0x02],
            Self::UserToUser => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03],
        }
    }

    fn from_oid(oid: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|mechanism| mechanism.oid() == oid)
    }
}

/// The `TOK_ID` of a context token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TokenId(pub(super) [u8; 2]);

impl TokenId {
    pub(super) const AP_REQ: Self = Self([1, 0]);
    pub(super) const AP_REP: Self = Self([2, 0]);
    pub(super) const KRB_ERROR: Self = Self([3, 0]);
    pub(super) const KERB_TGT_REQUEST: Self = Self([4, 0]);
    pub(super) const KERB_TGT_REPLY: Self = Self([4, 1]);
}

/// A message in its framing.
pub(super) fn frame(mechanism: Mechanism, token_id: TokenId, message: &[u8]) -> Vec<u8> {
    let inner = [&token_id.0, message].concat();
    InitialContextToken {
        mechanism: mechanism.oid(),
        inner: &inner,
    }
    .encode()
}

/// A context token's mechanism, identifier and message. Nothing may follow the message.
pub(super) fn unframe(token: &[u8]) -> Result<(Mechanism, TokenId, &[u8]), ApError> {
    let framing =
        InitialContextToken::decode(bounded(token)?).map_err(MalformedTokenError::Framing)?;
    let mechanism =
        Mechanism::from_oid(framing.mechanism).ok_or(MalformedTokenError::OtherMechanism)?;
    let (token_id, message) = framing
        .inner
        .split_first_chunk()
        .ok_or(MalformedTokenError::NoTokenId)?;
    Ok((mechanism, TokenId(*token_id), message))
}

/// The token, if it is not too long to be read.
pub(super) fn bounded(token: &[u8]) -> Result<&[u8], MalformedTokenError> {
    if token.len() > LONGEST_TOKEN {
        Err(MalformedTokenError::TooLong(token.len()))
    } else {
        Ok(token)
    }
}

/// Octets of the longest token that is read, 256 KiB. A ticket with a PAC of 64 KiB, which is as much as Windows lets one grow
/// (`MaxTokenSize`), and a delegated credential of 64 KiB, which is as much as RFC 4121 section 4.1.1 can count, are half of it;
/// a KDC of ours takes no longer ticket either. MIT krb5 has no limit. Whoever sends a token has proved nothing yet, and the
/// ticket in it is tried in several keys.
const LONGEST_TOKEN: usize = 256 * 1024;
