//! KRB-CRED (RFC 4120 section 5.8).

use alloc::vec::Vec;

use orthros_asn1::{
    DecodeError, EncKrbCredPart, EncodeError, EncryptionKey, Exactly, KerberosTime, KrbCred,
    KrbCredInfo, Message, PrincipalName, Raw, Realm, SecretOctets, UInt32,
};
use orthros_crypto::{Key, KeyUsage, RandomError, RandomSource, SecretVec};
use orthros_types::{Credential, KeyBlock, Principal, TicketTimes, Timestamp};
use zeroize::Zeroizing;

use super::error::SessionError;
use super::heading::{CredentialsHeading, Heading};
use crate::wire;

/// What was in a KRB-CRED.
pub(crate) struct Unpacked {
    pub(crate) credentials: Vec<Credential>,
    pub(super) heading: CredentialsHeading,
}

/// A KRB-CRED can't be made or read: what a session or a delegation makes an error of its own of.
#[derive(Debug)]
pub(crate) enum CredentialsError {
    /// The message or its encrypted part violates its syntax.
    Malformed {
        what: &'static str,
        error: DecodeError,
    },
    /// It is not made with this key, or was changed.
    Integrity,
    /// Something that belongs to the tickets is missing.
    Incomplete(&'static str),
    /// A ticket to be sent is none.
    Ticket(DecodeError),
    /// A time to be sent has no Kerberos form.
    Time(Timestamp),
    Encode(EncodeError),
    Random(RandomError),
}

/// Packs tickets and their keys for the holder of `key`.
pub(crate) fn encrypt(
    key: &Key,
    credentials: &[Credential],
    heading: CredentialsHeading,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, CredentialsError> {
    let part = EncKrbCredPart {
        ticket_info: credentials.iter().map(info).collect::<Result<_, _>>()?,
        nonce: heading.number(),
        timestamp: heading.timestamp(),
        usec: heading.microseconds(),
        s_address: heading.sender,
        r_address: heading.receiver,
    };
    let plaintext = Zeroizing::new(part.encode()?);
    let message = KrbCred {
        pvno: Exactly,
        msg_type: Exactly,
        tickets: credentials
            .iter()
            .map(|credential| Raw::decode(&credential.ticket))
            .collect::<Result<_, _>>()
            .map_err(CredentialsError::Ticket)?,
        enc_part: wire::encrypt(key, KeyUsage::KRB_CRED_ENC_PART, &plaintext, random)?,
    };
    Ok(message.encode()?)
}

pub(crate) fn decode(message: &[u8]) -> Result<KrbCred, CredentialsError> {
    KrbCred::decode(message).map_err(malformed("KRB-CRED"))
}

/// The encrypted part.
pub(crate) fn decrypt(key: &Key, message: &KrbCred) -> Result<SecretVec, CredentialsError> {
    wire::decrypt(key, KeyUsage::KRB_CRED_ENC_PART, &message.enc_part)
        .ok_or(CredentialsError::Integrity)
}

/// Puts the tickets together with what belongs to them.
pub(crate) fn unpack(message: &KrbCred, part: &[u8]) -> Result<Unpacked, CredentialsError> {
    let part = EncKrbCredPart::decode(part).map_err(malformed("EncKrbCredPart"))?;
    if part.ticket_info.len() != message.tickets.len() {
        return Err(CredentialsError::Incomplete(
            "tickets and keys are not equally many",
        ));
    }
    let infos = part.ticket_info.into_iter().zip(&message.tickets);
    Ok(Unpacked {
        credentials: infos
            .map(|(info, ticket)| credential(info, ticket.octets()))
            .collect::<Result<_, _>>()?,
        heading: Heading {
            time: part.timestamp.zip(part.usec),
            sequence_number: part.nonce.map(|UInt32(number)| number),
            sender: part.s_address,
            receiver: part.r_address,
        },
    })
}

fn info(credential: &Credential) -> Result<KrbCredInfo, CredentialsError> {
    let time = |time: Option<Timestamp>| time.map(kerberos_time).transpose();
    Ok(KrbCredInfo {
        key: EncryptionKey {
            keytype: credential.session_key.enctype(),
            keyvalue: SecretOctets::new(credential.session_key.as_bytes().to_vec()),
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

fn credential(info: KrbCredInfo, ticket: &[u8]) -> Result<Credential, CredentialsError> {
    let name = |realm: Option<Realm>, name: Option<PrincipalName>, what| {
        realm
            .zip(name)
            .map(|(realm, name)| wire::principal(&realm, &name))
            .ok_or(CredentialsError::Incomplete(what))
    };
    let time = |time: Option<KerberosTime>| time.map(wire::timestamp);
    let client: Principal = name(info.prealm, info.pname, "a ticket's client is not named")?;
    let server: Principal = name(info.srealm, info.sname, "a ticket's service is not named")?;
    let credential = Credential {
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
    };
    // In a cache it would say where the holder's tickets begin, or how its KDCs answer: nothing that a peer has a say
    // in.
    if credential.is_config() {
        return Err(CredentialsError::Incomplete(
            "a ticket has the name of a cache's own notes",
        ));
    }
    Ok(credential)
}

pub(crate) fn kerberos_time(time: Timestamp) -> Result<KerberosTime, CredentialsError> {
    wire::kerberos_time(time).ok_or(CredentialsError::Time(time))
}

fn malformed(what: &'static str) -> impl FnOnce(DecodeError) -> CredentialsError {
    move |error| CredentialsError::Malformed { what, error }
}

impl From<EncodeError> for CredentialsError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl From<RandomError> for CredentialsError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<CredentialsError> for SessionError {
    fn from(error: CredentialsError) -> Self {
        match error {
            CredentialsError::Malformed { what, error } => Self::Malformed { what, error },
            CredentialsError::Integrity => Self::Integrity("KRB-CRED"),
            CredentialsError::Incomplete(what) => Self::Incomplete(what),
            CredentialsError::Ticket(error) => Self::Ticket(error),
            CredentialsError::Time(_) => Self::TimeOutOfRange,
            CredentialsError::Encode(error) => Self::Unwritable(error),
            CredentialsError::Random(error) => Self::Random(error),
        }
    }
}
