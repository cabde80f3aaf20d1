//! AS-REP and TGS-REP, RFC 4120 section 5.4.2, under armor RFC 6113 section 5.4.3.

use orthros_asn1::{EncryptedData, Exactly, KdcRep, MethodData, Raw, Ticket};
use orthros_crypto::{Key, RandomSource};
use orthros_types::Principal;

use crate::RequestError;
use crate::context::RequestContext;
use crate::fast::{Armor, anonymous};

/// A reply that is ready but for its encrypted part.
pub(crate) struct ReplyBuilder {
    /// The client's name outside of the armor.
    client: Principal,
    padata: MethodData,
    ticket: Raw<Ticket>,
    /// The reply key, in which the encrypted part is.
    pub(crate) reply_key: Key,
}

impl ReplyBuilder {
    /// A reply with these elements of PA-DATA, under armor where the request was. Armor strengthens the reply key.
    pub(crate) fn new(
        context: &RequestContext<'_>,
        armor: Option<&Armor>,
        client: &Principal,
        ticket: Raw<Ticket>,
        padata: MethodData,
        reply_key: &Key,
        random: &mut dyn RandomSource,
    ) -> Result<Self, RequestError> {
        let Some(armor) = armor else {
            return Ok(Self {
                client: client.clone(),
                padata,
                ticket,
                reply_key: reply_key.clone(),
            });
        };
        let (armored, strengthened) =
            armor.finish(padata, context, client, &ticket, reply_key, random)?;
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

    /// The reply, with its encrypted part.
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
