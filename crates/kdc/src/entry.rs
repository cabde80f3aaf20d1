//! Principals as the KDC knows them.

use alloc::vec::Vec;

use orthros_crypto::{Enctype, Key, RandomError, RandomSource, StringToKeyError};
use orthros_types::{Duration, Principal, Timestamp};

use crate::PrincipalFlags;

/// A principal and what the KDC knows of it.
///
/// Times that are `None` set no bound, lives that are `None` leave it to the realm's policy.
#[derive(Clone, Debug)]
pub struct PrincipalEntry {
    /// Its canonical name.
    pub principal: Principal,
    /// Other names that it is found by, RFC 6806.
    pub aliases: Vec<Principal>,
    /// Its keys: of several versions after a change, of several enctypes in each.
    pub keys: Vec<PrincipalKey>,
    /// What it may and must do.
    pub flags: PrincipalFlags,
    /// When it begins to exist.
    pub valid_from: Option<Timestamp>,
    /// When it ceases to exist.
    pub expiry: Option<Timestamp>,
    /// When its password must have been changed.
    pub password_expiry: Option<Timestamp>,
    /// The longest life of its tickets, and of those for it.
    pub max_life: Option<Duration>,
    /// How long its tickets, and those for it, can be renewed at most.
    pub max_renewable_life: Option<Duration>,
    /// The services to which it may pass on its clients (`S4U2Proxy`), by any of their names.
    pub delegation_targets: Vec<Principal>,
    /// The services that may act for users towards this one, by any of their names: resource-based constrained
    /// delegation (MS-SFU's `ServicesAllowedToReceiveForwardedTicketsFrom`). They are of this realm.
    pub delegation_sources: Vec<Principal>,
}

impl PrincipalEntry {
    /// A principal with these keys, without flags or bounds.
    #[must_use]
    pub const fn new(principal: Principal, keys: Vec<PrincipalKey>) -> Self {
        Self {
            principal,
            aliases: Vec::new(),
            keys,
            flags: PrincipalFlags::empty(),
            valid_from: None,
            expiry: None,
            password_expiry: None,
            max_life: None,
            max_renewable_life: None,
            delegation_targets: Vec::new(),
            delegation_sources: Vec::new(),
        }
    }

    /// Replaces all keys by those of a password, of one version more, with the default salt.
    ///
    /// # Errors
    ///
    /// As [`Enctype::string_to_key`]; nothing has changed then.
    pub fn set_password(
        &mut self,
        password: &[u8],
        enctypes: &[Enctype],
    ) -> Result<(), StringToKeyError> {
        let kvno = self.next_kvno();
        let key = |enctype: &Enctype| {
            PrincipalKey::from_password(&self.principal, password, kvno, *enctype)
        };
        self.keys = enctypes.iter().map(key).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Adds random keys of one version more. Those that are there stay, for the tickets that are out.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when `random` fails; nothing has changed then.
    pub fn rotate_keys(
        &mut self,
        enctypes: &[Enctype],
        random: &mut dyn RandomSource,
    ) -> Result<(), RandomError> {
        let kvno = self.next_kvno();
        let key = |enctype: &Enctype| PrincipalKey::random(kvno, *enctype, random);
        let keys: Vec<_> = enctypes.iter().map(key).collect::<Result<_, _>>()?;
        self.keys.extend(keys);
        Ok(())
    }

    fn next_kvno(&self) -> u32 {
        self.current_kvno().unwrap_or_default().saturating_add(1)
    }

    /// Whether its time has not begun.
    pub(crate) fn is_not_yet_valid(&self, now: Timestamp) -> bool {
        self.valid_from.is_some_and(|from| now < from)
    }

    /// Whether its time is over.
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.expiry.is_some_and(|expiry| expiry < now)
    }

    /// Whether it has this name, be it an alias.
    pub(crate) fn is_called(&self, name: &Principal) -> bool {
        self.principal == *name || self.aliases.contains(name)
    }

    /// The version of the keys in use: the highest.
    #[must_use]
    pub fn current_kvno(&self) -> Option<u32> {
        self.keys.iter().map(|key| key.kvno).max()
    }

    /// The keys in use, those of the highest version, in the order in which they stand.
    pub fn current_keys(&self) -> impl Iterator<Item = &PrincipalKey> {
        let current = self.current_kvno();
        let keys = self.keys.iter();
        keys.filter(move |key| Some(key.kvno) == current)
    }

    /// The key of an enctype: of the version, or where that is `None`, the newest.
    #[must_use]
    pub fn key(&self, enctype: Enctype, kvno: Option<u32>) -> Option<&PrincipalKey> {
        self.keys
            .iter()
            .filter(|key| key.key.enctype() == enctype && kvno.is_none_or(|kvno| key.kvno == kvno))
            .max_by_key(|key| key.kvno)
    }
}

/// One key of a principal.
#[derive(Clone, Debug)]
pub struct PrincipalKey {
    /// The version of the key; a change of the password makes a new one.
    pub kvno: u32,
    /// The key. Zeroized on drop.
    pub key: Key,
    /// With what the password was salted; `None` for a key that was not made of a password.
    pub salt: Option<Vec<u8>>,
    /// The parameters of the string-to-key function, where they are not the default.
    pub s2kparams: Option<Vec<u8>>,
}

impl PrincipalKey {
    /// The key of a password, with the default salt of `principal`.
    ///
    /// # Errors
    ///
    /// As [`Enctype::string_to_key`].
    pub fn from_password(
        principal: &Principal,
        password: &[u8],
        kvno: u32,
        enctype: Enctype,
    ) -> Result<Self, StringToKeyError> {
        Self::from_salted_password(password, default_salt(principal), None, kvno, enctype)
    }

    /// The key of a password, with this salt and these parameters.
    ///
    /// # Errors
    ///
    /// As [`Enctype::string_to_key`].
    pub fn from_salted_password(
        password: &[u8],
        salt: Vec<u8>,
        s2kparams: Option<Vec<u8>>,
        kvno: u32,
        enctype: Enctype,
    ) -> Result<Self, StringToKeyError> {
        Ok(Self {
            kvno,
            key: enctype.string_to_key(password, &salt, s2kparams.as_deref())?,
            salt: Some(salt),
            s2kparams,
        })
    }

    /// A random key, which is of no password.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when `random` fails.
    pub fn random(
        kvno: u32,
        enctype: Enctype,
        random: &mut dyn RandomSource,
    ) -> Result<Self, RandomError> {
        Ok(Self {
            kvno,
            key: enctype.random_key(random)?,
            salt: None,
            s2kparams: None,
        })
    }
}

/// The default salt of a password: the realm and the components, one after the other
/// (RFC 4120 section 4).
fn default_salt(principal: &Principal) -> Vec<u8> {
    let components = principal.components().iter();
    let mut salt = principal.realm().to_vec();
    salt.extend(components.flatten());
    salt
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use orthros_testing::random::SeededRandom;

    use super::*;

    const ENCTYPES: [Enctype; 2] = [
        Enctype::AES256_CTS_HMAC_SHA1_96,
        Enctype::AES128_CTS_HMAC_SHA1_96,
    ];

    fn versions(entry: &PrincipalEntry) -> Vec<(u32, Enctype)> {
        let keys = entry.keys.iter();
        keys.map(|key| (key.kvno, key.key.enctype())).collect()
    }

    #[test]
    fn keys_that_are_rotated_leave_the_old_ones_in_place() {
        let random = &mut SeededRandom::new(1);
        let mut entry = PrincipalEntry::new(Principal::new("R", ["s"]), Vec::new());
        entry.rotate_keys(&ENCTYPES, random).unwrap();
        entry.rotate_keys(&[ENCTYPES[1]], random).unwrap();
        let expected = [(1, ENCTYPES[0]), (1, ENCTYPES[1]), (2, ENCTYPES[1])];
        assert_eq!(versions(&entry), expected);
        let current: Vec<_> = entry.current_keys().map(|key| key.kvno).collect();
        assert_eq!(current, [2]);
        let newest = entry.key(ENCTYPES[0], None).unwrap();
        assert_eq!(newest.kvno, 1);
        assert!(entry.key(ENCTYPES[0], Some(2)).is_none());
    }

    #[test]
    fn a_password_replaces_all_keys() {
        let key = PrincipalKey::random(7, ENCTYPES[0], &mut SeededRandom::new(1)).unwrap();
        let mut entry = PrincipalEntry::new(Principal::new("R", ["a", "b"]), vec![key]);
        entry.set_password(b"secret", &[ENCTYPES[1]]).unwrap();
        assert_eq!(versions(&entry), [(8, ENCTYPES[1])]);
        let expected = ENCTYPES[1].string_to_key(b"secret", b"Rab", None).unwrap();
        assert_eq!(entry.keys[0].key, expected);
    }
}
