//! What the options of kinit, kvno and klist do.

use orthros_krb5::Timestamp;
use orthros_testing::mit::Realm;
use orthros_testing::require_mit;
use serde_json::Value;

use crate::world::{PASSWORD, SERVICE, World, failure, success};

const GRANTING: &str = "krbtgt/ORTHROS.TEST@ORTHROS.TEST";

/// A time of a ticket, from a JSON document.
fn time(ticket: &Value, name: &str) -> i64 {
    let text = ticket[name].as_str().unwrap();
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

fn flags(ticket: &Value) -> Vec<&str> {
    let flags = ticket["flags"].as_array().unwrap();
    flags.iter().map(|flag| flag.as_str().unwrap()).collect()
}

/// The ticket-granting ticket that our kinit gets with these options.
fn granted(world: &World, options: &[&str]) -> Value {
    world.kinit(options);
    world.tickets().remove(0)
}

#[test]
fn lifetimes_are_those_asked_for() {
    require_mit!();
    let world = World::start();
    let ticket = granted(&world, &["-l", "1h", "-r", "2d"]);
    assert_eq!(time(&ticket, "endtime") - time(&ticket, "starttime"), 3600);
    assert_eq!(
        time(&ticket, "renew_till") - time(&ticket, "starttime"),
        2 * 86400
    );
    assert!(flags(&ticket).contains(&"renewable"));
    let ticket = granted(&world, &["-l", "1:30"]);
    assert_eq!(time(&ticket, "endtime") - time(&ticket, "starttime"), 5400);
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
    assert_eq!(time(&after, "endtime") - time(&after, "starttime"), 3600);
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
fn klist_s_answers_by_its_exit_code_alone() {
    require_mit!();
    let world = World::start();
    let answer = |name: &[&str]| {
        let arguments = [&["klist", "-s"], name].concat();
        let ours = world.run(world.orthros(&arguments), "");
        assert_eq!(ours.stdout + &ours.stderr, "");
        let theirs = world.run(world.mits("klist", &arguments[1..]), "");
        assert_eq!(ours.status.code(), theirs.status.code(), "{name:?}");
        ours.status.code()
    };
    assert_eq!(answer(&[]), Some(1));
    world.kinit(&[]);
    assert_eq!(answer(&[]), Some(0));
    assert_eq!(answer(&[&world.path("nothing")]), Some(1));
    // A service's ticket that is good does not make up for a ticket-granting one that is not.
    world.ours(&["kvno", SERVICE]);
    world.change_tickets(|ticket| {
        if ticket.is_local_ticket_granting() {
            ticket.times.endtime = Timestamp::from_seconds(1_000_000_000);
        }
    });
    assert_eq!(answer(&[]), Some(1));
    world.change_tickets(|ticket| ticket.times.endtime = Timestamp::from_seconds(1_000_000_000));
    assert_eq!(answer(&[]), Some(1));
    std::fs::write(world.realm.ccache(), "no cache").unwrap();
    assert_eq!(answer(&[]), Some(1));
}

#[test]
fn kvno_with_a_keytab_says_whether_it_has_the_key() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let old = world.path("old.keytab");
    std::fs::copy(world.realm.keytab(), &old).unwrap();
    world
        .realm
        .kadmin(&["cpw -randkey host/localhost"])
        .unwrap();
    world
        .realm
        .extract_keytab("services.keytab", &[SERVICE])
        .unwrap();
    let valid = "host/localhost@ORTHROS.TEST: kvno = 2, keytab entry valid\n";
    assert_eq!(world.ours(&["kvno", "-k", &world.keytab(), SERVICE]), valid);

    let arguments = ["kvno", "-k", &old, SERVICE];
    let invalid = world.run(world.orthros(&arguments), "");
    assert_eq!(invalid.status.code(), Some(1));
    assert_eq!(invalid.stdout, "");
    let theirs = world.run(world.mits("kvno", &arguments[1..]), "");
    let first_line = |text: &str| text.lines().next().map(str::to_owned);
    assert_eq!(first_line(&invalid.stderr), first_line(&theirs.stderr));
    for part in [SERVICE, "kvno 2", "aes256-cts-hmac-sha1-96", &old] {
        assert!(invalid.stderr.contains(part), "{part} in {invalid}");
    }
}

#[test]
fn kvno_goes_on_after_a_service_that_is_unknown() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let kvno = world.run(world.orthros(&["kvno", "nope/x.test", SERVICE]), "");
    assert_eq!(kvno.status.code(), Some(1));
    assert_eq!(kvno.stdout, "host/localhost@ORTHROS.TEST: kvno = 1\n");
    assert!(kvno.stderr.contains("nope/x.test@ORTHROS.TEST"), "{kvno}");
    assert!(
        kvno.stderr.starts_with("kvno: ")
            && kvno.stderr.contains(" while getting credentials for ")
    );
}

#[test]
fn kvno_names_the_service_of_a_host_picks_an_enctype_and_leaves_the_cache_alone() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    assert_eq!(world.ours(&["kvno", "-q", "-S", "host", "localhost"]), "");
    assert_eq!(world.services().len(), 2);
    world.ours(&["kvno", "--cached-only", SERVICE]);
    world.kinit(&[]);
    world.ours(&["kvno", "--no-store", SERVICE]);
    assert_eq!(world.services(), [GRANTING]);
    let said = world.refused(&["kvno", "--cached-only", SERVICE]);
    assert!(
        said.contains("has no ticket for host/localhost@ORTHROS.TEST"),
        "{said}"
    );
    world.ours(&["kvno", "-e", "aes128-sha2", SERVICE]);
    assert_eq!(
        world.tickets()[1]["session_key_enctype"],
        "aes128-cts-hmac-sha256-128"
    );
}

#[test]
fn machines_get_every_field() {
    require_mit!();
    let realm = Realm::builder().user("alice", "secret").service(SERVICE);
    let world = World::of(
        realm
            .enctypes(&["aes256-cts-hmac-sha384-192"])
            .start()
            .unwrap(),
    );
    world.kinit(&["-r", "1d", "-l", "1h"]);
    let listed: Value = serde_json::from_str(&world.ours(&["klist", "--json"])).unwrap();
    assert_eq!(listed["cache"], format!("FILE:{}", world.path("ccache")));
    assert_eq!(listed["principal"], "alice@ORTHROS.TEST");
    let ticket = &listed["tickets"][0];
    assert_eq!(ticket["client"], "alice@ORTHROS.TEST");
    assert_eq!(ticket["server"], GRANTING);
    assert_eq!(ticket["ticket_server"], GRANTING);
    assert_eq!(ticket["session_key_enctype"], "aes256-cts-hmac-sha384-192");
    assert_eq!(ticket["ticket_enctype"], "aes256-cts-hmac-sha384-192");
    assert_eq!(ticket["ticket_kvno"], 1);
    assert_eq!(
        flags(ticket),
        ["forwardable", "renewable", "initial", "pre-authent"]
    );
    assert!(time(ticket, "authtime") <= time(ticket, "starttime"));

    let listed: Value = serde_json::from_str(&world.ours(&["klist", "--json", "-k"])).unwrap();
    assert_eq!(listed["keytab"], format!("FILE:{}", world.keytab()));
    let entry = &listed["entries"][0];
    assert_eq!(entry["principal"], "host/localhost@ORTHROS.TEST");
    assert_eq!(entry["kvno"], 1);
    assert_eq!(entry["enctype"], "aes256-cts-hmac-sha384-192");
    assert!(time(entry, "timestamp") > 1_700_000_000);
}

#[test]
fn bad_usage_is_2_and_helps() {
    require_mit!();
    let world = World::start();
    let cases: [&[&str]; 6] = [
        &["kinit", "-l", "soon", "alice"],
        &["kinit", "--nonsense"],
        &["klist", "-s", "--json"],
        &["kvno"],
        &["kvno", "-e", "rot13", SERVICE],
        &["nonsense"],
    ];
    for arguments in cases {
        let finished = world.run(world.orthros(arguments), "");
        assert_eq!(finished.status.code(), Some(2), "{finished}");
        assert!(finished.stderr.contains("--help"), "{finished}");
    }
    for command in [
        "kinit",
        "klist",
        "kvno",
        "kdestroy",
        "gss-client",
        "gss-server",
    ] {
        let help = world.ours(&[command, "--help"]);
        assert!(
            help.contains(&format!("Usage: orthros {command}")),
            "{help}"
        );
    }
}

/// As in `orthros klist | head -1`, when head has seen enough.
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let server = world.our_server(&[]);
    let port = server.port().to_string();
    let client = [
        "gss-client",
        "--port",
        &port,
        "localhost",
        "host@localhost",
        "x",
    ];
    for arguments in [
        &["klist"][..],
        &["klist", "--json"],
        &["klist", "-k"],
        &["kvno", SERVICE],
        &client,
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = world.orthros(arguments);
        let ended = command.stdout(writer).output().unwrap();
        assert!(
            ended.status.success() && ended.stderr.is_empty(),
            "{arguments:?}: {ended:?}"
        );
    }
}

#[test]
fn passwords_that_expire_are_warned_of_and_expired_ones_refused() {
    require_mit!();
    let world = World::start();
    world
        .realm
        .kadmin(&["modprinc -pwexpire \"3 days\" alice"])
        .unwrap();
    let said = world.kinit(&[]).stderr;
    assert!(
        said.starts_with("Warning: Your password will expire on "),
        "{said}"
    );
    world
        .realm
        .kadmin(&["modprinc -pwexpire yesterday alice"])
        .unwrap();
    let said = failure(world.run(world.orthros(&["kinit", "alice"]), PASSWORD));
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
