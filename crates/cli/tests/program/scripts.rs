//! What scripts and other programs rely on: exit codes, JSON documents, pipes.

use orthros_testing::mit::Realm;
use orthros_testing::require_mit;
use orthros_types::Timestamp;
use serde_json::Value;

use crate::world::{SERVICE, World, flags, time};

const GRANTING: &str = "krbtgt/ORTHROS.TEST@ORTHROS.TEST";

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
