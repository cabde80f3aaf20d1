//! The TGS exchange, RFC 4120 section 3.3: from a ticket to another one.
//!
//! A request is decoded, its header ticket is opened and its armor taken off ([`TgsRequest`]); a header ticket that
//! its service could have made up is refused; the service is found ([`Server`]) and the client of the new ticket
//! ([`Client`]); options and policy are checked ([`rules`]); ticket and reply are put together and encrypted
//! ([`issue`]).

mod client;
mod delegation;
mod header;
mod issue;
mod rules;
mod server;
mod user;

use alloc::vec::Vec;

use orthros_asn1::{KdcReqBody, Message as _, MethodData, Raw, TgsReq};
use orthros_crypto::{Enctype, RandomSource};
use orthros_types::Principal;

use crate::ap_req::VerifiedApReq;
use crate::context::RequestContext;
use crate::error_reply::{ErrorReply, KnownRequest, service};
use crate::{Answer, ExchangeKind, RequestError, enctypes, fast};
use client::Client;
use server::Server;

/// A TGS-REQ, out of its armor.
struct TgsRequest {
    /// The AP-REQ: the sender knows the session key of the header ticket, and wrote the body of the request.
    header: VerifiedApReq,
    /// The client that the header ticket names.
    client: Principal,
    padata: MethodData,
    body: Raw<KdcReqBody>,
    /// The enctypes that the client offers and the realm permits.
    enctypes: Vec<Enctype>,
}

/// Answers a TGS-REQ.
pub(crate) fn answer(
    context: &RequestContext<'_>,
    message: &[u8],
    random: &mut dyn RandomSource,
) -> Answer {
    let TgsReq(decoded) = match TgsReq::decode(message) {
        Ok(decoded) => decoded,
        Err(error) => return Answer::none(ExchangeKind::Tgs, error.into()),
    };
    let padata = decoded.padata.unwrap_or_default();
    let mut known = KnownRequest::default();
    let result = issue_ticket(context, padata, decoded.req_body, &mut known, random);
    known.answer(
        context,
        ExchangeKind::Tgs,
        result.map_err(ErrorReply::from),
        random,
    )
}

/// The reply. What an error is to name is put into `known` as soon as it is.
fn issue_ticket(
    context: &RequestContext<'_>,
    padata: MethodData,
    body: Raw<KdcReqBody>,
    known: &mut KnownRequest,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, RequestError> {
    known.service = service(&body);
    // The sender has the session key: what the header ticket says of the client is true of it.
    let (ap_req, opened) = header::open(context, &padata)?;
    let client = opened.ticket.client();
    known.client = Some(client.clone());
    let header = opened.verify_principals(context)?;
    header::check(&header, &body)?;
    // What stands under the armor takes the place of what stands outside.
    let inner = fast::unarmor_tgs(&header, &ap_req, padata, body)?;
    known.armor = inner.armor;
    known.service = service(&inner.body);
    let request = TgsRequest {
        header,
        client,
        padata: inner.padata,
        enctypes: enctypes::offered(context.policy, inner.body.etype.iter().copied()),
        body: inner.body,
    };
    header::check_author(context, &request)?;
    let (name, additional) = server::name(context, &request, known.service.as_ref())?;
    known.service = Some(name.clone());
    let server = Server::find(context, &request, name)?;
    let client = Client::find(context, &request, additional)?;
    rules::check(context, &request, &server, &client)?;
    let armor = known.armor.as_ref();
    issue::issue(context, &request, &server, &client, armor, random)
}

impl TgsRequest {
    /// The realm whose KDC made the header ticket.
    fn issuer(&self) -> &[u8] {
        self.header.ticket.entry.principal.realm()
    }
}
