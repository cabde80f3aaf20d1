//! SPAKE preauthentication (RFC 9588) with MIT: its kinit and our KDC, our kinit and its KDC.

use std::fs;
use std::path::Path;
use std::process::Command;

use orthros_kdc::RealmPolicy;
use orthros_krb5::crypto::spake::Group;
use orthros_testing::mit::{Realm, RealmBuilder};
use orthros_testing::process::Finished;
use orthros_testing::proof::{Issuer, Peer, Proof, Role};
use orthros_testing::{process, programs, require_mit};

use crate::world::{PASSWORD, USER, World, with_libdefaults};

const ORTHROS: &str = env!("CARGO_BIN_EXE_orthros");

/// A program with these files, that is told the password where it asks.
fn run(program: &Path, arguments: &[&str], conf: &Path, cache: &Path, password: &str) -> Finished {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("KRB5_CONFIG", conf)
        .env("KRB5CCNAME", cache)
        .env("KRB5_TRACE", cache.with_extension("trace"))
        .env("LC_ALL", "C");
    process::run(&mut command, format!("{password}\n").as_bytes()).unwrap()
}

/// What MIT's library has written since the last look.
fn trace(cache: &Path) -> String {
    let path = cache.with_extension("trace");
    let trace = fs::read_to_string(&path).unwrap();
    fs::remove_file(path).unwrap();
    trace
}

/// MIT's kinit in a realm of ours with these groups; how many requests it sent, and what it traced.
fn mits_kinit(
    groups: &[Group],
    challenge: Option<Group>,
    libdefaults: &str,
    armored: bool,
) -> (usize, String) {
    let policy = || {
        let mut policy = RealmPolicy::new("");
        policy.spake_groups = groups.to_vec();
        policy.spake_challenge = challenge;
        policy
    };
    let world = World::with(
        |realm| realm.policy(policy()),
        |conf| with_libdefaults(&conf, libdefaults),
    );
    let kinit = programs::find("kinit").unwrap();
    let (conf, cache) = (world.path("krb5.conf"), world.path("ccache"));
    let armor = world.path("armor");
    let mut arguments = vec![USER];
    let armor_name = armor.display().to_string();
    if armored {
        let finished = run(&kinit, &[USER], &conf, &armor, PASSWORD);
        assert!(finished.status.success(), "{finished}");
        arguments = vec!["-T", &armor_name, USER];
    }
    let finished = run(&kinit, &arguments, &conf, &cache, PASSWORD);
    assert!(finished.status.success(), "{finished}");
    let trace = trace(&cache);
    assert_eq!(world.tickets().len(), 1);
    // A wrong password is called one, whatever it is proved by.
    let finished = run(&kinit, &arguments, &conf, &cache, "wrong");
    assert!(!finished.status.success(), "{finished}");
    assert!(finished.stderr.contains("Password incorrect"), "{finished}");
    (trace.matches("Sending request (").count(), trace)
}

fn record(peer: &Peer, role: Role, issuer: Issuer) {
    let proof = Proof {
        peer,
        role,
        issuer,
        mechanism: "AS by SPAKE",
        enctype: "aes256-cts-hmac-sha1-96",
        result: "tickets with armor and without, also by an optimistic challenge",
    };
    proof.record();
}

const RESPONSE: &str = "Sending SPAKE response";

#[test]
fn mits_kinit_proves_its_password_by_spake_to_our_kdc() {
    require_mit!();
    let ed = Group::Edwards25519;
    for armored in [false, true] {
        for (challenge, requests) in [(None, 3), (Some(ed), 2)] {
            let (sent, trace) = mits_kinit(&[ed], challenge, "", armored);
            assert!(trace.contains(RESPONSE), "{trace}");
            assert_eq!(sent, requests, "{trace}");
        }
    }
    let peer = Peer::mit("kinit").unwrap();
    record(&peer, Role::Client, Issuer::Ours);
}

#[test]
fn mits_kinit_goes_on_by_timestamp_where_there_is_no_common_group() {
    require_mit!();
    let (ed, p384) = (Group::Edwards25519, Group::P384);
    for (groups, challenge) in [(&[p384][..], None), (&[p384], Some(p384)), (&[], None)] {
        let (_, trace) = mits_kinit(groups, challenge, "", false);
        assert!(!trace.contains(RESPONSE), "{trace}");
        assert!(trace.contains("Encrypted timestamp (for"), "{trace}");
    }
    // A challenge in a group that it does not have is answered with the groups that it has.
    let (_, trace) = mits_kinit(&[p384, ed], Some(p384), "", false);
    assert!(trace.contains(RESPONSE), "{trace}");
}

/// Our kinit in a realm of MIT's: how it proved the password, as its cache has it.
fn our_kinit(builder: RealmBuilder, libdefaults: &[(&str, &str)], armored: bool) -> String {
    let realm = builder.user(USER, PASSWORD).start().unwrap();
    let conf = realm.variant_conf("client.conf", libdefaults).unwrap();
    let (cache, armor) = (realm.path("our.ccache"), realm.path("armor"));
    let orthros = Path::new(ORTHROS);
    let armor_name = armor.display().to_string();
    let mut arguments = vec!["kinit", USER];
    if armored {
        let finished = run(orthros, &arguments, &conf, &armor, PASSWORD);
        assert!(finished.status.success(), "{finished}");
        arguments = vec!["kinit", "-T", &armor_name, USER];
    }
    let finished = run(orthros, &arguments, &conf, &cache, "wrong");
    assert!(finished.stderr.contains("Password incorrect"), "{finished}");
    let finished = run(orthros, &arguments, &conf, &cache, PASSWORD);
    assert!(finished.status.success(), "{finished}");
    let klist = programs::find("klist").unwrap();
    let finished = run(&klist, &["-C"], &conf, &cache, "");
    assert!(finished.status.success(), "{finished}");
    finished.stdout
}

const BY_SPAKE: &str = "pa_type(krbtgt/ORTHROS.TEST@ORTHROS.TEST) = 151";

fn with_spake(challenge: &str) -> RealmBuilder {
    let builder = Realm::builder().libdefault("spake_preauth_groups", "edwards25519");
    match challenge {
        "" => builder,
        group => builder.section(&format!(
            "[kdcdefaults]\n    spake_preauth_kdc_challenge = {group}\n"
        )),
    }
}

#[test]
fn our_kinit_proves_its_password_by_spake_to_mits_kdc() {
    require_mit!();
    for armored in [false, true] {
        for challenge in ["", "edwards25519"] {
            let shown = our_kinit(with_spake(challenge), &[], armored);
            assert!(shown.contains(BY_SPAKE), "{shown}");
        }
    }
    let peer = Peer::mit("krb5kdc").unwrap();
    record(&peer, Role::Kdc, Issuer::Mits);
}

#[test]
fn our_kinit_goes_on_by_timestamp_where_mits_kdc_has_no_common_group() {
    require_mit!();
    for groups in ["P-521", "none"] {
        for challenge in ["", "edwards25519"] {
            let shown = our_kinit(
                with_spake(challenge),
                &[("spake_preauth_groups", groups)],
                false,
            );
            assert!(shown.contains(") = 2"), "{shown}");
        }
    }
}
