//! The acceptor's side of a negotiation.

use core::mem;

use orthros_asn1::spnego::{NegState, NegTokenInit, NegTokenResp, NegotiationToken};
use orthros_asn1::{ObjectIdentifier, Octets};

use super::error::{NegotiationError, rejecting};
use super::token::{decode, decode_answer, encode, signed, verified};
use crate::error::CallError;
use crate::mech::request::AcceptRequest;
use crate::mech::token::InitiatorToken;
use crate::mech::{Negotiable, concrete};
use crate::{Error, SecurityContext, Step};

/// An acceptor that takes one of several mechanisms, at any place of the initiator's list.
pub(in crate::mech) struct Acceptor {
    /// What it takes.
    accepted: Negotiable,
    /// The initiator's list as it came.
    mech_types: Vec<u8>,
    /// The identifier of the chosen mechanism in that list, until the first answer tells.
    choice: Option<ObjectIdentifier>,
    /// Whether it was not the initiator's first choice, so that both must make a MIC over the list.
    owes_mic: bool,
    state: State,
}

enum State {
    /// The initiator's list is due.
    Start(Box<AcceptRequest>),
    /// The mechanism's next token is due.
    Going(concrete::Acceptor),
    /// Our MIC is on the way, and the initiator's is due.
    Signed(SecurityContext),
    /// It was established, or it failed.
    Over,
}

impl Acceptor {
    pub(in crate::mech) fn new(accepted: Negotiable, request: Box<AcceptRequest>) -> Self {
        Self {
            accepted,
            mech_types: Vec::new(),
            choice: None,
            owes_mic: false,
            state: State::Start(request),
        }
    }

    /// The next step: with what was in the framing first, then with each token as it comes.
    pub(in crate::mech) fn step(&mut self, token: &[u8]) -> Result<Step, Error> {
        match mem::replace(&mut self.state, State::Over) {
            State::Start(request) => match decode(token)? {
                NegotiationToken::Init(init) => self.choose(&init, request),
                NegotiationToken::Resp(_) => Err(NegotiationError::Kind.into()),
            },
            State::Going(mechanism) => {
                let answer = checked(token)?;
                let token = answer.response_token.as_deref();
                let token = token.ok_or(NegotiationError::NoMechToken)?;
                self.go_on(mechanism, token, answer.mech_list_mic.as_deref())
            }
            State::Signed(context) => {
                let answer = checked(token)?;
                let mic = answer.mech_list_mic.ok_or(NegotiationError::NoMic)?;
                Ok(Step::Done {
                    context: verified(context, &self.mech_types, &mic)?,
                    token: None,
                })
            }
            State::Over => Err(CallError::UnaskedToken.into()),
        }
    }

    /// Takes the first of the initiator's mechanisms that is among the accepted ones; the initiator's order counts.
    fn choose(&mut self, init: &NegTokenInit, request: Box<AcceptRequest>) -> Result<Step, Error> {
        let offered = init.mech_types.value();
        let choice = offered.iter().enumerate().find_map(|(place, identifier)| {
            let mut accepted = self.accepted.iter();
            let mechanism = accepted.find(|mechanism| mechanism.goes_by(identifier.contents()))?;
            Some((place, identifier, mechanism))
        });
        let Some((place, identifier, mechanism)) = choice else {
            return Err(NegotiationError::NothingInCommon {
                peer: "initiator",
                offered: offered.first().cloned(),
                number: offered.len(),
            }
            .into());
        };
        self.mech_types = init.mech_types.octets().to_vec();
        self.choice = Some(identifier.clone());
        self.owes_mic = place > 0;
        let mechanism = concrete::Acceptor::new(mechanism, request);
        match init.mech_token.as_deref() {
            Some(token) if place == 0 => {
                self.go_on(mechanism, token, init.mech_list_mic.as_deref())
            }
            // The token is of another mechanism, or there is none.
            _ => {
                self.state = State::Going(mechanism);
                let state = match self.owes_mic {
                    true => NegState::RequestMic,
                    false => NegState::AcceptIncomplete,
                };
                Ok(Step::Continue(self.answer(state, None, None)?))
            }
        }
    }

    /// Gives the mechanism the initiator's token.
    fn go_on(
        &mut self,
        mut mechanism: concrete::Acceptor,
        token: &[u8],
        mic: Option<&[u8]>,
    ) -> Result<Step, Error> {
        let token = InitiatorToken::read(token);
        let step = token.and_then(|token| mechanism.step(token));
        match step.map_err(rejecting)? {
            Step::Continue(token) => {
                self.state = State::Going(mechanism);
                let answer = self.answer(NegState::AcceptIncomplete, Some(token), None)?;
                Ok(Step::Continue(answer))
            }
            Step::Done { context, token } => self.conclude(context, token, mic),
        }
    }

    /// The mechanism is done: what is left are its last token, and the MICs (RFC 4178 section 5).
    fn conclude(
        &mut self,
        context: SecurityContext,
        token: Option<Vec<u8>>,
        mic: Option<&[u8]>,
    ) -> Result<Step, Error> {
        if !context.integrity_negotiated() || (mic.is_none() && !self.owes_mic) {
            let answer = self.answer(NegState::AcceptCompleted, token, None)?;
            return Ok(Step::Done {
                context,
                token: Some(answer),
            });
        }
        let Some(mic) = mic else {
            if token.is_none() {
                // The side that sends the mechanism's last token sends the MIC with it.
                return Err(NegotiationError::NoMic.into());
            }
            let (context, mic) = signed(context, &self.mech_types)?;
            self.state = State::Signed(context);
            let answer = self.answer(NegState::AcceptIncomplete, token, Some(mic))?;
            return Ok(Step::Continue(answer));
        };
        let (context, mic) = signed(verified(context, &self.mech_types, mic)?, &self.mech_types)?;
        let answer = self.answer(NegState::AcceptCompleted, token, Some(mic))?;
        Ok(Step::Done {
            context,
            token: Some(answer),
        })
    }

    /// An answer; the first one has the choice.
    fn answer(
        &mut self,
        state: NegState,
        token: Option<Vec<u8>>,
        mic: Option<Vec<u8>>,
    ) -> Result<Vec<u8>, NegotiationError> {
        encode(NegTokenResp {
            neg_state: Some(state),
            supported_mech: self.choice.take(),
            response_token: token.map(Octets::from),
            mech_list_mic: mic.map(Octets::from),
        })
    }
}

/// An answer of an initiator's, which neither gives up nor chooses.
fn checked(token: &[u8]) -> Result<NegTokenResp, NegotiationError> {
    let answer = decode_answer(token)?;
    if answer.neg_state == Some(NegState::Reject) {
        return Err(NegotiationError::Rejected);
    }
    match answer.supported_mech {
        Some(chosen) => Err(NegotiationError::InitiatorsChoice(chosen)),
        None => Ok(answer),
    }
}
