//! What names become, by configuration alone: no KDC is asked.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests fail the test, too"
)]

use orthros::{
    Environment, EnvironmentBuilder, ErrorKind, MechName, MinorStatus, Name, NameType, Oid,
};

fn builder(krb5_conf: &str) -> EnvironmentBuilder {
    Environment::builder()
        .config_text("krb5.conf", krb5_conf)
        .unwrap()
}

fn environment() -> Environment {
    let krb5_conf = "[libdefaults]\n default_realm = EXAMPLE.ORG\n\
                     [domain_realm]\n .example.org = EXAMPLE.ORG\n .example.net = EXAMPLE.NET\n";
    builder(krb5_conf)
        .local_hostname("Here.example.org")
        .search_domain("example.org")
        .build()
}

fn canonical(octets: &str, name_type: NameType) -> String {
    let name = Name::new(octets, name_type).unwrap();
    name.canonicalize_in(Oid::KRB5, &environment())
        .unwrap()
        .to_string()
}

#[test]
fn users_are_in_the_default_realm_unless_they_say_another() {
    for name_type in [NameType::USER_NAME, NameType::KRB5_PRINCIPAL_NAME] {
        assert_eq!(canonical("alice", name_type), "alice@EXAMPLE.ORG");
        assert_eq!(
            canonical("alice/admin@OTHER", name_type),
            "alice/admin@OTHER"
        );
        assert_eq!(canonical("a\\/b", name_type), "a\\/b@EXAMPLE.ORG");
    }
    let enterprise = canonical("alice@corp.example", NameType::KRB5_ENTERPRISE_NAME);
    assert_eq!(enterprise, "alice\\@corp.example@EXAMPLE.ORG");
}

#[test]
fn host_based_services_are_in_their_hosts_realm_or_leave_it_to_the_kdc() {
    let service = |name| canonical(name, NameType::HOSTBASED_SERVICE);
    assert_eq!(
        service("http@WWW.Example.Org."),
        "http/www.example.org@EXAMPLE.ORG"
    );
    assert_eq!(service("http@www"), "http/www.example.org@EXAMPLE.ORG");
    assert_eq!(service("http"), "http/here.example.org@EXAMPLE.ORG");
    assert_eq!(
        service("MSSQLSvc@db.example.net:1433"),
        "MSSQLSvc/db.example.net:1433@EXAMPLE.NET"
    );
    assert_eq!(service("http@www.unknown.com"), "http/www.unknown.com@");
    assert_eq!(
        canonical("http@www", NameType::HOSTBASED_SERVICE_X),
        service("http@www")
    );
}

#[test]
fn user_numbers_are_looked_up_in_the_system() {
    assert_eq!(
        canonical("0", NameType::STRING_UID_NAME),
        "root@EXAMPLE.ORG"
    );
    let root = Name::machine_uid(0)
        .canonicalize_in(Oid::KRB5, &environment())
        .unwrap();
    assert_eq!(root.to_string(), "root@EXAMPLE.ORG");
    let nobody = Name::machine_uid(0xFFFF_FFF0);
    let error = nobody
        .canonicalize_in(Oid::KRB5, &environment())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadName);
    assert_eq!(error.minor(), MinorStatus::G_NOUSER);
}

#[test]
fn without_a_default_realm_a_user_needs_one() {
    let environment = builder("").build();
    let error = Name::user("alice")
        .unwrap()
        .canonicalize_in(Oid::KRB5, &environment)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadName);
    assert_eq!(error.minor(), MinorStatus::KRB5_CONFIG_NODEFREALM);
    let name = Name::user("alice@R")
        .unwrap()
        .canonicalize_in(Oid::KRB5, &environment)
        .unwrap();
    assert_eq!(name.realm(), b"R");
    assert_eq!(name.components(), [b"alice"]);
}

#[test]
fn a_foreign_mechanism_has_no_names() {
    let error = Name::user("alice")
        .unwrap()
        .canonicalize_in(Oid::new(&[1, 2, 3]), &environment());
    assert_eq!(error.unwrap_err().kind(), ErrorKind::BadMechanism);
}

#[test]
fn exported_names_are_the_same_names_and_compare_as_octets() {
    let environment = environment();
    let name = Name::user("alice")
        .unwrap()
        .canonicalize_in(Oid::KRB5, &environment)
        .unwrap();
    let other_way = Name::user("alice@EXAMPLE.ORG")
        .unwrap()
        .canonicalize_in(Oid::KRB5, &environment)
        .unwrap();
    assert_eq!(name.export(), other_way.export());
    let imported = Name::new(name.export(), NameType::EXPORT_NAME).unwrap();
    assert_eq!(
        imported.canonicalize_in(Oid::KRB5, &environment).unwrap(),
        name
    );
    assert_eq!(MechName::import(&name.export()).unwrap(), name);
}

#[test]
fn names_are_compared_by_whom_they_mean() {
    let environment = environment();
    let same = |one: &Name, other: &Name| one.is_same_entity_in(other, &environment).unwrap();
    let short = Name::hostbased_service("http@www").unwrap();
    let long = Name::new(
        "http/www.example.org@EXAMPLE.ORG",
        NameType::KRB5_PRINCIPAL_NAME,
    )
    .unwrap();
    assert!(same(&short, &long));
    assert!(!same(&short, &Name::user("alice").unwrap()));
    assert!(!same(&Name::anonymous(), &Name::anonymous()));
}

#[test]
fn the_anonymous_name_is_the_well_known_one() {
    let name = Name::anonymous()
        .canonicalize_in(Oid::KRB5, &environment())
        .unwrap();
    assert_eq!(name.to_string(), "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS");
    assert!(name.is_anonymous());
}

#[test]
fn principals_are_local_users_by_the_rules() {
    let krb5_conf = "[libdefaults]\n default_realm = EXAMPLE.ORG\n k5login_directory = /nonexistent\n\
                     [realms]\n EXAMPLE.ORG = {\n auth_to_local = RULE:[2:$1@$2](.*@admin)s/@.*//\n\
                     auth_to_local = DEFAULT\n }\n";
    let environment = builder(krb5_conf).build();
    let name = |text: &str| {
        let name = Name::user(text).unwrap();
        name.canonicalize_in(Oid::KRB5, &environment).unwrap()
    };
    let alice = name("alice/admin");
    assert_eq!(alice.localname_in(&environment).unwrap(), "alice");
    let stranger = name("alice@OTHER").localname_in(&environment).unwrap_err();
    assert_eq!(stranger.kind(), ErrorKind::Unavailable);
    assert_eq!(stranger.minor(), MinorStatus::KRB5_LNAME_NOTRANS);

    let root = name("root/admin");
    root.authorize_localname_in("root", &environment).unwrap();
    let refused = alice.authorize_localname_in("root", &environment);
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthorized);
    assert_eq!(
        refused.to_string(),
        "not allowed by local policy: alice/admin@EXAMPLE.ORG may not be root: it is alice"
    );
}

#[test]
fn a_malformed_rule_is_a_failure_that_names_its_line() {
    let krb5_conf =
        "[libdefaults]\n default_realm = R\n[realms]\n R = {\n auth_to_local = RULE:[1:$1](\n }\n";
    let environment = builder(krb5_conf).build();
    let name = Name::user("alice").unwrap();
    let name = name.canonicalize_in(Oid::KRB5, &environment).unwrap();
    let error = name.localname_in(&environment).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.minor(), MinorStatus::KRB5_CONFIG_BADFORMAT);
    assert!(error.to_string().contains("krb5.conf:5"), "{error}");
}
