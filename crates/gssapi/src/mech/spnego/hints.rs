//! The token of an acceptor that speaks before the initiator (`NegTokenInit2`, MS-SPNG section 3.2.5.2): which
//! mechanisms it takes. Servers of SMB send it in their answer to the first message of a connection.

use orthros_asn1::spnego::{MechTypeList, NegHints, NegTokenInit, NegotiationToken};
use orthros_asn1::{KerberosString, ObjectIdentifier};

use super::error::NegotiationError;
use super::token::{decode, frame, mech_types};
use crate::error::CallError;
use crate::mech::token::InitiatorToken;
use crate::mech::{ConcreteMechanism, Negotiable};
use crate::{Error, Oid};

/// The token of an acceptor that takes these mechanisms.
pub(in crate::mech) fn make(accepted: Negotiable) -> Result<Vec<u8>, Error> {
    let token = NegotiationToken::Init(NegTokenInit {
        mech_types: mech_types(accepted)?,
        req_flags: None,
        mech_token: None,
        neg_hints: Some(NegHints {
            hint_name: Some(KerberosString::from(HINT)),
            hint_address: None,
        }),
        mech_list_mic: None,
    });
    Ok(frame(&token)?)
}

/// What an acceptor that speaks first says of itself. Nothing of it is authenticated.
pub(super) struct Hints {
    mech_types: MechTypeList,
}

impl Hints {
    /// Reads an acceptor's token, for an initiator that has these mechanisms. Some servers leave `negHints` out; what
    /// is in it, and in the fields for tokens, flags and a MIC, has no meaning here.
    ///
    /// # Errors
    ///
    /// `DEFECTIVE_TOKEN` for anything else than such a token; `BAD_MECH` where it names none of these mechanisms. The
    /// acceptor, which waits for nothing yet, is told neither.
    pub(super) fn read(token: &[u8], offered: Negotiable) -> Result<Self, Error> {
        let token = InitiatorToken::read(token)?;
        let inner = token.inner_of(Oid::SPNEGO.octets());
        let inner = inner.ok_or(CallError::UnaskedToken)?;
        let hints = Self::of(inner).and_then(|hints| hints.require_one_of(offered));
        hints.map_err(|defect| Error::from(defect).with_token(None))
    }

    /// Whether the acceptor takes this mechanism.
    pub(super) fn names(&self, mechanism: ConcreteMechanism) -> bool {
        let is_it = |named: &ObjectIdentifier| mechanism.goes_by(named.contents());
        self.mech_types.iter().any(is_it)
    }

    fn of(inner: &[u8]) -> Result<Self, NegotiationError> {
        match decode(inner)? {
            NegotiationToken::Init(init) => Ok(Self {
                mech_types: init.mech_types.into_value(),
            }),
            NegotiationToken::Resp(_) => Err(NegotiationError::Kind),
        }
    }

    fn require_one_of(self, offered: Negotiable) -> Result<Self, NegotiationError> {
        if offered.iter().any(|mechanism| self.names(mechanism)) {
            return Ok(self);
        }
        Err(NegotiationError::NothingInCommon {
            peer: "acceptor",
            offered: self.mech_types.first().cloned(),
            number: self.mech_types.len(),
        })
    }
}

/// What all implementations send where a name once was.
const HINT: &str = "not_defined_in_RFC4178@please_ignore";
