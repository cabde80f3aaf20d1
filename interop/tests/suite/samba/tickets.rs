//! Service tickets, also in others' names.

use orthros_interop::runner::Case;
use orthros_testing::samba::Domain;

use super::world::World;
use crate::cases;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "tickets",
        tickets_for_services_are_got_and_kept,
        a_service_gets_a_ticket_to_itself_in_a_users_name,
        a_service_goes_on_to_another_in_a_users_name,
    )
}

fn tickets_for_services_are_got_and_kept(domain: &Domain) {
    let services = [
        "HTTP/aes.samba.test",
        "ldap/dc1.samba.test",
        "cifs/dc1.samba.test",
    ];
    let world = World::of(domain, "bob");
    let arguments = [&["kvno"], services.as_slice()].concat();
    let ours = world.ours(&arguments);
    let kept = world.services();
    assert_eq!(kept.len(), 1 + services.len(), "{kept:?}");
    let mits = World::of(domain, "bob").theirs("kvno", &services, &[]);
    assert_eq!(ours, mits);
}

fn a_service_gets_a_ticket_to_itself_in_a_users_name(domain: &Domain) {
    let service = World::of_service(domain, "deleg", "svcdeleg");
    for user in [["-I", "bob"], ["-U", "first.last@corp.example"]] {
        let ours = service.ours(&["kvno", user[0], user[1], "svcdeleg"]);
        assert!(ours.starts_with("svcdeleg@SAMBA.TEST: kvno = "), "{ours}");
        let mits = service.theirs("kvno", &[user[0], user[1], "svcdeleg"], &[]);
        assert_eq!(ours, mits);
    }
}

fn a_service_goes_on_to_another_in_a_users_name(domain: &Domain) {
    let service = World::of_service(domain, "deleg", "svcdeleg");
    let target = ["kvno", "-I", "bob", "-P", "HTTP/target.samba.test"];
    let ours = service.ours(&target);
    assert!(
        ours.starts_with("HTTP/target.samba.test@SAMBA.TEST: kvno = "),
        "{ours}"
    );
    let elsewhere = ["kvno", "-I", "bob", "-P", "HTTP/aes.samba.test"];
    let said = service.refused(&elsewhere, &[]);
    assert!(
        said.contains("the KDC can't grant a requested option"),
        "{said}"
    );
}
