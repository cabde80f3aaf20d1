//! Changing a password (RFC 3244).

use orthros_crypto::{RandomSource, SecretVec};
use orthros_types::{Duration, Principal, Timestamp};

use super::error::ClientError;
use super::machine::{Answer, ClientMachine, Progress};
use crate::{
    ExchangeMisuseError, InitialTicket, KdcSelection, PasswordExchange, PasswordOutcome,
    PasswordStep,
};

/// A request to the server that changes a realm's passwords.
#[derive(Debug)]
pub struct PasswordChange {
    exchange: PasswordExchange,
    /// The KDC's clock less this machine's.
    kdc_offset: Duration,
}

impl PasswordChange {
    /// Sets the password of the ticket's client, or of `target` where the client may. The ticket is one for
    /// `kadmin/changepw` from an AS exchange.
    ///
    /// # Errors
    ///
    /// [`ExchangeMisuseError`] if the ticket is not usable.
    pub fn new(
        ticket: &InitialTicket,
        password: SecretVec,
        target: Option<Principal>,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            exchange: PasswordExchange::new(&ticket.credential, password, target)?,
            kdc_offset: ticket.kdc_offset,
        })
    }

    fn advance(
        &mut self,
        reply: Option<&[u8]>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<PasswordOutcome> {
        let kdc_now = now.saturating_add(self.kdc_offset);
        match self.exchange.step(reply, kdc_now, random) {
            Ok(PasswordStep::Send(request)) => Progress::kdc(request, KdcSelection::Password),
            Ok(PasswordStep::Done(outcome)) => Progress::done(Ok(outcome)),
            Err(error) => Progress::done(Err(error.into())),
        }
    }
}

impl ClientMachine for PasswordChange {
    /// A password that is refused is no error.
    type Output = PasswordOutcome;

    fn step(
        &mut self,
        answer: Answer,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<PasswordOutcome> {
        match answer {
            Answer::Begin => self.advance(None, now, random),
            Answer::Kdc(reply) => self.advance(Some(&reply.message), now, random),
            Answer::NoKdc => Progress::done(Err(ClientError::NoReply)),
            _ => Progress::misused(ExchangeMisuseError::UnexpectedInput),
        }
    }
}
