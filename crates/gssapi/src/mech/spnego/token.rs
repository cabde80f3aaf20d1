//! The tokens of a negotiation, and the MICs over its list of mechanisms.

use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::spnego::{MechTypeList, NegTokenResp, NegotiationToken};
use orthros_asn1::{Message as _, ObjectIdentifier, Raw};

use super::error::{NegotiationError, rejecting};
use crate::mech::{ConcreteMechanism, Negotiable};
use crate::{Error, Oid, SecurityContext, Verified};

/// The list of these mechanisms, the best first.
pub(super) fn mech_types(mechanisms: Negotiable) -> Result<Raw<MechTypeList>, NegotiationError> {
    let identifiers = mechanisms.iter().map(ConcreteMechanism::oid);
    // Both types hold well-formed identifiers only, so that none is left out here.
    let identifiers = identifiers.filter_map(|oid| ObjectIdentifier::new(oid.octets()));
    Raw::new(identifiers.collect()).map_err(NegotiationError::Unencodable)
}

/// The token of a negotiation in SPNEGO's framing, which only the first has.
pub(super) fn frame(token: &NegotiationToken) -> Result<Vec<u8>, NegotiationError> {
    let inner = token.encode().map_err(NegotiationError::Unencodable)?;
    let mechanism = Oid::SPNEGO;
    let framing = InitialContextToken {
        mechanism: mechanism.octets(),
        inner: &inner,
    };
    Ok(framing.encode())
}

pub(super) fn encode(answer: NegTokenResp) -> Result<Vec<u8>, NegotiationError> {
    let token = NegotiationToken::Resp(answer);
    token.encode().map_err(NegotiationError::Unencodable)
}

/// A token of the negotiation.
pub(super) fn decode(token: &[u8]) -> Result<NegotiationToken, NegotiationError> {
    if token.len() > LONGEST_TOKEN {
        return Err(NegotiationError::TooLong(token.len()));
    }
    NegotiationToken::decode(token).map_err(NegotiationError::Malformed)
}

/// Any token of the negotiation but the first.
pub(super) fn decode_answer(token: &[u8]) -> Result<NegTokenResp, NegotiationError> {
    match decode(token)? {
        NegotiationToken::Resp(answer) => Ok(answer),
        NegotiationToken::Init(_) => Err(NegotiationError::Kind),
    }
}

/// The context, once the peer's MIC over the list of mechanisms is verified with it.
pub(super) fn verified(
    mut context: SecurityContext,
    mech_types: &[u8],
    mic: &[u8],
) -> Result<SecurityContext, Error> {
    let verified = context.verify_mic(mech_types, mic);
    // It is the first message that the peer protects.
    let verified = verified.and_then(Verified::in_sequence);
    verified.map_err(rejecting)?;
    Ok(context)
}

/// The context, and our MIC over the list of mechanisms.
pub(super) fn signed(
    mut context: SecurityContext,
    mech_types: &[u8],
) -> Result<(SecurityContext, Vec<u8>), Error> {
    let mic = context.get_mic(mech_types).map_err(rejecting)?;
    Ok((context, mic))
}

/// A Kerberos token at its longest, 256 KiB, with room for what is around it.
const LONGEST_TOKEN: usize = 0x5_0000;
