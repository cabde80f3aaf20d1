//! What a peer can't do, and why.

use crate::Peer;

/// Cases that do not hold with a peer. Each is run all the same, and must fail: who lifts a limit has to take it out
/// of here.
pub const LIMITS: &[Limit] = &[
    heimdal(
        "login::an_account_that_is_locked_gets_no_ticket",
        "answers KDC_ERR_POLICY, as to other things that a principal may not do",
    ),
    heimdal("login::armor_protects_a_login", WRONG_CHALLENGE_KEY),
    heimdal("tickets::armor_protects_a_request", NO_ARMOR),
    heimdal("tickets::a_refusal_comes_under_armor_too", NO_ARMOR),
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
    Limit {
        peer: Peer::Samba,
        case: "rpc::a_request_has_integrity",
        reason: "takes a MIC only in a context without confidentiality, which an initiator of ours always asks for",
    },
];

const NO_CAMELLIA: &str = "7.8 has no Camellia (RFC 6803)";
const NO_ARMOR: &str = "7.8 ignores the armor of a TGS-REQ";
const WRONG_CHALLENGE_KEY: &str = "7.8 seals the KDC's challenge in the client's challenge key; RFC 6113 section 5.4.6 has another for it";

const fn heimdal(case: &'static str, reason: &'static str) -> Limit {
    Limit {
        peer: Peer::Heimdal,
        case,
        reason,
    }
}

/// A case that does not hold with a peer.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Whose KDC.
    pub peer: Peer,
    /// The name of the case.
    pub case: &'static str,
    /// Why.
    pub reason: &'static str,
}

impl Limit {
    /// The limit of a peer in a case.
    #[must_use]
    pub fn find(peer: Peer, case: &str) -> Option<&'static Self> {
        LIMITS
            .iter()
            .find(|limit| limit.peer == peer && limit.case == case)
    }
}
