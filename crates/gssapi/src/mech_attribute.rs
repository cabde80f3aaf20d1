//! What mechanisms can do (RFC 5587).

use core::fmt;

use crate::mech::{mechanisms, require};
use crate::{Error, Oid, OidSet};

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
        const KNOWN: &[(MechAttribute, &str, &str)] = &[$((MechAttribute::$constant, $name, $text),)+];
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
    /// Messages can be signed.
    INTEG_PROT = 17, "GSS_C_MA_INTEG_PROT", "integ-prot";
    /// Messages can be sealed.
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

/// What a mechanism has (`gss_inquire_attrs_for_mech`).
///
/// ```
/// use orthros::{MechAttribute, Oid, inquire_attrs_for_mech};
///
/// let kerberos = inquire_attrs_for_mech(Oid::KRB5)?.attributes;
/// assert!(kerberos.contains(&MechAttribute::CONF_PROT.oid()));
/// # Ok::<(), orthros::Error>(())
/// ```
///
/// # Errors
///
/// `BAD_MECH` for a mechanism that is not here.
pub fn inquire_attrs_for_mech(mech: Oid) -> Result<MechAttributes, Error> {
    require(mech)?;
    Ok(MechAttributes {
        attributes: oids(attributes_of(mech)),
        known: KNOWN
            .iter()
            .map(|(attribute, ..)| attribute.oid())
            .collect(),
    })
}

/// The mechanisms that have all of `desired` and none of `except`, and of which it is known whether they have all of
/// `critical` (`gss_indicate_mechs_by_attrs`). Empty sets demand nothing.
#[must_use]
pub fn indicate_mechs_by_attrs(desired: &OidSet, except: &OidSet, critical: &OidSet) -> OidSet {
    let known = |oid: &Oid| KNOWN.iter().any(|(attribute, ..)| attribute.oid() == *oid);
    if !critical.iter().all(known) {
        return OidSet::new();
    }
    let fits = |mech: &Oid| {
        let has = |oid: &Oid| attributes_of(*mech).contains(&MechAttribute(*oid));
        desired.iter().all(has) && !except.iter().any(has)
    };
    mechanisms().into_iter().filter(fits).collect()
}

impl MechAttribute {
    /// The object identifier.
    #[must_use]
    pub const fn oid(self) -> Oid {
        self.0
    }

    /// Its symbol in RFC 5587, such as `GSS_C_MA_WRAP` (`gss_display_mech_attr`); `None` for one that is not a constant here.
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

fn attributes_of(mech: Oid) -> &'static [MechAttribute] {
    match mech {
        Oid::KRB5 | Oid::KRB5_USER_TO_USER => KRB5,
        Oid::SPNEGO => SPNEGO,
        _ => &[],
    }
}

fn oids(attributes: &[MechAttribute]) -> OidSet {
    attributes.iter().map(|attribute| attribute.oid()).collect()
}

const KRB5: &[MechAttribute] = &[
    MechAttribute::MECH_CONCRETE,
    MechAttribute::ITOK_FRAMED,
    MechAttribute::AUTH_INIT,
    MechAttribute::AUTH_TARG,
    MechAttribute::DELEG_CRED,
    MechAttribute::INTEG_PROT,
    MechAttribute::CONF_PROT,
    MechAttribute::MIC,
    MechAttribute::WRAP,
    MechAttribute::REPLAY_DET,
    MechAttribute::OOS_DET,
    MechAttribute::CBINDINGS,
];

/// What a context has that it negotiates is the negotiated mechanism's.
const SPNEGO: &[MechAttribute] = &[MechAttribute::MECH_NEGO, MechAttribute::ITOK_FRAMED];

#[cfg(test)]
mod tests {
    use super::{MechAttribute, indicate_mechs_by_attrs, inquire_attrs_for_mech};
    use crate::{ErrorKind, Oid, OidSet};

    #[test]
    fn mechanisms_are_found_by_what_they_have_and_have_not() {
        let none = OidSet::new();
        let wraps = OidSet::from(MechAttribute::WRAP.oid());
        let negotiates = OidSet::from(MechAttribute::MECH_NEGO.oid());
        let concrete = OidSet::from(MechAttribute::MECH_CONCRETE.oid());
        assert!(indicate_mechs_by_attrs(&wraps, &none, &none).contains(&Oid::KRB5));
        assert!(!indicate_mechs_by_attrs(&none, &concrete, &none).contains(&Oid::KRB5));
        let negotiating = indicate_mechs_by_attrs(&negotiates, &none, &none);
        assert_eq!(&*negotiating, [Oid::SPNEGO]);
        let unknown = OidSet::from(Oid::new(&[1, 2, 3]));
        assert!(indicate_mechs_by_attrs(&none, &none, &unknown).is_empty());
        assert!(indicate_mechs_by_attrs(&none, &unknown, &none).contains(&Oid::KRB5));
    }

    #[test]
    fn a_mechanism_that_is_not_announced_is_found_by_its_name_alone() {
        let users = inquire_attrs_for_mech(Oid::KRB5_USER_TO_USER).unwrap();
        let services = inquire_attrs_for_mech(Oid::KRB5).unwrap();
        assert_eq!(users, services);
        let none = OidSet::new();
        let all = indicate_mechs_by_attrs(&none, &none, &none);
        assert!(!all.contains(&Oid::KRB5_USER_TO_USER));
    }

    #[test]
    fn an_attribute_is_called_as_in_the_rfc() {
        let attribute = MechAttribute::CBINDINGS;
        assert_eq!(attribute.oid().to_string(), "1.3.6.1.5.5.13.24");
        assert_eq!(attribute.name(), Some("GSS_C_MA_CBINDINGS"));
        assert_eq!(attribute.description(), Some("channel-bindings"));
        assert_eq!(MechAttribute::from(Oid::KRB5).name(), None);
    }

    #[test]
    fn a_mechanism_that_is_not_here_is_a_bad_mechanism() {
        let error = inquire_attrs_for_mech(Oid::new(&[1, 2, 3])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadMechanism);
    }
}
