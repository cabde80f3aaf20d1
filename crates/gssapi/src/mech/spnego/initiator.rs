//! The initiator's side of a negotiation.

use core::mem;

use orthros_asn1::spnego::{NegState, NegTokenInit, NegTokenResp, NegotiationToken};
use orthros_asn1::{ObjectIdentifier, Octets};

use super::error::{NegotiationError, rejecting};
use super::token::{decode, decode_answer, encode, frame, mech_types, signed, verified};
use crate::error::CallError;
use crate::mech::request::InitRequest;
use crate::mech::token::InitiatorToken;
use crate::mech::{ConcreteMechanism, Negotiable, concrete};
use crate::{ContextFlags, Error, Oid, SecurityContext, Step};

/// An initiator that offers several mechanisms, with the first token of the best of them.
pub(in crate::mech) struct Initiator {
    offered: Negotiable,
    /// The list of mechanisms as it was sent.
    mech_types: Vec<u8>,
    /// What the mechanism asks the acceptor for, once it does.
    flags: Option<ContextFlags>,
    /// Whether the acceptor did not take the best mechanism, so that both must make a MIC over the list.
    owes_mic: bool,
    state: State,
}

enum State {
    /// Nothing was sent yet.
    Start(Box<InitRequest>),
    /// The acceptor's choice is due.
    Offered(Box<Offered>),
    /// The mechanism goes on.
    Going(Box<concrete::Initiator>),
    /// The mechanism is done, and its last token is on the way.
    Done(SecurityContext),
    /// Our MIC is on the way, and the acceptor's is due.
    Signed(SecurityContext),
    /// It was established, or it failed.
    Over,
}

/// What was sent with the list of mechanisms.
struct Offered {
    best: Progress,
    /// What another mechanism is begun with, if there is one in the list.
    request: Option<InitRequest>,
}

/// How far a mechanism is: one that needs no answer is done with its first token.
enum Progress {
    Going(concrete::Initiator),
    Done(SecurityContext),
}

impl Initiator {
    pub(in crate::mech) fn new(offered: Negotiable, request: InitRequest) -> Self {
        Self {
            offered,
            mech_types: Vec::new(),
            flags: None,
            owes_mic: false,
            state: State::Start(Box::new(request)),
        }
    }

    /// What the mechanism asks the acceptor for, once it does.
    pub(in crate::mech) fn flags(&self) -> Option<ContextFlags> {
        self.flags
    }

    /// What the best mechanism's tickets are to be got for before the next step with this token.
    pub(in crate::mech) fn lacks_tickets(
        &mut self,
        token: Option<&[u8]>,
    ) -> Option<&mut InitRequest> {
        match &mut self.state {
            State::Start(request)
                if request.tickets.is_none()
                    && token.is_none_or(|token| token.is_empty() || is_hint(token)) =>
            {
                Some(request)
            }
            _ => None,
        }
    }

    /// The next step: without a token first, then with each of the acceptor's.
    pub(in crate::mech) fn step(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        match (mem::replace(&mut self.state, State::Over), token) {
            (State::Start(request), None | Some([])) => self.offer(*request),
            // MIT takes it, too, and looks no further: nothing in it is authenticated.
            (State::Start(request), Some(token)) if is_hint(token) => self.offer(*request),
            (State::Start(_) | State::Over, _) => Err(CallError::UnaskedToken.into()),
            (_, None) => Err(CallError::MissingToken.into()),
            (state, Some(token)) => self.answered(state, &decode_answer(token)?),
        }
    }

    /// The list of mechanisms, and the first token of the best of them (RFC 4178 section 4.2.1).
    fn offer(&mut self, request: InitRequest) -> Result<Step, Error> {
        let kept = match self.offered.others {
            [] => None,
            _ => Some(request.clone()),
        };
        let mut best = concrete::Initiator::new(self.offered.best, request);
        let step = best.step(None)?;
        self.flags = best.flags();
        let (mech_token, best) = match step {
            Step::Continue(token) => (Some(token), Progress::Going(best)),
            Step::Done { context, token } => (token, Progress::Done(context)),
        };
        let mech_types = mech_types(self.offered)?;
        self.mech_types = mech_types.octets().to_vec();
        self.state = State::Offered(Box::new(Offered {
            best,
            request: kept,
        }));
        let token = NegotiationToken::Init(NegTokenInit {
            mech_types,
            req_flags: None,
            mech_token: mech_token.map(Octets::from),
            neg_hints: None,
            mech_list_mic: None,
        });
        Ok(Step::Continue(frame(&token)?))
    }

    fn answered(&mut self, state: State, answer: &NegTokenResp) -> Result<Step, Error> {
        let is_rejected = answer.neg_state == Some(NegState::Reject);
        let mic = peers_mic(answer);
        match state {
            State::Signed(_) | State::Done(_) if is_rejected => {
                Err(NegotiationError::Rejected.into())
            }
            State::Signed(context) => {
                let mic = mic.ok_or(NegotiationError::NoMic)?;
                verified(context, &self.mech_types, mic).map(|context| Step::Done {
                    context,
                    token: None,
                })
            }
            State::Done(context) => self.conclude(context, None, mic, false),
            State::Going(mechanism) => self.go_on(Progress::Going(*mechanism), answer),
            State::Offered(offered) => self.chosen(*offered, answer),
            State::Start(_) | State::Over => Err(NegotiationError::Kind.into()),
        }
    }

    /// Goes on with the mechanism that the acceptor chose. Some Java servers leave the choice out: then it is the
    /// best.
    fn chosen(&mut self, offered: Offered, answer: &NegTokenResp) -> Result<Step, Error> {
        if answer.neg_state == Some(NegState::Reject) && answer.response_token.is_none() {
            return Err(NegotiationError::NothingAccepted.into());
        }
        let chosen = answer.supported_mech.as_ref();
        let Some(chosen) = chosen.filter(|chosen| !goes_by(self.offered.best, chosen)) else {
            return self.go_on(offered.best, answer);
        };
        let mut others = self.offered.others.iter();
        match (
            others.find(|other| goes_by(**other, chosen)),
            offered.request,
        ) {
            (Some(other), Some(request)) => self.begin(*other, request, answer),
            _ => Err(NegotiationError::Choice(chosen.clone()).into()),
        }
    }

    /// Begins another mechanism than the best. The acceptor has passed over the best one's token, and has none of this
    /// one yet.
    fn begin(
        &mut self,
        mechanism: ConcreteMechanism,
        request: InitRequest,
        answer: &NegTokenResp,
    ) -> Result<Step, Error> {
        if answer.neg_state == Some(NegState::Reject) {
            return Err(NegotiationError::Rejected.into());
        }
        if answer.response_token.is_some() {
            return Err(NegotiationError::UnaskedMechToken.into());
        }
        self.owes_mic = true;
        let mut mechanism = concrete::Initiator::new(mechanism, request);
        let step = mechanism.step(None).map_err(rejecting)?;
        self.flags = mechanism.flags();
        match step {
            Step::Continue(token) => {
                self.state = State::Going(Box::new(mechanism));
                continued(Some(token), None)
            }
            Step::Done { context, token } => self.conclude(context, token, None, true),
        }
    }

    /// Gives the mechanism the acceptor's token, unless it is done.
    fn go_on(&mut self, progress: Progress, answer: &NegTokenResp) -> Result<Step, Error> {
        let is_rejected = answer.neg_state == Some(NegState::Reject);
        let owes_mic = self.owes_mic || answer.neg_state == Some(NegState::RequestMic);
        let (context, token) = match (progress, answer.response_token.as_deref()) {
            (_, None) if is_rejected => return Err(NegotiationError::Rejected.into()),
            (Progress::Going(_), None) => return Err(NegotiationError::NoMechToken.into()),
            // Old IIS servers send an empty token for none.
            (Progress::Done(context), None | Some([])) => (context, None),
            (Progress::Done(_), Some(_)) if is_rejected => {
                return Err(NegotiationError::Rejected.into());
            }
            (Progress::Done(_), Some(_)) => return Err(NegotiationError::UnaskedMechToken.into()),
            (Progress::Going(mut mechanism), Some(token)) => match mechanism.step(Some(token)) {
                Err(error) if is_rejected => return Err(error),
                Err(error) => return Err(rejecting(error)),
                Ok(_) if is_rejected => return Err(NegotiationError::Rejected.into()),
                Ok(Step::Done { context, token }) => (context, token),
                Ok(Step::Continue(token)) => {
                    self.flags = mechanism.flags();
                    self.state = State::Going(Box::new(mechanism));
                    return continued(Some(token), None);
                }
            },
        };
        let ends_with_peer = answer.response_token.is_some() && token.is_none();
        let mic = peers_mic(answer);
        if owes_mic && mic.is_none() && ends_with_peer && context.integrity_negotiated() {
            // The side that sends the mechanism's last token sends the MIC with it (RFC 4178 section 5).
            return Err(NegotiationError::NoMic.into());
        }
        self.conclude(context, token, mic, owes_mic)
    }

    /// The mechanism is done: what is left are its last token, and the MICs.
    fn conclude(
        &mut self,
        context: SecurityContext,
        token: Option<Vec<u8>>,
        mic: Option<&[u8]>,
        owes_mic: bool,
    ) -> Result<Step, Error> {
        if !context.integrity_negotiated() || (mic.is_none() && !owes_mic) {
            let Some(token) = token else {
                return Ok(Step::Done {
                    context,
                    token: None,
                });
            };
            // Windows wants the last word: an answer is waited for that has nothing in it.
            self.state = State::Done(context);
            return continued(Some(token), None);
        }
        let Some(mic) = mic else {
            let (context, mic) = signed(context, &self.mech_types)?;
            self.state = State::Signed(context);
            return continued(token, Some(mic));
        };
        let (context, mic) = signed(verified(context, &self.mech_types, mic)?, &self.mech_types)?;
        let answer = NegTokenResp {
            neg_state: Some(NegState::AcceptCompleted),
            supported_mech: None,
            response_token: token.map(Octets::from),
            mech_list_mic: Some(mic.into()),
        };
        Ok(Step::Done {
            context,
            token: Some(encode(answer)?),
        })
    }
}

/// Whether it is the token of an acceptor that speaks first (`NegTokenInit2`).
fn is_hint(token: &[u8]) -> bool {
    let framed = InitiatorToken::read(token).ok();
    let inner = framed.and_then(|token| token.inner_of(Oid::SPNEGO.octets()));
    matches!(inner.map(decode), Some(Ok(NegotiationToken::Init(_))))
}

fn goes_by(mechanism: ConcreteMechanism, identifier: &ObjectIdentifier) -> bool {
    mechanism.goes_by(identifier.contents())
}

/// Windows 2000 repeats the token in the place of the MIC, and means nothing by it.
fn peers_mic(answer: &NegTokenResp) -> Option<&[u8]> {
    let mic = answer.mech_list_mic.as_deref();
    mic.filter(|mic| answer.response_token.as_deref() != Some(mic))
}

fn continued(token: Option<Vec<u8>>, mic: Option<Vec<u8>>) -> Result<Step, Error> {
    let answer = NegTokenResp {
        neg_state: Some(NegState::AcceptIncomplete),
        supported_mech: None,
        response_token: token.map(Octets::from),
        mech_list_mic: mic.map(Octets::from),
    };
    Ok(Step::Continue(encode(answer)?))
}
