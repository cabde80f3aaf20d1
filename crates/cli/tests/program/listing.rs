//! The tables of klist, octet for octet as MIT's klist prints them.

use std::fs;

use orthros_testing::mit::Realm;
use orthros_testing::require_mit;
use orthros_types::keytab::{Keytab, KeytabEntry};
use orthros_types::{EncryptionType, KeyBlock, Principal, TicketFlags, Timestamp};

use crate::world::{SERVICE, World};

/// Both klists must print the same, in every one of these time zones.
fn assert_same(world: &World, arguments: &[&str]) -> String {
    let mut printed = String::new();
    for zone in ["UTC0", "XYZ-5:30", "EST5EDT,M3.2.0,M11.1.0"] {
        let mut ours = world.orthros(&[&["klist"], arguments].concat());
        let mut theirs = world.mits("klist", arguments);
        ours.env("TZ", zone);
        theirs.env("TZ", zone);
        let (ours, theirs) = (world.run(ours, ""), world.run(theirs, ""));
        assert_eq!(ours.stdout, theirs.stdout, "klist {arguments:?} in {zone}");
        assert_eq!(ours.status.code(), theirs.status.code());
        assert!(ours.status.success(), "{ours}");
        printed = ours.stdout;
    }
    printed
}

const OF_CACHES: [&[&str]; 5] = [&[], &["-e"], &["-f"], &["-ef"], &["-c", "-f"]];
const OF_KEYTABS: [&[&str]; 4] = [&["-k"], &["-kt"], &["-ke"], &["-k", "-t", "-e"]];

#[test]
fn caches_are_listed_as_mit_lists_them() {
    require_mit!();
    let world = World::start();
    for options in [&[][..], &["-r", "2d"], &["-F", "-P"], &["-S", SERVICE]] {
        world.kinit(options);
        world.ours(&["kvno", SERVICE]);
        for arguments in OF_CACHES {
            assert_same(&world, arguments);
        }
    }
}

#[test]
fn odd_tickets_are_listed_as_mit_lists_them() {
    require_mit!();
    let world = World::start();
    world.kinit(&["-r", "2d"]);
    world.ours(&["kvno", SERVICE]);
    let other = Principal::parse(r"b\/o\@b/a dmin@OTHER.TEST", None).unwrap();
    let changes: [&dyn Fn(&mut orthros_types::Credential); 8] = [
        &|ticket| ticket.times.endtime = Timestamp::from_seconds(1_000_000_000),
        &|ticket| ticket.times.endtime = Timestamp::from_seconds(4_000_000_000),
        &|ticket| ticket.times.starttime = None,
        &|ticket| ticket.flags = TicketFlags::all(),
        &|ticket| ticket.flags = TicketFlags::empty(),
        &|ticket| ticket.client = other.clone(),
        // Got by referral: the ticket itself is for another name.
        &|ticket| ticket.server = other.clone(),
        &|ticket| ticket.session_key = KeyBlock::new(EncryptionType(23), vec![7; 16]),
    ];
    for change in changes {
        world.change_tickets(change);
        for arguments in OF_CACHES {
            assert_same(&world, arguments);
        }
    }
    world.change_tickets(|ticket| ticket.times.renew_till = None);
    for arguments in OF_CACHES {
        assert_same(&world, arguments);
    }
}

#[test]
fn names_that_are_not_ascii_are_listed_as_mit_lists_them() {
    require_mit!();
    let realm = Realm::builder().user("\u{e9}l\u{e8}ne/\u{20ac}", "secret");
    let world = World::of(realm.service("se rvice/x.test").start().unwrap());
    let kinit = world.orthros(&["kinit", "\u{e9}l\u{e8}ne/\u{20ac}"]);
    let kinit = world.run(kinit, "secret\n");
    assert!(kinit.status.success(), "{kinit}");
    world.ours(&["kvno", "se rvice/x.test"]);
    assert_same(&world, &["-ef"]);
    assert_same(&world, &["-kte"]);
}

#[test]
fn keytabs_are_listed_as_mit_lists_them() {
    require_mit!();
    let world = World::start();
    for arguments in OF_KEYTABS {
        assert_same(&world, arguments);
    }
    let named = format!("FILE:{}", world.keytab());
    assert_same(&world, &["-ke", &named]);
}

/// Keys that are of no use here are in many a keytab all the same.
#[test]
fn keys_of_enctypes_that_are_not_built_in_have_mits_names() {
    require_mit!();
    let world = World::start();
    let mut keytab = Keytab::default();
    for enctype in [1, 2, 3, 4, 6, 8, 16, 17, 18, 19, 20, 23, 24, 25, 26] {
        keytab.push(KeytabEntry {
            principal: Principal::parse(SERVICE, Some(b"OTHER.TEST")).unwrap(),
            timestamp: Timestamp::from_seconds(3_000_000_000),
            kvno: 70_000,
            key: KeyBlock::new(EncryptionType(enctype), vec![7; 16]),
        });
    }
    fs::write(world.realm.path("odd.keytab"), &*keytab.encode().unwrap()).unwrap();
    let listed = assert_same(&world, &["-kte", &world.path("odd.keytab")]);
    for name in [
        "(camellia256-cts-cmac)",
        "(DEPRECATED:arcfour-hmac)",
        "70000 ",
    ] {
        assert!(listed.contains(name), "{listed}");
    }
}
