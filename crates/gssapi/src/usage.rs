//! What a credential is for.

/// Which side of a context a credential serves (RFC 2744 `GSS_C_BOTH`, `GSS_C_INITIATE`, `GSS_C_ACCEPT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CredentialUsage {
    /// Both sides. Acquiring it needs the accepting half at once; the initiating half is resolved when first used.
    #[default]
    Both,
    /// Initiating contexts.
    Initiate,
    /// Accepting contexts.
    Accept,
}

impl CredentialUsage {
    /// The number of RFC 2744: 0, 1 or 2.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Both => 0,
            Self::Initiate => 1,
            Self::Accept => 2,
        }
    }

    /// From the number of RFC 2744, where it is one.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Both),
            1 => Some(Self::Initiate),
            2 => Some(Self::Accept),
            _ => None,
        }
    }

    /// Whether contexts can be initiated with it.
    #[must_use]
    pub const fn initiates(self) -> bool {
        !matches!(self, Self::Accept)
    }

    /// Whether contexts can be accepted with it.
    #[must_use]
    pub const fn accepts(self) -> bool {
        !matches!(self, Self::Initiate)
    }
}

#[cfg(test)]
mod tests {
    use super::CredentialUsage;

    #[test]
    fn numbers_go_both_ways() {
        for number in 0..3 {
            assert_eq!(
                CredentialUsage::from_number(number).map(CredentialUsage::number),
                Some(number)
            );
        }
        assert_eq!(CredentialUsage::from_number(3), None);
    }
}
