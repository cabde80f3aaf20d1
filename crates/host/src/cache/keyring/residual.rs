//! What stands behind `KEYRING:`, and the keyring that it leads to.

use std::ffi::OsStr;

use nix::unistd::geteuid;

use super::error::KeyringError;
use super::kernel::{Key, KeyType};
use crate::cache::CacheName;
use crate::environment::is_privileged;

/// `anchor:collection:cache`, `anchor:collection`, or a collection of the anchor `legacy` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Residual<'a> {
    anchor: Anchor,
    collection: &'a str,
    cache: Option<&'a str>,
}

/// The keyring that a collection is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    /// That of a user, which outlives sessions for some days.
    Persistent,
    /// That of the user, which all sessions have, and which goes with the last of them.
    User,
    /// That of the session.
    Session,
    /// That of the session, with its first cache in it also outside of the collection.
    Legacy,
    /// That of the process, where it was made before its threads; else of each of them.
    Process,
    /// That of the thread.
    Thread,
}

impl<'a> Residual<'a> {
    /// What a name leads to, which its check has found to be one.
    pub(super) fn of(name: &'a CacheName) -> Result<Self, KeyringError> {
        Self::read(name.residual()).map_err(|_| KeyringError::Name)
    }

    /// What is wrong with it, in words that can follow the name.
    pub(super) fn check(residual: &'a OsStr) -> Result<(), &'static str> {
        Self::read(residual).map(drop)
    }

    fn read(residual: &'a OsStr) -> Result<Self, &'static str> {
        let text = residual.to_str().ok_or("is not UTF-8")?;
        if text.contains('\0') {
            return Err("has a zero octet in it");
        }
        let (anchor, rest) = match text.split_once(':') {
            None => (Anchor::Legacy, text),
            Some((anchor, rest)) => {
                let anchor = ANCHORS.iter().find(|(name, _)| *name == anchor);
                let (_, anchor) = anchor.ok_or(
                    "does not begin with legacy, persistent, process, session, thread or user",
                )?;
                (*anchor, rest)
            }
        };
        let (collection, cache) = match rest.split_once(':') {
            None => (rest, None),
            Some((collection, cache)) => (collection, Some(cache)),
        };
        if cache == Some("") {
            return Err("names no cache behind its last colon");
        }
        let is_user = || collection.is_empty() || collection.parse::<u32>().is_ok();
        if anchor == Anchor::Persistent && !is_user() {
            return Err("has no user number behind persistent");
        }
        Ok(Self {
            anchor,
            collection,
            cache,
        })
    }

    /// The cache, if one is named.
    pub(super) fn cache(&self) -> Option<&'a str> {
        self.cache
    }

    /// The cache that a collection begins with.
    pub(super) fn first_cache(&self) -> &'a str {
        match self.collection {
            "" => FIRST,
            collection => collection,
        }
    }

    /// The residual of a cache in this collection.
    pub(super) fn member(&self, cache: &str) -> String {
        let anchor = ANCHORS.iter().find(|(_, anchor)| *anchor == self.anchor);
        let anchor = anchor.map_or(LEGACY, |(name, _)| name);
        format!("{anchor}:{}:{cache}", self.collection)
    }

    /// Whether programs that know no collections shall find this cache in the session's keyring.
    pub(super) fn is_linked_to_session(&self) -> bool {
        self.anchor == Anchor::Legacy && self.cache == Some(self.collection)
    }

    /// Whether tickets are in keys that programs which know no collections can read.
    pub(super) fn is_legacy(&self) -> bool {
        self.anchor == Anchor::Legacy
    }

    /// The collection's keyring; `None` where there is none.
    pub(super) fn find_collection(&self) -> Result<Option<Key>, KeyringError> {
        let (anchor, holder) = self.anchor()?;
        anchor.search(KeyType::Keyring, &self.keyring_name(), holder)
    }

    /// The collection's keyring, which is made where there is none.
    pub(super) fn make_collection(&self) -> Result<Key, KeyringError> {
        let (anchor, holder) = self.anchor()?;
        let name = self.keyring_name();
        if let Some(found) = anchor.search(KeyType::Keyring, &name, holder)? {
            return Ok(found);
        }
        // First where it can be held, then where it stays.
        let made = holder.unwrap_or(anchor).add_keyring(&name)?;
        if holder.is_some() {
            anchor.link(made)?;
        }
        Ok(made)
    }

    fn keyring_name(&self) -> String {
        match self.anchor {
            Anchor::Persistent => PERSISTENT_COLLECTION.to_owned(),
            _ => format!("{COLLECTION_PREFIX}{}", self.collection),
        }
    }

    /// The keyring to look in, and that which the collection has to be in as well so that this process holds it: only
    /// what a process holds it may read.
    fn anchor(&self) -> Result<(Key, Option<Key>), KeyringError> {
        let (anchor, holder) = match self.anchor {
            Anchor::Persistent => {
                let user = self.collection.parse().unwrap_or(geteuid().as_raw());
                match Key::persistent(user)? {
                    Some(persistent) => return Ok((persistent, Some(Key::PROCESS))),
                    // A kernel without persistent keyrings has one of the user.
                    None => (Key::USER, Some(Key::PROCESS)),
                }
            }
            Anchor::User => (Key::USER, Some(Key::PROCESS)),
            Anchor::Session | Anchor::Legacy => (session(), None),
            Anchor::Process => return Ok((Key::PROCESS, None)),
            Anchor::Thread => return Ok((Key::THREAD, None)),
        };
        self.require_own(anchor)?;
        Ok((anchor, holder))
    }

    /// The keyrings of session and user are those of a program's caller, also where the program has more rights.
    fn require_own(&self, anchor: Key) -> Result<(), KeyringError> {
        if !is_privileged() {
            return Ok(());
        }
        let user = geteuid().as_raw();
        let description = anchor.describe()?;
        match description {
            Some(description) if description.owner != user => Err(KeyringError::OfCaller {
                anchor: if anchor == Key::USER {
                    "user"
                } else {
                    "session"
                },
                owner: description.owner,
                user,
            }),
            _ => Ok(()),
        }
    }
}

/// The session's keyring. Without one of its own that is the one of the user's sessions, and has to be named as that:
/// otherwise some kernels make a new one that nothing else sees.
pub(super) fn session() -> Key {
    let of_user = Key::USER_SESSION.resolve();
    match of_user.is_some() && Key::SESSION.resolve() == of_user {
        true => Key::USER_SESSION,
        false => Key::SESSION,
    }
}

const ANCHORS: [(&str, Anchor); 6] = [
    (LEGACY, Anchor::Legacy),
    ("persistent", Anchor::Persistent),
    ("process", Anchor::Process),
    ("session", Anchor::Session),
    ("thread", Anchor::Thread),
    ("user", Anchor::User),
];
const LEGACY: &str = "legacy";
/// MIT's names for the keyrings of collections.
const COLLECTION_PREFIX: &str = "_krb_";
const PERSISTENT_COLLECTION: &str = "_krb";
/// MIT's name for the first cache of a collection without a name.
const FIRST: &str = "tkt";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_residual() {
        for (residual, expected) in [
            ("x", (Anchor::Legacy, "x", None)),
            ("", (Anchor::Legacy, "", None)),
            ("legacy:x:x", (Anchor::Legacy, "x", Some("x"))),
            ("session:x", (Anchor::Session, "x", None)),
            ("user:", (Anchor::User, "", None)),
            ("persistent:1000", (Anchor::Persistent, "1000", None)),
            ("persistent::tkt", (Anchor::Persistent, "", Some("tkt"))),
            ("thread:a:b:c", (Anchor::Thread, "a", Some("b:c"))),
        ] {
            let read = Residual::read(residual.as_ref()).unwrap();
            assert_eq!((read.anchor, read.collection, read.cache), expected);
        }
    }

    #[test]
    fn residuals_that_lead_nowhere() {
        for (residual, defect) in [
            ("group:x", "does not begin with legacy"),
            (":x", "does not begin with legacy"),
            ("persistent:alice", "no user number"),
            ("persistent:4294967296", "no user number"),
            ("persistent:-1", "no user number"),
            ("session:x:", "names no cache"),
        ] {
            let refused = Residual::read(residual.as_ref()).unwrap_err();
            assert!(refused.contains(defect), "{residual}: {refused}");
        }
    }

    #[test]
    fn a_collection_begins_with_a_cache_of_its_name() {
        for (residual, first) in [
            ("x", "legacy:x:x"),
            ("persistent:1000", "persistent:1000:1000"),
            ("user:", "user::tkt"),
        ] {
            let residual = Residual::read(residual.as_ref()).unwrap();
            assert_eq!(residual.member(residual.first_cache()), first);
        }
    }
}
