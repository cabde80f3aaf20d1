//! What lasts through all states: options, keys, bounds, and how to write a request.

use alloc::vec::Vec;
use core::fmt::Display;

use orthros_asn1::{AsReq, Exactly, KdcReq, Message, PaData, PaDataType, PaPacRequest, Raw};
use orthros_crypto::{Enctype, Key, RandomSource};

use super::{AsRequestOptions, ClientSecret};
use crate::PeerError;
use crate::exchange::fast::Armor;
use crate::exchange::header_ticket::HeaderTicket;
use crate::exchange::in_flight::InFlight;
use crate::exchange::padata::find;
use crate::exchange::request::{RequestedTicket, draw_nonce};
use crate::exchange::{
    ExchangeError, ExchangeMisuseError, FastUse, KdcRefusalError, KdcRequest, ReplyError, Transport,
};
use crate::observe::{Event, PadataTypes};
use crate::preauth::{
    Asking, Choice, ClientKeys, KeyHint, MechanismRow, PasswordKeyInfo, PreauthClient,
    Preauthentication,
};
use orthros_types::{Duration, Principal, Timestamp};

/// What lasts through all states.
pub(super) struct AsContext {
    pub(super) options: AsRequestOptions,
    pub(super) keys: ClientKeys,
    mechanisms: &'static [MechanismRow],
    /// The mechanisms of the table that were tried and have failed.
    failed: Vec<PaDataType>,
    /// The client as it is asked for now: referrals change its realm.
    client: Principal,
    enctypes: Vec<Enctype>,
    realms: Vec<Vec<u8>>,
    requests: u32,
    pub(super) transport: Transport,
    /// The KDC's clock less ours, as an unauthenticated error said.
    offset: Duration,
    /// Whether requests have PA-REQ-ENC-PA-REP: the reply then has a checksum of the request (RFC 6806 section 11).
    pub(super) req_enc_pa_rep: bool,
    /// Where there is one.
    armor: Option<HeaderTicket>,
    /// Whether requests are under armor from now on.
    pub(super) is_armored: bool,
}

impl AsContext {
    pub(super) fn new(
        options: AsRequestOptions,
        secret: ClientSecret,
        mechanisms: &'static [MechanismRow],
    ) -> Result<Self, ExchangeMisuseError> {
        let armor = options.armor.as_ref();
        let ticket = armor
            .map(|armor| HeaderTicket::new(&armor.ticket))
            .transpose()?;
        if ticket
            .as_ref()
            .is_some_and(|armor| !is_for(armor, &options.client))
        {
            return Err(ExchangeMisuseError::ForeignArmor);
        }
        Ok(Self {
            is_armored: armor.is_some_and(|armor| armor.usage == FastUse::Required),
            offset: armor.map_or(Duration::ZERO, |armor| armor.kdc_offset),
            armor: ticket,
            enctypes: options.enctypes_for(&secret)?,
            client: options.client.clone(),
            realms: [options.client.realm().to_vec()].into(),
            options,
            keys: ClientKeys::new(secret),
            mechanisms,
            failed: Vec::new(),
            requests: 0,
            transport: Transport::Datagram,
            req_enc_pa_rep: true,
        })
    }

    pub(super) fn client(&self) -> &Principal {
        &self.client
    }

    /// The service in the realm of the client.
    fn service(&self) -> Principal {
        match &self.options.service {
            Some(service) => service.clone().with_realm(self.client.realm()),
            None => Principal::local_ticket_granting(self.client.realm()),
        }
    }

    /// The time by the KDC's clock, as far as it is known and followed.
    fn kdc_time(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.offset)
    }

    /// Goes by the clock of the KDC that sent this error from now on.
    ///
    /// The error is not authenticated. A forged one makes the client send an encrypted timestamp for another time than
    /// now, with which the KDC can be shown that the client was there, and nothing else.
    pub(super) fn follow_clock(&mut self, error: &PeerError, now: Timestamp) {
        if self.options.kdc_timesync {
            self.offset = error.server_time.since(now);
        }
    }

    /// Goes on in the realm to which a KDC refers the client (RFC 6806 section 7).
    pub(super) fn follow_referral(&mut self, realm: &[u8]) -> Result<(), ReplyError> {
        if self.realms.iter().any(|seen| seen == realm) || self.realms.len() > MAX_REFERRALS {
            return Err(ReplyError::ReferralLoop(realm.to_vec()));
        }
        self.tell(|| Event::ClientReferral { realm });
        self.realms.push(realm.to_vec());
        self.client = self.client.clone().with_realm(realm);
        self.offset = Duration::ZERO;
        self.req_enc_pa_rep = true;
        Ok(())
    }

    /// Tells the observer, if there is one.
    pub(super) fn tell<'e>(&self, event: impl FnOnce() -> Event<'e>) {
        self.options.observer.tell(event);
    }

    /// Whether there is an armor ticket, in use or not.
    pub(super) fn has_armor_ticket(&self) -> bool {
        self.armor.is_some()
    }

    /// Whether there is an armor ticket that is not used yet. The client's realm has not changed then.
    pub(super) fn has_spare_armor(&self) -> bool {
        !self.is_armored && self.armor.is_some()
    }

    /// Whether to use the armor because the KDC says that it knows FAST.
    pub(super) fn is_offered_fast(&self, method_data: &[PaData]) -> bool {
        self.has_spare_armor() && find(method_data, PaDataType::FX_FAST).is_some()
    }

    /// Chooses how to answer the KDC's offer of preauthentication, or says why that can't be.
    pub(super) fn choose(&self, method_data: &[PaData]) -> Result<Choice, ExchangeError> {
        self.tell(|| Event::PreauthOffered {
            offered: PadataTypes::of(method_data),
        });
        let client = PreauthClient {
            mechanisms: self.mechanisms,
            options: &self.options,
            name: &self.client,
            service: self.service(),
            enctypes: &self.enctypes,
            is_armored: self.is_armored,
            failed: &self.failed,
        };
        Choice::new(&client, method_data)
    }

    /// Begins to preauthenticate: makes the client's key.
    pub(super) fn preauthenticate(
        &mut self,
        choice: Choice,
    ) -> Result<Preauthentication, ExchangeError> {
        if let KeyHint::Entry { enctype, salt, .. } = choice.hint() {
            self.tell(|| Event::KeyHint {
                enctype: *enctype,
                salt: salt.as_deref(),
            });
        }
        self.tell(|| Event::PreauthChosen {
            mechanism: choice.padata_type(),
        });
        let asking = Asking {
            client: &self.client,
            requests: self.requests,
        };
        let key = self
            .keys
            .for_preauthentication(asking, choice.hint(), &self.enctypes)?;
        Ok(Preauthentication::new(choice, key))
    }

    /// Begins with the next mechanism of the table that the KDC offers, as one has failed before it sent anything that
    /// is made of the client's key.
    pub(super) fn fall_back(
        &mut self,
        failed: Preauthentication,
        reason: &dyn Display,
        method_data: &[PaData],
    ) -> Result<Preauthentication, ExchangeError> {
        let mechanism = failed.padata_type();
        self.tell(|| Event::PreauthFailed { mechanism, reason });
        self.failed.push(mechanism);
        let choice = self.choose(method_data)?;
        let mechanism = choice.padata_type();
        match failed.into_key(choice.hint()) {
            Some(key) => {
                self.tell(|| Event::PreauthChosen { mechanism });
                Ok(Preauthentication::new(choice, key))
            }
            None => self.preauthenticate(choice),
        }
    }

    /// Forgets which mechanisms have failed: the exchange begins anew.
    pub(super) fn forget_failures(&mut self) {
        self.failed.clear();
    }

    /// Writes a request, with the next response of the preauthentication that is under way, and counts it.
    pub(super) fn write(
        &mut self,
        preauth: Option<&mut Preauthentication>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<InFlight, ExchangeError> {
        let armor = self.armor(now, random)?;
        if self.requests >= MAX_REQUESTS {
            return Err(ReplyError::TooManyRequests(MAX_REQUESTS).into());
        }
        self.requests += 1;
        // The body comes first: a mechanism may bind its response to it, and the armor has a checksum of it.
        let requested = self.requested(now, random)?;
        let body = Raw::new(requested.body(Some(&self.client))?)?;
        let is_preauthenticated = preauth.is_some();
        let mut padata = match preauth {
            Some(preauth) => preauth.respond(
                &self.options,
                &body,
                self.kdc_time(now),
                armor.as_ref(),
                random,
            )?,
            None => Vec::new(),
        };
        if self.req_enc_pa_rep {
            padata.push(PaData {
                padata_type: PaDataType::REQ_ENC_PA_REP,
                padata_value: Vec::new().into(),
            });
        }
        if let Some(include_pac) = self.options.request_pac {
            padata.push(PaData {
                padata_type: PaDataType::PAC_REQUEST,
                padata_value: PaPacRequest { include_pac }.encode()?.into(),
            });
        }
        self.tell(|| match is_preauthenticated {
            true => Event::PreauthMade {
                padata: PadataTypes::of(&padata),
            },
            false => Event::UnauthenticatedRequest,
        });
        if let Some(armor) = &armor {
            padata = [armor.pa_fx_fast(&body, body.octets(), padata, random)?].into();
        }
        let request = AsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: (!padata.is_empty()).then_some(padata),
            req_body: body,
        });
        Ok(InFlight {
            request: KdcRequest {
                realm: self.client.realm().to_vec(),
                message: request.encode()?,
                transport: self.transport,
            },
            armor,
            requested,
            client: self.client.clone(),
            sent_at: now,
        })
    }

    /// The armor for the next request, if it is to have one. Each has its own.
    fn armor(
        &self,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Option<Armor>, ExchangeError> {
        let Some(ticket) = self.armor.as_ref().filter(|_| self.is_armored) else {
            return Ok(None);
        };
        let kdc_time = self.kdc_time(now);
        if ticket.times.endtime <= kdc_time {
            let ticket = ticket.server.clone();
            return Err(KdcRefusalError::TicketExpired { ticket }.into());
        }
        Armor::of_ticket(ticket, kdc_time, random).map(Some)
    }

    fn requested(
        &self,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<RequestedTicket, ExchangeError> {
        let (from, till, renew_till) = self.options.times(self.kdc_time(now));
        Ok(RequestedTicket {
            nonce: draw_nonce(random)?,
            service: self.service(),
            options: self.options.kdc_options(),
            from,
            till,
            renew_till,
            enctypes: self.enctypes.clone(),
            addresses: self.options.addresses.clone(),
        })
    }

    /// The client's long-term key in the encryption type of a reply.
    ///
    /// `named` is the client as the reply names it.
    pub(super) fn key_of_reply(
        &mut self,
        preauth: Option<&Preauthentication>,
        enctype: Enctype,
        padata: &[PaData],
        named: &Principal,
    ) -> Result<Key, ExchangeError> {
        let asking = Asking {
            client: &self.client,
            requests: self.requests,
        };
        let used = preauth.map(Preauthentication::client_key);
        self.keys.for_reply(asking, used, enctype, padata, named)
    }

    /// How the password becomes keys, as this preauthentication data says.
    pub(super) fn password_keys(
        &self,
        padata: &[PaData],
    ) -> Result<Vec<PasswordKeyInfo>, ExchangeError> {
        PasswordKeyInfo::find(padata, &self.enctypes, &self.client)
    }

    /// The KDC names no encryption type that was asked for.
    pub(super) fn no_common_enctype(&self) -> ExchangeError {
        let (client, service) = (self.client.clone(), self.service());
        let error = None;
        KdcRefusalError::EnctypeNotSupported {
            client,
            service,
            error,
        }
        .into()
    }

    /// What an error that no state handles means: the end.
    pub(super) fn refuse(&self, error: PeerError) -> ExchangeError {
        KdcRefusalError::new(error, &self.client, &self.service()).into()
    }
}

/// Whether the KDC of the client's realm knows the key of this ticket.
fn is_for(armor: &HeaderTicket, client: &Principal) -> bool {
    armor.server.served_realm() == Some(client.realm())
}

/// As many as MIT sends before it calls it a loop.
const MAX_REQUESTS: u32 = 16;
/// As many realms as MIT visits.
const MAX_REFERRALS: usize = 10;
