//! AP-REP, which shows that its sender has read what it was sent (RFC 4120 section 3.2.4). In DCE style both sides
//! send one.

use alloc::vec::Vec;

use orthros_asn1::{ApRep, EncApRepPart, Exactly, Message};
use orthros_crypto::{Key, KeyUsage, RandomSource};
use zeroize::Zeroizing;

use super::error::{ApCheckError, ApError};
use crate::MalformedTokenError;
use crate::wire;

/// The message with this encrypted part.
pub(super) fn encode(
    session_key: &Key,
    part: &EncApRepPart,
    random: &mut dyn RandomSource,
) -> Result<Vec<u8>, ApError> {
    let plaintext = Zeroizing::new(part.encode()?);
    let message = ApRep {
        pvno: Exactly,
        msg_type: Exactly,
        enc_part: wire::encrypt(session_key, KeyUsage::AP_REP_ENC_PART, &plaintext, random)?,
    };
    Ok(message.encode()?)
}

/// The encrypted part of a message. What it says is still to be compared with what was sent.
pub(super) fn decode(session_key: &Key, message: &[u8]) -> Result<EncApRepPart, ApError> {
    let message = ApRep::decode(message).map_err(MalformedTokenError::syntax("AP-REP"))?;
    let plaintext = wire::decrypt(session_key, KeyUsage::AP_REP_ENC_PART, &message.enc_part)
        .ok_or(ApCheckError::Integrity("AP-REP"))?;
    let malformed = MalformedTokenError::syntax("encrypted part of the AP-REP");
    Ok(EncApRepPart::decode(&plaintext).map_err(malformed)?)
}
