//! KRB-PRIV (RFC 4120 section 5.7).

use alloc::vec::Vec;

use orthros_asn1::{EncKrbPrivPart, Exactly, KrbPriv, Message, SecretOctets};
use orthros_crypto::{Key, KeyUsage, RandomSource, SecretVec};

use super::error::{SessionError, malformed};
use super::heading::Heading;
use super::integrity_tag;
use crate::wire;

/// What was in a KRB-PRIV.
pub(crate) struct Decrypted {
    pub(crate) data: SecretVec,
    pub(crate) heading: Heading,
    /// The integrity tag at the end of the ciphertext, no two of which are the same.
    pub(super) tag: Vec<u8>,
}

pub(crate) fn encrypt_private(
    key: &Key,
    data: &[u8],
    heading: Heading,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, SessionError> {
    let part = EncKrbPrivPart {
        user_data: SecretOctets::new(data.to_vec()),
        timestamp: heading.timestamp(),
        usec: heading.microseconds(),
        seq_number: heading.number(),
        s_address: heading.sender,
        r_address: heading.receiver,
    };
    let plaintext = SecretVec::from(part.encode()?);
    let message = KrbPriv {
        pvno: Exactly,
        msg_type: Exactly,
        enc_part: wire::encrypt(key, KeyUsage::KRB_PRIV_ENC_PART, &plaintext, random)?,
    };
    Ok(message.encode()?)
}

pub(crate) fn decrypt_private(key: &Key, message: &[u8]) -> Result<Decrypted, SessionError> {
    let message = KrbPriv::decode(message).map_err(malformed("KRB-PRIV"))?;
    let encrypted = &message.enc_part;
    let plaintext = wire::decrypt(key, KeyUsage::KRB_PRIV_ENC_PART, encrypted)
        .ok_or(SessionError::Integrity("KRB-PRIV"))?;
    let part = EncKrbPrivPart::decode(&plaintext).map_err(malformed("EncKrbPrivPart"))?;
    Ok(Decrypted {
        heading: Heading {
            time: part.timestamp.zip(part.usec),
            sequence_number: part.seq_number.map(|number| number.0),
            sender: part.s_address,
            receiver: part.r_address,
        },
        data: SecretVec::from(part.user_data.expose()),
        tag: integrity_tag(&encrypted.cipher).to_vec(),
    })
}
