//! The acceptor's side between users: its ticket-granting ticket for an initiator that asks for it.

use orthros_krb5::ap::TgtRequest;

use crate::Error;
use crate::error::{CallError, initiator_error};
use crate::mech::request::AcceptRequest;

/// The token with the ticket-granting ticket of the acceptor's credential.
///
/// # Errors
///
/// `NO_CRED` where the credential accepts with no such ticket; the token of the error tells the initiator.
pub(in crate::mech) fn answer(
    request: &AcceptRequest,
    asked: &TgtRequest,
) -> Result<Vec<u8>, Error> {
    let ticket = match request.acceptor.ticket_holder() {
        Some(holder) => holder.ticket_granting_ticket(&request.environment),
        None => Err(CallError::NoTicketGrantingTicket.into()),
    };
    let refused = || asked.refuse(request.environment.now());
    let ticket = ticket.map_err(|error| error.with_token(refused()))?;
    asked.reply(&ticket.ticket).map_err(initiator_error)
}
