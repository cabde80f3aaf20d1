//! SPNEGO (RFC 4178): the negotiation around the tokens of a mechanism.
//!
//! Both sides are stepped like the contexts that they are a part of. They have no I/O and know nothing of the mechanism but that it
//! is stepped, too: what it says goes into `mechToken` and `responseToken`, and its context makes and verifies the MICs over the list of
//! mechanisms. What is negotiated here is always Kerberos, under one of its identifiers; the list of a peer may have anything in it.
//!
//! The MICs are exchanged where RFC 4178 section 5 has them: the acceptor chose another mechanism than the first, or a peer sent one of
//! its own accord. Exceptions that others make are taken, too: MIT krb5's and Windows', each with a comment where it is.

mod acceptor;
mod defect;
mod initiator;

use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::spnego::{NegTokenResp, NegotiationToken};
use orthros_asn1::{Message as _, ObjectIdentifier};
use orthros_krb5::ap::Mechanism;

use crate::{Error, Oid, SecurityContext, Verified};

pub(crate) use acceptor::{Acceptor, hints};
pub(crate) use defect::NegotiationDefect;
pub(crate) use initiator::Initiator;

use defect::rejecting;

/// What a token with SPNEGO's framing has in it; `None` for one of another mechanism, or of none.
pub(crate) fn unframe(token: &[u8]) -> Option<&[u8]> {
    let framing = InitialContextToken::decode(token).ok()?;
    (framing.mechanism == Oid::SPNEGO.octets()).then_some(framing.inner)
}

fn frame(token: &NegotiationToken) -> Result<Vec<u8>, NegotiationDefect> {
    let inner = token.encode().map_err(NegotiationDefect::Unencodable)?;
    let mechanism = Oid::SPNEGO;
    let framing = InitialContextToken {
        mechanism: mechanism.octets(),
        inner: &inner,
    };
    Ok(framing.encode())
}

fn encode(answer: NegTokenResp) -> Result<Vec<u8>, NegotiationDefect> {
    let token = NegotiationToken::Resp(answer);
    token.encode().map_err(NegotiationDefect::Unencodable)
}

/// A token of the negotiation.
fn decode(token: &[u8]) -> Result<NegotiationToken, NegotiationDefect> {
    if token.len() > LONGEST_TOKEN {
        return Err(NegotiationDefect::TooLong(token.len()));
    }
    NegotiationToken::decode(token).map_err(NegotiationDefect::Malformed)
}

/// The context, once the peer's MIC over the list of mechanisms is verified with it.
fn verified(
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
fn signed(
    mut context: SecurityContext,
    mech_types: &[u8],
) -> Result<(SecurityContext, Vec<u8>), Error> {
    let mic = context.get_mic(mech_types).map_err(rejecting)?;
    Ok((context, mic))
}

/// Any token of the negotiation but the first.
fn decode_answer(token: &[u8]) -> Result<NegTokenResp, NegotiationDefect> {
    match decode(token)? {
        NegotiationToken::Resp(answer) => Ok(answer),
        NegotiationToken::Init(_) => Err(NegotiationDefect::Kind),
    }
}

/// Whether this is Kerberos under any of its names: Microsoft's has a bit lost, and some servers answer with the one that they were
/// not asked for. That of user-to-user is another mechanism here: whom it is for does not leave it to a negotiation.
fn is_kerberos(mechanism: &ObjectIdentifier) -> bool {
    let mut names = Mechanism::ALL
        .iter()
        .filter(|name| **name != Mechanism::UserToUser);
    names.any(|name| name.oid() == mechanism.contents())
}

/// A Kerberos token at its longest, 256 KiB, with room for what is around it.
const LONGEST_TOKEN: usize = 0x5_0000;
