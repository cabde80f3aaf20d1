//! Heimdal's kinit and kgetcred as clients of our KDC.

use std::fs;

use orthros_krb5::crypto::Enctype;
use orthros_krb5::{Credential, TicketFlags};
use orthros_testing::process::{Finished, run};
use orthros_testing::{peers, require_heimdal};

use crate::world::{PASSWORD, SERVICE, USER, World, with_libdefaults};

impl World {
    fn heimdal(&self, program: &str, arguments: &[&str]) -> Finished {
        let tools = peers::heimdal().unwrap();
        let mut command = tools.command(&format!("usr/bin/{program}"));
        command
            .args(arguments)
            .env("KRB5_CONFIG", self.path("krb5.conf"))
            .env("KRB5CCNAME", self.path("ccache"))
            .env("LC_ALL", "C");
        run(&mut command, b"").unwrap()
    }

    fn heimdal_does(&self, program: &str, arguments: &[&str]) {
        let finished = self.heimdal(program, arguments);
        assert!(finished.status.success(), "{finished}");
    }

    /// kinit by password, which Heimdal reads from a file where there is no terminal.
    fn kinit(&self, password: &str, options: &[&str]) -> Finished {
        let file = self.path("password");
        fs::write(&file, password).unwrap();
        let password = format!("--password-file={}", file.display());
        let arguments = [&[password.as_str()], options, &[USER]].concat();
        self.heimdal("kinit.heimdal", &arguments)
    }

    fn logs_in(&self, options: &[&str]) {
        let finished = self.kinit(PASSWORD, options);
        assert!(finished.status.success(), "{finished}");
    }

    /// The ticket for this principal.
    fn ticket(&self, server: &str) -> Credential {
        let server = self.realm.principal(server).unwrap();
        let mut tickets = self.tickets().into_iter();
        tickets.find(|ticket| ticket.server == server).unwrap()
    }
}

const TGS: &str = "krbtgt/OURS.TEST";

#[test]
fn heimdals_kinit_and_kgetcred_get_tickets_in_each_enctype() {
    require_heimdal!();
    for enctype in [
        Enctype::AES128_CTS_HMAC_SHA1_96,
        Enctype::AES256_CTS_HMAC_SHA1_96,
        Enctype::AES128_CTS_HMAC_SHA256_128,
        Enctype::AES256_CTS_HMAC_SHA384_192,
    ] {
        let only = format!("default_etypes = {enctype}");
        let world = World::with(
            |realm| realm.password_enctypes([enctype]),
            |conf| with_libdefaults(&conf, &only),
        );
        world.logs_in(&[]);
        world.heimdal_does("kgetcred", &[SERVICE]);
        for server in [TGS, SERVICE] {
            let session_key = world.ticket(server).session_key;
            assert_eq!(session_key.enctype().0, enctype.number(), "{server}");
        }
    }
}

#[test]
fn heimdals_clients_come_by_tcp_too() {
    require_heimdal!();
    let world = World::with(
        |realm| realm,
        |conf| conf.replace("kdc = 127.0.0.1", "kdc = tcp/127.0.0.1"),
    );
    world.logs_in(&[]);
    world.heimdal_does("kgetcred", &[SERVICE]);
    assert_eq!(world.ticket(SERVICE).client.to_string(), "alice@OURS.TEST");
}

#[test]
fn heimdals_kinit_gets_the_flags_that_it_asks_for_and_renews() {
    require_heimdal!();
    let world = World::start();
    world.logs_in(&["--forwardable", "--proxiable", "--renewable-life=2d"]);
    let first = world.ticket(TGS);
    let asked = TicketFlags::FORWARDABLE | TicketFlags::PROXIABLE | TicketFlags::RENEWABLE;
    assert!(first.flags.contains(asked | TicketFlags::INITIAL));
    world.heimdal_does("kinit.heimdal", &["--renew"]);
    let renewed = world.ticket(TGS);
    assert!(renewed.flags.contains(asked));
    assert_eq!(renewed.times.renew_till, first.times.renew_till);
    assert_ne!(renewed.ticket, first.ticket);
}

#[test]
fn heimdals_kinit_gets_a_ticket_with_a_keytab_of_ours() {
    require_heimdal!();
    let world = World::start();
    let keytab = format!("--keytab={}", world.path("user.keytab").display());
    world.heimdal_does("kinit.heimdal", &["--use-keytab", &keytab, USER]);
    assert!(world.ticket(TGS).flags.contains(TicketFlags::PRE_AUTHENT));
}

#[test]
fn heimdals_kinit_calls_a_wrong_password_one() {
    require_heimdal!();
    let world = World::start();
    let finished = world.kinit("incorrect", &[]);
    assert!(!finished.status.success());
    assert!(finished.stderr.contains("Password incorrect"), "{finished}");
}

#[test]
fn heimdals_kgetcred_names_a_service_that_is_not_there() {
    require_heimdal!();
    let world = World::start();
    world.logs_in(&[]);
    let finished = world.heimdal("kgetcred", &["host/elsewhere"]);
    assert!(!finished.status.success());
    assert!(finished.stderr.contains("host/elsewhere"), "{finished}");
}
