//! Encryption types: handles of the rows of the table.

use core::cmp::Ordering;
use core::fmt;
use core::hash;

use crate::profile::{Columns, Row};

/// An encryption type that this crate implements: a handle of one row of its table.
///
/// A number from the wire becomes one with [`Enctype::from_number`]; what is not supported has no value here.
#[derive(Clone, Copy)]
pub struct Enctype(Row);

impl Enctype {
    /// aes128-cts-hmac-sha1-96, 17 (RFC 3962).
    pub const AES128_CTS_HMAC_SHA1_96: Self = Self(Row::Aes128Sha1);
    /// aes256-cts-hmac-sha1-96, 18 (RFC 3962).
    pub const AES256_CTS_HMAC_SHA1_96: Self = Self(Row::Aes256Sha1);
    /// aes128-cts-hmac-sha256-128, 19 (RFC 8009).
    pub const AES128_CTS_HMAC_SHA256_128: Self = Self(Row::Aes128Sha256);
    /// aes256-cts-hmac-sha384-192, 20 (RFC 8009).
    pub const AES256_CTS_HMAC_SHA384_192: Self = Self(Row::Aes256Sha384);

    /// arcfour-hmac, 23 (RFC 4757): RC4 with HMAC-MD5, which RFC 8429 deprecates.
    pub const ARCFOUR_HMAC: Self = Self(Row::Rc4Hmac);

    /// camellia128-cts-cmac, 25 (RFC 6803).
    pub const CAMELLIA128_CTS_CMAC: Self = Self(Row::Camellia128);
    /// camellia256-cts-cmac, 26 (RFC 6803).
    pub const CAMELLIA256_CTS_CMAC: Self = Self(Row::Camellia256);

    /// Every enctype, by number. Which of them to prefer is the configuration's business.
    pub const ALL: &'static [Self] = &[
        Self::AES128_CTS_HMAC_SHA1_96,
        Self::AES256_CTS_HMAC_SHA1_96,
        Self::AES128_CTS_HMAC_SHA256_128,
        Self::AES256_CTS_HMAC_SHA384_192,
        Self::ARCFOUR_HMAC,
        Self::CAMELLIA128_CTS_CMAC,
        Self::CAMELLIA256_CTS_CMAC,
    ];

    /// The enctype with this assigned number, if it is supported.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|enctype| enctype.number() == number)
    }

    /// The enctype with this name or alias, as MIT spells them (`aes256-cts-hmac-sha1-96`,
    /// `aes256-cts`, `aes256-sha1`), in either case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let is = |candidate: &&str| candidate.eq_ignore_ascii_case(name);
        let mut all = Self::ALL.iter().copied();
        all.find(|enctype| is(&enctype.name()) || enctype.columns().aliases.iter().any(is))
    }

    /// The number that RFC 3962, RFC 4757, RFC 6803 or RFC 8009 assigned.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.columns().number
    }

    /// The canonical name, as MIT prints it and as RFC 6803 and RFC 8009 put it into the salt.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.columns().name
    }

    /// Bytes of a key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        self.columns().key_len
    }

    /// Bytes of the confounder, the random bytes before the plaintext.
    #[must_use]
    pub const fn confounder_len(self) -> usize {
        self.columns().confounder_len
    }

    /// Bytes of the tag of a ciphertext, and of a checksum.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        self.columns().tag_len
    }

    /// Bytes of the ciphertext of a plaintext of `plaintext_len` bytes: confounder and tag are
    /// added, and no padding. Saturates at the end of `usize`.
    #[must_use]
    pub const fn ciphertext_len(self, plaintext_len: usize) -> usize {
        plaintext_len.saturating_add(self.confounder_len() + self.tag_len())
    }

    /// The tag of a ciphertext, wherever it stands in it; none if it is too short.
    #[must_use]
    pub fn tag(self, ciphertext: &[u8]) -> Option<&[u8]> {
        let rest = ciphertext.len().checked_sub(self.tag_len())?;
        if self.columns().tag_comes_first {
            ciphertext.get(..self.tag_len())
        } else {
            ciphertext.get(rest..)
        }
    }

    /// What of a message is encrypted, and its tag; none if it can't be a ciphertext.
    pub(crate) fn split_tag(self, buffer: &mut [u8]) -> Option<(&mut [u8], &mut [u8])> {
        let data = buffer.len().checked_sub(self.tag_len())?;
        (data >= self.confounder_len()).then(|| self.split_long_enough(buffer))
    }

    /// The same of a buffer that is known to have room for confounder and tag.
    pub(crate) fn split_long_enough(self, buffer: &mut [u8]) -> (&mut [u8], &mut [u8]) {
        if self.columns().tag_comes_first {
            let (tag, data) = buffer.split_at_mut(self.tag_len().min(buffer.len()));
            (data, tag)
        } else {
            buffer.split_at_mut(buffer.len().saturating_sub(self.tag_len()))
        }
    }

    /// Bytes of a ciphertext before the confounder: those of a tag that comes first.
    pub(crate) const fn confounder_start(self) -> usize {
        if self.columns().tag_comes_first {
            self.tag_len()
        } else {
            0
        }
    }

    pub(crate) const fn of_row(row: Row) -> Self {
        Self(row)
    }

    pub(crate) const fn row(self) -> Row {
        self.0
    }

    pub(crate) const fn columns(self) -> &'static Columns {
        self.0.columns()
    }
}

impl PartialEq for Enctype {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

impl Eq for Enctype {}

impl PartialOrd for Enctype {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Enctype {
    /// By number.
    fn cmp(&self, other: &Self) -> Ordering {
        self.number().cmp(&other.number())
    }
}

impl hash::Hash for Enctype {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.number().hash(state);
    }
}

impl fmt::Display for Enctype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Enctype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Enctype({} {})", self.number(), self.name())
    }
}
