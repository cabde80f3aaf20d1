//! What the domain says of its users in tickets.

use std::collections::BTreeSet;

use orthros::pac::Sid;
use orthros::{AcceptContext, Environment, InitContext, Name, SecurityContext, Step};
use orthros_interop::runner::Case;
use orthros_testing::samba::{ADMINISTRATOR, Domain};

use super::world::{World, keytab_of};
use crate::cases;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "pac",
        the_pac_has_the_groups_that_the_directory_has,
    )
}

/// The context that a service has with the client of this world.
fn accepted(world: &World<'_>, keytab: &str, service: &str) -> SecurityContext {
    let environment = Environment::builder()
        .config_files(&[world.domain.krb5_conf()])
        .unwrap()
        .default_cache(world.cache())
        .default_keytab(keytab_of(world.domain, keytab))
        .build();
    let service = Name::hostbased_service(service).unwrap();
    let initiator = InitContext::builder(service).environment(&environment);
    let acceptor = AcceptContext::builder().environment(&environment);
    let token = match initiator.build().unwrap().step(None).unwrap() {
        Step::Done { token, .. } => token.unwrap(),
        Step::Continue(token) => token,
    };
    match acceptor.build().unwrap().step(&token).unwrap() {
        Step::Done { context, .. } => context,
        Step::Continue(_) => panic!("Kerberos takes one token"),
    }
}

/// The values of an attribute of a user in the domain's directory.
fn in_directory(world: &World<'_>, user: &str, attribute: &str) -> BTreeSet<Sid> {
    let (administrator, password) = ADMINISTRATOR;
    let credentials = format!("{administrator}%{password}");
    let base = format!("CN={user},CN=Users,DC=samba,DC=test");
    let arguments = [
        "-H",
        "ldap://dc1.samba.test",
        "-U",
        &credentials,
        "-b",
        &base,
        "-s",
        "base",
        attribute,
    ];
    let found = world.theirs("ldbsearch", &arguments, &[]);
    let prefix = format!("{attribute}: ");
    let values = found.lines().filter_map(|line| line.strip_prefix(&prefix));
    values.map(|value| value.parse().unwrap()).collect()
}

fn the_pac_has_the_groups_that_the_directory_has(domain: &Domain) {
    let world = World::of(domain, "grouped");
    let context = accepted(&world, "aes", "HTTP@aes.samba.test");
    let pac = context.pac().unwrap().unwrap();
    let user = pac.user_sid().unwrap();
    assert_eq!(in_directory(&world, "grouped", "objectSid"), [user].into());

    // Among them are groups by way of others. Those of the machine's own domain, S-1-5-32, are each machine's
    // business.
    let builtin = "S-1-5-32".parse().unwrap();
    let mut groups = in_directory(&world, "grouped", "tokenGroups");
    groups.retain(|group| group.domain() != Some(builtin));
    assert!(groups.len() >= 4, "{groups:?}");
    let password_checked: Sid = "S-1-18-1".parse().unwrap();
    let in_pac: BTreeSet<Sid> = pac.sids().collect();
    groups.extend([user, password_checked]);
    assert_eq!(in_pac, groups);

    let info = pac.logon_info().unwrap();
    assert_eq!(info.effective_name, "grouped");
    assert_eq!(info.logon_domain_name, "SAMBADOM");
    let names = pac.upn_dns_info().unwrap();
    assert_eq!(names.upn, "grouped@samba.test");
    assert_eq!(names.sid, Some(user));
    assert_eq!(pac.pac().client_info().unwrap().unwrap().name, "grouped");
    let attributes = context.initiator_name().attributes();
    assert!(
        attributes.contains(&"urn:mspac:logon-info".to_owned()),
        "{attributes:?}"
    );

    let environment = Environment::builder()
        .config_text("none", "")
        .unwrap()
        .build();
    let token = context.export().unwrap();
    let moved = SecurityContext::import_in(&token, &environment).unwrap();
    assert!(moved.pac().unwrap().unwrap().has_sid(&user));
}
