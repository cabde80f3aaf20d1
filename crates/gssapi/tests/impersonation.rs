//! Services in the names of their users (MS-SFU), in a realm of our own KDC: front may delegate to back, not to other;
//! the account of vault names portal.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test, too"
)]

use orthros::{
    AcceptContext, ContextFlags, Credential, CredentialUsage, Environment, EnvironmentBuilder,
    Error, ErrorKind, InitContext, Lifetime, MinorStatus, Name, Oid, SecurityContext, Step,
    StoreOptions,
};
use orthros_kdc::server::Realm;
use orthros_kdc::{PrincipalEntry, PrincipalFlags, PrincipalKey};
use orthros_krb5::crypto::Enctype;
use orthros_types::Principal;
use tempfile::TempDir;

const REALM: &str = "ORTHROS.TEST";
const FRONT: &str = "http/front.orthros.test";
const BACK: &str = "http@back.orthros.test";
const OTHER: &str = "http@other.orthros.test";
/// What the account of vault lets act for users towards it.
const PORTAL: &str = "http/portal.orthros.test";
const VAULT: &str = "http@vault.orthros.test";
const PASSWORD: &str = "correct horse";

struct World {
    realm: Realm,
    directory: TempDir,
}

impl World {
    fn start(flags: PrincipalFlags) -> Self {
        let principal = |name: &str| Principal::parse(name, Some(REALM.as_bytes())).unwrap();
        let mut random = Environment::builder().build().random();
        let key = PrincipalKey::random(1, Enctype::AES256_CTS_HMAC_SHA1_96, &mut random).unwrap();
        let mut front = PrincipalEntry::new(principal(FRONT), vec![key]);
        front.flags |= flags;
        front.delegation_targets = vec![principal("http/back.orthros.test")];
        let realm = Realm::builder(REALM)
            .user("alice", PASSWORD)
            .principal(front)
            .service("http/back.orthros.test")
            .service("http/other.orthros.test")
            .service(PORTAL)
            .service("http/vault.orthros.test")
            .delegate_from("http/vault.orthros.test", PORTAL);
        Self {
            realm: realm.start().unwrap(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// One whose front end is trusted with what it says of users.
    fn trusting() -> Self {
        Self::start(PrincipalFlags::OK_TO_AUTH_AS_DELEGATE)
    }

    /// An environment of someone's own: what a KDC takes for evidence is forwardable.
    fn builder(&self) -> EnvironmentBuilder {
        let conf = format!(
            "[libdefaults]\n forwardable = true\n{}",
            self.realm.krb5_conf()
        );
        Environment::builder()
            .config_text("krb5.conf", &conf)
            .unwrap()
    }

    fn path(&self, file: &str) -> String {
        self.directory.path().join(file).display().to_string()
    }

    /// The front end's own environment and credential, for both uses.
    fn front(&self) -> Credential {
        self.service(FRONT)
    }

    /// A service's own environment and credential, for both uses.
    fn service(&self, name: &str) -> Credential {
        let keytab = self.path("service.keytab");
        let keys = self.realm.keytab_of(&[name]).unwrap();
        std::fs::write(&keytab, &*keys).unwrap();
        let environment = self
            .builder()
            .default_cache("MEMORY:service")
            .default_keytab(&*keytab)
            .client_keytab(&*keytab)
            .build();
        Credential::acquire()
            .usage(CredentialUsage::Both)
            .environment(&environment)
            .build()
            .unwrap()
    }

    fn alice(&self) -> Credential {
        Credential::acquire()
            .name(Name::user("alice").unwrap())
            .password(PASSWORD)
            .environment(&self.builder().default_cache("MEMORY:alice").build())
            .build()
            .unwrap()
    }

    /// What a service says of the client, where its context with the credential comes about.
    fn reach(&self, credential: &Credential, service: &str) -> Result<String, Error> {
        let environment = self.realm.new_environment().unwrap();
        let acceptor = AcceptContext::builder().environment(&environment);
        let (_, theirs) = establish(initiator(credential, service), acceptor.build()?)?;
        Ok(theirs.initiator_name().to_string())
    }

    /// The front end's side of a context with alice.
    fn accepted(&self, front: &Credential, flags: ContextFlags) -> SecurityContext {
        self.accepted_by(front_name(), front, flags)
    }

    fn accepted_by(
        &self,
        name: Name,
        service: &Credential,
        flags: ContextFlags,
    ) -> SecurityContext {
        let initiator = InitContext::builder(name)
            .credential(&self.alice())
            .flags(flags)
            .build();
        let acceptor = AcceptContext::builder().credential(service).build();
        establish(initiator.unwrap(), acceptor.unwrap()).unwrap().1
    }
}

fn front_name() -> Name {
    Name::hostbased_service("http@front.orthros.test").unwrap()
}

fn initiator(credential: &Credential, service: &str) -> InitContext {
    InitContext::builder(Name::hostbased_service(service).unwrap())
        .credential(credential)
        .build()
        .unwrap()
}

/// Both ends of a context, the initiator's first.
fn establish(
    mut initiator: InitContext,
    mut acceptor: AcceptContext,
) -> Result<(SecurityContext, SecurityContext), Error> {
    let (mut ours, mut theirs) = (None, None);
    let take = |step, established: &mut Option<SecurityContext>| match step {
        Step::Continue(token) => Some(token),
        Step::Done { context, token } => {
            *established = Some(context);
            token
        }
    };
    let mut token = take(initiator.step(None)?, &mut ours);
    while let Some(sent) = token {
        token = match take(acceptor.step(&sent)?, &mut theirs) {
            Some(answer) => take(initiator.step(Some(&answer))?, &mut ours),
            None => None,
        };
    }
    Ok((ours.unwrap(), theirs.unwrap()))
}

fn user(name: &str) -> Name {
    Name::user(name).unwrap()
}

#[test]
fn a_service_goes_on_to_another_in_the_name_of_a_user_who_has_no_ticket() {
    let world = World::trusting();
    let front = world.front();
    let alice = front.impersonate(&user("alice")).unwrap();
    assert_eq!(alice.usage(), CredentialUsage::Initiate);
    assert_eq!(
        alice.name().unwrap().unwrap().to_string(),
        "alice@ORTHROS.TEST"
    );
    let impersonator = alice.impersonator().unwrap().unwrap().to_string();
    assert_eq!(impersonator, format!("{FRONT}@{REALM}"));
    assert!(front.impersonator().unwrap().is_none());
    assert!(matches!(
        alice.lifetime().unwrap(),
        Lifetime::Seconds(3600..)
    ));
    assert_eq!(world.reach(&alice, BACK).unwrap(), "alice@ORTHROS.TEST");
    // The front end itself is reached with what there is already, and the other service not at all.
    let ours = AcceptContext::builder().credential(&front).build().unwrap();
    let own = initiator(&alice, "http@front.orthros.test");
    let (_, own) = establish(own, ours).unwrap();
    assert_eq!(own.initiator_name().to_string(), "alice@ORTHROS.TEST");
    let error = world.reach(&alice, OTHER).unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_BADOPTION, "{error}");
}

#[test]
fn a_user_who_shows_a_ticket_needs_no_trust_in_what_the_service_says() {
    let world = World::start(PrincipalFlags::empty());
    let front = world.front();
    for flags in [ContextFlags::MUTUAL, ContextFlags::empty()] {
        let accepted = world.accepted(&front, flags);
        assert!(!accepted.flags().contains(ContextFlags::DELEG));
        let alice = accepted.delegated_cred().unwrap().unwrap();
        let impersonator = alice.impersonator().unwrap().unwrap();
        assert_eq!(impersonator.to_string(), format!("{FRONT}@{REALM}"));
        assert_eq!(world.reach(&alice, BACK).unwrap(), "alice@ORTHROS.TEST");
        let error = world.reach(&alice, OTHER).unwrap_err();
        assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_BADOPTION, "{error}");
    }
    // Without that trust, what it says of a user is good for itself alone.
    let said = front.impersonate(&user("alice")).unwrap();
    let error = world.reach(&said, BACK).unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_BADOPTION, "{error}");
}

#[test]
fn a_service_acts_for_users_towards_one_whose_account_names_it() {
    let world = World::start(PrincipalFlags::empty());
    let portal = world.service(PORTAL);
    let name = Name::hostbased_service("http@portal.orthros.test").unwrap();
    let accepted = world.accepted_by(name, &portal, ContextFlags::MUTUAL);
    let shown = accepted.delegated_cred().unwrap().unwrap();
    let said = portal.impersonate(&user("alice")).unwrap();
    for alice in [shown, said] {
        assert_eq!(world.reach(&alice, VAULT).unwrap(), "alice@ORTHROS.TEST");
        let error = world.reach(&alice, BACK).unwrap_err();
        assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_BADOPTION, "{error}");
    }
    // The account names no other, whatever that has shown or says.
    let front = world.front();
    let accepted = world.accepted(&front, ContextFlags::MUTUAL);
    let shown = accepted.delegated_cred().unwrap().unwrap();
    let error = world.reach(&shown, VAULT).unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_BADOPTION, "{error}");
}

#[test]
fn evidence_is_taken_by_each_way_to_begin_a_context() {
    let world = World::start(PrincipalFlags::empty());
    let front = world.front();
    let flags = ContextFlags::MUTUAL | ContextFlags::DCE_STYLE;
    for (mechanism, flags) in [
        (Oid::KRB5, flags),
        (Oid::SPNEGO, flags),
        (Oid::SPNEGO, ContextFlags::MUTUAL),
    ] {
        let initiator = InitContext::builder(front_name())
            .credential(&world.alice())
            .mech_type(mechanism)
            .flags(flags)
            .build();
        let acceptor = AcceptContext::builder().credential(&front).build();
        let (_, accepted) = establish(initiator.unwrap(), acceptor.unwrap()).unwrap();
        let alice = accepted.delegated_cred().unwrap().unwrap();
        assert_eq!(world.reach(&alice, BACK).unwrap(), "alice@ORTHROS.TEST");
    }
}

#[test]
fn what_the_user_delegates_goes_before_the_evidence() {
    let world = World::start(PrincipalFlags::empty());
    let flags = ContextFlags::MUTUAL | ContextFlags::DELEG;
    let accepted = world.accepted(&world.front(), flags);
    let alice = accepted.delegated_cred().unwrap().unwrap();
    assert!(alice.impersonator().unwrap().is_none());
    assert_eq!(world.reach(&alice, OTHER).unwrap(), "alice@ORTHROS.TEST");
}

#[test]
fn a_service_that_has_not_asked_for_both_uses_hands_on_none_of_its_tickets() {
    let world = World::start(PrincipalFlags::empty());
    let front = world.front();
    let accepted = world.accepted(&front, ContextFlags::MUTUAL);
    assert!(accepted.delegated_cred().unwrap().is_some());
    let acquired = Credential::acquire()
        .environment(front.environment())
        .build()
        .unwrap();
    assert_eq!(acquired.usage(), CredentialUsage::Both);
    assert!(acquired.lifetime().unwrap() > Lifetime::Seconds(0));
    let imported = Credential::import_in(&front.export().unwrap(), front.environment()).unwrap();
    for credential in [acquired, imported] {
        let accepted = world.accepted(&credential, ContextFlags::MUTUAL);
        assert!(accepted.delegated_cred().unwrap().is_none());
    }
}

#[test]
fn an_acceptor_without_tickets_has_no_credential_of_its_users() {
    let world = World::start(PrincipalFlags::empty());
    let environment = world.realm.new_environment().unwrap();
    for usage in [CredentialUsage::Both, CredentialUsage::Accept] {
        let acceptor = Credential::acquire().usage(usage).environment(&environment);
        let acceptor = AcceptContext::builder()
            .credential(&acceptor.build().unwrap())
            .build();
        let initiator = initiator(&world.alice(), BACK);
        let (_, accepted) = establish(initiator, acceptor.unwrap()).unwrap();
        assert!(accepted.delegated_cred().unwrap().is_none());
    }
}

#[test]
fn tickets_in_a_users_name_are_kept_and_stored_with_the_note_of_the_service() {
    let world = World::trusting();
    let alice = world.front().impersonate(&user("alice")).unwrap();
    world.reach(&alice, BACK).unwrap();
    let file = format!("FILE:{}", world.path("alice"));
    alice.store(&StoreOptions::new().ccache(&*file)).unwrap();
    let environment = alice.environment();
    let contents = environment.cache(&*file).unwrap().snapshot().unwrap();
    let servers: Vec<String> = contents
        .contents()
        .tickets()
        .map(|ticket| ticket.server.to_string())
        .collect();
    let expected = [
        format!("krbtgt/{REALM}@{REALM}"),
        format!("{FRONT}@{REALM}"),
        format!("http/back.orthros.test@{REALM}"),
    ];
    assert_eq!(servers, expected);
    // Another process finds all of it there.
    let stored = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .ccache(&*file)
        .environment(environment)
        .build()
        .unwrap();
    let impersonator = stored.impersonator().unwrap().unwrap();
    assert_eq!(impersonator.to_string(), format!("{FRONT}@{REALM}"));
    assert_eq!(world.reach(&stored, BACK).unwrap(), "alice@ORTHROS.TEST");
    // A copy by value has it, too.
    let exported = alice.export().unwrap();
    let imported = Credential::import_in(&exported, environment).unwrap();
    assert_eq!(world.reach(&imported, BACK).unwrap(), "alice@ORTHROS.TEST");
}

#[test]
fn a_credential_in_a_users_name_is_not_delegated_and_impersonates_no_other() {
    let world = World::trusting();
    let alice = world.front().impersonate(&user("alice")).unwrap();
    let environment = world.realm.new_environment().unwrap();
    let initiator = InitContext::builder(Name::hostbased_service(BACK).unwrap())
        .credential(&alice)
        .flags(ContextFlags::MUTUAL | ContextFlags::DELEG)
        .build();
    let acceptor = AcceptContext::builder().environment(&environment).build();
    let (ours, theirs) = establish(initiator.unwrap(), acceptor.unwrap()).unwrap();
    assert!(!ours.flags().contains(ContextFlags::DELEG));
    assert!(theirs.delegated_cred().unwrap().is_none());
    let error = alice.impersonate(&user("alice")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredential, "{error}");
}

#[test]
fn who_can_not_be_impersonated_is_named() {
    let world = World::trusting();
    let front = world.front();
    let error = front.impersonate(&user("ghost")).unwrap_err();
    assert_eq!(
        error.minor(),
        MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN,
        "{error}"
    );
    assert!(error.to_string().contains("ghost@ORTHROS.TEST"), "{error}");
    let error = front
        .impersonate(&user("alice@ELSEWHERE.TEST"))
        .unwrap_err();
    assert!(error.to_string().contains("realm"), "{error}");
    let acceptor = Credential::acquire()
        .usage(CredentialUsage::Accept)
        .environment(front.environment())
        .build();
    let error = acceptor.unwrap().impersonate(&user("alice")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredential, "{error}");
}

#[test]
fn what_is_missing_in_a_cache_to_go_on_with_is_named() {
    let world = World::trusting();
    let alice = world.front().impersonate(&user("alice")).unwrap();
    alice
        .store(&StoreOptions::new().ccache("MEMORY:whole"))
        .unwrap();
    let environment = alice.environment();
    let whole = environment
        .cache("MEMORY:whole")
        .unwrap()
        .contents()
        .unwrap();
    for (lost, expected) in [
        // Without evidence there is nothing that is good.
        ("http/front", "has no tickets"),
        (
            "krbtgt/",
            "has no ticket of http/front.orthros.test@ORTHROS.TEST for krbtgt/ORTHROS.TEST@ORTHROS.TEST",
        ),
    ] {
        let mut left = whole.credentials.clone();
        left.retain(|ticket| !ticket.server.to_string().starts_with(lost));
        let cache = environment.cache(format!("MEMORY:without-{lost}")).unwrap();
        cache.initialize(&whole.principal, None, &left).unwrap();
        let credential = Credential::acquire()
            .usage(CredentialUsage::Initiate)
            .ccache(cache.name().to_string())
            .environment(environment)
            .build();
        let refused = credential.and_then(|credential| world.reach(&credential, BACK));
        let error = refused.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
