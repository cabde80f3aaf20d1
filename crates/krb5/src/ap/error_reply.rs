//! KRB-ERROR as an acceptor sends it instead of an AP-REP (RFC 4120 section 5.9.1).

use alloc::vec::Vec;

use orthros_asn1::{ErrorCode, Exactly, KrbError, Message};
use orthros_types::{Principal, Timestamp};

use super::mechanism::Mechanism;
use super::token::{TokenId, frame};
use crate::wire;
use crate::{MalformedTokenError, PeerError};

/// Reads a KRB-ERROR.
pub(super) fn decode(message: &[u8]) -> Result<PeerError, MalformedTokenError> {
    let message = KrbError::decode(message).map_err(MalformedTokenError::syntax("KRB-ERROR"))?;
    Ok(PeerError::of_acceptor(message))
}

/// The KRB-ERROR token that refuses an initiator; `None` if `now` can't be written.
///
/// The service is named as the request did, unless that name is too long: an error reply is not to carry what a
/// stranger wants sent on.
pub(super) fn encode(
    mechanism: Mechanism,
    server: &Principal,
    code: ErrorCode,
    now: Timestamp,
) -> Option<Vec<u8>> {
    let nameless = Principal::new("", [""; 0]);
    let server = Some(server).filter(|server| !server.is_too_long_to_show());
    let server = server.unwrap_or(&nameless);
    let message = KrbError {
        pvno: Exactly,
        msg_type: Exactly,
        ctime: None,
        cusec: None,
        stime: wire::kerberos_time(now)?,
        susec: wire::microseconds(now),
        error_code: code,
        crealm: None,
        cname: None,
        realm: wire::realm(server),
        sname: wire::principal_name(server),
        e_text: None,
        e_data: None,
    };
    let message = message.encode().ok()?;
    Some(frame(mechanism, TokenId::KRB_ERROR, &message))
}
