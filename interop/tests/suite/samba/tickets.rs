//! Service tickets, also in others' names.

use orthros_interop::runner::Case;
use orthros_testing::samba::Domain;

use super::world::{World, full};
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
    let services = services.map(full);
    let services = services.each_ref().map(String::as_str);
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
    let itself = full("svcdeleg");
    let mut kept = vec![full("krbtgt/SAMBA.TEST")];
    for user in [["-I", "bob@SAMBA.TEST"], ["-U", "bob@SAMBA.TEST"]] {
        let ours = service.ours(&["kvno", user[0], user[1], &itself]);
        assert!(ours.starts_with("svcdeleg@SAMBA.TEST: kvno = "), "{ours}");
        let mits = service.theirs("kvno", &[user[0], user[1], &itself], &[]);
        assert_eq!(ours, mits);
        // It is kept, and MIT's has found it. Samba leaves an enterprise name as it is: that is another user's.
        kept.push(itself.clone());
        assert_eq!(service.services(), kept);
    }
}

fn a_service_goes_on_to_another_in_a_users_name(domain: &Domain) {
    let service = World::of_service(domain, "deleg", "svcdeleg");
    let target = [
        "kvno",
        "-I",
        &full("bob"),
        "-P",
        &full("HTTP/target.samba.test"),
    ];
    let ours = service.ours(&target);
    assert!(
        ours.starts_with("HTTP/target.samba.test@SAMBA.TEST: kvno = "),
        "{ours}"
    );
    // Also without a KDC, by ours and by MIT's.
    let cached = [["kvno", "--cached-only"].as_slice(), &target[1..]].concat();
    assert_eq!(service.ours(&cached), ours);
    service.theirs("kvno", &cached[1..], &[]);
    let elsewhere = [
        "kvno",
        "-I",
        &full("bob"),
        "-P",
        &full("HTTP/aes.samba.test"),
    ];
    let said = service.refused(&elsewhere, &[]);
    assert!(
        said.contains("the KDC can't grant a requested option"),
        "{said}"
    );
}
