//! The header ticket of a TGS-REQ and its AP-REQ, RFC 4120 section 3.3.2.

use alloc::vec::Vec;

use orthros_asn1::{
    AdType, ApReq, AuthorizationDataEntry, CksumType, KdcOptions, KdcReqBody, Message as _, PaData,
    PaDataType, Raw,
};
use orthros_crypto::{Enctype, KeyUsage, md5};

use super::TgsRequest;
use crate::ap_req::{Author, OpenedApReq, VerifiedApReq};
use crate::authorization::contains;
use crate::context::RequestContext;
use crate::error::{PolicyError, RequestPart};
use crate::{RequestError, cammac, wire};

/// Opens the AP-REQ of a TGS-REQ; gives its bytes, too, which armor is tied to.
///
/// The replay cache is not asked: the reply is encrypted in the session key or the subkey, so that a
/// replay gives nothing to its sender, as by MIT's KDC; a client that sends its request again, as the reply was
/// lost, has to be answered, with another ticket where the first reply is not remembered any more.
pub(super) fn open(
    context: &RequestContext<'_>,
    padata: &[PaData],
) -> Result<(Vec<u8>, OpenedApReq), RequestError> {
    let ap_req = wire::find(padata, PaDataType::TGS_REQ).ok_or(RequestError::NoApReq)?;
    let decoded = ApReq::decode(ap_req)?;
    let opened = OpenedApReq::open(context, &decoded, KeyUsage::TGS_REQ_AUTHENTICATOR)?;
    Ok((ap_req.to_vec(), opened))
}

/// Refuses an AP-REQ that is not for this body, or whose ticket is for armor only.
pub(super) fn check(header: &VerifiedApReq, body: &Raw<KdcReqBody>) -> Result<(), RequestError> {
    check_body(header, body)?;
    check_armor_only(header)
}

/// Refuses a header ticket that its service may have made up. That of another than the ticket-granting service is
/// good for another one like it only, and must have this KDC's signature.
pub(super) fn check_author(
    context: &RequestContext<'_>,
    request: &TgsRequest,
) -> Result<(), RequestError> {
    let ticket = &request.header.ticket;
    if ticket.author != Author::Service {
        return Ok(());
    }
    if request.body.kdc_options.intersects(REISSUING) {
        return cammac::verify_cammac(context, ticket, RequestPart::HeaderTicket);
    }
    Err(RequestError::NotUs {
        service: ticket.service.clone(),
    })
}

/// The authenticator's checksum covers the body, RFC 4120 section 3.3.2.
fn check_body(header: &VerifiedApReq, body: &Raw<KdcReqBody>) -> Result<(), RequestError> {
    let what = RequestPart::RequestBody;
    let checksum = header.authenticator.cksum.as_ref();
    let checksum = checksum.ok_or(RequestError::InappropriateChecksum(what))?;
    let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
    let key = &header.ticket.session_key;
    // Under RC4 Heimdal's client sends an MD5 without a key, which MIT's KDC takes whatever the key is. The
    // authenticator around it is in the session key.
    let is_rc4 = key.enctype() == Enctype::ARCFOUR_HMAC;
    if is_rc4 && checksum.cksumtype == CksumType::RSA_MD5 {
        let is_same = *checksum.checksum == md5(&[body.octets()]);
        return is_same.then_some(()).ok_or(RequestError::Modified(what));
    }
    wire::verify_checksum(key, usage, body.octets(), checksum, what)
}

/// A ticket that is for use as armor only gets no other ticket, RFC 6113 section 5.4.1.1.
fn check_armor_only(header: &VerifiedApReq) -> Result<(), RequestError> {
    let of = |data: &Option<Vec<AuthorizationDataEntry>>| {
        data.as_ref()
            .is_some_and(|data| contains(data, AdType::FX_FAST_ARMOR))
    };
    let ticket = &header.ticket.part.authorization_data;
    if of(ticket) || of(&header.authenticator.authorization_data) {
        return Err(RequestError::Policy(PolicyError::ArmorOnly));
    }
    Ok(())
}

/// Options that ask for the header ticket with something changed: forwarded, proxied, renewed or validated.
const REISSUING: KdcOptions = KdcOptions::FORWARDED
    .union(KdcOptions::PROXY)
    .union(KdcOptions::RENEW)
    .union(KdcOptions::VALIDATE);
