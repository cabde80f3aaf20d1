//! Tickets of our realms that take two parties' tickets, or two realms, to get: user-to-user, and across realms.

use std::fs;
use std::process::Command;

use orthros_asn1::PaDataType;
use orthros_crypto::Enctype;
use orthros_host::{Environment, Secret};
use orthros_kdc::server::{Realm, RealmBuilder};
use orthros_kdc::{PrincipalEntry, PrincipalKey};
use orthros_testing::process::run;
use orthros_testing::{mit, programs, require_mit};
use orthros_types::{NameType, Principal};

const NAME: &str = "OURS.TEST";
const OTHER: &str = "OTHER.TEST";
const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

/// A realm of ours, and a directory from which programs use it.
struct World {
    realm: Realm,
    directory: tempfile::TempDir,
}

impl World {
    fn start(builder: RealmBuilder) -> Self {
        let realm = builder.user("alice", "secret").start().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let world = Self { realm, directory };
        fs::write(world.path("krb5.conf"), world.realm.krb5_conf()).unwrap();
        world
    }

    fn path(&self, file: &str) -> String {
        self.directory.path().join(file).display().to_string()
    }

    /// What the program prints; it must succeed.
    fn run(&self, program: &str, arguments: &[&str], stdin: &str) -> String {
        let mut command = Command::new(programs::find(program).unwrap());
        command
            .args(arguments)
            .env("KRB5_CONFIG", self.path("krb5.conf"))
            .env("KRB5CCNAME", self.path("ccache"))
            .env("KRB5_TRACE", self.path("trace"))
            .env("LC_ALL", "C");
        let finished = run(&mut command, stdin.as_bytes()).unwrap();
        let trace = || fs::read_to_string(self.path("trace")).unwrap_or_default();
        assert!(finished.status.success(), "{finished}{}", trace());
        finished.stdout
    }
}

fn builder() -> RealmBuilder {
    Realm::builder(NAME).service("host/front")
}

fn principal(name: &str) -> Principal {
    Principal::parse(name, Some(NAME.as_bytes())).unwrap()
}

#[test]
fn kvno_gets_user_to_user_tickets() {
    require_mit!();
    let world = World::start(builder());
    world.run("kinit", &["alice"], "secret\n");
    let cache = world.path("ccache");
    let said = world.run("kvno", &["--u2u", &cache, "alice"], "");
    assert!(said.starts_with("alice@OURS.TEST: kvno = "), "{said}");
}

/// Cross-realm keys in both directions, of one password, as administrators make them.
fn trusts(with: &str) -> [PrincipalEntry; 2] {
    [(with, NAME), (NAME, with)].map(|(served, issuer)| {
        let name = Principal::ticket_granting(served, issuer);
        let key = PrincipalKey::from_password(&name, b"trust", 1, ENCTYPE).unwrap();
        PrincipalEntry::new(name, vec![key])
    })
}

/// A realm of ours that trusts one of MIT's and is trusted by it, and the configuration of both.
fn beside(theirs: &mit::Realm) -> (World, String) {
    let queries = [(theirs.name(), NAME), (NAME, theirs.name())].map(|(served, issuer)| {
        let enctype = ENCTYPE.name();
        format!("addprinc -e {enctype}:normal -pw trust krbtgt/{served}@{issuer}")
    });
    theirs.kadmin(&queries).unwrap();
    let [there, back] = trusts(theirs.name());
    let world = World::start(builder().principal(there).principal(back));
    let both = format!(
        "{}[realms]\n{} = {{\nkdc = {}\n}}\n[domain_realm]\ntheirs = {}\n",
        world.realm.krb5_conf(),
        theirs.name(),
        theirs.kdc_address(),
        theirs.name()
    );
    fs::write(world.path("krb5.conf"), &both).unwrap();
    (world, both)
}

#[test]
fn tickets_cross_between_a_realm_of_ours_and_one_of_mits_in_both_directions() {
    require_mit!();
    let theirs = mit::Realm::builder()
        .user("bob", "secret")
        .service("host/theirs");
    let theirs = theirs.start().unwrap();
    let (world, both) = beside(&theirs);
    let (bob, at_theirs) = (
        format!("bob@{}", theirs.name()),
        format!("host/theirs@{}", theirs.name()),
    );
    let passages = [("alice", &*at_theirs), (&*bob, "host/front@OURS.TEST")];
    for (client, service) in passages {
        world.run("kinit", &[client], "secret\n");
        let said = world.run("kvno", &[service], "");
        assert_eq!(said, format!("{service}: kvno = 1\n"));
        // The same with our client.
        let environment = Environment::builder()
            .config_text("both realms", &both)
            .unwrap()
            .default_cache("MEMORY:both")
            .build();
        let options = environment.initial_options(principal(client)).unwrap();
        let ticket = environment.acquire_with_password(options, b"secret"[..].into());
        let cache = environment.default_cache().unwrap();
        environment.store_initial(&cache, &ticket.unwrap()).unwrap();
        let options = environment.service_options().unwrap();
        let credential = environment.service_ticket(&cache, &principal(service), &options);
        assert_eq!(credential.unwrap().client, principal(client));
    }
}

/// The KDC of one realm sends a client to another, under an armor that only the first one knows: the client brings
/// one for the other.
#[test]
fn a_referral_under_armor_is_followed_with_an_armor_for_the_other_realm_by_mits_kinit_and_by_us() {
    require_mit!();
    let [there, back] = trusts(OTHER);
    let other = Realm::builder(OTHER).user("bob", "secret");
    let other = other.principal(there.clone()).principal(back.clone());
    let other = other.start().unwrap();
    let world = World::start(builder().principal(there).principal(back));
    let both = [world.realm.krb5_conf(), other.krb5_conf()].concat();
    fs::write(world.path("krb5.conf"), &both).unwrap();
    let bob = format!("bob@{OTHER}");
    world.run("kinit", &["alice"], "secret\n");
    let armor = world.path("ccache");
    let refuge = world.path("refuge");
    world.run(
        "kinit",
        &["-T", &armor, "-c", &refuge, "-E", &bob],
        "secret\n",
    );

    let environment = Environment::builder()
        .config_text("both realms", &both)
        .unwrap()
        .default_cache(&armor)
        .build();
    let cache = environment.default_cache().unwrap();
    let enterprise = Principal::new(NAME, [&*bob]).with_name_type(NameType::ENTERPRISE);
    let mut options = environment.initial_options(enterprise).unwrap();
    options.armor = Some(environment.fast_armor(&cache, NAME.as_bytes()).unwrap());
    let secret = Secret::Password(b"secret"[..].into());
    let ticket = environment.acquire(options, secret, Some(&cache)).unwrap();
    assert_eq!(ticket.preauth, Some(PaDataType::SPAKE));
    assert_eq!(ticket.credential.client.to_string(), bob);
    // The armor for the other realm was got on the way.
    let contents = cache.contents().unwrap();
    let theirs = Principal::local_ticket_granting(OTHER);
    assert!(contents.tickets().any(|ticket| ticket.server == theirs));
}
