//! NEGOEX's messages: what is read is written the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_asn1::negoex::NegoexMessage;

fuzz_target!(|data: &[u8]| {
    match NegoexMessage::decode_all(data) {
        Ok(messages) => {
            let mut written = Vec::new();
            for message in &messages {
                let appended = message.encode_into(&mut written);
                appended.expect("what was read has less than 4 GiB");
            }
            assert_eq!(written, data);
        }
        Err(error) => assert!(error.offset() <= data.len(), "{error}"),
    }
});
