//! What the options of `orthros kdc` say of its realm.

use nix::sys::signal::Signal;
use orthros_testing::process::run;

use super::{Kdc, program};
use crate::world::{SERVICE, failure};

#[test]
fn keys_and_tickets_are_of_the_enctypes_that_are_named() {
    let enctypes = "aes256-cts-hmac-sha384-192,aes128-cts-hmac-sha256-128";
    let kdc = Kdc::with(&[
        "--user",
        "alice=secret",
        "--service",
        SERVICE,
        "--enctypes",
        enctypes,
    ]);
    let keytab = kdc.path("keytab");
    let listed = kdc.succeeds("orthros", &["klist", "-ek", &keytab], "");
    for line in listed.lines().skip(3) {
        assert!(
            enctypes.split(',').any(|enctype| line.contains(enctype)),
            "{line}"
        );
    }
    kdc.succeeds("orthros", &["kinit", "alice"], "secret\n");
    kdc.succeeds("orthros", &["kvno", "-k", &keytab, SERVICE], "");
    let listed = kdc.succeeds("orthros", &["klist", "-e"], "");
    assert!(
        !listed.contains("sha1") && listed.contains("aes256-cts-hmac-sha384-192"),
        "{listed}"
    );
    let unknown = [
        "kdc",
        "--realm",
        "R",
        "--listen",
        "127.0.0.1:0",
        "--enctypes",
        "des-cbc-crc",
    ];
    assert_eq!(
        run(&mut program(&unknown), b"").unwrap().status.code(),
        Some(2)
    );
}

#[test]
fn a_service_acts_for_users_where_it_was_allowed_to() {
    let (front, back, other) = ("HTTP/front", "imap/back", "imap/other");
    let services = ["--service", front, "--service", back, "--service", other];
    let user = ["--user", "alice=secret"];
    let through = format!("{front}={back}");
    let allowed = ["--delegate", &through];
    let transition = ["--protocol-transition", front];
    let received = format!("{back}={front}");
    let received = ["--delegate-from", &received];
    let elsewhere = ["--delegate", "HTTP/front=HTTP/front"];
    // Not at all, only with tickets of users, and for any user; by the target's account for any user, but where the
    // service has targets of its own.
    for (options, is_allowed) in [
        (&[][..], false),
        (&allowed[..], false),
        (&[&allowed[..], &transition[..]].concat(), true),
        (&received[..], true),
        (&[&received[..], &elsewhere[..]].concat(), false),
    ] {
        let kdc = Kdc::with(&[&user[..], &services[..], options].concat());
        kdc.succeeds("orthros", &["kinit", "-k", "-f", front], "");
        let proxy = |service| kdc.run("orthros", &["kvno", "-I", "alice", "-P", service], "");
        let finished = proxy(back);
        assert_eq!(
            finished.status.success(),
            is_allowed,
            "{options:?} {finished}"
        );
        assert!(!proxy(other).status.success());
        // What was got is kept, with the ticket that it was got with.
        let cached = ["kvno", "--cached-only", "-I", "alice", "-P", back];
        let kept = kdc.run("orthros", &cached, "");
        assert_eq!(kept.status.success(), is_allowed, "{kept}");
    }
    for (option, value, said) in [
        (
            "--delegate",
            "HTTP/front=imap/nowhere",
            "no principal imap/nowhere@R",
        ),
        (
            "--delegate",
            "HTTP/nowhere=imap/back",
            "no principal HTTP/nowhere@R",
        ),
        (
            "--delegate-from",
            "imap/back=HTTP/nowhere",
            "no principal HTTP/nowhere@R",
        ),
        (
            "--delegate-from",
            "imap/nowhere=HTTP/front",
            "no principal imap/nowhere@R",
        ),
        (
            "--protocol-transition",
            "HTTP/nowhere",
            "no principal HTTP/nowhere@R",
        ),
    ] {
        let listen = ["kdc", "--realm", "R", "--listen", "127.0.0.1:0"];
        let arguments = [&listen[..], &services[..], &[option, value]].concat();
        let refused = failure(run(&mut program(&arguments), b"").unwrap());
        assert!(refused.contains(said), "{refused}");
    }
}

#[test]
fn spake_is_in_the_groups_that_are_named_and_challenges_at_once_where_that_is_said() {
    let user = ["--user", "alice=secret"];
    // Our client has edwards25519, and falls back on the encrypted timestamp.
    let groups = |groups| ["--spake-preauth-groups", groups];
    let challenge = ["--spake-preauth-kdc-challenge", "edwards25519"];
    let both = groups("P-256,edwards25519");
    for (options, requests, answered) in [
        (vec![], 3, "another round"),
        (challenge.to_vec(), 2, "is required"),
        (groups("none").to_vec(), 2, "is required"),
        (groups("P-256").to_vec(), 3, "none of the realm's groups"),
        (both.to_vec(), 3, "another round"),
        ([both, challenge].concat(), 2, "is required"),
    ] {
        let kdc = Kdc::with(&[&user[..], &options].concat());
        kdc.succeeds("orthros", &["kinit", "alice"], "secret\n");
        let log = kdc.end(Signal::SIGTERM).stderr;
        let count = log.matches("AS-REQ of alice").count();
        assert_eq!(count, requests, "{options:?} {log}");
        assert!(log.contains(answered), "{options:?} {log}");
    }
    let listen = ["kdc", "--realm", "R", "--listen", "127.0.0.1:0"];
    for (options, said) in [
        (groups("P-257"), "there are edwards25519, P-256"),
        (
            ["--spake-preauth-kdc-challenge", "P-256"],
            "--spake-preauth-groups does not have P-256",
        ),
    ] {
        let arguments = [&listen[..], &options].concat();
        let finished = run(&mut program(&arguments), b"").unwrap();
        assert!(!finished.status.success());
        assert!(finished.stderr.contains(said), "{finished}");
    }
}
