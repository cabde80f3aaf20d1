//! Whether tickets came from the real KDC: only that one can make a ticket for a service whose key is in the keytab.

use std::ffi::OsString;

use orthros_host::{Environment, KeytabHandle};
use orthros_types::Principal;

use super::acceptor::AcceptorName;
use super::{AcceptorCredential, Credential, InitiatorCredential};
use crate::error::{CallError, keytab_error};
use crate::{AcceptContext, ContextFlags, CredentialUsage, Error, InitContext, MechName, Step};

/// Establishes a context with one of the keytab's services in this process, as MIT does: a ticket that was recorded
/// opens with the service's key too, but has another session key than the one that the client was given.
///
/// Without a `service` any of the keytab's hosts (`host/..`) will do.
pub(super) fn verify(
    initiator: &InitiatorCredential,
    service: Option<Principal>,
    keytab: &KeytabHandle,
    environment: &Environment,
) -> Result<(), Error> {
    let credential = Credential::of_initiator(environment, initiator.clone());
    let services = match service {
        Some(service) => vec![service],
        None => hosts(keytab)?,
    };
    let mut refused: Option<Error> = None;
    for service in services {
        let error = match accepted(&credential, service.clone(), keytab, environment) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        refused = Some(match refused {
            None => error,
            // The first host is as a rule this one.
            Some(first) => first.or_else_tried(format!("{service} does not verify it either")),
        });
    }
    let nothing = || CallError::NothingToVerify(keytab.name().to_string()).into();
    Err(refused.unwrap_or_else(nothing))
}

fn accepted(
    credential: &Credential,
    service: Principal,
    keytab: &KeytabHandle,
    environment: &Environment,
) -> Result<(), Error> {
    let peer = MechName::new(service.clone());
    let initiator = InitContext::builder(peer)
        .credential(credential)
        .flags(ContextFlags::empty());
    let token = match initiator.build()?.step(None)? {
        Step::Continue(token) => token,
        Step::Done { token, .. } => token.unwrap_or_default(),
    };
    // What was made here a moment ago is no replay.
    let acceptor = AcceptorCredential::new(keytab.clone(), AcceptorName::Principal(service))
        .remembering_in(Some(OsString::from("none:")), environment)?;
    let usage = CredentialUsage::Accept;
    let acceptor = Credential::new(environment, usage, None, Some(acceptor));
    let mut acceptor = AcceptContext::builder().credential(&acceptor).build()?;
    acceptor.step(&token).map(drop)
}

/// The keytab's hosts, each once.
fn hosts(keytab: &KeytabHandle) -> Result<Vec<Principal>, Error> {
    let mut hosts: Vec<Principal> = Vec::new();
    for entry in keytab.read().map_err(keytab_error)? {
        let is_host = matches!(entry.principal.components(), [name, _] if name == b"host");
        if is_host && !hosts.contains(&entry.principal) {
            hosts.push(entry.principal);
        }
    }
    Ok(hosts)
}
