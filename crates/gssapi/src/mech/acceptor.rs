//! The acceptor's side of any mechanism: the initiator's first token says which it is.

use core::mem;

use super::request::AcceptRequest;
use super::token::InitiatorToken;
use super::{ConcreteMechanism, NEGOTIABLE, concrete, spnego};
use crate::error::CallError;
use crate::{Error, Oid, Step};

/// An acceptor, between its tokens.
pub(crate) struct Acceptor(State);

enum State {
    /// The initiator's first token comes next.
    Start {
        request: Box<AcceptRequest>,
        /// Whether the initiator was told what can be negotiated.
        has_hinted: bool,
    },
    /// It was of one mechanism.
    Concrete(concrete::Acceptor),
    /// It was of SPNEGO.
    Negotiation(Box<spnego::acceptor::Acceptor>),
    /// It failed.
    Over,
}

impl Acceptor {
    pub(crate) fn new(request: AcceptRequest) -> Self {
        Self(State::Start {
            request: Box::new(request),
            has_hinted: false,
        })
    }

    /// The next step, with the initiator's token.
    pub(crate) fn step(&mut self, token: &[u8]) -> Result<Step, Error> {
        let token = InitiatorToken::read(token)?;
        match mem::replace(&mut self.0, State::Over) {
            State::Start {
                request,
                has_hinted: false,
            } if token.bytes.is_empty() => {
                self.0 = State::Start {
                    request,
                    has_hinted: true,
                };
                let hints = spnego::hints::make(NEGOTIABLE)?;
                Ok(Step::Continue(hints))
            }
            State::Start { request, .. } => match token.inner_of(Oid::SPNEGO.octets()) {
                Some(inner) => {
                    let acceptor = spnego::acceptor::Acceptor::new(NEGOTIABLE, request);
                    self.negotiate(Box::new(acceptor), inner)
                }
                None => {
                    // In DCE style it names none. What names another than is here, the default refuses.
                    let named = token.framing.map(|framing| framing.mechanism);
                    let mechanism = named.and_then(ConcreteMechanism::find).unwrap_or_default();
                    self.advance(concrete::Acceptor::new(mechanism, request), token)
                }
            },
            State::Concrete(acceptor) => self.advance(acceptor, token),
            State::Negotiation(acceptor) => self.negotiate(acceptor, token.bytes),
            State::Over => Err(CallError::UnaskedToken.into()),
        }
    }

    fn advance(
        &mut self,
        mut acceptor: concrete::Acceptor,
        token: InitiatorToken<'_>,
    ) -> Result<Step, Error> {
        let step = acceptor.step(token);
        self.0 = State::Concrete(acceptor);
        step
    }

    fn negotiate(
        &mut self,
        mut acceptor: Box<spnego::acceptor::Acceptor>,
        token: &[u8],
    ) -> Result<Step, Error> {
        let step = acceptor.step(token);
        self.0 = State::Negotiation(acceptor);
        step
    }
}
