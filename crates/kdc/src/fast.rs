//! FAST: requests and replies under the armor of another ticket's key, RFC 6113 section 5.4.

use orthros_asn1::{
    ApReq, Checksum, FastArmorType, FastOptions, KdcReqBody, KrbFastArmor, KrbFastArmoredRep,
    KrbFastArmoredReq, KrbFastFinished, KrbFastReq, KrbFastResponse, Message as _, MethodData,
    PaData, PaDataType, PaFxFastReply, PaFxFastRequest, Raw, Ticket, UInt32,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};
use orthros_types::Principal;

use crate::ap_req::{Author, Presented};
use crate::case::Case;
use crate::refusal::{ArmorDefect, Checked, Refusal, Sealed};
use crate::wire;

/// The armor of a request, and so of its reply.
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
pub(crate) fn take_off_as(
    case: &Case<'_>,
    padata: MethodData,
    body: Raw<KdcReqBody>,
) -> Result<Inner, Refusal> {
    let Some(request) = armored_request(&padata)? else {
        return Ok(Inner::bare(padata, body));
    };
    let armor = request.armor.as_ref();
    let key = armor_key(case, armor.ok_or(Refusal::Armor(ArmorDefect::Missing))?)?;
    Inner::open(&request, key, body.octets())
}

/// Takes the armor off a TGS-REQ that has any. Its key comes of the subkey that the request is presented with; `ap_req` is that.
pub(crate) fn take_off_tgs(
    presented: &Presented,
    ap_req: &[u8],
    padata: MethodData,
    body: Raw<KdcReqBody>,
) -> Result<Inner, Refusal> {
    let Some(request) = armored_request(&padata)? else {
        return Ok(Inner::bare(padata, body));
    };
    if request.armor.is_some() {
        return Err(Refusal::Armor(ArmorDefect::ExplicitInTgs));
    }
    let key = presented_armor_key(presented)?;
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

    fn open(request: &KrbFastArmoredReq, key: Key, covered: &[u8]) -> Result<Self, Refusal> {
        let plaintext = key
            .decrypt(KeyUsage::FAST_ENC, &request.enc_fast_req.cipher)
            .map_err(|_| Refusal::Integrity(Sealed::ArmoredRequest))?;
        verify(
            &key,
            KeyUsage::FAST_REQ_CHECKSUM,
            covered,
            &request.req_checksum,
            Checked::ArmoredRequest,
        )?;
        let inner = KrbFastReq::decode(&plaintext)?;
        if inner.fast_options.bits() & CRITICAL & !FastOptions::HIDE_CLIENT_NAMES.bits() != 0 {
            return Err(Refusal::CriticalFastOptions);
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
    ) -> Result<PaData, Refusal> {
        self.respond(padata, None, None, random)
    }

    /// Puts the elements of a reply under the armor, ties it to its ticket, and strengthens the reply key.
    pub(crate) fn finish(
        &self,
        padata: MethodData,
        case: &Case<'_>,
        client: &Principal,
        ticket: &Raw<Ticket>,
        reply_key: &Key,
        random: &mut dyn RandomSource,
    ) -> Result<(PaData, Key), Refusal> {
        let strengthen_key = reply_key.enctype().random_key(random)?;
        let tag = self.key.checksum(KeyUsage::FAST_FINISHED, ticket.octets());
        let finished = KrbFastFinished {
            timestamp: wire::kerberos_time(case.now),
            usec: wire::microseconds(case.now),
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
    ) -> Result<PaData, Refusal> {
        let response = KrbFastResponse {
            padata,
            strengthen_key: strengthen_key.map(wire::encryption_key),
            finished,
            nonce: self.nonce,
        };
        let reply = PaFxFastReply::ArmoredData(KrbFastArmoredRep {
            enc_fast_rep: wire::seal(&response, &self.key, None, KeyUsage::FAST_REP, random)?,
        });
        wire::padata(PaDataType::FX_FAST, &reply)
    }
}

fn armored_request(padata: &[PaData]) -> Result<Option<KrbFastArmoredReq>, Refusal> {
    let Some(octets) = wire::find(padata, PaDataType::FX_FAST) else {
        return Ok(None);
    };
    let PaFxFastRequest::ArmoredData(request) = PaFxFastRequest::decode(octets)?;
    Ok(Some(request))
}

/// The key of an AP-REQ that serves as armor, RFC 6113 section 5.4.1.1.
fn armor_key(case: &Case<'_>, armor: &KrbFastArmor) -> Result<Key, Refusal> {
    if armor.armor_type != FastArmorType::AP_REQUEST {
        return Err(Refusal::Armor(ArmorDefect::Type));
    }
    let ap_req = ApReq::decode(&armor.armor_value)?;
    // The client of the armor is not the one that asks.
    let mut apart = Case::new(case.kdc, case.source, case.now);
    let presented = Presented::open(&mut apart, &ap_req, KeyUsage::AP_REQ_AUTHENTICATOR);
    let presented = presented.map_err(of_armor)?;
    presented.ticket.check_valid()?;
    if presented.ticket.author == Author::Service {
        return Err(Refusal::Armor(ArmorDefect::NotTicketGranting));
    }
    presented_armor_key(&presented)
}

/// A refusal of the armor's client or service, which is not to be taken for one of the request's.
fn of_armor(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::ClientUnknown
        | Refusal::ClientExpired
        | Refusal::ClientNotYet
        | Refusal::ClientLocked
        | Refusal::TicketService { .. }
        | Refusal::Trust { .. } => Refusal::Armor(ArmorDefect::Principal),
        other => other,
    }
}

fn presented_armor_key(presented: &Presented) -> Result<Key, Refusal> {
    let subkey = presented.subkey.as_ref();
    let subkey = subkey.ok_or(Refusal::Armor(ArmorDefect::NoSubkey))?;
    Ok(subkey.fx_cf2(
        b"subkeyarmor",
        &presented.ticket.session_key,
        b"ticketarmor",
    ))
}

/// Whether a checksum is the required one of `key`, and matches.
pub(crate) fn verify(
    key: &Key,
    usage: KeyUsage,
    data: &[u8],
    checksum: &Checksum,
    what: Checked,
) -> Result<(), Refusal> {
    if checksum.cksumtype.0 != key.enctype().checksum_type().number() {
        return Err(Refusal::InappropriateChecksum(what));
    }
    key.verify_checksum(usage, data, &checksum.checksum)
        .map_err(|_| Refusal::Modified(what))
}

/// FAST options that a KDC must know, or refuse the request: the first 16.
const CRITICAL: u32 = 0xFFFF_0000;
