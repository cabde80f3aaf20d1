//! What lasts through all states: the ticket to show, the service to reach, the bounds.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{ErrorCode, Exactly, KdcOptions, KdcReq, Message, Raw, TgsReq, TicketFlags};
use orthros_crypto::{Key, RandomSource};

use super::TgsRequestOptions;
use super::request_extras::RequestExtras;
use crate::exchange::fast::Armor;
use crate::exchange::header_ticket::HeaderTicket;
use crate::exchange::request::{RequestedTicket, draw_nonce};
use crate::exchange::{
    CallerMisuse, ExchangeError, FastUse, KdcError, KdcRequest, Refusal, ReplyDefect, Transport,
    reply,
};
use orthros_types::{Credential, HostAddress, Principal, Timestamp};

/// What lasts through all states.
pub(super) struct TgsContext {
    pub(super) options: TgsRequestOptions,
    pub(super) extras: RequestExtras,
    /// The ticket for the KDC that is asked next.
    pub(super) header: HeaderTicket,
    /// The service as the caller named it.
    requested: Principal,
    /// The service as the KDC is asked for it: referrals change its realm.
    service: Principal,
    /// Ticket-granting tickets got because the service is in another realm, by issuers on the path.
    pub(super) realm_tickets: Vec<Credential>,
    /// Whether the KDC that is asked next is of the realm that the exchange began in, of one that the caller's path leads to
    /// from there, or of the service's realm with a ticket by one of these.
    pub(super) is_on_path: bool,
    /// The realm that issued the ticket which the exchange began with.
    first_issuer: Vec<u8>,
    realms: Vec<Vec<u8>>,
    requests: u32,
    transport: Transport,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hop {
    /// A ticket-granting ticket on the way.
    Intermediate,
    /// The ticket that is wanted.
    Final,
}

/// A request that is out, and what its reply must match.
pub(super) struct InFlight {
    pub(super) requested: RequestedTicket,
    pub(super) subkey: Key,
    pub(super) armor: Option<Armor>,
    /// Whom the reply has to be for.
    pub(super) client: Principal,
    /// Whether the request names them in PA-S4U-X509-USER, which the reply has to repeat.
    pub(super) names_user: bool,
    realm: Vec<u8>,
    message: Vec<u8>,
    transport: Transport,
}

impl TgsContext {
    pub(super) fn for_service(
        tgt: &Credential,
        service: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, CallerMisuse> {
        if !tgt.server.is_ticket_granting() {
            return Err(CallerMisuse::NotTicketGranting);
        }
        Self::new(tgt, service, options)
    }

    pub(super) fn for_renewal(
        ticket: &Credential,
        options: TgsRequestOptions,
    ) -> Result<Self, CallerMisuse> {
        if !flags(ticket).contains(TicketFlags::RENEWABLE) {
            return Err(CallerMisuse::FlagMissing("renewed"));
        }
        Self::new(ticket, ticket.server.clone(), options)
    }

    pub(super) fn for_validation(
        ticket: &Credential,
        options: TgsRequestOptions,
    ) -> Result<Self, CallerMisuse> {
        if !flags(ticket).contains(TicketFlags::INVALID) {
            return Err(CallerMisuse::FlagMissing("validated"));
        }
        Self::new(ticket, ticket.server.clone(), options)
    }

    pub(super) fn for_forwarding(
        tgt: &Credential,
        addresses: &[HostAddress],
        options: TgsRequestOptions,
    ) -> Result<Self, CallerMisuse> {
        if !flags(tgt).contains(TicketFlags::FORWARDABLE) {
            return Err(CallerMisuse::FlagMissing("forwarded"));
        }
        let mut context = Self::for_service(tgt, tgt.server.clone(), options)?;
        context
            .extras
            .for_addresses(KdcOptions::FORWARDED, addresses.to_vec());
        Ok(context)
    }

    pub(super) fn for_proxy(
        tgt: &Credential,
        service: Principal,
        addresses: &[HostAddress],
        options: TgsRequestOptions,
    ) -> Result<Self, CallerMisuse> {
        if !flags(tgt).contains(TicketFlags::PROXIABLE) {
            return Err(CallerMisuse::FlagMissing("turned into a proxy"));
        }
        let mut context = Self::for_service(tgt, service, options)?;
        context
            .extras
            .for_addresses(KdcOptions::PROXY, addresses.to_vec());
        Ok(context)
    }

    pub(super) fn for_user_to_user(
        tgt: &Credential,
        service: Principal,
        second_ticket: &[u8],
        options: TgsRequestOptions,
    ) -> Result<Self, CallerMisuse> {
        let mut context = Self::for_service(tgt, service, options)?;
        context.extras.user_to_user(second_ticket)?;
        Ok(context)
    }

    pub(super) fn for_user(
        tgt: &Credential,
        user: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, CallerMisuse> {
        let mut context = Self::for_service(tgt, tgt.client.clone(), options)?;
        if user.realm() != tgt.client.realm() || !context.header.is_local() {
            return Err(CallerMisuse::ForeignUser);
        }
        context.extras.for_user(user);
        Ok(context)
    }

    pub(super) fn on_behalf_of(
        tgt: &Credential,
        evidence: &Credential,
        service: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, CallerMisuse> {
        let mut context = Self::for_service(tgt, service, options)?;
        context.extras.on_behalf_of(evidence)?;
        Ok(context)
    }

    fn new(
        ticket: &Credential,
        requested: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, CallerMisuse> {
        if options.enctypes.is_empty() {
            return Err(CallerMisuse::NoEnctypes);
        }
        let header = HeaderTicket::new(ticket)?;
        let service = if requested.realm().is_empty() {
            requested.clone().with_realm(header.kdc_realm())
        } else {
            requested.clone()
        };
        Ok(Self {
            extras: RequestExtras::new(&options),
            is_on_path: header.server.realm() == header.kdc_realm()
                || header.is_by_clients_realm()
                || leads_to(&options.realm_path, header.server.realm()),
            options,
            realms: [header.kdc_realm().to_vec()].into(),
            first_issuer: header.server.realm().to_vec(),
            header,
            requested,
            service,
            realm_tickets: Vec::new(),
            requests: 0,
            transport: Transport::Datagram,
        })
    }

    pub(super) fn requested(&self) -> &Principal {
        &self.requested
    }

    pub(super) fn service(&self) -> &Principal {
        &self.service
    }

    /// How many realms were asked after the first.
    pub(super) fn hops(&self) -> usize {
        self.realms.len().saturating_sub(1)
    }

    /// Goes on at the KDC that `ticket`, a ticket-granting ticket, is for. Gives whether it may be kept for other exchanges: the
    /// client's own realm may issue it for any, another realm on the path only for one that is on the path behind it.
    pub(super) fn advance(&mut self, ticket: &Credential) -> Result<bool, ExchangeError> {
        self.check_issuer(ticket)?;
        let header = HeaderTicket::new(ticket)?;
        let realm = header.kdc_realm();
        let is_seen = self.realms.iter().any(|seen| seen == realm) || self.first_issuer == realm;
        if is_seen || self.hops() >= MAX_HOPS {
            return Err(ReplyDefect::ReferralLoop(realm.to_vec()).into());
        }
        let leads_on = self.service.realm() == realm || leads_to(&self.options.realm_path, realm);
        let is_kept = self.is_on_path && (leads_on || self.header.is_local());
        self.is_on_path &= leads_on;
        self.realms.push(realm.to_vec());
        self.header = header;
        Ok(is_kept)
    }

    /// Checks that the realm of a ticket-granting ticket is that of its issuer (RFC 4120 section 5.3). A KDC that gets away with
    /// another one could have its ticket cached as the way from that realm, or be taken for the client's own.
    pub(super) fn check_issuer(&self, ticket: &Credential) -> Result<(), ReplyDefect> {
        let issuer = self.header.kdc_realm();
        match ticket.server.served_realm() {
            Some(realm) if ticket.server.realm() != issuer => Err(reply::wrong_service(
                &Principal::ticket_granting(realm, issuer),
                &ticket.server,
            )),
            _ => Ok(()),
        }
    }

    /// Whether the KDC that is asked has to answer under armor: because the caller wants it, or because it is known to.
    pub(super) fn requires_armor(&self) -> bool {
        self.options.fast == Some(FastUse::Required) || self.knows_armor(self.header.kdc_realm())
    }

    /// Notes that the KDC answers under armor: its answer to this request did, and could be opened.
    pub(super) fn learn_armor(&mut self, in_flight: &InFlight) {
        if !self.knows_armor(&in_flight.realm) {
            self.options.armoring_realms.push(in_flight.realm.clone());
        }
    }

    fn knows_armor(&self, realm: &[u8]) -> bool {
        self.options
            .armoring_realms
            .iter()
            .any(|known| known == realm)
    }

    /// The realm before `wanted` on the way that the caller knows, if it leads on from the realm whose KDC is asked.
    pub(super) fn realm_before(&self, wanted: &[u8]) -> Option<Vec<u8>> {
        let path = &self.options.realm_path;
        let place = |wanted: &[u8]| path.iter().position(|realm| realm == wanted);
        let start = place(self.header.kdc_realm()).map_or(0, |here| here.saturating_add(1));
        let end = place(wanted).unwrap_or(path.len());
        path.get(start..end)?.last().cloned()
    }

    /// Looks for the service in the realm whose KDC is asked next.
    pub(super) fn seek_in_realm_of_kdc(&mut self) {
        self.service = self.service.clone().with_realm(self.header.kdc_realm());
        self.extras.referred();
    }

    /// Writes a request for `service`, and counts it.
    pub(super) fn write(
        &mut self,
        hop: Hop,
        service: Principal,
        extra: KdcOptions,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<InFlight, ExchangeError> {
        if self.requests >= MAX_REQUESTS {
            return Err(ReplyDefect::TooManyRequests(MAX_REQUESTS).into());
        }
        self.requests += 1;
        if self.header.times.endtime <= now {
            let ticket = self.header.server.clone();
            return Err(Refusal::TicketExpired { ticket }.into());
        }
        let requested = self.ask(hop, service, extra, random)?;
        let subkey = self.header.key.enctype().random_key(random)?;
        let mut body = requested.body(None)?;
        if hop == Hop::Final {
            body.enc_authorization_data = self.extras.seal_authorization_data(&subkey, random)?;
            body.additional_tickets = self
                .extras
                .second_ticket
                .clone()
                .map(|ticket| [ticket].into());
        }
        let body = Raw::new(body)?;
        let mut padata = Vec::from([self.header.pa_tgs_req(&body, &subkey, now, random)?]);
        let mut client = None;
        let mut others = Vec::new();
        if hop == Hop::Final {
            client = self.extras.client();
            others = self
                .extras
                .padata(requested.nonce, &self.header.key, &subkey)?;
        }
        let mut armor = None;
        if self.options.fast.is_some() || self.requires_armor() {
            let made = Armor::of_tgs_request(&subkey, &self.header.key);
            let covered = padata.first().map_or(&[][..], |proof| &proof.padata_value);
            padata.push(made.seal(&body, covered, others.clone(), random)?);
            armor = Some(made);
        }
        // A KDC without FAST sees these.
        padata.extend(others);
        let request = TgsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: Some(padata),
            req_body: body,
        });
        Ok(InFlight {
            message: request.encode()?,
            requested,
            armor,
            names_user: hop == Hop::Final && self.extras.names_user(),
            client: client.unwrap_or(&self.header.client).clone(),
            subkey,
            realm: self.header.kdc_realm().to_vec(),
            transport: self.transport,
        })
    }

    fn ask(
        &self,
        hop: Hop,
        service: Principal,
        extra: KdcOptions,
        random: &mut dyn RandomSource,
    ) -> Result<RequestedTicket, ExchangeError> {
        let header = &self.header;
        let mut options = header.inherited_options() | self.options.kdc_options | extra;
        let mut addresses = &header.addresses;
        if hop == Hop::Final {
            options |= self.extras.options;
            addresses = self.extras.addresses.as_ref().unwrap_or(addresses);
        }
        Ok(RequestedTicket {
            nonce: draw_nonce(random)?,
            service,
            options,
            from: None,
            till: self.options.end_time.unwrap_or(header.times.endtime),
            renew_till: None,
            enctypes: self.options.enctypes.clone(),
            addresses: addresses.clone(),
        })
    }

    /// What a KRB-ERROR that no state handles means: the end.
    pub(super) fn refuse(&self, error: KdcError, service: &Principal, now: Timestamp) -> Refusal {
        let ticket = self.header.server.clone();
        match error.code {
            ErrorCode::KRB_AP_ERR_TKT_EXPIRED => Refusal::TicketExpired { ticket },
            ErrorCode::KRB_AP_ERR_TKT_NYV => Refusal::TicketNotYetValid { ticket },
            ErrorCode::KRB_AP_ERR_SKEW => Refusal::Skew {
                offset: error.server_time.since(now),
                error: Box::new(error),
            },
            code => {
                let named = self.extras.client().filter(|_| is_about_client(code));
                Refusal::new(error, named.unwrap_or(&self.header.client), service)
            }
        }
    }
}

/// Whether the code is about the client in whose name a ticket was asked for.
const fn is_about_client(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN
            | ErrorCode::KDC_ERR_CLIENT_REVOKED
            | ErrorCode::KDC_ERR_NAME_EXP
            | ErrorCode::KDC_ERR_KEY_EXPIRED
    )
}

impl InFlight {
    pub(super) fn request(&self) -> KdcRequest {
        KdcRequest {
            realm: self.realm.clone(),
            message: self.message.clone(),
            transport: self.transport,
        }
    }

    /// The same message again over a stream, as all that come after it.
    pub(super) fn over_stream(self, context: &mut TgsContext) -> Result<Self, ReplyDefect> {
        match self.transport {
            Transport::Datagram => {
                context.transport = Transport::Stream;
                Ok(Self {
                    transport: Transport::Stream,
                    ..self
                })
            }
            Transport::Stream => Err(ReplyDefect::TooBigForStream),
        }
    }
}

fn leads_to(path: &[Vec<u8>], realm: &[u8]) -> bool {
    path.iter().any(|between| between == realm)
}

fn flags(ticket: &Credential) -> TicketFlags {
    ticket.flags
}

/// As many realms as MIT visits.
const MAX_HOPS: usize = 10;
/// Each realm is asked twice at most.
const MAX_REQUESTS: u32 = 24;
