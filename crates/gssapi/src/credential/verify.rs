//! Whether tickets came from the real KDC: only that one can make a ticket for a service whose key is in the keytab.

use std::ffi::OsString;
use std::vec;

use orthros_host::KeytabHandle;
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, TransportError};
use orthros_types::Principal;

use super::acceptor::AcceptorName;
use super::{AcceptorCredential, Credential};
use crate::error::{CallError, keytab_error};
use crate::{
    AcceptContext, ContextFlags, CredentialUsage, Error, InitContext, MechName, Progress, Step,
};

/// With whose key tickets are verified.
pub(super) struct Verifier {
    /// One of the keytab's services; without one any of its hosts (`host/..`) will do.
    pub(super) service: Option<Principal>,
    pub(super) keytab: KeytabHandle,
}

/// Establishes a context with one of the keytab's services in this process, as MIT does: a ticket that was recorded
/// opens with the service's key too, but has another session key than the one that the client was given.
pub(super) struct Verification {
    candidates: Candidates,
    service: Principal,
    initiator: Box<InitContext>,
}

/// Where the verification is.
pub(super) enum VerificationStep {
    /// It waits for the KDC's reply to this.
    AskKdc {
        verification: Verification,
        request: KdcRequest,
        kdcs: KdcSelection,
    },
    Verified,
}

/// The services that were not tried yet, and what came of the others.
struct Candidates {
    credential: Credential,
    keytab: KeytabHandle,
    services: vec::IntoIter<Principal>,
    refused: Option<Error>,
}

/// What came of an attempt with one service.
enum Outcome {
    AskKdc(KdcRequest, KdcSelection),
    Verified,
    Refused,
}

impl Verification {
    /// Begins with the first service.
    pub(super) fn begin(
        credential: Credential,
        verifier: Verifier,
    ) -> Result<VerificationStep, Error> {
        let Verifier { service, keytab } = verifier;
        let services = match service {
            Some(service) => vec![service],
            None => hosts(&keytab)?,
        };
        Candidates {
            credential,
            keytab,
            services: services.into_iter(),
            refused: None,
        }
        .next()
    }

    /// Goes on with what a KDC replied, or why none did.
    pub(super) fn answer(
        mut self,
        reply: Result<KdcReply, TransportError>,
    ) -> Result<VerificationStep, Error> {
        let progress = self.initiator.answer(reply);
        match self.candidates.judge(&self.service, progress) {
            Outcome::AskKdc(request, kdcs) => Ok(VerificationStep::AskKdc {
                verification: self,
                request,
                kdcs,
            }),
            Outcome::Verified => Ok(VerificationStep::Verified),
            Outcome::Refused => self.candidates.next(),
        }
    }
}

impl Candidates {
    /// Tries the services that are left, up to the first for which a KDC has to be asked.
    fn next(mut self) -> Result<VerificationStep, Error> {
        while let Some(service) = self.services.next() {
            let mut initiator = InitContext::builder(MechName::new(service.clone()))
                .credential(&self.credential)
                .flags(ContextFlags::empty())
                .build()?;
            let progress = initiator.start(None);
            match self.judge(&service, progress) {
                Outcome::AskKdc(request, kdcs) => {
                    let verification = Verification {
                        candidates: self,
                        service,
                        initiator: Box::new(initiator),
                    };
                    return Ok(VerificationStep::AskKdc {
                        verification,
                        request,
                        kdcs,
                    });
                }
                Outcome::Verified => return Ok(VerificationStep::Verified),
                Outcome::Refused => {}
            }
        }
        let nothing = || CallError::NothingToVerify(self.keytab.name().to_string()).into();
        Err(self.refused.unwrap_or_else(nothing))
    }

    fn judge(&mut self, service: &Principal, progress: Result<Progress<Step>, Error>) -> Outcome {
        let accepted = match progress {
            Ok(Progress::AskKdc { request, kdcs }) => return Outcome::AskKdc(request, kdcs),
            Ok(Progress::Ready(step)) => self.accept(service, step),
            Err(error) => Err(error),
        };
        let Err(error) = accepted else {
            return Outcome::Verified;
        };
        self.refused = Some(match self.refused.take() {
            None => error,
            // The first host is as a rule this one.
            Some(first) => first.or_else_tried(format!("{service} does not verify it either")),
        });
        Outcome::Refused
    }

    /// Accepts the first token of an initiator with the service's key.
    fn accept(&self, service: &Principal, step: Step) -> Result<(), Error> {
        let token = match step {
            Step::Continue(token) => token,
            Step::Done { token, .. } => token.unwrap_or_default(),
        };
        let environment = self.credential.environment();
        let name = AcceptorName::Principal(service.clone());
        // What was made here a moment ago is no replay.
        let acceptor = AcceptorCredential::new(self.keytab.clone(), name)
            .remembering_in(Some(OsString::from("none:")), environment)?;
        let usage = CredentialUsage::Accept;
        let acceptor = Credential::new(environment, usage, None, Some(acceptor));
        let mut acceptor = AcceptContext::builder().credential(&acceptor).build()?;
        acceptor.step(&token).map(drop)
    }
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
