//! The exchanges of `orthros-krb5`, driven: clock, randomness and the way to the KDCs come from the [`Environment`], tickets
//! go to and come from credential caches. Every call blocks, for a bounded time.
mod error;
mod initial;
mod service;
#[cfg(test)]
mod tests;

use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{
    AsExchange, AsInput, AsStep, InitialTicket, Principal, ServiceTicket, TgsExchange, TgsStep,
    Timestamp,
};

pub use error::AcquireError;
pub use service::ServiceTicketOptions;

use crate::environment::Environment;

/// Where a password comes from when it turns out to be needed.
type Ask<'a> = dyn FnMut(&Principal) -> std::io::Result<SecretVec> + 'a;

impl Environment {
    /// Steps an AS exchange to its end.
    fn drive_initial(
        &self,
        mut exchange: AsExchange,
        ask: &mut Ask<'_>,
    ) -> Result<InitialTicket, AcquireError> {
        let mut random = self.random();
        let mut step = exchange.step(AsInput::Begin, self.now(), &mut random)?;
        loop {
            step = match step {
                AsStep::Send(request) => {
                    let reply = self.ask_kdc(&request)?;
                    exchange.step(AsInput::Reply(&reply), self.now(), &mut random)?
                }
                AsStep::NeedPassword { client } => {
                    let password =
                        ask(&client).map_err(|error| AcquireError::Password { client, error })?;
                    exchange.step(AsInput::Password(&password), self.now(), &mut random)?
                }
                AsStep::Done(ticket) => return Ok(*ticket),
            }
        }
    }

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
                    let reply = self.ask_kdc(&request)?;
                    exchange.step(Some(&reply), kdc_time(self.now()), &mut random)?
                }
                TgsStep::Done(ticket) => return Ok(*ticket),
            }
        }
    }
}
