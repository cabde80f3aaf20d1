//! KCM and KEYRING caches that MIT's programs and ours use in turn.

use std::fs;
use std::path::Path;

use orthros_testing::kcm::KcmDaemon;
use orthros_testing::mit::{Realm, RealmBuilder};
use orthros_testing::process::Finished;
use orthros_testing::{peers, require_mit, require_peer};

use crate::world::{SERVICE, World, success};

/// A realm with two users, and the collection that all programs have for their default one.
struct Shared {
    world: World,
    collection: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Ours,
    Mits,
}

impl Shared {
    fn start(collection: &str) -> Self {
        Self::in_realm(Realm::builder(), collection)
    }

    fn with_daemon(daemon: &KcmDaemon) -> Self {
        let socket = daemon.socket().display().to_string();
        Self::in_realm(Realm::builder().libdefault("kcm_socket", &socket), "KCM:")
    }

    fn in_realm(realm: RealmBuilder, collection: &str) -> Self {
        let realm = realm.user("alice", "secret").user("bob", "secret");
        Self {
            world: World::of(realm.service(SERVICE).start().unwrap()),
            collection: collection.to_owned(),
        }
    }

    fn run(&self, whose: Whose, program: &str, arguments: &[&str], stdin: &str) -> Finished {
        let mut command = match whose {
            Whose::Ours => self.world.orthros(&[&[program], arguments].concat()),
            Whose::Mits => self.world.mits(program, arguments),
        };
        command.env("KRB5CCNAME", &self.collection);
        self.world.run(command, stdin)
    }

    fn said(&self, whose: Whose, program: &str, arguments: &[&str]) -> String {
        success(self.run(whose, program, arguments, ""))
    }

    fn kinit(&self, whose: Whose, user: &str) {
        success(self.run(whose, "kinit", &[user], "secret\n"));
    }

    /// What `klist -l` says, which has to be the same with MIT's: whose caches there are, the primary one first.
    fn owners(&self) -> Vec<String> {
        let [ours, mits] =
            [Whose::Ours, Whose::Mits].map(|whose| self.said(whose, "klist", &["-l"]));
        assert_eq!(ours, mits);
        let owner = |line: &str| line.split('@').next().unwrap().to_owned();
        ours.lines().skip(2).map(owner).collect()
    }

    /// The whole story: `first` begins it, `second` goes on with what it finds.
    fn tell(&self, first: Whose, second: Whose) {
        self.kinit(first, "alice");
        assert_eq!(self.owners(), ["alice"]);
        // A service ticket of one is found by the other.
        self.said(second, "kvno", &[SERVICE]);
        let [ours, mits] = [Whose::Ours, Whose::Mits].map(|whose| self.said(whose, "klist", &[]));
        assert_eq!(ours.trim(), mits.trim());
        assert!(ours.contains(SERVICE), "{ours}");
        assert!(ours.contains(&self.collection), "{ours}");
        // Notes are found by the other as well, or its second kinit would fail.
        self.kinit(second, "bob");
        assert_eq!(self.owners(), ["bob", "alice"]);
        let [ours, mits] =
            [Whose::Ours, Whose::Mits].map(|whose| self.said(whose, "klist", &["-A"]));
        assert_eq!(ours.trim(), mits.trim());
        self.said(first, "kswitch", &["-p", "alice"]);
        assert_eq!(self.owners(), ["alice", "bob"]);
        self.said(second, "kswitch", &["-p", "bob"]);
        assert_eq!(self.owners(), ["bob", "alice"]);
        // A cache that exists is begun anew in its place.
        self.kinit(first, "bob");
        assert_eq!(self.owners(), ["bob", "alice"]);
        self.said(second, "kdestroy", &["-q"]);
        assert_eq!(self.owners(), ["alice"]);
        self.kinit(second, "bob");
        self.said(first, "kdestroy", &["-A"]);
        for whose in [Whose::Ours, Whose::Mits] {
            let none = self.run(whose, "klist", &[], "");
            assert_eq!(none.status.code(), Some(1), "{none}");
            assert!(none.stderr.contains("redentials cache"), "{none}");
            assert!(none.stderr.contains(" not found"), "{none}");
        }
    }

    fn tell_both_ways(&self) {
        self.tell(Whose::Ours, Whose::Mits);
        self.tell(Whose::Mits, Whose::Ours);
    }
}

#[test]
fn caches_with_sssds_daemon_are_mits_and_ours() {
    require_mit!();
    require_peer!(peers::sssd_kcm());
    let daemon = KcmDaemon::sssd().unwrap();
    Shared::with_daemon(&daemon).tell_both_ways();
}

#[test]
fn caches_with_heimdals_daemon_are_mits_and_ours() {
    require_mit!();
    require_peer!(peers::heimdal_kcm());
    let daemon = KcmDaemon::heimdal().unwrap();
    Shared::with_daemon(&daemon).tell_both_ways();
}

#[test]
fn caches_in_the_sessions_keyring_are_mits_and_ours() {
    require_mit!();
    require_peer!(peers::session_keyring());
    for collection in [
        "KEYRING:session:shared",
        "KEYRING:legacy:shared",
        "KEYRING:session:",
    ] {
        Shared::start(collection).tell_both_ways();
    }
}

#[test]
fn caches_in_a_users_keyrings_are_mits_and_ours() {
    require_mit!();
    require_peer!(peers::session_keyring());
    require_peer!(peers::user_namespace());
    // A user namespace has users' keyrings of its own, and all of it has to be said in one.
    let script = r#"
        set -e
        for collection in persistent:0 persistent: user:shared; do
            export KRB5CCNAME=KEYRING:$collection
            for story in "orthros_kinit orthros_klist kinit klist" "kinit klist orthros_kinit orthros_klist"; do
                set -- $story
                echo secret | $1 alice >/dev/null
                $4 | grep -q "^Default principal: alice@"
                echo secret | $3 bob >/dev/null
                test "$($2 -l)" = "$($4 -l)"
                $2 -A | grep -q "^Ticket cache: KEYRING:$collection:"
                test "$($2 -A | grep -c krbtgt)" = 2
                test "$($4 -A | grep -c krbtgt)" = 2
                "$ORTHROS" kdestroy -A
                test "$(klist -l | wc -l)" = 2
            done
        done
        # As RHEL has it where there is no KCM daemon.
        unset KRB5CCNAME
        echo secret | "$ORTHROS" kinit alice
        klist | grep -q "^Ticket cache: KEYRING:persistent:0:"
        "$ORTHROS" kdestroy -A
        echo told
    "#;
    let functions = "orthros_kinit() { \"$ORTHROS\" kinit \"$@\"; }\northros_klist() { \"$ORTHROS\" klist \"$@\"; }\n";
    let realm = Realm::builder();
    let realm = realm.libdefault("default_ccache_name", "KEYRING:persistent:%{uid}");
    let shared = Shared::in_realm(realm, "KEYRING:persistent:0");
    let text = format!("{functions}{script}");
    let arguments = ["--user", "--map-root-user", "sh", "-c", &text];
    let mut command = shared.world.mits("unshare", &arguments);
    command.env_remove("KRB5CCNAME");
    command.env("ORTHROS", env!("CARGO_BIN_EXE_orthros"));
    let told = success(shared.world.run(command, ""));
    assert_eq!(told, "told\n");
}

/// A `krb5.conf` as RHEL has it, with what its packages put into the directory that it includes.
fn write_rhel_conf(world: &World, socket: &Path) -> String {
    let directory = world.realm.path("krb5.conf.d");
    fs::create_dir(&directory).unwrap();
    let kdc = world.realm.kdc_address();
    for (file, text) in [
        (
            "kcm_default_ccache",
            "[libdefaults]\n    default_ccache_name = KCM:\n",
        ),
        (
            "crypto-policies",
            "[libdefaults]\npermitted_enctypes = aes256-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 \
             aes128-cts-hmac-sha256-128 aes128-cts-hmac-sha1-96\n",
        ),
        // Not to be read: what an editor or a package manager leaves.
        (
            "kcm_default_ccache.rpmsave~",
            "[libdefaults]\n    default_ccache_name = FILE:/nowhere\n",
        ),
    ] {
        fs::write(directory.join(file), text).unwrap();
    }
    let text = format!(
        "# To opt out of the system crypto-policies configuration of krb5, remove the\n\
         # symlink at /etc/krb5.conf.d/crypto-policies which will not be recreated.\n\
         includedir {}/\n\n\
         [logging]\n    default = FILE:/var/log/krb5libs.log\n\n\
         [libdefaults]\n    dns_lookup_realm = false\n    ticket_lifetime = 24h\n    renew_lifetime = 7d\n    \
         forwardable = true\n    rdns = false\n    pkinit_anchors = FILE:/etc/pki/tls/certs/ca-bundle.crt\n    \
         spake_preauth_groups = edwards25519\n    dns_canonicalize_hostname = fallback\n    \
         qualify_shortname = \"\"\n    default_realm = ORTHROS.TEST\n    \
         default_ccache_name = KEYRING:persistent:%{{uid}}\n    kcm_socket = {}\n\n\
         [realms]\n ORTHROS.TEST = {{\n  kdc = {kdc}\n }}\n",
        directory.display(),
        socket.display()
    );
    let conf = world.path("rhel.conf");
    fs::write(&conf, text).unwrap();
    conf
}

#[test]
fn a_configuration_as_rhel_has_it_leads_to_sssds_daemon() {
    require_mit!();
    require_peer!(peers::sssd_kcm());
    let daemon = KcmDaemon::sssd().unwrap();
    let world = World::start();
    let conf = write_rhel_conf(&world, &daemon.socket());
    let run = |whose, program: &str, arguments: &[&str], stdin| {
        let mut command = match whose {
            Whose::Ours => world.orthros(&[&[program], arguments].concat()),
            Whose::Mits => world.mits(program, arguments),
        };
        command.env("KRB5_CONFIG", &conf).env_remove("KRB5CCNAME");
        success(world.run(command, stdin))
    };
    run(Whose::Ours, "kinit", &["alice"], "secret\n");
    run(Whose::Mits, "kvno", &[SERVICE], "");
    let [ours, mits] = [Whose::Ours, Whose::Mits].map(|whose| run(whose, "klist", &["-f"], ""));
    assert_eq!(ours.trim(), mits.trim());
    let head = "Ticket cache: KCM:0\nDefault principal: alice@ORTHROS.TEST\n";
    assert!(ours.starts_with(head), "{ours}");
    assert!(
        ours.contains(SERVICE) && ours.contains("Flags: F"),
        "{ours}"
    );
    run(Whose::Ours, "kdestroy", &["-A"], "");
}
