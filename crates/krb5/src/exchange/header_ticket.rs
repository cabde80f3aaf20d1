//! The ticket in the AP-REQ that authenticates a request: header ticket of a TGS-REQ, armor ticket, ticket for a
//! password change.

use alloc::vec::Vec;

use orthros_asn1::{
    ApOptions, Checksum, CksumType, KdcOptions, KdcReqBody, PaData, PaDataType, Raw, Ticket,
    TicketFlags,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};

use super::{ExchangeError, ExchangeMisuseError};
use crate::ap_req::ApReqParts;
use crate::wire;
use orthros_types::{Credential, HostAddress, Principal, TicketTimes, Timestamp};

/// A ticket and its session key, checked to be usable in an AP-REQ.
#[derive(Clone)]
pub(super) struct HeaderTicket {
    pub(super) client: Principal,
    pub(super) server: Principal,
    pub(super) key: Key,
    pub(super) flags: TicketFlags,
    pub(super) times: TicketTimes,
    pub(super) addresses: Vec<HostAddress>,
    ticket: Raw<Ticket>,
}

impl HeaderTicket {
    pub(super) fn new(credential: &Credential) -> Result<Self, ExchangeMisuseError> {
        Ok(Self {
            client: credential.client.clone(),
            server: credential.server.clone(),
            key: credential
                .session_key
                .key()
                .ok_or(ExchangeMisuseError::SessionKey)?,
            flags: credential.flags,
            times: credential.times,
            addresses: credential.addresses.clone(),
            ticket: Raw::decode(&credential.ticket).map_err(ExchangeMisuseError::StoredTicket)?,
        })
    }

    /// The realm whose KDC takes this ticket: the one it is for, or the one of the service that it is for.
    pub(super) fn kdc_realm(&self) -> &[u8] {
        self.server
            .served_realm()
            .unwrap_or_else(|| self.server.realm())
    }

    /// The properties of this ticket that a ticket made from it can have too.
    pub(super) fn inherited_options(&self) -> KdcOptions {
        let common = KdcOptions::FORWARDABLE
            .union(KdcOptions::PROXIABLE)
            .union(KdcOptions::ALLOW_POSTDATE)
            .union(KdcOptions::RENEWABLE);
        // The flags have the same places in both fields.
        KdcOptions::from_bits_retain(self.flags.bits()).intersection(common)
    }

    /// Whether the client's own realm gave this ticket for its own ticket-granting service.
    pub(super) fn is_local(&self) -> bool {
        self.server.is_local_ticket_granting() && self.server.realm() == self.client.realm()
    }

    /// Whether the client's own realm issued this ticket, for whichever service.
    pub(super) fn is_by_clients_realm(&self) -> bool {
        self.server.realm() == self.client.realm()
    }

    /// PA-TGS-REQ: this ticket in an AP-REQ, with a checksum of the request body and `subkey` in its authenticator
    /// (RFC 4120 section 5.2.7.1).
    pub(super) fn pa_tgs_req(
        &self,
        body: &Raw<KdcReqBody>,
        subkey: &Key,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<PaData, ExchangeError> {
        let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
        let checksum = Checksum {
            cksumtype: CksumType(self.key.enctype().checksum_type().number()),
            checksum: self.key.checksum(usage, body.octets()).as_ref().into(),
        };
        let usage = KeyUsage::TGS_REQ_AUTHENTICATOR;
        let request = self.ap_req(usage, Some(checksum), None, subkey, now, random)?;
        Ok(PaData {
            padata_type: PaDataType::TGS_REQ,
            padata_value: request.into(),
        })
    }

    /// An AP-REQ whose ticket and `subkey` are the armor of another request (RFC 6113 section 5.4.1.1).
    pub(super) fn armor_request(
        &self,
        subkey: &Key,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, ExchangeError> {
        let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
        self.ap_req(usage, None, None, subkey, now, random)
    }

    /// An AP-REQ to the password change service, with `subkey` and the number of the message behind it (RFC 3244
    /// section 2).
    pub(super) fn password_request(
        &self,
        subkey: &Key,
        sequence_number: u32,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, ExchangeError> {
        let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
        self.ap_req(usage, None, Some(sequence_number), subkey, now, random)
    }

    fn ap_req(
        &self,
        usage: KeyUsage,
        checksum: Option<Checksum>,
        sequence_number: Option<u32>,
        subkey: &Key,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, ExchangeError> {
        let time = wire::kerberos_time(now).ok_or(ExchangeMisuseError::TimeOutOfRange)?;
        let request = ApReqParts {
            ticket: self.ticket.clone(),
            session_key: &self.key,
            usage,
            ap_options: ApOptions::empty(),
            client: &self.client,
            time: (time, wire::microseconds(now)),
            checksum,
            subkey,
            sequence_number,
            authorization_data: None,
        };
        request.encode(random)
    }
}
