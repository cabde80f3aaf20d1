//! Delegated credentials: the KRB-CRED message in the authenticator's checksum (RFC 4120 sections
//! 3.6 and 5.8, RFC 4121 section 4.1.1).

use alloc::vec::Vec;

use orthros_asn1::{
    EncKrbCredPart, EncryptionKey, EncryptionType, Exactly, KerberosTime, KrbCred, KrbCredInfo,
    Message, PrincipalName, Raw, Realm, SecretOctets,
};
use orthros_crypto::{Key, KeyUsage, RandomSource, SecretVec};
use zeroize::Zeroizing;

use super::error::{ApError, ApMisuse, MalformedToken};
use super::wire;
use crate::Principal;
use crate::credential::{Credential, KeyBlock, TicketTimes};
use crate::time::Timestamp;

/// Packs tickets and their keys for the holder of `session_key`.
pub(super) fn seal(
    credentials: &[Credential],
    session_key: &Key,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, ApError> {
    let part = EncKrbCredPart {
        ticket_info: credentials.iter().map(info).collect::<Result<_, _>>()?,
        nonce: None,
        timestamp: Some(wire::kerberos_time(now)?),
        usec: Some(wire::microseconds(now)),
        s_address: None,
        r_address: None,
    };
    let plaintext = Zeroizing::new(part.encode()?);
    let message = KrbCred {
        pvno: Exactly,
        msg_type: Exactly,
        tickets: credentials
            .iter()
            .map(|credential| Raw::decode(&credential.ticket))
            .collect::<Result<_, _>>()
            .map_err(ApMisuse::Ticket)?,
        enc_part: wire::seal(session_key, KeyUsage::KRB_CRED_ENC_PART, &plaintext, random)?,
    };
    Ok(message.encode()?)
}

/// Unpacks a KRB-CRED. RFC 4121 has it sealed in the session key; old MIT clients did not seal it
/// at all, as the authenticator around it is, and others take the subkey.
pub(super) fn open(
    message: &[u8],
    session_key: &Key,
    subkey: Option<&Key>,
) -> Result<Vec<Credential>, ApError> {
    let message: KrbCred = wire::decode(message, "KRB-CRED")?;
    let open = |key| {
        wire::open(
            key,
            KeyUsage::KRB_CRED_ENC_PART,
            &message.enc_part,
            "KRB-CRED",
        )
    };
    let plaintext = match message.enc_part.etype {
        EncryptionType::NULL => SecretVec::from(&*message.enc_part.cipher),
        _ => match (open(session_key), subkey) {
            (Err(_), Some(subkey)) => open(subkey)?,
            (opened, _) => opened?,
        },
    };
    let part: EncKrbCredPart = wire::decode(&plaintext, "encrypted part of the KRB-CRED")?;
    if part.ticket_info.len() != message.tickets.len() {
        return Err(MalformedToken::Delegation("tickets and keys are not equally many").into());
    }
    let infos = part.ticket_info.into_iter();
    infos
        .zip(&message.tickets)
        .map(|(info, ticket)| credential(info, ticket.octets()))
        .collect()
}

fn info(credential: &Credential) -> Result<KrbCredInfo, ApMisuse> {
    let time = |time: Option<Timestamp>| time.map(wire::kerberos_time).transpose();
    Ok(KrbCredInfo {
        key: EncryptionKey {
            keytype: credential.session_key.enctype(),
            keyvalue: SecretOctets::new(credential.session_key.octets().to_vec()),
        },
        prealm: Some(wire::realm(&credential.client)),
        pname: Some(wire::principal_name(&credential.client)),
        flags: Some(credential.flags),
        authtime: time(Some(credential.times.authtime))?,
        starttime: time(credential.times.starttime)?,
        endtime: time(Some(credential.times.endtime))?,
        renew_till: time(credential.times.renew_till)?,
        srealm: Some(wire::realm(&credential.server)),
        sname: Some(wire::principal_name(&credential.server)),
        caddr: (!credential.addresses.is_empty()).then(|| credential.addresses.clone()),
    })
}

fn credential(info: KrbCredInfo, ticket: &[u8]) -> Result<Credential, ApError> {
    let name = |realm: Option<Realm>, name: Option<PrincipalName>, what| {
        realm
            .zip(name)
            .map(|(realm, name)| wire::principal(&realm, &name))
            .ok_or(MalformedToken::Delegation(what))
    };
    let time = |time: Option<KerberosTime>| time.map(wire::timestamp);
    let client: Principal = name(info.prealm, info.pname, "a ticket's client is not named")?;
    let server: Principal = name(info.srealm, info.sname, "a ticket's service is not named")?;
    Ok(Credential {
        client,
        server,
        session_key: KeyBlock::new(info.key.keytype, info.key.keyvalue.expose().to_vec()),
        times: TicketTimes {
            authtime: time(info.authtime).unwrap_or_default(),
            starttime: time(info.starttime),
            endtime: time(info.endtime).unwrap_or_default(),
            renew_till: time(info.renew_till),
        },
        is_skey: false,
        flags: info.flags.unwrap_or_default(),
        addresses: info.caddr.unwrap_or_default(),
        authorization_data: Vec::new(),
        ticket: ticket.to_vec(),
        second_ticket: Vec::new(),
    })
}
