//! What is in the kernel's keys: what is read can be written and reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_types::ccache::{
    CacheFormat, decode_credential, decode_principal, encode_credential, encode_principal,
};
use orthros_types::keyring::{
    decode_primary, decode_time_offsets, encode_primary, encode_time_offsets,
};

fuzz_target!(|data: &[u8]| {
    if let Ok(credential) = decode_credential(data) {
        let written = encode_credential(&credential, CacheFormat::Version4);
        let written = written.expect("what was read can be written");
        assert!(written.len() <= data.len());
        assert_eq!(decode_credential(&written), Ok(credential));
    }
    if let Ok(principal) = decode_principal(data) {
        let written = encode_principal(&principal).expect("what was read can be written");
        assert_eq!(*written, *data);
    }
    if let Ok(name) = decode_primary(data) {
        let written = encode_primary(name).expect("what was read can be written");
        assert!(data.starts_with(&written));
    }
    if let Ok(offset) = decode_time_offsets(data) {
        assert!(data.starts_with(&encode_time_offsets(offset)));
    }
});
