//! Credential caches: what is read can be written and reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_types::ccache::{CacheFile, encode};

fuzz_target!(|data: &[u8]| {
    let Ok(cache) = CacheFile::open(data) else {
        return;
    };
    let credentials: Vec<_> = cache.credentials().filter_map(Result::ok).collect();
    let octets: usize = credentials
        .iter()
        .map(|credential| credential.ticket.len() + credential.second_ticket.len())
        .sum();
    assert!(octets <= data.len());
    let written = encode(cache.header(), &credentials).expect("what was read can be written");
    let again = CacheFile::open(&written).expect("and read");
    let read: Vec<_> = again.credentials().filter_map(Result::ok).collect();
    assert_eq!(read, credentials);
});
