//! A service in the names of users (MS-SFU): svcdeleg, whose account lets it delegate to HTTP/target.

use orthros::{
    AcceptContext, Credential, Error, InitContext, MinorStatus, Name, Oid, StoreOptions,
};
use orthros_interop::runner::Case;
use orthros_testing::process::Daemon;
use orthros_testing::proof::{Peer, Role};
use orthros_testing::samba::Domain;

use super::contexts::free_port;
use super::world::{AES256, World, full, keytab_of, shown};
use crate::cases;
use crate::contexts::establish;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "impersonation",
        a_service_goes_on_in_the_name_of_a_user_without_a_ticket,
        a_service_goes_on_with_the_ticket_that_a_user_has_shown,
        a_user_who_may_not_be_delegated_is_not,
        mits_program_goes_on_with_a_stored_credential,
    )
}

const TARGET: &str = "HTTP@target.samba.test";

/// Whom the target takes the initiator for.
fn reach(domain: &Domain, credential: &Credential) -> Result<String, Error> {
    let target = World::new(domain);
    let initiator = InitContext::builder(Name::hostbased_service(TARGET)?).credential(credential);
    let acceptor = AcceptContext::builder().credential(&target.accepting("target"));
    let (_, theirs) = establish(initiator.build()?, acceptor.build()?)?;
    Ok(theirs.initiator_name().to_string())
}

fn impersonate(service: &World<'_>, user: &str) -> Credential {
    let service = service.accepting("deleg");
    service
        .impersonate(&Name::user(full(user)).unwrap())
        .unwrap()
}

fn a_service_goes_on_in_the_name_of_a_user_without_a_ticket(domain: &Domain) {
    let service = World::of_service(domain, "deleg", "svcdeleg");
    let bob = impersonate(&service, "bob");
    assert_eq!(reach(domain, &bob).unwrap(), full("bob"));
    let kdc = Peer::samba("KDC").unwrap();
    let result = "S4U2Self, and S4U2Proxy with that or an accepted ticket";
    shown(&kdc, Role::Kdc, "TGS", AES256, result);
}

fn a_service_goes_on_with_the_ticket_that_a_user_has_shown(domain: &Domain) {
    let service = World::of_service(domain, "deleg", "svcdeleg");
    let bob = World::of(domain, "bob");
    let acceptor = AcceptContext::builder().credential(&service.accepting("deleg"));
    let initiator = bob.initiator("HTTP@deleg.samba.test", Oid::SPNEGO);
    let (_, accepted) = establish(initiator, acceptor.build().unwrap()).unwrap();
    let onward = accepted.delegated_cred().unwrap().unwrap();
    assert_eq!(reach(domain, &onward).unwrap(), full("bob"));
}

fn a_user_who_may_not_be_delegated_is_not(domain: &Domain) {
    let service = World::of_service(domain, "deleg", "svcdeleg");
    let error = reach(domain, &impersonate(&service, "sensitive")).unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_BADOPTION, "{error}");
}

fn mits_program_goes_on_with_a_stored_credential(domain: &Domain) {
    let service = World::of_service(domain, "deleg", "svcdeleg");
    let theirs = World::new(domain);
    let store = StoreOptions::new().ccache(theirs.cache());
    impersonate(&service, "bob").store(&store).unwrap();
    let port = free_port();
    let keytab = keytab_of(domain, "target");
    let mut server = theirs.orthros(&["gss-server", "--port", &port, "--keytab", &keytab, TARGET]);
    let server = Daemon::start(&mut server, "Listening on port").unwrap();
    let client = ["-port", &port, "127.0.0.1", TARGET, "good news"];
    theirs.theirs("gss-client", &client, &[]);
    let printed = server.printed();
    assert!(
        printed.contains("Accepted connection: \"bob@SAMBA.TEST\""),
        "{printed}"
    );
}
