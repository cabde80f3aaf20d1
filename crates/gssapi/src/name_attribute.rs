//! Attributes of names (RFC 6680): what the KDC says of a client, under the names that MIT krb5 has for it.

use orthros_pac::{Pac, PacBufferType};

use crate::authorization::proven_pac;
use crate::{Error, MajorStatus, MechName, MinorStatus};

/// The values of an attribute of a name (RFC 6680 section 7.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAttribute {
    /// One or more values.
    pub values: Vec<Vec<u8>>,
    /// Whether it is known to be true: each attribute here is by the KDC's signature.
    pub is_authenticated: bool,
    /// Whether these are all values that the peer has.
    pub is_complete: bool,
}

impl MechName {
    /// The names of the attributes that [`attribute`](Self::attribute) has values for (`gss_inquire_name`). Only the
    /// [initiator's name](crate::SecurityContext::initiator_name) of an accepted context has any.
    ///
    /// With a PAC in the ticket that is the KDC's: `urn:mspac:`, which is the whole PAC, and one for each of its
    /// buffers, as `urn:mspac:logon-info`, or with the number of its type, as `urn:mspac:17`. With authentication
    /// indicators (RFC 8129): `auth-indicators`.
    #[must_use]
    pub fn attributes(&self) -> Vec<String> {
        let mut names = Vec::new();
        if let Some(pac) = self.believed_pac() {
            names.push(PAC_PREFIX.to_owned());
            names.extend(pac.buffers().map(|(buffer_type, _)| name_of(buffer_type)));
        }
        if !self.indicators().is_empty() {
            names.push(INDICATORS.to_owned());
        }
        names
    }

    /// The values of an attribute (`gss_get_name_attribute`), of all that are there. Those of a PAC are buffers as
    /// bytes; [`SecurityContext::pac`](crate::SecurityContext::pac) has them as types, and says what is wrong where
    /// there are none.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` where the name has no such attribute.
    pub fn attribute(&self, name: &str) -> Result<NameAttribute, Error> {
        let values = match name {
            INDICATORS => self
                .indicators()
                .iter()
                .map(|text| text.clone().into())
                .collect(),
            _ => self.pac_attribute(name).into_iter().collect::<Vec<_>>(),
        };
        if values.is_empty() {
            let minor = MinorStatus::from_number(0);
            let error = Error::new(MajorStatus::UNAVAILABLE, minor).of_mech(self.mech_type());
            return Err(error.caused_by(format!("{self} has no attribute {name:?}")));
        }
        Ok(NameAttribute {
            values,
            is_authenticated: true,
            is_complete: true,
        })
    }

    fn pac_attribute(&self, name: &str) -> Option<Vec<u8>> {
        let (prefix, suffix) = name.split_at_checked(PAC_PREFIX.len())?;
        if !prefix.eq_ignore_ascii_case(PAC_PREFIX) {
            return None;
        }
        let pac = self.believed_pac()?;
        if suffix.is_empty() {
            return Some(pac.as_bytes().to_vec());
        }
        Some(pac.buffer(type_of(suffix)?)?.to_vec())
    }

    /// The PAC, if it is the KDC's for this client. As in MIT krb5 another one is as good as none.
    fn believed_pac(&self) -> Option<Pac<'_>> {
        proven_pac(self.authorization(), self.principal()).ok()?
    }

    fn indicators(&self) -> &[String] {
        let authorization = self.authorization().as_ref();
        authorization.map_or(&[], |authorization| &authorization.indicators)
    }
}

fn name_of(buffer_type: PacBufferType) -> String {
    match NAMED.iter().find(|(known, _)| *known == buffer_type) {
        Some((_, name)) => format!("{PAC_PREFIX}{name}"),
        // MIT krb5 prints it as a signed number, but does not read it as one.
        None => format!("{PAC_PREFIX}{}", buffer_type.0),
    }
}

fn type_of(suffix: &str) -> Option<PacBufferType> {
    let named = NAMED
        .iter()
        .find(|(_, name)| name.eq_ignore_ascii_case(suffix));
    match named {
        Some((buffer_type, _)) => Some(*buffer_type),
        None => suffix.parse().ok().map(PacBufferType),
    }
}

/// What the attributes of a PAC begin with.
const PAC_PREFIX: &str = "urn:mspac:";
/// The attribute that has the authentication indicators.
const INDICATORS: &str = "auth-indicators";

/// The buffers that MIT krb5 has names for.
const NAMED: [(PacBufferType, &str); 7] = [
    (PacBufferType::LOGON_INFO, "logon-info"),
    (PacBufferType::CREDENTIALS_INFO, "credentials-info"),
    (PacBufferType::SERVER_SIGNATURE, "server-checksum"),
    (PacBufferType::KDC_SIGNATURE, "privsvr-checksum"),
    (PacBufferType::CLIENT_INFO, "client-info"),
    (PacBufferType::DELEGATION_INFO, "delegation-info"),
    (PacBufferType::UPN_DNS_INFO, "upn-dns-info"),
];
