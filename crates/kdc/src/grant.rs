//! What is granted: the contents that a ticket and the reply around it share.

use alloc::vec::Vec;

use orthros_asn1::{
    AuthorizationData, EncKdcRepPart, EncTicketPart, EncryptedData, Exactly, HostAddresses, KdcRep,
    KerberosTime, LastReqEntry, LastReqType, MethodData, Raw, Ticket, TicketFlags,
    TransitedEncoding, TransitedType, UInt32,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};
use orthros_types::Principal;

use crate::case::{Case, anonymous};
use crate::times::Times;
use crate::{Refusal, wire};

/// What is granted.
pub(crate) struct Grant {
    pub(crate) client: Principal,
    pub(crate) service: Principal,
    pub(crate) session_key: Key,
    pub(crate) flags: TicketFlags,
    pub(crate) times: Times,
    pub(crate) transited: TransitedEncoding,
    pub(crate) addresses: Option<HostAddresses>,
    pub(crate) authorization_data: AuthorizationData,
}

/// A reply that is ready but for its encrypted part.
pub(crate) struct Draft {
    /// What the reply calls the client outside of its armor.
    client: Principal,
    padata: MethodData,
    ticket: Raw<Ticket>,
    /// The key of the encrypted part.
    pub(crate) reply_key: Key,
}

/// What only the reply says.
pub(crate) struct ReplyDetails {
    pub(crate) nonce: UInt32,
    pub(crate) key_expiration: Option<KerberosTime>,
    /// Whether the addresses are told: where they are what was asked for.
    pub(crate) tells_addresses: bool,
    pub(crate) encrypted_pa_data: MethodData,
}

impl Grant {
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
    ) -> Result<Raw<Ticket>, Refusal> {
        Ok(Raw::new(Ticket {
            tkt_vno: Exactly,
            realm: self.service.to_realm(),
            sname: self.service.to_principal_name(),
            enc_part: wire::seal(part, key, kvno, KeyUsage::KDC_REP_TICKET, random)?,
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

impl Draft {
    /// A reply with these elements, or where the request came under armor, with them under it.
    pub(crate) fn new(
        case: &Case<'_>,
        client: &Principal,
        ticket: Raw<Ticket>,
        padata: MethodData,
        reply_key: &Key,
        random: &mut dyn RandomSource,
    ) -> Result<Self, Refusal> {
        let Some(armor) = &case.armor else {
            return Ok(Self {
                client: client.clone(),
                padata,
                ticket,
                reply_key: reply_key.clone(),
            });
        };
        let (armored, strengthened) =
            armor.finish(padata, case, client, &ticket, reply_key, random)?;
        let client = if armor.hides_client() {
            anonymous()
        } else {
            client.clone()
        };
        Ok(Self {
            client,
            padata: alloc::vec![armored],
            ticket,
            reply_key: strengthened,
        })
    }

    /// The reply.
    pub(crate) fn finish<const MSG: i32>(self, enc_part: EncryptedData) -> KdcRep<MSG> {
        KdcRep {
            pvno: Exactly,
            msg_type: Exactly,
            padata: (!self.padata.is_empty()).then_some(self.padata),
            crealm: self.client.to_realm(),
            cname: self.client.to_principal_name(),
            ticket: self.ticket,
            enc_part,
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
