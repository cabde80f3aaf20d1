//! KRB-ERROR as an acceptor sends it instead of an AP-REP (RFC 4120 section 5.9.1).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use orthros_asn1::{ErrorCode, Exactly, KrbError, Message};

use super::error::{ApError, MalformedTokenError};
use super::mechanism::{Mechanism, TokenId, frame};
use super::wire;
use orthros_types::Timestamp;
use orthros_types::{MinorStatus, Principal, Shown};

/// What an acceptor said instead of establishing a context.
///
/// None of it is authenticated: anybody on the path can have written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerError {
    /// Why.
    pub code: ErrorCode,
    /// The acceptor's own words (e-text), with what is no UTF-8 replaced, cut to what is [shown](Shown).
    pub text: Option<String>,
    /// The service that the acceptor speaks of.
    pub server: Principal,
    /// What the acceptor's clock showed. After [`ErrorCode::KRB_AP_ERR_SKEW`] a caller may begin
    /// again once with a clock set by it.
    pub server_time: Timestamp,
}

impl PeerError {
    pub(super) fn decode(message: &[u8]) -> Result<Self, ApError> {
        let message =
            KrbError::decode(message).map_err(MalformedTokenError::syntax("KRB-ERROR"))?;
        Ok(Self {
            code: message.error_code,
            text: message.e_text.map(|text| Shown::new(&*text).text()),
            server: wire::principal(&message.realm, &message.sname),
            server_time: wire::timestamp_with(message.stime, message.susec),
        })
    }

    /// MIT's number for the code.
    #[must_use]
    pub const fn minor_status(&self) -> MinorStatus {
        MinorStatus::from_rfc_code(self.code)
    }
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refuses: {}", self.server, self.minor_status())?;
        match &self.text {
            Some(text) => write!(f, " (\"{}\")", Shown::new(text)),
            None => Ok(()),
        }
    }
}

impl core::error::Error for PeerError {}

/// The token that tells an initiator why it is refused; `None` if `now` can't be written.
///
/// The service is named as the request did, unless that name is too long: whoever sends it would have it sent on.
pub(super) fn error_token(
    mechanism: Mechanism,
    server: &Principal,
    code: ErrorCode,
    now: Timestamp,
) -> Option<Vec<u8>> {
    let nameless = Principal::new("", [""; 0]);
    let server = Some(server).filter(|server| !server.is_too_long_to_show());
    let server = server.unwrap_or(&nameless);
    let message = KrbError {
        pvno: Exactly,
        msg_type: Exactly,
        ctime: None,
        cusec: None,
        stime: wire::kerberos_time(now).ok()?,
        susec: wire::microseconds(now),
        error_code: code,
        crealm: None,
        cname: None,
        realm: wire::realm(server),
        sname: wire::principal_name(server),
        e_text: None,
        e_data: None,
    };
    let message = message.encode().ok()?;
    Some(frame(mechanism, TokenId::KRB_ERROR, &message))
}
