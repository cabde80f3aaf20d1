//! What lasts through all states: header ticket, service, bounds, and how to write a request.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

use orthros_asn1::{ErrorCode, Exactly, KdcOptions, KdcReq, Message, Raw, TgsReq, TicketFlags};
use orthros_crypto::{Key, RandomSource};

use super::TgsRequestOptions;
use super::realm_path::RealmPath;
use super::request_extras::RequestExtras;
use crate::PeerError;
use crate::exchange::fast::Armor;
use crate::exchange::header_ticket::HeaderTicket;
use crate::exchange::in_flight::InFlight;
use crate::exchange::request::{RequestedTicket, draw_nonce};
use crate::exchange::{
    ExchangeError, ExchangeMisuseError, FastUse, KdcRefusalError, KdcRequest, ReplyError,
    Transport, reply,
};
use crate::observe::Event;
use orthros_types::{Credential, HostAddress, Principal, Timestamp};

/// What lasts through all states.
pub(super) struct TgsContext {
    pub(super) options: TgsRequestOptions,
    pub(super) extras: RequestExtras,
    /// The header ticket: for the KDC that is asked next.
    pub(super) header: HeaderTicket,
    /// The service as the caller named it.
    named: Principal,
    /// The service as the KDC is asked for it: referrals change its realm.
    service: Principal,
    /// Ticket-granting tickets got because the service is in another realm, by issuers on the path.
    pub(super) realm_tickets: Vec<Credential>,
    /// The realms on the way to the service's.
    pub(super) path: RealmPath,
    requests: u32,
    pub(super) transport: Transport,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hop {
    /// A ticket-granting ticket of another realm, on the way to the service's.
    Intermediate,
    /// The ticket that is wanted.
    Final,
}

/// A TGS-REQ that is out.
pub(super) struct TgsInFlight {
    pub(super) sent: InFlight,
    /// The subkey of the authenticator, which the reply is encrypted in.
    pub(super) subkey: Key,
    /// Whether PA-S4U-X509-USER names the client, which the reply has to repeat.
    pub(super) names_user: bool,
}

impl TgsContext {
    pub(super) fn for_service(
        tgt: &Credential,
        service: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeMisuseError> {
        if !tgt.server.is_ticket_granting() {
            return Err(ExchangeMisuseError::NotTicketGranting);
        }
        Self::new(tgt, service, options)
    }

    pub(super) fn for_renewal(
        ticket: &Credential,
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeMisuseError> {
        if !ticket.flags.contains(TicketFlags::RENEWABLE) {
            return Err(ExchangeMisuseError::FlagMissing("renewed"));
        }
        Self::new(ticket, ticket.server.clone(), options)
    }

    pub(super) fn for_validation(
        ticket: &Credential,
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeMisuseError> {
        if !ticket.flags.contains(TicketFlags::INVALID) {
            return Err(ExchangeMisuseError::FlagMissing("validated"));
        }
        Self::new(ticket, ticket.server.clone(), options)
    }

    pub(super) fn for_forwarding(
        tgt: &Credential,
        addresses: &[HostAddress],
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeMisuseError> {
        if !tgt.flags.contains(TicketFlags::FORWARDABLE) {
            return Err(ExchangeMisuseError::FlagMissing("forwarded"));
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
    ) -> Result<Self, ExchangeMisuseError> {
        if !tgt.flags.contains(TicketFlags::PROXIABLE) {
            return Err(ExchangeMisuseError::FlagMissing("turned into a proxy"));
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
    ) -> Result<Self, ExchangeMisuseError> {
        let mut context = Self::for_service(tgt, service, options)?;
        context.extras.user_to_user(second_ticket)?;
        Ok(context)
    }

    pub(super) fn for_user(
        tgt: &Credential,
        user: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeMisuseError> {
        let mut context = Self::for_service(tgt, tgt.client.clone(), options)?;
        if user.realm() != tgt.client.realm() || !context.header.is_local() {
            return Err(ExchangeMisuseError::ForeignUser);
        }
        context.extras.for_user(user);
        Ok(context)
    }

    pub(super) fn on_behalf_of(
        tgt: &Credential,
        evidence: &Credential,
        service: Principal,
        options: TgsRequestOptions,
    ) -> Result<Self, ExchangeMisuseError> {
        let mut context = Self::for_service(tgt, service, options)?;
        context.extras.on_behalf_of(evidence)?;
        Ok(context)
    }

    fn new(
        ticket: &Credential,
        named: Principal,
        mut options: TgsRequestOptions,
    ) -> Result<Self, ExchangeMisuseError> {
        if options.enctypes.is_empty() {
            return Err(ExchangeMisuseError::NoEnctypes);
        }
        let header = HeaderTicket::new(ticket)?;
        let service = if named.realm().is_empty() {
            named.clone().with_realm(header.kdc_realm())
        } else {
            named.clone()
        };
        Ok(Self {
            extras: RequestExtras::new(&options),
            path: RealmPath::new(&header, mem::take(&mut options.realm_path)),
            options,
            header,
            named,
            service,
            realm_tickets: Vec::new(),
            requests: 0,
            transport: Transport::Datagram,
        })
    }

    /// The service as the caller named it.
    pub(super) fn named(&self) -> &Principal {
        &self.named
    }

    /// The service as the KDC is asked for it.
    pub(super) fn service(&self) -> &Principal {
        &self.service
    }

    /// Goes on at the KDC that `ticket`, a ticket-granting ticket, is for: it is the next header ticket. Gives whether
    /// it may be kept for other exchanges.
    pub(super) fn advance(&mut self, ticket: &Credential) -> Result<bool, ExchangeError> {
        self.check_issuer(ticket)?;
        let next = HeaderTicket::new(ticket)?;
        let wanted = self.service.realm();
        let is_kept = self.path.enter(next.kdc_realm(), wanted, &self.header)?;
        self.header = next;
        Ok(is_kept)
    }

    /// Checks that the realm of a ticket-granting ticket is that of its issuer (RFC 4120 section 5.3). A KDC that
    /// gets away with another one could have its ticket cached as the way from that realm, or be taken for the
    /// client's own.
    pub(super) fn check_issuer(&self, ticket: &Credential) -> Result<(), ReplyError> {
        let issuer = self.header.kdc_realm();
        match ticket.server.served_realm() {
            Some(realm) if ticket.server.realm() != issuer => Err(reply::wrong_service(
                &Principal::ticket_granting(realm, issuer),
                &ticket.server,
            )),
            _ => Ok(()),
        }
    }

    /// Whether the KDC that is asked has to answer under armor: because the caller wants it, or because it is known
    /// to.
    pub(super) fn requires_armor(&self) -> bool {
        self.options.fast == Some(FastUse::Required) || self.knows_armor(self.header.kdc_realm())
    }

    /// Notes that the KDC answers under armor: its answer to this request did, and could be opened.
    pub(super) fn learn_armor(&mut self, answered: &InFlight) {
        let realm = &answered.request.realm;
        if !self.knows_armor(realm) {
            self.options.armoring_realms.push(realm.clone());
        }
    }

    fn knows_armor(&self, realm: &[u8]) -> bool {
        self.options
            .armoring_realms
            .iter()
            .any(|known| known == realm)
    }

    /// Looks for the service in the realm whose KDC is asked next, as a referral says.
    pub(super) fn seek_in_realm_of_kdc(&mut self) {
        self.service = self.service.clone().with_realm(self.header.kdc_realm());
        self.extras.referred();
    }

    /// Writes a request for `service`, and counts it.
    pub(super) fn write(
        &mut self,
        hop: Hop,
        service: Principal,
        kdc_options: KdcOptions,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<TgsInFlight, ExchangeError> {
        if self.requests >= MAX_REQUESTS {
            return Err(ReplyError::TooManyRequests(MAX_REQUESTS).into());
        }
        self.requests += 1;
        if self.header.times.endtime <= now {
            let ticket = self.header.server.clone();
            return Err(KdcRefusalError::TicketExpired { ticket }.into());
        }
        self.options.observer.tell(|| Event::TicketRequest {
            service: &service,
            header: &self.header.server,
        });
        // Only the request for the ticket itself carries what the caller wants of that ticket.
        let extras = (hop == Hop::Final).then_some(&self.extras);
        let requested = self.requested(extras, service, kdc_options, random)?;
        let subkey = self.header.key.enctype().random_key(random)?;
        let mut body = requested.body(None)?;
        let mut extra_padata = Vec::new();
        if let Some(extras) = extras {
            body.enc_authorization_data = extras.encrypt_authorization_data(&subkey, random)?;
            body.additional_tickets = extras.second_ticket.clone().map(|ticket| [ticket].into());
            extra_padata = extras.padata(requested.nonce, &self.header.key, &subkey)?;
        }
        // The authenticator in PA-TGS-REQ has a checksum of the body, and the armor one of PA-TGS-REQ.
        let body = Raw::new(body)?;
        let header = self.header.pa_tgs_req(&body, &subkey, now, random)?;
        let armor = (self.options.fast.is_some() || self.requires_armor())
            .then(|| Armor::of_tgs_request(&subkey, &self.header.key));
        let armored = match &armor {
            Some(armor) => {
                let inside = extra_padata.clone();
                Some(armor.pa_fx_fast(&body, &header.padata_value, inside, random)?)
            }
            None => None,
        };
        // What is under armor stands outside, too: a KDC without FAST sees it there.
        let padata = [header].into_iter().chain(armored).chain(extra_padata);
        let request = TgsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: Some(padata.collect()),
            req_body: body,
        });
        let client = extras.and_then(RequestExtras::client);
        Ok(TgsInFlight {
            names_user: extras.is_some_and(RequestExtras::names_user),
            sent: InFlight {
                client: client.unwrap_or(&self.header.client).clone(),
                sent_at: now,
                request: KdcRequest {
                    realm: self.header.kdc_realm().to_vec(),
                    message: request.encode()?,
                    transport: self.transport,
                },
                requested,
                armor,
            },
            subkey,
        })
    }

    fn requested(
        &self,
        extras: Option<&RequestExtras>,
        service: Principal,
        kdc_options: KdcOptions,
        random: &mut dyn RandomSource,
    ) -> Result<RequestedTicket, ExchangeError> {
        let header = &self.header;
        let mut options = header.inherited_options() | self.options.kdc_options | kdc_options;
        let mut addresses = &header.addresses;
        if let Some(extras) = extras {
            options |= extras.options;
            addresses = extras.addresses.as_ref().unwrap_or(addresses);
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
    pub(super) fn refuse(
        &self,
        error: PeerError,
        in_flight: &TgsInFlight,
        now: Timestamp,
    ) -> ExchangeError {
        let ticket = self.header.server.clone();
        let refusal = match error.code {
            ErrorCode::KRB_AP_ERR_TKT_EXPIRED => KdcRefusalError::TicketExpired { ticket },
            ErrorCode::KRB_AP_ERR_TKT_NYV => KdcRefusalError::TicketNotYetValid { ticket },
            ErrorCode::KRB_AP_ERR_SKEW => KdcRefusalError::Skew {
                offset: error.server_time.since(now),
                error: Box::new(error),
            },
            code => {
                let named = self.extras.client().filter(|_| is_about_client(code));
                let client = named.unwrap_or(&self.header.client);
                KdcRefusalError::new(error, client, &in_flight.sent.requested.service)
            }
        };
        refusal.into()
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

impl TgsInFlight {
    /// The same message again, over a stream.
    pub(super) fn over_stream(self, context: &mut TgsContext) -> Result<Self, ReplyError> {
        Ok(Self {
            sent: self.sent.over_stream(&mut context.transport)?,
            ..self
        })
    }
}

/// Each realm is asked twice at most.
const MAX_REQUESTS: u32 = 24;
