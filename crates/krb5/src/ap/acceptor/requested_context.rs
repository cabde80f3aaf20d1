//! The context that the initiator asks for, in the authenticator's checksum field.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{Checksum, CksumType};
use orthros_crypto::KeyUsage;
use orthros_types::{ChannelBindings, ChannelBindingsHash, Credential};
use subtle::ConstantTimeEq as _;

use super::super::ap_options::are_channel_bindings_required;
use super::super::checksum::AuthenticatorChecksum;
use super::super::delegation;
use super::super::error::{ApCheckError, ApError};
use super::super::flags::ContextFlags;
use super::{Acceptor, Authenticated, Request};
use crate::MalformedTokenError;

/// What the initiator asks for, as far as an acceptor grants it; its channel bindings agree with the acceptor's, as
/// far as they must.
pub(super) struct RequestedContext {
    /// With `CHANNEL_BOUND` and `DELEG` where that is so.
    pub(super) flags: ContextFlags,
    /// The tickets that the initiator delegates: all are its own.
    pub(super) delegated: Vec<Credential>,
    /// Where the initiator delegates a ticket that is not its own.
    pub(super) delegation_error: Option<Box<ApCheckError>>,
}

impl RequestedContext {
    pub(super) fn read(
        acceptor: &Acceptor<'_>,
        request: &Request,
        authenticated: &Authenticated,
    ) -> Result<Self, ApError> {
        let authenticator = &authenticated.authenticator;
        let requested = match &authenticator.cksum {
            Some(checksum) if checksum.cksumtype == CksumType::GSSAPI => {
                Self::parse(checksum, acceptor.channel_bindings, authenticated)?
            }
            _ if !acceptor.without_gss_checksum => {
                let client = authenticated.client.clone();
                return Err(ApCheckError::NoGssChecksum { client }.into());
            }
            // Hand-made clients send none; MS-KILE takes that as no flag at all.
            None => Self::bare(ContextFlags::empty()),
            Some(checksum) => Self::with_real_checksum(checksum, request, authenticated)?,
        };
        if requested.flags.contains(ContextFlags::DCE_STYLE) == request.is_framed {
            return Err(MalformedTokenError::DceStyle.into());
        }
        let initiator_insists =
            are_channel_bindings_required(authenticator.authorization_data.as_ref())?;
        let must_be_bound = acceptor.require_channel_bindings
            || (initiator_insists && acceptor.channel_bindings.is_some());
        if must_be_bound && !requested.flags.contains(ContextFlags::CHANNEL_BOUND) {
            return Err(ApCheckError::ChannelBindings.into());
        }
        Ok(requested)
    }

    /// Whether the initiator waits for an AP-REP.
    pub(super) const fn mutual(&self) -> bool {
        self.flags.contains(ContextFlags::MUTUAL)
    }

    const fn bare(flags: ContextFlags) -> Self {
        Self {
            flags,
            delegated: Vec::new(),
            delegation_error: None,
        }
    }

    fn parse(
        checksum: &Checksum,
        bindings: Option<&ChannelBindings>,
        authenticated: &Authenticated,
    ) -> Result<Self, ApError> {
        let contents = AuthenticatorChecksum::parse(&checksum.checksum)?;
        let mut flags = (contents.flags & ContextFlags::ON_THE_WIRE).completed();
        if let Some(bindings) = bindings {
            let matches: bool = contents.channel_bindings.0.ct_eq(&bindings.hash().0).into();
            if !matches && contents.channel_bindings != ChannelBindingsHash::NONE {
                return Err(ApCheckError::ChannelBindings.into());
            }
            flags.set(ContextFlags::CHANNEL_BOUND, matches);
        }
        let delegated = match contents.delegation {
            None => Vec::new(),
            Some(message) => delegation::open(
                message,
                &authenticated.session_key,
                authenticated.subkey.as_ref(),
            )?,
        };
        let (delegated, delegation_error) =
            match delegation::check_client(&delegated, &authenticated.client) {
                Ok(()) => (delegated, None),
                Err(error) => (Vec::new(), Some(Box::new(error))),
            };
        flags.set(ContextFlags::DELEG, !delegated.is_empty());
        Ok(Self {
            flags,
            delegated,
            delegation_error,
        })
    }

    /// Samba's way: a real checksum over nothing. Verifying it proves that the authenticator was
    /// not made for another protocol, over data of its own. MIT supposes these flags.
    fn with_real_checksum(
        checksum: &Checksum,
        request: &Request,
        authenticated: &Authenticated,
    ) -> Result<Self, ApError> {
        let key = &authenticated.session_key;
        if checksum.cksumtype.0 != key.enctype().checksum_type().number() {
            return Err(ApCheckError::ChecksumType(checksum.cksumtype).into());
        }
        key.verify_checksum(
            KeyUsage::AP_REQ_AUTHENTICATOR_CHECKSUM,
            &[],
            &checksum.checksum,
        )
        .map_err(|_| ApCheckError::Checksum)?;
        let mut flags = ContextFlags::REPLAY | ContextFlags::SEQUENCE;
        flags.set(ContextFlags::MUTUAL, request.wants_reply());
        Ok(Self::bare(flags))
    }
}
