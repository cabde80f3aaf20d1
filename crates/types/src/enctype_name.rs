//! What encryption types are called in messages, those that are not built in too, and which switch one needs.

use core::fmt;

use orthros_asn1::EncryptionType;
use orthros_crypto::Enctype;

/// An encryption type as MIT krb5 calls it, for people: `etype N` where the number has no name.
///
/// ```
/// use orthros_types::{EnctypeName, EncryptionType};
///
/// assert_eq!(EnctypeName(EncryptionType(18)).to_string(), "aes256-cts-hmac-sha1-96");
/// assert_eq!(EnctypeName(EncryptionType(16)).to_string(), "des3-cbc-sha1 (not supported)");
/// assert_eq!(EnctypeName(EncryptionType(99)).to_string(), "etype 99 (not supported)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnctypeName(pub EncryptionType);

impl EnctypeName {
    /// Whether keys of it can be used here. Those of DES and triple DES can't.
    #[must_use]
    pub fn is_supported(self) -> bool {
        Enctype::from_number(self.0.0).is_some()
    }

    /// Whether RFC 6649 or RFC 8429 says that it is not to be used any more: DES, triple DES and RC4.
    #[must_use]
    pub fn is_deprecated(self) -> bool {
        self.0.0 == Enctype::ARCFOUR_HMAC.number()
            || NOT_SUPPORTED.iter().any(|(number, _)| *number == self.0.0)
    }

    /// The name alone, where the number has one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let supported = Enctype::from_number(self.0.0).map(Enctype::name);
        supported.or_else(|| {
            let known = NOT_SUPPORTED.iter().find(|(number, _)| *number == self.0.0);
            known.map(|(_, name)| *name)
        })
    }
}

impl fmt::Display for EnctypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name)?,
            None => write!(f, "etype {}", self.0.0)?,
        }
        if self.is_supported() {
            return Ok(());
        }
        f.write_str(" (not supported)")
    }
}

/// The switch that an encryption type needs, as the end of an error's text; nothing of one that needs none.
///
/// ```
/// use orthros_types::{EnctypeSwitch, EncryptionType};
///
/// let rc4 = EnctypeSwitch(EncryptionType(23)).to_string();
/// assert_eq!(rc4, ": it needs allow_rc4 = true in [libdefaults]");
/// assert_eq!(EnctypeSwitch(EncryptionType(18)).to_string(), "");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnctypeSwitch(pub EncryptionType);

impl fmt::Display for EnctypeSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.0 == Enctype::ARCFOUR_HMAC.number() {
            f.write_str(": it needs allow_rc4 = true in [libdefaults]")?;
        }
        Ok(())
    }
}

/// Those of RFC 6649, of RFC 8429, and of drafts before them.
const NOT_SUPPORTED: [(i32, &str); 8] = [
    (1, "des-cbc-crc"),
    (2, "des-cbc-md4"),
    (3, "des-cbc-md5"),
    (4, "des-cbc-raw"),
    (6, "des3-cbc-raw"),
    (8, "des-hmac-sha1"),
    (16, "des3-cbc-sha1"),
    (24, "arcfour-hmac-exp"),
];
