//! The host against MIT's KDC and MIT's programs: caches and keytabs that both use, tickets that both get.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use orthros_host::{AcquireError, Cache, Environment, HostRecord, Resolver};
use orthros_krb5::client::{ClientError, ServiceTicketOptions};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{ExchangeError, FastUse, InitialTicket, KdcRefusalError, TgsRequestOptions};
use orthros_testing::mit::{DEFAULT_ENCTYPES, Realm};
use orthros_testing::require_mit;
use orthros_types::keytab::KeytabEntry;
use orthros_types::{
    AddressType, Duration, EncryptionType, HostAddress, KeyBlock, MinorStatus, Principal,
    TicketFlags, Timestamp,
};

const GRANTING: &str = "krbtgt/ORTHROS.TEST@ORTHROS.TEST";
const SERVICE: &str = "HTTP/www.test@ORTHROS.TEST";

fn realm() -> Realm {
    Realm::builder()
        .user("alice", "secret")
        .service("HTTP/www.test")
        .service("imap/www.test")
        .start()
        .unwrap()
}

fn environment(realm: &Realm) -> Environment {
    Environment::builder()
        .config_files(&[realm.krb5_conf_path()])
        .unwrap()
        .default_cache(realm.ccache())
        .default_keytab(realm.keytab())
        .build()
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

fn acquire(environment: &Environment, password: &str) -> Result<InitialTicket, AcquireError> {
    let options = environment
        .initial_options(principal("alice@ORTHROS.TEST"))
        .unwrap();
    environment.acquire_with_password(options, SecretVec::from(password.as_bytes()))
}

/// Fills the realm's cache as `kinit` does.
fn kinit(environment: &Environment) -> Cache {
    let cache = environment.default_cache().unwrap();
    environment
        .store_initial(&cache, &acquire(environment, "secret").unwrap())
        .unwrap();
    cache
}

fn service_ticket(
    environment: &Environment,
    cache: &Cache,
    service: &str,
) -> Result<(), AcquireError> {
    let options = environment.service_options().unwrap();
    environment
        .service_ticket(cache, &principal(service), &options)
        .map(drop)
}

/// What a program of MIT's says; it must succeed.
fn output(realm: &Realm, command: &mut Command) -> String {
    let finished = realm.run(command, b"").unwrap();
    assert!(finished.status.success(), "{finished}");
    finished.to_string()
}

fn tickets(cache: &Cache) -> Vec<String> {
    cache
        .contents()
        .unwrap()
        .tickets()
        .map(|ticket| ticket.server.to_string())
        .collect()
}

#[test]
fn mit_uses_the_cache_that_we_wrote() {
    require_mit!();
    let realm = realm();
    let environment = environment(&realm);
    let cache = kinit(&environment);
    let listed = output(&realm, realm.command("klist").arg("-ef"));
    assert!(
        listed.contains("Default principal: alice@ORTHROS.TEST"),
        "{listed}"
    );
    output(&realm, realm.command("kvno").arg("HTTP/www.test"));
    assert_eq!(
        tickets(&cache),
        ["krbtgt/ORTHROS.TEST@ORTHROS.TEST", SERVICE]
    );
    // What MIT stored serves us without a KDC.
    let options = ServiceTicketOptions {
        cached_only: true,
        ..environment.service_options().unwrap()
    };
    environment
        .service_ticket(&cache, &principal(SERVICE), &options)
        .unwrap();
}

#[test]
fn we_use_the_cache_that_mit_wrote() {
    require_mit!();
    let realm = realm();
    realm.kinit("alice", "secret").unwrap();
    let environment = environment(&realm);
    let cache = environment.default_cache().unwrap();
    service_ticket(&environment, &cache, SERVICE).unwrap();
    let listed = output(&realm, &mut realm.command("klist"));
    assert!(listed.contains(SERVICE), "{listed}");
    assert_eq!(
        tickets(&cache),
        ["krbtgt/ORTHROS.TEST@ORTHROS.TEST", SERVICE]
    );
    // What is cached is not stored again.
    service_ticket(&environment, &cache, SERVICE).unwrap();
    assert_eq!(tickets(&cache).len(), 2);
}

#[test]
fn mits_kdc_answers_under_armor() {
    require_mit!();
    let realm = realm();
    let environment = environment(&realm);
    let cache = kinit(&environment);
    let mut options = environment.service_options().unwrap();
    options.request.fast = Some(FastUse::Required);
    environment
        .service_ticket(&cache, &principal(SERVICE), &options)
        .unwrap();
    // An error comes under it, too: one without would be called so.
    let unknown = principal("nobody/here@ORTHROS.TEST");
    let refused = environment.service_ticket(&cache, &unknown, &options);
    let AcquireError::Client(ClientError::Exchange(ExchangeError::Refused(refusal))) =
        refused.unwrap_err()
    else {
        unreachable!("no refusal");
    };
    assert!(
        matches!(*refusal, KdcRefusalError::ServiceUnknown { .. }),
        "{refusal}"
    );
}

#[test]
fn a_password_is_asked_for_once_the_kdc_wants_it() {
    require_mit!();
    let realm = realm();
    let environment = environment(&realm);
    let options = || {
        environment
            .initial_options(principal("alice@ORTHROS.TEST"))
            .unwrap()
    };
    let mut asked = 0;
    let ticket = environment.acquire_asking(options(), |client| {
        asked += 1;
        assert_eq!(*client, principal("alice@ORTHROS.TEST"));
        Ok(SecretVec::from(&b"secret"[..]))
    });
    assert_eq!(
        ticket.unwrap().credential.client,
        principal("alice@ORTHROS.TEST")
    );
    assert_eq!(asked, 1);
    let interrupted =
        environment.acquire_asking(options(), |_| Err(io::ErrorKind::Interrupted.into()));
    assert_eq!(
        interrupted.unwrap_err().minor_status(),
        MinorStatus::KRB5_LIBOS_PWDINTR
    );
}

#[test]
fn a_keytab_gets_a_ticket() {
    require_mit!();
    let realm = realm();
    let environment = environment(&realm);
    let keytab = environment.default_keytab().unwrap();
    let options = environment.initial_options(principal(SERVICE)).unwrap();
    let ticket = environment.acquire_with_keytab(options, &keytab).unwrap();
    assert_eq!(ticket.credential.client, principal(SERVICE));
}

#[test]
fn refusals_say_what_is_wrong() {
    require_mit!();
    let realm = realm();
    let environment = environment(&realm);
    let wrong = acquire(&environment, "wrong").unwrap_err();
    assert_eq!(
        wrong.minor_status(),
        MinorStatus::KRB5KDC_ERR_PREAUTH_FAILED
    );
    assert!(wrong.to_string().contains("password"), "{wrong}");
    let options = environment
        .initial_options(principal("nobody@ORTHROS.TEST"))
        .unwrap();
    let unknown = environment
        .acquire_with_password(options, SecretVec::from(&b"secret"[..]))
        .unwrap_err();
    assert_eq!(
        unknown.minor_status(),
        MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN
    );
    let cache = kinit(&environment);
    let unknown =
        service_ticket(&environment, &cache, "HTTP/nowhere.test@ORTHROS.TEST").unwrap_err();
    assert_eq!(
        unknown.minor_status(),
        MinorStatus::KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN
    );
    assert_eq!(tickets(&cache).len(), 1);
}

/// Says that every host is `www.test`.
#[derive(Debug)]
struct AllAreWww;

impl Resolver for AllAreWww {
    fn forward(&self, _: &str) -> Option<HostRecord> {
        let canonical_name = Some("www.test".to_owned());
        Some(HostRecord {
            canonical_name,
            address: Ipv4Addr::LOCALHOST.into(),
        })
    }

    fn reverse(&self, _: IpAddr) -> Option<String> {
        None
    }
}

#[test]
fn a_service_on_an_alias_is_found_under_its_hosts_other_name() {
    require_mit!();
    let realm = Realm::builder()
        .user("alice", "secret")
        .service("HTTP/www.test")
        .libdefault("dns_canonicalize_hostname", "fallback")
        .start()
        .unwrap();
    let environment = Environment::builder()
        .config_files(&[realm.krb5_conf_path()])
        .unwrap()
        .default_cache(realm.ccache())
        .resolver(Arc::new(AllAreWww))
        .build();
    let cache = kinit(&environment);
    let options = environment.service_options().unwrap();
    let get = |name: &str| {
        let service = environment
            .host_based_service(name, Some("alias.test"))
            .unwrap();
        environment.service_ticket(&cache, &service, &options)
    };
    assert_eq!(get("HTTP").unwrap().server, principal(SERVICE));
    let unknown = get("imap").unwrap_err();
    assert!(unknown.to_string().contains("imap/alias.test"), "{unknown}");
}

#[test]
fn a_kdc_that_is_down_is_named() {
    require_mit!();
    let mut realm = realm();
    let environment = environment(&realm);
    realm.stop_kdc();
    let down = acquire(&environment, "secret").unwrap_err();
    assert_eq!(down.minor_status(), MinorStatus::KRB5_KDC_UNREACH);
    let start = format!(
        "cannot contact any KDC for realm ORTHROS.TEST: {} (udp): ",
        realm.kdc_address()
    );
    assert!(down.to_string().starts_with(&start), "{down}");
}

#[test]
fn a_ticket_is_renewed_in_its_cache() {
    require_mit!();
    let realm = realm();
    let environment = environment(&realm);
    let cache = environment.default_cache().unwrap();
    let mut options = environment
        .initial_options(principal("alice@ORTHROS.TEST"))
        .unwrap();
    options.lifetime = Duration::from_hours(1);
    options.renewable_lifetime = Some(Duration::from_hours(48));
    let ticket = environment
        .acquire_with_password(options, SecretVec::from(&b"secret"[..]))
        .unwrap();
    environment.store_initial(&cache, &ticket).unwrap();
    service_ticket(&environment, &cache, SERVICE).unwrap();
    let renewed = environment
        .renew(&cache, None, &TgsRequestOptions::default())
        .unwrap();
    assert!(renewed.times.endtime >= ticket.credential.times.endtime);
    assert_eq!(renewed.times.renew_till, ticket.credential.times.renew_till);
    assert_eq!(tickets(&cache), ["krbtgt/ORTHROS.TEST@ORTHROS.TEST"]);
    output(&realm, realm.command("kvno").arg("HTTP/www.test"));
}

#[test]
fn streams_serve_where_datagrams_are_not_wanted() {
    require_mit!();
    let realm = Realm::builder()
        .user("alice", "secret")
        .libdefault("udp_preference_limit", "0")
        .start()
        .unwrap();
    let ticket = acquire(&environment(&realm), "secret").unwrap();
    assert_eq!(ticket.credential.client, principal("alice@ORTHROS.TEST"));
    assert!(!realm.kdc_log().is_empty());
}

#[test]
fn mit_and_we_write_one_cache_at_once_and_nothing_is_lost() {
    require_mit!();
    let mut builder = Realm::builder().user("alice", "secret");
    let services: Vec<String> = (0..16)
        .map(|number| format!("s{number}/www.test"))
        .collect();
    for service in &services {
        builder = builder.service(service);
    }
    let realm = builder.start().unwrap();
    let environment = environment(&realm);
    let cache = kinit(&environment);
    let (ours, theirs) = services.split_at(8);
    std::thread::scope(|scope| {
        for half in ours.chunks(4) {
            let (environment, cache) = (&environment, &cache);
            scope.spawn(move || {
                for service in half {
                    service_ticket(environment, cache, &format!("{service}@ORTHROS.TEST")).unwrap();
                }
            });
        }
        output(&realm, realm.command("kvno").args(theirs));
    });
    let mut found = tickets(&cache);
    found.sort();
    let mut expected: Vec<String> = services
        .iter()
        .map(|service| format!("{service}@ORTHROS.TEST"))
        .collect();
    expected.push("krbtgt/ORTHROS.TEST@ORTHROS.TEST".to_owned());
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn mit_begins_a_cache_anew_while_we_use_it_and_it_is_whole_all_the_time() {
    require_mit!();
    let realm = realm();
    let environment = environment(&realm);
    let cache = kinit(&environment);
    service_ticket(&environment, &cache, SERVICE).unwrap();
    let stored = cache.contents().unwrap().tickets().last().unwrap().clone();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                cache.store(std::slice::from_ref(&stored)).unwrap();
                assert!(!tickets(&cache).is_empty());
            }
        });
        let begun = (0..8).try_for_each(|_| realm.kinit("alice", "secret"));
        done.store(true, Ordering::Relaxed);
        begun.unwrap();
    });
    cache.store(std::slice::from_ref(&stored)).unwrap();
    let listed = output(&realm, &mut realm.command("klist"));
    assert!(listed.contains(SERVICE), "{listed}");
}

#[test]
fn mit_reads_the_keytab_that_we_changed() {
    require_mit!();
    let realm = realm();
    let environment = environment(&realm);
    let keytab = environment.default_keytab().unwrap();
    let imap = principal("imap/www.test@ORTHROS.TEST");
    assert!(keytab.remove(|entry| entry.principal == imap).unwrap() > 0);
    let copied = keytab.find(&principal(SERVICE), None, None).unwrap();
    let copy = KeytabEntry {
        principal: principal("copy/www.test@ORTHROS.TEST"),
        ..copied
    };
    keytab.add(&copy).unwrap();
    let listed = output(&realm, realm.command("klist").arg("-k"));
    assert!(!listed.contains("imap/"), "{listed}");
    assert!(
        listed.contains("copy/www.test@ORTHROS.TEST") && listed.contains(SERVICE),
        "{listed}"
    );
}

#[test]
fn keys_that_mit_and_we_add_to_a_keytab_at_the_same_time_are_all_there() {
    require_mit!();
    let realm = realm();
    let path = realm.path("shared.keytab");
    let environment = environment(&realm);
    let entry = |owner: &str, kvno| KeytabEntry {
        principal: principal(owner),
        timestamp: Timestamp::from_seconds(1_700_000_000),
        kvno,
        key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
    };
    // MIT adds one key a query, and takes each second one out again.
    let add = format!("ktadd -k {} -norandkey", path.display());
    let remove = format!("ktremove -k {}", path.display());
    let queries: Vec<String> = (0..25)
        .flat_map(|_| {
            [
                format!("{add} imap/www.test"),
                format!("{add} HTTP/www.test"),
                format!("{remove} imap/www.test all"),
            ]
        })
        .collect();
    std::thread::scope(|scope| {
        for owner in ["one@R", "other@R"] {
            let keytab = environment.keytab(&path).unwrap();
            scope
                .spawn(move || (1..=300).for_each(|kvno| keytab.add(&entry(owner, kvno)).unwrap()));
        }
        realm.kadmin(&queries).unwrap();
    });
    let keytab = environment.keytab(&path).unwrap().read().unwrap();
    let count = |owner: &str| keytab.entries_of(&principal(owner)).count();
    assert_eq!(count("one@R"), 300);
    assert_eq!(count("other@R"), 300);
    assert_eq!(count(SERVICE), 25 * DEFAULT_ENCTYPES.len());
    assert_eq!(count("imap/www.test@ORTHROS.TEST"), 0);
}

#[test]
fn a_forwarded_ticket_is_one_for_the_addresses_asked_for() {
    require_mit!();
    let realm = realm();
    let environment = environment(&realm);
    let cache = kinit(&environment);
    let address = HostAddress {
        addr_type: AddressType(2),
        address: [127, 0, 0, 1].as_slice().into(),
    };
    for addresses in [vec![], vec![address]] {
        let options = environment.service_options().unwrap().request;
        let forwarded = environment
            .forwarded_ticket(&cache, &addresses, &options)
            .unwrap();
        assert!(forwarded.flags.contains(TicketFlags::FORWARDED));
        assert_eq!(forwarded.addresses, addresses);
        assert_eq!(forwarded.server, principal(GRANTING));
        // It serves its new holder.
        let theirs = environment.cache("MEMORY:theirs").unwrap();
        theirs
            .initialize(&forwarded.client, None, std::slice::from_ref(&forwarded))
            .unwrap();
        service_ticket(&environment, &theirs, SERVICE).unwrap();
    }
}
