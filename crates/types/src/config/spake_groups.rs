//! `spake_preauth_groups`.

use alloc::vec::Vec;

use orthros_crypto::spake::Group;

use super::Config;

impl Config {
    /// `spake_preauth_groups`: the groups for SPAKE preauthentication (RFC 9588), best first; edwards25519, unless
    /// set. Without any, SPAKE is not used.
    ///
    /// Names that are not known do not count, as in MIT: another version may know them.
    #[must_use]
    pub fn spake_preauth_groups(&self) -> Vec<Group> {
        let Some(value) = self.profile().libdefault(None, "spake_preauth_groups") else {
            return DEFAULT_SPAKE_GROUPS.to_vec();
        };
        let mut groups = Vec::new();
        let names = value.text.split([' ', '\t', '\r', '\n', ',']);
        for group in names.filter_map(Group::from_name) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups
    }
}

/// What `spake_preauth_groups` is unless set, as for MIT's clients.
pub const DEFAULT_SPAKE_GROUPS: [Group; 1] = [Group::Edwards25519];

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::super::{Include, Profile, SourceFile};
    use super::*;

    fn groups(libdefaults: &str) -> Vec<Group> {
        let text = format!("[libdefaults]\n{libdefaults}\n");
        let file = SourceFile::new("krb5.conf", text.as_bytes());
        let no_includes = |_: Include<'_>| Err("no includes");
        let profile = Profile::parse(&file, no_includes).unwrap();
        Config::new(profile).spake_preauth_groups()
    }

    #[test]
    fn the_groups_are_those_that_are_named_and_known_each_once() {
        assert_eq!(groups(""), DEFAULT_SPAKE_GROUPS);
        let all = "spake_preauth_groups = p-256, Edwards25519 P-192\tP-256,P-521 P-384";
        let expected = [Group::P256, Group::Edwards25519, Group::P521, Group::P384];
        assert_eq!(groups(all), expected);
        assert_eq!(groups("spake_preauth_groups = none"), []);
    }
}
