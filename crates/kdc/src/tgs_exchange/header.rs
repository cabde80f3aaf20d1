//! What a TGS-REQ shows: a ticket, and that its session key is known.

use orthros_asn1::{
    AdType, ApReq, AuthorizationDataEntry, KdcOptions, KdcReqBody, Message as _, PaData,
    PaDataType, Raw,
};
use orthros_crypto::KeyUsage;
use orthros_types::Principal;

use crate::ap_req::{Author, Presented};
use crate::authorization::contains;
use crate::case::Case;
use crate::refusal::{Checked, PolicyBreach};
use crate::{Refusal, fast, signature, wire};

/// The AP-REQ of a TGS-REQ, opened: the sender knows the ticket's session key, and wrote the body of the request.
pub(super) struct Header {
    pub(super) presented: Presented,
    /// The client that the ticket names.
    pub(super) client: Principal,
    /// The AP-REQ as it came, which armor is tied to.
    pub(super) ap_req: alloc::vec::Vec<u8>,
}

impl Header {
    /// Opens it. Whether it was presented before is not asked: its reply is sealed in the session key or the subkey, so that a
    /// replay gives nothing to whoever sends it, as by MIT's KDC; a client that sends its request again, as the reply was lost,
    /// has to be answered, with another ticket where the first reply is not remembered any more.
    pub(super) fn open(
        case: &mut Case<'_>,
        padata: &[PaData],
        body: &Raw<KdcReqBody>,
    ) -> Result<Self, Refusal> {
        let octets = wire::find(padata, PaDataType::TGS_REQ).ok_or(Refusal::NoApReq)?;
        let ap_req = ApReq::decode(octets)?;
        let presented = Presented::open(case, &ap_req, KeyUsage::TGS_REQ_AUTHENTICATOR)?;
        check_body(&presented, body)?;
        check_armor_only(&presented)?;
        Ok(Self {
            client: presented.ticket.client(),
            presented,
            ap_req: octets.to_vec(),
        })
    }

    /// The realm whose KDC made the ticket.
    pub(super) fn issuer(&self) -> &[u8] {
        self.presented.ticket.entry.principal.realm()
    }

    /// Refuses a ticket that its service may have made up. That of another than the ticket-granting service can be shown for
    /// another one like it only, and must have this KDC's signature.
    pub(super) fn check_author(&self, case: &Case<'_>, options: KdcOptions) -> Result<(), Refusal> {
        let ticket = &self.presented.ticket;
        if ticket.author != Author::Service {
            return Ok(());
        }
        if options.intersects(REISSUING) {
            return signature::verify(case, ticket, Checked::HeaderTicket);
        }
        Err(Refusal::NotUs {
            service: ticket.service.clone(),
        })
    }
}

/// The authenticator's checksum covers the body, RFC 4120 section 3.3.2.
fn check_body(presented: &Presented, body: &Raw<KdcReqBody>) -> Result<(), Refusal> {
    let what = Checked::RequestBody;
    let checksum = presented.authenticator.cksum.as_ref();
    let checksum = checksum.ok_or(Refusal::InappropriateChecksum(what))?;
    let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
    let key = &presented.ticket.session_key;
    fast::verify(key, usage, body.octets(), checksum, what)
}

/// A ticket that is for use as armor only gets no other ticket, RFC 6113 section 5.4.1.1.
fn check_armor_only(presented: &Presented) -> Result<(), Refusal> {
    let of = |data: &Option<alloc::vec::Vec<AuthorizationDataEntry>>| {
        data.as_ref()
            .is_some_and(|data| contains(data, AdType::FX_FAST_ARMOR))
    };
    let ticket = &presented.ticket.part.authorization_data;
    if of(ticket) || of(&presented.authenticator.authorization_data) {
        return Err(Refusal::Policy(PolicyBreach::ArmorOnly));
    }
    Ok(())
}

/// Options that ask for the ticket which is shown, with something changed.
const REISSUING: KdcOptions = KdcOptions::FORWARDED
    .union(KdcOptions::PROXY)
    .union(KdcOptions::RENEW)
    .union(KdcOptions::VALIDATE);
