//! Principals as text: what is read is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_types::Principal;

fuzz_target!(|data: &[u8]| {
    match Principal::parse(data, Some(b"DEFAULT")) {
        Ok(principal) => {
            let again = Principal::parse(principal.unparse(), None);
            assert_eq!(again.as_ref(), Ok(&principal));
        }
        Err(error) => assert!(error.offset <= data.len(), "{error}"),
    }
    let _ = Principal::parse_enterprise(data, Some(b"DEFAULT"));
});
