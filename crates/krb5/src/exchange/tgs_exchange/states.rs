//! The states of a TGS exchange. Each takes one reply and gives the next state.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

use orthros_asn1::{ErrorCode, KdcOptions};
use orthros_crypto::RandomSource;

use super::context::{Hop, TgsContext, TgsInFlight};
use super::open::open;
use super::{ServiceTicket, State, TgsStep, Transition};
use crate::exchange::fast::ErrorReply;
use crate::exchange::in_flight::Answer;
use crate::exchange::kdc_message::KdcMessage;
use crate::exchange::{ExchangeError, KdcRefusalError, ReplyError, reply};
use crate::observe::Event;
use orthros_types::{Credential, Principal, Timestamp};

/// Nothing is sent yet.
pub(super) struct Unsent {
    purpose: Purpose,
}

/// A request for the service is out, and the KDC may answer with a referral.
pub(super) struct Canonical {
    in_flight: TgsInFlight,
}

/// A request for exactly the service is out.
pub(super) struct Literal {
    in_flight: TgsInFlight,
}

/// A request for a ticket-granting ticket of the service's realm, or of one on the way to it, is out.
pub(super) struct CrossRealm {
    in_flight: TgsInFlight,
    realm: Vec<u8>,
}

/// What the exchange is for.
enum Purpose {
    /// A ticket for a service.
    Service,
    /// A ticket in place of the header ticket: renewed, validated or forwarded, as this option says.
    Replacement(KdcOptions),
}

impl Unsent {
    pub(super) const fn service() -> Self {
        Self {
            purpose: Purpose::Service,
        }
    }

    pub(super) const fn replacement(option: KdcOptions) -> Self {
        Self {
            purpose: Purpose::Replacement(option),
        }
    }

    pub(super) fn begin(
        self,
        context: &mut TgsContext,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        match self.purpose {
            Purpose::Service if context.service().realm() == context.header.kdc_realm() => {
                ask_for_service(context, now, random)
            }
            Purpose::Service => CrossRealm::ask_for_services_realm(context, now, random),
            Purpose::Replacement(option) => Literal::ask(context, option, now, random),
        }
    }
}

impl Canonical {
    fn ask(
        context: &mut TgsContext,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let service = context.service().clone();
        let in_flight =
            context.write(Hop::Final, service, KdcOptions::CANONICALIZE, now, random)?;
        Ok(send(in_flight, Self::wait))
    }

    fn wait(in_flight: TgsInFlight) -> State {
        State::Canonical(Self { in_flight })
    }

    pub(super) fn reply(
        self,
        context: &mut TgsContext,
        bytes: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let ticket = match answer(context, &self.in_flight, bytes, now)? {
            Answer::TooBig => return Ok(send(self.in_flight.over_stream(context)?, Self::wait)),
            // A KDC may not know the option, and one that was not referred to gets another chance.
            Answer::Error(error)
                if context.path.hops() == 0 && may_help_to_ask_literally(error.code) =>
            {
                return Literal::ask(context, KdcOptions::empty(), now, random);
            }
            Answer::Error(error) => {
                return Err(context.refuse(*error, &self.in_flight, now));
            }
            Answer::Reply(ticket) => *ticket,
        };
        // The KDC may correct the realm of what was asked for.
        if ticket.server.name_eq(context.service()) {
            context.check_issuer(&ticket)?;
            return Ok(done(context, ticket));
        }
        match ticket.server.served_realm() {
            Some(realm) if realm != context.header.kdc_realm() => {
                context.advance(&ticket)?;
                context.seek_in_realm_of_kdc();
                Self::ask(context, now, random)
            }
            // Old versions of Active Directory answer with another name of the service, or with a
            // ticket-granting ticket of the same realm.
            _ => Literal::ask(context, KdcOptions::empty(), now, random),
        }
    }
}

impl Literal {
    fn ask(
        context: &mut TgsContext,
        option: KdcOptions,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let service = context.service().clone();
        let in_flight = context.write(Hop::Final, service, option, now, random)?;
        Ok(send(in_flight, Self::wait))
    }

    fn wait(in_flight: TgsInFlight) -> State {
        State::Literal(Self { in_flight })
    }

    pub(super) fn reply(
        self,
        context: &mut TgsContext,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<Transition, ExchangeError> {
        match answer(context, &self.in_flight, bytes, now)? {
            Answer::TooBig => Ok(send(self.in_flight.over_stream(context)?, Self::wait)),
            Answer::Error(error) => Err(context.refuse(*error, &self.in_flight, now)),
            Answer::Reply(ticket) if ticket.server == *context.service() => {
                Ok(done(context, *ticket))
            }
            Answer::Reply(ticket) => {
                Err(reply::wrong_service(context.service(), &ticket.server).into())
            }
        }
    }
}

impl CrossRealm {
    /// Asks for the service's own realm: a KDC may know a shorter way than the caller.
    fn ask_for_services_realm(
        context: &mut TgsContext,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let realm = context.service().realm().to_vec();
        Self::ask(realm, context, now, random)
    }

    fn ask(
        realm: Vec<u8>,
        context: &mut TgsContext,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let service = Principal::ticket_granting(&*realm, context.header.kdc_realm());
        let in_flight =
            context.write(Hop::Intermediate, service, KdcOptions::empty(), now, random)?;
        Ok(Self::wait(in_flight, realm))
    }

    fn wait(in_flight: TgsInFlight, realm: Vec<u8>) -> Transition {
        send(in_flight, |in_flight| {
            State::CrossRealm(Self { in_flight, realm })
        })
    }

    pub(super) fn reply(
        self,
        context: &mut TgsContext,
        bytes: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let ticket = match answer(context, &self.in_flight, bytes, now)? {
            Answer::TooBig => {
                return Ok(Self::wait(self.in_flight.over_stream(context)?, self.realm));
            }
            Answer::Error(error) if error.code == ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN => {
                // No way that this KDC knows: one realm less far along the caller's path, if that leads on from here.
                let here = context.header.kdc_realm();
                if let Some(nearer) = context.path.realm_before(here, &self.realm) {
                    return Self::ask(nearer, context, now, random);
                }
                return Err(KdcRefusalError::RealmNotReachable {
                    wanted: context.service().realm().to_vec(),
                    reached: context.header.kdc_realm().to_vec(),
                    error: Some(error),
                }
                .into());
            }
            Answer::Error(error) => {
                return Err(context.refuse(*error, &self.in_flight, now));
            }
            Answer::Reply(ticket) => ticket,
        };
        if !ticket.server.is_ticket_granting() {
            let requested = &self.in_flight.sent.requested.service;
            return Err(reply::wrong_service(requested, &ticket.server).into());
        }
        if context.advance(&ticket)? {
            context.realm_tickets.push(*ticket);
        }
        if context.service().realm() == context.header.kdc_realm() {
            ask_for_service(context, now, random)
        } else {
            Self::ask_for_services_realm(context, now, random)
        }
    }
}

fn ask_for_service(
    context: &mut TgsContext,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    if context.options.canonicalize {
        Canonical::ask(context, now, random)
    } else {
        Literal::ask(context, KdcOptions::empty(), now, random)
    }
}

/// Sends what is in flight, and waits in `state` for the reply.
fn send(in_flight: TgsInFlight, state: impl FnOnce(TgsInFlight) -> State) -> Transition {
    let request = in_flight.sent.request.clone();
    (state(in_flight), TgsStep::Send(request))
}

/// Ends with this ticket, filed under the name that the caller will look for. A ticket-granting ticket stays under
/// its own: its issuer decides what it is good for.
fn done(context: &mut TgsContext, mut ticket: Credential) -> Transition {
    if !ticket.server.is_ticket_granting() {
        ticket.server = context.named().clone();
    }
    context.extras.file(&mut ticket, &context.options);
    let ticket = ServiceTicket {
        credential: ticket,
        realm_tickets: mem::take(&mut context.realm_tickets),
        is_on_path: context.path.is_kept_to(),
    };
    (State::Ended, TgsStep::Done(Box::new(ticket)))
}

/// Errors that may come of the canonicalize option, or of how the KDC looks for names with it.
///
/// MIT asks again after any error; one that says that ticket, client or clock are no good stays one.
const fn may_help_to_ask_literally(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN
            | ErrorCode::KDC_ERR_BADOPTION
            | ErrorCode::KDC_ERR_POLICY
            | ErrorCode::KDC_ERR_ETYPE_NOSUPP
            | ErrorCode::KRB_ERR_GENERIC
    )
}

/// Reads an answer. A reply is opened and checked here; whether its ticket is the right one is each state's business.
fn answer(
    context: &mut TgsContext,
    in_flight: &TgsInFlight,
    bytes: &[u8],
    now: Timestamp,
) -> Result<Answer<Credential>, ExchangeError> {
    let error = match KdcMessage::decode(bytes)? {
        KdcMessage::TgsRep(message) => {
            let ticket = open(context, in_flight, &message, now)?;
            context.options.observer.tell(|| Event::ServiceTicket {
                client: &ticket.client,
                service: &ticket.server,
                session_key: ticket.session_key.enctype(),
            });
            return Ok(Answer::Reply(Box::new(ticket)));
        }
        KdcMessage::AsRep(_) => return Err(ReplyError::OtherMessage.into()),
        KdcMessage::Error(error) => error,
    };
    let sent = &in_flight.sent;
    let error = sent.open_error(error)?;
    context.options.observer.tell(|| {
        let (ErrorReply::Authentic(error) | ErrorReply::Unprotected(error)) = &error;
        match error.is_too_big() {
            true => Event::ReplyTooBig,
            false => Event::KdcError { error },
        }
    });
    match error {
        ErrorReply::Authentic(error) => {
            context.learn_armor(sent);
            Ok(Answer::of_error(error))
        }
        // Without armor an error counts only where the KDC is not known to answer under armor. That a reply is too
        // big for a datagram is believed of any: it is often said before the request is read, and steers nothing
        // but the transport.
        ErrorReply::Unprotected(error)
            if sent.armor.is_some() && context.requires_armor() && !error.is_too_big() =>
        {
            let client = context.header.client.clone();
            Err(KdcRefusalError::ArmorIgnored { client, error }.into())
        }
        ErrorReply::Unprotected(error) => Ok(Answer::of_error(error)),
    }
}
