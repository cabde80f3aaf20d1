//! What a caller wants of a service ticket.

use alloc::vec::Vec;

use orthros_asn1::{AuthorizationDataEntry, KdcOptions};
use orthros_crypto::Enctype;

use crate::exchange::FastUse;
use crate::observe::Observer;
use orthros_types::config::DEFAULT_ENCTYPES;
use orthros_types::{Duration, Timestamp};

/// What to ask a KDC for. [`TgsRequestOptions::default`] has MIT's defaults.
#[derive(Clone, Debug)]
pub struct TgsRequestOptions {
    /// KDC options in addition to those that follow from the flags of the header ticket.
    pub kdc_options: KdcOptions,
    /// Whether the KDC may answer with a referral (RFC 6806). Without it there is one request, for the exact name.
    pub canonicalize: bool,
    /// Until when the ticket shall be good; None: as long as the header ticket.
    pub end_time: Option<Timestamp>,
    /// Encryption types to accept for the session key, best first.
    pub enctypes: Vec<Enctype>,
    /// Restrictions that the KDC shall put into the ticket (enc-authorization-data), encrypted.
    pub authorization_data: Vec<AuthorizationDataEntry>,
    /// Whether to ask under the armor of the header ticket (RFC 6113); None: not at all.
    pub fast: Option<FastUse>,
    /// Realms whose KDCs are known to answer TGS-REQs under armor
    /// ([`TgsExchange::armoring_realms`](super::TgsExchange::armoring_realms)): they are always asked under armor,
    /// and what comes without is refused.
    pub armoring_realms: Vec<Vec<u8>>,
    /// The realms on the way from the ticket's realm to the service's, in order, where the configuration knows them
    /// ([`Config::capath`](orthros_types::config::Config::capath)). They are asked for where a KDC knows no way of
    /// its own.
    pub realm_path: Vec<Vec<u8>>,
    /// What is told of what happens.
    pub observer: Observer,
    /// By how much the start of the ticket may differ from now.
    pub clock_skew: Duration,
}

impl TgsRequestOptions {
    /// The default, with these encryption types to accept for the session key, best first.
    #[must_use]
    pub fn of_enctypes(enctypes: &[Enctype]) -> Self {
        Self {
            kdc_options: KdcOptions::empty(),
            canonicalize: true,
            end_time: None,
            enctypes: enctypes.to_vec(),
            authorization_data: Vec::new(),
            realm_path: Vec::new(),
            armoring_realms: Vec::new(),
            fast: Some(FastUse::Preferred),
            observer: Observer::NONE,
            clock_skew: Duration::from_seconds(300),
        }
    }
}

impl Default for TgsRequestOptions {
    fn default() -> Self {
        Self::of_enctypes(&DEFAULT_ENCTYPES)
    }
}
