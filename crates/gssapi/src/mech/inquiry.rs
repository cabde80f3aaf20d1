//! Which mechanisms there are, and what they take.

use super::Mechanism;
use crate::mech_attribute::KNOWN;
use crate::{Error, MechAttribute, MechAttributes, Name, Oid, OidSet, ParseOidError};

/// The mechanisms that are here (`gss_indicate_mechs`): Kerberos V5, and SPNEGO, which negotiates it.
#[must_use]
pub fn mechanisms() -> OidSet {
    announced().map(Mechanism::oid).collect()
}

/// The types of names that a mechanism takes (`gss_inquire_names_for_mech`).
///
/// # Errors
///
/// `BAD_MECH` for a mechanism that is not here.
pub fn inquire_names_for_mech(mech: Oid) -> Result<OidSet, Error> {
    let name_types = Mechanism::from_oid(mech)?.description().name_types;
    Ok(name_types.iter().map(|name_type| name_type.oid()).collect())
}

/// The mechanisms that take a name of this type (`gss_inquire_mechs_for_name`).
#[must_use]
pub fn inquire_mechs_for_name(name: &Name) -> OidSet {
    let takes = |mechanism: &Mechanism| {
        let name_types = mechanism.description().name_types;
        name_types.contains(&name.name_type())
    };
    announced().filter(takes).map(Mechanism::oid).collect()
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
    let attributes = Mechanism::from_oid(mech)?.description().attributes;
    Ok(MechAttributes {
        attributes: attributes.iter().map(|attribute| attribute.oid()).collect(),
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
    let fits = |mechanism: &Mechanism| {
        let attributes = mechanism.description().attributes;
        let has = |oid: &Oid| attributes.contains(&MechAttribute::from(*oid));
        desired.iter().all(has) && !except.iter().any(has)
    };
    announced().filter(fits).map(Mechanism::oid).collect()
}

impl Oid {
    /// The mechanism of this identifier in either notation, if it is here.
    ///
    /// ```
    /// use orthros::{MechFromStringError, Oid};
    ///
    /// assert_eq!(Oid::mech_from_string("{1 2 840 113554 1 2 2}")?, Oid::KRB5);
    /// assert!(matches!(Oid::mech_from_string("1.2.3"), Err(MechFromStringError::Unsupported(_))));
    /// assert!(matches!(Oid::mech_from_string("krb5"), Err(MechFromStringError::IllFormed(_))));
    /// # Ok::<(), MechFromStringError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A parse error, or `BAD_MECH` where it is not here.
    pub fn mech_from_string(text: &str) -> Result<Self, MechFromStringError> {
        let oid = text.parse()?;
        Mechanism::from_oid(oid)?;
        Ok(oid)
    }
}

/// Why a text is not one of the mechanisms here.
#[derive(Debug, thiserror::Error)]
pub enum MechFromStringError {
    /// It is not an object identifier.
    #[error(transparent)]
    IllFormed(#[from] ParseOidError),
    /// It is one, of something else: `BAD_MECH`.
    #[error(transparent)]
    Unsupported(#[from] Error),
}

/// The mechanisms that an application is told of.
fn announced() -> impl Iterator<Item = Mechanism> {
    let all = Mechanism::ALL.into_iter();
    all.filter(|mechanism| mechanism.description().is_announced)
}

#[cfg(test)]
mod tests {
    use super::{
        Mechanism, indicate_mechs_by_attrs, inquire_attrs_for_mech, inquire_mechs_for_name,
        inquire_names_for_mech,
    };
    use crate::{ErrorKind, MechAttribute, Name, NameType, Oid, OidSet};

    #[test]
    fn every_name_type_that_is_announced_can_be_made() {
        let announced = Mechanism::ALL.map(|mechanism| mechanism.description().name_types);
        for name_type in announced.concat() {
            let error = Name::new("\0", name_type).err();
            assert_ne!(
                error.map(|error| error.kind()),
                Some(ErrorKind::BadNameType)
            );
        }
        assert!(
            inquire_names_for_mech(Oid::KRB5)
                .unwrap()
                .contains(&NameType::ANONYMOUS.oid())
        );
    }

    #[test]
    fn a_foreign_mechanism_is_a_bad_mechanism() {
        let error = inquire_names_for_mech(Oid::new(&[1, 2, 3])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadMechanism);
    }

    #[test]
    fn every_mechanism_takes_users() {
        let name = Name::user("alice").unwrap();
        assert_eq!(&*inquire_mechs_for_name(&name), [Oid::KRB5, Oid::SPNEGO]);
    }

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
    fn a_mechanism_that_is_not_here_has_no_attributes() {
        let error = inquire_attrs_for_mech(Oid::new(&[1, 2, 3])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadMechanism);
    }
}
