//! Exported names: what is imported is exported the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros::MechName;

fuzz_target!(|data: &[u8]| {
    if let Ok(name) = MechName::import(data) {
        let exported = name.export();
        let again = MechName::import(&exported).expect("what was exported can be imported");
        assert_eq!(again, name);
        assert_eq!(again.export(), exported);
    }
});
