//! Framing of context tokens: which mechanism, which message (RFC 2743 section 3.1, RFC 4121
//! section 4.1).

use alloc::vec::Vec;

use orthros_asn1::gss::{self, InitialContextToken};

use super::mechanism::Mechanism;
use crate::MalformedTokenError;

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
    gss::frame(mechanism.oid(), &[&token_id.0, message])
}

/// A context token's mechanism, identifier and message. Nothing may follow the message.
pub(super) fn unframe(token: &[u8]) -> Result<(Mechanism, TokenId, &[u8]), MalformedTokenError> {
    let framing =
        InitialContextToken::decode(bounded(token)?).map_err(MalformedTokenError::Framing)?;
    let mechanism =
        Mechanism::from_oid(framing.mechanism).ok_or(MalformedTokenError::OtherMechanism)?;
    let (token_id, message) = split_token_id(framing.inner)?;
    Ok((mechanism, token_id, message))
}

/// What a mechanism's own token begins with, and the message behind it.
pub(super) fn split_token_id(inner: &[u8]) -> Result<(TokenId, &[u8]), MalformedTokenError> {
    let (token_id, message) = inner
        .split_first_chunk()
        .ok_or(MalformedTokenError::NoTokenId)?;
    Ok((TokenId(*token_id), message))
}

/// The token, if it is not too long to be read.
pub(super) fn bounded(token: &[u8]) -> Result<&[u8], MalformedTokenError> {
    if token.len() > LONGEST_TOKEN {
        Err(MalformedTokenError::TooLong(token.len()))
    } else {
        Ok(token)
    }
}

/// Bytes of the longest token that is read, 256 KiB. A ticket with a PAC of 64 KiB, which is as much as Windows lets
/// one grow (`MaxTokenSize`), and a delegated credential of 64 KiB, which is as much as RFC 4121 section 4.1.1 can
/// count, are half of it; a KDC of ours takes no longer ticket either. MIT krb5 has no limit. The sender of a token
/// has proved nothing yet, and the ticket in it is tried in several keys.
const LONGEST_TOKEN: usize = 256 * 1024;

/// The identifier octets of messages, which tell them apart where there is no framing.
pub(super) mod tag {
    /// `[APPLICATION 14]`.
    pub(in crate::ap) const AP_REQ: u8 = 0x6e;
    /// `[APPLICATION 15]`.
    pub(in crate::ap) const AP_REP: u8 = 0x6f;
    /// `[APPLICATION 30]`.
    pub(in crate::ap) const KRB_ERROR: u8 = 0x7e;
}
