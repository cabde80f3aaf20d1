//! Whether what came in ends the search for a KDC.

use orthros_asn1::{DerValue, ErrorCode, KrbError, Message};

/// What a message from a server's address is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validity {
    /// A reply, or an error that is one.
    Valid,
    /// KRB-ERROR with `KDC_ERR_SVC_UNAVAILABLE`: another KDC may do better.
    Unavailable,
    /// Not the outline of a KDC's message. MIT takes it and fails; here one forged
    /// datagram does not end the exchange, because the other protocol and the other KDCs go on.
    Malformed,
}

/// Looks at the outermost tag and length alone (RFC 4120 section 5.10), which are DER, and at the code of an error.
/// Everything else is the exchange's to check.
pub(super) fn kdc_reply(message: &[u8]) -> Validity {
    match DerValue::first(message) {
        Ok(value)
            if matches!(value.identifier, AS_REP | TGS_REP | KRB_ERROR)
                && value.rest.is_empty() => {}
        _ => return Validity::Malformed,
    }
    match KrbError::decode(message) {
        Ok(error) if error.error_code == ErrorCode::KDC_ERR_SVC_UNAVAILABLE => {
            Validity::Unavailable
        }
        _ => Validity::Valid,
    }
}

/// The same for a server that changes passwords: a KRB-ERROR, or what has the header of RFC 3244 with the right
/// length.
pub(super) fn password_reply(message: &[u8]) -> Validity {
    if message.first() == Some(&KRB_ERROR) {
        return kdc_reply(message);
    }
    match message.split_first_chunk::<4>() {
        Some(([high, low, 0, 1] | [high, low, 0xff, 0x80], _))
            if usize::from(u16::from_be_bytes([*high, *low])) == message.len() =>
        {
            Validity::Valid
        }
        _ => Validity::Malformed,
    }
}

const AS_REP: u8 = 0x6b;
const TGS_REP: u8 = 0x6d;
const KRB_ERROR: u8 = 0x7e;

/// The longest reply that is taken from a stream or a proxy, in octets: 1 MiB, as by MIT. Far above any ticket, far
/// below what would hurt.
pub const LARGEST_STREAM_REPLY: u32 = 1024 * 1024;
