//! Between the types of the messages and those of this crate, as an exchange needs it.

use alloc::vec::Vec;

use orthros_asn1::KerberosTime;
use orthros_crypto::SecretVec;

use super::CallerMisuse;
use orthros_types::Timestamp;

pub(super) use crate::wire::{
    encryption_key, key, microseconds, principal, principal_name, realm, seal, timestamp,
    timestamp_with,
};

pub(super) fn kerberos_time(time: Timestamp) -> Result<KerberosTime, CallerMisuse> {
    crate::wire::kerberos_time(time).ok_or(CallerMisuse::TimeOutOfRange)
}

/// Octets that held a secret on their way to be sealed: they leave memory afterwards.
pub(super) fn secret(octets: Vec<u8>) -> SecretVec {
    SecretVec::from(octets)
}
