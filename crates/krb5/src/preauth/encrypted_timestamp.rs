//! PA-ENC-TIMESTAMP: the time, encrypted in the client's key (RFC 4120 section 5.2.7.2).

use alloc::boxed::Box;

use orthros_asn1::{Message, MethodData, PaData, PaDataType, PaEncTsEnc};
use orthros_crypto::{KeyUsage, RandomSource};
use orthros_types::Timestamp;

use super::{Mechanism, MechanismRow, Round};
use crate::exchange::error::{ExchangeError, ExchangeMisuseError};
use crate::wire;

pub(super) const ROW: MechanismRow = MechanismRow {
    padata_type: PaDataType::ENC_TIMESTAMP,
    runs_without_armor: true,
    runs_under_armor: false,
    is_allowed: |options| options.encrypted_timestamp,
    start: || Box::new(EncryptedTimestamp),
};

struct EncryptedTimestamp;

impl Mechanism for EncryptedTimestamp {
    fn respond(
        &mut self,
        round: &Round<'_>,
        random: &mut dyn RandomSource,
    ) -> Result<MethodData, ExchangeError> {
        let timestamp = timestamp(round.kdc_time)?.encode()?;
        let usage = KeyUsage::AS_REQ_PA_ENC_TIMESTAMP;
        let encrypted = wire::encrypt(round.client_key, usage, &timestamp, random)?;
        Ok([PaData {
            padata_type: PaDataType::ENC_TIMESTAMP,
            padata_value: encrypted.encode()?.into(),
        }]
        .into())
    }
}

/// PA-ENC-TS-ENC, which encrypted timestamp and encrypted challenge have inside.
pub(super) fn timestamp(time: Timestamp) -> Result<PaEncTsEnc, ExchangeError> {
    Ok(PaEncTsEnc {
        patimestamp: wire::kerberos_time(time).ok_or(ExchangeMisuseError::TimeOutOfRange)?,
        pausec: Some(wire::microseconds(time)),
    })
}
