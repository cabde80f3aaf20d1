//! What the KDC says of an accepted context's client, beyond its name.

use std::sync::Arc;

use orthros_asn1::ErrorCode;
use orthros_krb5::ap::{EstablishedContext, PacProof, TicketAuthorization, TicketPac};
use orthros_pac::{Pac, VerifiedPac};
use orthros_types::{Principal, Timestamp};

use crate::Error;
use crate::error::{malformed_pac, pac_error, unverified_pac};

/// The authorization data of the client's ticket; none where it has none.
pub(crate) type Authorization = Option<Arc<TicketAuthorization>>;

/// Refuses a context whose ticket has a PAC that is none, as MIT krb5 does. Only the list of its buffers is looked at:
/// whether it is the KDC's is found out when it is asked for.
pub(crate) fn check_pac(context: &EstablishedContext, now: Timestamp) -> Result<(), Error> {
    let Some(pac) = ticket_pac(&context.info.authorization) else {
        return Ok(());
    };
    match Pac::parse(&pac.bytes) {
        Ok(_) => Ok(()),
        Err(error) => {
            let token = context.refusal_token(ErrorCode::KRB_ERR_GENERIC, now);
            Err(malformed_pac(error, &context.initiator).with_token(token))
        }
    }
}

/// The PAC of `client`'s ticket, if there is one and it is the KDC's.
pub(crate) fn proven_pac<'a>(
    authorization: &'a Authorization,
    client: &Principal,
) -> Result<Option<Pac<'a>>, Error> {
    let Some(ticket_pac) = ticket_pac(authorization) else {
        return Ok(None);
    };
    let pac = Pac::parse(&ticket_pac.bytes).map_err(|error| malformed_pac(error, client))?;
    match &ticket_pac.proof {
        PacProof::Key(key) => pac
            .check(key, client, ticket_pac.authtime)
            .map_err(|error| pac_error(error, client))?,
        PacProof::Verified => {}
        PacProof::None => return Err(unverified_pac(client)),
    }
    Ok(Some(pac))
}

/// The same, read.
pub(crate) fn verified_pac<'a>(
    authorization: &'a Authorization,
    client: &Principal,
) -> Result<Option<VerifiedPac<'a>>, Error> {
    let proven = proven_pac(authorization, client)?;
    let verified = proven.map(Pac::assume_verified).transpose();
    verified.map_err(|error| malformed_pac(error, client))
}

fn ticket_pac(authorization: &Authorization) -> Option<&TicketPac> {
    authorization.as_ref()?.pac.as_ref()
}
