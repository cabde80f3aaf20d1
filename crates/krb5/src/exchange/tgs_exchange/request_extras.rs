//! What the final TGS-REQ carries, and those for tickets on the way to it don't.

use alloc::vec::Vec;

use orthros_asn1::{
    AuthorizationData, EncryptedData, HostAddress, KdcOptions, Message, MethodData, Raw, Ticket,
};
use orthros_crypto::{Key, KeyUsage, RandomSource, SecretVec};

use super::TgsRequestOptions;
use super::s4u::{self, SelfRequest};
use crate::exchange::{ExchangeError, ExchangeMisuseError};
use crate::wire;
use orthros_types::{Credential, Principal};

/// What the request for the ticket itself carries besides its name.
#[derive(Default)]
pub(super) struct RequestExtras {
    /// KDC options besides those that follow from the header ticket.
    pub(super) options: KdcOptions,
    /// None: those of the header ticket.
    pub(super) addresses: Option<Vec<HostAddress>>,
    /// The ticket that the options speak of.
    pub(super) second_ticket: Option<Raw<Ticket>>,
    authorization_data: AuthorizationData,
    /// The user in whose name the service asks, if not in its own.
    s4u: Option<S4u>,
}

/// In whose name a service asks (MS-SFU).
enum S4u {
    /// A user's, without a ticket of theirs: `S4U2Self`.
    ToSelf(Principal),
    /// The second ticket's client's: `S4U2Proxy`.
    Proxy(Principal),
}

impl RequestExtras {
    pub(super) fn new(options: &TgsRequestOptions) -> Self {
        Self {
            authorization_data: options.authorization_data.clone(),
            ..Self::default()
        }
    }

    /// A ticket for use from these addresses; from anywhere, if there are none.
    pub(super) fn for_addresses(&mut self, option: KdcOptions, addresses: Vec<HostAddress>) {
        self.options |= option;
        self.addresses = Some(addresses);
    }

    /// A ticket encrypted in the session key of `ticket` (RFC 4120 section 2.9.2).
    pub(super) fn user_to_user(&mut self, ticket: &[u8]) -> Result<(), ExchangeMisuseError> {
        self.options |= KdcOptions::ENC_TKT_IN_SKEY;
        self.second_ticket = Some(Raw::decode(ticket).map_err(ExchangeMisuseError::StoredTicket)?);
        Ok(())
    }

    /// A ticket in the name of a user (`S4U2Self`).
    pub(super) fn for_user(&mut self, user: Principal) {
        self.s4u = Some(S4u::ToSelf(user));
    }

    /// A ticket in the name of the client of `evidence`, a ticket for the client of the header ticket (`S4U2Proxy`).
    pub(super) fn on_behalf_of(
        &mut self,
        evidence: &Credential,
    ) -> Result<(), ExchangeMisuseError> {
        self.options |= KdcOptions::CNAME_IN_ADDL_TKT;
        let ticket = Raw::decode(&evidence.ticket).map_err(ExchangeMisuseError::StoredTicket)?;
        self.second_ticket = Some(ticket);
        self.s4u = Some(S4u::Proxy(evidence.client.clone()));
        Ok(())
    }

    /// The client of the ticket, if not that of the header ticket.
    pub(super) fn client(&self) -> Option<&Principal> {
        match &self.s4u {
            None => None,
            Some(S4u::ToSelf(client) | S4u::Proxy(client)) => Some(client),
        }
    }

    /// Whether the request names a user without a ticket of theirs (`S4U2Self`).
    pub(super) fn names_user(&self) -> bool {
        matches!(self.s4u, Some(S4u::ToSelf(_)))
    }

    /// The preauthentication data that name the user.
    pub(super) fn padata(
        &self,
        nonce: u32,
        session_key: &Key,
        subkey: &Key,
    ) -> Result<MethodData, ExchangeMisuseError> {
        match &self.s4u {
            None => Ok(Vec::new()),
            Some(S4u::ToSelf(user)) => {
                let request = SelfRequest {
                    user,
                    nonce,
                    subkey,
                };
                s4u::for_user(&request, session_key)
            }
            Some(S4u::Proxy(_)) => s4u::resource_based_delegation(),
        }
    }

    /// Sends no authorization data after a referral: its ticket has them already: asked for again they would be
    /// there twice.
    pub(super) fn referred(&mut self) {
        self.authorization_data.clear();
    }

    /// enc-authorization-data, if there are any to be sent.
    pub(super) fn encrypt_authorization_data(
        &self,
        subkey: &Key,
        random: &mut dyn RandomSource,
    ) -> Result<Option<EncryptedData>, ExchangeError> {
        if self.authorization_data.is_empty() {
            return Ok(None);
        }
        let plaintext = self.authorization_data.encode();
        let plaintext = SecretVec::from(plaintext?);
        let usage = KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SUBKEY;
        Ok(Some(wire::encrypt(subkey, usage, &plaintext, random)?))
    }

    /// Puts into a credential what a cache has to know to find it again.
    pub(super) fn file(&self, ticket: &mut Credential, options: &TgsRequestOptions) {
        ticket
            .authorization_data
            .clone_from(&options.authorization_data);
        if let Some(second) = &self.second_ticket {
            ticket.is_skey = self.options.contains(KdcOptions::ENC_TKT_IN_SKEY);
            ticket.second_ticket = second.octets().to_vec();
        }
    }
}
