//! What a caller wants of an initial ticket, and what it has to show.

use alloc::vec::Vec;

use orthros_asn1::KdcOptions;
use orthros_crypto::spake::Group;
use orthros_crypto::{Enctype, Key, SecretVec};

use crate::exchange::{ExchangeMisuseError, FastArmor};
use crate::observe::Observer;
use orthros_types::config::{DEFAULT_ENCTYPES, DEFAULT_SPAKE_GROUPS};
use orthros_types::{Duration, HostAddress, NameType, Principal, Timestamp};

/// What to ask a KDC for. [`AsRequestOptions::new`] has MIT's defaults.
#[derive(Clone, Debug)]
pub struct AsRequestOptions {
    /// The client. An enterprise name (RFC 6806 section 5) implies that the KDC may rename it.
    pub client: Principal,
    /// For which service; its realm is not used, as it is always the client's. None: `krbtgt/REALM`.
    pub service: Option<Principal>,
    /// How long the ticket shall be good.
    pub lifetime: Duration,
    /// For how long it shall be renewable; never shorter than `lifetime`. None: it need not be.
    pub renewable_lifetime: Option<Duration>,
    /// From when on it shall be good, counted from now: a postdated ticket, which the KDC must validate later.
    pub start_after: Option<Duration>,
    /// May be turned into tickets for other addresses.
    pub forwardable: bool,
    /// May be turned into service tickets for other addresses.
    pub proxiable: bool,
    /// Take a renewable ticket if the KDC would not give one of `lifetime` otherwise.
    pub renewable_ok: bool,
    /// The KDC may rename client and service, and send the client to another realm (RFC 6806).
    pub canonicalize: bool,
    /// Whether the ticket shall have a PAC (PA-PAC-REQUEST, MS-KILE section 2.2.3). None: as the KDC likes it.
    pub request_pac: Option<bool>,
    /// Where the ticket may be used from; empty: anywhere.
    pub addresses: Vec<HostAddress>,
    /// Encryption types to accept, best first.
    pub enctypes: Vec<Enctype>,
    /// Whether to go by the KDC's clock where it differs (`kdc_timesync`).
    pub kdc_timesync: bool,
    /// By how much the clocks may differ where `kdc_timesync` is off.
    pub clock_skew: Duration,
    /// The groups for SPAKE preauthentication (RFC 9588), best first. Without any it is not used.
    pub spake_groups: Vec<Group>,
    /// Whether an encrypted timestamp may be sent. Passwords can be guessed against one that is seen.
    pub encrypted_timestamp: bool,
    /// What is told of what happens.
    pub observer: Observer,
    /// The armor ticket to send all requests under (FAST, RFC 6113), so that passwords can't be guessed.
    pub armor: Option<FastArmor>,
}

/// What the client has to show.
#[derive(Clone, Debug)]
pub enum ClientSecret {
    /// A password.
    Password(SecretVec),
    /// Keys of the newest version from a keytab, of any number of encryption types.
    Keys(Vec<Key>),
    /// A password that is asked for when it turns out to be needed, with [`super::AsStep::NeedPassword`].
    Ask,
}

impl AsRequestOptions {
    /// A ticket-granting ticket for a day, as MIT's library asks for it unless told otherwise.
    #[must_use]
    pub fn new(client: Principal) -> Self {
        Self {
            client,
            service: None,
            lifetime: Duration::from_hours(24),
            renewable_lifetime: None,
            start_after: None,
            forwardable: false,
            proxiable: false,
            renewable_ok: true,
            canonicalize: false,
            request_pac: None,
            addresses: Vec::new(),
            enctypes: DEFAULT_ENCTYPES.to_vec(),
            kdc_timesync: true,
            clock_skew: Duration::from_seconds(300),
            spake_groups: DEFAULT_SPAKE_GROUPS.to_vec(),
            encrypted_timestamp: true,
            observer: Observer::NONE,
            armor: None,
        }
    }

    /// Whether the reply may name another client than was asked for, and a KDC may refer the client to another
    /// realm (RFC 6806).
    #[must_use]
    pub fn may_rename(&self) -> bool {
        self.canonicalize || self.client.name_type() == NameType::ENTERPRISE
    }

    /// Whether the ticket shall start later.
    fn is_postdated(&self) -> bool {
        self.start_after.is_some_and(|after| after > Duration::ZERO)
    }

    /// The kdc-options field.
    pub(super) fn kdc_options(&self) -> KdcOptions {
        let renewable = self.renewable_lifetime.is_some();
        let wanted = [
            (self.forwardable, KdcOptions::FORWARDABLE),
            (self.proxiable, KdcOptions::PROXIABLE),
            (self.is_postdated(), KdcOptions::ALLOW_POSTDATE),
            (self.is_postdated(), KdcOptions::POSTDATED),
            (renewable, KdcOptions::RENEWABLE),
            (self.renewable_ok && !renewable, KdcOptions::RENEWABLE_OK),
            (self.canonicalize, KdcOptions::CANONICALIZE),
        ];
        wanted
            .iter()
            .filter(|(wanted, _)| *wanted)
            .map(|(_, option)| *option)
            .collect()
    }

    /// from, till and rtime, by the KDC's clock.
    pub(super) fn times(
        &self,
        kdc_now: Timestamp,
    ) -> (Option<Timestamp>, Timestamp, Option<Timestamp>) {
        let after = self.start_after.filter(|_| self.is_postdated());
        let from = after.map(|after| kdc_now.saturating_add(after));
        let start = from.unwrap_or(kdc_now);
        let till = start.saturating_add(self.lifetime);
        let renew_till = self
            .renewable_lifetime
            .map(|span| start.saturating_add(span).max(till));
        (from, till, renew_till)
    }

    /// The encryption types to ask for, those that the client has keys of first.
    ///
    /// The others stay behind them: the session key may be of one of them.
    pub(super) fn enctypes_for(
        &self,
        secret: &ClientSecret,
    ) -> Result<Vec<Enctype>, ExchangeMisuseError> {
        if self.enctypes.is_empty() {
            return Err(ExchangeMisuseError::NoEnctypes);
        }
        let ClientSecret::Keys(keys) = secret else {
            return Ok(self.enctypes.clone());
        };
        let has_key = |enctype: &Enctype| keys.iter().any(|key| key.enctype() == *enctype);
        let (with_key, without): (Vec<_>, Vec<_>) =
            self.enctypes.iter().copied().partition(has_key);
        if with_key.is_empty() {
            return Err(ExchangeMisuseError::NoUsableKey);
        }
        Ok([with_key, without].concat())
    }
}
