//! Keytabs: what is read can be written and reads the same; nothing outgrows the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_krb5::keytab::{Keytab, add};

fuzz_target!(|data: &[u8]| {
    let Ok(keytab) = Keytab::decode(data) else {
        return;
    };
    let written = keytab.encode().expect("what was read can be written");
    assert_eq!(Keytab::decode(&written).expect("and read"), keytab);
    if let Some(entry) = keytab.entries().first() {
        let mut file = data.to_vec();
        for write in add(data, entry).expect("what was read can be added") {
            write.apply(&mut file);
        }
        let after = Keytab::decode(&file).expect("a keytab is one still");
        assert!(after.entries().len() > keytab.entries().len());
    }
});
