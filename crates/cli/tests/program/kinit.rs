//! What the options of kinit do, and renewal.

use orthros_testing::require_mit;
use orthros_types::Credential;
use orthros_types::ccache::CacheFile;
use serde_json::Value;

use crate::world::{PASSWORD, SERVICE, World, failure, flags, success, time};

const GRANTING: &str = "krbtgt/ORTHROS.TEST@ORTHROS.TEST";

/// The ticket-granting ticket that our kinit gets with these options.
fn granted(world: &World, options: &[&str]) -> Value {
    world.kinit(options);
    world.tickets().remove(0)
}

/// A lifetime is asked for as its end, and seconds may pass until the KDC lets it start.
fn assert_lasts(ticket: &Value, end: &str, wanted: i64) {
    let lasts = time(ticket, end) - time(ticket, "starttime");
    assert!((wanted - 10..=wanted).contains(&lasts), "{lasts}: {ticket}");
}

#[test]
fn lifetimes_are_those_asked_for() {
    require_mit!();
    let world = World::start();
    let ticket = granted(&world, &["-l", "1h", "-r", "2d"]);
    assert_lasts(&ticket, "endtime", 3600);
    assert_lasts(&ticket, "renew_till", 2 * 86400);
    assert!(flags(&ticket).contains(&"renewable"));
    let ticket = granted(&world, &["-l", "1:30"]);
    assert_lasts(&ticket, "endtime", 5400);
    assert_eq!(ticket["renew_till"], Value::Null);
}

#[test]
fn flags_are_those_asked_for() {
    require_mit!();
    let world = World::start();
    // The realm's configuration says forwardable.
    let cases: [(&[&str], bool, bool); 5] = [
        (&[], true, false),
        (&["-F"], false, false),
        (&["-f", "-p"], true, true),
        (&["-F", "-p"], false, true),
        (&["-P"], true, false),
    ];
    for (options, forwardable, proxiable) in cases {
        let ticket = granted(&world, options);
        let flags = flags(&ticket);
        assert_eq!(
            flags.contains(&"forwardable"),
            forwardable,
            "{options:?}: {flags:?}"
        );
        assert_eq!(
            flags.contains(&"proxiable"),
            proxiable,
            "{options:?}: {flags:?}"
        );
        assert!(
            flags.contains(&"initial") && flags.contains(&"pre-authent"),
            "{flags:?}"
        );
    }
}

#[test]
fn a_first_ticket_can_be_for_a_service() {
    require_mit!();
    let world = World::start();
    world.kinit(&["-S", SERVICE]);
    assert_eq!(world.services(), [format!("{SERVICE}@ORTHROS.TEST")]);
    // It needs no ticket-granting one, and serves MIT as well.
    world.theirs("kvno", &["-k", &world.keytab(), SERVICE]);
}

#[test]
fn another_cache_is_written_when_told() {
    require_mit!();
    let world = World::start();
    let other = world.path("other");
    world.kinit(&["-c", &other]);
    assert!(!world.realm.ccache().exists());
    let listed = world.ours(&["klist", &other]);
    assert!(
        listed.starts_with(&format!("Ticket cache: FILE:{other}\n")),
        "{listed}"
    );
    assert_eq!(listed, world.theirs("klist", &[&other]));
    assert_eq!(
        listed,
        world.ours(&["klist", "-c", &format!("FILE:{other}")])
    );
    world.ours(&["kvno", "-c", &other, SERVICE]);
    world.ours(&["klist", "-s", &other]);
}

#[test]
fn verbosity_says_which_cache_principal_and_keytab() {
    require_mit!();
    let world = World::start();
    let said = world.kinit(&["-V"]).stderr;
    let cache = world.path("ccache");
    let expected = format!(
        "Using cache: FILE:{cache}\nUsing principal: alice@ORTHROS.TEST\nAuthenticated to Kerberos v5\n"
    );
    assert_eq!(said, expected);
    let with_keytab = world.run(world.orthros(&["kinit", "-V", "-k", SERVICE]), "");
    let keytab = format!("Using keytab: FILE:{}\n", world.keytab());
    assert!(with_keytab.stderr.contains(&keytab), "{with_keytab}");
}

#[test]
fn kinit_without_a_name_is_the_caches_owner() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    success(world.run(world.orthros(&["kinit", "-F"]), PASSWORD));
    assert!(!flags(&world.tickets()[0]).contains(&"forwardable"));
    let listed = world.ours(&["klist"]);
    assert!(
        listed.contains("Default principal: alice@ORTHROS.TEST"),
        "{listed}"
    );
}

#[test]
fn an_enterprise_name_is_asked_for_as_it_is() {
    require_mit!();
    let world = World::start();
    let kinit = world.orthros(&["kinit", "-E", "someone@example.com"]);
    let said = failure(world.run(kinit, PASSWORD));
    assert!(
        said.contains(r"someone\@example.com@ORTHROS.TEST"),
        "{said}"
    );
}

#[test]
fn a_renewed_ticket_takes_the_place_of_the_old_one() {
    require_mit!();
    let world = World::start();
    world.kinit(&["-l", "1h", "-r", "2d"]);
    world.ours(&["kvno", SERVICE]);
    let before = world.tickets().remove(0);
    let said = world.run(world.orthros(&["kinit", "-R", "-V"]), "");
    assert!(said.status.success(), "{said}");
    // As MIT's: what was got with the old ticket goes with it.
    assert_eq!(world.services(), [GRANTING]);
    let after = world.tickets().remove(0);
    assert_eq!(time(&after, "renew_till"), time(&before, "renew_till"));
    assert_lasts(&after, "endtime", 3600);
    assert!(time(&after, "starttime") >= time(&before, "starttime"));
    assert_eq!(time(&after, "authtime"), time(&before, "authtime"));
    assert!(!flags(&after).contains(&"initial") || flags(&before).contains(&"initial"));
    world.theirs("kvno", &[SERVICE]);
}

#[test]
fn mits_kinit_renews_our_ticket_and_ours_mits() {
    require_mit!();
    let world = World::start();
    world.kinit(&["-r", "2d"]);
    world.theirs("kinit", &["-R"]);
    world.ours(&["kinit", "-R"]);
    world.theirs("kvno", &[SERVICE]);
}

/// What clients of Kafka run before each login: as MIT, a keytab gets a new ticket.
#[test]
fn a_keytab_counts_before_renewal() {
    require_mit!();
    let world = World::start();
    let keytab = world.keytab();
    let forced = "keytab specified, forcing -k\n";
    let kafkas: [(&[&str], &str); 4] = [
        (&["-R", "-t", &keytab, "-k"], ""),
        (&["-R", "-k", "-t", &keytab], ""),
        (&["-k", "-t", &keytab, "-R"], forced),
        (&["-R", "-t", &keytab], forced),
    ];
    for (options, expected) in kafkas {
        let arguments = [&["kinit"], options, &[SERVICE]].concat();
        let finished = world.run(world.orthros(&arguments), "");
        let said = finished.stderr.clone();
        success(finished);
        assert_eq!(said, expected, "{options:?}");
        assert_eq!(world.services(), [GRANTING]);
        world.ours(&["kdestroy"]);
    }
    // Without a keytab's name the later one counts.
    world.ours(&["kinit", "-R", "-k", SERVICE]);
    let said = world.refused(&["kinit", "-k", "-R"]);
    assert!(said.ends_with(" while renewing credentials\n"), "{said}");
}

#[test]
fn what_is_not_renewable_is_not_renewed_and_stays() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let before = std::fs::read(world.realm.ccache()).unwrap();
    let said = world.refused(&["kinit", "-R"]);
    assert!(said.ends_with(" while renewing credentials\n"), "{said}");
    assert!(said.contains("renewed"), "{said}");
    assert_eq!(std::fs::read(world.realm.ccache()).unwrap(), before);
}

#[test]
fn passwords_that_expire_are_warned_of_and_expired_ones_refused() {
    require_mit!();
    let world = World::start();
    world
        .realm
        .kadmin(&["modprinc -pwexpire \"84 hours\" alice"])
        .unwrap();
    let said = world.kinit(&[]).stderr;
    assert!(
        said.starts_with("Warning: Your password will expire in 3 days on "),
        "{said}"
    );
    // In MIT's words, to the letter; it says so where it prompts.
    let theirs = success(world.run(world.mits("kinit", &["alice"]), PASSWORD));
    assert!(theirs.ends_with(&said), "{theirs}");
    world
        .realm
        .kadmin(&["modprinc -pwexpire yesterday alice"])
        .unwrap();
    // Where no new one can be read, that is what is said.
    let expired = world.run(world.orthros(&["kinit", "alice"]), PASSWORD);
    assert_eq!(expired.status.code(), Some(1), "{expired}");
    let said = &expired.stderr;
    assert!(
        said.contains("password of alice@ORTHROS.TEST has expired"),
        "{said}"
    );
    world
        .realm
        .kadmin(&["modprinc -pwexpire never -allow_tix alice"])
        .unwrap();
    let said = failure(world.run(world.orthros(&["kinit", "alice"]), PASSWORD));
    assert!(said.contains("locked or disabled"), "{said}");
}

/// What the cache notes of how alice logged in: the number of the pre-authentication type.
fn noted_preauth(world: &World) -> Option<String> {
    let file = std::fs::read(world.realm.ccache()).unwrap();
    let opened = CacheFile::open(&file).unwrap();
    let entries: Vec<_> = opened.credentials().map(Result::unwrap).collect();
    let mut notes = entries.iter().filter_map(Credential::as_config);
    let note = notes.find(|note| note.key == b"pa_type")?;
    Some(String::from_utf8(note.value.to_vec()).unwrap())
}

#[test]
fn a_login_is_done_under_the_armor_of_the_hosts_ticket() {
    require_mit!();
    let world = World::start();
    let armor = world.path("armor");
    // Whoever wrote the armor's cache: MIT notes that the KDC knows FAST, and so do we.
    world.theirs("kinit", &["-k", "-c", &armor, SERVICE]);
    world.kinit(&["-T", &armor]);
    assert_eq!(noted_preauth(&world).as_deref(), Some("138"));
    world.theirs("kvno", &[SERVICE]);
    world.ours(&["kinit", "-k", "-c", &armor, SERVICE]);
    world.kinit(&["-T", &armor]);
    assert_eq!(noted_preauth(&world).as_deref(), Some("138"));
    // Without, it is the encrypted timestamp.
    world.kinit(&[]);
    assert_eq!(noted_preauth(&world).as_deref(), Some("2"));
}

#[test]
fn a_wrong_password_under_armor_is_called_one() {
    require_mit!();
    let world = World::start();
    let armor = world.path("armor");
    world.ours(&["kinit", "-k", "-c", &armor, SERVICE]);
    let kinit = world.orthros(&["kinit", "-T", &armor, "alice"]);
    let said = failure(world.run(kinit, "guess\n"));
    assert!(
        said.contains("the password for alice@ORTHROS.TEST is wrong"),
        "{said}"
    );
}

#[test]
fn an_armor_that_is_not_there_is_named() {
    require_mit!();
    let world = World::start();
    let said = world.refused(&["kinit", "-T", &world.path("nowhere"), "alice"]);
    assert!(said.contains("nowhere"), "{said}");
    assert!(said.contains("getting a ticket to be the armor"), "{said}");
}

/// The bytes of the ticket for the service, got with a ticket-granting ticket that was asked for in this way.
fn service_ticket_length(world: &World, options: &[&str]) -> usize {
    world.kinit(options);
    world.ours(&["kvno", SERVICE]);
    let file = std::fs::read(world.realm.ccache()).unwrap();
    let opened = CacheFile::open(&file).unwrap();
    let tickets: Vec<_> = opened.credentials().map(Result::unwrap).collect();
    let service = |ticket: &&Credential| ticket.server.components()[0] == *b"host";
    tickets.iter().find(service).unwrap().ticket.len()
}

#[test]
fn a_ticket_has_a_pac_or_not_as_it_is_asked_for() {
    require_mit!();
    let world = World::start();
    let usual = service_ticket_length(&world, &[]);
    let with = service_ticket_length(&world, &["--request-pac"]);
    let without = service_ticket_length(&world, &["--no-request-pac"]);
    assert!(
        without + 100 < usual && usual == with,
        "{without} {usual} {with}"
    );
    let both = world.orthros(&["kinit", "--request-pac", "--no-request-pac", "alice"]);
    assert_eq!(world.run(both, PASSWORD).status.code(), Some(2));
}

#[test]
fn the_configuration_may_have_options_for_kinit_alone() {
    require_mit!();
    let world = World::start();
    let conf = world.realm.krb5_conf()
        + "[appdefaults]\n forwardable = true\n kinit = {\n  ticket_lifetime = 1h\n  ORTHROS.TEST = {\n   \
           forwardable = false\n   proxiable = true\n  }\n }\n";
    let path = world.path("appdefaults.conf");
    std::fs::write(&path, conf).unwrap();
    let flags_with = |options: &[&str]| {
        let arguments = [&["kinit"], options, &["alice"]].concat();
        let mut kinit = world.orthros(&arguments);
        kinit.env("KRB5_CONFIG", &path);
        success(world.run(kinit, PASSWORD));
        let ticket = world.tickets().remove(0);
        let lifetime = time(&ticket, "endtime") - time(&ticket, "authtime");
        let has = |flag| flags(&ticket).contains(&flag);
        (has("forwardable"), has("proxiable"), lifetime)
    };
    assert_eq!(flags_with(&[]), (false, true, 3600));
    assert_eq!(flags_with(&["-f", "-P", "-l", "2h"]), (true, false, 7200));
}
