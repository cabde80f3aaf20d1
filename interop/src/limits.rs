//! What a peer can't do, and why.

use crate::Peer;

/// Cases that do not hold with a peer. Each is run all the same, and must fail: who lifts a limit has to take it out
/// of here.
pub const LIMITS: &[Limit] = &[
    heimdal(
        "login::an_account_that_is_locked_gets_no_ticket",
        "answers KDC_ERR_POLICY, as to other things that a principal may not do",
    ),
    heimdal_7("login::armor_protects_a_login", WRONG_CHALLENGE_KEY),
    heimdal_7("tickets::armor_protects_a_request", NO_ARMOR),
    heimdal_7("tickets::a_refusal_comes_under_armor_too", NO_ARMOR),
    heimdal(
        "login::a_password_gets_a_ticket_with_a_key_of_camellia256-cts-cmac",
        NO_CAMELLIA,
    ),
    heimdal(
        "login::a_password_gets_a_ticket_with_a_key_of_camellia128-cts-cmac",
        NO_CAMELLIA,
    ),
    heimdal(
        "tickets::a_ticket_in_a_key_of_camellia256-cts-cmac",
        NO_CAMELLIA,
    ),
    heimdal(
        "tickets::a_ticket_in_a_key_of_camellia128-cts-cmac",
        NO_CAMELLIA,
    ),
    heimdal(
        "tickets::a_session_key_of_camellia256-cts-cmac",
        NO_CAMELLIA,
    ),
    heimdal(
        "tickets::a_session_key_of_camellia128-cts-cmac",
        NO_CAMELLIA,
    ),
    heimdal(
        "contexts::krb5_protects_messages_in_camellia256-cts-cmac",
        NO_CAMELLIA,
    ),
    heimdal(
        "contexts::krb5_protects_messages_in_camellia128-cts-cmac",
        NO_CAMELLIA,
    ),
    heimdal(
        "contexts::spnego_protects_messages_in_camellia256-cts-cmac",
        NO_CAMELLIA,
    ),
    heimdal(
        "contexts::spnego_protects_messages_in_camellia128-cts-cmac",
        NO_CAMELLIA,
    ),
];

const NO_CAMELLIA: &str = "7.8 has no Camellia (RFC 6803)";
const NO_ARMOR: &str = "7.8 ignores the armor of a TGS-REQ";
const WRONG_CHALLENGE_KEY: &str = "7.8 seals the KDC's challenge in the client's challenge key; RFC 6113 section 5.4.6 has another for it";

const fn heimdal(case: &'static str, reason: &'static str) -> Limit {
    Limit {
        peer: Peer::Heimdal,
        before: None,
        case,
        reason,
    }
}

/// One that is lifted in what will be version 8, and calls itself 7.99.
const fn heimdal_7(case: &'static str, reason: &'static str) -> Limit {
    Limit {
        before: Some((7, 99)),
        ..heimdal(case, reason)
    }
}

/// A case that does not hold with a peer.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Whose KDC.
    pub peer: Peer,
    /// The version from which it holds, if there is one that does.
    pub before: Option<(u32, u32)>,
    /// The name of the case.
    pub case: &'static str,
    /// Why.
    pub reason: &'static str,
}

impl Limit {
    /// The limit of a peer of a version in a case.
    #[must_use]
    pub fn find(peer: Peer, version: Option<(u32, u32)>, case: &str) -> Option<&'static Self> {
        LIMITS
            .iter()
            .find(|limit| limit.peer == peer && limit.case == case && limit.applies_to(version))
    }

    /// A version that is not known has all limits.
    fn applies_to(&self, version: Option<(u32, u32)>) -> bool {
        match (self.before, version) {
            (Some(before), Some(version)) => version < before,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::major_and_minor;

    #[test]
    fn a_newer_version_has_not_the_limits_of_older_ones() {
        let find = |version| {
            let case = "tickets::armor_protects_a_request";
            Limit::find(Peer::Heimdal, major_and_minor(version), case).is_some()
        };
        assert!(find("7.8.0") && find("unknown"));
        assert!(!find("7.99.1") && !find("8.0"));
        let camellia = "login::a_password_gets_a_ticket_with_a_key_of_camellia256-cts-cmac";
        assert!(Limit::find(Peer::Heimdal, Some((8, 0)), camellia).is_some());
    }
}
