//! What a realm allows.

use alloc::vec::Vec;

use orthros_crypto::Enctype;
use orthros_crypto::spake::Group;
use orthros_types::Duration;

/// What a realm allows, to every principal.
///
/// It is made by [`RealmPolicy::new`]; its fields are for changing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RealmPolicy {
    /// The realm's name.
    pub realm: Vec<u8>,
    /// The enctypes of session keys and of keys in use. What is not here is treated as unknown. RC4 is not, unless it
    /// is put here, and then serves where there is no other.
    pub enctypes: Vec<Enctype>,
    /// The groups for SPAKE preauthentication (RFC 9588). Without any it is not offered.
    pub spake_groups: Vec<Group>,
    /// The group in which clients are challenged before they have said which ones they have: this saves those that
    /// have it a round. It counts if it is one of [`spake_groups`](Self::spake_groups).
    pub spake_challenge: Option<Group>,
    /// How far a client's clock may differ.
    pub clock_skew: Duration,
    /// The longest life of a ticket.
    pub max_life: Duration,
    /// How long a ticket can be renewed at most.
    pub max_renewable_life: Duration,
    /// The ways to and from other realms that are not those of the hierarchy of names.
    pub paths: Vec<RealmPath>,
    /// Whether a client gets no ticket here whose path was not checked, or is not accepted. If it gets one, that
    /// lacks the transited-policy-checked flag.
    pub rejects_unchecked_paths: bool,
    /// In which realms hosts are whose services this realm does not know. Clients that ask for these are referred
    /// there.
    pub host_realms: Vec<HostRealm>,
    /// Bytes of the longest reply that goes into a datagram.
    pub datagram_limit: usize,
    /// Bytes of the shortest password that may be chosen.
    pub min_password_len: usize,
    /// How long a password that was chosen is good for; `None` for ever.
    pub max_password_life: Option<Duration>,
}

impl RealmPolicy {
    /// The usual policy: all enctypes but arcfour-hmac, SPAKE in the group edwards25519, five minutes of skew, tickets
    /// for a day that can be renewed for a week.
    #[must_use]
    pub fn new(realm: impl Into<Vec<u8>>) -> Self {
        Self {
            realm: realm.into(),
            enctypes: alloc::vec![
                Enctype::AES256_CTS_HMAC_SHA1_96,
                Enctype::AES128_CTS_HMAC_SHA1_96,
                Enctype::AES256_CTS_HMAC_SHA384_192,
                Enctype::AES128_CTS_HMAC_SHA256_128,
                Enctype::CAMELLIA256_CTS_CMAC,
                Enctype::CAMELLIA128_CTS_CMAC,
            ],
            spake_groups: alloc::vec![Group::Edwards25519],
            spake_challenge: None,
            clock_skew: Duration::from_seconds(300),
            max_life: Duration::from_hours(24),
            max_renewable_life: Duration::from_hours(7 * 24),
            paths: Vec::new(),
            rejects_unchecked_paths: true,
            host_realms: Vec::new(),
            datagram_limit: 4096,
            min_password_len: 1,
            max_password_life: None,
        }
    }

    /// The realm of a host, by the most specific of [`host_realms`](Self::host_realms).
    #[must_use]
    pub fn realm_of_host(&self, host: &[u8]) -> Option<&[u8]> {
        let fits = self.host_realms.iter().filter(|known| known.covers(host));
        let nearest = fits.max_by_key(|known| known.domain.len())?;
        Some(&nearest.realm)
    }
}

/// A way from one realm to another, RFC 4120 section 1.2: as `[capaths]` has it, for both directions one each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RealmPath {
    /// Where clients come from.
    pub client_realm: Vec<u8>,
    /// Where they go.
    pub service_realm: Vec<u8>,
    /// Through which realms, in this order; none where both know each other.
    pub through: Vec<Vec<u8>>,
}

/// In which realm hosts are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostRealm {
    /// A host, or all of a domain if it begins with a period. In either case of letters.
    pub domain: Vec<u8>,
    /// Their realm.
    pub realm: Vec<u8>,
}

impl HostRealm {
    fn covers(&self, host: &[u8]) -> bool {
        let is_domain = self.domain.first() == Some(&b'.');
        let end = if is_domain {
            host.len().checked_sub(self.domain.len())
        } else {
            Some(0)
        };
        let end = end.and_then(|start| host.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(&self.domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_rule_says_where_a_host_is() {
        let mut policy = RealmPolicy::new("X");
        for (domain, realm) in [
            (".example", "WIDE"),
            (".sub.example", "NARROW"),
            ("one.sub.example", "ONE"),
        ] {
            policy.host_realms.push(HostRealm {
                domain: domain.into(),
                realm: realm.into(),
            });
        }
        for (host, realm) in [
            ("a.example", Some("WIDE")),
            ("A.Sub.Example", Some("NARROW")),
            ("one.sub.example", Some("ONE")),
            ("example", None),
            ("aexample", None),
        ] {
            let found = policy.realm_of_host(host.as_bytes());
            assert_eq!(found, realm.map(str::as_bytes), "{host}");
        }
    }
}
