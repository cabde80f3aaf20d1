//! ASN.1 messages: the first octet says of which type.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_fuzz::messages::check;

fuzz_target!(|data: &[u8]| {
    if let Some((number, octets)) = data.split_first() {
        check(*number, octets);
    }
});
