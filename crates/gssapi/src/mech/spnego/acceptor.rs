//! The acceptor's side of a negotiation.

use core::mem;

use orthros_asn1::spnego::{
    MechTypeList, NegHints, NegState, NegTokenInit, NegTokenResp, NegotiationToken,
};
use orthros_asn1::{KerberosString, ObjectIdentifier, Octets, Raw};

use super::defect::rejecting;
use super::{
    NegotiationDefect, decode, decode_answer, encode, frame, is_kerberos, signed, verified,
};
use crate::{Error, Oid, SecurityContext, Step};

/// Steps the mechanism with the initiator's token.
type Mechanism<'a> = &'a mut dyn FnMut(&[u8]) -> Result<Step, Error>;

/// What an acceptor takes, said before the initiator has said anything (`NegTokenInit2`, MS-SPNG section 2.2.1): Kerberos.
pub(crate) fn hints() -> Result<Vec<u8>, NegotiationDefect> {
    let kerberos = ObjectIdentifier::new(Oid::KRB5.octets());
    let mech_types = Raw::new(MechTypeList::from_iter(kerberos));
    let token = NegotiationToken::Init(NegTokenInit {
        mech_types: mech_types.map_err(NegotiationDefect::Unencodable)?,
        req_flags: None,
        mech_token: None,
        neg_hints: Some(NegHints {
            hint_name: Some(KerberosString::from(HINT)),
            hint_address: None,
        }),
        mech_list_mic: None,
    });
    frame(&token)
}

/// What everybody sends where a name once was.
const HINT: &str = "not_defined_in_RFC4178@please_ignore";

/// An acceptor that takes Kerberos, under any of its names and at any place of the initiator's list.
#[derive(Default)]
pub(crate) struct Acceptor {
    /// The list as it came.
    mech_types: Vec<u8>,
    /// The name that Kerberos has there, until the first answer tells.
    choice: Option<ObjectIdentifier>,
    /// Whether Kerberos was not the initiator's first choice, so that both must sign the list.
    owes_mic: bool,
    state: State,
}

#[derive(Default)]
enum State {
    /// The initiator's list is due.
    #[default]
    Start,
    /// The mechanism's next token is due.
    Going,
    /// Our MIC is on the way, and the initiator's is due.
    Signed(SecurityContext),
}

impl Acceptor {
    /// The next step: with what was in the framing first, then with each token as it comes.
    pub(crate) fn step(&mut self, token: &[u8], mechanism: Mechanism<'_>) -> Result<Step, Error> {
        match mem::take(&mut self.state) {
            State::Start => match decode(token)? {
                NegotiationToken::Init(init) => self.choose(&init, mechanism),
                NegotiationToken::Resp(_) => Err(NegotiationDefect::Kind.into()),
            },
            State::Going => {
                let answer = checked(token)?;
                let token = answer.response_token.as_deref();
                let token = token.ok_or(NegotiationDefect::NoMechToken)?;
                self.go_on(token, answer.mech_list_mic.as_deref(), mechanism)
            }
            State::Signed(context) => {
                let answer = checked(token)?;
                let mic = answer.mech_list_mic.ok_or(NegotiationDefect::NoMic)?;
                Ok(Step::Done {
                    context: verified(context, &self.mech_types, &mic)?,
                    token: None,
                })
            }
        }
    }

    /// Takes the first of the initiator's mechanisms that is Kerberos; its order counts.
    fn choose(&mut self, init: &NegTokenInit, mechanism: Mechanism<'_>) -> Result<Step, Error> {
        let offered = init.mech_types.value();
        let Some(place) = offered.iter().position(is_kerberos) else {
            return Err(NegotiationDefect::NothingInCommon {
                offered: offered.first().cloned(),
                number: offered.len(),
            }
            .into());
        };
        self.mech_types = init.mech_types.octets().to_vec();
        self.choice = offered.get(place).cloned();
        self.owes_mic = place > 0;
        match init.mech_token.as_deref() {
            Some(token) if place == 0 => {
                self.go_on(token, init.mech_list_mic.as_deref(), mechanism)
            }
            // The token is of another mechanism, or there is none.
            _ => {
                self.state = State::Going;
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
        token: &[u8],
        mic: Option<&[u8]>,
        mechanism: Mechanism<'_>,
    ) -> Result<Step, Error> {
        match mechanism(token).map_err(rejecting)? {
            Step::Continue(token) => {
                self.state = State::Going;
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
                // Who sends the mechanism's last token sends the MIC with it.
                return Err(NegotiationDefect::NoMic.into());
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
    ) -> Result<Vec<u8>, NegotiationDefect> {
        encode(NegTokenResp {
            neg_state: Some(state),
            supported_mech: self.choice.take(),
            response_token: token.map(Octets::from),
            mech_list_mic: mic.map(Octets::from),
        })
    }
}

/// An answer of an initiator's, which neither gives up nor chooses.
fn checked(token: &[u8]) -> Result<NegTokenResp, NegotiationDefect> {
    let answer = decode_answer(token)?;
    if answer.neg_state == Some(NegState::Reject) {
        return Err(NegotiationDefect::Rejected);
    }
    match answer.supported_mech {
        Some(chosen) => Err(NegotiationDefect::InitiatorsChoice(chosen)),
        None => Ok(answer),
    }
}
