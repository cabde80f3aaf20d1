//! A ticket to be the armor of initial tickets (FAST, RFC 6113).

use orthros_crypto::RandomSource;
use orthros_types::{Principal, Timestamp};

use super::machine::{Answer, ClientMachine, Done, Progress};
use super::service::{ServiceTicketOptions, ServiceTicketRequest};
use super::snapshot::ClientSnapshot;
use crate::{FastArmor, FastUse, TgsRequestOptions};

/// A request for the armor that a cache has for clients of a realm: its ticket for the ticket-granting service there,
/// got first if need be.
///
/// A caller that asks for armor gets armor: it is [`FastUse::Required`], also where the KDC is not known to support
/// FAST, where MIT's library would do without. So no error that an attacker can have written talks the client out of
/// it.
#[derive(Debug)]
pub struct ArmorRequest {
    snapshot: ClientSnapshot,
    request: ServiceTicketRequest,
}

impl ArmorRequest {
    /// The armor for clients of `realm`.
    #[must_use]
    pub fn new(snapshot: ClientSnapshot, realm: &[u8]) -> Self {
        let tgs = Principal::local_ticket_granting(realm);
        // What the cache has is asked with, whatever would be asked for. Where the list is broken, the request that
        // has to ask a KDC says so.
        let permitted = snapshot.config.permitted_enctypes();
        let request = permitted.map_or_else(
            |_| TgsRequestOptions::default(),
            TgsRequestOptions::of_enctypes,
        );
        let options = ServiceTicketOptions::new(request);
        let request = ServiceTicketRequest::new(snapshot.clone(), tgs, options);
        Self { snapshot, request }
    }
}

impl ClientMachine for ArmorRequest {
    type Output = FastArmor;

    fn step(
        &mut self,
        answer: Answer,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<FastArmor> {
        match self.request.step(answer, now, random) {
            Progress::Need(need) => Progress::Need(need),
            Progress::Done(Done { result, update }) => Progress::Done(Done {
                result: result.map(|ticket| FastArmor {
                    ticket,
                    usage: FastUse::Required,
                    kdc_offset: self.snapshot.kdc_time(now).since(now),
                }),
                update,
            }),
        }
    }
}
