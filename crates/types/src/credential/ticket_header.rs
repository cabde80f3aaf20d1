//! What a ticket says of itself in the clear.

use orthros_asn1::{DecodeError, EncryptionType, Message as _, Ticket};
use orthros_crypto::{Key, KeyUsage};

use super::Credential;
use crate::Principal;

/// The part of a ticket that its holder can read (RFC 4120 section 5.3): whose key opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketHeader {
    /// The service that can decrypt the ticket.
    pub server: Principal,
    /// The enctype of the service's key.
    pub enctype: EncryptionType,
    /// The version of the service's key, where the KDC says it.
    pub kvno: Option<u32>,
}

impl Credential {
    /// Reads the ticket's header.
    ///
    /// # Errors
    ///
    /// When the ticket's bytes are no `Ticket`, as in a configuration entry.
    pub fn ticket_header(&self) -> Result<TicketHeader, DecodeError> {
        let ticket = Ticket::decode(&self.ticket)?;
        Ok(TicketHeader {
            server: Principal::from_message(ticket.realm, ticket.sname),
            enctype: ticket.enc_part.etype,
            kvno: ticket.enc_part.kvno.map(|kvno| kvno.0),
        })
    }

    /// Whether `key`, which would be the service's, decrypts the ticket.
    #[must_use]
    pub fn ticket_opens_with(&self, key: &Key) -> bool {
        Ticket::decode(&self.ticket).is_ok_and(|ticket| {
            key.decrypt(KeyUsage::KDC_REP_TICKET, &ticket.enc_part.cipher)
                .is_ok()
        })
    }
}
