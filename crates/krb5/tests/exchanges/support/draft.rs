//! A reply before it is sealed, for tests to spoil.

use orthros_asn1::{
    AsRep, EncAsRepPart, EncKdcRepPart, EncTgsRepPart, EncTicketPart, EncryptedData,
    EncryptionType, Exactly, KdcRep, Message as _, MethodData, PrincipalName, Raw, Realm, TgsRep,
    Ticket,
};
use orthros_crypto::{Key, KeyUsage};

use super::SeededRandom;

/// Everything that goes into a reply.
pub(crate) struct Draft {
    pub(crate) padata: MethodData,
    pub(crate) crealm: Realm,
    pub(crate) cname: PrincipalName,
    pub(crate) ticket: Ticket,
    /// What the service will read; its key goes into both parts.
    pub(crate) ticket_part: EncTicketPart,
    pub(crate) service_key: Key,
    pub(crate) part: EncKdcRepPart,
    /// What the encrypted part is sealed with.
    pub(crate) key: Key,
    pub(crate) usage: KeyUsage,
    /// What the reply claims to be sealed with.
    pub(crate) etype: EncryptionType,
    /// Whether the encrypted part has the tag of a TGS-REP.
    pub(crate) tgs_tag: bool,
}

impl Draft {
    pub(crate) fn into_as_rep(self, random: &mut SeededRandom) -> Vec<u8> {
        AsRep(self.seal(random)).encode().unwrap()
    }

    pub(crate) fn into_tgs_rep(self, random: &mut SeededRandom) -> Vec<u8> {
        TgsRep(self.seal(random)).encode().unwrap()
    }

    pub(super) fn seal<const MSG: i32>(mut self, random: &mut SeededRandom) -> KdcRep<MSG> {
        let usage = KeyUsage::KDC_REP_TICKET;
        let plaintext = self.ticket_part.encode().unwrap();
        let cipher = self.service_key.encrypt(usage, &plaintext, random).unwrap();
        self.ticket.enc_part.cipher = cipher.into();
        let plaintext = if self.tgs_tag {
            EncTgsRepPart(self.part).encode().unwrap()
        } else {
            EncAsRepPart(self.part).encode().unwrap()
        };
        KdcRep {
            pvno: Exactly,
            msg_type: Exactly,
            padata: (!self.padata.is_empty()).then_some(self.padata),
            crealm: self.crealm,
            cname: self.cname,
            ticket: Raw::new(self.ticket).unwrap(),
            enc_part: EncryptedData {
                etype: self.etype,
                kvno: None,
                cipher: self
                    .key
                    .encrypt(self.usage, &plaintext, random)
                    .unwrap()
                    .into(),
            },
        }
    }
}
