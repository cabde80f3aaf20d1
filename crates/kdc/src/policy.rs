//! What a realm allows.

use alloc::vec::Vec;

use orthros_crypto::Enctype;
use orthros_krb5::Duration;

/// What a realm allows, to every principal.
///
/// It is made by [`RealmPolicy::new`]; its fields are for changing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RealmPolicy {
    /// The realm's name.
    pub realm: Vec<u8>,
    /// The enctypes of session keys and of keys in use. What is not here is treated as unknown.
    pub enctypes: Vec<Enctype>,
    /// How far a client's clock may differ.
    pub clock_skew: Duration,
    /// The longest life of a ticket.
    pub max_life: Duration,
    /// How long a ticket can be renewed at most.
    pub max_renewable_life: Duration,
    /// Octets of the longest reply that goes into a datagram.
    pub datagram_limit: usize,
    /// Octets of the shortest password that may be chosen.
    pub min_password_len: usize,
}

impl RealmPolicy {
    /// The usual policy: all enctypes, five minutes of skew, tickets for a day that can be renewed for a week.
    #[must_use]
    pub fn new(realm: impl Into<Vec<u8>>) -> Self {
        Self {
            realm: realm.into(),
            enctypes: alloc::vec![
                Enctype::AES256_CTS_HMAC_SHA1_96,
                Enctype::AES128_CTS_HMAC_SHA1_96,
                Enctype::AES256_CTS_HMAC_SHA384_192,
                Enctype::AES128_CTS_HMAC_SHA256_128,
            ],
            clock_skew: Duration::from_seconds(300),
            max_life: Duration::from_hours(24),
            max_renewable_life: Duration::from_hours(7 * 24),
            datagram_limit: 4096,
            min_password_len: 1,
        }
    }
}
