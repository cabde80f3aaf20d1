//! Exported credentials: an error or a credential, and neither is a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros::Credential;
use orthros_fuzz::ENVIRONMENT;

fuzz_target!(|data: &[u8]| {
    match Credential::import_in(data, &ENVIRONMENT) {
        Ok(credential) => assert!(credential.export().is_ok()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
