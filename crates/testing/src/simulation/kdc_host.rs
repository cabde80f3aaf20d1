//! A host with a KDC, which may be down for a while and forgets what it had in memory.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use orthros_host::{Clock as _, MemoryReplayCache};
use orthros_kdc::{DurableStore, Kdc, MemoryLookaside, RealmPolicy, Source, Store, Transport};
use orthros_types::Duration;

use super::chance::Chance;
use super::realm::REALM;
use super::time::{SECOND, SkewedClock, WorldTime};
use crate::random::SeededRandom;

#[derive(Debug)]
pub(super) struct KdcHost {
    kdc: Kdc,
    store: Arc<dyn Store>,
    /// Where the store is, if it is in a file.
    file: Option<PathBuf>,
    remembers_authenticators: bool,
    clock: SkewedClock,
    random: SeededRandom,
    /// In microseconds of the world.
    down: Range<i64>,
    restarted: bool,
}

impl KdcHost {
    /// One of the KDCs of the realm with these principals; up all the time if `steady`.
    pub(super) fn new(
        store: Arc<dyn Store>,
        time: &WorldTime,
        steady: bool,
        chance: &mut Chance,
    ) -> Self {
        let begin = chance.between(0, 4 * SECOND);
        let end = if steady || chance.happens(600) {
            begin
        } else {
            begin + chance.between(SECOND, 30 * SECOND)
        };
        let remembers_authenticators = chance.happens(500);
        Self {
            kdc: kdc(&store, remembers_authenticators),
            store,
            file: None,
            remembers_authenticators,
            clock: time.clock(chance.between(-20, 20)),
            random: chance.random(),
            down: begin..end,
            restarted: begin == end,
        }
    }

    /// One whose principals are in a file, and which is killed and started again before it is asked anything.
    pub(super) fn killed(store: DurableStore, time: &WorldTime, chance: &mut Chance) -> Self {
        let file = store.path().to_path_buf();
        Self {
            file: Some(file),
            restarted: false,
            ..Self::new(Arc::new(store), time, true, chance)
        }
    }

    pub(super) fn is_up(&self, micros: i64) -> bool {
        !self.down.contains(&micros)
    }

    /// What it says to a request that comes now; nothing if it is down, or has nothing to say.
    pub(super) fn answer(
        &mut self,
        request: &[u8],
        transport: Transport,
        micros: i64,
    ) -> Option<Vec<u8>> {
        if !self.is_up(micros) {
            return None;
        }
        if micros >= self.down.end && !self.restarted {
            self.restart();
        }
        let source = Source {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            transport,
        };
        let now = self.clock.now();
        self.kdc
            .handle(request, &source, now, &mut self.random)
            .reply
    }
}

impl KdcHost {
    /// What it had in memory is gone; what it had in a file is what a killed process leaves there.
    fn restart(&mut self) {
        if let Some(file) = &self.file {
            // The old one has it open, and is not asked to close it.
            let left = file.with_extension("left");
            let opened = fs::copy(file, &left)
                .map_err(|error| error.to_string())
                .and_then(|_| DurableStore::open(&left, REALM).map_err(|error| error.to_string()));
            match opened {
                Ok(store) => self.store = Arc::new(store),
                Err(error) => assert!(error.is_empty(), "a killed KDC left no store: {error}"),
            }
        }
        self.kdc = kdc(&self.store, self.remembers_authenticators);
        self.restarted = true;
    }
}

/// A KDC that has just been started.
fn kdc(store: &Arc<dyn Store>, remembers_authenticators: bool) -> Kdc {
    let mut policy = RealmPolicy::new(REALM);
    policy.max_life = Duration::from_hours(10);
    let kdc = Kdc::new(policy, store.clone()).with_lookaside(Arc::new(MemoryLookaside::default()));
    if remembers_authenticators {
        kdc.with_replay_cache(Arc::new(MemoryReplayCache::new()))
    } else {
        kdc
    }
}
