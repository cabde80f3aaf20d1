//! Established contexts: what both sides have once tokens have authenticated them.

use core::fmt;

use orthros_host::Environment;
use orthros_types::Duration;

use super::{Protection, Receiver, Sender, Unwrapped, Verified};
use crate::credential::Evidence;
use crate::error::{CallError, foreign_delegation};
use crate::mech::established::{ApCheckError, ContextInfo, EstablishedContext, Role, mechanism_of};
use crate::{ContextFlags, Credential, Error, Lifetime, MajorStatus, MechName, MinorStatus, Oid};

/// An established context: the peer is authenticated as far as was asked for, and messages can be protected.
///
/// There is no other way to have one than through the [`Step::Done`](crate::Step::Done) of an
/// [`InitContext`](crate::InitContext) or [`AcceptContext`](crate::AcceptContext), or by [import](Self::import) of one
/// that was exported, so everything that a context must prove was proved: ticket and authenticator decrypted, matched,
/// fresh, not replayed, channel bindings equal, and the acceptor's answer where MUTUAL was asked for.
///
/// Dropping it ends it; its keys are erased. Its expiry ends nothing by itself, as in MIT krb5: long-lived connections
/// go on, and [`lifetime`](Self::lifetime) says 0.
pub struct SecurityContext {
    pub(super) shared: Box<Shared>,
    pub(super) sender: Sender,
    pub(super) receiver: Receiver,
}

/// What is known of an established context, besides its message protection.
pub(super) struct Shared {
    environment: Environment,
    pub(super) initiator_name: MechName,
    pub(super) acceptor_name: MechName,
    flags: ContextFlags,
    /// The tickets that the initiator delegated, or why none of them was taken.
    delegated: Result<Box<[orthros_types::Credential]>, Box<ApCheckError>>,
    /// On an acceptor that has tickets of its own: the initiator's.
    evidence: Option<Box<Evidence>>,
    /// With the end of its lifetime by this side's clock.
    pub(super) info: ContextInfo,
}

impl SecurityContext {
    /// Of what an exchange of tokens proved. `clock_offset` is the KDC's time less the environment's, where that is
    /// known.
    pub(crate) fn new(
        mut context: EstablishedContext,
        environment: Environment,
        clock_offset: Duration,
    ) -> Self {
        context.info.end = context.info.end.saturating_sub(clock_offset);
        let shared = Shared {
            flags: context_flags(&context),
            initiator_name: MechName::of_ticket(
                context.initiator,
                context.info.authorization.clone(),
            ),
            acceptor_name: MechName::new(context.acceptor),
            delegated: match context.delegation_error {
                None => Ok(context.delegated.into()),
                Some(defect) => Err(defect),
            },
            evidence: None,
            info: context.info,
            environment,
        };
        let (sender, receiver) = context.messages.split();
        let sender = Sender::new(sender, shared.environment.random_pool());
        Self {
            shared: Box::new(shared),
            sender,
            receiver: Receiver::new(receiver),
        }
    }

    /// With what the acceptor can go on to other services with in the initiator's name.
    pub(crate) fn with_evidence(mut self, evidence: Option<Evidence>) -> Self {
        self.shared.evidence = evidence.map(Box::new);
        self
    }

    /// The mechanism: [`Oid::KRB5`], by whichever identifier it was begun, or [`Oid::KRB5_USER_TO_USER`].
    #[must_use]
    pub fn mech_type(&self) -> Oid {
        mechanism_of(&self.shared.info).oid()
    }

    /// What was negotiated.
    #[must_use]
    pub fn flags(&self) -> ContextFlags {
        self.shared.flags
    }

    /// Whether this side initiated it.
    #[must_use]
    pub fn is_initiator(&self) -> bool {
        self.shared.info.role == Role::Initiator
    }

    /// The initiator's name: on the acceptor, the authenticated client.
    #[must_use]
    pub fn initiator_name(&self) -> &MechName {
        &self.shared.initiator_name
    }

    /// The acceptor's name: on the acceptor, the name of the key that the ticket was for.
    #[must_use]
    pub fn acceptor_name(&self) -> &MechName {
        &self.shared.acceptor_name
    }

    /// The credential that the initiator delegated: to initiate contexts with in its name. `None` if it delegated
    /// none, and on the initiator. Its tickets are in memory, in a cache of their own for each call.
    ///
    /// An acceptor whose credential was acquired for [both uses](crate::CredentialBuilder::usage), by name, and has
    /// tickets that are good, always has one, as with MIT krb5: where the initiator delegated none, it is made of the
    /// service's own ticket-granting ticket and the ticket that the initiator has shown (`S4U2Proxy`, MS-SFU). It is
    /// as one by [`Credential::impersonate`], and good for those services that the KDC lets this one delegate to.
    /// [`Credential::impersonator`] tells them apart: where it names a service, that one's ticket-granting ticket is
    /// in the credential, which is not to be stored where the user can read it. Other than with MIT,
    /// [`ContextFlags::DELEG`] is among the [`flags`](Self::flags) only where the initiator has delegated. A context
    /// that was exported has left it behind, and a credential that was imported has none for its users.
    ///
    /// # Errors
    ///
    /// `UNAUTHORIZED` where the initiator delegated a ticket of another client: the context stands, but that ticket is
    /// not to be used in the initiator's name. [`ContextFlags::DELEG`] is not among the [`flags`](Self::flags) then.
    ///
    /// `FAILURE` where the system gives no randomness.
    pub fn delegated_cred(&self) -> Result<Option<Credential>, Error> {
        match &self.shared.delegated {
            Ok(tickets) => match (&**tickets, &self.shared.evidence) {
                ([], Some(evidence)) => evidence.credential(),
                (tickets, _) => Credential::of_delegated(tickets, &self.shared.environment),
            },
            Err(defect) => Err(foreign_delegation(defect).of_mech(self.mech_type())),
        }
    }

    /// The other side's name.
    #[must_use]
    pub fn peer_name(&self) -> &MechName {
        if self.is_initiator() {
            self.acceptor_name()
        } else {
            self.initiator_name()
        }
    }

    /// What is left of its lifetime; 0 seconds when it is over. An acceptor's is longer by the allowed clock skew.
    #[must_use]
    pub fn lifetime(&self) -> Lifetime {
        let now = self.shared.environment.now();
        Lifetime::remaining(self.shared.info.end.since(now).seconds())
    }

    /// What is left of its lifetime (`gss_context_time`).
    ///
    /// # Errors
    ///
    /// `CONTEXT_EXPIRED` when it is over. Messages can still be protected then.
    pub fn context_time(&self) -> Result<Lifetime, Error> {
        match self.lifetime() {
            Lifetime::Seconds(0) => {
                let minor = MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED;
                Err(Error::new(MajorStatus::CONTEXT_EXPIRED, minor).of_mech(self.mech_type()))
            }
            lifetime => Ok(lifetime),
        }
    }

    /// Whether the initiator did not reveal its name.
    #[must_use]
    pub fn initiator_is_anonymous(&self) -> bool {
        self.flags().contains(ContextFlags::ANON)
    }

    /// Whether the context can be moved to another process.
    #[must_use]
    pub fn is_transferable(&self) -> bool {
        self.flags().contains(ContextFlags::TRANS)
    }

    /// Whether messages can be encrypted.
    #[must_use]
    pub fn confidentiality_negotiated(&self) -> bool {
        self.flags().contains(ContextFlags::CONF)
    }

    /// Whether messages can have MICs; without it every per-message call is refused.
    #[must_use]
    pub fn integrity_negotiated(&self) -> bool {
        self.flags().contains(ContextFlags::INTEG)
    }

    /// Whether the acceptor authenticated itself, too.
    #[must_use]
    pub fn mutual_auth_negotiated(&self) -> bool {
        self.flags().contains(ContextFlags::MUTUAL)
    }

    /// Whether replayed messages are reported.
    #[must_use]
    pub fn replay_detection_negotiated(&self) -> bool {
        self.flags().contains(ContextFlags::REPLAY)
    }

    /// Whether messages out of order are reported.
    #[must_use]
    pub fn sequence_detection_negotiated(&self) -> bool {
        self.flags().contains(ContextFlags::SEQUENCE)
    }

    /// What the mechanism knows.
    pub(super) fn info(&self) -> &ContextInfo {
        &self.shared.info
    }

    /// Takes a token that the peer's deletion of the context gave. RFC 4121 has no such tokens.
    ///
    /// # Errors
    ///
    /// `DEFECTIVE_TOKEN`, whatever the token is.
    pub fn process_context_token(&mut self, _token: &[u8]) -> Result<(), Error> {
        Err(Error::from(CallError::ContextToken).of_mech(self.mech_type()))
    }

    /// Ends it and erases its keys, as dropping it does. There is no token for the peer in Kerberos (RFC 4121 section
    /// 4.3).
    pub fn delete(self) {}

    /// Both halves for themselves, for two threads.
    #[must_use]
    pub fn split(self) -> (Sender, Receiver) {
        (self.sender, self.receiver)
    }

    /// Both halves, borrowed, for two scoped threads.
    pub fn split_mut(&mut self) -> (&mut Sender, &mut Receiver) {
        (&mut self.sender, &mut self.receiver)
    }

    /// The sending half, with everything that there is for messages to the peer.
    pub fn sender(&mut self) -> &mut Sender {
        &mut self.sender
    }

    /// The receiving half, with everything that there is for messages from the peer.
    pub fn receiver(&mut self) -> &mut Receiver {
        &mut self.receiver
    }

    /// See [`Sender::get_mic`].
    ///
    /// # Errors
    ///
    /// As [`Sender::get_mic`].
    pub fn get_mic(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.sender.get_mic(message)
    }

    /// See [`Sender::get_mic_with_qop`].
    ///
    /// # Errors
    ///
    /// As [`Sender::get_mic_with_qop`].
    pub fn get_mic_with_qop(&mut self, message: &[u8], qop: u32) -> Result<Vec<u8>, Error> {
        self.sender.get_mic_with_qop(message, qop)
    }

    /// See [`Receiver::verify_mic`].
    ///
    /// # Errors
    ///
    /// As [`Receiver::verify_mic`].
    pub fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> Result<Verified, Error> {
        self.receiver.verify_mic(message, mic)
    }

    /// See [`Sender::wrap`].
    ///
    /// # Errors
    ///
    /// As [`Sender::wrap`].
    pub fn wrap(&mut self, message: &[u8], protection: Protection) -> Result<Vec<u8>, Error> {
        self.sender.wrap(message, protection)
    }

    /// See [`Sender::wrap_into`].
    ///
    /// # Errors
    ///
    /// As [`Sender::wrap_into`].
    pub fn wrap_into(
        &mut self,
        message: &[u8],
        protection: Protection,
        token: &mut [u8],
    ) -> Result<usize, Error> {
        self.sender.wrap_into(message, protection, token)
    }

    /// See [`Receiver::unwrap`].
    ///
    /// # Errors
    ///
    /// As [`Receiver::unwrap`].
    pub fn unwrap(&mut self, token: &[u8], least: Protection) -> Result<Unwrapped, Error> {
        self.receiver.unwrap(token, least)
    }

    /// See [`Receiver::unwrap_in_place`].
    ///
    /// # Errors
    ///
    /// As [`Receiver::unwrap_in_place`].
    pub fn unwrap_in_place<'t>(
        &mut self,
        token: &'t mut [u8],
        least: Protection,
    ) -> Result<Unwrapped<&'t mut [u8]>, Error> {
        self.receiver.unwrap_in_place(token, least)
    }

    /// See [`Sender::wrap_size_limit`].
    ///
    /// # Errors
    ///
    /// As [`Sender::wrap_size_limit`].
    pub fn wrap_size_limit(
        &self,
        output_size: usize,
        protection: Protection,
    ) -> Result<usize, Error> {
        self.sender.wrap_size_limit(output_size, protection)
    }
}

/// The flags of the exchange in the API's terms.
fn context_flags(context: &EstablishedContext) -> ContextFlags {
    let mut flags = context.info.flags;
    flags.insert(ContextFlags::PROT_READY);
    flags.set(ContextFlags::ANON, context.initiator.is_anonymous());
    flags
}

impl fmt::Debug for SecurityContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityContext")
            .field("initiator_name", self.initiator_name())
            .field("acceptor_name", self.acceptor_name())
            .field("is_initiator", &self.is_initiator())
            .field("flags", &self.flags())
            .finish_non_exhaustive()
    }
}
