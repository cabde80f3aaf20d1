//! Principals: the names of clients and services (RFC 4120 section 6).

mod parse;
#[cfg(test)]
mod tests;
mod unparse;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use orthros_asn1::{NameType, PrincipalName, Realm};

use crate::shown::{Shown, escaped};

pub use parse::{ParsePrincipalError, ParsePrincipalProblem};

/// A name in a realm.
///
/// Realm and components are octet strings: RFC 4120 gives them no character set that implementations keep to.
/// Two principals are equal if realm and components agree byte for byte; the name type is a hint
/// (RFC 4120 section 6.2) and does not count, in MIT neither.
///
/// An empty realm means "not known", as in MIT's referral realm.
///
/// `Display` and `Debug` show the text form with what is no UTF-8 replaced, and control characters escaped: names come
/// from peers, and must not be able to drive a terminal. Nor may they fill a log: of a name that is
/// [longer than any real one](Self::is_too_long_to_show) they show the beginnings of components and realm, each with
/// an ellipsis and how much there is. [`Principal::unparse`] loses nothing.
///
/// Copies share the name: tickets, caches, requests and contexts all hold the same one.
#[derive(Clone)]
pub struct Principal {
    parts: Arc<Parts>,
}

/// What copies of a principal share.
#[derive(Clone)]
struct Parts {
    realm: Box<[u8]>,
    name_type: NameType,
    components: Box<[Vec<u8>]>,
}

impl Principal {
    /// A principal of these components, whose name type is inferred from them as MIT does.
    pub fn new<C: Into<Vec<u8>>>(
        realm: impl Into<Vec<u8>>,
        components: impl IntoIterator<Item = C>,
    ) -> Self {
        let components: Box<[Vec<u8>]> = components.into_iter().map(Into::into).collect();
        Self::of_parts(Parts {
            realm: realm.into().into(),
            name_type: infer_name_type(&components),
            components,
        })
    }

    /// `service/host@realm` of type NT-SRV-HST.
    pub fn host_based(
        service: impl Into<Vec<u8>>,
        host: impl Into<Vec<u8>>,
        realm: impl Into<Vec<u8>>,
    ) -> Self {
        Self::of_parts(Parts {
            realm: realm.into().into(),
            name_type: NameType::SRV_HST,
            components: [service.into(), host.into()].into(),
        })
    }

    /// `krbtgt/served@issuer`: the ticket-granting service of the realm `served`, as `issuer` knows it (RFC 4120
    /// section 7.3).
    pub fn ticket_granting(served: impl Into<Vec<u8>>, issuer: impl Into<Vec<u8>>) -> Self {
        Self::new(issuer, [KRBTGT.to_vec(), served.into()])
    }

    /// `krbtgt/realm@realm`: the realm's own ticket-granting service.
    pub fn local_ticket_granting(realm: impl Into<Vec<u8>>) -> Self {
        let realm = realm.into();
        Self::ticket_granting(realm.clone(), realm)
    }

    /// The principal that a message names.
    #[must_use]
    pub fn from_message(realm: Realm, name: PrincipalName) -> Self {
        let components = name.name_string.into_iter();
        Self::of_parts(Parts {
            realm: realm.0.into(),
            name_type: name.name_type,
            components: components.map(|component| component.0).collect(),
        })
    }

    /// The realm as messages carry it.
    #[must_use]
    pub fn to_realm(&self) -> Realm {
        Realm::from(self.realm())
    }

    /// The name as messages carry it.
    #[must_use]
    pub fn to_principal_name(&self) -> PrincipalName {
        let components = self.components().iter();
        PrincipalName {
            name_type: self.name_type(),
            name_string: components
                .map(|component| component.as_slice().into())
                .collect(),
        }
    }

    /// The realm's bytes; empty if it is not known.
    #[must_use]
    pub fn realm(&self) -> &[u8] {
        &self.parts.realm
    }

    /// What sort of name this claims to be.
    #[must_use]
    pub fn name_type(&self) -> NameType {
        self.parts.name_type
    }

    /// The components' bytes, in order.
    #[must_use]
    pub fn components(&self) -> &[Vec<u8>] {
        &self.parts.components
    }

    /// The same name of another type.
    #[must_use]
    pub fn with_name_type(mut self, name_type: NameType) -> Self {
        Arc::make_mut(&mut self.parts).name_type = name_type;
        self
    }

    /// The same name in another realm.
    #[must_use]
    pub fn with_realm(mut self, realm: impl Into<Vec<u8>>) -> Self {
        Arc::make_mut(&mut self.parts).realm = realm.into().into();
        self
    }

    /// Whether the components agree, whatever the realms.
    #[must_use]
    pub fn name_eq(&self, other: &Self) -> bool {
        self.components() == other.components()
    }

    /// Whether this is any realm's ticket-granting service.
    #[must_use]
    pub fn is_ticket_granting(&self) -> bool {
        self.served_realm().is_some()
    }

    /// Whether this is the ticket-granting service of the realm that it is in.
    #[must_use]
    pub fn is_local_ticket_granting(&self) -> bool {
        self.served_realm() == Some(self.realm())
    }

    /// The realm that a ticket-granting service gives tickets for: `R` of `krbtgt/R@ISSUER`.
    #[must_use]
    pub fn served_realm(&self) -> Option<&[u8]> {
        match self.components() {
            [service, realm] if service == KRBTGT => Some(realm),
            _ => None,
        }
    }

    /// What a password is salted with unless the KDC says otherwise: the realm and all components, one after the other
    /// (RFC 4120 section 4).
    #[must_use]
    pub fn default_salt(&self) -> Vec<u8> {
        let mut salt = self.realm().to_vec();
        for component in self.components() {
            salt.extend_from_slice(component);
        }
        salt
    }

    /// Whether realm and components have more bytes than [`Shown::LONGEST`]. `Display` cuts such a name, and no
    /// KRB-ERROR repeats it.
    #[must_use]
    pub fn is_too_long_to_show(&self) -> bool {
        self.realm().len().saturating_add(self.components_len()) > Shown::LONGEST
    }

    /// Bytes of the components, with what stands between them.
    fn components_len(&self) -> usize {
        let components = self.components().iter();
        components.map(|component| component.len() + 1).sum()
    }

    fn of_parts(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    /// Whether this is RFC 8062's anonymous principal, of any realm.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        matches!(self.components(), [well_known, name] if well_known == WELLKNOWN && name == ANONYMOUS)
    }
}

impl PartialEq for Principal {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.parts, &other.parts)
            || self.realm() == other.realm() && self.components() == other.components()
    }
}

impl Eq for Principal {}

impl Hash for Principal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.realm().hash(state);
        self.components().hash(state);
    }
}

impl PartialOrd for Principal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Principal {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.realm(), self.components()).cmp(&(other.realm(), other.components()))
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.is_too_long_to_show() {
            self.unparse_cut(LONGEST_PART)
        } else {
            String::from_utf8_lossy(&self.unparse()).into_owned()
        };
        f.pad(&escaped(text))
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({self}, type {})", self.name_type().0)
    }
}

/// The type that MIT gives a name which was written as text.
fn infer_name_type(components: &[Vec<u8>]) -> NameType {
    match components {
        [service, _] if service == KRBTGT => NameType::SRV_INST,
        [first, _, ..] if first == WELLKNOWN => NameType::WELLKNOWN,
        _ => NameType::PRINCIPAL,
    }
}

/// Bytes of the components, and of the realm, that are shown of a name that is too long.
const LONGEST_PART: usize = 256;

const KRBTGT: &[u8] = b"krbtgt";
const WELLKNOWN: &[u8] = b"WELLKNOWN";
const ANONYMOUS: &[u8] = b"ANONYMOUS";
