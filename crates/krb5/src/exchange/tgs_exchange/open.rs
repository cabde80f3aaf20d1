//! From a TGS-REP to a ticket: decrypting it, and every check (RFC 4120 section 3.3.4).

use orthros_asn1::{EncKdcRepPart, EncTgsRepPart, KdcOptions, Message, TgsRep, TicketFlags};
use orthros_crypto::{DecryptError, KeyUsage, SecretVec};

use super::context::{TgsContext, TgsInFlight};
use super::s4u::{self, ReplyUser, SelfRequest};
use crate::exchange::error::malformed;
use crate::exchange::fast::Armored;
use crate::exchange::in_flight::InFlight;
use crate::exchange::{ExchangeError, ReplyError, reply};
use crate::wire;
use orthros_types::{Credential, NameType, Principal, TicketTimes, Timestamp};

/// Decrypts the reply and checks that it answers the request. Whether the service is the right one
/// depends on what was asked and is the state's business.
pub(super) fn open(
    context: &mut TgsContext,
    in_flight: &TgsInFlight,
    message: &TgsRep,
    now: Timestamp,
) -> Result<Credential, ExchangeError> {
    let sent = &in_flight.sent;
    // The armor first: it may strengthen the key that the rest is encrypted in. A KDC need not know FAST, unless the
    // caller wants it, or the KDC is known to know it.
    let armored = sent.open_armor(&message.0)?;
    if sent.armor.is_some() && armored.is_none() && context.requires_armor() {
        return Err(ReplyError::ArmorMissing.into());
    }
    let plaintext = decrypt(context, in_flight, message, armored.as_ref())?;
    let EncTgsRepPart(mut part) =
        EncTgsRepPart::decode(&plaintext).map_err(malformed("EncTGSRepPart"))?;
    reply::check_nonce(&sent.requested, &part)?;
    // From here on the reply is known to answer this request.
    if armored.is_some() {
        context.learn_armor(sent);
    }
    let client = client(in_flight, message, &part, armored)?;
    let service = check(context, sent, message, &part, now)?;
    // A foreign KDC can't vouch for a service unless the own realm vouches for that KDC.
    let header = &context.header;
    if !header.is_local() && !header.flags.contains(TicketFlags::OK_AS_DELEGATE) {
        part.flags.remove(TicketFlags::OK_AS_DELEGATE);
    }
    Ok(reply::credential(
        client,
        service,
        &message.0,
        &part,
        &sent.requested,
    )?)
}

/// The client of the ticket, checked to be the one that was asked for.
fn client(
    in_flight: &TgsInFlight,
    message: &TgsRep,
    part: &EncKdcRepPart,
    armored: Option<Armored>,
) -> Result<Principal, ExchangeError> {
    let sent = &in_flight.sent;
    let is_armored = armored.is_some();
    let (client, padata) = match armored {
        Some(armored) => (armored.client, armored.padata),
        None => {
            let padata = message.0.padata.clone().unwrap_or_default();
            (wire::principal(&message.0.crealm, &message.0.cname), padata)
        }
    };
    // The principal that an enterprise name stands for is the KDC's to say: under the checksum of PA-S4U-X509-USER,
    // or under armor.
    let may_be_renamed = in_flight.names_user && sent.client.name_type() == NameType::ENTERPRISE;
    if !may_be_renamed {
        reply::check_client(&sent.client, &client)?;
    }
    if in_flight.names_user {
        let request = SelfRequest {
            user: &sent.client,
            nonce: sent.requested.nonce,
            subkey: &in_flight.subkey,
        };
        let reply = ReplyUser {
            client: &client,
            padata: &padata,
            encrypted: part.encrypted_pa_data.as_deref().unwrap_or_default(),
            is_armored,
        };
        s4u::check_reply(&request, &reply)?;
    }
    Ok(client)
}

/// All that RFC 4120 section 3.3.4 wants compared, but for the client. Gives the service that the ticket is for.
fn check(
    context: &TgsContext,
    sent: &InFlight,
    message: &TgsRep,
    part: &EncKdcRepPart,
    now: Timestamp,
) -> Result<Principal, ReplyError> {
    let (requested, header) = (&sent.requested, &context.header);
    let service = reply::service(part, &message.0.ticket)?;
    let times = reply::times(part);
    if requested.options.contains(KdcOptions::RENEW) {
        // A renewed ticket starts over: only the old limit of renewal ends it.
        check_renewed(header.times.renew_till, &times)?;
    } else {
        reply::check_times(requested, part.flags, &times)?;
    }
    let keeps_start = KdcOptions::RENEW | KdcOptions::VALIDATE;
    if !requested.options.intersects(keeps_start) {
        reply::check_skew(requested, &times, now, context.options.clock_skew)?;
    }
    reply::check_flags(requested.options, header.flags, part.flags)?;
    reply::check_addresses(&requested.addresses, part.caddr.as_deref())?;
    Ok(service)
}

/// Tries the subkey, then the session key: old versions of Heimdal ignore the subkey.
fn decrypt(
    context: &TgsContext,
    in_flight: &TgsInFlight,
    message: &TgsRep,
    armored: Option<&Armored>,
) -> Result<SecretVec, ExchangeError> {
    let cipher = &message.0.enc_part.cipher;
    let keys = [
        (&in_flight.subkey, KeyUsage::TGS_REP_ENC_PART_SUBKEY),
        (&context.header.key, KeyUsage::TGS_REP_ENC_PART_SESSION_KEY),
    ];
    for (key, usage) in keys {
        let strengthened = armored.map(|armored| armored.strengthen(key));
        match strengthened.as_ref().unwrap_or(key).decrypt(usage, cipher) {
            Ok(plaintext) => return Ok(plaintext),
            Err(DecryptError::Integrity(_)) => {}
            Err(error) => return Err(ReplyError::Ciphertext(error).into()),
        }
    }
    Err(ReplyError::Integrity.into())
}

fn check_renewed(limit: Option<Timestamp>, granted: &TicketTimes) -> Result<(), ReplyError> {
    let Some(limit) = limit else { return Ok(()) };
    if granted.endtime > limit {
        return Err(ReplyError::EndTime);
    }
    if granted.renew_till.is_some_and(|till| till > limit) {
        return Err(ReplyError::RenewTill);
    }
    Ok(())
}
