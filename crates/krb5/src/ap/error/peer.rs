//! What a peer says by a KRB-ERROR.

use alloc::string::String;
use core::fmt;

use orthros_asn1::ErrorCode;
use orthros_types::{MinorStatus, Principal, Shown, Timestamp};

/// The KRB-ERROR by which the peer refused the context.
///
/// None of it is authenticated: it can have been written anywhere on the path.
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
