//! The network between the client and the KDCs, with MIT's patience.
//!
//! Datagrams meet the weather. Streams repeat what is lost by themselves: they are slow, or break. What is still on
//! its way when an exchange is over arrives later, and is not waited for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orthros_host::KdcTransport;
use orthros_kdc::Transport as Carrier;
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, Transport, TransportError};
use orthros_types::config::Config;

use super::chance::Chance;
use super::kdc_host::KdcHost;
use super::realm::REALM;
use super::time::{SECOND, WorldTime};
use super::weather::Weather;

/// A way to the KDCs that the client's environment can have.
#[derive(Clone)]
pub(super) struct Network(Arc<Mutex<Wires>>);

/// What is on its way, and who listens.
struct Wires {
    time: WorldTime,
    weather: Weather,
    chance: Chance,
    kdcs: Vec<KdcHost>,
    /// By when it happens, and what was sent first.
    pending: BTreeMap<(i64, usize), Event>,
    sent: usize,
    requests: usize,
    /// The exchange that waits for an answer; earlier ones have closed their sockets.
    socket: usize,
}

enum Event {
    /// The client asks this KDC, or asks it again.
    Ask { kdc: usize, by: Carrier },
    /// A request arrives at this KDC.
    Request {
        kdc: usize,
        by: Carrier,
        octets: Vec<u8>,
        socket: usize,
    },
    /// A reply arrives.
    Reply { octets: Vec<u8>, socket: usize },
    /// The client gives up.
    GiveUp,
}

impl Network {
    pub(super) fn new(
        time: WorldTime,
        weather: Weather,
        kdcs: Vec<KdcHost>,
        chance: Chance,
    ) -> Self {
        Self(Arc::new(Mutex::new(Wires {
            time,
            weather,
            chance,
            kdcs,
            pending: BTreeMap::new(),
            sent: 0,
            requests: 0,
            socket: 0,
        })))
    }

    /// How many requests have reached a KDC.
    pub(super) fn requests(&self) -> usize {
        self.lock().requests
    }

    fn lock(&self) -> MutexGuard<'_, Wires> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KdcTransport for Network {
    fn exchange(
        &self,
        _: &Config,
        request: &KdcRequest,
        kdcs: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        let realm = String::from_utf8_lossy(&request.realm).into_owned();
        if realm != REALM || kdcs == KdcSelection::Primary {
            return Err(TransportError::NoKdc { realm });
        }
        match self.lock().exchange(request) {
            Some(message) => Ok(KdcReply {
                message,
                from_primary: false,
            }),
            None => Err(TransportError::Unreachable {
                realm,
                attempts: Vec::new(),
            }),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

impl Wires {
    /// Asks until a KDC answers, or none has.
    fn exchange(&mut self, request: &KdcRequest) -> Option<Vec<u8>> {
        self.socket += 1;
        self.plan(request.transport);
        loop {
            let ((at, _), event) = self.pending.pop_first()?;
            self.time.advance_to(at);
            match event {
                Event::Ask { kdc, by } => self.ask(kdc, by, &request.message),
                Event::Request {
                    kdc,
                    by,
                    octets,
                    socket,
                } => self.answer(kdc, by, &octets, socket),
                Event::Reply { octets, socket } if socket == self.socket => {
                    self.forget_plan();
                    return Some(octets);
                }
                Event::Reply { .. } => {}
                Event::GiveUp => {
                    self.forget_plan();
                    return None;
                }
            }
        }
    }

    /// When to ask whom: MIT's passes, as `orthros_host`'s transport makes them.
    fn plan(&mut self, transport: Transport) {
        let mut at = self.time.micros();
        let datagrams = transport == Transport::Datagram;
        let hosts = self.kdcs.len();
        let pass = |wires: &mut Self, by: Carrier, at: &mut i64| {
            for kdc in 0..hosts {
                wires.schedule(*at, Event::Ask { kdc, by });
                *at += SECOND;
            }
        };
        if datagrams {
            pass(self, Carrier::Datagram, &mut at);
        }
        pass(self, Carrier::Stream, &mut at);
        at += 2 * SECOND;
        for patience in [4, 8] {
            if datagrams {
                pass(self, Carrier::Datagram, &mut at);
            }
            at += patience * SECOND;
        }
        self.schedule(at, Event::GiveUp);
    }

    /// What is on its way stays there.
    fn forget_plan(&mut self) {
        self.pending
            .retain(|_, event| !matches!(event, Event::Ask { .. } | Event::GiveUp));
    }

    fn ask(&mut self, kdc: usize, by: Carrier, request: &[u8]) {
        let socket = self.socket;
        self.carry(by, request, |octets| Event::Request {
            kdc,
            by,
            octets,
            socket,
        });
    }

    fn answer(&mut self, kdc: usize, by: Carrier, request: &[u8], socket: usize) {
        let now = self.time.micros();
        self.requests += 1;
        let host = self.kdcs.get_mut(kdc);
        if let Some(reply) = host.and_then(|host| host.answer(request, by, now)) {
            self.carry(by, &reply, |octets| Event::Reply { octets, socket });
        }
    }

    fn carry(&mut self, by: Carrier, octets: &[u8], arrive: impl Fn(Vec<u8>) -> Event) {
        let now = self.time.micros();
        match by {
            Carrier::Datagram => {
                for copy in self.weather.carry(octets, &mut self.chance) {
                    self.schedule(now + copy.delay, arrive(copy.octets));
                }
            }
            Carrier::Stream => {
                let breaks = !self.weather.is_calm() && self.chance.happens(200);
                if !breaks {
                    let delay = self.weather.delay(&mut self.chance);
                    self.schedule(now + 2 * delay, arrive(octets.to_vec()));
                }
            }
        }
    }

    fn schedule(&mut self, at: i64, event: Event) {
        self.sent += 1;
        self.pending.insert((at, self.sent), event);
    }
}
