//! `orthros keytab`, on files that MIT's programs write and read too.

use std::fs;

use orthros_testing::process::Finished;
use orthros_testing::require_mit;

use crate::world::{SERVICE, World, failure, success};

const ENCTYPES: [&str; 4] = [
    "aes128-cts-hmac-sha1-96",
    "aes256-cts-hmac-sha1-96",
    "aes128-cts-hmac-sha256-128",
    "aes256-cts-hmac-sha384-192",
];

fn keytab(world: &World, arguments: &[&str], stdin: &str) -> Finished {
    world.run(world.orthros(&[&["keytab"], arguments].concat()), stdin)
}

/// Adds the key of alice's password with this kvno.
fn add(world: &World, keytab_name: &str, kvno: &str, enctypes: &[&str]) {
    let mut arguments = vec!["add", "-t", keytab_name, "-k", kvno];
    arguments.extend(enctypes.iter().flat_map(|enctype| ["-e", *enctype]));
    arguments.push("alice");
    assert_eq!(success(keytab(world, &arguments, "secret\n")), "");
}

/// A keytab as MIT's klist shows it, keys and all, without its name.
fn shown(world: &World, name: &str) -> Vec<String> {
    let listed = world.theirs("klist", &["-keK", name]);
    listed.lines().skip(3).map(str::to_owned).collect()
}

#[test]
fn keys_of_a_password_are_those_that_mits_ktutil_makes() {
    require_mit!();
    let world = World::start();
    let (ours, theirs) = (world.path("ours"), world.path("theirs"));
    for salt in [&[][..], &["-s", "any s\u{e4}lt"]] {
        let mut commands = String::new();
        for enctype in ENCTYPES {
            let said = keytab(
                &world,
                &[
                    &["add", "-t", &ours, "-k", "300", "-e", enctype],
                    salt,
                    &["alice"],
                ]
                .concat(),
                "p\u{e4}ss word\n",
            );
            assert_eq!(success(said), "");
            let salted = salt
                .last()
                .map_or(String::new(), |salt| format!("-s \"{salt}\""));
            commands.push_str(&format!(
                "addent -password -p alice -k 300 -e {enctype} {salted}\np\u{e4}ss word\n"
            ));
        }
        commands.push_str(&format!("wkt {theirs}\n"));
        success(world.run(world.mits("ktutil", &[]), &commands));
        assert_eq!(shown(&world, &ours), shown(&world, &theirs));
        assert_eq!(shown(&world, &ours).len(), ENCTYPES.len());
        fs::remove_file(&ours).unwrap();
        fs::remove_file(&theirs).unwrap();
    }
}

#[test]
fn a_keytab_of_a_password_logs_its_user_in() {
    require_mit!();
    let world = World::start();
    let name = world.path("alice.keytab");
    add(&world, &name, "1", &[]);
    world.ours(&["kinit", "-k", "-t", &name, "alice"]);
    world.theirs("kinit", &["-k", "-t", &name, "alice"]);
}

#[test]
fn a_given_key_is_put_in_as_it_is() {
    require_mit!();
    let world = World::start();
    let name = world.path("given");
    let digits = "00112233445566778899aabbccddeeff";
    let arguments = [
        "add",
        "-t",
        &name,
        "-k",
        "7",
        "-e",
        "aes128-cts",
        "--key",
        SERVICE,
    ];
    success(keytab(
        &world,
        &arguments,
        &format!("{}\n", digits.to_uppercase()),
    ));
    let expected = format!("   7 {SERVICE}@ORTHROS.TEST (aes128-cts-hmac-sha1-96)  (0x{digits})");
    assert_eq!(shown(&world, &name), [expected]);
    for wrong in ["0011", "0", "no key"] {
        let said = failure(keytab(&world, &arguments, &format!("{wrong}\n")));
        assert!(said.contains("key"), "{said}");
        assert!(!said.contains(wrong), "{said}");
    }
}

#[test]
fn keys_are_listed_as_klist_lists_them() {
    require_mit!();
    let world = World::start();
    for (ours, theirs) in [
        (&[][..], &["-k"][..]),
        (&["-e"], &["-ke"]),
        (&["--timestamps", "-e"], &["-kte"]),
    ] {
        let listed = world.ours(&[&["keytab", "list"], ours].concat());
        assert_eq!(listed, world.theirs("klist", theirs));
    }
    let listed = world.ours(&["keytab", "list", "--json", "-t", &world.keytab()]);
    assert_eq!(listed, world.ours(&["klist", "-k", "--json"]));
}

#[test]
fn only_the_keys_that_are_named_are_removed() {
    require_mit!();
    let world = World::start();
    let name = world.path("many");
    // Were it above 240, one below 128 of the same second would count as newer.
    for kvno in ["1", "2", "200"] {
        add(&world, &name, kvno, &ENCTYPES[..2]);
    }
    let remove = |arguments: &[&str]| {
        success(keytab(
            &world,
            &[&["remove", "-t", &name], arguments].concat(),
            "",
        ))
    };
    assert_eq!(
        remove(&["-k", "1", "-e", "aes256-cts", "alice"]),
        format!(
            "removed from FILE:{name}: alice@ORTHROS.TEST of kvno 1 (aes256-cts-hmac-sha1-96)\n"
        )
    );
    assert_eq!(shown(&world, &name).len(), 5);
    assert_eq!(remove(&["--old", "alice"]).lines().count(), 3);
    assert_eq!(remove(&["--old", "alice"]), "");
    let left = shown(&world, &name);
    assert!(
        left.iter().all(|line| line.starts_with(" 200 ")),
        "{left:?}"
    );
    assert_eq!(remove(&["alice"]).lines().count(), 2);
    assert!(shown(&world, &name).is_empty());
}

#[test]
fn what_can_not_be_removed_is_named_with_what_is_there() {
    require_mit!();
    let world = World::start();
    let before = fs::read(world.realm.keytab()).unwrap();
    let absent = world.path("absent");
    for (arguments, said) in [
        (&["nobody"][..], "no key for nobody@ORTHROS.TEST"),
        (&["-k", "9", SERVICE], "of kvno 9: only of kvno 1"),
        (&["-k", "0", SERVICE], "of kvno 1 "),
        (&["--old", "nobody"], "no key for nobody@ORTHROS.TEST"),
        (&["-t", &absent, SERVICE], "Key table file '"),
    ] {
        let refused = world.refused(&[&["keytab", "remove"], arguments].concat());
        assert!(refused.starts_with("keytab: "), "{refused}");
        assert!(refused.contains(said), "{refused}");
    }
    assert!(fs::read(world.realm.keytab()).unwrap() == before);
}

#[test]
fn keytabs_are_merged_once_however_often_it_is_said() {
    require_mit!();
    let world = World::start();
    let (name, users) = (world.path("merged"), world.path("users"));
    add(&world, &users, "1", &ENCTYPES);
    for _ in 0..2 {
        world.ours(&[
            "keytab",
            "merge",
            "-t",
            &name,
            &world.keytab(),
            &users,
            &users,
        ]);
        let both = [shown(&world, &world.keytab()), shown(&world, &users)].concat();
        assert_eq!(shown(&world, &name), both);
    }
}

#[test]
fn a_key_that_contradicts_another_is_refused_and_nothing_is_changed() {
    require_mit!();
    let world = World::start();
    let (name, other) = (world.path("one"), world.path("other"));
    add(&world, &name, "1", &ENCTYPES[..1]);
    add(&world, &other, "2", &ENCTYPES[..1]);
    let arguments = ["add", "-t", &other, "-k", "1", "-e", ENCTYPES[0], "alice"];
    success(keytab(&world, &arguments, "another\n"));
    let before = fs::read(&name).unwrap();
    let said = world.refused(&["keytab", "merge", "-t", &name, &other]);
    assert!(
        said.contains("has another key for alice@ORTHROS.TEST of kvno 1 (aes128-cts-hmac-sha1-96)"),
        "{said}"
    );
    assert!(fs::read(&name).unwrap() == before);
}

#[test]
fn a_file_that_is_no_keytab_is_left_as_it_is() {
    require_mit!();
    let world = World::start();
    let name = world.path("text");
    fs::write(&name, "some text").unwrap();
    let arguments = ["add", "-t", &name, "-k", "1", "alice"];
    let said = failure(keytab(&world, &arguments, "secret\n"));
    assert!(said.contains(&name), "{said}");
    let said = world.refused(&["keytab", "merge", "-t", &name, &world.keytab()]);
    assert!(said.contains(&name), "{said}");
    assert_eq!(fs::read(&name).unwrap(), b"some text");
}

/// The salt of a principal that was renamed is the one of its old name, which only the KDC knows; as with ktutil's
/// `addent -f`.
#[test]
fn the_salt_is_the_kdcs_where_it_is_asked() {
    require_mit!();
    let world = World::start();
    let renamed = [
        "renprinc -force alice adele",
        "addprinc -requires_preauth -pw secret open",
    ];
    world.realm.kadmin(&renamed).unwrap();
    let kvno_of = |name: &str, keytab_name: &str| {
        let kinit = world.orthros(&["kinit", "-k", "-t", keytab_name, name]);
        world.run(kinit, "").status.success()
    };
    for name in ["adele", "open"] {
        let (guessed, fetched) = (world.path("guessed"), world.path("fetched"));
        let add = |options: &[&str], file: &str| {
            let arguments = [&["add", "-t", file, "-k", "1"], options, &[name]].concat();
            success(keytab(&world, &arguments, "secret\n"));
        };
        add(&["-f"], &fetched);
        assert!(kvno_of(name, &fetched), "{name}");
        add(&[], &guessed);
        assert_eq!(kvno_of(name, &guessed), name == "open");
        for file in [guessed, fetched] {
            fs::remove_file(file).unwrap();
        }
    }
    // One enctype alone is that of MIT's, to the key.
    let (ours, theirs) = (world.path("ours"), world.path("theirs"));
    let of_128 = [
        "add",
        "-f",
        "-t",
        &ours,
        "-k",
        "1",
        "-e",
        ENCTYPES[0],
        "adele",
    ];
    success(keytab(&world, &of_128, "secret\n"));
    let commands = format!(
        "addent -password -p adele -k 1 -f -e {}\nsecret\nwkt {theirs}\n",
        ENCTYPES[0]
    );
    success(world.run(world.mits("ktutil", &[]), &commands));
    assert_eq!(shown(&world, &ours), shown(&world, &theirs));
    let unknown = keytab(
        &world,
        &["add", "-f", "-t", &ours, "-k", "1", "nemo"],
        "x\n",
    );
    let said = failure(unknown);
    assert!(
        said.contains("nemo@ORTHROS.TEST") && said.contains("while asking the KDC"),
        "{said}"
    );
}
