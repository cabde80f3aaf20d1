//! A realm, and contexts in it with MIT's library at the other end.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use crate::cell::Role;
use orthros::{
    AcceptContext, ChannelBindings, ContextFlags, Environment, Error, InitContext, Name, Oid,
    SecurityContext, Step,
};
use orthros_host::{Clock as _, ManualClock, SystemClock};
use orthros_testing::mit::{GssPeer, GssPeerError, Initiation, Realm, RealmBuilder};

const USER: &str = "alice";
const PASSWORD: &str = "correct horse";
pub(crate) const SERVICE: &str = "http@www.orthros.test";

/// What a context asks for, whichever side we are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    pub(crate) flags: ContextFlags,
    /// CONF and INTEG only where they are among the flags.
    pub(crate) no_ci_flags: bool,
    pub(crate) mechanism: Mechanism,
    /// Application data of channel bindings, the initiator's and the acceptor's; empty for none.
    pub(crate) channels: [&'static [u8]; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    Krb5,
    Spnego,
}

/// Which side refused, and why.
#[derive(Debug)]
pub(crate) enum Refused {
    ByUs(Error),
    ByMit(GssPeerError),
}

impl Default for Request {
    fn default() -> Self {
        let flags = ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE;
        Self {
            flags,
            no_ci_flags: false,
            mechanism: Mechanism::Krb5,
            channels: [b"", b""],
        }
    }
}

/// A running realm with `alice`, the service, and tickets for both heads.
pub(crate) struct World {
    pub(crate) realm: Realm,
}

/// The two heads for one enctype, before a context.
pub(crate) struct Heads {
    pub(crate) environment: Environment,
    /// The environment's.
    pub(crate) clock: Arc<ManualClock>,
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
        let conf = self.realm.pinned_conf(enctype).unwrap();
        self.heads_with(enctype, conf)
    }

    /// Both heads with this configuration, and a service whose only key is of this enctype.
    pub(crate) fn heads_with(&self, enctype: &str, conf: PathBuf) -> Heads {
        let keytab = self.realm.keytab();
        let new_key = format!(
            "ktadd -k {} -e {enctype}:normal http/www.orthros.test",
            keytab.display()
        );
        self.realm.kadmin(&[new_key]).unwrap();
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
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let environment = Environment::builder()
            .config_text("krb5.conf", &fs::read_to_string(&conf).unwrap())
            .unwrap()
            .clock(clock.clone())
            .default_cache(&cache)
            .default_keytab(self.realm.keytab())
            .build();
        let peer = self.realm.gss_peer(|command| {
            command.env("KRB5_CONFIG", &conf).env("KRB5CCNAME", &cache);
        });
        Heads {
            environment,
            clock,
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
        let context = self.try_establish(role, request);
        context.unwrap_or_else(|refused| panic!("{refused:?}"))
    }

    pub(crate) fn try_establish(
        &mut self,
        role: Role,
        request: Request,
    ) -> Result<SecurityContext, Refused> {
        match role {
            Role::Initiator => self.initiate(request),
            Role::Acceptor => self.accept(request),
        }
    }

    fn initiate(&mut self, request: Request) -> Result<SecurityContext, Refused> {
        let [initiators, acceptors] = request.channels;
        let mut builder = InitContext::builder(Name::hostbased_service(SERVICE).unwrap())
            .environment(&self.environment)
            .mech_type(request.mechanism.oid())
            .flags(request.flags)
            .no_ci_flags(request.no_ci_flags);
        if !initiators.is_empty() {
            builder = builder.channel_bindings(&channel(initiators));
        }
        let mut ours = builder.build().unwrap();
        self.peer.accept(acceptors).unwrap();
        let mut token = None;
        loop {
            let (context, to_send) = parts(ours.step(token.as_deref()))?;
            token = match to_send {
                Some(token) => self.peer.step(&token).map_err(Refused::ByMit)?.1,
                None => None,
            };
            if let Some(context) = context {
                assert_eq!(token, None, "MIT goes on after we are done");
                return Ok(context);
            }
        }
    }

    fn accept(&mut self, request: Request) -> Result<SecurityContext, Refused> {
        let [initiators, acceptors] = request.channels;
        let mut builder = AcceptContext::builder().environment(&self.environment);
        if !acceptors.is_empty() {
            builder = builder.channel_bindings(&channel(acceptors));
        }
        let mut ours = builder.build().unwrap();
        let initiation = Initiation {
            mechanism: request.mechanism.name(),
            flags: request.flags.bits(),
            target: SERVICE,
            bindings: initiators,
            delegated: false,
            no_ci_flags: request.no_ci_flags,
        };
        self.peer.initiate(&initiation).unwrap();
        let (mut more, mut token) = self.peer.step(b"").map_err(Refused::ByMit)?;
        loop {
            let (context, to_send) = parts(ours.step(&token.unwrap()))?;
            (more, token) = match to_send {
                Some(token) => self.peer.step(&token).map_err(Refused::ByMit)?,
                None => (more, None),
            };
            if let Some(context) = context {
                assert!(!more && token.is_none(), "MIT goes on after we are done");
                return Ok(context);
            }
        }
    }
}

impl Mechanism {
    pub(crate) const ALL: [Self; 2] = [Self::Krb5, Self::Spnego];

    const fn oid(self) -> Oid {
        match self {
            Self::Krb5 => Oid::KRB5,
            Self::Spnego => Oid::SPNEGO,
        }
    }

    /// As the peer's script knows it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Krb5 => "krb5",
            Self::Spnego => "spnego",
        }
    }
}

/// As the peer's script has it: application data alone, which leaves MIT's address types at 0.
fn channel(application_data: &[u8]) -> ChannelBindings {
    ChannelBindings::application_data(application_data)
}

fn parts(step: Result<Step, Error>) -> Result<(Option<SecurityContext>, Option<Vec<u8>>), Refused> {
    Ok(match step.map_err(Refused::ByUs)? {
        Step::Continue(token) => (None, Some(token)),
        Step::Done { context, token } => (Some(context), token),
    })
}
