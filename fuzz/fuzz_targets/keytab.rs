//! Keytabs: what is read can be written and reads the same; nothing outgrows the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_types::keytab::{Keytab, add};

fuzz_target!(|data: &[u8]| {
    let Ok(keytab) = Keytab::decode(data) else {
        return;
    };
    let written = keytab.encode().expect("what was read can be written");
    let again = Keytab::decode(&written).expect("and read");
    assert_eq!(again.entries(), keytab.entries());
    assert_eq!(again.damage(), None);
    if let Some(entry) = keytab.entries().first() {
        let mut file = data.to_vec();
        let Ok(writes) = add(data, entry) else {
            // Nothing is written behind a length that can't be right.
            assert!(keytab.damage().is_some(), "what was read can be added");
            return;
        };
        for write in writes {
            write.apply(&mut file);
        }
        let after = Keytab::decode(&file).expect("a keytab is one still");
        assert!(after.entries().len() > keytab.entries().len());
    }
});
