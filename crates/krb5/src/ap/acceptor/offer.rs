//! What the initiator asks for and offers in the authenticator's checksum field.

use super::super::ap_options::are_channel_bindings_required;
use super::super::checksum::AuthenticatorChecksum;
use super::super::defect::ApDefect;
use super::super::error::{ApError, MalformedToken};
use super::super::flags::GssFlags;
use super::{Acceptor, Authenticated, Request};
use crate::channel_bindings::{ChannelBindings, ChannelBindingsHash};
use orthros_asn1::{Checksum, CksumType};
use orthros_crypto::KeyUsage;
use subtle::ConstantTimeEq as _;

/// The initiator's wishes; its channel bindings agree with the acceptor's, as far as they must.
pub(super) struct Offer<'r> {
    requested: GssFlags,
    delegation: Option<&'r [u8]>,
}

impl<'r> Offer<'r> {
    pub(super) fn read(
        acceptor: &Acceptor<'_>,
        request: &Request,
        authenticated: &'r Authenticated,
    ) -> Result<Self, ApError> {
        let mut offer = match &authenticated.authenticator.cksum {
            // Hand-made clients send none; MS-KILE takes that as no flag at all.
            None => Self::bare(GssFlags::empty()),
            Some(checksum) if checksum.cksumtype == CksumType::GSSAPI => {
                Self::parse(checksum, acceptor.channel_bindings)?
            }
            Some(checksum) => Self::with_real_checksum(checksum, request, authenticated)?,
        };
        let is_bound = offer.requested.contains(GssFlags::CHANNEL_BOUND);
        let initiator_insists =
            are_channel_bindings_required(authenticated.authenticator.authorization_data.as_ref())?;
        let must_be_bound = acceptor.require_channel_bindings
            || (initiator_insists && acceptor.channel_bindings.is_some());
        if must_be_bound && !is_bound {
            return Err(ApDefect::ChannelBindings.into());
        }
        offer.requested.remove(GssFlags::DELEG);
        Ok(offer)
    }

    /// Whether the initiator waits for an AP-REP.
    pub(super) const fn mutual(&self) -> bool {
        self.requested.contains(GssFlags::MUTUAL)
    }

    /// The flags that the initiator may ask for, and `CHANNEL_BOUND` where that is so.
    pub(super) const fn requested(&self) -> GssFlags {
        self.requested
    }

    /// The KRB-CRED message of a delegated credential.
    pub(super) const fn delegation(&self) -> Option<&'r [u8]> {
        self.delegation
    }

    const fn bare(requested: GssFlags) -> Self {
        Self {
            requested,
            delegation: None,
        }
    }

    fn parse(checksum: &'r Checksum, bindings: Option<&ChannelBindings>) -> Result<Self, ApError> {
        let contents = AuthenticatorChecksum::parse(&checksum.checksum)?;
        if contents.flags.contains(GssFlags::DCE_STYLE) {
            return Err(MalformedToken::DceStyle.into());
        }
        let mut requested = contents.flags & GssFlags::ON_THE_WIRE;
        if let Some(bindings) = bindings {
            let matches: bool = contents.channel_bindings.0.ct_eq(&bindings.hash().0).into();
            if !matches && contents.channel_bindings != ChannelBindingsHash::NONE {
                return Err(ApDefect::ChannelBindings.into());
            }
            requested.set(GssFlags::CHANNEL_BOUND, matches);
        }
        Ok(Self {
            requested,
            delegation: contents.delegation,
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
            return Err(ApDefect::ChecksumType(checksum.cksumtype).into());
        }
        key.verify_checksum(
            KeyUsage::AP_REQ_AUTHENTICATOR_CHECKSUM,
            &[],
            &checksum.checksum,
        )
        .map_err(|_| ApDefect::Checksum)?;
        let mut requested = GssFlags::REPLAY | GssFlags::SEQUENCE;
        requested.set(GssFlags::MUTUAL, request.wants_answer());
        Ok(Self::bare(requested))
    }
}
