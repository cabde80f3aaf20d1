//! What Kerberos knows of an established context, beyond what every mechanism does.

use orthros_types::{AdType, TicketFlags, Timestamp};

use super::SecurityContext;
use crate::authorization::{proven_pac, verified_pac};
use crate::kerberos::Key;
use crate::mech::established::pseudo_random;
use crate::pac::VerifiedPac;
use crate::{ContextFlags, Error, MajorStatus};

/// Which key of a context [`pseudo_random`](SecurityContext::pseudo_random) uses (RFC 4401 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrfKey {
    /// `GSS_C_PRF_KEY_FULL`, 0: the key that both sides agreed on.
    Full,
    /// `GSS_C_PRF_KEY_PARTIAL`, 1: the initiator's, which acceptors of other mechanisms may not have contributed to.
    Partial,
}

impl SecurityContext {
    /// Fills `output` with bytes that only the two sides can make of `input` (RFC 4401, RFC 7802): keys for another
    /// protocol, for example. Both sides get the same; a shorter output is the beginning of a longer one.
    ///
    /// ```no_run
    /// # fn derive(context: &orthros::SecurityContext) -> Result<(), orthros::Error> {
    /// let mut key = [0; 32];
    /// context.pseudo_random(orthros::PrfKey::Full, b"my protocol, client to server", &mut key)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `FAILURE` for an output of more than 2^36 bytes.
    pub fn pseudo_random(&self, key: PrfKey, input: &[u8], output: &mut [u8]) -> Result<(), Error> {
        let key = match key {
            PrfKey::Full => self.session_key(),
            PrfKey::Partial => &self.info().initiator_key,
        };
        pseudo_random(key, input, output).map_err(|error| {
            Error::new(MajorStatus::FAILURE, error.minor_status())
                .of_mech(self.mech_type())
                .caused_by(error)
        })
    }

    /// The key that messages are protected with, for protocols with protection of their own, such as SMB
    /// (`GSS_C_INQ_SSPI_SESSION_KEY`): the acceptor's subkey, or the initiator's where that is all there is.
    #[must_use]
    pub fn session_key(&self) -> &Key {
        self.sender.half.sender.key()
    }

    /// The data of each element of this type in the ticket's authorization data, also of those in AD-IF-RELEVANT
    /// (RFC 4120 section 5.2.6). On the acceptor only: initiators can't read their tickets.
    ///
    /// A KDC copies what clients ask it to into tickets. Believe only what has a signature of the KDC, and check that.
    #[must_use]
    pub fn authorization_data(&self, ad_type: AdType) -> Vec<Vec<u8>> {
        self.info().authorization_data(ad_type)
    }

    /// The PAC of the client's ticket: what the domain controller says of the client and its groups. `None` where the
    /// ticket has none, and on the initiator.
    ///
    /// It is verified each time: the server signature with the key that opened the ticket, and that it was made for
    /// this client and its authentication. Of a context that was [imported](Self::import) it is told whether it was
    /// verified when it was exported.
    ///
    /// Of a client of another realm it is that realm which says so, as far as the service's own KDC lets it: see
    /// [clients of other realms](crate::manual::active_directory#clients-of-other-realms).
    ///
    /// ```no_run
    /// # fn admits(context: &orthros::SecurityContext) -> Result<bool, Box<dyn std::error::Error>> {
    /// let operators = "S-1-5-21-397955417-626881126-188441444-1107".parse()?;
    /// let is_operator = context.pac()?.is_some_and(|pac| pac.has_sid(&operators));
    /// # Ok(is_operator)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `BAD_SIG` for a signature of another key or type, or none; `UNAUTHORIZED` where it is of another client or
    /// time; `DEFECTIVE_TOKEN` where logon info or UPN and DNS info are malformed; `UNAVAILABLE` where the context was
    /// imported and the PAC had not been verified. The context stands.
    pub fn pac(&self) -> Result<Option<VerifiedPac<'_>>, Error> {
        verified_pac(
            &self.info().authorization,
            self.initiator_name().principal(),
        )
    }

    pub(super) fn has_proven_pac(&self) -> bool {
        let authorization = &self.info().authorization;
        let proven = proven_pac(authorization, self.initiator_name().principal());
        proven.is_ok_and(|pac| pac.is_some())
    }

    /// When the client authenticated itself to the KDC.
    #[must_use]
    pub fn authentication_time(&self) -> Timestamp {
        self.info().times.authtime
    }

    /// How the client authenticated itself, in words that the realm's administrator chose (RFC 8129): only those that
    /// the KDC vouches for to this service (RFC 7751). On the acceptor only.
    #[must_use]
    pub fn authentication_indicators(&self) -> &[String] {
        self.info().authentication_indicators()
    }

    /// The flags of the ticket that it was established with.
    #[must_use]
    pub fn ticket_flags(&self) -> TicketFlags {
        self.info().ticket_flags
    }

    /// Whether the initiator's channel bindings were the acceptor's. On the acceptor only: the initiator is not told.
    #[must_use]
    pub fn is_channel_bound(&self) -> bool {
        self.flags().contains(ContextFlags::CHANNEL_BOUND)
    }
}
