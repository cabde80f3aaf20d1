//! What is remembered, for how long, and for whom.

use std::sync::atomic::{AtomicUsize, Ordering};

use orthros_types::{Duration, Principal};

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const SKEW: Duration = Duration::from_seconds(300);

fn after(seconds: i64) -> Timestamp {
    NOW.saturating_add(Duration::from_seconds(seconds))
}

/// The record number `number`, of an authenticator of `time`.
fn record_of(number: u32, time: Timestamp, now: Timestamp, skew: Duration) -> ReplayRecord {
    let mut tag = [0; 16];
    tag[..4].copy_from_slice(&number.to_le_bytes());
    ReplayRecord::new(&tag, time, now, skew)
}

/// The record number `number`, of an authenticator as old as the acceptor's clock.
fn record(number: u32, now: Timestamp) -> ReplayRecord {
    record_of(number, now, now, SKEW)
}

const OWN_REALM: &str = "EXAMPLE.TEST";

fn client(name: &str) -> Principal {
    Principal::new(OWN_REALM, [name])
}

fn of(principal: &Principal) -> ReplayClient<'_> {
    ReplayClient {
        principal,
        own_realm: OWN_REALM.as_bytes(),
    }
}

fn held(cache: &MemoryReplayCache) -> usize {
    let shards = cache.shards.iter();
    shards.map(|shard| shard.lock().unwrap().len()).sum()
}

/// What one shard with room for so many says to the record.
fn check(shard: &mut Shard, record: &ReplayRecord, now: Timestamp) -> Result<Freshness, Refused> {
    shard.check(None, record, now.seconds(), 1000)
}

#[test]
fn a_second_time_is_a_replay_until_the_skew_is_over() {
    let cache = MemoryReplayCache::new();
    let record = record(1, NOW);
    let check = |now| cache.check_and_store(&record, now);
    assert_eq!(check(NOW).unwrap(), Freshness::Fresh);
    for later in [0, 1, 299, 300] {
        assert_eq!(check(after(later)).unwrap(), Freshness::Replayed);
    }
    // No acceptor asks any more, as the authenticator is not fresh; it would not be called so here either.
    assert!(check(after(301)).is_err());
    assert_eq!(held(&cache), 0);
}

#[test]
fn records_past_their_time_make_room() {
    let cache = MemoryReplayCache::new();
    let alice = client("alice");
    let fresh = |numbers: std::ops::Range<u32>, now| {
        for number in numbers {
            let record = record(number, now);
            let answer = cache.check_and_store_for(of(&alice), &record, now);
            assert_eq!(answer.unwrap(), Freshness::Fresh);
        }
    };
    fresh(0..1000, NOW);
    assert_eq!(held(&cache), 1000);
    fresh(1000..2000, after(301));
    assert_eq!(held(&cache), 1000);
    fresh(2000..2100, after(900));
    let clients = cache.shards.iter().map(|s| s.lock().unwrap().clients());
    assert!(clients.sum::<usize>() <= SHARDS);
}

#[test]
fn a_record_kept_for_ever_does_not_keep_others() {
    let mut shard = Shard::default();
    let endless = record_of(0, NOW, NOW, Duration::from_seconds(i64::MAX));
    let mut check = |record: &ReplayRecord, now: Timestamp| {
        let answer = shard.check(None, record, now.seconds(), 2);
        answer.unwrap()
    };
    check(&endless, NOW);
    for day in 1..100 {
        let now = after(i64::from(day) * 86400);
        assert_eq!(check(&record(day, now), now), Freshness::Fresh);
    }
    assert_eq!(check(&endless, NOW), Freshness::Replayed);
}

#[test]
fn a_clock_that_is_set_back_does_not_bring_back_what_was_forgotten() {
    let mut shard = Shard::default();
    let old = record(1, NOW);
    check(&mut shard, &old, NOW).unwrap();
    check(&mut shard, &record(2, after(301)), after(301)).unwrap();
    assert_eq!(check(&mut shard, &old, NOW), Err(Refused::Forgotten));
    // What is newer than all that was forgotten can't have been among it.
    let newer = check(&mut shard, &record(3, after(1)), after(1));
    assert_eq!(newer, Ok(Freshness::Fresh));
}

#[test]
fn a_longer_skew_does_not_bring_back_what_a_shorter_one_has_forgotten() {
    let mut shard = Shard::default();
    let short = Duration::from_seconds(10);
    check(&mut shard, &record_of(1, NOW, NOW, short), NOW).unwrap();
    check(&mut shard, &record(2, NOW), NOW).unwrap();
    let mut again = |number| {
        let record = record_of(number, NOW, after(60), SKEW);
        check(&mut shard, &record, after(60))
    };
    // The caller's own skew counts for what it stored, whichever came first.
    assert_eq!(again(2), Ok(Freshness::Replayed));
    assert_eq!(again(1), Err(Refused::Forgotten));
}

#[test]
fn a_full_store_refuses_and_still_knows_what_it_holds() {
    let cache = MemoryReplayCache::with_limit(SHARDS);
    let mut stored = Vec::new();
    let mut refused = 0;
    for number in 0..1000 {
        match cache.check_and_store(&record(number, NOW), NOW) {
            Ok(_) => stored.push(number),
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains("all 16 places are taken"), "{text}");
                refused += 1;
            }
        }
    }
    assert_eq!((stored.len(), refused), (SHARDS, 1000 - SHARDS));
    for number in stored {
        let again = cache.check_and_store(&record(number, NOW), NOW).unwrap();
        assert_eq!(again, Freshness::Replayed);
    }
}

/// Clients of the acceptor's realm, and of another one, which may have all its users.
const REALMS: [&str; 2] = [OWN_REALM, "USERS.TEST"];

#[test]
fn one_client_that_floods_does_not_shut_out_others() {
    for realm in REALMS {
        let cache = MemoryReplayCache::with_limit(16_000);
        let flooder = client("mallory").with_realm(realm);
        let mut refused = 0;
        // 7 000 a second, dated as late as can be: each is kept for ten minutes.
        for number in 0..100_000 {
            let record = record_of(number, after(290), NOW, SKEW);
            if let Err(error) = cache.check_and_store_for(of(&flooder), &record, NOW) {
                let text = error.to_string();
                assert!(text.contains("the client has used its share"), "{text}");
                refused += 1;
            }
        }
        assert!(refused > 90_000, "{refused}");
        for number in 0..1000 {
            let honest = client(&format!("user{number}")).with_realm(realm);
            let record = record(200_000 + number, NOW);
            let answer = cache.check_and_store_for(of(&honest), &record, NOW);
            assert_eq!(answer.unwrap(), Freshness::Fresh);
        }
    }
}

#[test]
fn ten_clients_that_flood_leave_room_for_others() {
    for realm in REALMS {
        let cache = MemoryReplayCache::with_limit(16_000);
        for number in 0..200_000 {
            let flooder = client(&format!("mallory{}", number % 10)).with_realm(realm);
            let _ = cache.check_and_store_for(of(&flooder), &record(number, NOW), NOW);
        }
        let honest = client("alice").with_realm(realm);
        for number in 0..50 {
            let record = record(300_000 + number, NOW);
            let answer = cache.check_and_store_for(of(&honest), &record, NOW);
            assert_eq!(answer.unwrap(), Freshness::Fresh);
        }
    }
}

#[test]
fn a_foreign_realm_that_names_clients_without_end_does_not_shut_out_others() {
    let cache = MemoryReplayCache::with_limit(16_000);
    let flood = |realm: &str, from: u32| {
        let mut error = None;
        for number in from..from + 100_000 {
            let flooder = Principal::new(realm, [format!("mallory{number}")]);
            let answer = cache.check_and_store_for(of(&flooder), &record(number, NOW), NOW);
            error = answer.err().or(error);
        }
        error.unwrap().to_string()
    };
    let fresh = |realm: &str, number: u32| {
        let honest = Principal::new(realm, [format!("user{number}")]);
        let answer = cache.check_and_store_for(of(&honest), &record(number, NOW), NOW);
        assert_eq!(answer.unwrap(), Freshness::Fresh);
    };
    let text = flood("HOSTILE.TEST", 0);
    assert!(
        text.contains("the client's realm has used its share"),
        "{text}"
    );
    for number in 1_000_000..1_001_000 {
        fresh("OTHER.TEST", number);
    }
    // It may name clients of realms beyond it, too.
    for number in 2_000_000..2_100_000 {
        let flooder = Principal::new(format!("{number}.HOSTILE.TEST"), ["mallory"]);
        let _ = cache.check_and_store_for(of(&flooder), &record(number, NOW), NOW);
    }
    for number in 3_000_000..3_002_000 {
        fresh(OWN_REALM, number);
    }
    // What is over leaves no count behind.
    let later = after(301);
    let alice = client("alice");
    for number in 4_000_000..4_016_000 {
        let _ = cache.check_and_store_for(of(&alice), &record(number, later), later);
    }
    let clients = cache.shards.iter().map(|s| s.lock().unwrap().clients());
    assert_eq!(clients.sum::<usize>(), SHARDS);
}

#[test]
fn a_client_does_not_choose_where_its_records_go() {
    // Tags that begin alike, as an attacker makes them to fill one part.
    let spread = |cache: &MemoryReplayCache| {
        for number in 0_u32..16_000 {
            let mut tag = [0; 16];
            tag[8..12].copy_from_slice(&number.to_le_bytes());
            let record = ReplayRecord::new(&tag, NOW, NOW, SKEW);
            cache.check_and_store(&record, NOW).unwrap();
        }
        let shards = cache.shards.iter();
        shards
            .map(|shard| shard.lock().unwrap().len())
            .collect::<Vec<_>>()
    };
    let (one, other) = (MemoryReplayCache::new(), MemoryReplayCache::new());
    let spreads = [spread(&one), spread(&other)];
    for count in spreads.iter().flatten() {
        assert!((700..1300).contains(count), "{spreads:?}");
    }
    assert_ne!(spreads[0], spreads[1], "the key is random");
}

/// Authenticators by a clock that is ahead, until the clock shows `until`.
fn run_ahead(shard: &mut Shard, from: i64, until: i64) {
    for second in from..until {
        let number = u32::try_from(second).unwrap();
        let record = record(number, after(second));
        assert_eq!(check(shard, &record, after(second)), Ok(Freshness::Fresh));
    }
}

#[test]
fn a_clock_that_was_ahead_does_not_shut_anyone_out_once_it_is_right() {
    for ahead in [301, 1200, 86_400, 366 * 86_400] {
        let mut shard = Shard::default();
        check(&mut shard, &record(1, NOW), NOW).unwrap();
        run_ahead(&mut shard, ahead, ahead + 400);
        for second in 60..2000 {
            let record = record(1_000_000_000 + second, after(second.into()));
            let answer = check(&mut shard, &record, after(second.into()));
            assert_eq!(answer, Ok(Freshness::Fresh), "{ahead} {second}");
        }
        // Nothing of that time is left, and when it comes no client is refused.
        assert_eq!(shard.len(), 301, "{ahead}");
        run_ahead(&mut shard, ahead, ahead + 400);
    }
}

#[test]
fn a_login_long_after_the_clock_was_corrected_is_not_refused() {
    let mut shard = Shard::default();
    for (number, second) in [(1, 86_400), (2, 90_000)] {
        let (record, now) = (record(number, after(second)), after(second));
        check(&mut shard, &record, now).unwrap();
    }
    for (number, second) in [(3, 0), (4, 301), (5, 4000), (6, 86_350), (7, 90_000)] {
        let (record, now) = (record(number, after(second)), after(second));
        assert_eq!(check(&mut shard, &record, now), Ok(Freshness::Fresh));
        assert_eq!(check(&mut shard, &record, now), Ok(Freshness::Replayed));
    }
}

#[test]
fn what_was_seen_before_the_clock_went_ahead_is_still_known_when_it_is_right_again() {
    let mut shard = Shard::default();
    let seen: Vec<ReplayRecord> = (0..20).map(|number| record(number, NOW)).collect();
    for record in &seen {
        check(&mut shard, record, NOW).unwrap();
    }
    // A minute by a clock that is a day ahead, in which all of that is forgotten.
    run_ahead(&mut shard, 86_400, 86_460);
    for record in &seen {
        let again = check(&mut shard, record, after(60));
        assert!(
            matches!(again, Ok(Freshness::Replayed) | Err(Refused::Forgotten)),
            "{again:?}"
        );
    }
}

#[test]
fn a_clock_that_is_back_for_a_moment_does_not_make_the_store_forget() {
    let mut shard = Shard::default();
    let seen: Vec<ReplayRecord> = (0..20).map(|number| record(number, NOW)).collect();
    for record in &seen {
        check(&mut shard, record, NOW).unwrap();
    }
    for second in 0..200 {
        let now = after(second - 86_400);
        let number = u32::try_from(second).unwrap() + 100;
        check(&mut shard, &record(number, now), now).unwrap();
    }
    for record in &seen {
        let again = check(&mut shard, record, after(200));
        assert_eq!(again, Ok(Freshness::Replayed));
    }
}

#[test]
fn of_many_threads_one_is_first() {
    let cache = MemoryReplayCache::new();
    let fresh = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..500 {
                    let answer = cache.check_and_store(&record(number, NOW), NOW);
                    if answer.unwrap() == Freshness::Fresh {
                        fresh.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(fresh.into_inner(), 500);
}
