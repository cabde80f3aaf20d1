//! SPNEGO's tokens, alone and in their frame.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::spnego::NegotiationToken;
use orthros_fuzz::messages::round_trip;

fuzz_target!(|data: &[u8]| {
    round_trip::<NegotiationToken>(data);
    if let Ok(token) = InitialContextToken::decode(data) {
        round_trip::<NegotiationToken>(token.inner);
    }
});
