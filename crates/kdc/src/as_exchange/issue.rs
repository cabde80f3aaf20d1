//! The ticket and the reply, RFC 4120 section 3.1.3.

use alloc::vec::Vec;

use orthros_asn1::{
    AsRep, EncAsRepPart, KdcOptions, KdcReqBody, KerberosTime, Message as _, MethodData,
    PaDataType, TicketFlags,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};
use orthros_types::Timestamp;

use super::AsRequest;
use super::principals::Principals;
use crate::context::RequestContext;
use crate::issued_ticket::{IssuedTicket, ReplyDetails, not_transited};
use crate::preauth::{Preauthenticated, key_info};
use crate::reply_builder::ReplyBuilder;
use crate::times::{Bounds, starttime};
use crate::{PrincipalFlags, PrincipalKey, RequestError, cammac, enctypes, wire};

/// Issues the initial ticket and builds the AS-REP around it.
pub(super) fn issue(
    context: &RequestContext<'_>,
    principals: &Principals,
    request: &AsRequest<'_>,
    client_key: &PrincipalKey,
    authenticated: Preauthenticated,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, RequestError> {
    let issued = ticket_contents(context, principals, request, authenticated.flags, random)?;
    // The ticket, in the service's key.
    let ticket_key = enctypes::ticket_key(context.policy, &principals.service)?;
    let mut part = issued.ticket_part();
    cammac::make_cammac(context, &principals.service, &mut part)?;
    let kvno = Some(ticket_key.kvno);
    let ticket = issued.ticket(&part, &ticket_key.key, kvno, random)?;
    // The reply key: the client's, or what the preauthentication made of it. Armor strengthens it in the builder.
    let key = authenticated.reply_key.derive(&client_key.key);
    let used_key = authenticated
        .reply_key
        .needs_client_key()
        .then_some(client_key);
    let padata = reply_padata(&request.body, used_key, authenticated.padata)?;
    let builder = ReplyBuilder::new(
        context,
        request.armor,
        &issued.client,
        ticket,
        padata,
        &key,
        random,
    )?;
    // What only the client can read.
    let details = ReplyDetails {
        nonce: request.body.nonce,
        key_expiration: key_expiration(principals),
        tells_addresses: true,
        encrypted_pa_data: encrypted_pa_data(request, &builder.reply_key)?,
    };
    let part = EncAsRepPart(issued.reply_part(details));
    let kvno = used_key.map(|key| key.kvno);
    let usage = KeyUsage::AS_REP_ENC_PART;
    let encrypted = wire::encrypt(&part, &builder.reply_key, kvno, usage, random)?;
    Ok(AsRep(builder.finish(encrypted)).encode()?)
}

fn ticket_contents(
    context: &RequestContext<'_>,
    principals: &Principals,
    request: &AsRequest<'_>,
    authentication: TicketFlags,
    random: &mut dyn RandomSource,
) -> Result<IssuedTicket, RequestError> {
    let body = &request.body;
    let policy = context.policy;
    let enctype = enctypes::session(&principals.service, &request.enctypes)?;
    let start = starttime(body, context.now, policy.clock_skew)?;
    let bounds = Bounds {
        policy,
        entries: [Some(&principals.client), Some(&principals.service)],
        endtime: None,
        renew_till: None,
        renewable: true,
    };
    let times = bounds.times(body, context.now.whole(), start)?;
    let mut flags = flags(principals, body.kdc_options) | authentication;
    flags.set(TicketFlags::RENEWABLE, times.renew_till.is_some());
    flags.set(TicketFlags::ENC_PA_REP, wants_enc_pa_rep(request));
    Ok(IssuedTicket {
        client: principals.client_name.clone(),
        service: principals.service_name.clone(),
        session_key: enctype.random_key(random)?,
        flags,
        times,
        transited: not_transited(),
        addresses: body.addresses.clone(),
        authorization_data: Vec::new(),
    })
}

/// The ticket flags: what was asked for and is not forbidden. What is forbidden is left out without an error, as by
/// MIT's KDC.
fn flags(principals: &Principals, options: KdcOptions) -> TicketFlags {
    let mut flags = TicketFlags::INITIAL;
    let allowed = |option, forbidden| options.contains(option) && !principals.either(forbidden);
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
    // A client or service that may not be postdated was refused before.
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
fn reply_padata(
    body: &KdcReqBody,
    key: Option<&PrincipalKey>,
    preauth: MethodData,
) -> Result<MethodData, RequestError> {
    let mut padata = MethodData::new();
    if let Some(key) = key {
        padata.extend(key_info(body, &[key])?);
    }
    padata.extend(preauth);
    Ok(padata)
}

/// When the password or the client itself expires, whichever is first.
fn key_expiration(principals: &Principals) -> Option<KerberosTime> {
    let client = &principals.client;
    let ends = [client.password_expiry, client.expiry];
    let first = ends.into_iter().flatten().min();
    first.map(|time: Timestamp| wire::kerberos_time(time))
}

fn wants_enc_pa_rep(request: &AsRequest<'_>) -> bool {
    wire::find(&request.padata, PaDataType::REQ_ENC_PA_REP).is_some()
}

/// The encrypted PA-DATA of the reply: PA-REQ-ENC-PA-REP, a checksum of the request as it came, and that FAST is
/// known here (RFC 6806 section 11, RFC 6113 section 5.4).
fn encrypted_pa_data(request: &AsRequest<'_>, reply_key: &Key) -> Result<MethodData, RequestError> {
    if !wants_enc_pa_rep(request) {
        return Ok(Vec::new());
    }
    let tag = reply_key.checksum(KeyUsage::AS_REQ_CHECKSUM, request.message);
    let checksum = wire::checksum(reply_key, &tag);
    Ok(alloc::vec![
        wire::padata(PaDataType::REQ_ENC_PA_REP, &checksum)?,
        wire::mark(PaDataType::FX_FAST),
    ])
}
