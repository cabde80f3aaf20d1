//! A request on its way.

use alloc::sync::Arc;
use alloc::vec::Vec;

use orthros_asn1::{Exactly, KdcReqBody, KrbError, Message as _, MethodData, PaDataType};
use orthros_crypto::RandomSource;
use orthros_types::{Freshness, Principal, ReplayRecord, Timestamp};

use crate::fast::Armor;
use crate::{
    Answer, ExchangeKind, Kdc, Outcome, PrincipalEntry, RealmPolicy, Refusal, RequestRecord,
    Source, wire,
};

/// A request on its way: what it is judged by, and what is known of it so far, which a refusal names.
pub(crate) struct Case<'k> {
    pub(crate) kdc: &'k Kdc,
    pub(crate) source: &'k Source,
    pub(crate) now: Timestamp,
    /// Who asks.
    pub(crate) client: Option<Principal>,
    /// For what.
    pub(crate) service: Option<Principal>,
    /// What replies and refusals are put under.
    pub(crate) armor: Option<Armor>,
}

/// A refusal, and what goes with it to the client.
#[derive(Debug)]
pub(crate) struct Declined {
    pub(crate) refusal: Refusal,
    /// What would help, RFC 4120 section 5.9.1.
    pub(crate) method_data: MethodData,
}

impl<E: Into<Refusal>> From<E> for Declined {
    fn from(refusal: E) -> Self {
        Self {
            refusal: refusal.into(),
            method_data: Vec::new(),
        }
    }
}

impl<'k> Case<'k> {
    pub(crate) const fn new(kdc: &'k Kdc, source: &'k Source, now: Timestamp) -> Self {
        Self {
            kdc,
            source,
            now,
            client: None,
            service: None,
            armor: None,
        }
    }

    pub(crate) fn policy(&self) -> &'k RealmPolicy {
        self.kdc.policy()
    }

    /// The principal of this name or alias.
    pub(crate) fn find(&self, name: &Principal) -> Result<Option<Arc<PrincipalEntry>>, Refusal> {
        Ok(self.kdc.store().find(name)?)
    }

    /// The ticket-granting service of this realm, whose keys are the KDC's own.
    pub(crate) fn ticket_granting_service(&self) -> Result<Arc<PrincipalEntry>, Refusal> {
        let principal = Principal::local_ticket_granting(self.policy().realm.clone());
        self.find(&principal)?.ok_or(Refusal::NoKey { principal })
    }

    /// Notes for whom and what a request is.
    pub(crate) fn note(&mut self, body: &KdcReqBody) {
        let name = body.cname.as_ref();
        self.client = name.map(|name| wire::principal(&body.realm, name));
        self.note_service(body);
    }

    /// Notes for what the request under armor is.
    pub(crate) fn note_service(&mut self, body: &KdcReqBody) {
        let name = body.sname.as_ref();
        self.service = name.map(|name| wire::principal(&body.realm, name));
    }

    /// Refuses an authenticator of `client` that was seen before.
    pub(crate) fn check_replay(
        &self,
        client: &Principal,
        record: &ReplayRecord,
    ) -> Result<(), Refusal> {
        let Some(store) = self.kdc.replay_store() else {
            return Ok(());
        };
        match store.check_and_store_for(client, record, self.now)? {
            Freshness::Fresh => Ok(()),
            Freshness::Replayed => Err(Refusal::Repeated),
        }
    }

    /// The answer to what came of the request.
    pub(crate) fn conclude(
        self,
        exchange: ExchangeKind,
        result: Result<Vec<u8>, Declined>,
        random: &mut dyn RandomSource,
    ) -> Answer {
        let (reply, outcome) = match result {
            Ok(reply) => (Some(reply), Outcome::Granted),
            Err(declined) => {
                let reply = self.error_reply(&declined, random);
                (reply, Outcome::Refused(declined.refusal))
            }
        };
        Answer {
            reply,
            record: RequestRecord {
                exchange,
                client: self.client,
                service: self.service,
                outcome,
            },
        }
    }

    /// A KRB-ERROR, under armor where the request was.
    fn error_reply(&self, declined: &Declined, random: &mut dyn RandomSource) -> Option<Vec<u8>> {
        let mut error = self.error(&declined.refusal);
        let method_data = match &self.armor {
            None => declined.method_data.clone(),
            Some(armor) => {
                if armor.hides_client() {
                    let anonymous = anonymous();
                    error.crealm = Some(anonymous.to_realm());
                    error.cname = Some(anonymous.to_principal_name());
                }
                let mut padata = declined.method_data.clone();
                padata.push(wire::padata(PaDataType::FX_ERROR, &error).ok()?);
                alloc::vec![armor.protect(padata, random).ok()?]
            }
        };
        if !method_data.is_empty() {
            error.e_data = Some(method_data.encode().ok()?.into());
        }
        error.encode().ok()
    }

    /// A KRB-ERROR without data. Names that are too long for any principal are not repeated in it.
    pub(crate) fn error(&self, refusal: &Refusal) -> KrbError {
        let tgs;
        let is_shown = |principal: &&Principal| !principal.is_too_long_to_show();
        let client = self.client.as_ref().filter(is_shown);
        let service = if let Some(service) = self.service.as_ref().filter(is_shown) {
            service
        } else {
            tgs = Principal::local_ticket_granting(self.policy().realm.clone());
            &tgs
        };
        KrbError {
            pvno: Exactly,
            msg_type: Exactly,
            ctime: None,
            cusec: None,
            stime: wire::kerberos_time(self.now),
            susec: wire::microseconds(self.now),
            error_code: refusal.error_code(),
            crealm: client.map(Principal::to_realm),
            cname: client.map(Principal::to_principal_name),
            realm: service.to_realm(),
            sname: service.to_principal_name(),
            e_text: Some(refusal.client_text().as_str().into()),
            e_data: None,
        }
    }
}

/// The client's name where it is not told, RFC 8062 section 3.
pub(crate) fn anonymous() -> Principal {
    Principal::new("WELLKNOWN:ANONYMOUS", ["WELLKNOWN", "ANONYMOUS"])
}
