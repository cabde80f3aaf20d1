//! Delegated credentials: the KRB-CRED message in the authenticator's checksum (RFC 4120 section
//! 3.6, RFC 4121 section 4.1.1).

use alloc::vec::Vec;

use orthros_asn1::EncryptionType;
use orthros_crypto::{Key, RandomSource, SecretVec};
use orthros_types::{Credential, Principal, Timestamp};

use super::error::{ApCheckError, ApError, ApMisuseError};
use crate::MalformedTokenError;
use crate::session::CredentialsHeading;
use crate::session::credentials::{self, CredentialsError};
use crate::wire;

/// Packs tickets and their keys for the holder of `session_key`.
pub(super) fn seal(
    credentials: &[Credential],
    session_key: &Key,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, ApError> {
    let heading = CredentialsHeading {
        time: Some((credentials::kerberos_time(now)?, wire::microseconds(now))),
        sequence_number: None,
        sender: None,
        receiver: None,
    };
    Ok(credentials::encrypt(
        session_key,
        credentials,
        heading,
        random,
    )?)
}

/// Unpacks a KRB-CRED. RFC 4121 has it encrypted in the session key; old MIT clients did not encrypt
/// it at all, as the authenticator around it is, and others take the subkey. That protects it from replays, too.
pub(super) fn open(
    message: &[u8],
    session_key: &Key,
    subkey: Option<&Key>,
) -> Result<Vec<Credential>, ApError> {
    let message = credentials::decode(message)?;
    let plaintext = match message.enc_part.etype {
        EncryptionType::NULL => SecretVec::from(&*message.enc_part.cipher),
        _ => match (credentials::decrypt(session_key, &message), subkey) {
            (Err(_), Some(subkey)) => credentials::decrypt(subkey, &message)?,
            (opened, _) => opened?,
        },
    };
    Ok(credentials::unpack(&message, &plaintext)?.credentials)
}

/// Whether all the tickets are `initiator`'s.
pub(super) fn check_client(
    tickets: &[Credential],
    initiator: &Principal,
) -> Result<(), ApCheckError> {
    match tickets.iter().find(|ticket| ticket.client != *initiator) {
        None => Ok(()),
        Some(ticket) => Err(ApCheckError::ForeignDelegation {
            initiator: initiator.clone(),
            client: ticket.client.clone(),
        }),
    }
}

impl From<CredentialsError> for ApError {
    fn from(error: CredentialsError) -> Self {
        match error {
            CredentialsError::Malformed { what, error } => {
                MalformedTokenError::Syntax { what, error }.into()
            }
            CredentialsError::Integrity => ApCheckError::Integrity("KRB-CRED").into(),
            CredentialsError::Incomplete(what) => MalformedTokenError::Delegation(what).into(),
            CredentialsError::Ticket(error) => ApMisuseError::Ticket(error).into(),
            CredentialsError::Time(time) => ApMisuseError::Time(time).into(),
            CredentialsError::Encode(error) => ApMisuseError::Encode(error).into(),
            CredentialsError::Random(error) => error.into(),
        }
    }
}
