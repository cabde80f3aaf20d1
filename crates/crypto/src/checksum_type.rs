//! Checksum types: the numbers and names of the enctypes' required checksums.

use core::fmt;

use crate::Enctype;

/// A keyed checksum mechanism: the required checksum of one [`Enctype`] (RFC 3961 section 4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChecksumType(Enctype);

impl ChecksumType {
    /// hmac-sha1-96-aes128, 15 (RFC 3962).
    pub const HMAC_SHA1_96_AES128: Self = Self(Enctype::AES128_CTS_HMAC_SHA1_96);
    /// hmac-sha1-96-aes256, 16 (RFC 3962).
    pub const HMAC_SHA1_96_AES256: Self = Self(Enctype::AES256_CTS_HMAC_SHA1_96);
    /// hmac-sha256-128-aes128, 19 (RFC 8009).
    pub const HMAC_SHA256_128_AES128: Self = Self(Enctype::AES128_CTS_HMAC_SHA256_128);
    /// hmac-sha384-192-aes256, 20 (RFC 8009).
    pub const HMAC_SHA384_192_AES256: Self = Self(Enctype::AES256_CTS_HMAC_SHA384_192);

    /// hmac-md5-rc4, -138 (RFC 4757 section 4).
    pub const HMAC_MD5: Self = Self(Enctype::ARCFOUR_HMAC);

    /// cmac-camellia128, 17 (RFC 6803).
    pub const CMAC_CAMELLIA128: Self = Self(Enctype::CAMELLIA128_CTS_CMAC);
    /// cmac-camellia256, 18 (RFC 6803).
    pub const CMAC_CAMELLIA256: Self = Self(Enctype::CAMELLIA256_CTS_CMAC);

    pub(crate) const fn of(enctype: Enctype) -> Self {
        Self(enctype)
    }

    /// The checksum type with this assigned number, if it is supported.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        let enctype = Enctype::ALL.iter().copied();
        enctype.map(Self).find(|of| of.number() == number)
    }

    /// The number that RFC 3962, RFC 4757, RFC 6803 or RFC 8009 assigned.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0.columns().checksum.number
    }

    /// The name that MIT prints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.columns().checksum.name
    }

    /// The enctype whose keys it takes.
    #[must_use]
    pub const fn enctype(self) -> Enctype {
        self.0
    }

    /// Bytes of a checksum.
    #[expect(
        clippy::len_without_is_empty,
        reason = "the length of a checksum, not of a collection"
    )]
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.tag_len()
    }
}

impl Enctype {
    /// The required checksum of this enctype.
    #[must_use]
    pub const fn checksum_type(self) -> ChecksumType {
        ChecksumType(self)
    }
}

impl fmt::Display for ChecksumType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for ChecksumType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChecksumType({} {})", self.number(), self.name())
    }
}
