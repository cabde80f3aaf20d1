//! What an AS exchange gives.

use alloc::string::ToString;
use alloc::vec::Vec;

use orthros_asn1::{EncKdcRepPart, LastReqType, PaDataType};

use crate::wire;
use orthros_types::{Credential, Duration, Timestamp};

/// An initial ticket and what the KDC said along with it.
#[derive(Clone, Debug)]
pub struct InitialTicket {
    /// The ticket, its session key and times. Its client is the one that the KDC named.
    pub credential: Credential,
    /// The KDC's clock less this machine's, in whole seconds, by the authenticated authtime;
    /// zero where `kdc_timesync` is off.
    pub kdc_offset: Duration,
    /// The mechanism that the client preauthenticated with, if the KDC wanted that.
    pub preauth: Option<PaDataType>,
    /// Whether the KDC proved that it understands FAST (RFC 6113).
    pub fast_available: bool,
    /// When password and account expire.
    pub expiry: PasswordExpiry,
}

/// When the client has to do something about its password or account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PasswordExpiry {
    /// The password is good until then.
    pub password: Option<Timestamp>,
    /// The account is good until then.
    pub account: Option<Timestamp>,
    /// Whether the KDC means the user to be told (last-req); else `password` is the key's
    /// expiration, of which MIT warns in its last week.
    pub is_announced: bool,
}

impl InitialTicket {
    /// The configuration entries that MIT puts before the ticket into a credential cache.
    #[must_use]
    pub fn cache_configuration(&self) -> Vec<Credential> {
        let Credential { client, server, .. } = &self.credential;
        let entry =
            |key, value: Vec<u8>| Credential::config(client.clone(), key, Some(server), value);
        let fast = self
            .fast_available
            .then(|| entry("fast_avail", b"yes".to_vec()));
        let preauth = self
            .preauth
            .map(|preauth| entry("pa_type", preauth.0.to_string().into_bytes()));
        fast.into_iter().chain(preauth).collect()
    }
}

impl PasswordExpiry {
    /// Reads last-req (RFC 4120 section 5.4.2), or the ambiguous key-expiration where it says nothing.
    pub(super) fn new(part: &EncKdcRepPart) -> Self {
        let mut expiry = Self::default();
        for entry in &part.last_req {
            let value = Some(wire::timestamp(entry.lr_value));
            // Negative numbers are about the one server that answers, which comes to the same.
            match LastReqType(entry.lr_type.0.saturating_abs()) {
                LastReqType::PW_EXPTIME => expiry.password = value,
                LastReqType::ACCT_EXPTIME => expiry.account = value,
                _ => continue,
            }
            expiry.is_announced = true;
        }
        if !expiry.is_announced {
            expiry.password = part.key_expiration.map(wire::timestamp);
        }
        expiry
    }
}
