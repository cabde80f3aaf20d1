//! A machine of the domain whose `krb5.conf` is as Red Hat Enterprise Linux has it: included files, caches with
//! sssd's daemon, KDCs by DNS.

use std::fs;
use std::path::PathBuf;

use orthros_interop::runner::Case;
use orthros_testing::kcm::KcmDaemon;
use orthros_testing::process::{self, Daemon};
use orthros_testing::samba::{Domain, PASSWORD};

use super::contexts::free_port;
use super::world::{World, full, keytab_of, success};
use crate::cases;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "rhel",
        users_of_a_machine_have_their_tickets_with_sssds_daemon
    )
}

struct Machine<'a> {
    world: World<'a>,
    krb5_conf: PathBuf,
    _sssd: KcmDaemon,
}

#[derive(Clone, Copy)]
enum Whose {
    Ours,
    Mits,
}

const BOTH: [Whose; 2] = [Whose::Ours, Whose::Mits];

impl<'a> Machine<'a> {
    fn start(domain: &'a Domain) -> Self {
        let sssd = KcmDaemon::sssd().unwrap();
        let world = World::new(domain);
        let included = world.path("krb5.conf.d");
        fs::create_dir(&included).unwrap();
        fs::write(included.join("kcm_default_ccache"), KCM_DEFAULT_CCACHE).unwrap();
        fs::write(included.join("crypto-policies"), CRYPTO_POLICIES).unwrap();
        // The daemon of the machine itself would be at the default place.
        let socket = format!(
            "[libdefaults]\n    kcm_socket = {}\n",
            sssd.socket().display()
        );
        fs::write(included.join("socket.conf"), socket).unwrap();
        let krb5_conf = world.path("krb5.conf");
        let text = format!("includedir {}/\n{KRB5_CONF}", included.display());
        fs::write(&krb5_conf, text).unwrap();
        Self {
            world,
            krb5_conf,
            _sssd: sssd,
        }
    }

    fn command(&self, whose: Whose, program: &str, arguments: &[&str]) -> std::process::Command {
        let mut command = match whose {
            Whose::Ours => self.world.orthros(&[&[program], arguments].concat()),
            Whose::Mits => self.world.other(program, arguments),
        };
        command
            .env("KRB5_CONFIG", &self.krb5_conf)
            .env_remove("KRB5CCNAME");
        command
    }

    #[track_caller]
    fn run(&self, whose: Whose, program: &str, arguments: &[&str], typed: &str) -> String {
        let mut command = self.command(whose, program, arguments);
        success(process::run(&mut command, typed.as_bytes()).unwrap()).stdout
    }

    /// What klist says, which is the same by ours and MIT's.
    #[track_caller]
    fn klist(&self, arguments: &[&str]) -> String {
        let [ours, mits] = BOTH.map(|whose| self.run(whose, "klist", arguments, ""));
        assert_eq!(ours.trim(), mits.trim());
        ours
    }
}

/// Names are short, and nothing but the files says where what is.
fn users_of_a_machine_have_their_tickets_with_sssds_daemon(domain: &Domain) {
    let machine = Machine::start(domain);
    let password = format!("{PASSWORD}\n");
    machine.run(Whose::Ours, "kinit", &["bob"], &password);
    machine.run(Whose::Mits, "kinit", &["aes"], &password);
    let listed = machine.klist(&["-l"]);
    assert_eq!(listed.matches("@SAMBA.TEST").count(), 2, "{listed}");
    for (whose, user) in [(Whose::Ours, "bob"), (Whose::Mits, "aes")] {
        machine.run(whose, "kswitch", &["-p", user], "");
        let others = match whose {
            Whose::Ours => Whose::Mits,
            Whose::Mits => Whose::Ours,
        };
        machine.run(others, "kvno", &["HTTP/aes.samba.test"], "");
        let listed = machine.klist(&["-f"]);
        let head = format!("Default principal: {}\n", full(user));
        assert!(listed.starts_with("Ticket cache: KCM:0") && listed.contains(&head));
        // `forwardable`, and a ticket that the other program has got.
        assert!(listed.contains("Flags: F") && listed.contains("HTTP/aes.samba.test@"));
    }
    are_accepted(&machine, "aes");
    machine.run(Whose::Ours, "kdestroy", &["-A"], "");
    // MIT's fails where there is none.
    let mut empty = machine.command(Whose::Mits, "klist", &["-l"]);
    let empty = process::run(&mut empty, b"").unwrap();
    assert!(!empty.status.success(), "{empty}");
}

/// That a service on the machine takes contexts with the tickets of the user who was switched to.
fn are_accepted(machine: &Machine<'_>, user: &str) {
    let (port, service) = (free_port(), "host@wks1.samba.test");
    let keytab = keytab_of(machine.world.domain, "wks1");
    let arguments = ["--port", &port, "--keytab", &keytab, service];
    let mut server = machine.command(Whose::Ours, "gss-server", &arguments);
    let server = Daemon::start(&mut server, "Listening on port").unwrap();
    for (whose, option) in [(Whose::Ours, "--port"), (Whose::Mits, "-port")] {
        let arguments = [option, &port, "127.0.0.1", service, "good news"];
        let said = machine.run(whose, "gss-client", &arguments, "");
        assert!(said.contains("Signature verified."), "{said}");
    }
    let printed = server.printed();
    let accepted = format!("Accepted connection: \"{}\"", full(user));
    assert_eq!(printed.matches(&accepted).count(), 2, "{printed}");
}

const KRB5_CONF: &str = r#"
[logging]
    default = FILE:/var/log/krb5libs.log
    kdc = FILE:/var/log/krb5kdc.log
    admin_server = FILE:/var/log/kadmind.log

[libdefaults]
    dns_lookup_realm = false
    ticket_lifetime = 24h
    renew_lifetime = 7d
    forwardable = true
    rdns = false
    pkinit_anchors = FILE:/etc/pki/tls/certs/ca-bundle.crt
    spake_preauth_groups = edwards25519
    dns_canonicalize_hostname = fallback
    qualify_shortname = ""
    default_realm = SAMBA.TEST
    default_ccache_name = KEYRING:persistent:%{uid}

[realms]
# EXAMPLE.COM = {
#     kdc = kerberos.example.com
# }

[domain_realm]
# .example.com = EXAMPLE.COM
"#;

/// It stands before the other name, which sssd's package leaves as it is.
const KCM_DEFAULT_CCACHE: &str = "[libdefaults]\n    default_ccache_name = KCM:\n";

/// Those of the policy DEFAULT with the subpolicy for domains of Active Directory.
const CRYPTO_POLICIES: &str = "[libdefaults]\npermitted_enctypes = aes256-cts-hmac-sha1-96 \
    aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 aes128-cts-hmac-sha1-96\n";
