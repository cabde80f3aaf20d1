//! Service tickets, in the own realm and in the other.

use orthros_host::AcquireError;
use orthros_interop::runner::Case;
use orthros_interop::{ENCTYPES, HOME, OTHER, Realms};
use orthros_krb5::client::ServiceTicketOptions;
use orthros_krb5::crypto::Enctype;
use orthros_krb5::{FastUse, KdcRefusalError};
use orthros_types::keytab::Keytab;
use orthros_types::{AdType, AuthorizationDataEntry, Credential, Principal, TicketFlags};

use crate::cases;
use crate::party::{ALICE, OTHER_SERVICE, PASSWORD, Party, SERVICE, elsewhere, principal, refusal};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = cases!(
        "tickets",
        an_unknown_service_is_named,
        armor_protects_a_request,
        a_refusal_comes_under_armor_too,
        a_ticket_is_forwarded,
        a_user_is_a_service_by_the_key_of_its_own_ticket,
        what_does_not_fit_into_a_datagram_comes_by_a_stream,
        a_service_of_the_other_realm_is_reached,
        a_user_of_the_other_realm_reaches_a_service_here,
        a_service_whose_realm_nobody_said_is_found_by_referral,
        an_unknown_service_of_the_other_realm_is_named,
    );
    for enctype in ENCTYPES {
        let name = |what: &str| format!("tickets::a_{what}_of_{enctype}");
        cases.push(Case::new(name("ticket_in_a_key"), move |realms| {
            a_ticket_in_a_key_of(realms, enctype);
        }));
        cases.push(Case::new(name("session_key"), move |realms| {
            a_session_key_of(realms, enctype);
        }));
    }
    cases
}

/// Whether the services of a realm can read the ticket.
fn opens(realms: &Realms, realm: &str, credential: &Credential) -> bool {
    let keytab = Keytab::decode(&std::fs::read(realms.keytab(realm)).unwrap()).unwrap();
    let header = credential.ticket_header().unwrap();
    let entry = keytab.find(&header.server, header.kvno, Some(header.enctype));
    credential.ticket_opens_with(&entry.unwrap().key.key().unwrap())
}

/// The service has no other key.
fn a_ticket_in_a_key_of(realms: &Realms, enctype: &str) {
    let party = Party::alice(realms);
    let service = format!("host/{enctype}.orthros.test");
    let ticket = party.ticket(&service).unwrap();
    assert_eq!(ticket.client, principal(ALICE));
    assert_eq!(ticket.server, principal(&service));
    let expected = Enctype::from_name(enctype).unwrap().number();
    assert_eq!(ticket.ticket_header().unwrap().enctype.0, expected);
    assert!(opens(realms, HOME, &ticket));
}

/// It is the only one that the client asks for.
fn a_session_key_of(realms: &Realms, enctype: &str) {
    let enctype = Enctype::from_name(enctype).unwrap();
    let party = Party::alice(realms);
    let only = party.ticket_by(&principal(SERVICE), |request| {
        request.enctypes = vec![enctype];
    });
    let ticket = only.unwrap();
    assert_eq!(ticket.session_key.enctype().0, enctype.number());
    assert!(opens(realms, HOME, &ticket));
}

#[track_caller]
fn assert_unknown(outcome: Result<Credential, AcquireError>, expected: &Principal) {
    let refusal = refusal(outcome);
    let KdcRefusalError::ServiceUnknown { service, .. } = &refusal else {
        panic!("{refusal:?}");
    };
    assert_eq!(service, expected);
}

fn an_unknown_service_is_named(realms: &Realms) {
    let party = Party::alice(realms);
    let service = principal("host/nowhere.orthros.test");
    assert_unknown(party.ticket_by(&service, |_| {}), &service);
}

fn armor_protects_a_request(realms: &Realms) {
    let party = Party::alice(realms);
    let armored = party.ticket_by(&principal(SERVICE), |request| {
        request.fast = Some(FastUse::Required);
    });
    assert!(opens(realms, HOME, &armored.unwrap()));
}

fn a_refusal_comes_under_armor_too(realms: &Realms) {
    let party = Party::alice(realms);
    let service = principal("host/nowhere.orthros.test");
    let armored = party.ticket_by(&service, |request| request.fast = Some(FastUse::Required));
    assert_unknown(armored, &service);
}

fn a_ticket_is_forwarded(realms: &Realms) {
    let party = Party::alice(realms);
    let environment = &party.environment;
    let options = environment.service_options().unwrap().request;
    let forwarded = environment
        .forwarded_ticket(&party.cache, &[], &options)
        .unwrap();
    assert!(forwarded.flags.contains(TicketFlags::FORWARDED));
    let theirs = Party::new(realms);
    let tickets = std::slice::from_ref(&forwarded);
    theirs
        .cache
        .initialize(&forwarded.client, None, tickets)
        .unwrap();
    let ticket = theirs.ticket(SERVICE).unwrap();
    assert_eq!(ticket.client, principal(ALICE));
}

fn a_user_is_a_service_by_the_key_of_its_own_ticket(realms: &Realms) {
    let party = Party::alice(realms);
    let peer = Party::new(realms).log_in("trusting", "battery-staple");
    let options = ServiceTicketOptions {
        second_ticket: Some(peer.credential.ticket.clone()),
        ..party.environment.service_options().unwrap()
    };
    let service = principal("trusting");
    let environment = &party.environment;
    let ticket = environment
        .service_ticket(&party.cache, &service, &options)
        .unwrap();
    assert_eq!(ticket.server, service);
    assert!(ticket.ticket_opens_with(&peer.credential.session_key.key().unwrap()));
}

/// The request is sent as a datagram whatever its length; the ticket gets too long for one by what the client wants in
/// it.
fn what_does_not_fit_into_a_datagram_comes_by_a_stream(realms: &Realms) {
    let party = Party::with(realms, "    udp_preference_limit = 32700\n");
    party.log_in(ALICE, PASSWORD);
    let large = AuthorizationDataEntry {
        ad_type: AdType(-17),
        ad_data: vec![7; LARGE].into(),
    };
    let ticket = party.ticket_by(&principal(SERVICE), |request| {
        request.authorization_data = vec![large];
    });
    let ticket = ticket.unwrap();
    assert!(ticket.ticket.len() > LARGE);
    assert!(opens(realms, HOME, &ticket));
}

/// Octets; more than any KDC sends in a datagram.
const LARGE: usize = 6000;

fn a_service_of_the_other_realm_is_reached(realms: &Realms) {
    let party = Party::alice(realms);
    let service = elsewhere(OTHER_SERVICE);
    let ticket = party.ticket_by(&service, |_| {}).unwrap();
    assert_eq!(ticket.server, service);
    assert_eq!(ticket.client, principal(ALICE));
    assert!(opens(realms, OTHER, &ticket));
}

fn a_user_of_the_other_realm_reaches_a_service_here(realms: &Realms) {
    let party = Party::new(realms);
    let bob = elsewhere("bob");
    let options = party.environment.initial_options(bob.clone()).unwrap();
    let first = party.acquire_by(options, "other-horse").unwrap();
    party
        .environment
        .store_initial(&party.cache, &first)
        .unwrap();
    let ticket = party.ticket(SERVICE).unwrap();
    assert_eq!(ticket.client, bob);
    assert!(opens(realms, HOME, &ticket));
}

fn a_service_whose_realm_nobody_said_is_found_by_referral(realms: &Realms) {
    let party = Party::alice(realms);
    let host = OTHER_SERVICE.split_once('/').unwrap().1;
    let service = party.environment.host_based_service("host", Some(host));
    let service = service.unwrap();
    assert!(service.realm().is_empty());
    let ticket = party.ticket_by(&service, |_| {}).unwrap();
    let header = ticket.ticket_header().unwrap();
    assert_eq!(header.server, elsewhere(OTHER_SERVICE));
    assert!(opens(realms, OTHER, &ticket));
}

fn an_unknown_service_of_the_other_realm_is_named(realms: &Realms) {
    let party = Party::new(realms);
    party.log_in(ALICE, PASSWORD);
    let service = elsewhere("host/nowhere.other.test");
    assert_unknown(party.ticket_by(&service, |_| {}), &service);
}
