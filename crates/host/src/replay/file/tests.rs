//! Replay files: shared, foreign, full, broken.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::random::SystemRandomness;
use orthros_types::Duration;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn record(number: u32) -> ReplayRecord {
    let mut tag = [0; 16];
    tag[..4].copy_from_slice(&number.to_be_bytes());
    ReplayRecord::new(&tag, NOW, NOW, Duration::from_seconds(300))
}

fn cache(path: &Path) -> FileReplayCache {
    FileReplayCache::new(path.to_owned(), Arc::new(SystemRandomness))
}

fn of_user(directory: &Path) -> FileReplayCache {
    FileReplayCache::of_user(directory, Arc::new(SystemRandomness))
}

#[test]
fn what_one_handle_has_seen_another_knows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replay");
    let first = cache(&path).check(&record(1), NOW).unwrap();
    assert_eq!(first, Freshness::Fresh);
    let other = cache(&path);
    assert_eq!(other.check(&record(1), NOW).unwrap(), Freshness::Replayed);
    assert_eq!(other.check(&record(2), NOW).unwrap(), Freshness::Fresh);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
}

#[test]
fn of_many_threads_with_handles_of_their_own_one_is_first() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replay");
    let fresh = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let cache = cache(&path);
                for number in 0..200 {
                    if cache.check(&record(number), NOW).unwrap() == Freshness::Fresh {
                        fresh.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(fresh.into_inner(), 200);
}

#[test]
fn a_file_that_was_taken_away_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let cache = of_user(dir.path());
    cache.check(&record(1), NOW).unwrap();
    fs::remove_file(cache.path()).unwrap();
    assert_eq!(cache.check(&record(1), NOW).unwrap(), Freshness::Fresh);
}

#[test]
fn half_a_seed_is_made_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("replay");
    fs::write(&path, [7; 9]).unwrap();
    let cache = cache(&path);
    assert_eq!(cache.check(&record(1), NOW).unwrap(), Freshness::Fresh);
    assert_eq!(cache.check(&record(1), NOW).unwrap(), Freshness::Replayed);
}

#[test]
fn among_others_a_link_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    fs::write(&target, "precious").unwrap();
    let cache = of_user(dir.path());
    symlink(&target, cache.path()).unwrap();
    let refused = cache.check(&record(1), NOW).unwrap_err();
    assert!(matches!(refused, ReplayFileError::Io { .. }), "{refused}");
    assert_eq!(fs::read(&target).unwrap(), b"precious");
}

#[test]
fn among_others_another_name_of_a_file_is_not_written_through() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    fs::write(&target, "precious").unwrap();
    let cache = of_user(dir.path());
    fs::hard_link(&target, cache.path()).unwrap();
    let refused = cache.check(&record(1), NOW).unwrap_err();
    assert!(matches!(refused, ReplayFileError::Io { .. }), "{refused}");
    assert_eq!(fs::read(&target).unwrap(), b"precious");
}

#[test]
fn what_is_no_file_is_refused_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for path in [dir.path(), &pipe, &dir.path().join("none/replay")] {
        let refused = cache(path).check_and_store(&record(1), NOW).unwrap_err();
        let name = format!("replay file {}: ", path.display());
        assert!(refused.to_string().contains(&name), "{refused}");
    }
}
