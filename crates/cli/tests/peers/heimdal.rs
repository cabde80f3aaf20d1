//! Heimdal's kinit and kgetcred as clients of our KDC, its KDC for our client, and its library as both heads of
//! contexts with ours.

use std::fs;

use orthros::StoreOptions;
use orthros_kdc::RealmPolicy;
use orthros_krb5::crypto::Enctype;
use orthros_testing::heimdal::gss_peer;
use orthros_testing::process::{Finished, run};
use orthros_testing::proof::{Issuer, Peer, Proof, Role};
use orthros_testing::{peers, require_heimdal};
use orthros_types::{Credential, TicketFlags};

use crate::heads::{heimdal_initiates, peer_accepts};
use crate::place::{ENCTYPES, Place, in_conf};
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
    let programs = Peer::heimdal("kinit and kgetcred").unwrap();
    for enctype in ENCTYPES {
        let (name, switches) = in_conf(enctype);
        let only = format!("{switches}default_etypes = {name}");
        let world = World::with(
            |realm| {
                let mut policy = RealmPolicy::new("OURS.TEST");
                policy.enctypes.push(Enctype::ARCFOUR_HMAC);
                realm.policy(policy).password_enctypes([enctype])
            },
            |conf| with_libdefaults(&conf, &only),
        );
        world.logs_in(&[]);
        world.heimdal_does("kgetcred", &[SERVICE]);
        for server in [TGS, SERVICE] {
            let session_key = world.ticket(server).session_key;
            assert_eq!(session_key.enctype().0, enctype.number(), "{server}");
        }
        let proof = Proof {
            peer: &programs,
            role: Role::Client,
            issuer: Issuer::Ours,
            mechanism: "AS, TGS",
            enctype: enctype.name(),
            result: "tickets for the realm and a service",
        };
        proof.record();
    }
}

#[test]
fn our_client_gets_tickets_of_heimdals_kdc_in_each_enctype() {
    require_heimdal!();
    let kdc = Peer::heimdal("kdc").unwrap();
    for enctype in ENCTYPES {
        let place = Place::heimdals(enctype);
        assert_eq!(place.context().session_key().enctype(), enctype);
        place.record(
            &kdc,
            Role::Kdc,
            "AS, TGS",
            "tickets by password and for a service, accepted",
        );
    }
}

#[test]
fn heimdals_library_and_we_are_both_heads() {
    require_heimdal!();
    let library = Peer::heimdal("libgssapi").unwrap();
    for enctype in ENCTYPES {
        let place = Place::ours(enctype);
        let cache = place.path("ccache");
        let options = StoreOptions::new().ccache(&cache);
        place.log_in().store(&options).unwrap();
        let peer = gss_peer(|command| {
            command
                .env("KRB5_CONFIG", place.krb5_conf())
                .env("KRB5CCNAME", &cache)
                .env("KRB5_KTNAME", place.keytab());
        });
        let mut peer = peer.unwrap();
        heimdal_initiates(&place, &library, &mut peer);
        peer_accepts(&place, &library, &mut peer);
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
