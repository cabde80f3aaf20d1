//! A realm, and contexts in it with MIT's library at the other end.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use crate::cell::Role;
use orthros::{AcceptContext, ContextFlags, Environment, InitContext, Name, SecurityContext, Step};
use orthros_host::{Clock as _, ManualClock, SystemClock};
use orthros_testing::mit::{GssPeer, Initiation, Realm, RealmBuilder};

const USER: &str = "alice";
const PASSWORD: &str = "correct horse";
pub(crate) const SERVICE: &str = "http@www.orthros.test";

/// What a context asks for, whichever side we are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    pub(crate) flags: ContextFlags,
}

impl Default for Request {
    fn default() -> Self {
        let flags = ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE;
        Self { flags }
    }
}

/// A running realm with `alice`, the service, and tickets for both heads.
pub(crate) struct World {
    pub(crate) realm: Realm,
}

/// The two heads for one enctype, before a context.
pub(crate) struct Heads {
    pub(crate) environment: Environment,
    pub(crate) peer: GssPeer,
}

impl World {
    pub(crate) fn start() -> Self {
        Self::of(Realm::builder())
    }

    /// With what a realm was told besides.
    pub(crate) fn of(builder: RealmBuilder) -> Self {
        let builder = builder
            .user(USER, PASSWORD)
            .service("http/www.orthros.test");
        let realm = builder.start().unwrap();
        Self { realm }
    }

    /// A configuration for processes of our own.
    pub(crate) fn krb5_conf(&self) -> PathBuf {
        self.realm.krb5_conf_path()
    }

    /// Both heads, which permit this enctype only, and a ticket-granting ticket in a cache that they share.
    ///
    /// The service gets a new key of the enctype: MIT's acceptors open no other tickets then.
    pub(crate) fn heads(&self, enctype: &str) -> Heads {
        let keytab = self.realm.keytab();
        let new_key = format!(
            "ktadd -k {} -e {enctype}:normal http/www.orthros.test",
            keytab.display()
        );
        self.realm.kadmin(&[new_key]).unwrap();
        let conf = self.realm.pinned_conf(enctype).unwrap();
        let cache = self.realm.path(&format!("ccache-{enctype}"));
        let mut kinit = self.realm.command("kinit");
        kinit
            .arg("-c")
            .arg(&cache)
            .arg(USER)
            .env("KRB5_CONFIG", &conf);
        let password = format!("{PASSWORD}\n");
        let finished = self.realm.run(&mut kinit, password.as_bytes()).unwrap();
        assert!(finished.status.success(), "{finished}");
        let environment = Environment::builder()
            .config_text("krb5.conf", &fs::read_to_string(&conf).unwrap())
            .unwrap()
            .clock(Arc::new(ManualClock::at(SystemClock.now())))
            .default_cache(&cache)
            .default_keytab(self.realm.keytab())
            .build();
        let peer = self.realm.gss_peer(|command| {
            command.env("KRB5_CONFIG", &conf).env("KRB5CCNAME", &cache);
        });
        Heads {
            environment,
            peer: peer.unwrap(),
        }
    }
}

impl Heads {
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// A context with us in this role.
    pub(crate) fn establish(&mut self, role: Role, request: Request) -> SecurityContext {
        match role {
            Role::Initiator => self.initiate(request),
            Role::Acceptor => self.accept(request),
        }
    }

    fn initiate(&mut self, request: Request) -> SecurityContext {
        let mut ours = InitContext::builder(Name::hostbased_service(SERVICE).unwrap())
            .environment(&self.environment)
            .flags(request.flags)
            .build()
            .unwrap();
        self.peer.accept(b"").unwrap();
        let mut token = None;
        loop {
            let (context, to_send) = match ours.step(token.as_deref()).unwrap() {
                Step::Continue(token) => (None, Some(token)),
                Step::Done { context, token } => (Some(context), token),
            };
            token = to_send.and_then(|token| self.peer.step(&token).unwrap().1);
            if let Some(context) = context {
                assert_eq!(token, None, "MIT goes on after we are done");
                return context;
            }
        }
    }

    fn accept(&mut self, request: Request) -> SecurityContext {
        let mut ours = AcceptContext::builder()
            .environment(&self.environment)
            .build()
            .unwrap();
        let initiation = Initiation {
            mechanism: "krb5",
            flags: request.flags.bits(),
            target: SERVICE,
            bindings: b"",
            delegated: false,
        };
        self.peer.initiate(&initiation).unwrap();
        let (mut more, mut token) = self.peer.step(b"").unwrap();
        loop {
            let step = ours.step(&token.unwrap()).unwrap();
            let (context, to_send) = match step {
                Step::Continue(token) => (None, Some(token)),
                Step::Done { context, token } => (Some(context), token),
            };
            (more, token) = match to_send {
                Some(token) => self.peer.step(&token).unwrap(),
                None => (more, None),
            };
            if let Some(context) = context {
                assert!(!more && token.is_none(), "MIT goes on after we are done");
                return context;
            }
        }
    }
}
