//! The frame and the results of RFC 3244.

use alloc::vec::Vec;

use crate::RequestError;
use crate::error::PasswordChangeError;

/// A request in its frame.
pub(super) struct ChangeRequest<'r> {
    pub(super) version: Version,
    pub(super) ap_req: &'r [u8],
    pub(super) krb_priv: &'r [u8],
}

/// What a request has in its KRB-PRIV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// The client's new password, and nothing else.
    Change,
    /// A password and the principal that gets it.
    Set,
}

impl<'r> ChangeRequest<'r> {
    /// Reads length, version, the length of the AP-REQ, that, and the KRB-PRIV.
    pub(super) fn decode(bytes: &'r [u8]) -> Result<Self, RequestError> {
        let framing = || RequestError::Password(PasswordChangeError::Framing);
        let (length, rest) = number(bytes).ok_or_else(framing)?;
        let (version, rest) = number(rest).ok_or_else(framing)?;
        let (ap_req_length, rest) = number(rest).ok_or_else(framing)?;
        if usize::from(length) != bytes.len() {
            return Err(framing());
        }
        let version = match version {
            CHANGE => Version::Change,
            SET => Version::Set,
            version => {
                return Err(RequestError::Password(PasswordChangeError::Version {
                    version,
                }));
            }
        };
        let split = rest.split_at_checked(usize::from(ap_req_length));
        let (ap_req, krb_priv) = split.ok_or_else(framing)?;
        Ok(Self {
            version,
            ap_req,
            krb_priv,
        })
    }
}

/// A reply in its frame; `None` where its length does not fit.
pub(super) fn frame(ap_rep: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let length = HEADER_LEN
        .checked_add(ap_rep.len())?
        .checked_add(body.len())?;
    let mut reply = Vec::with_capacity(length);
    reply.extend(u16::try_from(length).ok()?.to_be_bytes());
    reply.extend(CHANGE.to_be_bytes());
    reply.extend(u16::try_from(ap_rep.len()).ok()?.to_be_bytes());
    reply.extend(ap_rep);
    reply.extend(body);
    Some(reply)
}

/// Whether a reply is to an authenticated client: it has an AP-REP.
pub(crate) fn is_authenticated(reply: &[u8]) -> bool {
    let ap_rep_length = reply.get(4..).and_then(number);
    ap_rep_length.is_some_and(|(length, _)| length != 0)
}

/// The result code and a text for people.
pub(super) fn result(error: Option<&RequestError>) -> Vec<u8> {
    let Some(error) = error else {
        return SUCCESS.to_be_bytes().to_vec();
    };
    let text = error.client_text();
    let mut result = result_code(error).to_be_bytes().to_vec();
    result.extend(text.bytes());
    result
}

/// The result code, RFC 3244 section 2.
const fn result_code(error: &RequestError) -> u16 {
    match error {
        RequestError::Malformed(_) | RequestError::Password(PasswordChangeError::Framing) => {
            MALFORMED
        }
        RequestError::Password(defect) => match defect {
            PasswordChangeError::Version { .. } => BAD_VERSION,
            PasswordChangeError::NotInitial => INITIAL_FLAG_NEEDED,
            PasswordChangeError::NotAllowed
            | PasswordChangeError::KdcsOwn
            | PasswordChangeError::RandomKeys => ACCESS_DENIED,
            PasswordChangeError::TooShort { .. } | PasswordChangeError::InUse => SOFT_ERROR,
            _ => AUTH_ERROR,
        },
        RequestError::Store(_)
        | RequestError::ReplayCache(_)
        | RequestError::Random(_)
        | RequestError::Unwritable(_)
        | RequestError::NoKey { .. }
        | RequestError::StringToKey(_)
        | RequestError::ClientUnknown => HARD_ERROR,
        _ => AUTH_ERROR,
    }
}

fn number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u16::from_be_bytes(*number), rest))
}

const HEADER_LEN: usize = 6;

/// The version of a request to change one's own password, and of every reply.
const CHANGE: u16 = 1;
/// The version of a request to set a password.
const SET: u16 = 0xFF80;

const SUCCESS: u16 = 0;
const MALFORMED: u16 = 1;
const HARD_ERROR: u16 = 2;
const AUTH_ERROR: u16 = 3;
const SOFT_ERROR: u16 = 4;
const ACCESS_DENIED: u16 = 5;
const BAD_VERSION: u16 = 6;
const INITIAL_FLAG_NEEDED: u16 = 7;
