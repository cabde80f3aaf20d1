//! The transport over the host's own network.

use orthros_krb5::{KdcReply, KdcRequest, KdcSelection};
use orthros_types::config::Config;

use super::plan::Plan;
use super::sockets::Sockets;
use super::{KdcTransport, Timing, TransportError};

/// UDP and TCP to the `kdc` entries of `[realms]`, in MIT's order and with MIT's patience; a changed password goes by UDP only once
/// TCP has failed everywhere, because a repeated datagram is a replay there. Starts no thread; holds its sockets only while it asks.
#[derive(Clone, Debug, Default)]
pub struct NetworkTransport {
    timing: Timing,
}

impl NetworkTransport {
    /// With a patience of one's own.
    #[must_use]
    pub fn with_timing(timing: Timing) -> Self {
        Self { timing }
    }
}

impl KdcTransport for NetworkTransport {
    fn exchange(
        &self,
        config: &Config,
        request: &KdcRequest,
        kdcs: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        let plan = Plan::new(config, request, kdcs, &self.timing)?;
        let mut sockets = Sockets::new(&request.message);
        plan.exchange(|race| sockets.run(race))
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::LONGEST_REQUEST;
    use super::super::plan::tests::{config, request};
    use super::*;
    use orthros_krb5::Transport;

    fn refused(text: &str, request: &KdcRequest) -> String {
        NetworkTransport::default()
            .exchange(&config(text), request, KdcSelection::Any)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_realm_without_a_kdc_says_where_it_was_looked_for() {
        let request = request(1, Transport::Datagram);
        assert_eq!(
            refused("", &request),
            "cannot find a KDC for realm R: [realms] has no kdc entry for it, and discovery by DNS \
             (dns_lookup_kdc) is not supported"
        );
        assert_eq!(
            refused("[libdefaults]\n dns_lookup_kdc = false\n", &request),
            "cannot find a KDC for realm R: [realms] has no kdc entry for it"
        );
    }

    #[test]
    fn a_realm_without_a_primary_kdc_has_none_to_be_asked_again() {
        let request = request(1, Transport::Datagram);
        let error =
            NetworkTransport::default().exchange(&config(""), &request, KdcSelection::Primary);
        assert!(
            matches!(error, Err(TransportError::NoKdc { .. })),
            "{error:?}"
        );
    }

    #[test]
    fn a_realm_that_no_file_can_name_has_no_kdc() {
        let request = KdcRequest {
            realm: vec![0xff],
            ..request(1, Transport::Datagram)
        };
        let error = NetworkTransport::default()
            .exchange(&config(""), &request, KdcSelection::Any)
            .unwrap_err();
        assert!(
            matches!(error, TransportError::DnsDiscovery { .. }),
            "{error}"
        );
    }

    #[test]
    fn a_realm_from_a_forged_referral_can_not_drive_a_terminal() {
        let request = KdcRequest {
            realm: b"\x1b[2J".to_vec(),
            ..request(1, Transport::Datagram)
        };
        let error = refused("[libdefaults]\n dns_lookup_kdc = false\n", &request);
        assert!(error.contains(r"realm \u{1b}[2J:"), "{error}");
    }

    #[test]
    fn a_bad_entry_is_named_with_its_line() {
        let text = "[realms]\n R = {\n  kdc = kdc:port\n }\n";
        assert_eq!(
            refused(text, &request(1, Transport::Datagram)),
            "krb5.conf:3: kdc = kdc:port: not a server's address"
        );
    }

    #[test]
    fn ways_that_are_not_built_are_named() {
        let text = "[realms]\n R = {\n  kdc = https://kdc.example/KdcProxy\n  kdc = /run/kdc\n }\n";
        assert_eq!(
            refused(text, &request(1, Transport::Datagram)),
            "cannot contact any KDC for realm R: https://kdc.example:443/KdcProxy: KDC proxies are not supported; \
             /run/kdc: local sockets are not supported"
        );
    }

    #[test]
    fn a_request_that_nobody_reads_is_not_sent() {
        let text = "[realms]\n R = {\n  kdc = 127.0.0.1\n }\n";
        let request = request(LONGEST_REQUEST + 1, Transport::Datagram);
        assert_eq!(
            refused(text, &request),
            "a request of 1048577 octets is too long to be sent"
        );
    }
}
