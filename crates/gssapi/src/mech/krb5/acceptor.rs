//! The acceptor's side of Kerberos: an AP-REQ, its answer, and in DCE style the answer to that.

use core::mem;

use orthros_host::Environment;
use orthros_krb5::MalformedTokenError;
use orthros_krb5::ap::{self, AcceptError, ApError, ApReqToken, DceApReqToken, FirstToken};
use orthros_krb5::crypto::RandomSource;
use orthros_krb5::observe::Event;
use orthros_types::{Duration, Timestamp};

use crate::authorization::check_pac;
use crate::credential::Evidence;
use crate::error::{CallError, acceptor_error, config_error};
use crate::mech::established::EstablishedContext;
use crate::mech::request::AcceptRequest;
use crate::mech::token::InitiatorToken;
use crate::mech::user_to_user;
use crate::{ChannelBindings, Credential, Error, SecurityContext, Step};

/// An acceptor of Kerberos, between its tokens.
pub(in crate::mech) struct Acceptor {
    state: State,
    /// Whether the initiator has been sent the acceptor's ticket-granting ticket.
    has_granted_tgt: bool,
}

/// What the next step begins with.
enum State {
    /// The initiator's AP-REQ comes next, or first its request for the acceptor's ticket-granting ticket.
    Start(Box<AcceptRequest>),
    /// The initiator's second token comes next, in DCE style.
    AwaitingDceConfirmation(Box<AwaitingDceConfirmation>),
    /// It was established, or it failed.
    Over,
}

struct AwaitingDceConfirmation {
    environment: Environment,
    /// Where the keys are from.
    keys: String,
    exchange: ap::AwaitingDceConfirmation,
    evidence: Option<EvidenceTicket>,
}

/// The ticket in DER that a context is accepted with, for a credential that takes evidence.
struct EvidenceTicket {
    impersonator: Credential,
    ticket: Vec<u8>,
}

impl Acceptor {
    pub(in crate::mech) fn new(request: Box<AcceptRequest>) -> Self {
        Self {
            state: State::Start(request),
            has_granted_tgt: false,
        }
    }

    /// The next step, with the initiator's token.
    pub(in crate::mech) fn step(&mut self, token: InitiatorToken<'_>) -> Result<Step, Error> {
        match mem::replace(&mut self.state, State::Over) {
            State::Start(_) if token.bytes.is_empty() => Err(CallError::MissingToken.into()),
            State::Start(request) => self.start(request, token),
            State::AwaitingDceConfirmation(awaiting) => awaiting.step(token.bytes),
            State::Over => Err(CallError::UnaskedToken.into()),
        }
    }

    fn start(
        &mut self,
        request: Box<AcceptRequest>,
        token: InitiatorToken<'_>,
    ) -> Result<Step, Error> {
        let refused = |error| acceptor_error(error, &request.acceptor.keys().to_string());
        let first = match token.framing {
            Some(framing) => FirstToken::in_framing(framing),
            None => FirstToken::parse(token.bytes),
        };
        match first.map_err(refused)? {
            FirstToken::ApReq(ap_req) => accept(*request, ap_req),
            FirstToken::DceApReq(ap_req) => self.accept_dce(*request, ap_req),
            FirstToken::TgtRequest(_) if mem::replace(&mut self.has_granted_tgt, true) => {
                Err(CallError::UnaskedToken.into())
            }
            FirstToken::TgtRequest(asked) => {
                let answer = user_to_user::acceptor::answer(&request, &asked)?;
                self.state = State::Start(request);
                Ok(Step::Continue(answer))
            }
            FirstToken::OtherMechanism { .. } => {
                Err(refused(MalformedTokenError::OtherMechanism.into()))
            }
        }
    }

    fn accept_dce(
        &mut self,
        request: AcceptRequest,
        ap_req: DceApReqToken<'_>,
    ) -> Result<Step, Error> {
        let accepted = with_acceptor(&request, |acceptor, now, random| {
            acceptor.accept_dce_request(ap_req, now, random)
        })?;
        let evidence = evidence(&request, || ap_req.ticket())?;
        self.state = State::AwaitingDceConfirmation(Box::new(AwaitingDceConfirmation {
            exchange: accepted.next,
            keys: request.acceptor.keys().to_string(),
            environment: request.environment,
            evidence,
        }));
        Ok(Step::Continue(accepted.token))
    }
}

fn accept(request: AcceptRequest, ap_req: ApReqToken<'_>) -> Result<Step, Error> {
    let accepted = with_acceptor(&request, |acceptor, now, random| {
        acceptor.accept_request(ap_req, now, random)
    })?;
    let evidence = evidence(&request, || ap_req.ticket())?;
    Ok(Step::Done {
        context: established(accepted.context, request.environment, evidence)?,
        token: accepted.token,
    })
}

/// What the credential wants of the AP-REQ, once that is accepted.
fn evidence(
    request: &AcceptRequest,
    ticket: impl FnOnce() -> Result<Vec<u8>, ApError>,
) -> Result<Option<EvidenceTicket>, Error> {
    let Some(impersonator) = request.impersonator.clone() else {
        return Ok(None);
    };
    let ticket = ticket().map_err(|error| {
        let keys = request.acceptor.keys().to_string();
        acceptor_error(error, &keys)
    })?;
    Ok(Some(EvidenceTicket {
        impersonator,
        ticket,
    }))
}

/// The context, if nothing in its ticket is as it can't be.
fn established(
    context: EstablishedContext,
    environment: Environment,
    evidence: Option<EvidenceTicket>,
) -> Result<SecurityContext, Error> {
    check_pac(&context, environment.now())?;
    environment.observer().tell(|| Event::ApReqAccepted {
        client: &context.initiator,
        service: &context.acceptor,
        session_key: context.info.ticket_session_key.enctype(),
    });
    let evidence = evidence.map(|evidence| {
        let EvidenceTicket {
            impersonator,
            ticket,
        } = evidence;
        Evidence::new(impersonator, &context, ticket)
    });
    let established = SecurityContext::new(context, environment, Duration::ZERO);
    Ok(established.with_evidence(evidence))
}

/// Has the protocol's acceptor take an AP-REQ, with the keys as they are now.
fn with_acceptor<T>(
    request: &AcceptRequest,
    take: impl FnOnce(&ap::Acceptor<'_>, Timestamp, &mut dyn RandomSource) -> Result<T, AcceptError>,
) -> Result<T, Error> {
    let environment = &request.environment;
    let keys = request.acceptor.keys().source(environment)?;
    let bindings = request.channel_bindings.as_ref();
    let bindings = bindings.map(ChannelBindings::of_exchange);
    let permitted = environment.config().permitted_enctypes();
    let permitted = permitted.map_err(config_error)?;
    let acceptor = ap::Acceptor {
        keys: &*keys,
        name: request.acceptor.name(),
        replay_cache: request.acceptor.replay_cache(environment),
        clock_skew: environment.config().clockskew(),
        channel_bindings: bindings.as_ref(),
        require_channel_bindings: request.require_channel_bindings,
        without_gss_checksum: request.without_gss_checksum,
        permitted_enctypes: permitted,
        realm_paths: Some(environment.config()),
    };
    let now = environment.now();
    take(&acceptor, now, &mut environment.random()).map_err(|refused| {
        environment
            .observer()
            .tell(|| Event::ApReqRefused { reason: &refused });
        let (error, token) = refused.into_parts();
        acceptor_error(error, &request.acceptor.keys().to_string()).with_token(token)
    })
}

impl AwaitingDceConfirmation {
    fn step(self, token: &[u8]) -> Result<Step, Error> {
        let context = self.exchange.step(token);
        let context = context.map_err(|error| acceptor_error(error, &self.keys))?;
        Ok(Step::Done {
            context: established(context, self.environment, self.evidence)?,
            token: None,
        })
    }
}
