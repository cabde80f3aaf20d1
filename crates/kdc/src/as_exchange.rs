//! The AS exchange, RFC 4120 section 3.1: from who a client says it is to a ticket.
//!
//! A request is decoded and its armor taken off ([`Asked`]); its client and service are looked up and what they may do is
//! checked ([`Parties`]); the client preauthenticates ([`preauth`]); what it gets is put together and sealed ([`issue`]).

mod issue;
mod parties;

use alloc::vec::Vec;

use orthros_asn1::{AsReq, KdcReqBody, Message as _, MethodData, Raw};
use orthros_crypto::{Enctype, RandomSource};
use orthros_types::Timestamp;

use crate::case::{Case, Declined};
use crate::preauth::{self, PreauthRequest};
use crate::{
    Answer, ExchangeKind, Kdc, PrincipalFlags, PrincipalKey, Refusal, Source, enctypes, fast,
};
use parties::Parties;

pub(crate) use parties::TGS_OPTIONS;

/// What an AS-REQ asks for, without its armor.
struct Asked<'a> {
    /// The request as it came, which the client may want proved.
    octets: &'a [u8],
    padata: MethodData,
    body: Raw<KdcReqBody>,
    /// Those that the client offers and the realm permits.
    enctypes: Vec<Enctype>,
}

/// Answers an AS-REQ.
pub(crate) fn answer(
    kdc: &Kdc,
    request: &[u8],
    source: &Source,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Answer {
    let AsReq(decoded) = match AsReq::decode(request) {
        Ok(decoded) => decoded,
        Err(error) => return Answer::none(ExchangeKind::As, error.into()),
    };
    let mut case = Case::new(kdc, source, now);
    case.note(&decoded.req_body);
    let padata = decoded.padata.unwrap_or_default();
    let result = fast::take_off_as(&case, padata, decoded.req_body)
        .map_err(Declined::from)
        .and_then(|inner| {
            case.note(&inner.body);
            case.armor = inner.armor;
            let asked = Asked {
                octets: request,
                padata: inner.padata,
                enctypes: enctypes::offered(case.policy(), inner.body.etype.iter().copied()),
                body: inner.body,
            };
            grant(&mut case, &asked, random)
        });
    case.conclude(ExchangeKind::As, result, random)
}

fn grant(
    case: &mut Case<'_>,
    asked: &Asked<'_>,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, Declined> {
    let parties = Parties::find(case, &asked.body)?;
    parties.check(case, &asked.body)?;
    let keys = enctypes::client_keys(&parties.client, &asked.enctypes);
    let keys: Vec<&PrincipalKey> = keys.collect();
    let client_key = *keys.first().ok_or(Refusal::NoCommonEnctype)?;
    let request = PreauthRequest {
        context: case,
        client: &parties.client,
        keys: &keys,
        armor: case.armor.as_ref(),
        padata: &asked.padata,
        is_required: parties.either(PrincipalFlags::REQUIRES_PREAUTH),
    };
    let authenticated = preauth::authenticate(&request, random)?;
    let reply = issue::issue(case, &parties, asked, client_key, authenticated, random)?;
    Ok(reply)
}
