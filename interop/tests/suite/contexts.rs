//! Both heads of contexts, with tickets of the peer's KDC.

use orthros::{
    AcceptContext, ContextFlags, Credential, Error, InitContext, Lifetime, MinorStatus, Name, Oid,
    Protection, SecurityContext, Step,
};
use orthros_host::Environment;
use orthros_interop::runner::Case;
use orthros_interop::{ENCTYPES, OTHER, Realms};
use orthros_types::Duration;

use crate::cases;
use crate::party::{ALICE, PASSWORD, Party};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = cases!(
        "contexts",
        a_delegated_credential_gets_further_tickets,
        by_policy_only_a_trusted_service_gets_a_credential,
        a_context_reaches_into_the_other_realm,
        a_token_from_another_time_is_refused,
        a_token_that_was_seen_before_is_refused,
    );
    for (name, mechanism) in [("krb5", Oid::KRB5), ("spnego", Oid::SPNEGO)] {
        cases.extend(ENCTYPES.map(|enctype| {
            let name = format!("contexts::{name}_protects_messages_in_{enctype}");
            Case::new(name, move |realms| {
                messages_are_protected(realms, mechanism, enctype);
            })
        }));
    }
    cases
}

const SERVICE: &str = "host@www.orthros.test";
const TRUSTED: &str = "host@trusted.orthros.test";

fn alice(environment: &Environment) -> Credential {
    Credential::acquire()
        .name(Name::user(ALICE).unwrap())
        .password(PASSWORD)
        .environment(environment)
        .build()
        .unwrap()
}

fn initiator(credential: &Credential, service: &str, flags: ContextFlags) -> InitContext {
    InitContext::builder(Name::hostbased_service(service).unwrap())
        .credential(credential)
        .flags(flags)
        .build()
        .unwrap()
}

fn acceptor(environment: &Environment) -> AcceptContext {
    let builder = AcceptContext::builder().environment(environment);
    builder.build().unwrap()
}

/// Hands tokens over until both are done; the initiator's context comes first.
pub(crate) fn establish(
    mut initiator: InitContext,
    mut acceptor: AcceptContext,
) -> Result<(SecurityContext, SecurityContext), Error> {
    let (mut ours, mut theirs) = (None, None);
    let mut token = take(initiator.step(None)?, &mut ours);
    while let Some(sent) = token {
        let answer = take(acceptor.step(&sent)?, &mut theirs);
        token = match answer {
            Some(answer) => take(initiator.step(Some(&answer))?, &mut ours),
            None => None,
        };
    }
    Ok((ours.unwrap(), theirs.unwrap()))
}

fn take(step: Step, established: &mut Option<SecurityContext>) -> Option<Vec<u8>> {
    match step {
        Step::Continue(token) => Some(token),
        Step::Done { context, token } => {
            *established = Some(context);
            token
        }
    }
}

fn messages_are_protected(realms: &Realms, mechanism: Oid, enctype: &str) {
    // The user has keys of other enctypes, too; services and sessions have this one.
    let session = format!("    default_tgs_enctypes = {enctype}\n");
    let credential = alice(&realms.environment(&session).unwrap());
    let permitted = format!("    permitted_enctypes = {enctype}\n");
    let there = realms.environment(&permitted).unwrap();
    let service = format!("host@{enctype}.orthros.test");
    let initiator = InitContext::builder(Name::hostbased_service(service).unwrap())
        .credential(&credential)
        .mech_type(mechanism)
        .flags(ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE)
        .build()
        .unwrap();
    let (mut ours, mut theirs) = establish(initiator, acceptor(&there)).unwrap();
    assert_eq!(ours.session_key().enctype().name(), enctype);
    assert_eq!(ours.initiator_name(), theirs.initiator_name());
    for length in [0, 1, 1000, 100_000] {
        converse(&mut ours, &mut theirs, &vec![b'm'; length]);
        converse(&mut theirs, &mut ours, &vec![b'm'; length]);
    }
    let mut token = ours.wrap(b"message", Protection::CONFIDENTIALITY).unwrap();
    *token.last_mut().unwrap() ^= 1;
    assert!(theirs.unwrap(&token, Protection::CONFIDENTIALITY).is_err());
}

/// One message sealed, one only protected, one beside its MIC.
fn converse(from: &mut SecurityContext, to: &mut SecurityContext, message: &[u8]) {
    for protection in [Protection::CONFIDENTIALITY, Protection::INTEGRITY] {
        let token = from.wrap(message, protection).unwrap();
        let unwrapped = to.unwrap(&token, protection).unwrap();
        assert_eq!(unwrapped.in_sequence().unwrap(), message);
    }
    let mic = from.get_mic(message).unwrap();
    to.verify_mic(message, &mic).unwrap().in_sequence().unwrap();
}

fn a_delegated_credential_gets_further_tickets(realms: &Realms) {
    let environment = realms.environment("").unwrap();
    let flags = ContextFlags::MUTUAL | ContextFlags::DELEG;
    let first = initiator(&alice(&environment), SERVICE, flags);
    let (ours, theirs) = establish(first, acceptor(&environment)).unwrap();
    let delegated = theirs.delegated_cred().unwrap().unwrap();
    assert!(matches!(
        delegated.lifetime().unwrap(),
        Lifetime::Seconds(600..)
    ));
    let onward = initiator(&delegated, TRUSTED, ContextFlags::MUTUAL);
    let (_, theirs) = establish(onward, acceptor(&environment)).unwrap();
    assert_eq!(theirs.initiator_name(), ours.initiator_name());
}

fn by_policy_only_a_trusted_service_gets_a_credential(realms: &Realms) {
    let environment = realms.environment("").unwrap();
    let credential = alice(&environment);
    let flags = ContextFlags::MUTUAL | ContextFlags::DELEG_POLICY;
    for (service, trusted) in [(SERVICE, false), (TRUSTED, true)] {
        let first = initiator(&credential, service, flags);
        let (_, theirs) = establish(first, acceptor(&environment)).unwrap();
        let delegated = theirs.delegated_cred().unwrap();
        assert_eq!(delegated.is_some(), trusted, "{service}");
    }
}

fn a_context_reaches_into_the_other_realm(realms: &Realms) {
    let environment = realms.environment("").unwrap();
    let builder = Environment::builder()
        .config_text("krb5.conf", &realms.krb5_conf(""))
        .unwrap();
    let there = builder.default_keytab(realms.keytab(OTHER)).build();
    let first = initiator(
        &alice(&environment),
        "host@www.other.test",
        ContextFlags::MUTUAL,
    );
    let (mut ours, mut theirs) = establish(first, acceptor(&there)).unwrap();
    let name = theirs.initiator_name().to_string();
    assert_eq!(name, "alice@ORTHROS.TEST");
    converse(&mut ours, &mut theirs, b"from afar");
}

fn a_token_from_another_time_is_refused(realms: &Realms) {
    let environment = realms.environment("").unwrap();
    let late = Party::in_time(realms, "", Duration::from_hours(1));
    let first = initiator(&alice(&environment), SERVICE, ContextFlags::MUTUAL);
    let error = establish(first, acceptor(&late.environment)).unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_SKEW, "{error}");
}

fn a_token_that_was_seen_before_is_refused(realms: &Realms) {
    let environment = realms.environment("").unwrap();
    let mut first = initiator(&alice(&environment), SERVICE, ContextFlags::MUTUAL);
    let Step::Continue(token) = first.step(None).unwrap() else {
        panic!("mutual authentication takes an answer");
    };
    assert!(matches!(
        acceptor(&environment).step(&token),
        Ok(Step::Done { .. })
    ));
    let error = acceptor(&environment).step(&token).unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_REPEAT, "{error}");
}
