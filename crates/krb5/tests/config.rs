//! What the options of `krb5.conf` mean.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use orthros_krb5::crypto::Enctype;
use orthros_krb5::locate::{HostRealmLocator, RealmStep};
use orthros_types::Duration;
use orthros_types::config::{
    Config, DEFAULT_ENCTYPES, HostnameCanonicalization, Profile, Server, ServerAddress, SourceFile,
};

fn config(text: &str) -> Config {
    let file = SourceFile::new("krb5.conf", text.as_bytes());
    Config::new(Profile::parse(&file, |_| Err(())).unwrap())
}

fn libdefaults(lines: &str) -> Config {
    config(&format!("[libdefaults]\n{lines}\n"))
}

fn host(host: &str, port: u16) -> Server {
    Server::Host(ServerAddress {
        host: host.into(),
        port,
    })
}

#[test]
fn an_empty_configuration_has_mits_defaults() {
    let config = Config::default();
    assert_eq!(config.default_realm(), None);
    assert_eq!(config.ticket_lifetime(None), Ok(None));
    assert_eq!(config.renew_lifetime(None), Ok(None));
    assert!(!config.forwardable(None) && !config.proxiable(None) && !config.canonicalize(None));
    assert!(config.noaddresses(None));
    assert_eq!(config.kdc_default_options().bits(), 0x10);
    assert_eq!(config.clockskew().seconds(), 300);
    assert!(config.kdc_timesync());
    assert_eq!(config.udp_preference_limit(), 1465);
    assert_eq!(config.request_timeout(), Ok(None));
    assert!(config.dns_lookup_kdc());
    assert_eq!(
        config.dns_canonicalize_hostname(),
        Ok(HostnameCanonicalization::Fallback)
    );
    assert!(config.rdns());
    assert_eq!(config.realm_try_domains(), -1);
    assert_eq!(config.qualify_shortname(), None);
    assert_eq!(config.ignore_acceptor_hostname(), Ok(false));
    assert_eq!(config.enforce_ok_as_delegate(), Ok(false));
    assert!(!config.client_aware_channel_bindings());
    assert_eq!(config.kdcs("R"), Ok(vec![]));
    assert_eq!(config.host_realm("a.b"), None);
}

#[test]
fn a_primary_kdc_that_stands_alone_is_a_kdc() {
    for name in ["primary_kdc", "master_kdc"] {
        let config = config(&format!("[realms]\n R = {{\n  {name} = p\n }}\n"));
        assert_eq!(config.kdcs("R"), Ok(vec![host("p", 88)]), "{name}");
    }
    let config = config("[realms]\n R = {\n  kdc = k\n  primary_kdc = p\n }\n");
    assert_eq!(config.kdcs("R"), Ok(vec![host("k", 88)]));
    assert_eq!(config.primary_kdcs("R"), Ok(vec![host("p", 88)]));
}

#[test]
fn booleans_have_mits_synonyms_in_either_case() {
    for (texts, expected) in [
        (["y", "yes", "TRUE", "t", "1", "On"], true),
        (["n", "no", "False", "nil", "0", "off"], false),
    ] {
        for text in texts {
            let config = libdefaults(&format!(
                "forwardable = {text}\nenforce_ok_as_delegate = {text}"
            ));
            assert_eq!(config.forwardable(None), expected, "{text}");
            assert_eq!(config.enforce_ok_as_delegate(), Ok(expected), "{text}");
        }
    }
}

#[test]
fn a_malformed_boolean_is_refused_where_mit_refuses_it() {
    let config = libdefaults("enforce_ok_as_delegate = maybe\ndns_canonicalize_hostname = perhaps");
    assert_eq!(
        config.enforce_ok_as_delegate().unwrap_err().to_string(),
        "krb5.conf:2: enforce_ok_as_delegate = maybe: not a boolean"
    );
    assert_eq!(
        config.dns_canonicalize_hostname().unwrap_err().to_string(),
        "krb5.conf:3: dns_canonicalize_hostname = perhaps: neither a boolean nor \"fallback\""
    );
}

#[test]
fn a_malformed_value_is_the_default_where_mit_ignores_it() {
    let config = libdefaults(
        "clockskew = 5m\nkdc_timesync = yes\nudp_preference_limit = many\nrdns = ?\nforwardable = ?\nnoaddresses = ?",
    );
    assert_eq!(config.clockskew().seconds(), 300);
    assert!(config.kdc_timesync());
    assert_eq!(config.udp_preference_limit(), 1465);
    assert!(config.rdns());
    assert!(!config.forwardable(None) && !config.noaddresses(None));
}

#[test]
fn numbers_stay_in_their_bounds() {
    let config = libdefaults("clockskew = -1\nudp_preference_limit = 99999\nkdc_timesync = 0");
    assert_eq!(config.clockskew().seconds(), 300);
    assert_eq!(config.udp_preference_limit(), 32_700);
    assert!(!config.kdc_timesync());
    let config = libdefaults("clockskew = 60\nudp_preference_limit = 0");
    assert_eq!(config.clockskew().seconds(), 60);
    assert_eq!(config.udp_preference_limit(), 0);
}

#[test]
fn kdc_options_are_read_in_tens_and_sixteens() {
    for (text, expected) in [
        ("0x40000010", 0x4000_0010),
        ("16", 16),
        ("0", 0),
        ("-2147483648", 0x8000_0000),
        ("none", 16),
    ] {
        let config = libdefaults(&format!("kdc_default_options = {text}"));
        assert_eq!(config.kdc_default_options().bits(), expected, "{text}");
    }
}

#[test]
fn lifetimes_are_durations_and_malformed_ones_are_named() {
    let config = libdefaults("ticket_lifetime = 10h\nrenew_lifetime = 7 days");
    let ten_hours = Duration::from_seconds(36_000);
    assert_eq!(config.ticket_lifetime(None), Ok(Some(ten_hours)));
    assert_eq!(
        config.renew_lifetime(None).unwrap_err().to_string(),
        "krb5.conf:3: renew_lifetime = 7 days: not a duration"
    );
}

#[test]
fn a_realms_subsection_overrides_libdefaults() {
    let config = libdefaults(
        "forwardable = no\nticket_lifetime = 1h\nR = {\n forwardable = yes\n ticket_lifetime = 2h\n}",
    );
    assert!(config.forwardable(Some("R")));
    assert!(!config.forwardable(Some("S")) && !config.forwardable(None));
    let hours = |hours| Ok(Some(Duration::from_hours(hours)));
    assert_eq!(config.ticket_lifetime(Some("R")), hours(2));
    assert_eq!(config.ticket_lifetime(Some("S")), hours(1));
}

#[test]
fn dns_fallback_speaks_for_a_look_up_that_is_not_set() {
    assert!(!libdefaults("dns_fallback = no").dns_lookup_kdc());
    assert!(libdefaults("dns_fallback = no\ndns_lookup_kdc = yes").dns_lookup_kdc());
}

#[test]
fn an_empty_domain_for_short_names_is_not_an_unset_one() {
    let config = libdefaults("qualify_shortname = \"\"");
    assert_eq!(config.qualify_shortname(), Some(""));
}

#[test]
fn names_of_caches_and_keytabs_are_left_as_they_are() {
    let config = libdefaults(
        "default_ccache_name = FILE:/tmp/cc_%{uid}\ndefault_keytab_name = /k\ndefault_client_keytab_name = /c\ndefault_rcache_name = dfl:",
    );
    assert_eq!(config.default_ccache_name(), Some("FILE:/tmp/cc_%{uid}"));
    assert_eq!(config.default_keytab_name(), Some("/k"));
    assert_eq!(config.default_client_keytab_name(), Some("/c"));
    assert_eq!(config.default_rcache_name(), Some("dfl:"));
}

#[test]
fn enctype_lists_add_and_remove_in_order() {
    let a128 = Enctype::AES128_CTS_HMAC_SHA1_96;
    let a256 = Enctype::AES256_CTS_HMAC_SHA1_96;
    let b128 = Enctype::AES128_CTS_HMAC_SHA256_128;
    let b256 = Enctype::AES256_CTS_HMAC_SHA384_192;
    let c128 = Enctype::CAMELLIA128_CTS_CMAC;
    let c256 = Enctype::CAMELLIA256_CTS_CMAC;
    for (text, expected) in [
        ("DEFAULT", &[a256, a128, b256, b128, c128, c256][..]),
        ("aes", &[a256, a128, b256, b128]),
        ("aes128-cts aes256-cts-hmac-sha384-192", &[a128, b256]),
        ("aes128-cts,aes256-cts", &[a128, a256]),
        ("aes128-cts aes", &[a128, a256, b256, b128]),
        ("camellia", &[c256, c128]),
        ("camellia128-cts aes256-sha1 Camellia", &[c128, a256, c256]),
        ("default -aes256-cts", &[a128, b256, b128, c128, c256]),
        ("DEFAULT -camellia", &[a256, a128, b256, b128]),
        ("aes -DEFAULT +aes256-sha2", &[b256]),
        ("rc4 des3 no-such-thing aes256-cts", &[a256]),
        ("arcfour-hmac rc4-hmac aes256-cts", &[a256]),
        ("aes128-cts aes128-cts", &[a128]),
    ] {
        let config = libdefaults(&format!("permitted_enctypes = {text}"));
        assert_eq!(config.permitted_enctypes().unwrap(), expected, "{text}");
    }
}

#[test]
fn an_enctype_list_of_nothing_supported_is_refused() {
    let config = libdefaults("permitted_enctypes = des des3");
    assert_eq!(
        config.default_tkt_enctypes().unwrap_err().to_string(),
        "krb5.conf:2: permitted_enctypes = des des3: no supported encryption type is left"
    );
}

#[test]
fn rc4_is_in_a_list_where_it_is_allowed_and_last_in_the_default_one() {
    let [a256, rc4] = [Enctype::AES256_CTS_HMAC_SHA1_96, Enctype::ARCFOUR_HMAC];
    for (text, expected) in [
        ("rc4 des3 aes256-cts", &[rc4, a256][..]),
        ("arcfour-hmac", &[rc4]),
        ("rc4-hmac aes256-cts", &[rc4, a256]),
        ("DEFAULT -aes -camellia", &[rc4]),
    ] {
        let config = libdefaults(&format!("allow_rc4 = true\npermitted_enctypes = {text}"));
        assert_eq!(config.permitted_enctypes().unwrap(), expected, "{text}");
    }
    let config = libdefaults("allow_rc4 = true");
    let expected = [&DEFAULT_ENCTYPES[..], &[rc4]].concat();
    assert_eq!(config.allow_rc4(), Ok(true));
    assert_eq!(config.permitted_enctypes().unwrap(), expected);
    assert_eq!(config.default_tkt_enctypes().unwrap(), expected);
    assert_eq!(config.default_tgs_enctypes().unwrap(), expected);
}

#[test]
fn rc4_is_in_no_list_unless_it_is_allowed_and_the_error_says_how() {
    for text in ["", "allow_rc4 = false", "allow_weak_crypto = true"] {
        let config = libdefaults(text);
        assert_eq!(config.allow_rc4(), Ok(false));
        assert_eq!(config.permitted_enctypes().unwrap(), DEFAULT_ENCTYPES);
    }
    let config = libdefaults("permitted_enctypes = rc4-hmac des3");
    assert_eq!(
        config.default_tgs_enctypes().unwrap_err().to_string(),
        "krb5.conf:2: permitted_enctypes = rc4-hmac des3: no encryption type is left but arcfour-hmac, which needs \
         allow_rc4 = true in [libdefaults]"
    );
    // What may be meant to forbid it does not allow it, and is not passed over.
    let error = libdefaults("allow_rc4 = never")
        .permitted_enctypes()
        .unwrap_err()
        .to_string();
    assert_eq!(error, "krb5.conf:2: allow_rc4 = never: not a boolean");
}

#[test]
fn a_program_says_itself_whether_rc4_is_allowed() {
    let rc4 = |config: Config| {
        config
            .permitted_enctypes()
            .unwrap()
            .contains(&Enctype::ARCFOUR_HMAC)
    };
    assert!(rc4(libdefaults("allow_rc4 = no").with_rc4(true)));
    assert!(!rc4(libdefaults("allow_rc4 = yes").with_rc4(false)));
    assert!(!rc4(libdefaults("allow_rc4 = never").with_rc4(false)));
}

#[test]
fn requests_have_their_own_enctype_lists_or_the_permitted_ones() {
    let config = libdefaults("permitted_enctypes = aes128-cts\ndefault_tgs_enctypes = aes256-cts");
    assert_eq!(
        config.default_tkt_enctypes().unwrap(),
        [Enctype::AES128_CTS_HMAC_SHA1_96]
    );
    assert_eq!(
        config.default_tgs_enctypes().unwrap(),
        [Enctype::AES256_CTS_HMAC_SHA1_96]
    );
}

#[test]
fn a_host_is_looked_up_by_name_and_by_ever_shorter_domains() {
    let config = config(
        "[domain_realm]\n h.a.example = HOST\n .a.example = DOTTED\n b.example = PLAIN\n .example = ALL\n .0.1 = NET\n",
    );
    for (host, realm) in [
        ("h.a.example", Some("HOST")),
        ("H.A.Example.", Some("HOST")),
        ("x.a.example", Some("DOTTED")),
        ("y.x.a.example", Some("DOTTED")),
        ("a.example", Some("ALL")),
        ("b.example", Some("PLAIN")),
        ("x.b.example", Some("PLAIN")),
        ("c.example", Some("ALL")),
        ("example", None),
        ("h", None),
        ("10.0.0.1", None),
        ("fd00::1", None),
    ] {
        assert_eq!(config.host_realm(host), realm, "{host}");
    }
}

#[test]
fn the_fallback_realm_is_the_parent_domain() {
    assert_eq!(
        Config::fallback_host_realm("H.a.Example."),
        Some("A.EXAMPLE".into())
    );
    assert_eq!(Config::fallback_host_realm("h"), None);
    assert_eq!(Config::fallback_host_realm("10.0.0.1"), None);
}

#[test]
fn the_fallback_realm_is_one_with_kdcs_where_parents_are_to_be_tried() {
    let realms = "[realms]\n A.EXAMPLE = {\n  kdc = a\n }\n EXAMPLE = {\n  kdc = b\n }\n H.B.EXAMPLE = {\n  primary_kdc = c\n }\n N.EXAMPLE = {\n  admin_server = d\n }\n";
    for (tried, host, realm) in [
        (None, "h.x.a.example", Some("X.A.EXAMPLE")),
        (Some(0), "h.x.a.example", Some("X.A.EXAMPLE")),
        (Some(0), "h.b.example", Some("H.B.EXAMPLE")),
        (None, "h.b.example", Some("B.EXAMPLE")),
        (Some(1), "h.x.a.example", Some("X.A.EXAMPLE")),
        (Some(2), "h.x.a.example", Some("A.EXAMPLE")),
        // What has no dot is not guessed, nor what has no KDC.
        (Some(9), "h.x.c.example", Some("X.C.EXAMPLE")),
        (Some(9), "h.x.n.example", Some("X.N.EXAMPLE")),
        (Some(-7), "h.b.example", Some("B.EXAMPLE")),
        (Some(9), "h", None),
        (Some(9), "10.0.0.1", None),
    ] {
        let relation = tried.map_or(String::new(), |n| format!(" realm_try_domains = {n}\n"));
        let config = config(&format!(
            "[libdefaults]\n dns_lookup_kdc = false\n{relation}{realms}"
        ));
        let mut locator = HostRealmLocator::of_host(host, &config);
        let found = RealmStep::Found(realm.map(str::to_owned));
        assert_eq!(locator.step(&config), found, "{host} {tried:?}");
    }
}

#[test]
fn automatic_armor_is_on_unless_it_is_clearly_off() {
    for (text, expected) in [
        ("auto_fast_armor = true", true),
        ("auto_fast_armor = 1", true),
        ("auto_fast_armor = required", true),
        ("auto_fast_armor = no", false),
        ("kdc = a", false),
    ] {
        let config = config(&format!("[realms]\n R = {{\n  {text}\n }}\n"));
        assert_eq!(config.auto_fast_armor("R"), expected, "{text}");
        assert!(!config.auto_fast_armor("S"));
    }
}

#[test]
fn an_option_that_sounds_protective_and_is_not_known_is_told_of() {
    let config = config(
        "[libdefaults]\n default_realm = R\n allow_weak_crypto = false\n require_moon_phase = true\n colour = red\n R = {\n  disable-timestamps = yes\n }\n[realms]\n R = {\n  kdc = a\n  fast_always = yes\n  disable_encrypted_timestamp = yes\n  auto_fast_armor = yes\n }\n",
    );
    let told: Vec<String> = config
        .unknown_protections()
        .iter()
        .map(ToString::to_string)
        .collect();
    let expected = [
        "krb5.conf:4: require_moon_phase is not known here and has no effect",
        "krb5.conf:7: disable-timestamps is not known here and has no effect",
        "krb5.conf:12: fast_always is not known here and has no effect",
    ];
    assert_eq!(told, expected);
}

#[test]
fn servers_are_hosts_proxies_and_sockets() {
    let config = config(
        "[realms]\n R = {\n  kdc = a.example\n  kdc = b.example:1088\n  kdc = [fd00::1]:89\n  kdc = [fd00::2]\n  kdc = 192.0.2.1\n  kdc = https://proxy.example/KdcProxy\n  kdc = https://proxy.example:8443\n  kdc = /run/kdc\n }\n",
    );
    let proxy = |port, path: &str| Server::Https {
        address: ServerAddress {
            host: "proxy.example".into(),
            port,
        },
        path: path.into(),
    };
    assert_eq!(
        config.kdcs("R").unwrap(),
        [
            host("a.example", 88),
            host("b.example", 1088),
            host("fd00::1", 89),
            host("fd00::2", 88),
            host("192.0.2.1", 88),
            proxy(443, "KdcProxy"),
            proxy(8443, ""),
            Server::UnixSocket("/run/kdc".into()),
        ]
    );
}

#[test]
fn a_malformed_server_is_named_with_its_line() {
    for text in ["88", ":88", "a:x", "a:70000", "a:", "https://"] {
        let config = config(&format!("[realms]\n R = {{\n  kdc = {text}\n }}\n"));
        assert_eq!(
            config.kdcs("R").unwrap_err().to_string(),
            format!("krb5.conf:3: kdc = {text}: not a server's address")
        );
    }
}

#[test]
fn admin_servers_change_passwords_at_that_port_and_primary_kdcs_have_their_old_name() {
    let config = config(
        "[realms]\n A = {\n  admin_server = adm:1000\n  master_kdc = m\n }\n B = {\n  admin_server = adm\n  kpasswd_server = kp\n  primary_kdc = p\n  master_kdc = m\n }\n",
    );
    assert_eq!(config.kpasswd_servers("A").unwrap(), []);
    assert_eq!(config.admin_servers("A").unwrap(), [host("adm", 464)]);
    assert_eq!(config.primary_kdcs("A").unwrap(), [host("m", 88)]);
    assert_eq!(config.kpasswd_servers("B").unwrap(), [host("kp", 464)]);
    assert_eq!(config.primary_kdcs("B").unwrap(), [host("p", 88)]);
}

#[test]
fn a_realms_rules_keep_their_order() {
    let config = config(
        "[realms]\n R = {\n  auth_to_local = RULE:[1:$1]\n  auth_to_local = DEFAULT\n  disable_encrypted_timestamp = yes\n }\n",
    );
    let rules: Vec<_> = (config.auth_to_local("R").iter())
        .map(|rule| rule.text.to_owned())
        .collect();
    assert_eq!(rules, ["RULE:[1:$1]", "DEFAULT"]);
    assert!(config.disable_encrypted_timestamp("R") && !config.disable_encrypted_timestamp("S"));
}
