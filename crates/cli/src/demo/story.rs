//! The steps: from a password to messages that no one else can read or forge.

use orthros::{
    AcceptContext, Credential, CredentialUsage, Environment, Error, ErrorKind, InitContext,
    MinorStatus, Name, Protection, SecurityContext, Step, Supplementary,
};
use orthros_kdc::server::Realm;

use super::account::{Account, Seen};

/// Goes all the steps. Nothing comes out where one failed that others need.
pub(super) fn tell(account: &mut Account) -> Option<()> {
    let realm = account.step("a realm starts, with the user alice and a service", start)?;
    account.step("alice gives a wrong password", || wrong_password(&realm));
    let alice = account.step("alice logs in", || log_in(&realm))?;
    let service = account.step("the service gets its key from a keytab in memory", || {
        service(&realm)
    })?;
    let (mut initiator, request) = account.step(
        "alice gets a ticket for the service, and makes her first token",
        || first_token(&alice),
    )?;
    let (theirs, reply) = account.step("the service learns who she is, and answers", || {
        accept(&service, &request)
    })?;
    let ours = account.step("alice learns that the answer is the service's", || {
        finish(&mut initiator, &reply)
    })?;
    account.step(
        "an attacker sends the service her first token again",
        || replay(&service, &request),
    );
    messages(account, ours, theirs)
}

/// What both do with their context.
fn messages(
    account: &mut Account,
    mut ours: SecurityContext,
    mut theirs: SecurityContext,
) -> Option<()> {
    let sealed = account.step("alice sends a sealed message", || {
        seal(&mut ours, &mut theirs, "good news from one head")
    })?;
    account.step("the service answers with one", || {
        seal(&mut theirs, &mut ours, "and from the other")
    })?;
    account.step("alice signs a message that all may read", || {
        sign(&mut ours, &mut theirs, "a public notice")
    })?;
    account.step("the service signs one", || {
        sign(&mut theirs, &mut ours, "another")
    })?;
    account.step("an attacker changes one bit of a sealed message", || {
        tamper(&mut ours, &mut theirs)
    });
    account.step("an attacker sends alice's sealed message again", || {
        repeat(&mut theirs, &sealed)
    });
    Some(())
}

fn start() -> Seen<Realm> {
    let realm = Realm::builder(REALM)
        .user(USER, PASSWORD)
        .service(SERVICE_PRINCIPAL)
        .start()
        .map_err(|error| error.to_string())?;
    let seen = format!("{} on {}, by UDP and TCP", realm.name(), realm.address());
    Ok((realm, seen))
}

fn wrong_password(realm: &Realm) -> Seen<()> {
    match credential(realm.environment(), "incorrect horse") {
        Err(error) if error.minor() == MinorStatus::KRB5KDC_ERR_PREAUTH_FAILED => {
            Ok(((), refused(&error)))
        }
        other => Err(unexpected(&other.map(drop))),
    }
}

fn log_in(realm: &Realm) -> Seen<Credential> {
    let alice = credential(realm.environment(), PASSWORD).map_err(text)?;
    let name = alice.name().map_err(text)?;
    let name = name.ok_or("the credential has no name")?;
    let seen = format!("{name} has a ticket-granting ticket");
    Ok((alice, seen))
}

fn credential(environment: &Environment, password: &str) -> Result<Credential, Error> {
    Credential::acquire()
        .name(Name::user(USER)?)
        .password(password)
        .environment(environment)
        .build()
}

/// In an environment of its own: but for the realm it shares nothing with alice.
fn service(realm: &Realm) -> Seen<Credential> {
    let environment = realm.new_environment().map_err(|error| error.to_string())?;
    let service = Credential::acquire()
        .usage(CredentialUsage::Accept)
        .environment(&environment)
        .build()
        .map_err(text)?;
    Ok((service, format!("it is {SERVICE_PRINCIPAL}@{REALM}")))
}

fn first_token(alice: &Credential) -> Seen<(InitContext, Vec<u8>)> {
    let name = Name::hostbased_service(SERVICE).map_err(text)?;
    let mut initiator = InitContext::builder(name)
        .credential(alice)
        .build()
        .map_err(text)?;
    match initiator.step(None).map_err(text)? {
        Step::Continue(token) => {
            let seen = format!("{} octets for {}", token.len(), initiator.peer_name());
            Ok(((initiator, token), seen))
        }
        Step::Done { .. } => Err("no answer was asked for".into()),
    }
}

fn accept(service: &Credential, request: &[u8]) -> Seen<(SecurityContext, Vec<u8>)> {
    let mut acceptor = AcceptContext::builder()
        .credential(service)
        .build()
        .map_err(text)?;
    match acceptor.step(request).map_err(text)? {
        Step::Done {
            context,
            token: Some(reply),
        } => {
            let seen = format!(
                "she is {}; {} octets answer her",
                context.peer_name(),
                reply.len()
            );
            Ok(((context, reply), seen))
        }
        _ => Err("there is no answer".into()),
    }
}

fn finish(initiator: &mut InitContext, reply: &[u8]) -> Seen<SecurityContext> {
    match initiator.step(Some(reply)).map_err(text)? {
        Step::Done {
            context,
            token: None,
        } if context.mutual_auth_negotiated() => {
            let seen = format!("it is {}", context.peer_name());
            Ok((context, seen))
        }
        _ => Err("the context is not mutual".into()),
    }
}

fn replay(service: &Credential, request: &[u8]) -> Seen<()> {
    let acceptor = AcceptContext::builder().credential(service).build();
    match acceptor.map_err(text)?.step(request) {
        Err(error) if error.kind() == ErrorKind::DuplicateToken => Ok(((), refused(&error))),
        other => Err(unexpected(&other.map(drop))),
    }
}

/// One sealed message from one to the other; its token comes out.
fn seal(from: &mut SecurityContext, to: &mut SecurityContext, message: &str) -> Seen<Vec<u8>> {
    let token = from
        .wrap(message.as_bytes(), Protection::CONFIDENTIALITY)
        .map_err(text)?;
    if token
        .windows(4)
        .any(|part| message.as_bytes().windows(4).any(|m| m == part))
    {
        return Err("the message can be read in its token".into());
    }
    let unwrapped = to
        .unwrap(&token, Protection::CONFIDENTIALITY)
        .and_then(orthros::Unwrapped::in_sequence)
        .map_err(text)?;
    if unwrapped != message.as_bytes() {
        return Err("another message came out".into());
    }
    let seen = format!(
        "\"{message}\": {} octets travelled as {}",
        message.len(),
        token.len()
    );
    Ok((token, seen))
}

fn sign(from: &mut SecurityContext, to: &mut SecurityContext, message: &str) -> Seen<()> {
    let mic = from.get_mic(message.as_bytes()).map_err(text)?;
    to.verify_mic(message.as_bytes(), &mic)
        .and_then(orthros::Verified::in_sequence)
        .map_err(text)?;
    let seen = format!("\"{message}\" and a MIC of {} octets", mic.len());
    // The same MIC under another message is none.
    match to.verify_mic(b"forged", &mic) {
        Err(error) if error.kind() == ErrorKind::BadSignature => Ok(((), seen)),
        other => Err(unexpected(&other.map(|_| ()))),
    }
}

fn tamper(from: &mut SecurityContext, to: &mut SecurityContext) -> Seen<()> {
    let mut token = from
        .wrap(b"100", Protection::CONFIDENTIALITY)
        .map_err(text)?;
    if let Some(last) = token.last_mut() {
        *last ^= 1;
    }
    match to.unwrap(&token, Protection::CONFIDENTIALITY) {
        Err(error) if error.kind() == ErrorKind::BadSignature => Ok(((), refused(&error))),
        other => Err(unexpected(&other.map(|_| ()))),
    }
}

fn repeat(to: &mut SecurityContext, token: &[u8]) -> Seen<()> {
    let unwrapped = to
        .unwrap(token, Protection::CONFIDENTIALITY)
        .map_err(text)?;
    if !unwrapped
        .supplementary
        .contains(Supplementary::DUPLICATE_TOKEN)
    {
        return Err("it was taken for a new one".into());
    }
    match unwrapped.in_sequence() {
        Err(error) => Ok(((), refused(&error))),
        Ok(_) => Err("it was taken for a new one".into()),
    }
}

fn refused(error: &Error) -> String {
    format!("refused: {error}")
}

fn text(error: Error) -> String {
    error.to_string()
}

/// What came instead of the refusal that should have.
fn unexpected(outcome: &Result<(), Error>) -> String {
    match outcome {
        Ok(()) => "it was accepted".into(),
        Err(error) => format!("it was refused, but so: {error}"),
    }
}

const REALM: &str = "DEMO.TEST";
const USER: &str = "alice";
const PASSWORD: &str = "correct horse battery staple";
const SERVICE: &str = "HTTP@localhost";
const SERVICE_PRINCIPAL: &str = "HTTP/localhost";
