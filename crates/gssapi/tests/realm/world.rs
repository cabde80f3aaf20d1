//! A realm with a user and services, and both sides of contexts in it.

use std::fs;
use std::sync::Arc;

use orthros::{
    AcceptContext, AcceptContextBuilder, Credential, CredentialUsage, Environment, Error,
    InitContext, InitContextBuilder, Name, SecurityContext, Step,
};
use orthros_host::{Clock, ManualClock, SystemClock};
use orthros_testing::mit::Realm;
use orthros_types::Timestamp;

pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const SERVICE: &str = "http@www.orthros.test";
pub(crate) const PRINCIPAL: &str = "http/www.orthros.test@ORTHROS.TEST";

/// A running realm with `alice` and the service.
pub(crate) struct World {
    pub(crate) realm: Realm,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) fn start() -> Self {
        let builder = Realm::builder()
            .user(USER, PASSWORD)
            .service("http/www.orthros.test");
        Self::of(builder.start().unwrap())
    }

    pub(crate) fn of(realm: Realm) -> Self {
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        Self { realm, clock }
    }

    /// An environment of the realm's own files; a party in it is not the other one's twin.
    pub(crate) fn environment(&self) -> Environment {
        self.environment_with(&self.realm.krb5_conf())
    }

    pub(crate) fn environment_with(&self, krb5_conf: &str) -> Environment {
        self.environment_of(krb5_conf, self.clock.clone())
    }

    /// One where it is another time.
    pub(crate) fn environment_at(&self, now: Timestamp) -> Environment {
        self.environment_of(&self.realm.krb5_conf(), Arc::new(ManualClock::at(now)))
    }

    fn environment_of(&self, krb5_conf: &str, clock: Arc<ManualClock>) -> Environment {
        Environment::builder()
            .config_text("krb5.conf", krb5_conf)
            .unwrap()
            .clock(clock)
            .default_cache(self.realm.ccache())
            .default_keytab(self.realm.keytab())
            .build()
    }

    pub(crate) fn path(&self, file: &str) -> String {
        self.realm.path(file).display().to_string()
    }

    pub(crate) fn keytab(&self) -> String {
        self.realm.keytab().display().to_string()
    }

    pub(crate) fn file(&self, file: &str) -> Vec<u8> {
        fs::read(self.realm.path(file)).unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The user's credential, by password.
    pub(crate) fn alice(&self, environment: &Environment) -> Credential {
        Credential::acquire()
            .name(Name::user(USER).unwrap())
            .password(PASSWORD)
            .environment(environment)
            .build()
            .unwrap()
    }

    pub(crate) fn initiator(&self, environment: &Environment) -> InitContextBuilder {
        InitContext::builder(Name::hostbased_service(SERVICE).unwrap())
            .credential(&self.alice(environment))
    }

    pub(crate) fn acceptor(&self, environment: &Environment) -> AcceptContextBuilder {
        AcceptContext::builder().environment(environment)
    }

    /// Both ends of a context between the user and the service, by default flags: the initiator's, the acceptor's.
    pub(crate) fn contexts(&self, environment: &Environment) -> (SecurityContext, SecurityContext) {
        let initiator = self.initiator(environment).build().unwrap();
        let acceptor = self.acceptor(environment).build().unwrap();
        establish(initiator, acceptor).unwrap()
    }
}

/// Both ends of a new context: the initiator's, the acceptor's.
pub(crate) fn establish(
    mut initiator: InitContext,
    mut acceptor: AcceptContext,
) -> Result<(SecurityContext, SecurityContext), Error> {
    let (first, ours) = match initiator.step(None)? {
        Step::Continue(token) => (token, None),
        Step::Done { context, token } => (token.unwrap(), Some(context)),
    };
    let Step::Done {
        context: theirs,
        token,
    } = acceptor.step(&first)?
    else {
        panic!("Kerberos acceptors need one token");
    };
    let ours = match ours {
        Some(context) => {
            assert_eq!(token, None);
            context
        }
        None => finish(&mut initiator, &token.unwrap())?,
    };
    Ok((ours, theirs))
}

/// The initiator's last step.
pub(crate) fn finish(initiator: &mut InitContext, token: &[u8]) -> Result<SecurityContext, Error> {
    match initiator.step(Some(token))? {
        Step::Done {
            context,
            token: None,
        } => Ok(context),
        other => panic!("{other:?}"),
    }
}

/// The initiator's first token.
pub(crate) fn first_token(initiator: &mut InitContext) -> Vec<u8> {
    match initiator.step(None).unwrap() {
        Step::Continue(token) => token,
        Step::Done { token, .. } => token.unwrap(),
    }
}

/// A credential for accepting, by default keytab.
pub(crate) fn service(environment: &Environment) -> Credential {
    Credential::acquire()
        .usage(CredentialUsage::Accept)
        .environment(environment)
        .build()
        .unwrap()
}
