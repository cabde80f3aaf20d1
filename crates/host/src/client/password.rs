//! Changing passwords.

use orthros_krb5::client::{PasswordChange, PasswordKeysRequest};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{AsRequestOptions, InitialTicket, PasswordKeyInfo, PasswordOutcome};
use orthros_types::config::ConfigError;
use orthros_types::{Duration, Principal};

use super::AcquireError;
use super::driver::Means;
use crate::environment::Environment;

impl Environment {
    /// How a ticket to change a password with is got: a short one for `kadmin/changepw`, for which an expired password
    /// will do.
    ///
    /// # Errors
    ///
    /// Where the configuration names no enctype that is supported.
    pub fn password_ticket_options(
        &self,
        client: Principal,
    ) -> Result<AsRequestOptions, ConfigError> {
        let service = Principal::new(client.realm(), ["kadmin", "changepw"]);
        Ok(AsRequestOptions {
            service: Some(service),
            lifetime: Duration::from_seconds(5 * 60),
            renewable_lifetime: None,
            forwardable: false,
            proxiable: false,
            canonicalize: false,
            ..self.initial_options(client)?
        })
    }

    /// How the KDC makes keys of the client's password: salts and string-to-key parameters of those encryption types
    /// of `options` that it names, the preferred one first. Nothing of that is authenticated.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Client`] where the KDC does not know the client, or names no encryption type that was asked
    /// for; [`AcquireError::Transport`] where none answers.
    pub fn password_keys(
        &self,
        options: AsRequestOptions,
    ) -> Result<Vec<PasswordKeyInfo>, AcquireError> {
        let request = PasswordKeysRequest::new(self.config().clone(), options);
        self.drive(request, Means::default())
    }

    /// Sets a password (RFC 3244): that of the ticket's client, or of `target` where the client may.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Client`] where the server misbehaves, [`AcquireError::Transport`] where none answers. That a
    /// password is refused is no error.
    pub fn change_password(
        &self,
        ticket: &InitialTicket,
        password: SecretVec,
        target: Option<Principal>,
    ) -> Result<PasswordOutcome, AcquireError> {
        let request = PasswordChange::new(ticket, password, target)?;
        self.drive(request, Means::default())
    }
}
