//! Moving a context to another process (RFC 2743 sections 2.2.8 and 2.2.9).

use orthros_types::Duration;

use super::SecurityContext;
use crate::error::{export_error, import_error};
use crate::mech::established::EstablishedContext;
use crate::{Environment, Error, SecretVec};

impl SecurityContext {
    /// The context as a token, for [`import`](Self::import) in another process. It is used up, as it would otherwise
    /// give the same sequence numbers to two messages.
    ///
    /// Keys, sequence numbers, what was received, names, flags, lifetime, and what the ticket said go with it; a
    /// delegated credential is exported for itself. The key of the service does not: if the ticket has a
    /// [PAC](Self::pac), it is verified now, and the token says whether it was the KDC's. The token is a **secret**:
    /// with it the context's messages can be read, changed and made. Dropping it erases it.
    ///
    /// ```no_run
    /// # fn pass_on(_: &[u8]) {}
    /// # fn receive() -> Vec<u8> { Vec::new() }
    /// use orthros::SecurityContext;
    ///
    /// # fn hand_over(context: SecurityContext) -> Result<(), orthros::Error> {
    /// pass_on(&context.export()?);
    /// // and in the other process:
    /// let mut context = SecurityContext::import(&receive())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `FAILURE` for names or authorization data of four gigabytes.
    pub fn export(self) -> Result<SecretVec, Error> {
        let pac_is_verified = self.has_proven_pac();
        let shared = self.shared;
        let exported = shared.info.export(
            shared.initiator_name.principal(),
            shared.acceptor_name.principal(),
            &self.sender.half.sender,
            &self.receiver.receiver,
            pac_is_verified,
        );
        exported.map_err(export_error)
    }

    /// Goes on with an exported context, in the process' own [`Environment`].
    ///
    /// Take tokens only from processes that are trusted, on ways that no other process can write to: a context is what
    /// its token says, the peer's name too. Damage is noticed.
    ///
    /// # Errors
    ///
    /// `DEFECTIVE_TOKEN` for what is no exported context of this version, or is damaged; `FAILURE` where the process'
    /// configuration can't be read.
    pub fn import(token: &[u8]) -> Result<Self, Error> {
        Self::import_in(token, &crate::environment::process()?)
    }

    /// As [`import`](Self::import), with clock and randomness of this environment.
    ///
    /// # Errors
    ///
    /// `DEFECTIVE_TOKEN` for what is no exported context of this version, or is damaged.
    pub fn import_in(token: &[u8], environment: &Environment) -> Result<Self, Error> {
        let context = EstablishedContext::import(token).map_err(import_error)?;
        Ok(Self::new(context, environment.clone(), Duration::ZERO))
    }
}
