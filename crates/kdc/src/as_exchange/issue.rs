//! The ticket and the reply, RFC 4120 section 3.1.3.

use alloc::vec::Vec;

use orthros_asn1::{
    AsRep, EncAsRepPart, EtypeInfo2, KdcOptions, KerberosTime, Message as _, MethodData,
    PaDataType, TicketFlags,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};
use orthros_types::Timestamp;

use super::Asked;
use super::parties::Parties;
use crate::case::Case;
use crate::grant::{Draft, Grant, ReplyDetails, not_transited};
use crate::preauth::{Preauthenticated, etype_info};
use crate::times::{Bounds, starttime};
use crate::{PrincipalFlags, PrincipalKey, Refusal, enctypes, signature, wire};

/// Puts together what the client gets.
pub(super) fn issue(
    case: &Case<'_>,
    parties: &Parties,
    asked: &Asked<'_>,
    client_key: &PrincipalKey,
    authenticated: Preauthenticated,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, Refusal> {
    let grant = grant(case, parties, asked, authenticated.flags, random)?;
    let ticket_key = enctypes::ticket_key(case.policy(), &parties.service)?;
    let mut part = grant.ticket_part();
    signature::sign(case, &parties.service, &mut part)?;
    let kvno = Some(ticket_key.kvno);
    let ticket = grant.ticket(&part, &ticket_key.key, kvno, random)?;
    let key = authenticated.reply_key.derive(&client_key.key);
    let used_key = authenticated
        .reply_key
        .needs_client_key()
        .then_some(client_key);
    let padata = reply_padata(used_key, authenticated.padata)?;
    let draft = Draft::new(case, &grant.client, ticket, padata, &key, random)?;
    let details = ReplyDetails {
        nonce: asked.body.nonce,
        key_expiration: key_expiration(parties),
        tells_addresses: true,
        encrypted_pa_data: encrypted_pa_data(asked, &draft.reply_key)?,
    };
    let part = EncAsRepPart(grant.reply_part(details));
    let kvno = used_key.map(|key| key.kvno);
    let usage = KeyUsage::AS_REP_ENC_PART;
    let sealed = wire::seal(&part, &draft.reply_key, kvno, usage, random)?;
    Ok(AsRep(draft.finish(sealed)).encode()?)
}

fn grant(
    case: &Case<'_>,
    parties: &Parties,
    asked: &Asked<'_>,
    authentication: TicketFlags,
    random: &mut dyn RandomSource,
) -> Result<Grant, Refusal> {
    let body = &asked.body;
    let policy = case.policy();
    let enctype = enctypes::session(&parties.service, &asked.enctypes)?;
    let start = starttime(body, case.now, policy.clock_skew)?;
    let bounds = Bounds {
        policy,
        entries: [Some(&parties.client), Some(&parties.service)],
        endtime: None,
        renew_till: None,
        renewable: true,
    };
    let times = bounds.times(body, case.now.whole(), start)?;
    let mut flags = flags(parties, body.kdc_options) | authentication;
    flags.set(TicketFlags::RENEWABLE, times.renew_till.is_some());
    flags.set(TicketFlags::ENC_PA_REP, wants_proof(asked));
    Ok(Grant {
        client: parties.client_name.clone(),
        service: parties.service_name.clone(),
        session_key: enctype.random_key(random)?,
        flags,
        times,
        transited: not_transited(),
        addresses: body.addresses.clone(),
        authorization_data: Vec::new(),
    })
}

/// What was asked for and is not forbidden. What is forbidden is left out without an error, as MIT does.
fn flags(parties: &Parties, options: KdcOptions) -> TicketFlags {
    let mut flags = TicketFlags::INITIAL;
    let allowed = |option, forbidden| options.contains(option) && !parties.either(forbidden);
    flags.set(
        TicketFlags::FORWARDABLE,
        allowed(
            KdcOptions::FORWARDABLE,
            PrincipalFlags::DISALLOW_FORWARDABLE,
        ),
    );
    flags.set(
        TicketFlags::PROXIABLE,
        allowed(KdcOptions::PROXIABLE, PrincipalFlags::DISALLOW_PROXIABLE),
    );
    // Whoever may not be postdated was refused before.
    flags.set(
        TicketFlags::MAY_POSTDATE,
        options.contains(KdcOptions::ALLOW_POSTDATE),
    );
    flags.set(
        TicketFlags::POSTDATED | TicketFlags::INVALID,
        options.contains(KdcOptions::POSTDATED),
    );
    flags
}

/// Which of the client's keys the reply key was made of, if any was, and the KDC's part of the preauthentication.
fn reply_padata(key: Option<&PrincipalKey>, preauth: MethodData) -> Result<MethodData, Refusal> {
    let mut padata = MethodData::new();
    if let Some(key) = key {
        let info: EtypeInfo2 = alloc::vec![etype_info(key)];
        padata.push(wire::padata(PaDataType::ETYPE_INFO2, &info)?);
    }
    padata.extend(preauth);
    Ok(padata)
}

/// When the password or the client itself expires, whichever is first.
fn key_expiration(parties: &Parties) -> Option<KerberosTime> {
    let client = &parties.client;
    let ends = [client.password_expiry, client.expiry];
    let first = ends.into_iter().flatten().min();
    first.map(|time: Timestamp| wire::kerberos_time(time))
}

fn wants_proof(asked: &Asked<'_>) -> bool {
    wire::find(&asked.padata, PaDataType::REQ_ENC_PA_REP).is_some()
}

/// The proof that the request came as it was sent, and that FAST is known here (RFC 6806 section 11, RFC 6113 section 5.4).
fn encrypted_pa_data(asked: &Asked<'_>, reply_key: &Key) -> Result<MethodData, Refusal> {
    if !wants_proof(asked) {
        return Ok(Vec::new());
    }
    let tag = reply_key.checksum(KeyUsage::AS_REQ_CHECKSUM, asked.octets);
    let checksum = wire::checksum(reply_key, &tag);
    Ok(alloc::vec![
        wire::padata(PaDataType::REQ_ENC_PA_REP, &checksum)?,
        wire::mark(PaDataType::FX_FAST),
    ])
}
