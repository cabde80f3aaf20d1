//! Credentials: the tickets that contexts are initiated with, and the keys that they are accepted with (RFC 2743
//! section 1.1.1).

use core::fmt;
use std::sync::Arc;

use orthros_host::Environment;

use crate::error::{CallError, cache_error};
use crate::mech::Mechanism;
use crate::{CredentialUsage, Error, Lifetime, MechName, OidSet};

mod acceptor;
mod acquisition;
pub(crate) mod builder;
mod delegated;
mod export;
mod impersonation;
pub(crate) mod initiator;
mod store;
mod verify;

use acceptor::AcceptorName;
pub(crate) use acceptor::{AcceptorCredential, AcceptorKeys};
pub(crate) use impersonation::Evidence;
pub(crate) use initiator::{DesiredCredential, InitiatorCredential};
pub use store::{StoreOptions, Stored};

/// What proves an identity: tickets in a credential cache to initiate with, keys in a keytab to accept with; or,
/// between users, tickets for both.
///
/// A clone is another handle of the same credential.
///
/// ```no_run
/// use orthros::{Credential, CredentialUsage, Name};
///
/// // The client of the default cache:
/// let mine = Credential::acquire().usage(CredentialUsage::Initiate).build()?;
/// // A user by password, with fresh tickets from the KDC:
/// let alice = Credential::acquire().name(Name::user("alice@EXAMPLE.ORG")?).password("secret").build()?;
/// // Every service that the keytab has keys of:
/// let services = Credential::acquire().usage(CredentialUsage::Accept).keytab("/etc/http.keytab").build()?;
/// # Ok::<(), orthros::Error>(())
/// ```
#[derive(Clone)]
pub struct Credential {
    shared: Arc<Shared>,
}

struct Shared {
    environment: Environment,
    usage: CredentialUsage,
    initiator: Option<InitiatorCredential>,
    acceptor: Option<AcceptorCredential>,
    /// Whether both uses were asked for by name.
    is_for_both: bool,
}

impl Credential {
    /// What it is for.
    #[must_use]
    pub fn usage(&self) -> CredentialUsage {
        self.shared.usage
    }

    /// The mechanisms that it is for.
    #[must_use]
    pub fn mechs(&self) -> OidSet {
        OidSet::from(Mechanism::DEFAULT.oid())
    }

    /// Whose it is: the client of the credential cache, or the service that was named for accepting. Of one that
    /// accepts with any key it is the principal whose key comes first in the keytab, as in MIT krb5; `None` where that
    /// has none any more.
    ///
    /// # Errors
    ///
    /// `NO_CRED` or `DEFECTIVE_CREDENTIAL` where the cache or the keytab is not there, not readable, or the cache not
    /// of the desired name.
    pub fn name(&self) -> Result<Option<MechName>, Error> {
        match (&self.shared.initiator, &self.shared.acceptor) {
            (Some(initiator), _) => initiator.name(&self.shared.environment).map(Some),
            (None, Some(acceptor)) => match (acceptor.ticket_holder(), acceptor.name()) {
                (Some(holder), _) => holder.name(&self.shared.environment).map(Some),
                (None, AcceptorName::Any) => {
                    let first = acceptor.first_principal(&self.shared.environment)?;
                    Ok(first.map(MechName::new))
                }
                (None, AcceptorName::Principal(name)) => Ok(Some(MechName::new(name.clone()))),
            },
            (None, None) => Ok(None),
        }
    }

    /// How long contexts can be initiated with it, or accepted with its ticket-granting ticket; 0 seconds when its
    /// tickets have expired. Keys of a keytab have no end.
    ///
    /// # Errors
    ///
    /// As [`name`](Self::name).
    pub fn lifetime(&self) -> Result<Lifetime, Error> {
        match self.ticket_holder() {
            Some(initiator) => initiator.lifetime(&self.shared.environment),
            None => Ok(Lifetime::Indefinite),
        }
    }

    /// The ticket-granting ticket in DER (RFC 4120 section 5.3), for a peer that wants to
    /// [initiate a context](crate::InitContextBuilder::peer_ticket) with its client, user-to-user. It is no secret: it
    /// is of no use without its session key.
    ///
    /// # Errors
    ///
    /// `NO_CRED` where there is none, `CREDENTIALS_EXPIRED` where it has expired, `DEFECTIVE_CREDENTIAL` where the
    /// cache is damaged.
    pub fn ticket_granting_ticket(&self) -> Result<Vec<u8>, Error> {
        let holder = self.ticket_holder();
        let holder = holder.ok_or(CallError::NoTicketGrantingTicket)?;
        let ticket = holder.ticket_granting_ticket(&self.shared.environment)?;
        Ok(ticket.ticket)
    }

    /// Where its tickets and keys are looked up.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.shared.environment
    }

    /// The default credential to initiate with, not looked at before it is used.
    pub(crate) fn default_initiator(environment: &Environment) -> Result<Self, Error> {
        environment.cache_collection().map_err(cache_error)?;
        Ok(Self::of_initiator(
            environment,
            InitiatorCredential::new(DesiredCredential::default()),
        ))
    }

    /// A credential for initiating alone.
    pub(crate) fn of_initiator(environment: &Environment, initiator: InitiatorCredential) -> Self {
        Self::new(
            environment,
            CredentialUsage::Initiate,
            Some(initiator),
            None,
        )
    }

    pub(crate) fn initiator(&self) -> Result<&InitiatorCredential, Error> {
        let half = self.shared.initiator.as_ref();
        half.ok_or_else(|| CallError::Usage("accepts").into())
    }

    pub(crate) fn acceptor(&self) -> Result<&AcceptorCredential, Error> {
        let half = self.shared.acceptor.as_ref();
        half.ok_or_else(|| CallError::Usage("initiates").into())
    }

    /// Whether it can go on to other services in the names of those whose contexts it accepts: it has tickets, too,
    /// and accepts with keys that the KDC has as well. Only where that was asked for: programs that accept with what
    /// is there do not expect to hand on the tickets of their own user.
    pub(crate) fn takes_evidence(&self) -> bool {
        let acceptor = self.shared.acceptor.as_ref();
        let has_keys = acceptor.is_some_and(|acceptor| acceptor.ticket_holder().is_none());
        self.shared.is_for_both && has_keys && self.shared.initiator.is_some()
    }

    /// The half that has tickets, to initiate or to accept with.
    fn ticket_holder(&self) -> Option<&InitiatorCredential> {
        let acceptor = self.shared.acceptor.as_ref();
        let initiator = self.shared.initiator.as_ref();
        initiator.or_else(|| acceptor.and_then(AcceptorCredential::ticket_holder))
    }

    fn new(
        environment: &Environment,
        usage: CredentialUsage,
        initiator: Option<InitiatorCredential>,
        acceptor: Option<AcceptorCredential>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                environment: environment.clone(),
                usage,
                initiator,
                acceptor,
                is_for_both: false,
            }),
        }
    }

    /// The same, for which both uses were asked for by name.
    fn for_both(self) -> Self {
        let Shared {
            environment,
            initiator,
            acceptor,
            ..
        } = &*self.shared;
        Self {
            shared: Arc::new(Shared {
                environment: environment.clone(),
                usage: CredentialUsage::Both,
                initiator: initiator.clone(),
                acceptor: acceptor.clone(),
                is_for_both: true,
            }),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("usage", &self.shared.usage)
            .field("initiator", &self.shared.initiator)
            .field("acceptor", &self.shared.acceptor)
            .finish_non_exhaustive()
    }
}
