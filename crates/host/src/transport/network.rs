//! The transport over the host's own network.

use std::time::Duration;

use orthros_krb5::config::{Config, Server};
use orthros_krb5::{KdcRequest, Transport};

use super::race::Race;
use super::reply;
use super::{KdcAnswer, KdcSelection, KdcTransport, Strategy, Timing, TransportError};

/// UDP and TCP to the `kdc` entries of `[realms]`. Starts no thread; holds its sockets only while it asks.
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
    ) -> Result<KdcAnswer, TransportError> {
        let primary = primary_servers(config, &request.realm)?;
        let servers = match kdcs {
            KdcSelection::Any => servers(config, &request.realm)?,
            KdcSelection::Primary => primary.clone(),
            KdcSelection::Password => password_servers(config, &request.realm)?,
        };
        if servers.is_empty() && kdcs == KdcSelection::Password {
            return Err(TransportError::NoPasswordServer {
                realm: shown(&request.realm),
            });
        }
        if servers.is_empty() {
            return Err(TransportError::NoKdc {
                realm: shown(&request.realm),
            });
        }
        let length = request.message.len();
        if length > LONGEST_REQUEST {
            return Err(TransportError::RequestTooLong { length });
        }
        let strategy = strategy(request, config.udp_preference_limit());
        let timing = Timing {
            total: total(config, &self.timing)?,
            ..self.timing.clone()
        };
        let judge = match kdcs {
            KdcSelection::Password => reply::judge_password_reply,
            KdcSelection::Any | KdcSelection::Primary => reply::judge,
        };
        let race = Race::new(&request.message, strategy, &timing).judged_by(judge);
        match race.run(&servers) {
            Ok(Ok(win)) => Ok(KdcAnswer {
                message: win.reply,
                from_primary: servers
                    .get(win.server)
                    .is_some_and(|server| primary.contains(server)),
            }),
            Ok(Err(attempts)) => Err(TransportError::Unreachable {
                realm: shown(&request.realm),
                attempts,
            }),
            Err(error) => Err(TransportError::Poll {
                realm: shown(&request.realm),
                error,
            }),
        }
    }
}

/// The realm's `kdc` entries in their order.
fn servers(config: &Config, realm: &[u8]) -> Result<Vec<Server>, TransportError> {
    // No line of a configuration has a name that is no UTF-8.
    let servers = str::from_utf8(realm).map_or(Ok(Vec::new()), |realm| config.kdcs(realm))?;
    if servers.is_empty() && config.dns_lookup_kdc() {
        return Err(TransportError::DnsDiscovery {
            realm: shown(realm),
        });
    }
    Ok(servers)
}

/// The realm's `primary_kdc` entries, most often none.
fn primary_servers(config: &Config, realm: &[u8]) -> Result<Vec<Server>, TransportError> {
    let servers =
        str::from_utf8(realm).map_or(Ok(Vec::new()), |realm| config.primary_kdcs(realm))?;
    Ok(servers)
}

/// Who changes passwords in the realm.
fn password_servers(config: &Config, realm: &[u8]) -> Result<Vec<Server>, TransportError> {
    let servers =
        str::from_utf8(realm).map_or(Ok(Vec::new()), |realm| config.kpasswd_servers(realm))?;
    Ok(servers)
}

fn strategy(request: &KdcRequest, udp_preference_limit: usize) -> Strategy {
    match request.transport {
        Transport::Stream => Strategy::NoUdp,
        Transport::Datagram if request.message.len() <= udp_preference_limit => Strategy::UdpFirst,
        Transport::Datagram => Strategy::UdpLast,
    }
}

/// The shorter one of our own limit and the configuration's. A timeout of 0 is none.
fn total(config: &Config, timing: &Timing) -> Result<Option<Duration>, TransportError> {
    let seconds = config
        .request_timeout()?
        .map_or(0, orthros_krb5::Duration::seconds);
    let configured = u64::try_from(seconds)
        .ok()
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs);
    Ok(configured.into_iter().chain(timing.total).min())
}

/// A realm for display. It may be out of a referral, which must not be able to drive a terminal.
fn shown(realm: &[u8]) -> String {
    String::from_utf8_lossy(realm).escape_debug().to_string()
}

/// What a KDC of MIT's reads from a stream at most.
const LONGEST_REQUEST: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use orthros_krb5::config::{Include, Profile, SourceFile};

    fn config(text: &str) -> Config {
        let no_includes = |_: Include<'_>| Err("no includes");
        Config::new(
            Profile::parse(&SourceFile::new("krb5.conf", text.as_bytes()), no_includes).unwrap(),
        )
    }

    fn request(length: usize, transport: Transport) -> KdcRequest {
        KdcRequest {
            realm: b"R".to_vec(),
            message: vec![0; length],
            transport,
        }
    }

    fn refused(text: &str, request: &KdcRequest) -> String {
        NetworkTransport::default()
            .exchange(&config(text), request, KdcSelection::Any)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_length_and_the_kdc_decide_on_the_protocol() {
        let limit = config("").udp_preference_limit();
        assert_eq!(
            strategy(&request(1465, Transport::Datagram), limit),
            Strategy::UdpFirst
        );
        assert_eq!(
            strategy(&request(1466, Transport::Datagram), limit),
            Strategy::UdpLast
        );
        assert_eq!(
            strategy(&request(1, Transport::Stream), limit),
            Strategy::NoUdp
        );
        assert_eq!(
            strategy(&request(1, Transport::Datagram), 0),
            Strategy::UdpLast
        );
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

    #[test]
    fn the_shorter_limit_counts() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let timing = |total| Timing {
            total,
            ..Timing::default()
        };
        let text = "[libdefaults]\n request_timeout = 5s\n";
        assert_eq!(total(&config(""), &timing(None)).unwrap(), None);
        assert_eq!(total(&config(text), &timing(None)).unwrap(), seconds(5));
        assert_eq!(
            total(&config(text), &timing(seconds(3))).unwrap(),
            seconds(3)
        );
        assert_eq!(
            total(&config(text), &timing(seconds(9))).unwrap(),
            seconds(5)
        );
    }
}
