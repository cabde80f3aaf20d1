//! Exported contexts, under a checksum that is right: what is imported is exported the same, and believes no token of
//! who has no key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros::SecurityContext;
use orthros_fuzz::{ENVIRONMENT, exported};

fuzz_target!(|contents: &[u8]| {
    let token = exported::context(contents);
    match SecurityContext::import_in(&token, &ENVIRONMENT) {
        Ok(mut context) => {
            assert!(context.verify_mic(b"message", contents).is_err());
            assert!(!format!("{context:?}").is_empty());
            let again = context.export();
            assert_eq!(*again.expect("what was imported can be exported"), token);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
