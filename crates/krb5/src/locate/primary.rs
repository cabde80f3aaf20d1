//! Whether a reply came from a primary KDC, where DNS alone knows them.
//!
//! A client asks a primary KDC again where another one refuses it. Where DNS has the KDCs it does not say of each
//! whether it is one, so that the primary ones are looked up once there is such a refusal: a wrong password is not to
//! be counted twice by one KDC.

use orthros_asn1::{ErrorCode, KrbError, Message as _};
use orthros_types::config::Server;

use super::KdcServer;
use crate::exchange::KdcRequest;
use crate::transport::KdcReply;

/// Whether a client may go on from a reply to a primary KDC, so that it has to be found out whether it came from one:
/// it refuses an initial ticket, and is no mere step of the exchange.
#[must_use]
pub fn is_primary_in_doubt(request: &KdcRequest, reply: &KdcReply) -> bool {
    let is_step = |error: &KrbError| {
        matches!(
            error.error_code,
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED
                | ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED
                | ErrorCode::KRB_ERR_RESPONSE_TOO_BIG
        )
    };
    let refuses = || KrbError::decode(&reply.message).is_ok_and(|error| !is_step(&error));
    !reply.from_primary && request.message.first() == Some(&AS_REQ) && refuses()
}

/// Whether a reply of `server` is a primary KDC's: it is one of them, or there are none, which is to say that none is
/// behind another.
#[must_use]
pub fn has_primary_reply(server: &Server, primaries: &[KdcServer]) -> bool {
    primaries.is_empty() || primaries.iter().any(|primary| primary.server == *server)
}

const AS_REQ: u8 = 0x6a;
