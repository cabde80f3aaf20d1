//! What the request for the ticket itself carries, and those for tickets on the way to it don't.

use alloc::vec::Vec;

use orthros_asn1::{
    AuthorizationData, EncryptedData, HostAddress, KdcOptions, Message, Raw, Ticket,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};

use super::TgsRequestOptions;
use crate::Credential;
use crate::exchange::{CallerMisuse, ExchangeError, wire};

/// What the request for the ticket itself carries.
#[derive(Default)]
pub(super) struct Wish {
    /// Beside those that follow from the ticket that is shown.
    pub(super) options: KdcOptions,
    /// None: those of the ticket that is shown.
    pub(super) addresses: Option<Vec<HostAddress>>,
    /// The ticket that the options speak of.
    pub(super) second_ticket: Option<Raw<Ticket>>,
    authorization_data: AuthorizationData,
}

impl Wish {
    pub(super) fn new(options: &TgsRequestOptions) -> Self {
        Self {
            authorization_data: options.authorization_data.clone(),
            ..Self::default()
        }
    }

    /// A ticket for use from these addresses; from anywhere, if there are none.
    pub(super) fn elsewhere(&mut self, option: KdcOptions, addresses: Vec<HostAddress>) {
        self.options |= option;
        self.addresses = Some(addresses);
    }

    /// A ticket sealed in the session key of `ticket` (RFC 4120 section 2.9.2).
    pub(super) fn user_to_user(&mut self, ticket: &[u8]) -> Result<(), CallerMisuse> {
        self.options |= KdcOptions::ENC_TKT_IN_SKEY;
        self.second_ticket = Some(Raw::decode(ticket).map_err(CallerMisuse::StoredTicket)?);
        Ok(())
    }

    /// A referral's ticket has the authorization data already: asked for again they would be there twice.
    pub(super) fn referred(&mut self) {
        self.authorization_data.clear();
    }

    /// enc-authorization-data, if there are any to be sent.
    pub(super) fn seal_authorization_data(
        &self,
        subkey: &Key,
        random: &mut dyn RandomSource,
    ) -> Result<Option<EncryptedData>, ExchangeError> {
        if self.authorization_data.is_empty() {
            return Ok(None);
        }
        let plaintext = self.authorization_data.encode();
        let plaintext = wire::secret(plaintext.map_err(CallerMisuse::from)?);
        let usage = KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SUBKEY;
        Ok(Some(wire::seal(subkey, usage, &plaintext, random)?))
    }

    /// Notes beside a ticket what a cache has to know to find it again.
    pub(super) fn file(&self, ticket: &mut Credential, options: &TgsRequestOptions) {
        ticket
            .authorization_data
            .clone_from(&options.authorization_data);
        if let Some(second) = &self.second_ticket {
            ticket.is_skey = true;
            ticket.second_ticket = second.octets().to_vec();
        }
    }
}
