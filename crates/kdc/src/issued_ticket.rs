//! A ticket that is issued: the contents that it shares with the encrypted part of its reply, RFC 4120 sections 5.3
//! and 5.4.2.

use alloc::vec::Vec;

use orthros_asn1::{
    AuthorizationData, EncKdcRepPart, EncTicketPart, Exactly, HostAddresses, KerberosTime,
    LastReqEntry, LastReqType, MethodData, Raw, Ticket, TicketFlags, TransitedEncoding,
    TransitedType, UInt32,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};
use orthros_types::Principal;

use crate::times::Times;
use crate::{RequestError, wire};

/// What ticket and encrypted part of the reply say.
pub(crate) struct IssuedTicket {
    pub(crate) client: Principal,
    pub(crate) service: Principal,
    pub(crate) session_key: Key,
    pub(crate) flags: TicketFlags,
    pub(crate) times: Times,
    pub(crate) transited: TransitedEncoding,
    pub(crate) addresses: Option<HostAddresses>,
    pub(crate) authorization_data: AuthorizationData,
}

/// What the encrypted part of the reply says and the ticket does not.
pub(crate) struct ReplyDetails {
    pub(crate) nonce: UInt32,
    pub(crate) key_expiration: Option<KerberosTime>,
    /// Whether the reply has the ticket's addresses: where they are those of the request.
    pub(crate) tells_addresses: bool,
    pub(crate) encrypted_pa_data: MethodData,
}

impl IssuedTicket {
    /// The contents of the ticket.
    pub(crate) fn ticket_part(&self) -> EncTicketPart {
        let data = &self.authorization_data;
        EncTicketPart {
            flags: self.flags,
            key: wire::encryption_key(&self.session_key),
            crealm: self.client.to_realm(),
            cname: self.client.to_principal_name(),
            transited: self.transited.clone(),
            authtime: wire::kerberos_time(self.times.authtime),
            starttime: Some(wire::kerberos_time(self.times.starttime)),
            endtime: wire::kerberos_time(self.times.endtime),
            renew_till: self.times.renew_till.map(wire::kerberos_time),
            caddr: self.addresses.clone(),
            authorization_data: (!data.is_empty()).then(|| data.clone()),
        }
    }

    /// The ticket with these contents, in this key.
    pub(crate) fn ticket(
        &self,
        part: &EncTicketPart,
        key: &Key,
        kvno: Option<u32>,
        random: &mut dyn RandomSource,
    ) -> Result<Raw<Ticket>, RequestError> {
        Ok(Raw::new(Ticket {
            tkt_vno: Exactly,
            realm: self.service.to_realm(),
            sname: self.service.to_principal_name(),
            enc_part: wire::encrypt(part, key, kvno, KeyUsage::KDC_REP_TICKET, random)?,
        })?)
    }

    /// The encrypted part of the reply.
    pub(crate) fn reply_part(&self, details: ReplyDetails) -> EncKdcRepPart {
        let padata = details.encrypted_pa_data;
        EncKdcRepPart {
            key: wire::encryption_key(&self.session_key),
            last_req: alloc::vec![LastReqEntry {
                lr_type: LastReqType::NONE,
                lr_value: KerberosTime::EPOCH,
            }],
            nonce: details.nonce,
            key_expiration: details.key_expiration,
            flags: self.flags,
            authtime: wire::kerberos_time(self.times.authtime),
            starttime: Some(wire::kerberos_time(self.times.starttime)),
            endtime: wire::kerberos_time(self.times.endtime),
            renew_till: self.times.renew_till.map(wire::kerberos_time),
            srealm: self.service.to_realm(),
            sname: self.service.to_principal_name(),
            caddr: details
                .tells_addresses
                .then(|| self.addresses.clone())
                .flatten(),
            encrypted_pa_data: (!padata.is_empty()).then_some(padata),
        }
    }
}

/// The transited realms of a client that did not leave its own.
pub(crate) fn not_transited() -> TransitedEncoding {
    TransitedEncoding {
        tr_type: TransitedType::DOMAIN_X500_COMPRESS,
        contents: Vec::new().into(),
    }
}
