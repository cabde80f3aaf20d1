//! Which realm a host is in, where `[domain_realm]` does not say it.

use orthros_krb5::locate::{HostRealmLocator, RealmStep};
use orthros_testing::virtual_network::{Network, srv, txt};
use orthros_types::config::Config;

use super::config;

fn run(mut locator: HostRealmLocator, network: &mut Network, config: &Config) -> Option<String> {
    loop {
        match locator.step(config) {
            RealmStep::AskDns(question) => locator.answered(network.ask_dns(&question)),
            RealmStep::Found(realm) => return realm,
        }
    }
}

fn of_host(host: &str, network: &mut Network, libdefaults: &str) -> Option<String> {
    let config = config(&format!("[libdefaults]\n{libdefaults}\n"));
    run(HostRealmLocator::of_host(host, &config), network, &config)
}

/// Of a host `h.a.example` that searches in `b.example`.
fn of_this_host(network: &mut Network, libdefaults: &str) -> Option<String> {
    let config = config(&format!("[libdefaults]\n{libdefaults}\n"));
    let searched = ["_kerberos.b.example".to_owned()];
    let locator = HostRealmLocator::of_this_host("h.a.example", &searched, &config);
    run(locator, network, &config)
}

const TXT: &str = "dns_lookup_realm = true";

#[test]
fn by_default_dns_does_not_choose_realms() {
    let mut network = Network::default().records("_kerberos.h.a.example TXT", &[txt("EVIL")]);
    assert_eq!(
        of_host("h.a.example", &mut network, "").unwrap(),
        "A.EXAMPLE"
    );
    assert_eq!(of_this_host(&mut network, "").unwrap(), "A.EXAMPLE");
    assert!(network.asked().is_empty());
}

#[test]
fn text_records_of_the_host_and_its_parents_are_asked_for_where_that_is_wanted() {
    let mut network = Network::default().records("_kerberos.example TXT", &[txt("Realm.Test.")]);
    assert_eq!(
        of_host("h.a.example", &mut network, TXT).unwrap(),
        "Realm.Test"
    );
    let asked = [
        "_kerberos.h.a.example TXT",
        "_kerberos.a.example TXT",
        "_kerberos.example TXT",
    ];
    assert_eq!(network.asked(), asked);
    let mut network = Network::default().dns_silent("_kerberos.a.example TXT");
    assert_eq!(
        of_host("h.a.example", &mut network, TXT).unwrap(),
        "A.EXAMPLE"
    );
    let mut network = Network::default();
    assert_eq!(of_host("192.0.2.1", &mut network, TXT), None);
    assert!(network.asked().is_empty());
}

#[test]
fn this_hosts_realm_may_be_that_of_the_domains_that_are_searched() {
    let mut network = Network::default().records("_kerberos.b.example TXT", &[txt("B")]);
    assert_eq!(of_this_host(&mut network, TXT).unwrap(), "B");
    assert_eq!(
        of_this_host(&mut Network::default(), TXT).unwrap(),
        "A.EXAMPLE"
    );
}

#[test]
fn texts_that_are_no_realm_are_passed_over() {
    for text in ["", ".", "A B", "A@B", "A/B", "A:B", "\u{1b}[2J", "A\0"] {
        let mut network = Network::default().records("_kerberos.a.example TXT", &[txt(text)]);
        assert_eq!(
            of_host("a.example", &mut network, TXT).unwrap(),
            "EXAMPLE",
            "{text:?}"
        );
    }
}

#[test]
fn a_host_of_many_labels_costs_few_questions() {
    // Room for `_kerberos._tcp` in front of it.
    let host = "a.".repeat(110) + "example";
    let mut network = Network::default();
    let all = "dns_lookup_realm = true\n realm_try_domains = 1000";
    assert!(of_host(&host, &mut network, all).is_some());
    assert_eq!(network.asked().len(), 8 + 8 * 3);
}

#[test]
fn a_parent_with_kdcs_in_dns_is_the_realm_where_parents_are_tried() {
    let dns = || Network::default().records("_kerberos._tcp.EXAMPLE.TEST SRV", &[srv(0, 88, "k")]);
    let realm = |tried: i32| {
        let option = format!("realm_try_domains = {tried}");
        of_host("h.a.example.test", &mut dns(), &option).unwrap()
    };
    assert_eq!(realm(2), "EXAMPLE.TEST");
    assert_eq!(realm(1), "A.EXAMPLE.TEST");
    let no_dns = "realm_try_domains = 2\n dns_lookup_kdc = false";
    assert_eq!(
        of_host("h.a.example.test", &mut dns(), no_dns).unwrap(),
        "A.EXAMPLE.TEST"
    );
}
