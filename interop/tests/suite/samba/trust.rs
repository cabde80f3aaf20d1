//! Another forest, and tickets across the trust.

use orthros_interop::runner::Case;
use orthros_testing::samba::{Domain, PASSWORD};

use super::world::{World, full};
use crate::cases;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "trust",
        tickets_lead_from_each_forest_into_the_other
    )
}

/// By referral, and to the realm that is named; DNS says where the KDCs of both are.
fn tickets_lead_from_each_forest_into_the_other(domain: &Domain) {
    let _other = domain.start_trusted_forest().unwrap();
    let bob = World::of(domain, "bob");
    for service in [
        full("cifs/dc2.other.test"),
        "host/dc2.other.test@OTHER.TEST".to_owned(),
    ] {
        let got = bob.ours(&["kvno", &service]);
        assert!(got.starts_with(&format!("{service}: kvno = ")), "{got}");
    }
    let granting = full("krbtgt/OTHER.TEST");
    assert!(bob.services().contains(&granting), "{:?}", bob.services());
    let otto = World::new(domain);
    otto.ours_with(&["kinit", "otto@OTHER.TEST"], &[PASSWORD]);
    for service in [
        "HTTP/aes.samba.test@OTHER.TEST".to_owned(),
        full("HTTP/aes.samba.test"),
    ] {
        // With the service's key.
        let keytab = domain.keytab("aes").display().to_string();
        let got = otto.ours(&["kvno", "-k", &keytab, &service]);
        assert!(got.contains("keytab entry valid"), "{got}");
    }
}
