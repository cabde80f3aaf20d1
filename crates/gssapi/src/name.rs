//! Names as a program has them, before a mechanism has looked at them (RFC 2743 section 1.1.5).

use core::fmt;

use orthros_types::{ParsePrincipalError, ParsePrincipalProblem, Principal, Shown};

use crate::error::CallError;
use crate::{Error, MajorStatus, MechName, MinorStatus, NameType};

mod canonicalize;
mod host_based;

/// A name of some type, such as the service to connect to or the user to be.
///
/// A mechanism makes a [`MechName`] of it by [`canonicalize`](Self::canonicalize), the calls that take names do so
/// themselves.
///
/// ```
/// use orthros::{Name, NameType};
///
/// let service = Name::new("kafka@broker.example.org", NameType::HOSTBASED_SERVICE)?;
/// assert_eq!(service, Name::hostbased_service("kafka@broker.example.org")?);
/// let user = Name::user("alice@EXAMPLE.ORG")?;
/// # assert_eq!(user.to_string(), "alice@EXAMPLE.ORG");
/// # Ok::<(), orthros::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    bytes: Vec<u8>,
    name_type: NameType,
    form: Form,
}

/// What a name means, found out when it was made.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Form {
    /// The text of a principal.
    Principal,
    /// The text of an enterprise name.
    Enterprise,
    /// The text of a service, with its host unless that is this one.
    HostBased,
    /// A user's number.
    Uid(u32),
    /// An anonymous user.
    Anonymous,
    /// What a mechanism made already.
    Mechanism(MechName),
}

/// The two parts of `service@host`.
pub(crate) struct HostBased<'a> {
    pub(crate) service: &'a [u8],
    pub(crate) host: Option<&'a str>,
}

impl Name {
    /// A name from its bytes, which are text for most types: the constants of [`NameType`] say what they mean.
    ///
    /// Principals are quoted as MIT does: a backslash before `/`, `@` or itself makes them part of a component.
    ///
    /// # Errors
    ///
    /// `BAD_NAME` where the bytes are not such a name; `BAD_NAMETYPE` for a type that is not one of the constants.
    pub fn new(name: impl AsRef<[u8]>, name_type: NameType) -> Result<Self, Error> {
        let bytes = name.as_ref();
        Ok(Self {
            bytes: bytes.to_vec(),
            name_type,
            form: read(bytes, name_type)?,
        })
    }

    /// `service@host`, or `service` on this host: [`NameType::HOSTBASED_SERVICE`]. [`service`](Self::service) takes
    /// the two apart.
    ///
    /// # Errors
    ///
    /// `BAD_NAME` where no service is named, where nothing follows the `@`, and for what is written like something
    /// else: a principal (`HTTP/www.example.org`), a URL, or with white space. The text says what was probably meant.
    pub fn hostbased_service(name: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(name, NameType::HOSTBASED_SERVICE)
    }

    /// The service `service` on the host `host`, such as `HTTP` on `www.example.org`: the same as
    /// [`hostbased_service`](Self::hostbased_service) of `service@host`.
    ///
    /// ```
    /// use orthros::Name;
    ///
    /// let name = Name::service("HTTP", "www.example.org")?;
    /// assert_eq!(name, Name::hostbased_service("HTTP@www.example.org")?);
    /// # Ok::<(), orthros::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `BAD_NAME` where one of them is empty, or can't be the name of a service or a host.
    pub fn service(service: impl AsRef<str>, host: impl AsRef<str>) -> Result<Self, Error> {
        let (service, host) = (service.as_ref(), host.as_ref());
        host_based::check(service.as_bytes(), Some(host.as_bytes()))?;
        Self::hostbased_service(format!("{service}@{host}"))
    }

    /// A user, `alice` or `alice@REALM`: [`NameType::USER_NAME`].
    ///
    /// # Errors
    ///
    /// `BAD_NAME` where it can't be read as a principal.
    pub fn user(name: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(name, NameType::USER_NAME)
    }

    /// The user of this number on this system: [`NameType::MACHINE_UID_NAME`].
    #[must_use]
    pub fn machine_uid(uid: u32) -> Self {
        Self {
            bytes: uid.to_ne_bytes().to_vec(),
            name_type: NameType::MACHINE_UID_NAME,
            form: Form::Uid(uid),
        }
    }

    /// The name of an anonymous user: [`NameType::ANONYMOUS`].
    #[must_use]
    pub fn anonymous() -> Self {
        Self {
            bytes: Vec::new(),
            name_type: NameType::ANONYMOUS,
            form: Form::Anonymous,
        }
    }

    /// The type that it was made with.
    #[must_use]
    pub fn name_type(&self) -> NameType {
        self.name_type
    }

    /// The bytes that it was made of. `Display` shows them with what is not UTF-8 replaced, control characters
    /// escaped, and a very long name cut.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its two parts, where it is a host-based service's.
    pub(crate) fn host_based(&self) -> Result<Option<HostBased<'_>>, Error> {
        match self.form {
            Form::HostBased => host_based::read(&self.bytes).map(Some),
            _ => Ok(None),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::Uid(uid) => uid.fmt(f),
            Form::Anonymous => f.write_str("anonymous"),
            Form::Mechanism(name) => name.fmt(f),
            Form::Principal | Form::Enterprise | Form::HostBased => Shown::new(&self.bytes).fmt(f),
        }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self}, type {})", self.name_type)
    }
}

/// The mechanism's own name is a name, too: exactly that principal.
impl From<MechName> for Name {
    fn from(name: MechName) -> Self {
        Self {
            bytes: name.principal().unparse(),
            name_type: name.name_type(),
            form: Form::Mechanism(name),
        }
    }
}

impl From<&MechName> for Name {
    fn from(name: &MechName) -> Self {
        name.clone().into()
    }
}

impl From<&Self> for Name {
    fn from(name: &Self) -> Self {
        name.clone()
    }
}

fn read(bytes: &[u8], name_type: NameType) -> Result<Form, Error> {
    Ok(match name_type {
        NameType::USER_NAME | NameType::KRB5_PRINCIPAL_NAME => {
            Principal::parse(bytes, Some(b"")).map_err(bad_principal)?;
            Form::Principal
        }
        NameType::KRB5_ENTERPRISE_NAME => {
            Principal::parse_enterprise(bytes, Some(b"")).map_err(bad_principal)?;
            Form::Enterprise
        }
        NameType::HOSTBASED_SERVICE | NameType::HOSTBASED_SERVICE_X => {
            host_based::check_whole(bytes)?;
            Form::HostBased
        }
        NameType::MACHINE_UID_NAME => {
            let bytes: [u8; 4] = bytes
                .try_into()
                .map_err(|_| CallError::UserNumberSize(bytes.len()))?;
            Form::Uid(u32::from_ne_bytes(bytes))
        }
        NameType::STRING_UID_NAME => Form::Uid(read_uid(bytes)?),
        NameType::ANONYMOUS => Form::Anonymous,
        NameType::EXPORT_NAME | NameType::COMPOSITE_EXPORT => {
            Form::Mechanism(MechName::import(bytes)?)
        }
        other => return Err(CallError::NameType(other.oid()).into()),
    })
}

fn read_uid(bytes: &[u8]) -> Result<u32, CallError> {
    let refusal = || CallError::UserNumber(Shown::new(bytes).to_string());
    let digits = core::str::from_utf8(bytes).map_err(|_| refusal())?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refusal());
    }
    digits.parse().map_err(|_| refusal())
}

fn bad_principal(error: ParsePrincipalError) -> Error {
    let minor = match error.problem {
        ParsePrincipalProblem::MissingRealm => MinorStatus::KRB5_CONFIG_NODEFREALM,
        _ => MinorStatus::KRB5_PARSE_MALFORMED,
    };
    Error::new(MajorStatus::BAD_NAME, minor).caused_by(error)
}

#[cfg(test)]
mod tests;
