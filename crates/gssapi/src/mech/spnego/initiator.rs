//! The initiator's side of a negotiation.

use core::mem;

use orthros_asn1::spnego::{NegState, NegTokenInit, NegTokenResp, NegotiationToken};
use orthros_asn1::{ObjectIdentifier, Octets};

use super::error::{NegotiationError, rejecting};
use super::hints::Hints;
use super::token::{decode_answer, encode, frame, mech_types, signed, verified};
use crate::error::CallError;
use crate::mech::request::InitRequest;
use crate::mech::{ConcreteMechanism, Negotiable, concrete};
use crate::{ContextFlags, Error, SecurityContext, Step};

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
    Start(Box<Start>),
    /// The same, and the acceptor has spoken first.
    Hinted(Box<Start>),
    /// The acceptor's choice is due.
    Offered(Box<Offered>),
    /// The acceptor has just chosen another mechanism than the best.
    Chosen(Box<concrete::Initiator>),
    /// The mechanism goes on.
    Going(Box<concrete::Initiator>),
    /// The mechanism is done, and its last token is on the way.
    Done(SecurityContext),
    /// Our MIC is on the way, and the acceptor's is due.
    Signed(SecurityContext),
    /// It was established, or it failed.
    Over,
}

/// The mechanisms before the first token.
struct Start {
    best: concrete::Initiator,
    /// What another mechanism is begun with, if there is one in the list.
    request: Option<InitRequest>,
    /// Whether the best one's first token goes with the list. Not where the acceptor does not take it.
    with_token: bool,
}

/// What was sent with the list of mechanisms.
struct Offered {
    best: Progress,
    /// As in [`Start`].
    request: Option<InitRequest>,
}

/// How far a mechanism is: one that needs no answer is done with its first token.
enum Progress {
    /// No token of it was sent.
    Unsent(concrete::Initiator),
    Going(concrete::Initiator),
    Done(SecurityContext),
}

impl Initiator {
    pub(in crate::mech) fn new(offered: Negotiable, request: InitRequest) -> Self {
        let kept = match offered.others {
            [] => None,
            _ => Some(request.clone()),
        };
        Self {
            offered,
            mech_types: Vec::new(),
            flags: None,
            owes_mic: false,
            state: State::Start(Box::new(Start {
                best: concrete::Initiator::new(offered.best, request),
                request: kept,
                with_token: true,
            })),
        }
    }

    /// What the mechanism asks the acceptor for, once it does.
    pub(in crate::mech) fn flags(&self) -> Option<ContextFlags> {
        self.flags
    }

    /// What a mechanism's tickets are to be got for before the next step with this token: the best one's at first, and
    /// those of the one that the acceptor chooses with the token.
    pub(in crate::mech) fn lacks_tickets(
        &mut self,
        token: Option<&[u8]>,
    ) -> Result<Option<&mut InitRequest>, Error> {
        self.state = match (mem::replace(&mut self.state, State::Over), token) {
            (State::Start(start), Some(token @ [_, ..])) => {
                State::Hinted(self.hinted(start, token)?)
            }
            (State::Offered(offered), Some(token)) if offered.request.is_some() => {
                self.chosen(*offered, &decode_answer(token)?)?
            }
            (state, _) => state,
        };
        match (&mut self.state, token) {
            (State::Start(start) | State::Hinted(start), _) if start.with_token => {
                start.best.lacks_tickets(None)
            }
            (State::Chosen(mechanism), _) => mechanism.lacks_tickets(None),
            (State::Going(mechanism), Some(token)) if !mechanism.has_used_tickets() => {
                mechanism.lacks_tickets(decode_answer(token)?.response_token.as_deref())
            }
            _ => Ok(None),
        }
    }

    /// What the acceptor is told where the tickets were not to be had. Before our first token it waits for nothing.
    pub(in crate::mech) fn without_tickets(&self, error: Error) -> Error {
        match &self.state {
            State::Start(_) | State::Hinted(_) => error,
            _ => rejecting(error),
        }
    }

    /// The next step: without a token first, then with each of the acceptor's.
    pub(in crate::mech) fn step(&mut self, token: Option<&[u8]>) -> Result<Step, Error> {
        match (mem::replace(&mut self.state, State::Over), token) {
            (State::Start(start), None | Some([])) => self.offer(*start),
            (State::Start(start), Some(token)) => {
                let start = self.hinted(start, token)?;
                self.offer(*start)
            }
            (State::Hinted(start), Some(_)) => self.offer(*start),
            (State::Over, _) => Err(CallError::UnaskedToken.into()),
            (_, None) => Err(CallError::MissingToken.into()),
            (state, Some(token)) => self.answered(state, &decode_answer(token)?),
        }
    }

    /// Heeds the mechanisms that an acceptor names that speaks first.
    ///
    /// Nothing in its token is authenticated, so that it must not choose between ours: the list that is sent, and
    /// later signed, is the same with and without it. Where the acceptor does not take the best mechanism, the list
    /// goes without a token of that; if it was an attacker that took it out of the acceptor's token, the acceptor
    /// still chooses it.
    fn hinted(&self, mut start: Box<Start>, token: &[u8]) -> Result<Box<Start>, Error> {
        let hints = Hints::read(token, self.offered)?;
        start.with_token = hints.names(self.offered.best);
        Ok(start)
    }

    /// The list of mechanisms, with the first token of the best of them (RFC 4178 section 4.2.1).
    fn offer(&mut self, start: Start) -> Result<Step, Error> {
        let Start {
            mut best, request, ..
        } = start;
        let (mech_token, best) = if start.with_token {
            let step = best.step(None)?;
            self.flags = best.flags();
            match step {
                Step::Continue(token) => (Some(token), Progress::Going(best)),
                Step::Done { context, token } => (token, Progress::Done(context)),
            }
        } else {
            (None, Progress::Unsent(best))
        };
        let mech_types = mech_types(self.offered)?;
        self.mech_types = mech_types.octets().to_vec();
        self.state = State::Offered(Box::new(Offered { best, request }));
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
            State::Offered(offered) => match self.chosen(*offered, answer)? {
                State::Offered(offered) => self.go_on(offered.best, answer),
                chosen => self.answered(chosen, answer),
            },
            State::Chosen(mechanism) => self.begin(*mechanism),
            State::Start(_) | State::Hinted(_) | State::Over => Err(NegotiationError::Kind.into()),
        }
    }

    /// What the acceptor's choice leads to: the best mechanism goes on, or one is begun. Some Java servers leave the
    /// choice out: then it is the best.
    fn chosen(&mut self, offered: Offered, answer: &NegTokenResp) -> Result<State, Error> {
        let is_rejected = answer.neg_state == Some(NegState::Reject);
        if is_rejected && answer.response_token.is_none() {
            return Err(NegotiationError::NothingAccepted.into());
        }
        let chosen = answer.supported_mech.as_ref();
        let chosen = chosen.filter(|chosen| !goes_by(self.offered.best, chosen));
        let Offered { best, request } = offered;
        let mechanism = match (chosen, best) {
            (None, Progress::Unsent(best)) => best,
            (None, best) => return Ok(State::Offered(Box::new(Offered { best, request }))),
            (Some(chosen), _) => {
                let other = self.other(chosen).zip(request);
                let other = other.ok_or_else(|| NegotiationError::Choice(chosen.clone()))?;
                self.owes_mic = true;
                concrete::Initiator::new(other.0, other.1)
            }
        };
        if is_rejected {
            return Err(NegotiationError::Rejected.into());
        }
        // The acceptor has no token of this mechanism yet.
        if answer.response_token.is_some() {
            return Err(NegotiationError::UnaskedMechToken.into());
        }
        Ok(State::Chosen(Box::new(mechanism)))
    }

    /// The mechanism after the best that goes by this identifier.
    fn other(&self, identifier: &ObjectIdentifier) -> Option<ConcreteMechanism> {
        let mut others = self.offered.others.iter();
        others.find(|other| goes_by(**other, identifier)).copied()
    }

    /// Begins the mechanism that the acceptor chose.
    fn begin(&mut self, mut mechanism: concrete::Initiator) -> Result<Step, Error> {
        let step = mechanism.step(None).map_err(rejecting)?;
        self.flags = mechanism.flags();
        match step {
            Step::Continue(token) => {
                self.state = State::Going(Box::new(mechanism));
                continued(Some(token), None)
            }
            Step::Done { context, token } => self.conclude(context, token, None, self.owes_mic),
        }
    }

    /// Gives the mechanism the acceptor's token, unless it is done.
    fn go_on(&mut self, progress: Progress, answer: &NegTokenResp) -> Result<Step, Error> {
        let is_rejected = answer.neg_state == Some(NegState::Reject);
        let owes_mic = self.owes_mic || answer.neg_state == Some(NegState::RequestMic);
        let (context, token) = match (progress, answer.response_token.as_deref()) {
            (_, None) if is_rejected => return Err(NegotiationError::Rejected.into()),
            (Progress::Unsent(_) | Progress::Going(_), None) => {
                return Err(NegotiationError::NoMechToken.into());
            }
            // Old IIS servers send an empty token for none.
            (Progress::Done(context), None | Some([])) => (context, None),
            (Progress::Done(_), Some(_)) if is_rejected => {
                return Err(NegotiationError::Rejected.into());
            }
            (Progress::Done(_), Some(_)) => return Err(NegotiationError::UnaskedMechToken.into()),
            (Progress::Unsent(mut mechanism) | Progress::Going(mut mechanism), Some(token)) => {
                match mechanism.step(Some(token)) {
                    Err(error) if is_rejected => return Err(error),
                    Err(error) => return Err(rejecting(error)),
                    Ok(_) if is_rejected => return Err(NegotiationError::Rejected.into()),
                    Ok(Step::Done { context, token }) => (context, token),
                    Ok(Step::Continue(token)) => {
                        self.flags = mechanism.flags();
                        self.state = State::Going(Box::new(mechanism));
                        return continued(Some(token), None);
                    }
                }
            }
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
