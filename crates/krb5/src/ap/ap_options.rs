//! `KERB_AP_OPTIONS` in the authenticator's authorization data (\[MS-KILE\] section 3.2.5.8).

use orthros_asn1::{AdType, AuthorizationData, AuthorizationDataEntry, Message};

use crate::MalformedTokenError;

/// The element that says: if you have channel bindings, mine must match them.
pub(super) fn channel_bindings_required() -> AuthorizationDataEntry {
    AuthorizationDataEntry {
        ad_type: AdType::AP_OPTIONS,
        ad_data: CHANNEL_BINDINGS.to_le_bytes()[..].into(),
    }
}

/// Whether the initiator says so.
///
/// What can't be read in an AD-IF-RELEVANT is not relevant (RFC 4120 section 5.2.6.1).
pub(super) fn are_channel_bindings_required(
    data: Option<&AuthorizationData>,
) -> Result<bool, MalformedTokenError> {
    let mut required = false;
    for entry in data.into_iter().flatten() {
        if entry.ad_type == AdType::IF_RELEVANT {
            let inner = AuthorizationData::decode(&entry.ad_data).unwrap_or_default();
            for entry in &inner {
                required |= says_channel_bindings(entry)?;
            }
        } else {
            required |= says_channel_bindings(entry)?;
        }
    }
    Ok(required)
}

fn says_channel_bindings(entry: &AuthorizationDataEntry) -> Result<bool, MalformedTokenError> {
    if entry.ad_type != AdType::AP_OPTIONS {
        return Ok(false);
    }
    let options = &*entry.ad_data;
    let bytes = options
        .try_into()
        .map_err(|_| MalformedTokenError::ApOptions(options.len()))?;
    Ok(u32::from_le_bytes(bytes) & CHANNEL_BINDINGS != 0)
}

const CHANNEL_BINDINGS: u32 = 0x4000;
