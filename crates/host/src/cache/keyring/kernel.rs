//! The kernel's calls for keys, with what they fail with in words.

use std::io;

use keyutils_raw::{
    KEY_SPEC_PROCESS_KEYRING, KEY_SPEC_SESSION_KEYRING, KEY_SPEC_THREAD_KEYRING,
    KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING, KEY_TYPE_BIG_KEY, KEY_TYPE_KEYRING,
    KEY_TYPE_USER, KeyringSerial,
};
use nix::libc;
use orthros_krb5::crypto::SecretVec;

use super::error::{KeyAction, KeyringError};

/// A key or keyring by its number, or by what it is to this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(KeyringSerial);

/// What a key is, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyType {
    /// Holds other keys.
    Keyring,
    /// Holds up to 32 KiB, which count towards the quota.
    User,
    /// Holds up to 1 MiB, of which little counts; not in every kernel.
    Big,
}

/// What a key is called, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Description {
    pub(super) is_keyring: bool,
    pub(super) owner: u32,
    pub(super) name: String,
}

impl Key {
    pub(super) const PROCESS: Self = Self(KEY_SPEC_PROCESS_KEYRING);
    pub(super) const SESSION: Self = Self(KEY_SPEC_SESSION_KEYRING);
    pub(super) const THREAD: Self = Self(KEY_SPEC_THREAD_KEYRING);
    pub(super) const USER: Self = Self(KEY_SPEC_USER_KEYRING);
    pub(super) const USER_SESSION: Self = Self(KEY_SPEC_USER_SESSION_KEYRING);

    /// The number of one that stands for what it is to this thread; none where there is no such keyring.
    pub(super) fn resolve(self) -> Option<Self> {
        keyutils_raw::keyctl_get_keyring_id(self.0, false)
            .map(Self)
            .ok()
    }

    /// The persistent keyring of a user, which this puts into the process' keyring; `None` where the kernel has none.
    pub(super) fn persistent(user: u32) -> Result<Option<Self>, KeyringError> {
        let found = keyutils_raw::keyctl_get_persistent(user, KEY_SPEC_PROCESS_KEYRING);
        match found.map_err(|errno| errno.0) {
            Ok(key) => Ok(Some(Self(key))),
            Err(libc::EOPNOTSUPP) => Ok(None),
            Err(errno) => Err(failed(KeyAction::Persistent { user }, errno)),
        }
    }

    /// The key of this name in a keyring or those within it; `None` where there is none, or none that is still good.
    /// What is found is put into `holder`, too.
    pub(super) fn search(
        self,
        key_type: KeyType,
        name: &str,
        holder: Option<Self>,
    ) -> Result<Option<Self>, KeyringError> {
        let name = checked(name)?;
        let holder = holder.map(|holder| holder.0);
        let found = keyutils_raw::keyctl_search(self.0, key_type.name(), name, holder);
        match found.map_err(|errno| errno.0) {
            Ok(key) => Ok(Some(Self(key))),
            Err(errno) if is_gone(errno) => Ok(None),
            Err(errno) => Err(failed(KeyAction::Search, errno)),
        }
    }

    /// Adds a key to this keyring, or changes the one that has that name.
    pub(super) fn add(
        self,
        key_type: KeyType,
        name: &str,
        payload: &[u8],
    ) -> Result<Self, KeyringError> {
        let name = checked(name)?;
        let added = keyutils_raw::add_key(key_type.name(), name, payload, self.0);
        let length = payload.len();
        let added = added.map_err(|errno| failed(KeyAction::Add { length }, errno.0));
        added.map(Self)
    }

    /// Whether what was added can't be of this type in this kernel.
    pub(super) fn is_unknown_type(error: &KeyringError) -> bool {
        matches!(error.errno(), Some(libc::ENODEV | libc::EINVAL))
    }

    pub(super) fn add_keyring(self, name: &str) -> Result<Self, KeyringError> {
        self.add(KeyType::Keyring, name, &[])
    }

    /// Puts a key into this keyring, in the place of one of that type and name.
    pub(super) fn link(self, key: Self) -> Result<(), KeyringError> {
        let linked = keyutils_raw::keyctl_link(key.0, self.0);
        linked.map_err(|errno| failed(KeyAction::Link, errno.0))
    }

    /// Takes a key out of this keyring; whether it was there.
    pub(super) fn unlink(self, key: Self) -> Result<bool, KeyringError> {
        let unlinked = keyutils_raw::keyctl_unlink(key.0, self.0);
        match unlinked.map_err(|errno| errno.0) {
            Ok(()) => Ok(true),
            Err(libc::ENOENT) => Ok(false),
            Err(errno) if is_gone(errno) => Ok(false),
            Err(errno) => Err(failed(KeyAction::Unlink, errno)),
        }
    }

    /// Takes all keys out of this keyring.
    pub(super) fn clear(self) -> Result<(), KeyringError> {
        let cleared = keyutils_raw::keyctl_clear(self.0);
        cleared.map_err(|errno| failed(KeyAction::Unlink, errno.0))
    }

    /// Has the key end in so many seconds.
    pub(super) fn set_timeout(self, seconds: u32) -> Result<(), KeyringError> {
        let set = keyutils_raw::keyctl_set_timeout(self.0, seconds);
        set.map_err(|errno| failed(KeyAction::Timeout, errno.0))
    }

    /// What is in the key; `None` where it is gone, or not for us to be read.
    pub(super) fn read(self) -> Result<Option<SecretVec>, KeyringError> {
        let mut room = FIRST_READ;
        loop {
            let mut buffer = SecretVec::zeroed(room);
            let place: &mut [u8] = &mut buffer;
            let read = keyutils_raw::keyctl_read(self.0, Some(place.into()));
            match read.map_err(|errno| errno.0) {
                Ok(length) if length <= room => {
                    let read = buffer.get(..length).unwrap_or_default();
                    return Ok(Some(read.to_vec().into()));
                }
                Ok(length) if length > LARGEST => {
                    return Err(KeyringError::TooLong { length });
                }
                // It may have grown since.
                Ok(length) => room = length,
                Err(errno) if is_gone(errno) || errno == libc::EACCES => return Ok(None),
                Err(errno) => return Err(failed(KeyAction::Read, errno)),
            }
        }
    }

    /// The keys in this keyring; `None` where it is gone, or not for us to be read.
    pub(super) fn members(self) -> Result<Option<Vec<Self>>, KeyringError> {
        let Some(numbers) = self.read()? else {
            return Ok(None);
        };
        let (numbers, _) = numbers.as_chunks();
        if numbers.len() > MOST {
            return Err(KeyringError::TooMany {
                count: numbers.len(),
                most: MOST,
            });
        }
        let numbers = numbers.iter().copied().map(i32::from_ne_bytes);
        Ok(Some(
            numbers.filter_map(KeyringSerial::new).map(Self).collect(),
        ))
    }

    /// What the key is; `None` where it is gone, or not for us to be seen.
    pub(super) fn describe(self) -> Result<Option<Description>, KeyringError> {
        let mut buffer = vec![0; LONGEST_DESCRIPTION];
        let place = buffer.as_mut_slice().into();
        let described = keyutils_raw::keyctl_describe(self.0, Some(place));
        match described.map_err(|errno| errno.0) {
            Ok(length) => {
                let text = buffer.get(..length).unwrap_or(&buffer);
                Ok(Description::parse(text))
            }
            Err(errno) if is_gone(errno) || errno == libc::EACCES => Ok(None),
            Err(errno) => Err(failed(KeyAction::Read, errno)),
        }
    }
}

impl KeyType {
    fn name(self) -> &'static str {
        match self {
            Self::Keyring => KEY_TYPE_KEYRING,
            Self::User => KEY_TYPE_USER,
            Self::Big => KEY_TYPE_BIG_KEY,
        }
    }
}

impl Description {
    /// Reads `type;user;group;permissions;name` and a zero octet. A name may have semicolons in it.
    fn parse(text: &[u8]) -> Option<Self> {
        let text = text.split(|byte| *byte == 0).next()?;
        let text = str::from_utf8(text).ok()?;
        let mut fields = text.splitn(5, ';');
        let (key_type, owner) = (fields.next()?, fields.next()?);
        Some(Self {
            is_keyring: key_type == KEY_TYPE_KEYRING,
            owner: owner.parse().ok()?,
            name: fields.nth(2)?.to_owned(),
        })
    }
}

/// A name that can end in a zero octet for the kernel.
fn checked(name: &str) -> Result<&str, KeyringError> {
    match name.contains('\0') {
        false => Ok(name),
        true => Err(KeyringError::Name),
    }
}

/// Whether there is no such key, or not any more.
fn is_gone(errno: i32) -> bool {
    matches!(errno, libc::ENOKEY | libc::EKEYREVOKED | libc::EKEYEXPIRED)
}

fn failed(action: KeyAction, errno: i32) -> KeyringError {
    KeyringError::of(action, io::Error::from_raw_os_error(errno))
}

/// Enough for most tickets: a key is read in one call then.
const FIRST_READ: usize = 4096;
/// More than any key holds.
const LARGEST: usize = 2 * 1024 * 1024;
/// Of keys in a keyring: far more than a cache has tickets.
const MOST: usize = 10_000;
/// The kernel's limit of a name is 4095 octets.
const LONGEST_DESCRIPTION: usize = 4096 + 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_in_a_keys_name_is_a_part_of_it() {
        let described = Description::parse(b"keyring;1000;100;3f1f0000;a;b\0").unwrap();
        let expected = Description {
            is_keyring: true,
            owner: 1000,
            name: "a;b".to_owned(),
        };
        assert_eq!(described, expected);
        for text in ["", "user;1;2;3", "user;x;2;3;name", "user"] {
            assert_eq!(Description::parse(text.as_bytes()), None, "{text}");
        }
    }
}
