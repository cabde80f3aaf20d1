//! Configurations: whatever they say, all questions have an answer or an error with a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_krb5::config::{Config, Include, Profile, SourceFile};

fuzz_target!(|data: &[u8]| {
    let no_includes = |_: Include<'_>| Err("no includes");
    match Profile::parse(&SourceFile::new("krb5.conf", data), no_includes) {
        Ok(profile) => {
            let config = Config::new(profile);
            let realm = config.default_realm().unwrap_or("R").to_owned();
            let _ = (config.kdcs(&realm), config.primary_kdcs(&realm));
            let _ = (config.permitted_enctypes(), config.request_timeout());
            let _ = (config.host_realm("www.example.org"), config.clockskew());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
