//! Tickets that are got with a client keytab, unasked: into which cache, and when again.

use crate::world::{PASSWORD, SERVICE, USER, World, establish};
use orthros::{
    AcceptContext, ContextFlags, Credential, CredentialUsage, Environment, EnvironmentBuilder,
    ErrorKind, InitContext, Lifetime, MinorStatus, Name,
};
use orthros_testing::mit::Initiation;
use orthros_testing::{require_mit, require_python_gssapi};
use orthros_types::{Duration, Timestamp};

/// An environment with alice's client keytab, whose default cache is this one.
fn builder(world: &World, cache: &str) -> EnvironmentBuilder {
    let keytab = world.realm.path("alice.keytab");
    if !keytab.exists() {
        world.realm.extract_keytab("alice.keytab", &[USER]).unwrap();
    }
    Environment::builder()
        .config_text("krb5.conf", &world.realm.krb5_conf())
        .unwrap()
        .clock(world.clock.clone())
        .default_cache(cache.replace("DIR", &format!("DIR:{}", world.path("caches"))))
        .default_keytab(world.realm.keytab())
        .client_keytab(keytab)
}

fn initiate(environment: &Environment) -> Result<(), ErrorKind> {
    let peer = Name::hostbased_service(SERVICE).unwrap();
    let initiator = InitContext::builder(peer)
        .environment(environment)
        .build()
        .unwrap();
    let acceptor = AcceptContext::builder()
        .environment(environment)
        .build()
        .unwrap();
    let established = establish(initiator, acceptor);
    established.map(drop).map_err(|error| error.kind())
}

fn default_owner(environment: &Environment) -> String {
    let owner = environment.default_cache().unwrap().principal();
    owner.map_or_else(|error| error.to_string(), |owner| owner.to_string())
}

#[test]
fn without_a_cache_the_keytabs_first_client_initiates() {
    require_mit!();
    let world = World::start();
    let environment = builder(&world, &world.path("cc")).build();
    initiate(&environment).unwrap();
    assert_eq!(default_owner(&environment), "alice@ORTHROS.TEST");
    // MIT finds the note that makes it get new tickets in time.
    let mut klist = world.realm.command("klist");
    klist.args(["-C", &world.path("cc")]);
    let listed = world.realm.run(&mut klist, b"").unwrap();
    assert!(
        listed.stdout.contains("config: refresh_time = "),
        "{listed}"
    );
}

/// MIT's first token, with the realm's client keytab and this cache.
fn mit_initiates(world: &World, cache: &str) {
    world
        .realm
        .extract_keytab("client.keytab", &[USER])
        .unwrap();
    let peer = world.realm.gss_peer(|command| {
        command.env("KRB5CCNAME", cache);
    });
    let mut peer = peer.unwrap();
    let initiation = Initiation {
        mechanism: "krb5",
        flags: ContextFlags::MUTUAL.bits(),
        target: SERVICE,
        bindings: b"",
        delegated: false,
        no_ci_flags: false,
    };
    peer.initiate(&initiation).unwrap();
    assert!(peer.step(b"").unwrap().1.is_some());
}

#[test]
fn what_mit_got_with_a_client_keytab_serves_us_until_it_is_due_and_the_other_way_round() {
    require_python_gssapi!();
    let world = World::start();
    let mits = builder(&world, &world.path("mits")).build();
    mit_initiates(&world, &world.path("mits"));
    let before = world.file("mits");
    initiate(&mits).unwrap();
    assert_eq!(world.file("mits"), before, "nothing is got anew");
    let due = noted_refresh(&mits).since(world.now()).seconds();
    assert!(due > 3600, "{due}");

    let ours = builder(&world, &world.path("ours")).build();
    initiate(&ours).unwrap();
    let before = world.file("ours");
    mit_initiates(&world, &world.path("ours"));
    assert_eq!(world.file("ours"), before, "nothing is got anew");
}

#[test]
fn tickets_are_got_anew_when_half_of_their_time_is_over_and_when_they_end() {
    require_mit!();
    let world = World::start();
    let environment = builder(&world, &world.path("cc")).build();
    let credential = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .environment(&environment)
        .build()
        .unwrap();
    let tickets = || {
        let cache = environment.default_cache().unwrap();
        cache.contents().unwrap().credentials.clone()
    };
    let left = || match credential.lifetime().unwrap() {
        Lifetime::Seconds(left) => left,
        Lifetime::Indefinite => panic!("tickets end"),
    };
    assert!(left() > 3600);
    let first = tickets();
    assert!(left() > 3600);
    assert_eq!(tickets(), first, "nothing is due");

    note_refresh(&environment, world.now());
    assert!(left() > 3600);
    let second = tickets();
    assert_ne!(second, first, "half of their time is over");
    let next = noted_refresh(&environment).since(world.now()).seconds();
    assert!((1800..=86_400).contains(&next), "{next}");

    // The KDC's clock goes on as it did, and how far it is behind is noted with what it gives.
    world.clock.advance(Duration::from_seconds(2 * 86_400));
    assert!(left() > 3600);
    assert_ne!(tickets(), second, "they have ended");
}

#[test]
fn where_new_tickets_can_not_be_got_the_old_ones_serve_to_their_end() {
    require_mit!();
    let mut world = World::start();
    let environment = builder(&world, &world.path("cc")).build();
    initiate(&environment).unwrap();
    note_refresh(&environment, world.now());
    world.realm.stop_kdc();
    initiate(&environment).unwrap();
    // There is no other attempt before a moment is over.
    let next = noted_refresh(&environment).since(world.now()).seconds();
    // The clock of the KDC, by which that is noted, went on meanwhile.
    assert!((30..60).contains(&next), "{next}");
}

#[test]
fn a_cache_of_another_client_stays_and_a_collection_gets_a_new_one() {
    require_mit!();
    let realm = orthros_testing::mit::Realm::builder()
        .user(USER, PASSWORD)
        .user("bob", "secret");
    let world = World::of(realm.service("http/www.orthros.test").start().unwrap());
    world.realm.kinit("bob", "secret").unwrap();
    let alice = |environment: &Environment| {
        Credential::acquire()
            .name(Name::user(USER).unwrap())
            .usage(CredentialUsage::Initiate)
            .environment(environment)
            .build()
            .and_then(|credential| credential.name())
            .map(|name| name.unwrap().to_string())
    };
    let bobs = world.realm.ccache().display().to_string();
    let file = builder(&world, &bobs).build();
    let refused = alice(&file).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NoCredential);
    assert_eq!(refused.minor(), MinorStatus::KG_CCACHE_NOMATCH);
    // Unnamed, it is bob who initiates.
    initiate(&file).unwrap();

    let collection = builder(&world, "DIR").build();
    let mut kinit = world.realm.command("kinit");
    kinit.env("KRB5CCNAME", format!("DIR:{}", world.path("caches")));
    let finished = world.realm.run(kinit.arg("bob"), b"secret\n").unwrap();
    assert!(finished.status.success(), "{finished}");
    assert_eq!(alice(&collection).unwrap(), "alice@ORTHROS.TEST");
    assert_eq!(default_owner(&collection), "bob@ORTHROS.TEST");
    let caches = collection.cache_collection().unwrap().caches().unwrap();
    assert_eq!(caches.len(), 2);
}

#[test]
fn what_the_user_wants_to_be_for_a_server_is_got_with_the_keytab() {
    require_mit!();
    let realm = orthros_testing::mit::Realm::builder()
        .user(USER, PASSWORD)
        .user("bob", "secret");
    let world = World::of(realm.service("http/www.orthros.test").start().unwrap());
    let identities = world.realm.path("k5identity");
    std::fs::write(&identities, "alice host=www.*\nbob\n").unwrap();
    let environment = builder(&world, "DIR").identity_file(&identities).build();
    let peer = Name::hostbased_service(SERVICE).unwrap();
    let initiator = InitContext::builder(peer)
        .environment(&environment)
        .build()
        .unwrap();
    let acceptor = AcceptContext::builder()
        .environment(&environment)
        .build()
        .unwrap();
    let (_, theirs) = establish(initiator, acceptor).unwrap();
    assert_eq!(theirs.initiator_name().to_string(), "alice@ORTHROS.TEST");
}

#[test]
fn keys_that_are_not_there_or_wrong_are_named() {
    require_mit!();
    let world = World::start();
    let keytab = world.realm.extract_keytab("old.keytab", &[USER]).unwrap();
    world.realm.kadmin(&["cpw -randkey alice"]).unwrap();
    let environment = world.environment();
    let acquire = |keytab: &str, name: &str| {
        Credential::acquire()
            .name(Name::user(name).unwrap())
            .client_keytab(keytab)
            .environment(&environment)
            .build()
            .unwrap_err()
    };
    let error = acquire(keytab.to_str().unwrap(), USER);
    assert_eq!(error.kind(), ErrorKind::WrongPassword);
    let error = acquire(keytab.to_str().unwrap(), "bob");
    assert_eq!(error.kind(), ErrorKind::NoCredential);
    assert!(error.to_string().contains("bob@ORTHROS.TEST"), "{error}");
    let error = acquire(&world.path("absent"), USER);
    assert_eq!(error.kind(), ErrorKind::NoCredential);
    assert!(error.to_string().contains("absent"), "{error}");
}

fn note_refresh(environment: &Environment, time: Timestamp) {
    let cache = environment.default_cache().unwrap();
    let text = time.seconds().to_string().into_bytes();
    cache.note("refresh_time", None, text).unwrap();
}

fn noted_refresh(environment: &Environment) -> Timestamp {
    let contents = environment.default_cache().unwrap().contents().unwrap();
    let noted = contents.config("refresh_time", None).unwrap().to_vec();
    let text = String::from_utf8(noted).unwrap();
    Timestamp::from_seconds(text.parse().unwrap())
}
