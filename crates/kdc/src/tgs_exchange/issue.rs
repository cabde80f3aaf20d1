//! The ticket and the reply, RFC 4120 section 3.3.3.

use alloc::vec::Vec;

use orthros_asn1::{
    AuthorizationData, EncTgsRepPart, KdcOptions, Message as _, Raw, TgsRep, Ticket, TicketFlags,
    TransitedEncoding,
};
use orthros_crypto::{Enctype, KeyUsage, RandomSource};

use super::client::{Client, ClientKind};
use super::server::Server;
use super::{TgsRequest, delegation};
use crate::ap_req::Author;
use crate::context::RequestContext;
use crate::fast::Armor;
use crate::issued_ticket::{IssuedTicket, ReplyDetails};
use crate::reply_builder::ReplyBuilder;
use crate::times::{Bounds, Times, starttime};
use crate::{PrincipalFlags, RequestError, authorization, cammac, enctypes, transited, wire};

/// Issues the ticket and builds the TGS-REP around it.
pub(super) fn issue(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    server: &Server,
    client: &Client,
    armor: Option<&Armor>,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, RequestError> {
    let issued = ticket_contents(context, request, server, client, random)?;
    let ticket = encrypt_ticket(context, &issued, server, client, random)?;
    let (mut padata, mut encrypted_pa_data) = (Vec::new(), Vec::new());
    if let ClientKind::Impersonated(user) = &client.kind
        && let Some(reply) = user.reply(request)?
    {
        padata.push(reply.padata);
        encrypted_pa_data.extend(reply.encrypted);
    }
    let key = request.header.reply_key();
    let builder = ReplyBuilder::new(context, armor, &issued.client, ticket, padata, key, random)?;
    let part = EncTgsRepPart(issued.reply_part(ReplyDetails {
        nonce: request.body.nonce,
        key_expiration: None,
        tells_addresses: has_new_addresses(request.body.kdc_options),
        encrypted_pa_data,
    }));
    let usage = reply_usage(request);
    let encrypted = wire::encrypt(&part, &builder.reply_key, None, usage, random)?;
    Ok(TgsRep(builder.finish(encrypted)).encode()?)
}

fn ticket_contents(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    server: &Server,
    client: &Client,
    random: &mut dyn RandomSource,
) -> Result<IssuedTicket, RequestError> {
    let options = request.body.kdc_options;
    let times = times(context, request, server, client)?;
    let transited = transited_realms(context, request, client)?;
    let mut flags = flags(request, server, client);
    if !options.intersects(SAME_TICKET) {
        flags.set(TicketFlags::RENEWABLE, times.renew_till.is_some());
    }
    if is_path_accepted(context, request, client, &transited)? {
        flags |= TicketFlags::TRANSITED_POLICY_CHECKED;
    }
    let header_ticket = &request.header.ticket.part;
    let addresses = if has_new_addresses(options) {
        request.body.addresses.clone()
    } else {
        header_ticket.caddr.clone()
    };
    Ok(IssuedTicket {
        client: client.client.clone(),
        service: server.name.clone(),
        session_key: session_enctype(request, server, client)?.random_key(random)?,
        flags,
        times,
        transited,
        addresses,
        authorization_data: authorization_data(request, client)?,
    })
}

/// The ticket, in the key of the service, or in the session key of its own ticket-granting ticket.
fn encrypt_ticket(
    context: &RequestContext<'_>,
    issued: &IssuedTicket,
    server: &Server,
    client: &Client,
    random: &mut dyn RandomSource,
) -> Result<Raw<Ticket>, RequestError> {
    let mut part = issued.ticket_part();
    if let ClientKind::UserToUser(additional) = &client.kind {
        return issued.ticket(&part, &additional.session_key, None, random);
    }
    let service = &server.entry;
    cammac::make_cammac(context, service, &mut part)?;
    let key = enctypes::ticket_key(context.policy, service)?;
    issued.ticket(&part, &key.key, Some(key.kvno), random)
}

fn session_enctype(
    request: &TgsRequest,
    server: &Server,
    client: &Client,
) -> Result<Enctype, RequestError> {
    if let ClientKind::UserToUser(additional) = &client.kind {
        // The one that the service is sure to know: it can read its own ticket's session key.
        let known = additional.session_key.enctype();
        if request.enctypes.contains(&known) {
            return Ok(known);
        }
    }
    enctypes::session(&server.entry, &request.enctypes)
}

/// The ticket flags: what was asked for, as far as the header ticket has it and neither client nor service forbids it.
fn flags(request: &TgsRequest, server: &Server, client: &Client) -> TicketFlags {
    let options = request.body.kdc_options;
    let header_flags = request.header.ticket.part.flags;
    let forbids = |flag| {
        let client = client.entry.as_ref();
        server.entry.flags.contains(flag) || client.is_some_and(|c| c.flags.contains(flag))
    };
    if options.intersects(SAME_TICKET) {
        // They were allowed when the ticket was issued first; something may have been forbidden since.
        let forbidden = ASKED_FLAGS.iter().filter(|(.., by)| forbids(*by));
        let forbidden = forbidden.fold(TicketFlags::INVALID, |all, (_, flag, _)| all | *flag);
        return header_flags.difference(forbidden);
    }
    let mut flags = (header_flags & INHERITED) | client.authenticated(request);
    for (option, flag, forbidden) in ASKED_FLAGS {
        let allowed = header_flags.contains(flag) && !forbids(forbidden);
        flags.set(flag, options.contains(option) && allowed);
    }
    let is_trusted = delegation::may_pass_on_all_users(&server.entry);
    let is_proved = match &client.kind {
        ClientKind::Impersonated(_) => false,
        ClientKind::Delegated { evidence, .. } => delegation::is_target(evidence, server),
        _ => true,
    };
    if !is_proved && !is_trusted {
        flags.remove(TicketFlags::FORWARDABLE);
    }
    if options.contains(KdcOptions::FORWARDED) {
        flags |= TicketFlags::FORWARDED;
    }
    if options.contains(KdcOptions::PROXY) {
        flags |= TicketFlags::PROXY;
    }
    if options.contains(KdcOptions::POSTDATED) {
        flags |= TicketFlags::POSTDATED | TicketFlags::INVALID;
    }
    let delegate = server.entry.flags.contains(PrincipalFlags::OK_AS_DELEGATE);
    flags.set(TicketFlags::OK_AS_DELEGATE, delegate);
    flags
}

fn times(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    server: &Server,
    client: &Client,
) -> Result<Times, RequestError> {
    let body = &request.body;
    let header_ticket = &request.header.ticket;
    let authenticated = client.evidence().unwrap_or(header_ticket);
    // Nothing outlives the tickets that it comes of.
    let tickets = [header_ticket, authenticated];
    let renew_tills = tickets.iter().filter_map(|ticket| ticket.part.renew_till);
    let renew_till = renew_tills.map(wire::timestamp).min();
    let authtime = match header_ticket.author {
        // What this KDC has not signed can't say that the client will be authenticated.
        Author::OtherRealm => wire::timestamp(authenticated.part.authtime).min(context.now.whole()),
        Author::ThisKdc | Author::Service => wire::timestamp(authenticated.part.authtime),
    };
    // A validated ticket is the same ticket, and a renewed one as long again; any other is as long as is asked for
    // and allowed.
    if body.kdc_options.contains(KdcOptions::VALIDATE) {
        return Ok(Times {
            authtime,
            starttime: header_ticket.starttime(),
            endtime: header_ticket.endtime(),
            renew_till,
        });
    }
    let bounds = Bounds {
        policy: context.policy,
        entries: [client.entry.as_deref(), Some(&server.entry)],
        endtime: Some(header_ticket.endtime().min(authenticated.endtime())),
        renewable: tickets
            .iter()
            .all(|ticket| ticket.part.flags.contains(TicketFlags::RENEWABLE)),
        renew_till,
    };
    if body.kdc_options.contains(KdcOptions::RENEW) {
        // As long as before, but for what was made shorter since.
        let life = header_ticket.endtime().since(header_ticket.starttime());
        let life = life.min(bounds.longest_life());
        let starttime = context.now.whole();
        let endtime = starttime.saturating_add(life);
        return Ok(Times {
            authtime,
            starttime,
            endtime: renew_till.map_or(endtime, |till| till.min(endtime)),
            renew_till,
        });
    }
    let start = starttime(body, context.now, context.policy.clock_skew)?;
    bounds.times(body, authtime, start)
}

/// The realms that the client came through, with that of the KDC which made the ticket (RFC 4120 section 3.3.3.2).
/// Evidence has those of its client, and is this KDC's.
fn transited_realms(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    client: &Client,
) -> Result<TransitedEncoding, RequestError> {
    if let Some(evidence) = client.evidence() {
        return Ok(evidence.part.transited.clone());
    }
    let header_ticket = &request.header.ticket.part;
    let issuer = request.issuer();
    if issuer == context.policy.realm || *issuer == *header_ticket.crealm {
        return Ok(header_ticket.transited.clone());
    }
    transited::add(&header_ticket.transited, issuer)
}

/// Whether the path through transited realms was checked and is accepted; an error where the realm's policy issues no
/// ticket without.
fn is_path_accepted(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    client: &Client,
    realms: &TransitedEncoding,
) -> Result<bool, RequestError> {
    let skipped = KdcOptions::DISABLE_TRANSITED_CHECK;
    let policy = context.policy;
    let accepted = !request.body.kdc_options.contains(skipped)
        && transited::is_acceptable(policy, realms, client.client.realm())?;
    if !accepted && policy.rejects_unchecked_paths {
        return Err(RequestError::PathNotAccepted);
    }
    Ok(accepted)
}

/// The authorization data of the client's ticket, and what the request adds. A service's own are not those of its
/// user.
fn authorization_data(
    request: &TgsRequest,
    client: &Client,
) -> Result<AuthorizationData, RequestError> {
    let header = &request.header;
    let mut data = match &client.kind {
        ClientKind::Impersonated(_) => AuthorizationData::new(),
        ClientKind::Delegated { evidence, .. } => authorization::inherited(&evidence.part)?,
        _ => authorization::inherited(&header.ticket.part)?,
    };
    if let Some(encrypted) = &request.body.enc_authorization_data {
        let usage = match header.subkey {
            Some(_) => KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SUBKEY,
            None => KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SESSION_KEY,
        };
        data.extend(authorization::requested(
            encrypted,
            header.reply_key(),
            usage,
        )?);
    }
    Ok(data)
}

/// Whether the ticket gets the addresses of the request. A renewed or validated ticket keeps its own.
const fn has_new_addresses(options: KdcOptions) -> bool {
    let new = KdcOptions::FORWARDED.union(KdcOptions::PROXY);
    options.intersects(new) && !options.intersects(SAME_TICKET)
}

const fn reply_usage(request: &TgsRequest) -> KeyUsage {
    match request.header.subkey {
        Some(_) => KeyUsage::TGS_REP_ENC_PART_SUBKEY,
        None => KeyUsage::TGS_REP_ENC_PART_SESSION_KEY,
    }
}

/// Options that ask for the header ticket once more: it keeps its flags and addresses.
const SAME_TICKET: KdcOptions = KdcOptions::RENEW.union(KdcOptions::VALIDATE);

/// Flags that a ticket gets from its header ticket, whatever the request's options.
const INHERITED: TicketFlags = TicketFlags::FORWARDED.union(TicketFlags::ENC_PA_REP);

/// Options, the ticket flags that they ask for, and the principal's flags that forbid them.
const ASKED_FLAGS: [(KdcOptions, TicketFlags, PrincipalFlags); 3] = [
    (
        KdcOptions::FORWARDABLE,
        TicketFlags::FORWARDABLE,
        PrincipalFlags::DISALLOW_FORWARDABLE,
    ),
    (
        KdcOptions::PROXIABLE,
        TicketFlags::PROXIABLE,
        PrincipalFlags::DISALLOW_PROXIABLE,
    ),
    (
        KdcOptions::ALLOW_POSTDATE,
        TicketFlags::MAY_POSTDATE,
        PrincipalFlags::DISALLOW_POSTDATED,
    ),
];
