//! A realm of one enctype, of our KDC or of another, and what both heads of a context need of it.

use std::fs;
use std::path::PathBuf;

use orthros::{
    AcceptContext, ContextFlags, Credential, CredentialUsage, Environment, InitContext, Name, Oid,
    SecurityContext, Step,
};
use orthros_kdc::RealmPolicy;
use orthros_krb5::crypto::Enctype;
use orthros_testing::proof::{Issuer, Peer, Proof, Role};
use orthros_testing::{heimdal, mit, peers};

use crate::world::{PASSWORD, SERVICE, USER, World, with_libdefaults};

pub(crate) const TARGET: &str = "host@localhost";
pub(crate) const MECHANISMS: [(&str, Oid); 2] = [("krb5", Oid::KRB5), ("spnego", Oid::SPNEGO)];

/// What clients of Heimdal's KDC go by.
const CONF: &str = "clients.conf";

/// Those that every peer has.
pub(crate) const ENCTYPES: [Enctype; 5] = [
    Enctype::AES128_CTS_HMAC_SHA1_96,
    Enctype::AES256_CTS_HMAC_SHA1_96,
    Enctype::AES128_CTS_HMAC_SHA256_128,
    Enctype::AES256_CTS_HMAC_SHA384_192,
    Enctype::ARCFOUR_HMAC,
];

/// The name of an enctype that all implementations know, and what they need to use it.
pub(crate) fn in_conf(enctype: Enctype) -> (&'static str, &'static str) {
    if enctype == Enctype::ARCFOUR_HMAC {
        // Ours, and Java's.
        return ("rc4-hmac", "allow_rc4 = true\nallow_weak_crypto = true\n");
    }
    (enctype.name(), "")
}

/// A running realm with the user and the service.
pub(crate) struct Place {
    pub(crate) issuer: Issuer,
    pub(crate) enctype: Enctype,
    pub(crate) environment: Environment,
    realm: Realm,
}

enum Realm {
    Ours(Box<World>),
    Mits(Box<mit::Realm>),
    Heimdals(Box<heimdal::Realm>),
}

impl Place {
    pub(crate) fn ours(enctype: Enctype) -> Self {
        // MIT's word and Heimdal's: else contexts get a subkey of the strongest that both heads have.
        let (name, switches) = in_conf(enctype);
        let pinned = format!("{switches}permitted_enctypes = {name}\ndefault_etypes = {name}");
        let world = World::with(
            |realm| {
                let mut policy = RealmPolicy::new("OURS.TEST");
                policy.enctypes = vec![enctype];
                realm.policy(policy).password_enctypes([enctype])
            },
            |conf| with_libdefaults(&conf, &pinned),
        );
        Self::of(Issuer::Ours, enctype, Realm::Ours(Box::new(world)))
    }

    pub(crate) fn mits(enctype: Enctype) -> Self {
        let builder = mit::Realm::builder()
            .enctypes(&[enctype.name()])
            .libdefault("allow_rc4", "true")
            .libdefault("allow_weak_crypto", "true");
        let realm = builder.user(USER, PASSWORD).service(SERVICE).start();
        Self::of(Issuer::Mits, enctype, Realm::Mits(Box::new(realm.unwrap())))
    }

    pub(crate) fn heimdals(enctype: Enctype) -> Self {
        let password = format!("--password={PASSWORD}");
        let mut builder = heimdal::Realm::builder(peers::heimdal().unwrap(), "HEIMDAL.TEST");
        if enctype == Enctype::ARCFOUR_HMAC {
            builder = builder.rc4();
        }
        let realm = builder
            .kadmin(&["add", &password, "--use-defaults", USER])
            .kadmin(&["add", "--random-key", "--use-defaults", SERVICE])
            .kadmin(&["ext_keytab", "-k", "keytab", SERVICE])
            .start()
            .unwrap();
        let (enctype_name, switches) = in_conf(enctype);
        // Heimdal's KDC seals tickets in the service's strongest key, which the acceptor has to permit.
        let conf = format!(
            "[libdefaults]\n {switches}default_realm = HEIMDAL.TEST\n default_tkt_enctypes = {enctype_name}\n \
             default_tgs_enctypes = {enctype_name}\n permitted_enctypes = {enctype_name} aes256-cts-hmac-sha1-96\n dns_lookup_kdc = false\n \
             dns_canonicalize_hostname = false\n[realms]\n HEIMDAL.TEST = {{\n  kdc = {}\n }}\n",
            realm.kdc_address()
        );
        fs::write(realm.path(CONF), conf).unwrap();
        let realm = Realm::Heimdals(Box::new(realm));
        Self::of(Issuer::Heimdals, enctype, realm)
    }

    fn of(issuer: Issuer, enctype: Enctype, realm: Realm) -> Self {
        let conf = fs::read_to_string(realm.krb5_conf()).unwrap();
        let environment = Environment::builder()
            .config_text("krb5.conf", &conf)
            .unwrap()
            .default_keytab(realm.keytab())
            .build();
        Self {
            issuer,
            enctype,
            environment,
            realm,
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.realm.path(file)
    }

    pub(crate) fn krb5_conf(&self) -> PathBuf {
        self.realm.krb5_conf()
    }

    pub(crate) fn keytab(&self) -> PathBuf {
        self.realm.keytab()
    }

    /// Our client, logged in as the user.
    pub(crate) fn log_in(&self) -> Credential {
        let credential = Credential::acquire()
            .name(Name::user(USER).unwrap())
            .usage(CredentialUsage::Initiate)
            .password(PASSWORD)
            .environment(&self.environment);
        credential.build().unwrap()
    }

    /// The service as a client, logged in by its keytab.
    pub(crate) fn service(&self) -> Credential {
        let conf = fs::read_to_string(self.krb5_conf()).unwrap();
        let environment = Environment::builder()
            .config_text("krb5.conf", &conf)
            .unwrap()
            .default_cache(self.path("service.ccache"))
            .client_keytab(self.keytab())
            .build();
        let credential = Credential::acquire()
            .usage(CredentialUsage::Initiate)
            .environment(&environment);
        credential.build().unwrap()
    }

    pub(crate) fn initiator(&self, mechanism: Oid, flags: ContextFlags) -> InitContext {
        initiator(&self.log_in(), mechanism, flags)
    }

    pub(crate) fn acceptor(&self) -> AcceptContext {
        let builder = AcceptContext::builder().environment(&self.environment);
        builder.build().unwrap()
    }

    /// A mutual context between our own heads.
    pub(crate) fn context(&self) -> SecurityContext {
        self.context_of(&self.log_in())
    }

    /// The same, with this credential of the initiator.
    pub(crate) fn context_of(&self, credential: &Credential) -> SecurityContext {
        let mut initiator = initiator(credential, Oid::KRB5, ContextFlags::MUTUAL);
        let Step::Continue(token) = initiator.step(None).unwrap() else {
            panic!("done without an answer");
        };
        let Step::Done { token, .. } = self.acceptor().step(&token).unwrap() else {
            panic!("not done with one token");
        };
        let Step::Done { context, .. } = initiator.step(token.as_deref()).unwrap() else {
            panic!("not done with one answer");
        };
        context
    }

    /// Puts a row into the table of peers.
    pub(crate) fn record(&self, peer: &Peer, role: Role, mechanism: &str, result: &str) {
        let proof = Proof {
            peer,
            role,
            issuer: self.issuer,
            mechanism,
            enctype: self.enctype.name(),
            result,
        };
        proof.record();
    }
}

fn initiator(credential: &Credential, mechanism: Oid, flags: ContextFlags) -> InitContext {
    InitContext::builder(Name::hostbased_service(TARGET).unwrap())
        .credential(credential)
        .mech_type(mechanism)
        .flags(flags)
        .build()
        .unwrap()
}

impl Realm {
    fn path(&self, file: &str) -> PathBuf {
        match self {
            Self::Ours(world) => world.path(file),
            Self::Mits(realm) => realm.path(file),
            Self::Heimdals(realm) => realm.path(file),
        }
    }

    fn keytab(&self) -> PathBuf {
        match self {
            Self::Ours(world) => world.path("keytab"),
            Self::Mits(realm) => realm.keytab(),
            Self::Heimdals(realm) => realm.path("keytab"),
        }
    }

    fn krb5_conf(&self) -> PathBuf {
        match self {
            Self::Ours(_) | Self::Mits(_) => self.path("krb5.conf"),
            // There `krb5.conf` is the KDC's.
            Self::Heimdals(realm) => realm.path(CONF),
        }
    }
}
