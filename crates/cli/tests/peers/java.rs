//! Java's `Krb5LoginModule` as a client of our KDC, and both heads of contexts with Java's GSS-API.

use orthros::{
    AcceptContext, ContextFlags, Credential, InitContext, Name, Oid, Protection, SecurityContext,
    Step,
};
use orthros_krb5::crypto::Enctype;
use orthros_testing::java::gss_peer;
use orthros_testing::mit::{GssPeer, Initiation};
use orthros_testing::require_java;

use crate::world::{PASSWORD, SERVICE, USER, World};

const TARGET: &str = "host@localhost";
const MECHANISMS: [(&str, Oid); 2] = [("krb5", Oid::KRB5), ("spnego", Oid::SPNEGO)];

impl World {
    fn java(&self) -> GssPeer {
        gss_peer(&self.path("krb5.conf")).unwrap()
    }

    /// Java logged in as the user.
    fn java_user(&self) -> GssPeer {
        let mut java = self.java();
        log_in(&mut java, PASSWORD).unwrap();
        java
    }

    /// Java with the service's keys.
    fn java_service(&self) -> GssPeer {
        let mut java = self.java();
        let keytab = self.path("keytab").display().to_string();
        let taken = java.call("take-keytab", &[SERVICE.as_bytes(), keytab.as_bytes()]);
        taken.unwrap();
        java
    }

    /// Our head, logged in as the user.
    fn initiator(&self, mechanism: Oid, flags: ContextFlags) -> InitContext {
        let credential = Credential::acquire()
            .name(Name::user(USER).unwrap())
            .password(PASSWORD)
            .environment(self.realm.environment());
        InitContext::builder(Name::hostbased_service(TARGET).unwrap())
            .credential(&credential.build().unwrap())
            .mech_type(mechanism)
            .flags(flags)
            .build()
            .unwrap()
    }

    fn acceptor(&self) -> AcceptContext {
        let builder = AcceptContext::builder().environment(self.realm.environment());
        builder.build().unwrap()
    }
}

fn log_in(java: &mut GssPeer, password: &str) -> Result<Vec<String>, String> {
    let answer = java.call("log-in", &[USER.as_bytes(), password.as_bytes()]);
    let fields = answer.map_err(|error| error.to_string())?;
    let fields = fields.iter().map(|field| String::from_utf8_lossy(field));
    Ok(fields.map(String::from).collect())
}

#[test]
fn javas_login_module_gets_a_ticket_in_each_enctype() {
    require_java!();
    for enctype in [
        Enctype::AES128_CTS_HMAC_SHA1_96,
        Enctype::AES256_CTS_HMAC_SHA1_96,
        Enctype::AES128_CTS_HMAC_SHA256_128,
        Enctype::AES256_CTS_HMAC_SHA384_192,
    ] {
        let world = World::with(
            |realm| {
                let mut policy = orthros_kdc::RealmPolicy::new("OURS.TEST");
                policy.enctypes = vec![enctype];
                realm.policy(policy).password_enctypes([enctype])
            },
            |conf| conf,
        );
        let number = enctype.number().to_string();
        assert_eq!(
            log_in(&mut world.java(), PASSWORD).unwrap(),
            ["alice@OURS.TEST", "krbtgt/OURS.TEST@OURS.TEST", &number]
        );
    }
}

#[test]
fn javas_login_module_calls_a_wrong_password_one() {
    require_java!();
    let world = World::start();
    let error = log_in(&mut world.java(), "incorrect").unwrap_err();
    assert!(
        error.contains("Pre-authentication information was invalid"),
        "{error}"
    );
}

#[test]
fn java_initiates_and_we_accept() {
    require_java!();
    let world = World::start();
    let mut java = world.java_user();
    for (mechanism, _) in MECHANISMS {
        for flags in [ContextFlags::MUTUAL, ContextFlags::empty()] {
            let initiation = Initiation {
                mechanism,
                flags: (flags | ContextFlags::REPLAY | ContextFlags::SEQUENCE).bits(),
                target: TARGET,
                bindings: b"",
                delegated: false,
            };
            java.initiate(&initiation).unwrap();
            let mut ours = accept(&mut java, world.acceptor());
            let theirs = java.inquire().unwrap();
            assert!(theirs.complete);
            assert_eq!(
                ours.flags().contains(ContextFlags::MUTUAL),
                flags.contains(ContextFlags::MUTUAL)
            );
            assert_eq!(ours.peer_name().to_string(), "alice@OURS.TEST");
            converse(&mut ours, &mut java);
        }
    }
}

#[test]
fn we_initiate_and_java_accepts() {
    require_java!();
    let world = World::start();
    let mut java = world.java_service();
    for (_, mechanism) in MECHANISMS {
        for flags in [ContextFlags::MUTUAL, ContextFlags::empty()] {
            let flags = flags | ContextFlags::REPLAY | ContextFlags::SEQUENCE;
            java.accept(b"").unwrap();
            let mut ours = initiate(&mut java, world.initiator(mechanism, flags));
            let theirs = java.inquire().unwrap();
            assert_eq!(theirs.initiator, "alice@OURS.TEST");
            assert_eq!(ours.peer_name().to_string(), "host/localhost@OURS.TEST");
            converse(&mut ours, &mut java);
        }
    }
}

/// Steps both heads until both are done; Java speaks first.
fn accept(java: &mut GssPeer, mut ours: AcceptContext) -> SecurityContext {
    let mut answer = Vec::new();
    loop {
        let (_, token) = java.step(&answer).unwrap();
        match ours.step(&token.unwrap()).unwrap() {
            Step::Continue(token) => answer = token,
            Step::Done { context, token } => {
                if let Some(token) = token {
                    assert_eq!(java.step(&token).unwrap(), (false, None));
                }
                return context;
            }
        }
    }
}

/// The same, and we speak first.
fn initiate(java: &mut GssPeer, mut ours: InitContext) -> SecurityContext {
    let mut answer: Option<Vec<u8>> = None;
    loop {
        match ours.step(answer.as_deref()).unwrap() {
            Step::Continue(token) => answer = java.step(&token).unwrap().1,
            Step::Done { context, token } => {
                if let Some(token) = token {
                    assert_eq!(java.step(&token).unwrap(), (false, None));
                }
                return context;
            }
        }
    }
}

/// Messages of several lengths, sealed, signed, and with a MIC, both ways.
fn converse(ours: &mut SecurityContext, java: &mut GssPeer) {
    for length in [0, 1, 15, 16, 17, 1000, 100_000] {
        let message = vec![0x5a; length];
        for (confidential, protection) in [
            (true, Protection::CONFIDENTIALITY),
            (false, Protection::INTEGRITY),
        ] {
            let token = ours.wrap(&message, protection).unwrap();
            assert_eq!(
                java.unwrap(&token).unwrap(),
                (message.clone(), confidential)
            );
            let token = java.wrap(confidential, &message).unwrap();
            let unwrapped = ours.unwrap(&token, protection).unwrap();
            assert_eq!(unwrapped.confidential, confidential);
            assert_eq!(unwrapped.in_sequence().unwrap(), message);
        }
        let mic = ours.get_mic(&message).unwrap();
        java.verify_mic(&message, &mic).unwrap();
        let mic = java.get_mic(&message).unwrap();
        ours.verify_mic(&message, &mic)
            .unwrap()
            .in_sequence()
            .unwrap();
    }
}
