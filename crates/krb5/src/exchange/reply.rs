//! What a client checks in a reply it could decrypt (RFC 4120 sections 3.1.5 and 3.3.4).

use alloc::vec::Vec;

use orthros_asn1::{EncKdcRepPart, HostAddress, KdcOptions, KdcRep, Ticket, TicketFlags};

use super::ReplyError;
use super::request::RequestedTicket;
use crate::wire;
use orthros_types::{Credential, Duration, KeyBlock, Principal, TicketTimes, Timestamp};

/// The nonce ties the reply to the request.
pub(super) fn check_nonce(
    requested: &RequestedTicket,
    part: &EncKdcRepPart,
) -> Result<(), ReplyError> {
    if part.nonce.0 == requested.nonce {
        Ok(())
    } else {
        Err(ReplyError::Nonce)
    }
}

/// The service of the encrypted part, which the clear part of the ticket must name too.
pub(super) fn service(part: &EncKdcRepPart, ticket: &Ticket) -> Result<Principal, ReplyError> {
    let encrypted = wire::principal(&part.srealm, &part.sname);
    let clear = wire::principal(&ticket.realm, &ticket.sname);
    if encrypted == clear {
        Ok(encrypted)
    } else {
        Err(ReplyError::TicketService {
            encrypted,
            ticket: clear,
        })
    }
}

pub(super) fn check_client(expected: &Principal, found: &Principal) -> Result<(), ReplyError> {
    if expected == found {
        Ok(())
    } else {
        Err(ReplyError::Client {
            expected: expected.clone(),
            found: found.clone(),
        })
    }
}

pub(super) fn wrong_service(expected: &Principal, found: &Principal) -> ReplyError {
    ReplyError::Service {
        expected: expected.clone(),
        found: found.clone(),
    }
}

/// The ticket's times. Without a start of its own it starts at authtime, which is written out as MIT does it.
pub(super) fn times(part: &EncKdcRepPart) -> TicketTimes {
    TicketTimes {
        authtime: wire::timestamp(part.authtime),
        starttime: Some(wire::timestamp(part.starttime.unwrap_or(part.authtime))),
        endtime: wire::timestamp(part.endtime),
        renew_till: part.renew_till.map(wire::timestamp),
    }
}

/// Times may be shorter than asked for, never longer.
pub(super) fn check_times(
    requested: &RequestedTicket,
    flags: TicketFlags,
    granted: &TicketTimes,
) -> Result<(), ReplyError> {
    if let Some(from) = requested.from
        && requested.options.contains(KdcOptions::POSTDATED)
        && from.whole() != granted.start()
    {
        return Err(ReplyError::StartTime {
            expected: from.whole(),
            found: granted.start(),
        });
    }
    if granted.endtime < granted.start() {
        return Err(ReplyError::EndsBeforeStart);
    }
    if granted.endtime > requested.till.whole() {
        return Err(ReplyError::EndTime);
    }
    let renew_limit = if requested.options.contains(KdcOptions::RENEWABLE) {
        requested.renew_till
    } else if requested.options.contains(KdcOptions::RENEWABLE_OK) {
        // A renewable ticket instead of a long one: it must not outlive what was asked for.
        Some(requested.till)
    } else {
        None
    };
    match (granted.renew_till, renew_limit) {
        (Some(till), Some(limit))
            if flags.contains(TicketFlags::RENEWABLE) && till > limit.whole() =>
        {
            Err(ReplyError::RenewTill)
        }
        _ => Ok(()),
    }
}

/// A ticket that starts now must start by our clock too.
pub(super) fn check_skew(
    requested: &RequestedTicket,
    granted: &TicketTimes,
    now: Timestamp,
    allowed: Duration,
) -> Result<(), ReplyError> {
    if requested.from.is_some() || granted.start().is_within(allowed, now) {
        return Ok(());
    }
    Err(ReplyError::Skew {
        offset: granted.start().since(now),
        allowed,
    })
}

/// Flags that make another ticket of it must have been asked for, or be those of the header ticket.
///
/// Flags that only allow more (forwardable, proxiable, may-postdate) are the KDC's to grant.
pub(super) fn check_flags(
    requested: KdcOptions,
    header: TicketFlags,
    granted: TicketFlags,
) -> Result<(), ReplyError> {
    let renewable = KdcOptions::RENEWABLE.union(KdcOptions::RENEWABLE_OK);
    let rules = [
        (TicketFlags::RENEWABLE, renewable, "renewable"),
        (TicketFlags::POSTDATED, KdcOptions::POSTDATED, "postdated"),
        (TicketFlags::INVALID, KdcOptions::POSTDATED, "invalid"),
        (TicketFlags::FORWARDED, KdcOptions::FORWARDED, "forwarded"),
        (TicketFlags::PROXY, KdcOptions::PROXY, "a proxy"),
    ];
    // Whatever is made of an invalid ticket, being validated is the point of it.
    let inherited = header.difference(TicketFlags::INVALID);
    for (flag, options, what) in rules {
        if granted.contains(flag) && !requested.intersects(options) && !inherited.contains(flag) {
            return Err(ReplyError::FlagNotRequested(what));
        }
    }
    Ok(())
}

/// A KDC may leave addresses out, but not bind the ticket to others.
pub(super) fn check_addresses(
    requested: &[HostAddress],
    granted: Option<&[HostAddress]>,
) -> Result<(), ReplyError> {
    let granted = granted.unwrap_or_default();
    if granted.iter().all(|address| requested.contains(address)) {
        Ok(())
    } else {
        Err(ReplyError::Address)
    }
}

/// The cache entry for a reply that has passed all checks.
///
/// A session key that can't be used here makes the ticket useless, so that it is refused; one of an
/// encryption type that was not asked for shows that the request was changed on its way.
pub(super) fn credential<const MSG: i32>(
    client: Principal,
    server: Principal,
    message: &KdcRep<MSG>,
    part: &EncKdcRepPart,
    requested: &RequestedTicket,
) -> Result<Credential, ReplyError> {
    let etype = part.key.keytype;
    let key = wire::key(&part.key).ok_or(ReplyError::SessionKey(etype))?;
    if !requested.has_enctype(etype) {
        return Err(ReplyError::SessionKeyNotRequested(etype));
    }
    // A list left out means that the ticket has the addresses that were asked for.
    let addresses = part.caddr.as_ref().unwrap_or(&requested.addresses);
    Ok(Credential {
        client,
        server,
        session_key: KeyBlock::from(&key),
        times: times(part),
        is_skey: false,
        flags: part.flags,
        addresses: addresses.to_vec(),
        authorization_data: Vec::new(),
        ticket: message.ticket.octets().to_vec(),
        second_ticket: Vec::new(),
    })
}
