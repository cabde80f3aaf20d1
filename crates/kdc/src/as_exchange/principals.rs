//! Client and service of an AS-REQ, and what both may do.

use alloc::sync::Arc;

use orthros_asn1::{KdcOptions, KdcReqBody};
use orthros_types::{Principal, Timestamp};

use crate::context::RequestContext;
use crate::error::OptionError;
use crate::{PrincipalEntry, PrincipalFlags, RequestError, clients};

/// Client and service of a request.
pub(super) struct Principals {
    pub(super) client: Arc<PrincipalEntry>,
    /// What the ticket calls it.
    pub(super) client_name: Principal,
    pub(super) service: Arc<PrincipalEntry>,
    /// What the ticket calls it.
    pub(super) service_name: Principal,
}

impl Principals {
    /// Looks up client and service.
    pub(super) fn find(
        context: &RequestContext<'_>,
        client_name: Principal,
        service_name: Option<Principal>,
        options: KdcOptions,
    ) -> Result<Self, RequestError> {
        let canonicalize = options.contains(KdcOptions::CANONICALIZE);
        let client = clients::find(context, &client_name, canonicalize)?;
        let service_name = service_name.ok_or(RequestError::ServiceUnknown)?;
        let service = context.find(&service_name)?;
        let here = &context.policy.realm;
        // One that only another KDC can issue tickets for may have a name in this realm, too.
        let service = service
            .filter(|known| service_name.realm() == here && known.principal.realm() == here)
            .ok_or(RequestError::ServiceUnknown)?;
        let service_name = if canonicalize {
            service.principal.clone()
        } else {
            service_name
        };
        Ok(Self {
            client_name: clients::named(client_name, &client),
            client,
            service,
            service_name,
        })
    }

    /// Whether the client may have a ticket for the service, in the order in which MIT's KDC asks.
    pub(super) fn check(
        &self,
        context: &RequestContext<'_>,
        body: &KdcReqBody,
    ) -> Result<(), RequestError> {
        check_options(body.kdc_options)?;
        self.check_times(context.now)?;
        self.check_password(context.now)?;
        let postdated = KdcOptions::ALLOW_POSTDATE | KdcOptions::POSTDATED;
        if body.kdc_options.intersects(postdated) && self.either(PrincipalFlags::DISALLOW_POSTDATED)
        {
            return Err(RequestError::CannotPostdate);
        }
        if self.client.flags.contains(PrincipalFlags::LOCKED) {
            return Err(RequestError::ClientLocked);
        }
        if self.service.flags.contains(PrincipalFlags::LOCKED) {
            return Err(RequestError::ServiceLocked);
        }
        if self
            .service
            .flags
            .contains(PrincipalFlags::DISALLOW_SERVICE)
        {
            return Err(RequestError::MustUseUserToUser);
        }
        Ok(())
    }

    /// Whether client or service has the flag.
    pub(super) fn either(&self, flag: PrincipalFlags) -> bool {
        self.client.flags.contains(flag) || self.service.flags.contains(flag)
    }

    fn check_times(&self, now: Timestamp) -> Result<(), RequestError> {
        if self.client.is_expired(now) {
            return Err(RequestError::ClientExpired);
        }
        if self.client.is_not_yet_valid(now) {
            return Err(RequestError::ClientNotYet);
        }
        if self.service.is_expired(now) {
            return Err(RequestError::ServiceExpired);
        }
        if self.service.is_not_yet_valid(now) {
            return Err(RequestError::ServiceNotYet);
        }
        Ok(())
    }

    /// A client whose password has expired gets tickets for the service that changes passwords only.
    fn check_password(&self, now: Timestamp) -> Result<(), RequestError> {
        let client = &self.client;
        let expired = client.password_expiry.is_some_and(|expiry| expiry < now);
        let must_change = client
            .flags
            .contains(PrincipalFlags::REQUIRES_PASSWORD_CHANGE);
        let changes = self
            .service
            .flags
            .contains(PrincipalFlags::PASSWORD_CHANGE_SERVICE);
        if (expired || must_change) && !changes {
            return Err(RequestError::PasswordExpired);
        }
        Ok(())
    }
}

fn check_options(options: KdcOptions) -> Result<(), RequestError> {
    if options.intersects(TGS_OPTIONS) {
        return Err(RequestError::BadOption(OptionError::TgsOption));
    }
    if options.contains(KdcOptions::REQUEST_ANONYMOUS) {
        return Err(RequestError::BadOption(OptionError::Anonymous));
    }
    Ok(())
}

/// Options that are about a header ticket or an additional ticket.
pub(crate) const TGS_OPTIONS: KdcOptions = KdcOptions::FORWARDED
    .union(KdcOptions::PROXY)
    .union(KdcOptions::RENEW)
    .union(KdcOptions::VALIDATE)
    .union(KdcOptions::ENC_TKT_IN_SKEY)
    .union(KdcOptions::CNAME_IN_ADDL_TKT);
