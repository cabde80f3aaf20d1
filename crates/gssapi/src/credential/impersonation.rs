//! Credentials of services in the names of their users (MS-SFU).

use super::{Credential, InitiatorCredential};
use crate::error::{acquire_error, config_error};
use crate::mech::Mechanism;
use crate::mech::established::EstablishedContext;
use crate::{Error, MajorStatus, MechName, Name};

impl Credential {
    /// A credential in the name of a user who has not come with Kerberos, for a service that has authenticated them
    /// otherwise (`gss_acquire_cred_impersonate_name`, MS-SFU's `S4U2Self`). `self` is the service's own, with its
    /// ticket-granting ticket; the user may also be an enterprise name
    /// ([`NameType::KRB5_ENTERPRISE_NAME`](crate::NameType::KRB5_ENTERPRISE_NAME)).
    ///
    /// Contexts that it initiates with the service itself show the service what the KDC knows of the user. Those with
    /// other services are in the user's name, too (`S4U2Proxy`), where the KDC lets this service delegate to them, by
    /// the service's account or by the other's (resource-based). Their tickets are kept with it. It delegates nothing
    /// further.
    ///
    /// ```no_run
    /// use orthros::{Credential, CredentialUsage, InitContext, Name};
    ///
    /// let service = Credential::acquire().usage(CredentialUsage::Initiate).build()?;
    /// let alice = service.impersonate(&Name::user("alice")?)?;
    /// let backend = Name::hostbased_service("ldap@db.example.org")?;
    /// let initiator = InitContext::builder(backend).credential(&alice).build()?;
    /// # Ok::<(), orthros::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `NO_CRED` where this one accepts only, or has no tickets; `BAD_NAME`; `FAILURE` with the KDC's reason, and
    /// where the user is of another realm.
    pub fn impersonate(&self, user: &Name) -> Result<Self, Error> {
        let environment = self.environment();
        let service = self.initiator()?;
        let user = user.canonicalize_in(Mechanism::DEFAULT.oid(), environment)?;
        let snapshot = service.snapshot(environment, None)?;
        let mut options = environment.service_options().map_err(config_error)?;
        // As by MIT, it is kept with the credential alone.
        options.store = false;
        let got = environment.ticket_for_user(snapshot.cache(), user.principal(), &options);
        self.with_evidence(service, got.map_err(acquire_error)?)
    }

    /// The service that has this credential in the name of its user, which it is [`name`](Self::name)d after; `None`
    /// for all that are a client's own (`GSS_KRB5_GET_CRED_IMPERSONATOR`).
    ///
    /// # Errors
    ///
    /// As [`name`](Self::name).
    pub fn impersonator(&self) -> Result<Option<MechName>, Error> {
        let Some(holder) = self.ticket_holder() else {
            return Ok(None);
        };
        let snapshot = holder.snapshot(self.environment(), None)?;
        Ok(snapshot.contents().impersonator().map(MechName::new))
    }

    /// A credential in the name of the client of `evidence`, in a cache in memory.
    fn with_evidence(
        &self,
        service: &InitiatorCredential,
        evidence: orthros_types::Credential,
    ) -> Result<Self, Error> {
        let environment = self.environment();
        let snapshot = service.snapshot(environment, None)?;
        let client = environment.client_snapshot(&snapshot);
        let contents = client.impersonating(evidence, environment.now());
        let contents = contents.map_err(|error| acquire_error(error.into()))?;
        let initiator = InitiatorCredential::of_tickets(
            &contents.principal,
            contents.kdc_offset,
            &contents.credentials,
            environment,
        )?;
        Ok(Self::of_initiator(environment, initiator))
    }
}

/// The ticket that an initiator has shown to a service which also has tickets of its own: with both, the service can
/// go on to others in the initiator's name.
pub(crate) struct Evidence {
    service: Credential,
    ticket: orthros_types::Credential,
}

impl Evidence {
    /// Of an accepted context, and the ticket in DER that it was accepted with.
    pub(crate) fn new(service: Credential, context: &EstablishedContext, ticket: Vec<u8>) -> Self {
        let info = &context.info;
        Self {
            service,
            ticket: orthros_types::Credential {
                client: context.initiator.clone(),
                server: context.acceptor.clone(),
                session_key: (&info.ticket_session_key).into(),
                times: info.times,
                is_skey: false,
                flags: info.ticket_flags,
                addresses: Vec::new(),
                authorization_data: Vec::new(),
                ticket,
                second_ticket: Vec::new(),
            },
        }
    }

    /// The credential; `None` where the service has no tickets that are good.
    pub(crate) fn credential(&self) -> Result<Option<Credential>, Error> {
        let service = self.service.initiator()?;
        match self.service.with_evidence(service, self.ticket.clone()) {
            Ok(credential) => Ok(Some(credential)),
            Err(error)
                if [MajorStatus::NO_CRED, MajorStatus::CREDENTIALS_EXPIRED]
                    .contains(&error.major()) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
