//! An initiator's token, and what its framing says (RFC 2743 section 3.1).

use orthros_asn1::gss::InitialContextToken;

use crate::Error;
use crate::error::CallError;

/// An initiator's token, its framing read. It has one where it is the first of a mechanism, unless it is of DCE style.
#[derive(Clone, Copy)]
pub(super) struct InitiatorToken<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) framing: Option<InitialContextToken<'t>>,
}

impl<'t> InitiatorToken<'t> {
    /// Reads the framing.
    ///
    /// # Errors
    ///
    /// `BAD_MECH` for a token of NTLM.
    pub(super) fn read(bytes: &'t [u8]) -> Result<Self, Error> {
        refuse_ntlm(bytes)?;
        let framing = InitialContextToken::decode(bytes).ok();
        Ok(Self { bytes, framing })
    }

    /// What is in the framing, if that names this mechanism by the contents octets of its identifier.
    pub(super) fn inner_of(&self, mechanism: &[u8]) -> Option<&'t [u8]> {
        let framing = self
            .framing
            .filter(|framing| framing.mechanism == mechanism);
        framing.map(|framing| framing.inner)
    }
}

/// Refuses a token of NTLM: what Windows' clients send where they have no Kerberos ticket for the service.
pub(super) fn refuse_ntlm(token: &[u8]) -> Result<(), Error> {
    if token.starts_with(b"NTLMSSP\0") {
        return Err(CallError::Ntlm.into());
    }
    Ok(())
}
