//! The frame of an initial context token: what is read is written the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_asn1::gss::InitialContextToken;

fuzz_target!(|data: &[u8]| {
    match InitialContextToken::decode(data) {
        Ok(token) => assert_eq!(token.encode(), data),
        Err(error) => assert!(error.offset() <= data.len()),
    }
});
