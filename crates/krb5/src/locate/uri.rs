//! The URIs of draft-mccallum-kitten-krb-service-discovery: `krb5srv:FLAGS:TRANSPORT:RESIDUAL`.

use orthros_types::config::Server;

use super::KdcServer;
use crate::failover::Protocol;

/// The server that a URI names; nothing where it is no such URI, or of a transport that is not known. The flag `m`
/// means a primary KDC; others are ignored, as the draft has it.
pub(super) fn server(uri: &str, default_port: u16) -> Option<KdcServer> {
    let (scheme, rest) = uri.split_once(':')?;
    let (flags, rest) = rest.split_once(':')?;
    let (transport, residual) = rest.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("krb5srv") {
        return None;
    }
    let server = Server::parse(residual, default_port)?;
    let is = |name: &str| transport.eq_ignore_ascii_case(name);
    let protocols: &[Protocol] = match &server {
        Server::Host(_) if is("udp") => &[Protocol::Udp],
        Server::Host(_) if is("tcp") => &[Protocol::Tcp],
        Server::Https { .. } if is("kkdcp") => Protocol::of(&server),
        // A socket of this host is nothing that DNS can know.
        _ => return None,
    };
    Some(KdcServer {
        server,
        protocols,
        is_primary: flags.contains(['m', 'M']),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    fn shown(uri: &str) -> Option<String> {
        let found = server(uri, 88)?;
        let server = match &found.server {
            Server::Host(address) => format!("{}:{}", address.host, address.port),
            Server::Https { address, path } => {
                format!("https {}:{} {path}", address.host, address.port)
            }
            Server::UnixSocket(path) => path.clone(),
        };
        Some(format!(
            "{server} {:?} {}",
            found.protocols, found.is_primary
        ))
    }

    #[test]
    fn host_transport_and_flags_are_read() {
        assert_eq!(
            shown("krb5srv:m:udp:kdc.example").unwrap(),
            "kdc.example:88 [Udp] true"
        );
        assert_eq!(
            shown("KRB5SRV::TCP:kdc.example:750").unwrap(),
            "kdc.example:750 [Tcp] false"
        );
        assert_eq!(
            shown("krb5srv:xM:tcp:[2001:db8::1]:89").unwrap(),
            "2001:db8::1:89 [Tcp] true"
        );
        let proxy = shown("krb5srv:m:kkdcp:https://proxy.example/KdcProxy").unwrap();
        assert!(
            proxy.starts_with("https proxy.example:443 KdcProxy"),
            "{proxy}"
        );
    }

    #[test]
    fn what_is_no_server_is_passed_over() {
        for uri in [
            "",
            "krb5srv",
            "krb5srv:m",
            "krb5srv:m:udp",
            "krb5srv:m:udp:",
            "http:m:udp:kdc.example",
            "krb5srv:m:sctp:kdc.example",
            "krb5srv:m:udp:https://proxy.example/",
            "krb5srv:m:kkdcp:proxy.example",
            "krb5srv:m:kkdcp:http://proxy.example/",
            "krb5srv:m:udp:/run/kdc",
            "krb5srv:m:tcp:kdc.example:port",
        ] {
            assert_eq!(shown(uri), None, "{uri}");
        }
    }
}
