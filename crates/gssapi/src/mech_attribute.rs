//! What mechanisms can do (RFC 5587).

use core::fmt;

use crate::{Oid, OidSet};

/// A property that a mechanism has or not (RFC 5587 section 3.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MechAttribute(Oid);

macro_rules! attributes {
    ($($(#[$doc:meta])+ $constant:ident = $number:literal, $name:literal, $text:literal;)+) => {
        impl MechAttribute {
            $(
                $(#[$doc])+
                pub const $constant: Self = Self(Oid::new(&[1, 3, 6, 1, 5, 5, 13, $number]));
            )+
        }

        /// Each with its symbol and its short description in RFC 5587.
        pub(crate) const KNOWN: &[(MechAttribute, &str, &str)] = &[$((MechAttribute::$constant, $name, $text),)+];
    };
}

attributes! {
    /// It is neither a pseudo-mechanism nor one that negotiates others.
    MECH_CONCRETE = 1, "GSS_C_MA_MECH_CONCRETE", "concrete-mech";
    /// It negotiates another mechanism.
    MECH_NEGO = 4, "GSS_C_MA_MECH_NEGO", "mech-negotiation-mech";
    /// Its first token begins with the mechanism's identifier (RFC 2743 section 3.1).
    ITOK_FRAMED = 9, "GSS_C_MA_ITOK_FRAMED", "itok-framed";
    /// The initiator is authenticated.
    AUTH_INIT = 10, "GSS_C_MA_AUTH_INIT", "auth-init-princ";
    /// The acceptor is authenticated.
    AUTH_TARG = 11, "GSS_C_MA_AUTH_TARG", "auth-targ-princ";
    /// The initiator can be anonymous.
    AUTH_INIT_ANON = 14, "GSS_C_MA_AUTH_INIT_ANON", "auth-init-princ-anon";
    /// Credentials can be delegated.
    DELEG_CRED = 16, "GSS_C_MA_DELEG_CRED", "deleg-cred";
    /// Messages can have MICs.
    INTEG_PROT = 17, "GSS_C_MA_INTEG_PROT", "integ-prot";
    /// Messages can be encrypted.
    CONF_PROT = 18, "GSS_C_MA_CONF_PROT", "conf-prot";
    /// There are MIC tokens.
    MIC = 19, "GSS_C_MA_MIC", "mic";
    /// There are Wrap tokens.
    WRAP = 20, "GSS_C_MA_WRAP", "wrap";
    /// Messages can be protected before the context is established.
    PROT_READY = 21, "GSS_C_MA_PROT_READY", "prot-ready";
    /// Replayed messages are detected.
    REPLAY_DET = 22, "GSS_C_MA_REPLAY_DET", "replay-detection";
    /// Messages out of order are detected.
    OOS_DET = 23, "GSS_C_MA_OOS_DET", "oos-detection";
    /// Contexts can be bound to channels.
    CBINDINGS = 24, "GSS_C_MA_CBINDINGS", "channel-bindings";
    /// Contexts can be moved to another process.
    CTX_TRANS = 27, "GSS_C_MA_CTX_TRANS", "context-transfer";
}

/// What a mechanism is known to have, and what it is known of (`gss_inquire_attrs_for_mech`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MechAttributes {
    /// What it has.
    pub attributes: OidSet,
    /// All of which it is known whether it has them.
    pub known: OidSet,
}

impl MechAttribute {
    /// The object identifier.
    #[must_use]
    pub const fn oid(self) -> Oid {
        self.0
    }

    /// Its symbol in RFC 5587, such as `GSS_C_MA_WRAP` (`gss_display_mech_attr`); `None` for one that is not a
    /// constant here.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|(_, name, _)| *name)
    }

    /// Its short description in RFC 5587, such as `wrap`; `None` for one that is not a constant here.
    #[must_use]
    pub fn description(self) -> Option<&'static str> {
        self.row().map(|(.., text)| *text)
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static str)> {
        KNOWN.iter().find(|(attribute, ..)| *attribute == self)
    }
}

impl From<Oid> for MechAttribute {
    fn from(oid: Oid) -> Self {
        Self(oid)
    }
}

impl fmt::Debug for MechAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MechAttribute({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::MechAttribute;
    use crate::Oid;

    #[test]
    fn an_attribute_is_called_as_in_the_rfc() {
        let attribute = MechAttribute::CBINDINGS;
        assert_eq!(attribute.oid().to_string(), "1.3.6.1.5.5.13.24");
        assert_eq!(attribute.name(), Some("GSS_C_MA_CBINDINGS"));
        assert_eq!(attribute.description(), Some("channel-bindings"));
        assert_eq!(MechAttribute::from(Oid::KRB5).name(), None);
    }
}
