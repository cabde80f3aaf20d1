//! Exported contexts: what is imported is exported the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros::SecurityContext;
use orthros_fuzz::ENVIRONMENT;

fuzz_target!(|data: &[u8]| {
    if let Ok(context) = SecurityContext::import_in(data, &ENVIRONMENT) {
        let token = context.export().expect("what was imported can be exported");
        assert_eq!(&*token, data);
    }
});
