//! From an AS-REP to a ticket: decrypting it, and every check (RFC 4120 section 3.1.5).

use orthros_asn1::{
    AsRep, Checksum, EncAsRepPart, EncKdcRepPart, KdcRep, Message, MessageType, PaData, PaDataType,
    TicketFlags,
};
use orthros_crypto::{DecryptError, Enctype, Key, KeyUsage, SecretVec};

use super::context::AsContext;
use super::ticket::{InitialTicket, PasswordExpiry};
use crate::exchange::error::malformed;
use crate::exchange::fast::Armored;
use crate::exchange::in_flight::InFlight;
use crate::exchange::padata::find;
use crate::exchange::{ExchangeError, KdcRefusalError, ReplyError, SecretEvidence, reply};
use crate::observe::Event;
use crate::preauth::Preauthentication;
use crate::wire;
use orthros_types::{Duration, Principal};

/// Decrypts the reply with the client's key and checks that it answers the request.
pub(super) fn open(
    context: &mut AsContext,
    in_flight: &InFlight,
    message: &AsRep,
    preauth: Option<&Preauthentication>,
) -> Result<InitialTicket, ExchangeError> {
    let reply = Reply::new(in_flight, &message.0)?;
    if let Some(preauth) = preauth {
        preauth.check_kdc(reply.padata())?;
    }
    let (key, plaintext) = decrypt(context, in_flight, &reply, preauth)?;
    let EncAsRepPart(part) = EncAsRepPart::decode(&plaintext).map_err(malformed("EncASRepPart"))?;
    let fast_available = check_req_enc_pa_rep(in_flight, &part, &key)?;
    // Had the KDC's offer of FAST arrived, there would have been no preauthentication without armor.
    if fast_available && context.has_spare_armor() && preauth.is_some() {
        return Err(ReplyError::FastHidden.into());
    }
    let client = reply.client();
    let service = check(context, in_flight, &message.0, &part, &client)?;
    let fast_available = fast_available || reply.armored.is_some();
    context.tell(|| Event::InitialTicket {
        client: &client,
        service: &service,
        session_key: part.key.keytype,
        fast_available,
    });
    Ok(InitialTicket {
        kdc_offset: kdc_offset(context, in_flight, &part),
        preauth: preauth.map(Preauthentication::padata_type),
        fast_available,
        expiry: PasswordExpiry::new(&part),
        credential: reply::credential(client, service, &message.0, &part, &in_flight.requested)?,
    })
}

/// A reply, and what it says under its armor instead of outside.
struct Reply<'a> {
    message: &'a KdcRep<AS_REP>,
    armored: Option<Armored>,
}

impl<'a> Reply<'a> {
    fn new(in_flight: &InFlight, message: &'a KdcRep<AS_REP>) -> Result<Self, ExchangeError> {
        let armored = in_flight.open_armor(message)?;
        if in_flight.armor.is_some() && armored.is_none() {
            return Err(ReplyError::ArmorMissing.into());
        }
        Ok(Self { message, armored })
    }

    fn padata(&self) -> &[PaData] {
        match &self.armored {
            Some(armored) => &armored.padata,
            None => self.message.padata.as_deref().unwrap_or_default(),
        }
    }

    fn client(&self) -> Principal {
        match &self.armored {
            Some(armored) => armored.client.clone(),
            None => wire::principal(&self.message.crealm, &self.message.cname),
        }
    }

    /// The key that the reply is encrypted in if this is the reply key without armor.
    fn key(&self, reply_key: &Key) -> Key {
        match &self.armored {
            Some(armored) => armored.strengthen(reply_key),
            None => reply_key.clone(),
        }
    }

    /// The plaintext with the key that gives it, or none if the reply key is another.
    fn open(&self, reply_key: &Key) -> Result<Option<(Key, SecretVec)>, ReplyError> {
        let key = self.key(reply_key);
        match key.decrypt(KeyUsage::AS_REP_ENC_PART, &self.message.enc_part.cipher) {
            Ok(plaintext) => Ok(Some((key, plaintext))),
            Err(DecryptError::Integrity(_)) => Ok(None),
            Err(error) => Err(ReplyError::Ciphertext(error)),
        }
    }
}

/// By how much the KDC's clock is ahead, if that is to be followed.
fn kdc_offset(context: &AsContext, in_flight: &InFlight, part: &EncKdcRepPart) -> Duration {
    if context.options.kdc_timesync {
        wire::timestamp(part.authtime).since(in_flight.sent_at)
    } else {
        Duration::ZERO
    }
}

/// Finds the key that the reply is encrypted in. A key that fits no ciphertext is a wrong secret.
fn decrypt(
    context: &mut AsContext,
    in_flight: &InFlight,
    reply: &Reply<'_>,
    preauth: Option<&Preauthentication>,
) -> Result<(Key, SecretVec), ExchangeError> {
    let etype = reply.message.enc_part.etype;
    let enctype = Enctype::from_number(etype.0)
        .filter(|_| in_flight.requested.has_enctype(etype))
        .ok_or(ReplyError::EnctypeNotRequested(etype))?;
    // The mechanism has the last word on the reply key; most leave the client's long-term key.
    let named = reply.client();
    let mut client_key = || context.key_of_reply(preauth, enctype, reply.padata(), &named);
    let key = match preauth {
        Some(preauth) => preauth.reply_key(&mut client_key)?,
        None => client_key()?,
    };
    let opened = reply.open(&key)?;
    opened.ok_or_else(|| wrong_secret(context))
}

fn wrong_secret(context: &AsContext) -> ExchangeError {
    KdcRefusalError::WrongSecret {
        client: context.client().clone(),
        is_password: context.keys.is_password(),
        evidence: SecretEvidence::ReplyIntegrity,
    }
    .into()
}

/// Checks by PA-REQ-ENC-PA-REP that the KDC saw the request as it was sent (RFC 6806 section 11). Gives whether it
/// speaks FAST.
///
/// Without the flag nothing is promised: KDCs older than RFC 6806 send no such checksum.
fn check_req_enc_pa_rep(
    in_flight: &InFlight,
    part: &EncKdcRepPart,
    key: &Key,
) -> Result<bool, ExchangeError> {
    if !part.flags.contains(TicketFlags::ENC_PA_REP) {
        return Ok(false);
    }
    let data: &[PaData] = part.encrypted_pa_data.as_deref().unwrap_or_default();
    let checksum =
        find(data, PaDataType::REQ_ENC_PA_REP).ok_or(ReplyError::RequestChecksumMissing)?;
    let checksum = Checksum::decode(checksum).map_err(malformed("PA-REQ-ENC-PA-REP"))?;
    if checksum.cksumtype.0 != key.enctype().checksum_type().number() {
        return Err(ReplyError::RequestChecksum.into());
    }
    key.verify_checksum(
        KeyUsage::AS_REQ_CHECKSUM,
        &in_flight.request.message,
        &checksum.checksum,
    )
    .map_err(|_| ReplyError::RequestChecksum)?;
    Ok(find(data, PaDataType::FX_FAST).is_some())
}

/// All that RFC 4120 section 3.1.5 wants compared. Gives the service that the ticket is for.
fn check(
    context: &AsContext,
    in_flight: &InFlight,
    message: &KdcRep<AS_REP>,
    part: &EncKdcRepPart,
    client: &Principal,
) -> Result<Principal, ReplyError> {
    let (requested, options) = (&in_flight.requested, &context.options);
    reply::check_nonce(requested, part)?;
    if !options.may_rename() {
        reply::check_client(&in_flight.client, client)?;
    }
    let service = reply::service(part, &message.ticket)?;
    // RFC 6806 lets the KDC answer for another ticket-granting service, and for nothing else. It issues the ticket
    // as the realm that was asked, or as the one that this is properly called: not as a third one, which would be
    // kept as the way from there.
    let is_own = service.is_local_ticket_granting() || service.realm() == requested.service.realm();
    let renamed = options.may_rename()
        && is_own
        && service.is_ticket_granting()
        && requested.service.is_ticket_granting();
    if service != requested.service && !renamed {
        return Err(reply::wrong_service(&requested.service, &service));
    }
    let times = reply::times(part);
    reply::check_times(requested, part.flags, &times)?;
    if !options.kdc_timesync {
        reply::check_skew(requested, &times, in_flight.sent_at, options.clock_skew)?;
    }
    reply::check_flags(requested.options, TicketFlags::empty(), part.flags)?;
    reply::check_addresses(&requested.addresses, part.caddr.as_deref())?;
    Ok(service)
}

const AS_REP: i32 = MessageType::AS_REP.0;
