//! The enctype table.

use core::cmp::Ordering;
use core::fmt;
use core::hash;

use crate::string_to_key;
use crate::{ChecksumType, Key, RandomError, RandomSource, StringToKeyError};

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
        all.find(|enctype| is(&enctype.name()) || enctype.profile().aliases.iter().any(is))
    }

    /// The number that RFC 3962, RFC 6803 or RFC 8009 assigned.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.profile().number
    }

    /// The canonical name, as MIT prints it and as RFC 6803 and RFC 8009 put it into the salt.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.profile().name
    }

    /// Octets of a key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self.profile().cipher {
            CipherKind::Aes128 | CipherKind::Camellia128 => 16,
            CipherKind::Aes256 | CipherKind::Camellia256 => 32,
        }
    }

    /// Octets of the confounder, the random block before the plaintext.
    #[must_use]
    pub const fn confounder_len(self) -> usize {
        CONFOUNDER_LEN
    }

    /// Octets of the tag after the ciphertext, and of a checksum.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        self.profile().tag_len
    }

    /// Octets of the ciphertext of a plaintext of `plaintext_len` octets: confounder and tag are
    /// added, and no padding. Saturates at the end of `usize`.
    #[must_use]
    pub const fn ciphertext_len(self, plaintext_len: usize) -> usize {
        plaintext_len.saturating_add(CONFOUNDER_LEN + self.profile().tag_len)
    }

    /// The required checksum of this enctype.
    #[must_use]
    pub const fn checksum_type(self) -> ChecksumType {
        ChecksumType::of(self)
    }

    /// Makes a password a key (RFC 3962 section 4, RFC 6803 section 4, RFC 8009 section 4).
    ///
    /// `params` are the string-to-key parameters of ETYPE-INFO2: the PBKDF2 iteration count as four octets,
    /// most significant first; `None` means the enctype's default (4096 for RFC 3962, else 32768).
    ///
    /// The count comes from a KDC that has not proved itself yet, so it is bounded both ways, as in MIT:
    /// not less than the default, or whoever answers in the KDC's place could have the client encrypt
    /// under a key that is cheap to guess from; and less than 2^24, or it could keep the client busy
    /// for hours (zero stands for 2^32). The greatest count takes seconds.
    ///
    /// # Errors
    ///
    /// [`StringToKeyError`] when the parameters are not four octets or the count is out of bounds.
    pub fn string_to_key(
        self,
        password: &[u8],
        salt: &[u8],
        params: Option<&[u8]>,
    ) -> Result<Key, StringToKeyError> {
        let iterations = string_to_key::iteration_count(self, params)?;
        Ok(string_to_key::string_to_key(
            self, password, salt, iterations,
        ))
    }

    /// Draws a key.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when `random` fails.
    pub fn random_key(self, random: &mut dyn RandomSource) -> Result<Key, RandomError> {
        Key::random(self, random)
    }

    pub(crate) const fn profile(self) -> &'static Profile {
        match self.0 {
            Row::Aes128Sha1 => &TABLE[0],
            Row::Aes256Sha1 => &TABLE[1],
            Row::Aes128Sha256 => &TABLE[2],
            Row::Aes256Sha384 => &TABLE[3],
            Row::Camellia128 => &TABLE[4],
            Row::Camellia256 => &TABLE[5],
        }
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

/// Which row of the table: an octet, as every key and every state has one.
#[derive(Clone, Copy)]
enum Row {
    Aes128Sha1,
    Aes256Sha1,
    Aes128Sha256,
    Aes256Sha384,
    Camellia128,
    Camellia256,
}

/// One row: everything in which the profiles differ.
pub(crate) struct Profile {
    number: i32,
    name: &'static str,
    aliases: &'static [&'static str],
    pub(crate) cipher: CipherKind,
    pub(crate) hash: HashKind,
    pub(crate) family: Family,
    /// Octets that the MAC is cut to.
    tag_len: usize,
    pub(crate) checksum: Checksum,
    pub(crate) default_iterations: u32,
}

/// The required checksum.
pub(crate) struct Checksum {
    pub(crate) number: i32,
    pub(crate) name: &'static str,
}

/// The block cipher, always in CBC-CTS mode.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CipherKind {
    Aes128,
    Aes256,
    Camellia128,
    Camellia256,
}

/// The hash under the HMAC, if that is the MAC, and in PBKDF2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum HashKind {
    Sha1,
    Sha256,
    Sha384,
}

/// How keys are derived and in which order encryption and MAC come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// RFC 3961 section 5.3: keys derived with the cipher, MAC of the plaintext.
    Simplified,
    /// RFC 8009: keys derived with the HMAC, MAC of the ciphertext.
    EncryptThenMac,
    /// RFC 6803: keys derived with CMAC in feedback mode, CMAC of the plaintext.
    FeedbackCmac,
}

/// Octets of the confounder: one block of the cipher, whichever it is.
pub(crate) const CONFOUNDER_LEN: usize = 16;

static TABLE: [Profile; 6] = [
    Profile {
        number: 17,
        name: "aes128-cts-hmac-sha1-96",
        aliases: &["aes128-cts", "aes128-sha1"],
        cipher: CipherKind::Aes128,
        hash: HashKind::Sha1,
        family: Family::Simplified,
        tag_len: 12,
        checksum: Checksum {
            number: 15,
            name: "hmac-sha1-96-aes128",
        },
        default_iterations: 4096,
    },
    Profile {
        number: 18,
        name: "aes256-cts-hmac-sha1-96",
        aliases: &["aes256-cts", "aes256-sha1"],
        cipher: CipherKind::Aes256,
        hash: HashKind::Sha1,
        family: Family::Simplified,
        tag_len: 12,
        checksum: Checksum {
            number: 16,
            name: "hmac-sha1-96-aes256",
        },
        default_iterations: 4096,
    },
    Profile {
        number: 19,
        name: "aes128-cts-hmac-sha256-128",
        aliases: &["aes128-sha2"],
        cipher: CipherKind::Aes128,
        hash: HashKind::Sha256,
        family: Family::EncryptThenMac,
        tag_len: 16,
        checksum: Checksum {
            number: 19,
            name: "hmac-sha256-128-aes128",
        },
        default_iterations: 32768,
    },
    Profile {
        number: 20,
        name: "aes256-cts-hmac-sha384-192",
        aliases: &["aes256-sha2"],
        cipher: CipherKind::Aes256,
        hash: HashKind::Sha384,
        family: Family::EncryptThenMac,
        tag_len: 24,
        checksum: Checksum {
            number: 20,
            name: "hmac-sha384-192-aes256",
        },
        default_iterations: 32768,
    },
    Profile {
        number: 25,
        name: "camellia128-cts-cmac",
        aliases: &["camellia128-cts"],
        cipher: CipherKind::Camellia128,
        hash: HashKind::Sha1,
        family: Family::FeedbackCmac,
        tag_len: 16,
        checksum: Checksum {
            number: 17,
            name: "cmac-camellia128",
        },
        default_iterations: 32768,
    },
    Profile {
        number: 26,
        name: "camellia256-cts-cmac",
        aliases: &["camellia256-cts"],
        cipher: CipherKind::Camellia256,
        hash: HashKind::Sha1,
        family: Family::FeedbackCmac,
        tag_len: 16,
        checksum: Checksum {
            number: 18,
            name: "cmac-camellia256",
        },
        default_iterations: 32768,
    },
];
