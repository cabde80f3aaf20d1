//! Configurations: whatever they say, every question has an answer, or an error on a line that there is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_types::config::{Config, ConfigError, Include, Place, Profile, ProfileError, ProfileSyntaxError, SourceFile};

fuzz_target!(|data: &[u8]| {
    let lines = data.split(|octet| *octet == b'\n').count();
    let is_there = |place: &Place| assert!((1..=lines).contains(&place.line()), "{place}");
    let no_includes = |_: Include<'_>| Err("no includes");
    match Profile::parse(&SourceFile::new("krb5.conf", data), no_includes) {
        Ok(profile) => {
            for error in errors(&Config::new(profile)) {
                is_there(&error.place);
                assert!(!error.to_string().is_empty());
            }
        }
        Err(ProfileError::Syntax(ProfileSyntaxError { place, .. })) => is_there(&place),
        Err(ProfileError::Include { place, .. }) => is_there(&place),
    }
});

/// Asks for all that can be asked for.
fn errors(config: &Config) -> Vec<ConfigError> {
    let realm = config.default_realm().unwrap_or("R");
    let (client, server) = (&b"A.EXAMPLE"[..], realm.as_bytes());
    let path = config.realm_path(client, server);
    assert!(path.iter().all(|on_the_way| on_the_way != server));
    let _ = config.host_realm("www.example.org");
    let _ = (config.clockskew(), config.udp_preference_limit());
    let _ = (config.kdc_default_options(), config.realm_try_domains());
    let _ = (config.auth_to_local(realm), config.default_ccache_name());
    [
        config.kdcs(realm).err(),
        config.primary_kdcs(realm).err(),
        config.kpasswd_servers(realm).err(),
        config.permitted_enctypes().err(),
        config.default_tkt_enctypes().err(),
        config.default_tgs_enctypes().err(),
        config.ticket_lifetime(Some(realm)).err(),
        config.renew_lifetime(None).err(),
        config.request_timeout().err(),
        config.dns_canonicalize_hostname().err(),
        config.ignore_acceptor_hostname().err(),
        config.enforce_ok_as_delegate().err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
