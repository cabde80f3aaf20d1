//! Which mechanisms there are, and what they take.

pub(crate) mod spnego;

use crate::error::Refusal;
use crate::{Error, Name, NameType, Oid, OidSet, ParseOidError};

/// The mechanisms that are here (`gss_indicate_mechs`): Kerberos V5, and SPNEGO, which negotiates it.
#[must_use]
pub fn mechanisms() -> OidSet {
    MECHANISMS.iter().copied().collect()
}

/// The types of names that a mechanism takes (`gss_inquire_names_for_mech`).
///
/// # Errors
///
/// `BAD_MECH` for a mechanism that is not here.
pub fn inquire_names_for_mech(mech: Oid) -> Result<OidSet, Error> {
    require(mech)?;
    Ok(NAME_TYPES.iter().map(|name_type| name_type.oid()).collect())
}

/// The mechanisms that take a name of this type (`gss_inquire_mechs_for_name`).
#[must_use]
pub fn inquire_mechs_for_name(name: &Name) -> OidSet {
    if NAME_TYPES.contains(&name.name_type()) {
        mechanisms()
    } else {
        OidSet::new()
    }
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
        require(oid)?;
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

/// Refuses what is not here.
pub(crate) fn require(mech: Oid) -> Result<(), Error> {
    if MECHANISMS.contains(&mech) || mech == Oid::KRB5_USER_TO_USER {
        Ok(())
    } else {
        Err(Refusal::Mechanism(mech).into())
    }
}

const MECHANISMS: &[Oid] = &[Oid::KRB5, Oid::SPNEGO];

const NAME_TYPES: &[NameType] = &[
    NameType::USER_NAME,
    NameType::MACHINE_UID_NAME,
    NameType::STRING_UID_NAME,
    NameType::HOSTBASED_SERVICE,
    NameType::HOSTBASED_SERVICE_X,
    NameType::ANONYMOUS,
    NameType::EXPORT_NAME,
    NameType::COMPOSITE_EXPORT,
    NameType::KRB5_PRINCIPAL_NAME,
    NameType::KRB5_ENTERPRISE_NAME,
];

#[cfg(test)]
mod tests {
    use super::{NAME_TYPES, inquire_mechs_for_name, inquire_names_for_mech};
    use crate::{ErrorKind, Name, NameType, Oid};

    #[test]
    fn every_name_type_that_is_announced_can_be_made() {
        for name_type in NAME_TYPES {
            let error = Name::new("\0", *name_type).err();
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
}
