//! FAST: requests and replies under the armor of another ticket's key, RFC 6113 section 5.4.

use orthros_asn1::{
    ApReq, FastArmorType, FastOptions, KdcReqBody, KrbFastArmor, KrbFastArmoredRep,
    KrbFastArmoredReq, KrbFastFinished, KrbFastReq, KrbFastResponse, Message as _, MethodData,
    PaData, PaDataType, PaFxFastReply, PaFxFastRequest, Raw, Ticket, UInt32,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};
use orthros_types::Principal;

use crate::ap_req::{Author, OpenedApReq, VerifiedApReq};
use crate::context::RequestContext;
use crate::error::{ArmorError, RequestError, RequestPart};
use crate::wire;

/// The armor of a request, and so of its reply: the armor key and what the request says of the reply.
#[derive(Debug)]
pub(crate) struct Armor {
    pub(crate) key: Key,
    options: FastOptions,
    nonce: UInt32,
}

/// What a request says under its armor, or without any.
pub(crate) struct Inner {
    pub(crate) padata: MethodData,
    pub(crate) body: Raw<KdcReqBody>,
    pub(crate) armor: Option<Armor>,
}

/// Takes the armor off an AS-REQ that has any. It must be an AP-REQ with a subkey, for the ticket-granting service.
pub(crate) fn unarmor_as(
    context: &RequestContext<'_>,
    padata: MethodData,
    body: Raw<KdcReqBody>,
) -> Result<Inner, RequestError> {
    let Some(request) = armored_request(&padata)? else {
        return Ok(Inner::bare(padata, body));
    };
    let armor = request.armor.as_ref();
    let key = armor_key(
        context,
        armor.ok_or(RequestError::Armor(ArmorError::Missing))?,
    )?;
    Inner::open(&request, key, body.octets())
}

/// Takes the armor off a TGS-REQ that has any. The armor key is made of the subkey in the
/// AP-REQ of its header ticket; `ap_req` is that as it came.
pub(crate) fn unarmor_tgs(
    header: &VerifiedApReq,
    ap_req: &[u8],
    padata: MethodData,
    body: Raw<KdcReqBody>,
) -> Result<Inner, RequestError> {
    let Some(request) = armored_request(&padata)? else {
        return Ok(Inner::bare(padata, body));
    };
    if request.armor.is_some() {
        return Err(RequestError::Armor(ArmorError::ExplicitInTgs));
    }
    let key = ap_req_armor_key(header)?;
    Inner::open(&request, key, ap_req)
}

impl Inner {
    const fn bare(padata: MethodData, body: Raw<KdcReqBody>) -> Self {
        Self {
            padata,
            body,
            armor: None,
        }
    }

    fn open(request: &KrbFastArmoredReq, key: Key, covered: &[u8]) -> Result<Self, RequestError> {
        let plaintext = key
            .decrypt(KeyUsage::FAST_ENC, &request.enc_fast_req.cipher)
            .map_err(|_| RequestError::Integrity(RequestPart::ArmoredRequest))?;
        wire::verify_checksum(
            &key,
            KeyUsage::FAST_REQ_CHECKSUM,
            covered,
            &request.req_checksum,
            RequestPart::ArmoredRequest,
        )?;
        let inner = KrbFastReq::decode(&plaintext)?;
        if inner.fast_options.bits() & CRITICAL & !FastOptions::HIDE_CLIENT_NAMES.bits() != 0 {
            return Err(RequestError::CriticalFastOptions);
        }
        Ok(Self {
            armor: Some(Armor {
                key,
                options: inner.fast_options,
                nonce: inner.req_body.nonce,
            }),
            padata: inner.padata,
            body: inner.req_body,
        })
    }
}

impl Armor {
    /// Whether the client's name is not to be told outside of the armor.
    pub(crate) const fn hides_client(&self) -> bool {
        self.options.contains(FastOptions::HIDE_CLIENT_NAMES)
    }

    /// Puts the elements of an error under the armor.
    pub(crate) fn protect(
        &self,
        padata: MethodData,
        random: &mut dyn RandomSource,
    ) -> Result<PaData, RequestError> {
        self.respond(padata, None, None, random)
    }

    /// Puts the elements of a reply under the armor, ties it to its ticket, and strengthens the reply key.
    pub(crate) fn finish(
        &self,
        padata: MethodData,
        context: &RequestContext<'_>,
        client: &Principal,
        ticket: &Raw<Ticket>,
        reply_key: &Key,
        random: &mut dyn RandomSource,
    ) -> Result<(PaData, Key), RequestError> {
        let strengthen_key = reply_key.enctype().random_key(random)?;
        let tag = self.key.checksum(KeyUsage::FAST_FINISHED, ticket.octets());
        let finished = KrbFastFinished {
            timestamp: wire::kerberos_time(context.now),
            usec: wire::microseconds(context.now),
            crealm: client.to_realm(),
            cname: client.to_principal_name(),
            ticket_checksum: wire::checksum(&self.key, &tag),
        };
        let strengthened = strengthen_key.fx_cf2(b"strengthenkey", reply_key, b"replykey");
        let padata = self.respond(padata, Some(&strengthen_key), Some(finished), random)?;
        Ok((padata, strengthened))
    }

    fn respond(
        &self,
        padata: MethodData,
        strengthen_key: Option<&Key>,
        finished: Option<KrbFastFinished>,
        random: &mut dyn RandomSource,
    ) -> Result<PaData, RequestError> {
        let response = KrbFastResponse {
            padata,
            strengthen_key: strengthen_key.map(wire::encryption_key),
            finished,
            nonce: self.nonce,
        };
        let reply = PaFxFastReply::ArmoredData(KrbFastArmoredRep {
            enc_fast_rep: wire::encrypt(&response, &self.key, None, KeyUsage::FAST_REP, random)?,
        });
        wire::padata(PaDataType::FX_FAST, &reply)
    }
}

fn armored_request(padata: &[PaData]) -> Result<Option<KrbFastArmoredReq>, RequestError> {
    let Some(bytes) = wire::find(padata, PaDataType::FX_FAST) else {
        return Ok(None);
    };
    let PaFxFastRequest::ArmoredData(request) = PaFxFastRequest::decode(bytes)?;
    Ok(Some(request))
}

/// The armor key of an AP-REQ that serves as armor, RFC 6113 section 5.4.1.1.
fn armor_key(context: &RequestContext<'_>, armor: &KrbFastArmor) -> Result<Key, RequestError> {
    if armor.armor_type != FastArmorType::AP_REQUEST {
        return Err(RequestError::Armor(ArmorError::Type));
    }
    let ap_req = ApReq::decode(&armor.armor_value)?;
    // The client of the armor ticket is another one than that of the request, as a rule.
    let verified = OpenedApReq::open(context, &ap_req, KeyUsage::AP_REQ_AUTHENTICATOR)
        .and_then(|opened| opened.verify_principals(context))
        .map_err(of_armor)?;
    verified.ticket.check_valid()?;
    if verified.ticket.author == Author::Service {
        return Err(RequestError::Armor(ArmorError::NotTicketGranting));
    }
    ap_req_armor_key(&verified)
}

/// A refusal of the armor's client or service, which is not to be taken for one of the request's.
fn of_armor(error: RequestError) -> RequestError {
    match error {
        RequestError::ClientUnknown
        | RequestError::ClientExpired
        | RequestError::ClientNotYet
        | RequestError::ClientLocked
        | RequestError::TicketService { .. }
        | RequestError::Trust { .. } => RequestError::Armor(ArmorError::Principal),
        other => other,
    }
}

fn ap_req_armor_key(ap_req: &VerifiedApReq) -> Result<Key, RequestError> {
    let subkey = ap_req.subkey.as_ref();
    let subkey = subkey.ok_or(RequestError::Armor(ArmorError::NoSubkey))?;
    Ok(subkey.fx_cf2(b"subkeyarmor", &ap_req.ticket.session_key, b"ticketarmor"))
}

/// FAST options that a KDC must know, or refuse the request: the first 16.
const CRITICAL: u32 = 0xFFFF_0000;

/// The client's name where it is not told, RFC 8062 section 3.
pub(crate) fn anonymous() -> Principal {
    Principal::new("WELLKNOWN:ANONYMOUS", ["WELLKNOWN", "ANONYMOUS"])
}
