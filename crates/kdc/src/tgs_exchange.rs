//! The TGS exchange, RFC 4120 section 3.3: from a ticket to another one.
//!
//! A request is decoded and what it shows is opened ([`Header`]), its armor is taken off ([`Asked`]); a ticket that its service
//! could have made up is refused; the service is found ([`Target`]) and for whom the ticket is to be ([`Subject`]); options and policy are checked ([`rules`]); what is granted is put
//! together and sealed ([`issue`]).

mod header;
mod issue;
mod rules;
mod subject;
mod target;
mod user;

use alloc::vec::Vec;

use orthros_asn1::{KdcReqBody, Message as _, MethodData, Raw, TgsReq};
use orthros_crypto::{Enctype, RandomSource};
use orthros_types::Timestamp;

use crate::case::{Case, Declined};
use crate::{Answer, ExchangeKind, Kdc, Refusal, Source, enctypes, fast};
use header::Header;
use subject::Subject;
use target::Target;

/// What a TGS-REQ asks for, without its armor, and what it shows.
struct Asked {
    header: Header,
    padata: MethodData,
    body: Raw<KdcReqBody>,
    /// Those that the client offers and the realm permits.
    enctypes: Vec<Enctype>,
}

/// Answers a TGS-REQ.
pub(crate) fn answer(
    kdc: &Kdc,
    request: &[u8],
    source: &Source,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Answer {
    let TgsReq(decoded) = match TgsReq::decode(request) {
        Ok(decoded) => decoded,
        Err(error) => return Answer::none(ExchangeKind::Tgs, error.into()),
    };
    let mut case = Case::new(kdc, source, now);
    case.note(&decoded.req_body);
    case.client = None;
    let padata = decoded.padata.unwrap_or_default();
    let result = open(&mut case, padata, decoded.req_body)
        .and_then(|asked| grant(&mut case, &asked, random))
        .map_err(Declined::from);
    case.conclude(ExchangeKind::Tgs, result, random)
}

/// Opens what the request shows, and its armor.
fn open(case: &mut Case<'_>, padata: MethodData, body: Raw<KdcReqBody>) -> Result<Asked, Refusal> {
    let header = Header::open(case, &padata, &body)?;
    let inner = fast::take_off_tgs(&header.presented, &header.ap_req, padata, body)?;
    case.armor = inner.armor;
    case.note_service(&inner.body);
    Ok(Asked {
        header,
        padata: inner.padata,
        enctypes: enctypes::offered(case.policy(), inner.body.etype.iter().copied()),
        body: inner.body,
    })
}

fn grant(
    case: &mut Case<'_>,
    asked: &Asked,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, Refusal> {
    asked.header.check_author(case, asked.body.kdc_options)?;
    let (target, additional) = Target::find(case, asked)?;
    let subject = Subject::find(case, asked, additional)?;
    rules::check(case, asked, &target, &subject)?;
    issue::issue(case, asked, &target, &subject, random)
}
