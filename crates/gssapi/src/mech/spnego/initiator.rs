//! The initiator's side of a negotiation.

use core::mem;

use orthros_asn1::spnego::{MechTypeList, NegState, NegTokenInit, NegTokenResp, NegotiationToken};
use orthros_asn1::{ObjectIdentifier, Octets, Raw};

use super::defect::rejecting;
use super::{
    NegotiationDefect, decode, decode_answer, encode, frame, is_kerberos, signed, unframe, verified,
};
use crate::error::Refusal;
use crate::{Error, Oid, SecurityContext, Step};

/// Steps the mechanism: without a token first.
type Mechanism<'a> = &'a mut dyn FnMut(Option<&[u8]>) -> Result<Step, Error>;

/// An initiator that offers Kerberos, with its first token.
#[derive(Default)]
pub(crate) struct Initiator {
    /// The list as it was sent.
    mech_types: Vec<u8>,
    state: State,
}

#[derive(Default)]
enum State {
    /// Nothing was sent yet.
    #[default]
    Start,
    /// The acceptor's choice is due; a mechanism that needs no answer is done.
    Offered(Option<SecurityContext>),
    /// The mechanism goes on.
    Going,
    /// The mechanism is done, and its last token is on the way.
    Done(SecurityContext),
    /// Our MIC is on the way, and the acceptor's is due.
    Signed(SecurityContext),
}

impl Initiator {
    pub(crate) fn step(
        &mut self,
        token: Option<&[u8]>,
        mechanism: Mechanism<'_>,
    ) -> Result<Step, Error> {
        match (mem::take(&mut self.state), token) {
            (State::Start, None | Some([])) => self.offer(mechanism),
            // MIT takes it, too, and looks no further: nothing in it is authenticated.
            (State::Start, Some(token)) if is_hint(token) => self.offer(mechanism),
            (State::Start, Some(_)) => Err(Refusal::UnaskedToken.into()),
            (_, None) => Err(Refusal::MissingToken.into()),
            (state, Some(token)) => self.answered(state, decode_answer(token)?, mechanism),
        }
    }

    /// The list of mechanisms, and the first token of the first of them (RFC 4178 section 4.2.1).
    fn offer(&mut self, mechanism: Mechanism<'_>) -> Result<Step, Error> {
        let (mech_token, context) = match mechanism(None)? {
            Step::Continue(token) => (Some(token), None),
            Step::Done { context, token } => (token, Some(context)),
        };
        let kerberos = ObjectIdentifier::new(Oid::KRB5.octets());
        let mech_types = Raw::new(MechTypeList::from_iter(kerberos));
        let mech_types = mech_types.map_err(NegotiationDefect::Unencodable)?;
        self.mech_types = mech_types.octets().to_vec();
        self.state = State::Offered(context);
        let token = NegotiationToken::Init(NegTokenInit {
            mech_types,
            req_flags: None,
            mech_token: mech_token.map(Octets::from),
            neg_hints: None,
            mech_list_mic: None,
        });
        Ok(Step::Continue(frame(&token)?))
    }

    fn answered(
        &mut self,
        state: State,
        answer: NegTokenResp,
        mechanism: Mechanism<'_>,
    ) -> Result<Step, Error> {
        let is_rejected = answer.neg_state == Some(NegState::Reject);
        let mic = peers_mic(&answer);
        match state {
            State::Signed(_) | State::Done(_) if is_rejected => {
                Err(NegotiationDefect::Rejected.into())
            }
            State::Signed(context) => {
                let mic = mic.ok_or(NegotiationDefect::NoMic)?;
                verified(context, &self.mech_types, mic).map(|context| Step::Done {
                    context,
                    token: None,
                })
            }
            State::Done(context) => self.conclude(context, None, mic, false),
            State::Going => self.go_on(None, &answer, mechanism),
            State::Offered(context) => {
                check_choice(&answer)?;
                self.go_on(context, &answer, mechanism)
            }
            State::Start => Err(NegotiationDefect::Kind.into()),
        }
    }

    /// Gives the mechanism the acceptor's token, unless it is done.
    fn go_on(
        &mut self,
        context: Option<SecurityContext>,
        answer: &NegTokenResp,
        mechanism: Mechanism<'_>,
    ) -> Result<Step, Error> {
        let is_rejected = answer.neg_state == Some(NegState::Reject);
        let owes_mic = answer.neg_state == Some(NegState::RequestMic);
        let (context, token) = match (context, answer.response_token.as_deref()) {
            (_, None) if is_rejected => return Err(NegotiationDefect::Rejected.into()),
            (None, None) => return Err(NegotiationDefect::NoMechToken.into()),
            // Old IIS servers send an empty token for none.
            (Some(context), None | Some([])) => (context, None),
            (Some(_), Some(_)) if is_rejected => return Err(NegotiationDefect::Rejected.into()),
            (Some(_), Some(_)) => return Err(NegotiationDefect::UnaskedMechToken.into()),
            (None, Some(token)) => match mechanism(Some(token)) {
                Err(error) if is_rejected => return Err(error),
                Err(error) => return Err(rejecting(error)),
                Ok(_) if is_rejected => return Err(NegotiationDefect::Rejected.into()),
                Ok(Step::Done { context, token }) => (context, token),
                Ok(Step::Continue(token)) => {
                    self.state = State::Going;
                    return continued(Some(token), None);
                }
            },
        };
        let ends_with_peer = answer.response_token.is_some() && token.is_none();
        let mic = peers_mic(answer);
        if owes_mic && mic.is_none() && ends_with_peer && context.integrity_negotiated() {
            // Who sends the mechanism's last token sends the MIC with it (RFC 4178 section 5).
            return Err(NegotiationDefect::NoMic.into());
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
    let first = unframe(token).map(decode);
    matches!(first, Some(Ok(NegotiationToken::Init(_))))
}

/// Some Java servers leave the choice out: then it is what was offered.
fn check_choice(answer: &NegTokenResp) -> Result<(), NegotiationDefect> {
    if answer.neg_state == Some(NegState::Reject) && answer.response_token.is_none() {
        return Err(NegotiationDefect::NothingAccepted);
    }
    match &answer.supported_mech {
        Some(chosen) if !is_kerberos(chosen) => Err(NegotiationDefect::Choice(chosen.clone())),
        _ => Ok(()),
    }
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
