//! One direction of a context, and what was negotiated for it.

use orthros_crypto::Key;

use super::error::MessageError;
use crate::ap::{ContextFlags, Mechanism};

/// Which head of the context this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The side that sent the AP-REQ.
    Initiator,
    /// The side that received it.
    Acceptor,
}

impl Role {
    /// The other side.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Initiator => Self::Acceptor,
            Self::Acceptor => Self::Initiator,
        }
    }
}

/// One direction of a context: which side sends, in which key, and in which style of GSS-API.
#[derive(Clone, Debug)]
pub(super) struct Direction {
    pub(super) sent_by: Role,
    pub(super) key: Key,
    pub(super) acceptor_subkey: bool,
    pub(super) services: Services,
    pub(super) dce_style: bool,
    /// What tokens are framed with, where they are.
    pub(super) mechanism: Mechanism,
}

/// Which per-message services were negotiated (RFC 2743 section 1.2.1.2).
#[derive(Clone, Copy, Debug)]
pub(super) struct Services {
    integrity: bool,
    confidentiality: bool,
}

impl Services {
    pub(super) fn of(flags: ContextFlags) -> Self {
        Self {
            integrity: flags.contains(ContextFlags::INTEG),
            confidentiality: flags.contains(ContextFlags::CONF),
        }
    }

    pub(super) const fn require_integrity(self) -> Result<(), MessageError> {
        if self.integrity {
            Ok(())
        } else {
            Err(MessageError::IntegrityNotNegotiated)
        }
    }

    /// What a Wrap token needs, sealed or not.
    pub(super) fn require(self, confidential: bool) -> Result<(), MessageError> {
        self.require_integrity()?;
        if confidential && !self.confidentiality {
            return Err(MessageError::ConfidentialityNotNegotiated);
        }
        Ok(())
    }
}
