//! Which code each fuzz target aims at: files and folders, of which [`coverage`](super::coverage) says how much is
//! reached.

/// The paths that a target aims at; none where there is no such target.
pub(super) fn aims_of(target: &str) -> &'static [&'static str] {
    let found = AIMS.iter().find(|(name, _)| *name == target);
    found.map_or(&[], |(_, aims)| aims)
}

const AIMS: &[(&str, &[&str])] = &[
    (
        "acceptor",
        &[
            "crates/krb5/src/ap/acceptor",
            "crates/krb5/src/ap/checksum.rs",
            "crates/krb5/src/ap/delegation.rs",
            "crates/krb5/src/ap/indicators.rs",
            "crates/krb5/src/transited.rs",
        ],
    ),
    ("acceptor_token", &["crates/krb5/src/ap/acceptor"]),
    (
        "as_client",
        &[
            "crates/krb5/src/exchange/as_exchange",
            "crates/krb5/src/preauth",
            "crates/krb5/src/peer_error.rs",
            "crates/krb5/src/exchange/padata.rs",
            "crates/krb5/src/exchange/reply.rs",
        ],
    ),
    (
        "attacked_client",
        &[
            "crates/krb5/src/exchange/fast",
            "crates/krb5/src/exchange/tgs_exchange",
        ],
    ),
    ("auth_to_local", &["crates/types/src/local_name"]),
    ("ccache", &["crates/types/src/ccache"]),
    (
        "dns_reply",
        &["crates/krb5/src/dns", "crates/krb5/src/locate/dns.rs"],
    ),
    (
        "exported_context",
        &[
            "crates/gssapi/src/context/export.rs",
            "crates/krb5/src/ap/export",
        ],
    ),
    (
        "exported_credential",
        &[
            "crates/gssapi/src/credential/export.rs",
            "crates/gssapi/src/credential/export",
        ],
    ),
    ("exported_name", &["crates/gssapi/src/mech_name.rs"]),
    ("gss_token", &["crates/asn1/src/gss.rs"]),
    (
        "initiator_reply",
        &[
            "crates/krb5/src/ap/initiator.rs",
            "crates/krb5/src/ap/ap_rep.rs",
        ],
    ),
    ("iov_token", &["crates/krb5/src/message"]),
    (
        "k5identity",
        &["crates/types/src/identity.rs", "crates/types/src/identity"],
    ),
    ("k5login", &["crates/host/src/environment/local_login.rs"]),
    ("kcm_reply", &["crates/types/src/kcm"]),
    (
        "kdc_request",
        &[
            "crates/kdc/src/kdc.rs",
            "crates/kdc/src/preauth",
            "crates/kdc/src/as_exchange.rs",
            "crates/kdc/src/as_exchange",
        ],
    ),
    (
        "kdc_work",
        &[
            "crates/kdc/src/authorization.rs",
            "crates/kdc/src/enctypes.rs",
            "crates/kdc/src/paths.rs",
            "crates/kdc/src/transited.rs",
        ],
    ),
    (
        "keyring_payload",
        &[
            "crates/types/src/keyring.rs",
            "crates/types/src/ccache/single.rs",
        ],
    ),
    ("keytab", &["crates/types/src/keytab"]),
    ("krb5_conf", &["crates/types/src/config"]),
    ("messages", &["crates/asn1/src"]),
    (
        "mic_token",
        &[
            "crates/krb5/src/message/cfx",
            "crates/krb5/src/message/receiver.rs",
            "crates/krb5/src/sequence.rs",
        ],
    ),
    ("negoex", &["crates/asn1/src/negoex.rs"]),
    (
        "negotiation",
        &[
            "crates/gssapi/src/context/accept.rs",
            "crates/gssapi/src/context/accept",
            "crates/gssapi/src/context/init.rs",
            "crates/gssapi/src/mech/krb5",
            "crates/gssapi/src/mech/spnego",
            "crates/gssapi/src/mech/token.rs",
        ],
    ),
    (
        "negotiation_hints",
        &["crates/gssapi/src/mech/spnego/hints.rs"],
    ),
    ("oid", &["crates/gssapi/src/oid.rs"]),
    ("pac", &["crates/pac/src"]),
    ("password_reply", &["crates/krb5/src/exchange/password"]),
    (
        "password_request",
        &["crates/kdc/src/password.rs", "crates/kdc/src/password"],
    ),
    ("principal", &["crates/types/src/principal"]),
    ("proxy_reply", &["crates/krb5/src/failover/proxy.rs"]),
    ("replay_file", &["crates/types/src/replay_file.rs"]),
    (
        "sealed_kdc_request",
        &[
            "crates/kdc/src/ap_req.rs",
            "crates/kdc/src/as_exchange.rs",
            "crates/kdc/src/as_exchange",
            "crates/kdc/src/authorization.rs",
            "crates/kdc/src/issued_ticket.rs",
            "crates/kdc/src/tgs_exchange.rs",
            "crates/kdc/src/tgs_exchange",
            "crates/kdc/src/times.rs",
        ],
    ),
    (
        "spake",
        &[
            "crates/asn1/src/spake.rs",
            "crates/crypto/src/spake",
            "crates/kdc/src/preauth/spake.rs",
            "crates/krb5/src/preauth/spake.rs",
        ],
    ),
    ("spnego", &["crates/asn1/src/spnego.rs"]),
    (
        "tgs_client",
        &[
            "crates/krb5/src/exchange/reply.rs",
            "crates/krb5/src/exchange/tgs_exchange",
        ],
    ),
    (
        "wrap_token",
        &[
            "crates/krb5/src/message/cfx",
            "crates/krb5/src/message/receiver.rs",
            "crates/krb5/src/message/sender.rs",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::root;
    use crate::fuzz::all_targets;

    #[test]
    fn every_target_aims_at_something_that_is_there() {
        let names: Vec<&str> = AIMS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, all_targets().unwrap());
        for (target, aims) in AIMS {
            assert!(!aims.is_empty(), "{target}");
            for aim in *aims {
                assert!(root().join(aim).exists(), "{target}: {aim}");
            }
        }
    }
}
