//! Ticket and authenticator: opened, and all that RFC 4120 section 3.2.3 has checked of them.

use alloc::string::ToString as _;

use orthros_asn1::{AddressType, ApOptions, Authenticator, EncTicketPart, Message as _, Ticket};
use orthros_crypto::{Enctype, Key, KeyUsage};
use orthros_types::config::Config;
use orthros_types::{
    ChannelBindings, Duration, Principal, Shown, TicketFlags, TicketTimes, Timestamp,
};

use super::super::critical_data;
use super::super::error::{ApCheckError, ApError};
use super::super::key_source::{SealedIn, open_ticket};
use super::super::ticket_authorization::TicketAuthorization;
use super::{Acceptor, Request};
use crate::MalformedTokenError;
use crate::transited::check_transited;
use crate::wire;

/// A request whose client is authenticated, now. Not checked yet: the checksum field, and whether it is a replay.
pub(super) struct Authenticated {
    pub(super) client: Principal,
    /// The principal whose key opened the ticket.
    pub(super) server: Principal,
    pub(super) times: TicketTimes,
    pub(super) session_key: Key,
    pub(super) subkey: Option<Key>,
    pub(super) ticket: EncTicketPart,
    pub(super) authenticator: Authenticator,
    /// The key that opened the ticket.
    service_key: Key,
}

impl Authenticated {
    pub(super) fn new(
        acceptor: &Acceptor<'_>,
        request: &Request,
        now: Timestamp,
    ) -> Result<Self, ApError> {
        let opened = Self::open(acceptor, request)?;
        opened.check_client()?;
        opened.check_validity(acceptor.clock_skew, now)?;
        opened.check_freshness(acceptor.clock_skew, now)?;
        opened.check_address(acceptor.channel_bindings)?;
        opened.check_transited(acceptor.realm_paths)?;
        opened.check_authorization_data()?;
        Ok(opened)
    }

    fn open(acceptor: &Acceptor<'_>, request: &Request) -> Result<Self, ApError> {
        let message = &request.message;
        check_enctype(acceptor, &message.ticket)?;
        let sealed_in = match message.ap_options.contains(ApOptions::USE_SESSION_KEY) {
            true => SealedIn::SessionKey,
            false => SealedIn::LongTermKey,
        };
        let opened = open_ticket(&message.ticket, sealed_in, acceptor.keys, acceptor.name)?;
        let ticket = EncTicketPart::decode(&opened.plaintext)
            .map_err(MalformedTokenError::syntax("encrypted part of the ticket"))?;
        let session_key = acceptor.permitted_key(&ticket.key, "session key")?;
        let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
        let plaintext = wire::decrypt(&session_key, usage, &message.authenticator)
            .ok_or(ApCheckError::Integrity("authenticator"))?;
        let authenticator = Authenticator::decode(&plaintext)
            .map_err(MalformedTokenError::syntax("authenticator"))?;
        let subkey = authenticator
            .subkey
            .as_ref()
            .map(|key| acceptor.permitted_key(key, "initiator's subkey"))
            .transpose()?;
        Ok(Self {
            client: wire::principal(&ticket.crealm, &ticket.cname),
            server: opened.server,
            times: TicketTimes {
                authtime: wire::timestamp(ticket.authtime),
                starttime: ticket.starttime.map(wire::timestamp),
                endtime: wire::timestamp(ticket.endtime),
                renew_till: ticket.renew_till.map(wire::timestamp),
            },
            service_key: opened.key,
            session_key,
            subkey,
            authenticator,
            ticket,
        })
    }

    /// Realm and every component, byte for byte.
    fn check_client(&self) -> Result<(), ApError> {
        let authenticator = wire::principal(&self.authenticator.crealm, &self.authenticator.cname);
        if authenticator == self.client {
            Ok(())
        } else {
            Err(ApCheckError::ClientMismatch {
                ticket: self.client.clone(),
                authenticator,
            }
            .into())
        }
    }

    fn check_validity(&self, skew: Duration, now: Timestamp) -> Result<(), ApError> {
        let client = || self.client.clone();
        let now = now.whole();
        let (starttime, endtime) = (self.times.start(), self.times.endtime);
        if self.ticket.flags.contains(TicketFlags::INVALID) {
            Err(ApCheckError::TicketInvalid { client: client() }.into())
        } else if starttime > now.saturating_add(skew) {
            Err(ApCheckError::TicketNotYetValid {
                client: client(),
                starttime,
                now,
            }
            .into())
        } else if now > endtime.saturating_add(skew) {
            Err(ApCheckError::TicketExpired {
                client: client(),
                endtime,
                now,
            }
            .into())
        } else {
            Ok(())
        }
    }

    fn check_freshness(&self, skew: Duration, now: Timestamp) -> Result<(), ApError> {
        let client_time = self.client_time();
        if client_time.is_within(skew, now) {
            Ok(())
        } else {
            Err(ApCheckError::Skew {
                client: self.client.clone(),
                offset: client_time.since(now),
                allowed: skew,
            }
            .into())
        }
    }

    /// Addresses in tickets say little about where a connection is from, with address
    /// translation between; as in MIT they only count if the application gave the initiator's
    /// IPv4 address in its channel bindings.
    fn check_address(&self, bindings: Option<&ChannelBindings>) -> Result<(), ApError> {
        let allowed = self.ticket.caddr.as_deref().unwrap_or_default();
        let Some(bindings) = bindings.filter(|bindings| {
            bindings.initiator_address_type == ChannelBindings::ADDRESS_TYPE_INET
        }) else {
            return Ok(());
        };
        let is_listed = allowed.iter().any(|address| {
            address.addr_type == AddressType::IPV4
                && *address.address == *bindings.initiator_address
        });
        if allowed.is_empty() || is_listed {
            Ok(())
        } else {
            Err(ApCheckError::Address {
                client: self.client.clone(),
            }
            .into())
        }
    }

    /// Unless the KDC has done it, the acceptor checks the realms between the client's and its own
    /// (RFC 4120 section 2.7). Without a policy none is trusted.
    fn check_transited(&self, paths: Option<&Config>) -> Result<(), ApError> {
        let realms = &self.ticket.transited.contents;
        let is_checked = self
            .ticket
            .flags
            .contains(TicketFlags::TRANSITED_POLICY_CHECKED);
        // Some KDCs write a lone zero byte for no realms. MIT looks no further than at that byte.
        if is_checked || matches!(**realms, [] | [0]) {
            return Ok(());
        }
        let is_trusted = paths.is_some_and(|config| {
            let (client, server) = (self.client.realm(), self.server.realm());
            check_transited(config, &self.ticket.transited, client, server).is_ok()
        });
        if is_trusted {
            return Ok(());
        }
        Err(ApCheckError::Transited {
            client: self.client.clone(),
            server: self.server.clone(),
            realms: Shown::new(&**realms).to_string(),
        }
        .into())
    }

    /// What restricts the use of ticket or authenticator has to be known (RFC 4120 section 5.2.6).
    fn check_authorization_data(&self) -> Result<(), ApCheckError> {
        let of_ticket = self.ticket.authorization_data.as_deref();
        let of_authenticator = self.authenticator.authorization_data.as_deref();
        for (what, data) in [("ticket", of_ticket), ("authenticator", of_authenticator)] {
            critical_data::check(data).map_err(|ad_type| ApCheckError::AuthorizationData {
                what,
                client: self.client.clone(),
                ad_type,
            })?;
        }
        Ok(())
    }

    /// Takes what the KDC says of the client.
    pub(super) fn take_authorization(
        &mut self,
    ) -> Result<Option<TicketAuthorization>, ApCheckError> {
        let data = self.ticket.authorization_data.take().unwrap_or_default();
        let authorization =
            TicketAuthorization::of_ticket(data, self.times.authtime, &self.service_key);
        authorization.map_err(|_| ApCheckError::SeveralPacs {
            client: self.client.clone(),
        })
    }

    /// The client's clock when it made the authenticator.
    pub(super) fn client_time(&self) -> Timestamp {
        wire::timestamp_with(self.authenticator.ctime, self.authenticator.cusec)
    }

    /// The number of the initiator's first message; zero if it gave none.
    pub(super) fn sequence_number(&self) -> u32 {
        self.authenticator.seq_number.map_or(0, |number| number.0)
    }
}

/// Whether the service may still have keys of the type that the ticket is sealed in. A type that is not known is not
/// refused here: no key opens that ticket.
fn check_enctype(acceptor: &Acceptor<'_>, ticket: &Ticket) -> Result<(), ApCheckError> {
    match Enctype::from_number(ticket.enc_part.etype.0) {
        Some(enctype) if !acceptor.permitted_enctypes.contains(&enctype) => {
            Err(ApCheckError::TicketEnctype {
                server: wire::principal(&ticket.realm, &ticket.sname),
                enctype,
            })
        }
        _ => Ok(()),
    }
}
