//! Networks in virtual time: what each KDC does with a request is said in advance, no second is waited for, and every
//! request is noted with the time at which it was sent.

mod anything;
mod fail_over;
mod order;
mod streams;

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Mutex;

use super::connection::Event;
use super::plan::Plan;
use super::race::{Action, Race, Win};
use super::*;
use orthros_types::config::{Server, ServerAddress};

/// What comes of one request.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// So many milliseconds after it was sent this happens on its socket.
    Then(Vec<(u64, Happening)>),
    /// It can't be sent.
    Unsendable,
}

#[derive(Clone, Debug)]
pub(crate) enum Happening {
    Connected,
    Octets(Vec<u8>),
    Ended,
    Refused,
}

/// A network with KDCs at 192.0.2.1, 192.0.2.2 and so on.
#[derive(Debug, Default)]
pub(crate) struct Network {
    now: Duration,
    fates: Vec<((u8, Protocol), VecDeque<Fate>)>,
    under_way: Vec<(Duration, usize, Happening)>,
    sent: Vec<String>,
}

/// A network as a transport.
#[derive(Debug)]
pub(crate) struct VirtualTransport(pub(crate) Mutex<Network>);

impl Network {
    /// What comes of the next request to a KDC that has no fate yet; where none is left, it is lost.
    pub(crate) fn on(mut self, kdc: u8, protocol: Protocol, fate: &[(u64, Happening)]) -> Self {
        self.add(kdc, protocol, Fate::Then(fate.to_vec()));
        self
    }

    pub(crate) fn unsendable(mut self, kdc: u8, protocol: Protocol) -> Self {
        self.add(kdc, protocol, Fate::Unsendable);
        self
    }

    fn add(&mut self, kdc: u8, protocol: Protocol, fate: Fate) {
        let key = (kdc, protocol);
        match self.fates.iter_mut().find(|(other, _)| *other == key) {
            Some((_, fates)) => fates.push_back(fate),
            None => self.fates.push((key, [fate].into())),
        }
    }

    /// When what was sent to whom: `1.5 udp 2`.
    pub(crate) fn sent(&self) -> Vec<&str> {
        self.sent.iter().map(String::as_str).collect()
    }

    /// Seconds since the beginning.
    fn seconds(&self) -> f64 {
        self.now.as_secs_f64()
    }

    fn run(&mut self, mut race: Race<'_>) -> Result<Win, Vec<Attempt>> {
        let started = self.now;
        self.under_way.clear();
        loop {
            match race.next(self.now - started) {
                Action::Resolve(server) => race.resolved(resolve(server)),
                Action::Send {
                    connection,
                    address,
                    protocol,
                } => {
                    let result = self.send(connection, address, protocol);
                    race.sent(connection, result, self.now - started);
                }
                Action::Wait { until } => {
                    let Some((connection, event)) = self.wait(started + until, &race) else {
                        continue;
                    };
                    if let Some(win) = race.handle(connection, event, self.now - started) {
                        return Ok(win);
                    }
                }
                Action::GiveUp => return Err(race.into_attempts()),
            }
        }
    }

    fn send(
        &mut self,
        connection: usize,
        address: SocketAddr,
        protocol: Protocol,
    ) -> io::Result<()> {
        let IpAddr::V4(ip) = address.ip() else {
            panic!("{address} is not of this network");
        };
        let kdc = ip.octets()[3];
        self.sent
            .push(format!("{} {protocol} {kdc}", self.seconds()));
        let fates = self.fates.iter_mut();
        let fate = fates
            .filter(|(key, _)| *key == (kdc, protocol))
            .find_map(|(_, fates)| fates.pop_front());
        match fate {
            None => Ok(()),
            Some(Fate::Unsendable) => Err(ErrorKind::NetworkUnreachable.into()),
            Some(Fate::Then(happenings)) => {
                for (after, happening) in happenings {
                    let at = self.now + Duration::from_millis(after);
                    self.under_way.push((at, connection, happening));
                }
                self.under_way.sort_by_key(|(at, ..)| *at);
                Ok(())
            }
        }
    }

    /// What happens next, not later than then; what happens on sockets that are closed, nobody sees.
    fn wait(&mut self, until: Duration, race: &Race<'_>) -> Option<(usize, Event)> {
        self.under_way
            .retain(|(_, connection, _)| race.is_active(*connection));
        match self.under_way.first() {
            Some((at, ..)) if *at <= until => {
                let (at, connection, happening) = self.under_way.remove(0);
                self.now = at;
                Some((connection, happening.into()))
            }
            _ => {
                self.now = until;
                None
            }
        }
    }
}

impl VirtualTransport {
    pub(crate) fn new(network: Network) -> Self {
        Self(Mutex::new(network))
    }

    pub(crate) fn sent(&self) -> Vec<String> {
        self.0.lock().unwrap().sent.clone()
    }
}

impl KdcTransport for VirtualTransport {
    fn exchange(
        &self,
        config: &Config,
        request: &KdcRequest,
        kdcs: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        let mut network = self.0.lock().unwrap();
        Plan::new(config, request, kdcs, &Timing::default())?.exchange(|race| Ok(network.run(race)))
    }
}

impl From<Happening> for Event {
    fn from(happening: Happening) -> Self {
        match happening {
            Happening::Connected => Self::Connected,
            Happening::Octets(octets) => Self::Octets(octets),
            Happening::Ended => Self::Ended,
            Happening::Refused => Self::Failed(ErrorKind::ConnectionRefused.into()),
        }
    }
}

/// A name of digits is the KDCs of these numbers.
fn resolve(server: &ServerAddress) -> io::Result<Vec<SocketAddr>> {
    if let Ok(ip) = server.host.parse::<IpAddr>() {
        return Ok(vec![(ip, server.port).into()]);
    }
    let address = |digit: char| {
        let kdc = digit.to_digit(10).and_then(|kdc| u8::try_from(kdc).ok());
        let kdc = kdc.ok_or(ErrorKind::NotFound)?;
        Ok((Ipv4Addr::new(192, 0, 2, kdc), server.port).into())
    };
    server.host.chars().map(address).collect()
}

pub(crate) fn server(host: &str) -> Server {
    Server::Host(ServerAddress {
        host: host.to_owned(),
        port: 88,
    })
}

fn servers(hosts: &[&str]) -> Vec<Server> {
    hosts.iter().map(|host| server(host)).collect()
}

/// What the race to these KDCs comes to with MIT's patience: the reply, or how each address failed.
fn race(
    network: &mut Network,
    strategy: Strategy,
    hosts: &[&str],
) -> Result<(usize, Vec<u8>), Vec<String>> {
    race_with(network, strategy, hosts, &Timing::default())
}

fn race_with(
    network: &mut Network,
    strategy: Strategy,
    hosts: &[&str],
    timing: &Timing,
) -> Result<(usize, Vec<u8>), Vec<String>> {
    let servers = servers(hosts);
    let result = network.run(Race::new(&servers, strategy, timing, reply::judge));
    result
        .map(|win| (win.server, win.reply))
        .map_err(|attempts| attempts.iter().map(Attempt::to_string).collect())
}

pub(crate) fn says(octets: &[u8]) -> Happening {
    Happening::Octets(octets.to_vec())
}

pub(crate) fn framed(reply: &[u8]) -> Happening {
    let length = u32::try_from(reply.len()).unwrap().to_be_bytes();
    says(&[&length, reply].concat())
}

pub(crate) use Protocol::{Tcp, Udp};
/// The outline of an AS-REP.
const REPLY: &[u8] = &[0x6b, 0x02, 0x30, 0x00];
