//! The name that an acceptor answers for.

use core::fmt;

use orthros_types::{NameType, Principal};

/// Which of its principals an acceptor answers for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AcceptorName {
    /// Every one that it has a key of.
    #[default]
    Any,
    /// One name. If it is of type [`NameType::SRV_HST`] with two components, an empty realm or an
    /// empty host stands for any, as in MIT krb5.
    Principal(Principal),
}

impl AcceptorName {
    /// Whether the acceptor answers for `principal`.
    #[must_use]
    pub fn matches(&self, principal: &Principal) -> bool {
        let Self::Principal(name) = self else {
            return true;
        };
        match (name.components(), principal.components()) {
            ([service, host], [their_service, their_host])
                if name.name_type() == NameType::SRV_HST =>
            {
                (name.realm().is_empty() || name.realm() == principal.realm())
                    && service == their_service
                    && (host.is_empty() || host == their_host)
            }
            _ => name == principal,
        }
    }
}

impl fmt::Display for AcceptorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any principal"),
            Self::Principal(name) => name.fmt(f),
        }
    }
}
