//! Lists of encryption types.

use alloc::vec::Vec;

use orthros_crypto::Enctype;

use super::values::refused;
use super::{ConfigError, ConfigProblem, Profile};

impl Profile {
    /// The list of the first of these options of `[libdefaults]` that is set, or the default one.
    pub(super) fn enctypes(&self, names: &[&str]) -> Result<Vec<Enctype>, ConfigError> {
        let Some((name, value)) = names.iter().find_map(|name| {
            self.value(&["libdefaults", name])
                .map(|value| (*name, value))
        }) else {
            return Ok(DEFAULT_ENCTYPES.to_vec());
        };
        let list = parse_list(value.text);
        if list.is_empty() {
            return Err(refused(name, value, ConfigProblem::NoEnctype));
        }
        Ok(list)
    }
}

/// Words between spaces or commas: an enctype, a family, or `DEFAULT`, each with `-` before it to take it out again.
///
/// What is not known or not supported does not count, as in MIT; what is there already stays where it is.
fn parse_list(text: &str) -> Vec<Enctype> {
    let mut list = Vec::new();
    let words = text.split([' ', '\t', '\r', '\n', ',']);
    for word in words.filter(|word| !word.is_empty()) {
        let (adds, word) = match word.strip_prefix('-') {
            Some(word) => (false, word),
            None => (true, word.strip_prefix('+').unwrap_or(word)),
        };
        for enctype in named(word) {
            if !adds {
                list.retain(|listed| *listed != enctype);
            } else if !list.contains(&enctype) {
                list.push(enctype);
            }
        }
    }
    list
}

fn named(word: &str) -> Vec<Enctype> {
    let families: [(&str, &[Enctype]); 3] = [
        ("DEFAULT", &DEFAULT_ENCTYPES),
        ("aes", &AES),
        ("camellia", &CAMELLIA),
    ];
    let family = families
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name));
    match family {
        Some((_, members)) => members.to_vec(),
        None => Enctype::from_name(word).into_iter().collect(),
    }
}

/// MIT's default list, as far as supported: the ones that every peer has come first.
pub const DEFAULT_ENCTYPES: [Enctype; 6] = [
    Enctype::AES256_CTS_HMAC_SHA1_96,
    Enctype::AES128_CTS_HMAC_SHA1_96,
    Enctype::AES256_CTS_HMAC_SHA384_192,
    Enctype::AES128_CTS_HMAC_SHA256_128,
    Enctype::CAMELLIA128_CTS_CMAC,
    Enctype::CAMELLIA256_CTS_CMAC,
];

/// MIT's family `aes`, in its order.
const AES: [Enctype; 4] = [
    Enctype::AES256_CTS_HMAC_SHA1_96,
    Enctype::AES128_CTS_HMAC_SHA1_96,
    Enctype::AES256_CTS_HMAC_SHA384_192,
    Enctype::AES128_CTS_HMAC_SHA256_128,
];

/// MIT's family `camellia`, in its order.
const CAMELLIA: [Enctype; 2] = [Enctype::CAMELLIA256_CTS_CMAC, Enctype::CAMELLIA128_CTS_CMAC];
