//! What the options of kvno do.

use orthros_testing::mit::Realm;
use orthros_testing::require_mit;
use orthros_types::Principal;
use orthros_types::ccache::CacheFile;
use orthros_types::keytab::Keytab;

use crate::world::{SERVICE, World, success};

const GRANTING: &str = "krbtgt/ORTHROS.TEST@ORTHROS.TEST";
const SERVICE_AND_REALM: &str = "host/localhost@ORTHROS.TEST";

#[test]
fn kvno_with_a_keytab_says_whether_it_has_the_key() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let old = world.path("old.keytab");
    std::fs::copy(world.realm.keytab(), &old).unwrap();
    world
        .realm
        .kadmin(&["cpw -randkey host/localhost"])
        .unwrap();
    world
        .realm
        .extract_keytab("services.keytab", &[SERVICE])
        .unwrap();
    let valid = "host/localhost@ORTHROS.TEST: kvno = 2, keytab entry valid\n";
    assert_eq!(world.ours(&["kvno", "-k", &world.keytab(), SERVICE]), valid);

    let arguments = ["kvno", "-k", &old, SERVICE];
    let invalid = world.run(world.orthros(&arguments), "");
    assert_eq!(invalid.status.code(), Some(1));
    assert_eq!(invalid.stdout, "");
    let theirs = world.run(world.mits("kvno", &arguments[1..]), "");
    let first_line = |text: &str| text.lines().next().map(str::to_owned);
    assert_eq!(first_line(&invalid.stderr), first_line(&theirs.stderr));
    for part in [SERVICE, "kvno 2", "aes256-cts-hmac-sha1-96", &old] {
        assert!(invalid.stderr.contains(part), "{part} in {invalid}");
    }
}

/// A service of several names, one of which the keytab has.
#[test]
fn kvno_with_a_keytab_takes_the_key_under_any_of_its_names() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let file = std::fs::read(world.realm.keytab()).unwrap();
    let mut keys = Keytab::decode(&file).unwrap().entries().to_vec();
    for key in &mut keys {
        key.principal = Principal::parse("host/alias.test@ORTHROS.TEST", None).unwrap();
    }
    let renamed = world.path("renamed.keytab");
    std::fs::write(&renamed, &*Keytab::new(keys).encode().unwrap()).unwrap();
    let valid = "host/localhost@ORTHROS.TEST: kvno = 1, keytab entry valid\n";
    assert_eq!(world.ours(&["kvno", "-k", &renamed, SERVICE]), valid);
    assert_eq!(world.theirs("kvno", &["-k", &renamed, SERVICE]), valid);
}

#[test]
fn a_service_that_is_written_like_a_principal_is_a_mistake() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let kvno = world.refused(&["kvno", "-S", "host/localhost", "localhost"]);
    assert!(kvno.contains("written like a principal"), "{kvno}");
    // Nothing listens there: the argument is looked at first.
    let client = world.refused(&["gss-client", "localhost", "host/localhost", "hello"]);
    assert!(client.contains("host@localhost"), "{client}");
}

#[test]
fn kvno_goes_on_after_a_service_that_is_unknown() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let kvno = world.run(world.orthros(&["kvno", "nope/x.test", SERVICE]), "");
    assert_eq!(kvno.status.code(), Some(1));
    assert_eq!(kvno.stdout, "host/localhost@ORTHROS.TEST: kvno = 1\n");
    assert!(kvno.stderr.contains("nope/x.test@ORTHROS.TEST"), "{kvno}");
    assert!(
        kvno.stderr.starts_with("kvno: ")
            && kvno.stderr.contains(" while getting credentials for ")
    );
}

#[test]
fn kvno_names_the_service_of_a_host_picks_an_enctype_and_leaves_the_cache_alone() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    assert_eq!(world.ours(&["kvno", "-q", "-S", "host", "localhost"]), "");
    assert_eq!(world.services().len(), 2);
    world.ours(&["kvno", "--cached-only", SERVICE]);
    world.kinit(&[]);
    world.ours(&["kvno", "--no-store", SERVICE]);
    assert_eq!(world.services(), [GRANTING]);
    let said = world.refused(&["kvno", "--cached-only", SERVICE]);
    assert!(
        said.contains("has no ticket for host/localhost@ORTHROS.TEST"),
        "{said}"
    );
    world.ours(&["kvno", "-e", "aes128-sha2", SERVICE]);
    assert_eq!(
        world.tickets()[1]["session_key_enctype"],
        "aes128-cts-hmac-sha256-128"
    );
}

#[test]
fn a_user_to_user_ticket_opens_with_the_session_key_of_the_other_users_ticket() {
    require_mit!();
    let realm = Realm::builder().user("alice", "secret").user("bob", "hush");
    let world = World::of(realm.start().unwrap());
    world.kinit(&[]);
    let bobs = world.path("bobs");
    let kinit = world.orthros(&["kinit", "-c", &bobs, "bob"]);
    success(world.run(kinit, "hush\n"));
    assert_eq!(
        world.ours(&["kvno", "--u2u", &bobs, "bob"]),
        "bob@ORTHROS.TEST: kvno = 0\n"
    );
    let find = |cache: &str, server: &str| {
        let file = std::fs::read(cache).unwrap();
        let opened = CacheFile::open(&file).unwrap();
        let mut credentials = opened.credentials().map(Result::unwrap);
        credentials.find(|entry| entry.server.to_string() == server)
    };
    let session_key = find(&bobs, GRANTING).unwrap().session_key.key().unwrap();
    let alices = world.realm.ccache().display().to_string();
    let ticket = find(&alices, "bob@ORTHROS.TEST").unwrap();
    assert!(ticket.is_skey && ticket.ticket_opens_with(&session_key));
    // MIT finds it in the cache, and neither takes it for an ordinary one.
    let theirs = world.theirs("kvno", &["--cached-only", "--u2u", &bobs, "bob"]);
    assert_eq!(theirs, "bob@ORTHROS.TEST: kvno = 0\n");
    world.refused(&["kvno", "--cached-only", "bob"]);
}

#[test]
fn a_service_gets_a_ticket_to_itself_in_a_users_name() {
    require_mit!();
    let world = World::start();
    world.ours(&["kinit", "-k", SERVICE]);
    let ticket = world.ours(&["kvno", "-U", "alice", "-k", &world.keytab(), SERVICE]);
    assert_eq!(
        ticket,
        "host/localhost@ORTHROS.TEST: kvno = 1, keytab entry valid\n"
    );
    assert_eq!(
        world.ours(&["kvno", "-I", "alice", SERVICE]),
        "host/localhost@ORTHROS.TEST: kvno = 1\n"
    );
    // It is the user that is not known, and once the service was told to be.
    for option in ["-U", "-I"] {
        let unknown = world.refused(&["kvno", option, "nobody", SERVICE]);
        assert!(
            unknown.contains("client nobody@ORTHROS.TEST is not in"),
            "{unknown}"
        );
        assert!(!unknown.contains("client host/localhost"), "{unknown}");
    }
    // MIT's database that needs no server of its own has no list of who may go on: it says so.
    let onward = world.refused(&["kvno", "-U", "alice", "-P", SERVICE]);
    assert!(
        onward.contains("in the name of alice@ORTHROS.TEST"),
        "{onward}"
    );
    let other = world.refused(&["kvno", "-U", "alice", "HTTP/elsewhere"]);
    assert!(other.contains("without -P"), "{other}");
}

#[test]
fn a_ticket_in_a_users_name_is_kept_and_found_again_here_and_by_mit() {
    require_mit!();
    let world = World::start();
    world.ours(&["kinit", "-k", SERVICE]);
    let printed = "host/localhost@ORTHROS.TEST: kvno = 1\n";
    world.refused(&["kvno", "--cached-only", "-I", "alice", SERVICE]);
    world.ours(&["kvno", "--no-store", "-I", "alice", SERVICE]);
    assert_eq!(world.services(), [GRANTING]);
    // The KDC's name for the user is that of the ticket which is there.
    for user in ["-I", "-I", "-U"] {
        assert_eq!(world.ours(&["kvno", user, "alice", SERVICE]), printed);
        assert_eq!(world.services(), [GRANTING, SERVICE_AND_REALM]);
    }
    let listed = world.ours(&["klist"]);
    assert!(
        listed.contains("\tfor client alice@ORTHROS.TEST"),
        "{listed}"
    );
    assert_eq!(world.theirs("klist", &[]), listed);
    let cached = ["kvno", "--cached-only", "-I", "alice", SERVICE];
    assert_eq!(world.ours(&cached), printed);
    assert_eq!(world.theirs(cached[0], &cached[1..]), printed);
    // It is none of the service's own.
    world.refused(&["kvno", "--cached-only", SERVICE]);
    // MIT's is found, too.
    world.ours(&["kinit", "-k", SERVICE]);
    world.theirs("kvno", &["-I", "alice", SERVICE]);
    assert_eq!(world.ours(&cached), printed);
}

#[test]
fn a_cache_is_begun_with_the_tickets_alone() {
    require_mit!();
    let world = World::start();
    world.ours(&["kinit", "-k", SERVICE]);
    let out = world.path("out");
    // A ticket that can't be got: what was there before is left.
    let failing = ["kvno", "--out-cache", &out, SERVICE, "nope/x.test"];
    let failed = world.run(world.orthros(&failing), "");
    assert_eq!(failed.status.code(), Some(1));
    assert!(!std::path::Path::new(&out).exists());
    let listed = |program: &dyn Fn(&[&str]) -> String| {
        program(&["kvno", "--out-cache", &out, "-I", "alice", SERVICE]);
        assert_eq!(world.services(), [GRANTING]);
        let listed = world.ours(&["klist", "-c", &out]);
        // But for the times.
        listed.replace(|digit: char| digit.is_ascii_digit(), "")
    };
    let ours = listed(&|arguments| world.ours(arguments));
    assert!(
        ours.contains("Default principal: alice@ORTHROS.TEST") && !ours.contains(GRANTING),
        "{ours}"
    );
    assert_eq!(
        listed(&|arguments| world.theirs(arguments[0], &arguments[1..])),
        ours
    );
}
