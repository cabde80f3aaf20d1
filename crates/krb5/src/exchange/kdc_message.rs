//! What comes back from a KDC, told apart by its first octet.

use alloc::boxed::Box;

use orthros_asn1::{AsRep, KrbError, Message, TgsRep};

use super::error::malformed;
use super::{ExchangeError, ReplyError};
use crate::PeerError;

/// A message that a KDC sends.
pub(super) enum KdcMessage {
    AsRep(Box<AsRep>),
    TgsRep(Box<TgsRep>),
    Error(Box<PeerError>),
}

impl KdcMessage {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, ExchangeError> {
        match bytes.first() {
            Some(&AS_REP_TAG) => {
                let message = AsRep::decode(bytes).map_err(malformed("AS-REP"))?;
                Ok(Self::AsRep(Box::new(message)))
            }
            Some(&TGS_REP_TAG) => {
                let message = TgsRep::decode(bytes).map_err(malformed("TGS-REP"))?;
                Ok(Self::TgsRep(Box::new(message)))
            }
            Some(&KRB_ERROR_TAG) => {
                let message = KrbError::decode(bytes).map_err(malformed("KRB-ERROR"))?;
                let error = PeerError::of_kdc(message);
                Ok(Self::Error(Box::new(
                    error.map_err(malformed("e-data of a KRB-ERROR"))?,
                )))
            }
            _ => Err(ReplyError::NotKerberos {
                length: bytes.len(),
            }
            .into()),
        }
    }
}

/// APPLICATION 11, constructed.
const AS_REP_TAG: u8 = 0x6B;
/// APPLICATION 13, constructed.
const TGS_REP_TAG: u8 = 0x6D;
/// APPLICATION 30, constructed.
const KRB_ERROR_TAG: u8 = 0x7E;
