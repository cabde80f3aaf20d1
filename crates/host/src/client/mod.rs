//! The exchanges of `orthros-krb5`, driven: clock, randomness and the way to the KDCs come from the [`Environment`], tickets
//! go to and come from credential caches. Every call blocks, for a bounded time.

mod error;
mod initial;
mod password;
mod service;
#[cfg(test)]
mod tests;

use orthros_krb5::{ServiceTicket, TgsExchange, TgsStep, Timestamp};

pub use error::AcquireError;
pub use service::ServiceTicketOptions;

use crate::environment::Environment;
use crate::transport::KdcSelection;

impl Environment {
    /// Steps a TGS exchange to its end. `kdc_time` makes the KDC's time of ours.
    fn drive_service(
        &self,
        mut exchange: TgsExchange,
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
