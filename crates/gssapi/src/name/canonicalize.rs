//! From a program's names to the mechanism's (RFC 2743 section 2.4.14).

use std::borrow::Cow;

use orthros_host::Environment;
use orthros_types::{ParsePrincipalError, Principal};

use super::{Form, HostBased, bad_principal, host_based};
use crate::error::{CallError, hostname_error};
use crate::mech::Mechanism;
use crate::{Error, MechName, Name, Oid};

impl Name {
    /// The mechanism's name for this name, by the process' configuration.
    ///
    /// A principal without a realm is in the default realm. A host-based service is `service/host` in the realm that
    /// `[domain_realm]` has for its host; where there is none, the KDC finds the realm, and [`MechName::realm`] is
    /// empty. The host is made lower-case and, where it has no dot, qualified, as `dns_canonicalize_hostname` and
    /// `qualify_shortname` have it; where the KDC does not know the service by that name, a context to it is initiated
    /// by the names that the resolver and the other search domains have for the host as it was written.
    ///
    /// # Errors
    ///
    /// `BAD_MECH` for a mechanism that is not here; `BAD_NAME` where there is no default realm, no user of that
    /// number, or no name of this host.
    pub fn canonicalize(&self, mech: Oid) -> Result<MechName, Error> {
        self.canonicalize_in(mech, &crate::environment::process()?)
    }

    /// The mechanism's name for this name, by the configuration of `environment`; else as
    /// [`canonicalize`](Self::canonicalize).
    ///
    /// # Errors
    ///
    /// As [`canonicalize`](Self::canonicalize).
    pub fn canonicalize_in(&self, mech: Oid, environment: &Environment) -> Result<MechName, Error> {
        // Names are canonicalized to be compared, too: a realm that is guessed must not decide who a peer is.
        self.canonicalize_with(mech, environment, |parse| {
            parse(environment.config().default_realm().map(str::as_bytes))
        })
    }

    /// The name of a client that tickets are to be asked for: its realm may be guessed where none is configured.
    pub(crate) fn canonicalize_client(
        &self,
        mech: Oid,
        environment: &Environment,
    ) -> Result<MechName, Error> {
        self.canonicalize_with(mech, environment, |parse| {
            environment.in_default_realm(parse)
        })
    }

    /// With `in_realm` calling what parses a name that may have no realm.
    fn canonicalize_with(
        &self,
        mech: Oid,
        environment: &Environment,
        in_realm: impl Fn(&ParseInRealm<'_>) -> Result<Principal, ParsePrincipalError>,
    ) -> Result<MechName, Error> {
        Mechanism::from_oid(mech)?;
        let principal = match &self.form {
            Form::Mechanism(name) => return Ok(name.clone()),
            Form::Principal => in_realm(&|realm| Principal::parse(&self.bytes, realm)),
            Form::Enterprise => in_realm(&|realm| Principal::parse_enterprise(&self.bytes, realm)),
            Form::Uid(uid) => {
                let user = environment.user_name(*uid).ok_or(CallError::NoUser(*uid))?;
                in_realm(&|realm| Principal::parse(&user, realm))
            }
            Form::HostBased => return host_based::read(&self.bytes)?.mech_name(environment),
            Form::Anonymous => Ok(Principal::new(ANONYMOUS_REALM, ANONYMOUS)),
        };
        principal.map(MechName::new).map_err(bad_principal)
    }

    /// Whether both are surely the same entity by the process' configuration (`gss_compare_name`). Anonymous names are
    /// no entity's.
    ///
    /// # Errors
    ///
    /// `BAD_NAME` where one of them can't be [canonicalized](Self::canonicalize).
    pub fn is_same_entity(&self, other: &Self) -> Result<bool, Error> {
        self.is_same_entity_in(other, &crate::environment::process()?)
    }

    /// Whether both are surely the same entity by the configuration of `environment`.
    ///
    /// # Errors
    ///
    /// As [`is_same_entity`](Self::is_same_entity).
    pub fn is_same_entity_in(
        &self,
        other: &Self,
        environment: &Environment,
    ) -> Result<bool, Error> {
        let ours = self.canonicalize_in(Mechanism::DEFAULT.oid(), environment)?;
        let theirs = other.canonicalize_in(Mechanism::DEFAULT.oid(), environment)?;
        Ok(ours.is_same_entity(&theirs))
    }
}

impl HostBased<'_> {
    fn mech_name(&self, environment: &Environment) -> Result<MechName, Error> {
        let given = self.given_host(environment)?;
        let host = environment.canonical_hostname(&given);
        let host = host.map_err(hostname_error)?;
        // A port or an instance behind the host is a part of the name, not of the host.
        let bare = host.split_once(':').map_or(host.as_str(), |(bare, _)| bare);
        let realm = environment.config().host_realm(bare).unwrap_or_default();
        let is_renamed = *given != host;
        let principal = Principal::host_based(self.service, host, realm);
        Ok(match is_renamed {
            true => MechName::on_host(principal, &given),
            false => MechName::new(principal),
        })
    }

    /// The host as it was written; this one's if there is none.
    fn given_host(&self, environment: &Environment) -> Result<Cow<'_, str>, Error> {
        match self.host {
            Some(host) => Ok(Cow::Borrowed(host)),
            None => {
                let name = environment.local_hostname().map_err(hostname_error)?;
                Ok(Cow::Owned(name))
            }
        }
    }
}

/// Reads a name in this default realm.
type ParseInRealm<'a> = dyn Fn(Option<&[u8]>) -> Result<Principal, ParsePrincipalError> + 'a;

/// RFC 8062 section 3.
const ANONYMOUS_REALM: &str = "WELLKNOWN:ANONYMOUS";
const ANONYMOUS: [&str; 2] = ["WELLKNOWN", "ANONYMOUS"];
