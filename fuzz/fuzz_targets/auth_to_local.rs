//! `auth_to_local` rules: a principal becomes a name that a user can have, or none, and the same one each time. The
//! input is a principal and what stands in the realm's section, separated by a zero octet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_fuzz::texts;
use orthros_types::config::{Config, Include, Profile, SourceFile};
use orthros_types::{LocalNameError, Principal};

fuzz_target!(|data: &[u8]| {
    let [principal, rules] = texts(data);
    let head = b"[libdefaults]\n default_realm = R\n[realms]\n R = {\n";
    let text = [head, rules, b"\n }\n"].concat();
    let no_includes = |_: Include<'_>| Err("no includes");
    let Ok(profile) = Profile::parse(&SourceFile::new("krb5.conf", &text), no_includes) else {
        return;
    };
    let Ok(principal) = Principal::parse(principal, Some(b"R")) else {
        return;
    };
    let config = Config::new(profile);
    let name = config.local_name(&principal);
    match &name {
        Ok(name) => assert!(!name.is_empty() && !name.contains(['/', '\0', '\n'])),
        Err(LocalNameError::Rule { place, .. }) => {
            assert!(place.line() <= text.split(|octet| *octet == b'\n').count());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    assert_eq!(config.local_name(&principal), name);
});
