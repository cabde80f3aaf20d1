//! The exchanges of `orthros-krb5`, driven: clock, randomness and the way to the KDCs come from the [`Environment`], tickets
//! go to and come from credential caches. Every call blocks, for a bounded time.

mod armor;
mod error;
mod initial;
mod password;
mod path;
mod service;
#[cfg(test)]
mod tests;

use orthros_krb5::{KdcSelection, ServiceTicket, TgsExchange, TgsStep};
use orthros_types::Timestamp;
use orthros_types::ccache::CacheContents;

pub use error::AcquireError;
pub use service::ServiceTicketOptions;

use crate::cache::Cache;
use crate::environment::Environment;

impl Environment {
    /// Steps a TGS exchange to its end by the clock of the cache's KDC. Which KDCs have answered under armor is noted in the cache,
    /// also where the exchange fails, unless there is no cache to note it in.
    fn drive_service(
        &self,
        mut exchange: TgsExchange,
        contents: &CacheContents,
        notes: Option<&Cache>,
    ) -> Result<ServiceTicket, AcquireError> {
        let result = self.step_service(&mut exchange, |now| self.kdc_time(contents, now));
        let learned = armor::armor_notes(contents, &exchange);
        if let Some(cache) = notes.filter(|_| !learned.is_empty()) {
            // As with a ticket, that it can't be stored makes nothing worse.
            let _ = cache.store(&learned);
        }
        result
    }

    fn step_service(
        &self,
        exchange: &mut TgsExchange,
        kdc_time: impl Fn(Timestamp) -> Timestamp,
    ) -> Result<ServiceTicket, AcquireError> {
        let mut random = self.random();
        let mut step = exchange.step(None, kdc_time(self.now()), &mut random)?;
        loop {
            step = match step {
                TgsStep::Send(request) => {
                    let reply = self.ask_kdc(&request, KdcSelection::Any)?.message;
                    exchange.step(Some(&reply), kdc_time(self.now()), &mut random)?
                }
                TgsStep::Done(ticket) => return Ok(*ticket),
            }
        }
    }
}
