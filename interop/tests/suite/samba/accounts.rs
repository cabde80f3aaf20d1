//! Users: what keys they have, and what state their accounts are in.

use orthros_interop::runner::Case;
use orthros_testing::proof::{Peer, Role};
use orthros_testing::samba::{ADMINISTRATOR, Domain, PASSWORD, REALM};

use super::world::{AES256, World, full, keytab_of, shown};
use crate::cases;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "accounts",
        a_password_gets_a_ticket,
        a_name_without_a_realm_is_of_the_hosts_domain,
        a_user_with_keys_of_aes_gets_a_ticket,
        a_user_without_preauthentication_gets_a_ticket,
        a_protected_user_gets_a_ticket_that_is_not_forwardable,
        a_name_in_capitals_is_the_same_user,
        a_name_with_a_suffix_of_its_own_is_found_as_an_enterprise_name,
        a_machines_keytab_gets_a_ticket_and_is_armor,
        a_user_who_is_not_there_is_named,
        an_account_that_is_disabled_or_has_expired_is_said_to_be_revoked,
        an_account_with_too_many_wrong_passwords_is_locked,
        a_password_that_must_be_changed_is_said_to_have_expired,
        a_password_is_changed_and_a_bad_one_is_refused_with_the_reason,
        an_administrator_sets_the_password_of_another,
    )
}

/// That the user has a ticket, by ours and by MIT's.
fn gets_a_ticket(domain: &Domain, user: &str) {
    let granting = format!("krbtgt/{REALM}@{REALM}");
    let ours = World::of(domain, user);
    assert_eq!(ours.services(), [granting.as_str()]);
    let theirs = World::new(domain);
    theirs.theirs("kinit", &[&full(user)], &[PASSWORD]);
    assert_eq!(theirs.services(), [granting]);
}

fn a_password_gets_a_ticket(domain: &Domain) {
    gets_a_ticket(domain, "bob");
    let kdc = Peer::samba("KDC").unwrap();
    shown(
        &kdc,
        Role::Kdc,
        "AS, TGS",
        AES256,
        "tickets by password and for a service, accepted",
    );
}

/// Nothing is configured at all.
fn a_name_without_a_realm_is_of_the_hosts_domain(domain: &Domain) {
    let world = World::new(domain);
    world.ours_with(&["kinit", "bob"], &[PASSWORD]);
    world.ours(&["kvno", "HTTP/aes.samba.test"]);
    let services = [format!("krbtgt/{REALM}"), "HTTP/aes.samba.test".to_owned()];
    assert_eq!(world.services(), services.map(|name| full(&name)));
}

fn a_user_with_keys_of_aes_gets_a_ticket(domain: &Domain) {
    gets_a_ticket(domain, "aes");
}

fn a_user_without_preauthentication_gets_a_ticket(domain: &Domain) {
    gets_a_ticket(domain, "trusting");
}

/// Ours asks for a forwardable one, as MIT's does.
fn a_protected_user_gets_a_ticket_that_is_not_forwardable(domain: &Domain) {
    for (user, forwardable) in [("bob", true), ("protected", false)] {
        let listed = World::of(domain, user).ours(&["klist", "-f"]);
        let flags = listed.split("Flags: ").nth(1).unwrap().lines().next();
        assert_eq!(flags.unwrap().contains('F'), forwardable, "{listed}");
    }
}

fn a_name_in_capitals_is_the_same_user(domain: &Domain) {
    World::of(domain, "BOB");
    let world = World::new(domain);
    world.ours_with(&["kinit", "-C", &full("BOB")], &[PASSWORD]);
    assert!(world.ours(&["klist"]).contains("Default principal: bob@"));
}

fn a_name_with_a_suffix_of_its_own_is_found_as_an_enterprise_name(domain: &Domain) {
    let world = World::new(domain);
    world.ours_with(
        &["kinit", "-E", "-C", "first.last@corp.example"],
        &[PASSWORD],
    );
    let listed = world.ours(&["klist"]);
    assert!(
        listed.contains(&format!("Default principal: upn@{REALM}")),
        "{listed}"
    );
}

fn a_machines_keytab_gets_a_ticket_and_is_armor(domain: &Domain) {
    let machine = World::of_service(domain, "wks1", "wks1$");
    let world = World::new(domain);
    world.ours_with(
        &["kinit", "-T", &machine.cache(), &full("bob")],
        &[PASSWORD],
    );
    world.ours(&["kvno", &full("HTTP/aes.samba.test")]);
    let theirs = World::new(domain);
    theirs.theirs(
        "kinit",
        &["-k", "-t", &keytab_of(domain, "wks1"), "wks1$"],
        &[],
    );
}

fn a_user_who_is_not_there_is_named(domain: &Domain) {
    says_as_mits_does(
        domain,
        "ghost",
        "Client 'ghost@SAMBA.TEST' not found in Kerberos database",
    );
}

fn an_account_that_is_disabled_or_has_expired_is_said_to_be_revoked(domain: &Domain) {
    for user in ["disabled", "expired"] {
        says_as_mits_does(domain, user, "Client's credentials have been revoked");
    }
}

/// That ours and MIT's say this when the user's password is right, or would be.
#[track_caller]
fn says_as_mits_does(domain: &Domain, user: &str, text: &str) {
    let world = World::new(domain);
    let ours = world.refused(&["kinit", &full(user)], &[PASSWORD]);
    let theirs = world.theirs_refused("kinit", &[user], &[PASSWORD]);
    for said in [ours, theirs] {
        assert!(said.starts_with(&format!("kinit: {text}")), "{said}");
    }
}

fn an_account_with_too_many_wrong_passwords_is_locked(domain: &Domain) {
    let world = World::new(domain);
    for _ in 0..5 {
        let said = world.refused(&["kinit", &full("locked")], &["wrong"]);
        assert!(
            said.contains("the password for locked@SAMBA.TEST is wrong"),
            "{said}"
        );
    }
    says_as_mits_does(domain, "locked", "Client's credentials have been revoked");
}

fn a_password_that_must_be_changed_is_said_to_have_expired(domain: &Domain) {
    let world = World::new(domain);
    let said = world.refused(&["kinit", &full("mustchange")], &[PASSWORD]);
    assert!(
        said.contains("the password of mustchange@SAMBA.TEST has expired"),
        "{said}"
    );
}

fn a_password_is_changed_and_a_bad_one_is_refused_with_the_reason(domain: &Domain) {
    let world = World::new(domain);
    let said = world.refused(
        &["kpasswd", &full("changer")],
        &[PASSWORD, "short", "short"],
    );
    assert!(
        said.contains("password must be at least 7 characters long"),
        "{said}"
    );
    let new = "Passw0rd.c2";
    world.ours_with(&["kpasswd", &full("changer")], &[PASSWORD, new, new]);
    world.ours_with(&["kinit", &full("changer")], &[new]);
    // Samba takes a password that was right a moment ago for some time, and so tells nothing here.
    world.theirs("kpasswd", &["changer"], &[new, PASSWORD, PASSWORD]);
    World::of(domain, "changer");
}

fn an_administrator_sets_the_password_of_another(domain: &Domain) {
    let (administrator, password) = ADMINISTRATOR;
    let world = World::new(domain);
    let new = "Passw0rd.c3";
    let arguments = ["kpasswd", "--for", &full("reset"), &full(administrator)];
    world.ours_with(&arguments, &[password, new, new]);
    world.ours_with(&["kinit", &full("reset")], &[new]);
    // Others may not.
    let arguments = ["kpasswd", "--for", &full("reset"), &full("bob")];
    world.refused(&arguments, &[PASSWORD, PASSWORD, PASSWORD]);
}
