//! Names as a mechanism has them (RFC 2743 section 1.1.5: MN).

use core::fmt;
use core::hash::{Hash, Hasher};

use orthros_host::Environment;
use orthros_types::Principal;

use crate::authorization::Authorization;
use crate::error::{CallError, local_login_error, local_name_error};
use crate::mech::Mechanism;
use crate::{Error, NameType, Oid};

/// A name of exactly one mechanism: for Kerberos, a principal.
///
/// Equal names have equal [exports](Self::export), which are made for access control lists: compared as bytes.
#[derive(Clone)]
pub struct MechName {
    principal: Principal,
    /// The host as it was written, of a name that was made of a host-based one, where the principal has another form
    /// of it: the service may be known by that where it is not by its principal.
    given_host: Option<Box<GivenHost>>,
    /// What the KDC says of a client, in the name of an accepted context's initiator.
    authorization: Authorization,
}

/// Boxed: a context has two names, and none of these.
#[derive(Clone)]
struct GivenHost(String);

/// By the principal alone.
impl PartialEq for MechName {
    fn eq(&self, other: &Self) -> bool {
        self.principal == other.principal
    }
}

impl Eq for MechName {}

impl Hash for MechName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.principal.hash(state);
    }
}

impl MechName {
    pub(crate) fn new(principal: Principal) -> Self {
        Self {
            principal,
            given_host: None,
            authorization: None,
        }
    }

    /// Of an accepted context's initiator.
    pub(crate) fn of_ticket(principal: Principal, authorization: Authorization) -> Self {
        Self {
            authorization,
            ..Self::new(principal)
        }
    }

    /// Made of the name of a service on this host, which is not what the principal calls it.
    pub(crate) fn on_host(principal: Principal, given_host: &str) -> Self {
        Self {
            principal,
            given_host: Some(Box::new(GivenHost(given_host.to_owned()))),
            authorization: None,
        }
    }

    pub(crate) fn given_host(&self) -> Option<&str> {
        self.given_host.as_ref().map(|given| given.0.as_str())
    }

    pub(crate) fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    /// Reads what [`export`](Self::export) wrote, here or in another implementation.
    ///
    /// # Errors
    ///
    /// `BAD_NAME` where the token is broken, or of another mechanism.
    pub fn import(token: &[u8]) -> Result<Self, Error> {
        let text = exported_text(token).map_err(CallError::ExportedName)?;
        let principal = Principal::parse(text, Some(b""))
            .map_err(|_| CallError::ExportedName("it holds no principal"))?;
        Ok(Self::new(principal))
    }

    /// The token of RFC 2743 section 3.2: mechanism and name, in one form only.
    ///
    /// ```
    /// use orthros::{MechName, Oid};
    ///
    /// let token = b"\x04\x01\x00\x0B\x06\x09\x2A\x86\x48\x86\xF7\x12\x01\x02\x02\x00\x00\x00\x07alice@R";
    /// let name = MechName::import(token)?;
    /// assert_eq!(name.mech_type(), Oid::KRB5);
    /// assert_eq!(name.to_string(), "alice@R");
    /// assert_eq!(name.export(), token);
    /// # Ok::<(), orthros::Error>(())
    /// ```
    #[must_use]
    pub fn export(&self) -> Vec<u8> {
        let mechanism = self.mech_type().to_der();
        let name = self.principal.unparse();
        let mut token = Vec::with_capacity(8 + mechanism.len() + name.len());
        token.extend_from_slice(&EXPORTED);
        // An identifier here has at most 65 bytes, and no principal has four gigabytes.
        token.extend_from_slice(
            &u16::try_from(mechanism.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes(),
        );
        token.extend_from_slice(&mechanism);
        token.extend_from_slice(&u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes());
        token.extend_from_slice(&name);
        token
    }

    /// The mechanism that it belongs to.
    #[must_use]
    pub fn mech_type(&self) -> Oid {
        Mechanism::DEFAULT.oid()
    }

    /// The type of the displayed name: [`NameType::KRB5_PRINCIPAL_NAME`], or [`NameType::ANONYMOUS`].
    #[must_use]
    pub fn name_type(&self) -> NameType {
        if self.is_anonymous() {
            NameType::ANONYMOUS
        } else {
            NameType::KRB5_PRINCIPAL_NAME
        }
    }

    /// Whether it is the anonymous principal (RFC 8062).
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.principal.is_anonymous()
    }

    /// Whether both are surely the same entity (`gss_compare_name`): as `==`, but the anonymous name is no entity's.
    #[must_use]
    pub fn is_same_entity(&self, other: &Self) -> bool {
        self == other && !self.is_anonymous()
    }

    /// The local user that this is, by the process' `auth_to_local` rules (`gss_localname`).
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` where no rule gives it a local name; `FAILURE` for a malformed rule.
    pub fn localname(&self) -> Result<String, Error> {
        self.localname_in(&crate::environment::process()?)
    }

    /// The local user that this is, by the rules of `environment`.
    ///
    /// # Errors
    ///
    /// As [`localname`](Self::localname).
    pub fn localname_in(&self, environment: &Environment) -> Result<String, Error> {
        let name = environment.config().local_name(&self.principal);
        name.map_err(local_name_error)
    }

    /// Whether this may be the local `user` (`gss_authorize_localname`): as the user's `.k5login` says, else because
    /// it [is](Self::localname) that user.
    ///
    /// # Errors
    ///
    /// `UNAUTHORIZED` where not, with the reason.
    pub fn authorize_localname(&self, user: &str) -> Result<(), Error> {
        self.authorize_localname_in(user, &crate::environment::process()?)
    }

    /// Whether this may be the local `user`, by the configuration of `environment`.
    ///
    /// # Errors
    ///
    /// As [`authorize_localname`](Self::authorize_localname).
    pub fn authorize_localname_in(
        &self,
        user: &str,
        environment: &Environment,
    ) -> Result<(), Error> {
        environment
            .authorize_local_login(&self.principal, user)
            .map_err(local_login_error)
    }

    /// The realm's bytes; empty where the KDC is to say which one it is.
    #[must_use]
    pub fn realm(&self) -> &[u8] {
        self.principal.realm()
    }

    /// The bytes of the principal's components, such as `HTTP` and `www.example.org`.
    #[must_use]
    pub fn components(&self) -> &[Vec<u8>] {
        self.principal.components()
    }

    /// The principal as text, quoted so that a [`Name`](crate::Name) of it is the same principal; `Display` shows this
    /// with what is not UTF-8 replaced.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.principal.unparse()
    }

    pub(crate) fn principal(&self) -> &Principal {
        &self.principal
    }
}

impl fmt::Display for MechName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.principal.fmt(f)
    }
}

impl fmt::Debug for MechName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MechName({self})")
    }
}

/// The name in a token: `04 01`, the mechanism's DER behind its length in two bytes, the name behind its length in
/// four; and for `04 02` attributes behind their length in four.
fn exported_text(token: &[u8]) -> Result<&[u8], &'static str> {
    const CUT: &str = "it is cut";
    let (id, rest) = token.split_first_chunk().ok_or(CUT)?;
    if *id != EXPORTED && *id != EXPORTED_COMPOSITE {
        return Err("it begins neither with 04 01 nor with 04 02");
    }
    let (length, rest) = rest.split_first_chunk().ok_or(CUT)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (mechanism, rest) = rest.split_at_checked(length).ok_or(CUT)?;
    if mechanism != Mechanism::DEFAULT.oid().to_der() {
        return Err("it is of another mechanism");
    }
    let (name, rest) = counted(rest).ok_or(CUT)?;
    let rest = match *id {
        EXPORTED_COMPOSITE => counted(rest).ok_or(CUT)?.1,
        _ => rest,
    };
    if !rest.is_empty() {
        return Err("something follows it");
    }
    Ok(name)
}

fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// The token identifier of an exported name.
const EXPORTED: [u8; 2] = [0x04, 0x01];
/// The token identifier of an exported name with attributes.
const EXPORTED_COMPOSITE: [u8; 2] = [0x04, 0x02];

#[cfg(test)]
mod tests {
    use orthros_types::Principal;

    use super::MechName;
    use crate::{ErrorKind, Name, NameType};

    fn alice() -> MechName {
        MechName::new(Principal::new("R", ["alice"]))
    }

    #[test]
    fn every_cut_or_extended_token_is_a_bad_name() {
        let token = alice().export();
        for end in 0..token.len() {
            let error = MechName::import(&token[..end]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadName, "cut at {end}");
        }
        let longer = [&token[..], b"x"].concat();
        assert_eq!(
            MechName::import(&longer).unwrap_err().kind(),
            ErrorKind::BadName
        );
    }

    #[test]
    fn a_foreign_token_is_a_bad_name() {
        let mut token = alice().export();
        token[8] ^= 1;
        let error = Name::new(token, NameType::EXPORT_NAME).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadName);
        assert!(error.to_string().contains("another mechanism"), "{error}");
    }

    #[test]
    fn attributes_of_a_composite_token_are_passed_over() {
        let mut token = alice().export();
        token[1] = 2;
        token.extend([0, 0, 0, 3, 1, 2, 3]);
        assert_eq!(MechName::import(&token).unwrap(), alice());
        assert!(MechName::import(&token[..token.len() - 1]).is_err());
    }

    #[test]
    fn names_that_print_alike_export_differently() {
        let joined = MechName::new(Principal::new("R", ["admin/root"]));
        let split = MechName::new(Principal::new("R", ["admin", "root"]));
        assert_ne!(joined, split);
        assert_ne!(joined.export(), split.export());
        assert_eq!(MechName::import(&joined.export()).unwrap(), joined);
    }

    #[test]
    fn the_anonymous_name_is_the_same_as_no_name() {
        let anonymous = MechName::new(Principal::new("R", ["WELLKNOWN", "ANONYMOUS"]));
        assert_eq!(anonymous, anonymous.clone());
        assert!(!anonymous.is_same_entity(&anonymous));
        assert_eq!(anonymous.name_type(), NameType::ANONYMOUS);
        assert!(alice().is_same_entity(&alice()));
    }

    #[test]
    fn a_mechanism_name_is_a_name_of_exactly_that_principal() {
        let name = Name::from(alice());
        assert_eq!(name.name_type(), NameType::KRB5_PRINCIPAL_NAME);
        assert_eq!(name.as_bytes(), b"alice@R");
    }
}
