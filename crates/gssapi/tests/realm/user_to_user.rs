//! Users who connect to users: the acceptor's key is the session key of its ticket-granting ticket (RFC 4120 section
//! 2.9.2). In a realm of MIT's KDC, and in one of ours.

use orthros::{
    AcceptContext, Credential, CredentialUsage, Environment, Error, ErrorKind, InitContext,
    Lifetime, MinorStatus, Name, Oid, Protection, SecurityContext, Step,
};
use orthros_asn1::gss::InitialContextToken;
use orthros_kdc::server::Realm as OurRealm;
use orthros_testing::{require_mit, require_python_gssapi};
use orthros_types::Duration;

use crate::world::{World, establish, first_token};

/// What both realms have in common: two users, each somewhere else, and a service.
struct Users<'a> {
    alice: &'a Environment,
    bob: &'a Environment,
}

fn acquire(name: &str, environment: &Environment, user_to_user: bool) -> Credential {
    Credential::acquire()
        .name(Name::user(name).unwrap())
        .password(password(name))
        .user_to_user(user_to_user)
        .environment(environment)
        .build()
        .unwrap()
}

fn password(name: &str) -> String {
    format!("{name}'s secret")
}

impl Users<'_> {
    fn alice(&self) -> Credential {
        acquire("alice", self.alice, false)
    }

    fn bob(&self) -> Credential {
        acquire("bob", self.bob, true)
    }

    fn connect(&self, peer: &str) -> orthros::InitContextBuilder {
        InitContext::builder(Name::user(peer).unwrap()).credential(&self.alice())
    }

    /// Alice knows Bob's ticket; what she says is understood, and what he answers.
    fn meet_by_ticket(&self) {
        let bob = self.bob();
        assert_eq!(bob.usage(), CredentialUsage::Both);
        let ticket = bob.ticket_granting_ticket().unwrap();
        let initiator = self.connect("bob").peer_ticket(ticket).build().unwrap();
        let contexts = establish(initiator, accepting(&bob)).unwrap();
        assert_eq!(contexts.0.mech_type(), Oid::KRB5);
        talk(contexts);
    }

    /// Alice asks Bob for his ticket.
    fn meet_by_asking(&self) {
        let bob = Credential::import_in(&self.bob().export().unwrap(), self.bob).unwrap();
        let contexts = ask(self.connect("bob"), accepting(&bob)).unwrap();
        assert_eq!(contexts.0.mech_type(), Oid::KRB5_USER_TO_USER);
        assert_eq!(contexts.1.mech_type(), Oid::KRB5_USER_TO_USER);
        talk(contexts);
    }

    /// The KDC notices that a ticket is another user's.
    fn are_not_deceived(&self) {
        let error = ask(self.connect("carol"), accepting(&self.bob())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failure);
        assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_SERVER_NOMATCH);
    }

    /// Who accepts with a ticket accepts nothing else.
    fn are_no_services(&self, service: &str) {
        let initiator = InitContext::builder(Name::hostbased_service(service).unwrap());
        let mut initiator = initiator.credential(&self.alice()).build().unwrap();
        let token = first_token(&mut initiator);
        let error = accepting(&self.bob()).step(&token).unwrap_err();
        let required = MinorStatus::KRB5KRB_AP_ERR_USER_TO_USER_REQUIRED;
        assert_eq!(error.minor(), required);
        assert!(error.to_string().contains("credential cache"), "{error}");
        let heard = initiator.step(error.token()).unwrap_err();
        assert_eq!(heard.minor(), required);
    }

    /// Who accepts with a keytab has no ticket to give.
    fn are_not_found_among_services(&self) {
        let keytab = Credential::acquire()
            .usage(CredentialUsage::Accept)
            .environment(self.bob)
            .build()
            .unwrap();
        let mut initiator = self.connect("bob");
        initiator = initiator.mech_type(Oid::KRB5_USER_TO_USER);
        let mut initiator = initiator.build().unwrap();
        let wish = first_token(&mut initiator);
        let error = accepting(&keytab).step(&wish).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoCredential);
        let heard = initiator.step(error.token()).unwrap_err();
        assert_eq!(heard.minor(), MinorStatus::KRB5KRB_AP_ERR_NO_TGT);

        let ticket = self.bob().ticket_granting_ticket().unwrap();
        let mut initiator = self.connect("bob").peer_ticket(ticket).build().unwrap();
        let error = accepting(&keytab)
            .step(&first_token(&mut initiator))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoCredential);
        assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_NO_TGT);
        assert!(keytab.ticket_granting_ticket().is_err());
    }
}

fn accepting(credential: &Credential) -> AcceptContext {
    let builder = AcceptContext::builder().credential(credential);
    builder.build().unwrap()
}

/// The exchange of four tokens.
fn ask(
    initiator: orthros::InitContextBuilder,
    mut acceptor: AcceptContext,
) -> Result<(SecurityContext, SecurityContext), Error> {
    let mut initiator = initiator.mech_type(Oid::KRB5_USER_TO_USER).build().unwrap();
    let wish = first_token(&mut initiator);
    let Step::Continue(ticket) = acceptor.step(&wish)? else {
        panic!("a wish is no request");
    };
    let Step::Continue(request) = initiator.step(Some(&ticket))? else {
        panic!("an answer is waited for");
    };
    let Step::Done { context, token } = acceptor.step(&request)? else {
        panic!("there is nothing to wait for");
    };
    let Step::Done { context: ours, .. } = initiator.step(token.as_deref())? else {
        panic!("there is nothing to wait for");
    };
    Ok((ours, context))
}

fn talk((mut ours, mut theirs): (SecurityContext, SecurityContext)) {
    assert_eq!(ours.peer_name().to_string(), "bob@ORTHROS.TEST");
    assert_eq!(theirs.peer_name().to_string(), "alice@ORTHROS.TEST");
    let sealed = Protection::CONFIDENTIALITY;
    for (from, to) in [(0, 1), (1, 0)] {
        let both = [&mut ours, &mut theirs];
        let token = both[from].wrap(b"hello", sealed).unwrap();
        let message = both[to].unwrap(&token, sealed).unwrap();
        assert_eq!(message.in_sequence().unwrap(), b"hello");
    }
}

fn mit() -> World {
    let builder = orthros_testing::mit::Realm::builder()
        .user("alice", &password("alice"))
        .user("bob", &password("bob"))
        .user("carol", &password("carol"))
        .service("http/www.orthros.test");
    World::of(builder.start().unwrap())
}

fn with_mit(test: impl FnOnce(Users<'_>)) {
    let world = mit();
    let (alice, bob) = (world.environment(), world.environment());
    test(Users {
        alice: &alice,
        bob: &bob,
    });
}

fn with_ours(test: impl FnOnce(Users<'_>)) {
    let realm = OurRealm::builder("ORTHROS.TEST")
        .user("alice", password("alice"))
        .user("bob", password("bob"))
        .user("carol", password("carol"))
        .service("http/www.orthros.test")
        .start()
        .unwrap();
    test(Users {
        alice: &realm.new_environment().unwrap(),
        bob: &realm.new_environment().unwrap(),
    });
}

#[test]
fn a_user_is_connected_to_by_the_ticket_of_mits_kdc() {
    require_mit!();
    with_mit(|users| users.meet_by_ticket());
}

#[test]
fn a_user_is_connected_to_by_the_ticket_of_our_kdc() {
    with_ours(|users| users.meet_by_ticket());
}

#[test]
fn a_user_is_asked_for_the_ticket_of_mits_kdc() {
    require_mit!();
    with_mit(|users| users.meet_by_asking());
}

#[test]
fn a_user_is_asked_for_the_ticket_of_our_kdc() {
    with_ours(|users| users.meet_by_asking());
}

#[test]
fn mits_kdc_notices_another_users_ticket() {
    require_mit!();
    with_mit(|users| users.are_not_deceived());
}

#[test]
fn our_kdc_notices_another_users_ticket() {
    with_ours(|users| users.are_not_deceived());
}

#[test]
fn a_ticket_that_is_sealed_in_a_services_key_is_refused_by_a_user() {
    with_ours(|users| users.are_no_services("http@www.orthros.test"));
}

#[test]
fn an_acceptor_without_a_ticket_says_so() {
    with_ours(|users| users.are_not_found_among_services());
}

#[test]
fn a_second_wish_for_the_ticket_is_refused() {
    with_ours(|users| {
        let initiator = users.connect("bob").mech_type(Oid::KRB5_USER_TO_USER);
        let wish = first_token(&mut initiator.build().unwrap());
        let mut acceptor = accepting(&users.bob());
        assert!(matches!(acceptor.step(&wish), Ok(Step::Continue(_))));
        let error = acceptor.step(&wish).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DefectiveToken);
    });
}

#[test]
fn a_user_whose_ticket_has_expired_accepts_nothing() {
    require_mit!();
    let world = mit();
    let environment = world.environment();
    let bob = acquire("bob", &environment, true);
    assert!(bob.lifetime().unwrap() > Lifetime::Seconds(0));
    let alice = acquire("alice", &world.environment(), false);
    world.clock.advance(Duration::from_hours(48));
    assert_eq!(bob.lifetime().unwrap(), Lifetime::Seconds(0));
    let error = bob.ticket_granting_ticket().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialsExpired);
    // Who asks for it is told.
    let initiator = InitContext::builder(Name::user("bob").unwrap()).credential(&alice);
    let initiator = initiator.mech_type(Oid::KRB5_USER_TO_USER);
    let mut initiator = initiator.build().unwrap();
    let wish = first_token(&mut initiator);
    let error = accepting(&bob).step(&wish).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialsExpired);
    let heard = initiator.step(error.token()).unwrap_err();
    assert_eq!(heard.minor(), MinorStatus::KRB5KRB_AP_ERR_NO_TGT);

    let acquired = Credential::acquire()
        .name(Name::user("bob").unwrap())
        .usage(CredentialUsage::Accept)
        .user_to_user(true)
        .environment(&environment)
        .build();
    assert!(acquired.is_err());
}

#[test]
fn a_keytab_is_of_no_use_between_users() {
    with_ours(|users| {
        let error = Credential::acquire()
            .user_to_user(true)
            .keytab("FILE:/nonexistent")
            .environment(users.bob)
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failure);
        assert!(error.to_string().contains("keytab"), "{error}");
    });
}

#[test]
fn mits_library_takes_our_request_with_the_session_key_of_the_ticket() {
    require_python_gssapi!();
    let world = mit();
    let environment = world.environment();
    let cache = world.path("bob");
    let bob = Credential::acquire()
        .name(Name::user("bob").unwrap())
        .password(password("bob"))
        .ccache(&cache)
        .environment(&environment)
        .build()
        .unwrap();
    let alice = acquire("alice", &environment, false);
    let mut initiator = InitContext::builder(Name::user("bob").unwrap())
        .credential(&alice)
        .peer_ticket(bob.ticket_granting_ticket().unwrap())
        .build()
        .unwrap();
    let token = first_token(&mut initiator);
    let framing = InitialContextToken::decode(&token).unwrap();
    let contents = environment.cache(&cache).unwrap().contents().unwrap();
    let ticket = contents.tickets().next().unwrap();
    let mut python = world
        .realm
        .command(orthros_testing::peers::python_gssapi().unwrap());
    python
        .arg(SCRIPT)
        .arg(ticket.session_key.enctype().0.to_string())
        .arg(hex(ticket.session_key.as_bytes()))
        .arg(hex(&framing.inner[2..]));
    let finished = world.realm.run(&mut python, b"").unwrap();
    // USE-SESSION-KEY and MUTUAL-REQUIRED.
    assert_eq!(finished.stdout, "0 0x60000000\n", "{finished}");
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../interop/user_to_user.py");
