//! What lasts through all states: the wish, the secret, the bounds, and how to write a request.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{AsRep, AsReq, Exactly, KdcReq, Message, PaData, PaDataType, Raw};
use orthros_crypto::{Enctype, Key, RandomSource};

use super::{AsRequestOptions, ClientSecret};
use crate::exchange::fast::{Armor, ArmoredError};
use crate::exchange::header_ticket::HeaderTicket;
use crate::exchange::kdc_message::KdcMessage;
use crate::exchange::padata::find;
use crate::exchange::request::{RequestedTicket, draw_nonce};
use crate::exchange::{
    CallerMisuse, ExchangeError, FastUse, KdcError, KdcRequest, MalformedReply, Refusal,
    ReplyDefect, Transport,
};
use orthros_types::{Duration, Principal, Timestamp};

/// What lasts through all states.
pub(super) struct AsContext {
    pub(super) options: AsRequestOptions,
    pub(super) secret: ClientSecret,
    /// The client as it is asked for now: referrals change its realm.
    client: Principal,
    enctypes: Vec<Enctype>,
    realms: Vec<Vec<u8>>,
    requests: u32,
    derivations: u32,
    /// Iterations of PBKDF2 that keys were made with.
    iterations: u64,
    transport: Transport,
    /// The KDC's clock less ours, as an unauthenticated error said.
    offset: Duration,
    /// Whether to ask for a proof that the request arrived as it was (RFC 6806 section 11).
    pub(super) req_enc_pa_rep: bool,
    /// Where there is one.
    armor: Option<HeaderTicket>,
    /// Whether requests are under armor from now on.
    pub(super) is_armored: bool,
}

/// A request that is out, and what its reply must match.
pub(super) struct InFlight {
    pub(super) requested: RequestedTicket,
    pub(super) client: Principal,
    pub(super) sent_at: Timestamp,
    pub(super) message: Vec<u8>,
    pub(super) armor: Option<Armor>,
    transport: Transport,
}

/// What a KDC's answer is.
pub(super) enum Answer {
    Reply(Box<AsRep>),
    /// Authentic if the request was under armor.
    Error(Box<KdcError>),
    TooBig,
}

impl Answer {
    fn of(error: Box<KdcError>) -> Self {
        if error.is_too_big() {
            Self::TooBig
        } else {
            Self::Error(error)
        }
    }
}

impl AsContext {
    pub(super) fn new(
        options: AsRequestOptions,
        secret: ClientSecret,
    ) -> Result<Self, CallerMisuse> {
        let armor = options.armor.as_ref();
        let ticket = armor
            .map(|armor| HeaderTicket::new(&armor.ticket))
            .transpose()?;
        if ticket
            .as_ref()
            .is_some_and(|armor| !is_for(armor, &options.client))
        {
            return Err(CallerMisuse::ForeignArmor);
        }
        Ok(Self {
            is_armored: armor.is_some_and(|armor| armor.usage == FastUse::Required),
            offset: armor.map_or(Duration::ZERO, |armor| armor.kdc_offset),
            armor: ticket,
            enctypes: options.enctypes_for(&secret)?,
            client: options.client.clone(),
            realms: [options.client.realm().to_vec()].into(),
            options,
            secret,
            requests: 0,
            derivations: 0,
            iterations: 0,
            transport: Transport::Datagram,
            req_enc_pa_rep: true,
        })
    }

    pub(super) fn client(&self) -> &Principal {
        &self.client
    }

    pub(super) fn enctypes(&self) -> &[Enctype] {
        &self.enctypes
    }

    /// The service in the realm of the client.
    pub(super) fn service(&self) -> Principal {
        match &self.options.service {
            Some(service) => service.clone().with_realm(self.client.realm()),
            None => Principal::local_ticket_granting(self.client.realm()),
        }
    }

    /// The time by the KDC's clock, as far as it is known and followed.
    pub(super) fn kdc_time(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.offset)
    }

    /// Goes by the clock of the KDC that sent this error from now on.
    ///
    /// The error is not authenticated. Whoever forges one gets an encrypted timestamp for another
    /// time than now, with which the KDC can be shown that the client was there, and nothing else.
    pub(super) fn follow_clock(&mut self, error: &KdcError, now: Timestamp) {
        if self.options.kdc_timesync {
            self.offset = error.server_time.since(now);
        }
    }

    /// Goes on in the realm to which a KDC refers the client (RFC 6806 section 7).
    pub(super) fn follow_referral(&mut self, realm: &[u8]) -> Result<(), ReplyDefect> {
        if self.realms.iter().any(|seen| seen == realm) || self.realms.len() > MAX_REFERRALS {
            return Err(ReplyDefect::ReferralLoop(realm.to_vec()));
        }
        self.realms.push(realm.to_vec());
        self.client = self.client.clone().with_realm(realm);
        self.offset = Duration::ZERO;
        self.req_enc_pa_rep = true;
        Ok(())
    }

    /// Whether there is an armor ticket, in use or not.
    pub(super) fn has_armor_ticket(&self) -> bool {
        self.armor.is_some()
    }

    /// Whether there is an armor that is not worn yet. The client's realm has not changed then.
    pub(super) fn has_spare_armor(&self) -> bool {
        !self.is_armored && self.armor.is_some()
    }

    /// Whether to put the armor on because the KDC says that it knows FAST.
    pub(super) fn is_offered_fast(&self, method_data: &[PaData]) -> bool {
        self.has_spare_armor() && find(method_data, PaDataType::FX_FAST).is_some()
    }

    /// The armor for the next request, if it is to have one. Each has its own.
    pub(super) fn armor(
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
            return Err(Refusal::TicketExpired { ticket }.into());
        }
        Armor::of_ticket(ticket, kdc_time, random).map(Some)
    }

    /// Writes a request with these pre-authentication data, under that armor, and counts it.
    pub(super) fn write(
        &mut self,
        mut padata: Vec<PaData>,
        armor: Option<Armor>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<InFlight, ExchangeError> {
        if self.requests >= MAX_REQUESTS {
            return Err(ReplyDefect::TooManyRequests(MAX_REQUESTS).into());
        }
        self.requests += 1;
        if self.req_enc_pa_rep {
            padata.push(PaData {
                padata_type: PaDataType::REQ_ENC_PA_REP,
                padata_value: Vec::new().into(),
            });
        }
        let requested = self.ask(now, random)?;
        let body = Raw::new(requested.body(Some(&self.client))?)?;
        if let Some(armor) = &armor {
            padata = [armor.seal(&body, body.octets(), padata, random)?].into();
        }
        let request = AsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: (!padata.is_empty()).then_some(padata),
            req_body: body,
        });
        Ok(InFlight {
            message: request.encode()?,
            armor,
            requested,
            client: self.client.clone(),
            sent_at: now,
            transport: self.transport,
        })
    }

    fn ask(
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

    /// The client's key of an encryption type, made of the password or found among the keys.
    ///
    /// Making one may be costly and the KDC has a say in the cost, so that it may happen a few times only.
    pub(super) fn client_key(
        &mut self,
        enctype: Enctype,
        salt: &[u8],
        params: Option<&[u8]>,
    ) -> Result<Key, ExchangeError> {
        match &self.secret {
            ClientSecret::Keys(keys) => keys
                .iter()
                .find(|key| key.enctype() == enctype)
                .cloned()
                .ok_or_else(|| {
                    Refusal::KeyMissing {
                        client: self.client.clone(),
                        enctype,
                    }
                    .into()
                }),
            ClientSecret::Password(password) => {
                let iterations = self.iterations.saturating_add(iterations(params));
                if self.derivations >= MAX_DERIVATIONS || iterations > MAX_ITERATIONS {
                    return Err(ReplyDefect::TooManyRequests(self.requests).into());
                }
                self.derivations += 1;
                self.iterations = iterations;
                enctype
                    .string_to_key(password, salt, params)
                    .map_err(|error| MalformedReply::KeyParameters(error).into())
            }
            ClientSecret::Ask => Err(CallerMisuse::UnexpectedInput.into()),
        }
    }

    /// What an error that no state handles means: the end.
    pub(super) fn refuse(&self, error: KdcError) -> ExchangeError {
        Refusal::new(error, &self.client, &self.service()).into()
    }
}

impl InFlight {
    /// Reads an answer. What is no answer to a request under armor ends the exchange: without armor anybody can say no.
    ///
    /// An error under armor counts for what is under it, whatever its outside says. That a reply is too big for a datagram is
    /// believed without armor, too: it is often said before the request is read, and steers nothing but the transport.
    pub(super) fn answer(&self, octets: &[u8]) -> Result<Answer, ExchangeError> {
        let error = match KdcMessage::decode(octets)? {
            KdcMessage::AsRep(reply) => return Ok(Answer::Reply(reply)),
            KdcMessage::TgsRep(_) => return Err(MalformedReply::OtherMessage.into()),
            KdcMessage::Error(error) => error,
        };
        let Some(armor) = &self.armor else {
            return Ok(Answer::of(error));
        };
        match armor.open_error(error, self.requested.nonce)? {
            ArmoredError::Opened(error) => Ok(Answer::of(error)),
            ArmoredError::Plain(error) if error.is_too_big() => Ok(Answer::TooBig),
            ArmoredError::Plain(error) => {
                let client = self.client.clone();
                Err(Refusal::ArmorIgnored { client, error }.into())
            }
        }
    }

    pub(super) fn request(&self) -> KdcRequest {
        KdcRequest {
            realm: self.client.realm().to_vec(),
            message: self.message.clone(),
            transport: self.transport,
        }
    }

    /// The same message again over a stream, as all that come after it.
    pub(super) fn over_stream(self, context: &mut AsContext) -> Result<Self, ReplyDefect> {
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

/// Whether the KDC of the client's realm knows the key of this ticket.
fn is_for(armor: &HeaderTicket, client: &Principal) -> bool {
    armor.server.served_realm() == Some(client.realm())
}

/// How often PBKDF2 is iterated with these parameters. Those that are refused cost nothing: other than four octets, and more
/// iterations than there may be for one key.
fn iterations(params: Option<&[u8]>) -> u64 {
    let Some(params) = params else {
        return DEFAULT_ITERATIONS;
    };
    let count = <[u8; 4]>::try_from(params).map_or(0, u32::from_be_bytes);
    Some(u64::from(count))
        .filter(|count| *count < MAX_ITERATIONS)
        .unwrap_or(0)
}

/// As many as MIT sends before it calls it a loop.
const MAX_REQUESTS: u32 = 16;
/// As many realms as MIT visits.
const MAX_REFERRALS: usize = 10;
/// One for the timestamp, one for a reply in another encryption type, and as many in reserve.
const MAX_DERIVATIONS: u32 = 4;
/// All together as many as MIT takes for one key, which is some seconds' work: whoever forges an error may have the client do it once.
const MAX_ITERATIONS: u64 = 1 << 24;
/// The greatest default of any encryption type.
const DEFAULT_ITERATIONS: u64 = 32_768;
