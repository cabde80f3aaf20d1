//! The `krb5.conf` of a realm's clients.

use core::fmt::Write as _;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;

use orthros_types::Principal;

/// The relation that names servers, their addresses, and the paths of their sockets.
pub(super) type Servers<'a> = (&'a str, &'a [SocketAddr], &'a [PathBuf]);

/// What a client must know: where the KDC is, which hosts are in the realm, and whether it may use RC4.
pub(super) fn krb5_conf(
    allow_rc4: bool,
    realm: &str,
    servers: &[Servers<'_>],
    services: &[Principal],
) -> String {
    let mut text = String::from("[libdefaults]\n");
    let _ = writeln!(text, "    default_realm = {realm}");
    for option in [
        "dns_lookup_kdc",
        "dns_lookup_realm",
        "dns_canonicalize_hostname",
        "rdns",
    ] {
        let _ = writeln!(text, "    {option} = false");
    }
    if allow_rc4 {
        text.push_str("    allow_rc4 = true\n");
    }
    let _ = writeln!(text, "[realms]\n    {realm} = {{");
    for (relation, addresses, paths) in servers {
        // First, as nothing is nearer.
        for path in *paths {
            let _ = writeln!(text, "        {relation} = {}", path.display());
        }
        for address in *addresses {
            let _ = writeln!(text, "        {relation} = {}", reachable(*address));
        }
    }
    text.push_str("    }\n");
    text.push_str("[domain_realm]\n");
    let mut hosts: Vec<&str> = services.iter().filter_map(host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    for host in hosts {
        let _ = writeln!(text, "    {host} = {realm}");
    }
    text
}

/// Nothing can be sent to the unspecified address; from this host, loopback serves.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// Whether a path can stand behind an equals sign, and be told from a host there.
pub(super) fn is_plain_path(path: &Path) -> bool {
    let is_plain = |text: &str| {
        let ends = [text.chars().next(), text.chars().last()];
        text.starts_with('/') && !text.chars().any(char::is_control) && !ends.contains(&Some(' '))
    };
    path.to_str().is_some_and(is_plain)
}

/// Whether a name can stand before and behind an equals sign.
pub(super) fn is_plain(name: &str) -> bool {
    let plain =
        |character: char| character.is_alphanumeric() || matches!(character, '.' | '-' | '_');
    !name.is_empty() && name.chars().all(plain)
}

/// The host of a service, where that can stand in a configuration.
fn host(service: &Principal) -> Option<&str> {
    let [_, host] = service.components() else {
        return None;
    };
    let host = str::from_utf8(host).ok()?;
    is_plain(host).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_named_once_and_an_address_that_nobody_can_send_to_is_loopback() {
        let services = [
            ["HTTP", "www.example"],
            ["imap", "www.example"],
            ["x", "two words"],
            ["y", "a = b"],
        ];
        let services = services.map(|components| Principal::new("R", components));
        let all = SocketAddr::from(([0, 0, 0, 0], 88));
        let password = "[::]:464".parse().unwrap();
        let another = SocketAddr::from(([10, 0, 0, 1], 88));
        let paths = ["/run/kdc.sock".into()];
        let servers: [Servers<'_>; 2] = [
            ("kdc", &[all, another], &paths),
            ("kpasswd_server", &[password], &[]),
        ];
        let text = krb5_conf(false, "R", &servers, &services);
        assert!(
            text.contains("        kdc = /run/kdc.sock\n        kdc = 127"),
            "{text}"
        );
        assert!(text.contains("        kdc = 127.0.0.1:88\n"), "{text}");
        assert!(text.contains("        kdc = 10.0.0.1:88\n"), "{text}");
        assert!(
            text.contains("        kpasswd_server = [::1]:464\n"),
            "{text}"
        );
        let (_, hosts) = text.split_once("[domain_realm]\n").unwrap();
        assert_eq!(hosts, "    www.example = R\n");
        assert!(!text.contains("allow_rc4"), "{text}");
        let text = krb5_conf(true, "R", &[], &[]);
        assert!(text.contains("    allow_rc4 = true\n"), "{text}");
    }

    #[test]
    fn a_path_can_not_say_more_than_a_path() {
        assert!(is_plain_path(Path::new("/run/a kdc.sock")));
        for path in ["kdc.sock", "", "/run/x\nkdc = evil", "/run/x "] {
            assert!(!is_plain_path(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_realms_name_can_not_say_more_than_a_name() {
        for name in ["EXAMPLE.TEST", "a-b_c", "\u{c4}.TEST"] {
            assert!(is_plain(name), "{name}");
        }
        for name in [
            "",
            "two words",
            "R\nkdc = evil",
            "R = {",
            "a}b",
            "[x]",
            "#",
            "a;b",
        ] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
