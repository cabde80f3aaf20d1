//! Tickets of other realms: three MIT realms, of which each trusts the next.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use orthros_host::{AcquireError, Cache, Environment};
use orthros_krb5::client::ClientError;
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{ExchangeError, KdcRefusalError};
use orthros_testing::mit::Realm;
use orthros_testing::require_mit;
use orthros_types::Principal;

/// Home, between and far.
struct Realms {
    home: Realm,
    /// It serves as long as this lives.
    _between: Realm,
    far: Realm,
}

const HOME: &str = "HOME.TEST";
const BETWEEN: &str = "BETWEEN.TEST";
const FAR: &str = "FAR.TEST";
const SERVICE: &str = "HTTP/www.far@FAR.TEST";

/// Clients know the way, or have to find it alone.
fn realms(client_section: &str) -> Realms {
    let realm = |name: &str| Realm::builder().name(name);
    let home = realm(HOME).user("alice", "secret").section(client_section);
    let mut home = home.start().unwrap();
    let mut between = realm(BETWEEN).service("HTTP/www.between").start().unwrap();
    let far = realm(FAR).service("HTTP/www.far");
    // Without it the far KDC refuses what came by a way that is not in its own configuration.
    let mut far = far
        .kdc_relation("reject_bad_transit", "false")
        .start()
        .unwrap();
    home.trust(&mut between).unwrap();
    between.trust(&mut far).unwrap();
    home.know(&far).unwrap();
    Realms {
        home,
        _between: between,
        far,
    }
}

const WAY: &str = "[capaths]\n    HOME.TEST = {\n        FAR.TEST = BETWEEN.TEST\n        BETWEEN.TEST = .\n    }\n";

fn environment(realm: &Realm) -> Environment {
    Environment::builder()
        .config_files(&[realm.krb5_conf_path()])
        .unwrap()
        .default_cache(realm.ccache())
        .build()
}

fn kinit(environment: &Environment) -> Cache {
    let alice = Principal::parse("alice@HOME.TEST", None).unwrap();
    let options = environment.initial_options(alice).unwrap();
    let ticket = environment
        .acquire_with_password(options, SecretVec::from(&b"secret"[..]))
        .unwrap();
    let cache = environment.default_cache().unwrap();
    environment.store_initial(&cache, &ticket).unwrap();
    cache
}

fn get(environment: &Environment, cache: &Cache, service: &str) -> Result<(), AcquireError> {
    let service = Principal::parse(service, None).unwrap();
    let options = environment.service_options().unwrap();
    environment
        .service_ticket(cache, &service, &options)
        .map(drop)
}

fn servers(cache: &Cache) -> Vec<String> {
    let contents = cache.contents().unwrap();
    let tickets = contents.tickets();
    tickets.map(|ticket| ticket.server.to_string()).collect()
}

#[test]
fn a_service_of_a_neighbouring_realm_is_reached() {
    require_mit!();
    let realms = realms("");
    let environment = environment(&realms.home);
    let cache = kinit(&environment);
    get(&environment, &cache, "HTTP/www.between@BETWEEN.TEST").unwrap();
    let expected = [
        "krbtgt/HOME.TEST@HOME.TEST",
        "krbtgt/BETWEEN.TEST@HOME.TEST",
        "HTTP/www.between@BETWEEN.TEST",
    ];
    assert_eq!(servers(&cache), expected);
    // MIT uses what we got on the way.
    let mut kvno = realms.home.command("kvno");
    kvno.args(["--cached-only", "HTTP/www.between@BETWEEN.TEST"]);
    assert!(realms.home.run(&mut kvno, b"").unwrap().status.success());
}

#[test]
fn a_way_of_the_configuration_leads_over_a_realm_between() {
    require_mit!();
    let realms = realms(WAY);
    let environment = environment(&realms.home);
    let cache = kinit(&environment);
    get(&environment, &cache, SERVICE).unwrap();
    let expected = [
        "krbtgt/HOME.TEST@HOME.TEST",
        "krbtgt/BETWEEN.TEST@HOME.TEST",
        "krbtgt/FAR.TEST@BETWEEN.TEST",
        SERVICE,
    ];
    assert_eq!(servers(&cache), expected);
    let listed = realms.far.kdc_log();
    assert!(
        listed.contains("alice@HOME.TEST for HTTP/www.far@FAR.TEST"),
        "{listed}"
    );
}

#[test]
fn a_realm_that_no_way_leads_to_is_named() {
    require_mit!();
    let realms = realms("");
    let environment = environment(&realms.home);
    let cache = kinit(&environment);
    let refused = get(&environment, &cache, SERVICE).unwrap_err();
    let AcquireError::Client(ClientError::Exchange(ExchangeError::Refused(refusal))) = refused
    else {
        unreachable!("{refused}");
    };
    assert!(
        matches!(*refusal, KdcRefusalError::RealmNotReachable { .. }),
        "{refusal}"
    );
}
