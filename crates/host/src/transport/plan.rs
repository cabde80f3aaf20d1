//! What a configuration makes of a request: whom it goes to, by which protocols, and for how long.

use std::io;
use std::time::Duration;

use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, Transport};
use orthros_types::Shown;
use orthros_types::config::{Config, Server};

use super::race::{Race, Win};
use super::reply::{self, Verdict};
use super::{Attempt, Strategy, Timing, TransportError};

/// All that is decided before the first socket.
pub(super) struct Plan<'a> {
    realm: &'a [u8],
    servers: Vec<Server>,
    primary: Vec<Server>,
    /// A race for each, until one is won.
    strategies: &'static [Strategy],
    timing: Timing,
    judge: fn(&[u8]) -> Verdict,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        config: &Config,
        request: &'a KdcRequest,
        kdcs: KdcSelection,
        timing: &Timing,
    ) -> Result<Self, TransportError> {
        let primary = primary_servers(config, &request.realm)?;
        let length = request.message.len();
        let servers = match kdcs {
            KdcSelection::Any => servers(config, &request.realm)?,
            KdcSelection::Primary => primary.clone(),
            KdcSelection::Password => password_servers(config, &request.realm)?,
        };
        if servers.is_empty() {
            let realm = shown(&request.realm);
            return Err(match kdcs {
                KdcSelection::Password => TransportError::NoPasswordServer { realm },
                KdcSelection::Any | KdcSelection::Primary => TransportError::NoKdc { realm },
            });
        }
        if length > LONGEST_REQUEST {
            return Err(TransportError::RequestTooLong { length });
        }
        let (strategies, judge): (_, fn(&[u8]) -> _) = match kdcs {
            KdcSelection::Password => {
                let strategies = password_strategies(request.transport);
                (strategies, reply::judge_password_reply)
            }
            KdcSelection::Any | KdcSelection::Primary => {
                let strategies = strategies(request, config.udp_preference_limit());
                (strategies, reply::judge)
            }
        };
        Ok(Self {
            realm: &request.realm,
            servers,
            primary,
            strategies,
            timing: Timing {
                total: total(config, timing)?,
                ..timing.clone()
            },
            judge,
        })
    }

    /// Has the races run, one after the other on the same clock.
    pub(super) fn exchange(
        &self,
        mut run: impl FnMut(Race<'_>) -> io::Result<Result<Win, Vec<Attempt>>>,
    ) -> Result<KdcReply, TransportError> {
        let realm = || shown(self.realm);
        let mut attempts: Vec<Attempt> = Vec::new();
        for strategy in self.strategies {
            let race = Race::new(&self.servers, *strategy, &self.timing, self.judge);
            match run(race) {
                Ok(Ok(win)) => return Ok(self.answer(win)),
                // Who was passed over is passed over again.
                Ok(Err(lost)) if attempts.is_empty() => attempts = lost,
                Ok(Err(lost)) => {
                    let reached = lost.into_iter().filter(|lost| lost.protocol.is_some());
                    attempts.extend(reached);
                }
                Err(error) => {
                    return Err(TransportError::Poll {
                        realm: realm(),
                        error,
                    });
                }
            }
        }
        Err(TransportError::Unreachable {
            realm: realm(),
            attempts,
        })
    }

    fn answer(&self, win: Win) -> KdcReply {
        let server = self.servers.get(win.server);
        KdcReply {
            message: win.reply,
            from_primary: server.is_some_and(|server| self.primary.contains(server)),
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

/// Short messages go by datagram first, and what has to go by stream goes by nothing else.
fn strategies(request: &KdcRequest, udp_preference_limit: usize) -> &'static [Strategy] {
    match request.transport {
        Transport::Stream => &[Strategy::NoUdp],
        Transport::Datagram if request.message.len() <= udp_preference_limit => {
            &[Strategy::UdpFirst]
        }
        Transport::Datagram => &[Strategy::UdpLast],
    }
}

/// A datagram that is sent again is a replay to who changes passwords: none is sent before all streams have failed, as by MIT.
fn password_strategies(transport: Transport) -> &'static [Strategy] {
    match transport {
        Transport::Stream => &[Strategy::NoUdp],
        Transport::Datagram => &[Strategy::NoUdp, Strategy::OnlyUdp],
    }
}

/// The shorter one of our own limit and the configuration's. A timeout of 0 is none.
fn total(config: &Config, timing: &Timing) -> Result<Option<Duration>, TransportError> {
    let seconds = config
        .request_timeout()?
        .map_or(0, orthros_types::Duration::seconds);
    let configured = u64::try_from(seconds)
        .ok()
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs);
    Ok(configured.into_iter().chain(timing.total).min())
}

/// A realm for display. It may be out of a referral, which must not be able to drive a terminal.
fn shown(realm: &[u8]) -> String {
    Shown::new(realm).to_string()
}

/// What a KDC of MIT's reads from a stream at most.
pub(super) const LONGEST_REQUEST: usize = 1024 * 1024;

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use orthros_types::config::{Include, Profile, SourceFile};

    pub(in crate::transport) fn config(text: &str) -> Config {
        let no_includes = |_: Include<'_>| Err("no includes");
        Config::new(
            Profile::parse(&SourceFile::new("krb5.conf", text.as_bytes()), no_includes).unwrap(),
        )
    }

    pub(in crate::transport) fn request(length: usize, transport: Transport) -> KdcRequest {
        KdcRequest {
            realm: b"R".to_vec(),
            message: vec![0; length],
            transport,
        }
    }

    #[test]
    fn the_length_and_the_kdc_decide_on_the_protocol() {
        let limit = config("").udp_preference_limit();
        assert_eq!(
            strategies(&request(1465, Transport::Datagram), limit),
            &[Strategy::UdpFirst]
        );
        assert_eq!(
            strategies(&request(1466, Transport::Datagram), limit),
            &[Strategy::UdpLast]
        );
        assert_eq!(
            strategies(&request(1, Transport::Stream), limit),
            &[Strategy::NoUdp]
        );
        assert_eq!(
            strategies(&request(1, Transport::Datagram), 0),
            &[Strategy::UdpLast]
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
