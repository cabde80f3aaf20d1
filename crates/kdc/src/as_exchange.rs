//! The AS exchange, RFC 4120 section 3.1: from a client's name and preauthentication to an initial ticket.
//!
//! A request is decoded and its armor taken off ([`AsRequest`]); its client and service are looked up and what they
//! may do is checked ([`Principals`]); the client preauthenticates ([`preauth`]); ticket and reply are put together
//! and encrypted ([`issue`]).

mod issue;
mod principals;

use alloc::vec::Vec;

use orthros_asn1::{AsReq, KdcReqBody, Message as _, MethodData, Raw};
use orthros_crypto::{Enctype, RandomSource};

use crate::context::RequestContext;
use crate::error_reply::{ErrorReply, KnownRequest};
use crate::fast::Armor;
use crate::preauth::{self, PreauthRequest};
use crate::{Answer, ExchangeKind, PrincipalFlags, PrincipalKey, RequestError, enctypes, fast};
use principals::Principals;

pub(crate) use principals::TGS_OPTIONS;

/// An AS-REQ, out of its armor.
struct AsRequest<'a> {
    /// The message as it came: the client may want a checksum of it (PA-REQ-ENC-PA-REP).
    message: &'a [u8],
    padata: MethodData,
    body: Raw<KdcReqBody>,
    /// The enctypes that the client offers and the realm permits.
    enctypes: Vec<Enctype>,
    armor: Option<&'a Armor>,
}

/// Answers an AS-REQ.
pub(crate) fn answer(
    context: &RequestContext<'_>,
    message: &[u8],
    random: &mut dyn RandomSource,
) -> Answer {
    let AsReq(decoded) = match AsReq::decode(message) {
        Ok(decoded) => decoded,
        Err(error) => return Answer::none(ExchangeKind::As, error.into()),
    };
    let outer = KnownRequest::of_body(&decoded.req_body);
    let padata = decoded.padata.unwrap_or_default();
    let inner = match fast::unarmor_as(context, padata, decoded.req_body) {
        Ok(inner) => inner,
        Err(error) => {
            let refused = Err(error.into());
            return outer.answer(context, ExchangeKind::As, refused, random);
        }
    };
    // From here on it is what stood under the armor that counts.
    let known = KnownRequest {
        armor: inner.armor,
        ..KnownRequest::of_body(&inner.body)
    };
    let request = AsRequest {
        message,
        padata: inner.padata,
        enctypes: enctypes::offered(context.policy, inner.body.etype.iter().copied()),
        body: inner.body,
        armor: known.armor.as_ref(),
    };
    let result = issue_ticket(context, &known, &request, random);
    known.answer(context, ExchangeKind::As, result, random)
}

fn issue_ticket(
    context: &RequestContext<'_>,
    known: &KnownRequest,
    request: &AsRequest<'_>,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, ErrorReply> {
    let client = known.client.clone().ok_or(RequestError::ClientUnknown)?;
    let service = known.service.clone();
    let principals = Principals::find(context, client, service, request.body.kdc_options)?;
    principals.check(context, &request.body)?;
    let keys = enctypes::client_keys(&principals.client, &request.enctypes);
    let keys: Vec<&PrincipalKey> = keys.collect();
    let client_key = *keys.first().ok_or(RequestError::NoCommonEnctype)?;
    let preauth = PreauthRequest {
        context,
        client: &principals.client,
        keys: &keys,
        armor: request.armor,
        padata: &request.padata,
        body: &request.body,
        is_required: principals.either(PrincipalFlags::REQUIRES_PREAUTH),
    };
    let authenticated = preauth::authenticate(&preauth, random)?;
    let reply = issue::issue(
        context,
        &principals,
        request,
        client_key,
        authenticated,
        random,
    )?;
    Ok(reply)
}
