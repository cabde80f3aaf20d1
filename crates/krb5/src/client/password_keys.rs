//! How a client's password becomes its keys, as the KDC says.

use alloc::vec::Vec;

use orthros_crypto::RandomSource;
use orthros_types::Timestamp;
use orthros_types::config::Config;

use super::error::ClientError;
use super::initial::{InitialTicketRequest, SecretSource};
use super::machine::{Answer, ClientMachine, Done, Need, Progress};
use crate::{AsRequestOptions, ExchangeError, ExchangeMisuseError, PasswordKeyInfo};

/// A request for salts and string-to-key parameters: an AS exchange up to where the password would be needed, as by
/// MIT's `krb5_get_etype_info`.
///
/// Nothing of the answer is authenticated, unless it came under armor: a forged one makes keys that open nothing.
#[derive(Debug)]
pub struct PasswordKeysRequest(InitialTicketRequest);

impl PasswordKeysRequest {
    /// For the client and the encryption types of `options`.
    #[must_use]
    pub fn new(config: Config, options: AsRequestOptions) -> Self {
        // No encrypted timestamp is sent: the KDC may offer it all the same.
        let options = AsRequestOptions {
            encrypted_timestamp: true,
            ..options
        };
        Self(InitialTicketRequest::new(
            config,
            options,
            SecretSource::Prompt,
        ))
    }
}

impl ClientMachine for PasswordKeysRequest {
    /// At least one, those for the encryption types that the client prefers first.
    type Output = Vec<PasswordKeyInfo>;

    fn step(
        &mut self,
        answer: Answer,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<Self::Output> {
        match self.0.step(answer, now, random) {
            Progress::Need(Need::Password { .. }) => {
                Progress::done(self.0.password_keys().map_err(ClientError::from))
            }
            Progress::Need(need) => Progress::Need(need),
            Progress::Done(Done { result, update }) => Progress::Done(Done {
                // No ticket is had without a password.
                result: result.and_then(|_| {
                    Err(ExchangeError::from(ExchangeMisuseError::UnexpectedInput).into())
                }),
                update,
            }),
        }
    }
}
