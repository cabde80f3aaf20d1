//! Tickets, caches and keytabs.

use orthros_testing::mit::{DEFAULT_ENCTYPES, Realm};
use orthros_testing::require_mit;

use crate::{PASSWORD, SERVICE, kinit, orthros, realm, succeed};

#[test]
fn a_password_gets_a_ticket_of_each_enctype_and_mit_uses_our_cache() {
    require_mit!();
    for enctype in DEFAULT_ENCTYPES {
        let realm = realm(&[enctype]);
        kinit(&realm);
        mit_uses_our_cache(&realm, enctype);
    }
}

#[test]
fn a_keytab_gets_a_ticket_of_each_enctype_and_mit_uses_our_cache() {
    require_mit!();
    for enctype in DEFAULT_ENCTYPES {
        let realm = realm(&[enctype]);
        let keytab = realm.extract_keytab("alice.keytab", &["alice"]).unwrap();
        let keytab = keytab.to_str().unwrap();
        let mut kinit = orthros(&realm, ["kinit", "-k", "-t", keytab, "alice"]);
        succeed(&realm, &mut kinit, "");
        mit_uses_our_cache(&realm, enctype);
    }
}

#[test]
fn we_use_the_cache_that_mit_wrote() {
    require_mit!();
    let realm = realm(&DEFAULT_ENCTYPES);
    realm.kinit("alice", PASSWORD).unwrap();
    let kvno = succeed(&realm, &mut orthros(&realm, ["kvno", SERVICE]), "");
    assert!(kvno.stdout.contains("kvno = 1"), "{kvno}");
    let klist = succeed(&realm, &mut orthros(&realm, ["klist"]), "");
    let service = format!("{SERVICE}@{}", realm.name());
    assert!(klist.stdout.contains("alice@"), "{klist}");
    assert!(klist.stdout.contains(&service), "{klist}");
}

#[test]
fn mit_reads_the_service_ticket_that_we_put_into_its_cache() {
    require_mit!();
    let realm = realm(&DEFAULT_ENCTYPES);
    realm.kinit("alice", PASSWORD).unwrap();
    succeed(&realm, &mut orthros(&realm, ["kvno", SERVICE]), "");
    let klist = succeed(&realm, &mut realm.command("klist"), "");
    let service = format!("{SERVICE}@{}", realm.name());
    assert!(klist.stdout.contains(&service), "{klist}");
}

#[test]
fn a_wrong_password_is_refused_and_writes_no_cache() {
    require_mit!();
    let realm = realm(&DEFAULT_ENCTYPES);
    let mut kinit = orthros(&realm, ["kinit", "alice"]);
    let refused = realm.run(&mut kinit, b"wrong\n").unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused}");
    assert!(!realm.ccache().exists());
}

#[test]
fn an_unknown_principal_is_refused_by_name() {
    require_mit!();
    let realm = realm(&DEFAULT_ENCTYPES);
    let mut kinit = orthros(&realm, ["kinit", "nobody"]);
    let refused = realm.run(&mut kinit, b"password\n").unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused}");
    assert!(refused.stderr.contains("nobody@ORTHROS.TEST"), "{refused}");
}

#[test]
fn a_kdc_that_is_down_is_an_error_and_not_a_wait() {
    require_mit!();
    let mut realm = realm(&DEFAULT_ENCTYPES);
    realm.stop_kdc();
    let mut kinit = orthros(&realm, ["kinit", "alice"]);
    let refused = realm.run(&mut kinit, b"password\n").unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused}");
    assert!(refused.stderr.contains("ORTHROS.TEST"), "{refused}");
}

#[test]
fn a_destroyed_cache_is_gone_for_mit_too() {
    require_mit!();
    let realm = realm(&DEFAULT_ENCTYPES);
    kinit(&realm);
    succeed(&realm, &mut orthros(&realm, ["kdestroy"]), "");
    let klist = realm.run(realm.command("klist").arg("-s"), b"").unwrap();
    assert_eq!(klist.status.code(), Some(1), "{klist}");
}

#[test]
fn a_renewable_ticket_is_renewed() {
    require_mit!();
    let realm = realm(&DEFAULT_ENCTYPES);
    let mut kinit = orthros(&realm, ["kinit", "-l", "1h", "-r", "2d", "alice"]);
    succeed(&realm, &mut kinit, &format!("{PASSWORD}\n"));
    succeed(&realm, &mut orthros(&realm, ["kinit", "-R"]), "");
    let klist = succeed(&realm, realm.command("klist").arg("-f"), "");
    assert!(klist.stdout.contains("renew until"), "{klist}");
    assert!(realm.kdc_log().contains("TGS_REQ"), "{}", realm.kdc_log());
}

/// MIT's klist shows the ticket with its enctype, and MIT's kvno gets a service ticket with it.
fn mit_uses_our_cache(realm: &Realm, enctype: &str) {
    let klist = succeed(realm, realm.command("klist").arg("-e"), "");
    let etypes = format!("Etype (skey, tkt): {enctype}, {enctype}");
    assert!(klist.stdout.contains(&etypes), "{klist}");
    let kvno = succeed(realm, realm.command("kvno").arg(SERVICE), "");
    assert!(kvno.stdout.contains("kvno = 1"), "{kvno}");
}
