//! Error replies: KRB-ERROR, RFC 4120 section 5.9.1, under armor RFC 6113 section 5.4.4.

use alloc::vec::Vec;

use orthros_asn1::{Exactly, KdcReqBody, KrbError, Message as _, MethodData, PaDataType};
use orthros_crypto::RandomSource;
use orthros_types::Principal;

use crate::context::RequestContext;
use crate::fast::{Armor, anonymous};
use crate::{Answer, ExchangeKind, Outcome, RequestError, RequestRecord, wire};

/// An error, and what goes with it to the client.
#[derive(Debug)]
pub(crate) struct ErrorReply {
    pub(crate) error: RequestError,
    /// What the client needs to do better, RFC 4120 section 5.9.1.
    pub(crate) method_data: MethodData,
}

/// What an error reply and the record name of a request: it grows while the request is read.
#[derive(Default)]
pub(crate) struct KnownRequest {
    /// The client that a KRB-ERROR and the record name.
    pub(crate) client: Option<Principal>,
    /// The service that they name.
    pub(crate) service: Option<Principal>,
    /// What an error reply is put under.
    pub(crate) armor: Option<Armor>,
}

impl<E: Into<RequestError>> From<E> for ErrorReply {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            method_data: Vec::new(),
        }
    }
}

impl ErrorReply {
    /// The message: a KRB-ERROR, which under armor goes there as PA-FX-ERROR, too. `None` where it can't be written.
    fn encode(
        &self,
        context: &RequestContext<'_>,
        known: &KnownRequest,
        random: &mut dyn RandomSource,
    ) -> Option<Vec<u8>> {
        let mut error = known.krb_error(context, &self.error);
        let method_data = match &known.armor {
            None => self.method_data.clone(),
            Some(armor) => {
                if armor.hides_client() {
                    let anonymous = anonymous();
                    error.crealm = Some(anonymous.to_realm());
                    error.cname = Some(anonymous.to_principal_name());
                }
                let mut padata = self.method_data.clone();
                padata.push(wire::padata(PaDataType::FX_ERROR, &error).ok()?);
                alloc::vec![armor.protect(padata, random).ok()?]
            }
        };
        if !method_data.is_empty() {
            error.e_data = Some(method_data.encode().ok()?.into());
        }
        error.encode().ok()
    }
}

impl KnownRequest {
    /// What the body of an AS-REQ says.
    pub(crate) fn of_body(body: &KdcReqBody) -> Self {
        let name = body.cname.as_ref();
        Self {
            client: name.map(|name| wire::principal(&body.realm, name)),
            service: service(body),
            armor: None,
        }
    }

    /// The answer to what came of the request.
    pub(crate) fn answer(
        mut self,
        context: &RequestContext<'_>,
        exchange: ExchangeKind,
        result: Result<Vec<u8>, ErrorReply>,
        random: &mut dyn RandomSource,
    ) -> Answer {
        let (reply, outcome) = match result {
            Ok(reply) => (Some(reply), Outcome::Granted),
            Err(error) => {
                // The client is named as its own realm would (RFC 6806 section 7).
                if let RequestError::WrongRealm { client } = &error.error {
                    self.client = Some(client.clone());
                }
                let reply = error.encode(context, &self, random);
                (reply, Outcome::Refused(error.error))
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

    /// A KRB-ERROR without data. Names that are too long for any principal are not repeated in it.
    pub(crate) fn krb_error(&self, context: &RequestContext<'_>, error: &RequestError) -> KrbError {
        let tgs;
        let is_shown = |principal: &&Principal| !principal.is_too_long_to_show();
        let client = self.client.as_ref().filter(is_shown);
        let service = if let Some(service) = self.service.as_ref().filter(is_shown) {
            service
        } else {
            tgs = Principal::local_ticket_granting(context.policy.realm.clone());
            &tgs
        };
        KrbError {
            pvno: Exactly,
            msg_type: Exactly,
            ctime: None,
            cusec: None,
            stime: wire::kerberos_time(context.now),
            susec: wire::microseconds(context.now),
            error_code: error.error_code(),
            crealm: client.map(Principal::to_realm),
            cname: client.map(Principal::to_principal_name),
            realm: service.to_realm(),
            sname: service.to_principal_name(),
            e_text: Some(error.client_text().as_str().into()),
            e_data: None,
        }
    }
}

/// The service that a request names.
pub(crate) fn service(body: &KdcReqBody) -> Option<Principal> {
    let name = body.sname.as_ref();
    name.map(|name| wire::principal(&body.realm, name))
}
