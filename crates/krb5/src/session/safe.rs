//! KRB-SAFE (RFC 4120 section 5.6).

use alloc::vec::Vec;

use orthros_asn1::{Checksum, CksumType, Exactly, KrbSafe, KrbSafeBody, Message, Raw};
use orthros_crypto::{Key, KeyUsage};

use super::error::{SessionError, malformed};
use super::heading::Heading;

/// What was in a KRB-SAFE.
pub(super) struct Verified {
    pub(super) data: Vec<u8>,
    pub(super) heading: Heading,
    /// The checksum, no two of which are the same.
    pub(super) tag: Vec<u8>,
}

pub(super) fn sign(key: &Key, data: &[u8], heading: Heading) -> Result<Vec<u8>, SessionError> {
    let body = KrbSafeBody {
        user_data: data.into(),
        timestamp: heading.timestamp(),
        usec: heading.microseconds(),
        seq_number: heading.number(),
        s_address: heading.sender,
        r_address: heading.receiver,
    };
    let mut message = without_checksum(Raw::new(body)?);
    let covered = message.encode()?;
    message.cksum = Checksum {
        cksumtype: CksumType(key.enctype().checksum_type().number()),
        checksum: key.checksum(USAGE, &covered).as_ref().into(),
    };
    Ok(message.encode()?)
}

pub(super) fn verify(key: &Key, message: &[u8]) -> Result<Verified, SessionError> {
    let KrbSafe {
        safe_body, cksum, ..
    } = KrbSafe::decode(message).map_err(malformed("KRB-SAFE"))?;
    if cksum.cksumtype.0 != key.enctype().checksum_type().number() {
        return Err(SessionError::ChecksumType(cksum.cksumtype));
    }
    let body = safe_body.value().clone();
    let bare = key.verify_checksum(USAGE, safe_body.octets(), &cksum.checksum);
    if bare.is_err() {
        let covered = without_checksum(safe_body).encode()?;
        key.verify_checksum(USAGE, &covered, &cksum.checksum)
            .map_err(|_| SessionError::Integrity("KRB-SAFE"))?;
    }
    Ok(Verified {
        heading: Heading {
            time: body.timestamp.zip(body.usec),
            sequence_number: body.seq_number.map(|number| number.0),
            sender: body.s_address,
            receiver: body.r_address,
        },
        data: body.user_data.to_vec(),
        tag: cksum.checksum.to_vec(),
    })
}

/// The message that MIT and Heimdal take the checksum of, as RFC 1510 had it: with an empty one in its place. RFC 4120
/// has the body alone; both are understood.
fn without_checksum(safe_body: Raw<KrbSafeBody>) -> KrbSafe {
    KrbSafe {
        pvno: Exactly,
        msg_type: Exactly,
        safe_body,
        cksum: Checksum {
            cksumtype: CksumType(0),
            checksum: [].as_slice().into(),
        },
    }
}

const USAGE: KeyUsage = KeyUsage::KRB_SAFE_CHECKSUM;
