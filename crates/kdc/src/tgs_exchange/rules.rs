//! Whether what is asked for may be granted.

use orthros_asn1::{KdcOptions, TicketFlags};

use super::Asked;
use super::subject::{Subject, SubjectKind};
use super::target::Target;
use crate::ap_req::{Author, OpenTicket};
use crate::as_exchange::TGS_OPTIONS;
use crate::case::Case;
use crate::refusal::{BadOption, Checked, PolicyBreach};
use crate::{PrincipalEntry, PrincipalFlags, Refusal, signature, wire};

/// Whether what is asked for may be granted, in the order in which MIT's KDC asks: first what the protocol says, then policy.
pub(super) fn check(
    case: &Case<'_>,
    asked: &Asked,
    target: &Target,
    subject: &Subject,
) -> Result<(), Refusal> {
    check_ticket_flags(asked)?;
    check_ticket_times(case, asked)?;
    check_ticket_service(asked, target)?;
    check_subject(case, asked, target, subject)?;
    check_service(case, asked, target, subject)?;
    check_renewal(asked, target, subject)?;
    if let Some(client) = &subject.entry {
        client.check_client(case.now)?;
    }
    check_anonymous(asked)
}

/// Options that the ticket which is shown must allow.
fn check_ticket_flags(asked: &Asked) -> Result<(), Refusal> {
    let options = asked.body.kdc_options;
    let flags = asked.header.presented.ticket.part.flags;
    for (option, flag, missing) in NEEDED_FLAGS {
        if options.intersects(option) && !flags.contains(flag) {
            return Err(Refusal::BadOption(missing));
        }
    }
    if !options.contains(KdcOptions::VALIDATE) {
        asked.header.presented.ticket.check_valid()?;
    }
    Ok(())
}

fn check_ticket_times(case: &Case<'_>, asked: &Asked) -> Result<(), Refusal> {
    let ticket = &asked.header.presented.ticket;
    let options = asked.body.kdc_options;
    if options.contains(KdcOptions::VALIDATE) && ticket.starttime() > case.now {
        return Err(Refusal::TicketNotYetValid);
    }
    let renew_till = ticket.part.renew_till.map(wire::timestamp);
    let over = renew_till.is_none_or(|till| till < case.now);
    if options.contains(KdcOptions::RENEW) && over {
        return Err(Refusal::TicketExpired);
    }
    Ok(())
}

/// The ticket that is shown must be a ticket-granting one, or where its options ask for another like it, for the service itself.
fn check_ticket_service(asked: &Asked, target: &Target) -> Result<(), Refusal> {
    let options = asked.body.kdc_options;
    let ticket = &asked.header.presented.ticket;
    let shown = &ticket.service;
    if options.contains(KdcOptions::PROXY) && target.is_ticket_granting() {
        return Err(Refusal::BadOption(BadOption::ProxyOfTgt));
    }
    let same = *shown == target.name;
    if options.intersects(SAME_SERVICE) {
        return if same && ticket.author != Author::OtherRealm {
            Ok(())
        } else {
            Err(Refusal::ServerMismatch)
        };
    }
    if ticket.author != Author::Service || (options.contains(KdcOptions::PROXY) && same) {
        return Ok(());
    }
    Err(Refusal::NotUs {
        service: shown.clone(),
    })
}

fn check_subject(
    case: &Case<'_>,
    asked: &Asked,
    target: &Target,
    subject: &Subject,
) -> Result<(), Refusal> {
    match &subject.kind {
        SubjectKind::Impersonated(_) => check_impersonation(case, asked, target),
        SubjectKind::Delegated(evidence) => {
            check_lineage(case, asked)?;
            check_delegation(case, asked, target, subject, evidence)
        }
        SubjectKind::UserToUser(additional) => {
            check_lineage(case, asked)?;
            check_user_to_user(case, target, additional)
        }
        SubjectKind::Holder => check_lineage(case, asked),
    }
}

/// No other realm can vouch for a client of this one.
fn check_lineage(case: &Case<'_>, asked: &Asked) -> Result<(), Refusal> {
    let here = &case.policy().realm;
    if asked.header.issuer() != here && asked.header.client.realm() == here {
        return Err(Refusal::Policy(PolicyBreach::Lineage));
    }
    Ok(())
}

/// A service gets tickets for a user to itself only.
fn check_impersonation(case: &Case<'_>, asked: &Asked, target: &Target) -> Result<(), Refusal> {
    check_lineage(case, asked)?;
    if !is_named(case, &target.entry, &asked.header.client)? {
        return Err(Refusal::BadMatch);
    }
    if asked.body.kdc_options.intersects(TGS_OPTIONS) {
        return Err(Refusal::BadOption(BadOption::Conflict));
    }
    Ok(())
}

/// The additional ticket of a user-to-user request is the service's own ticket-granting ticket: any other service could have made
/// it up.
fn check_user_to_user(
    case: &Case<'_>,
    target: &Target,
    additional: &OpenTicket,
) -> Result<(), Refusal> {
    if additional.author != Author::ThisKdc {
        return Err(Refusal::Policy(PolicyBreach::NotTicketGranting));
    }
    if !is_named(case, &target.entry, &additional.client())? {
        return Err(Refusal::ServerMismatch);
    }
    additional.check_service(case)?;
    additional.check_valid()?;
    additional.check_times(case)
}

/// The evidence is a forwardable ticket of this KDC for the service that shows it, which may delegate to the other one.
fn check_delegation(
    case: &Case<'_>,
    asked: &Asked,
    target: &Target,
    subject: &Subject,
    evidence: &OpenTicket,
) -> Result<(), Refusal> {
    let client = subject.entry.as_ref();
    let forbids = PrincipalFlags::DISALLOW_FORWARDABLE;
    // It may have been forbidden since the evidence was issued.
    if client.is_some_and(|client| client.flags.contains(forbids)) {
        return Err(Refusal::BadOption(BadOption::EvidenceNotForwardable));
    }
    if !evidence.part.flags.contains(TicketFlags::FORWARDABLE) {
        return Err(Refusal::BadOption(BadOption::EvidenceNotForwardable));
    }
    let others = TGS_OPTIONS.difference(KdcOptions::CNAME_IN_ADDL_TKT);
    if asked.body.kdc_options.intersects(others) {
        return Err(Refusal::BadOption(BadOption::Conflict));
    }
    if target.is_ticket_granting() {
        return Err(Refusal::Policy(PolicyBreach::DelegatedTgt));
    }
    if !is_named(case, &evidence.entry, &asked.header.client)? {
        return Err(Refusal::ServerMismatch);
    }
    evidence.check_service(case)?;
    evidence.check_valid()?;
    evidence.check_times(case)?;
    signature::verify(case, evidence, Checked::Evidence)?;
    let mut targets = evidence.entry.delegation_targets.iter();
    if targets.any(|name| target.entry.is_called(name)) {
        return Ok(());
    }
    Err(Refusal::BadOption(BadOption::DelegationNotAllowed))
}

/// Whether a principal is the client of this realm that is called that. A client of another realm is none here, whatever its
/// name is an alias of.
fn is_named(
    case: &Case<'_>,
    entry: &PrincipalEntry,
    name: &orthros_types::Principal,
) -> Result<bool, Refusal> {
    if name.realm() != case.policy().realm {
        return Ok(false);
    }
    if entry.principal == *name {
        return Ok(true);
    }
    let found = case.find(name)?;
    Ok(found.is_some_and(|found| found.principal == entry.principal))
}

/// What the service allows.
fn check_service(
    case: &Case<'_>,
    asked: &Asked,
    target: &Target,
    subject: &Subject,
) -> Result<(), Refusal> {
    let service = &target.entry;
    let options = asked.body.kdc_options;
    let shown = &asked.header.presented.ticket;
    let has = |flag| service.flags.contains(flag);
    let user_to_user = options.contains(KdcOptions::ENC_TKT_IN_SKEY);
    let postdated = KdcOptions::ALLOW_POSTDATE | KdcOptions::POSTDATED;
    if options.intersects(postdated) && has(PrincipalFlags::DISALLOW_POSTDATED) {
        return Err(Refusal::CannotPostdate);
    }
    if user_to_user && has(PrincipalFlags::DISALLOW_USER_TO_USER) {
        return Err(Refusal::NoUserToUser);
    }
    if has(PrincipalFlags::LOCKED) {
        return Err(Refusal::ServiceLocked);
    }
    if has(PrincipalFlags::DISALLOW_SERVICE) && !user_to_user {
        return Err(Refusal::MustUseUserToUser);
    }
    if has(PrincipalFlags::DISALLOW_TGT_BASED) && shown.entry.principal.is_ticket_granting() {
        return Err(Refusal::MustUseAsExchange);
    }
    let proved = subject.authenticated(asked);
    if has(PrincipalFlags::REQUIRES_PREAUTH) && !proved.contains(TicketFlags::PRE_AUTHENT) {
        return Err(Refusal::NotPreauthenticated);
    }
    if service.is_expired(case.now) {
        return Err(Refusal::ServiceExpired);
    }
    if service.is_not_yet_valid(case.now) {
        return Err(Refusal::ServiceNotYet);
    }
    Ok(())
}

/// That its client or its service may have renewable tickets may have ended since the ticket was issued.
fn check_renewal(asked: &Asked, target: &Target, subject: &Subject) -> Result<(), Refusal> {
    let forbids =
        |entry: &&PrincipalEntry| entry.flags.contains(PrincipalFlags::DISALLOW_RENEWABLE);
    let entries = [Some(&*target.entry), subject.entry.as_deref()];
    let renews = asked.body.kdc_options.contains(KdcOptions::RENEW);
    if renews && entries.iter().flatten().any(forbids) {
        return Err(Refusal::BadOption(BadOption::NotRenewable));
    }
    Ok(())
}

/// Only an anonymous ticket gets anonymous tickets.
fn check_anonymous(asked: &Asked) -> Result<(), Refusal> {
    let flags = asked.header.presented.ticket.part.flags;
    let wanted = KdcOptions::REQUEST_ANONYMOUS;
    if asked.body.kdc_options.contains(wanted) && !flags.contains(TicketFlags::ANONYMOUS) {
        return Err(Refusal::BadOption(BadOption::Anonymous));
    }
    Ok(())
}

/// Options, the flag that the ticket which is shown needs for them, and what it is without.
const NEEDED_FLAGS: [(KdcOptions, TicketFlags, BadOption); 5] = [
    (
        KdcOptions::FORWARDED,
        TicketFlags::FORWARDABLE,
        BadOption::NotForwardable,
    ),
    (
        KdcOptions::PROXY,
        TicketFlags::PROXIABLE,
        BadOption::NotProxiable,
    ),
    (
        KdcOptions::ALLOW_POSTDATE.union(KdcOptions::POSTDATED),
        TicketFlags::MAY_POSTDATE,
        BadOption::NotPostdatable,
    ),
    (
        KdcOptions::VALIDATE,
        TicketFlags::INVALID,
        BadOption::AlreadyValid,
    ),
    (
        KdcOptions::RENEW,
        TicketFlags::RENEWABLE,
        BadOption::NotRenewable,
    ),
];

/// Options that ask for the ticket which is shown, with something changed.
const SAME_SERVICE: KdcOptions = KdcOptions::FORWARDED
    .union(KdcOptions::RENEW)
    .union(KdcOptions::VALIDATE);
