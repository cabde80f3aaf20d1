//! Lists of encryption types.

use alloc::vec::Vec;

use orthros_crypto::Enctype;

use super::values::refused;
use super::{ConfigError, ConfigProblem, Profile};

impl Profile {
    /// The list of the first of these options of `[libdefaults]` that is set, or the default one. RC4 is in none
    /// unless it is allowed.
    pub(super) fn enctypes(
        &self,
        names: &[&str],
        allow_rc4: &Result<bool, ConfigError>,
    ) -> Result<Vec<Enctype>, ConfigError> {
        let allow_rc4 = allow_rc4.clone()?;
        let Some((name, value)) = names.iter().find_map(|name| {
            self.value(&["libdefaults", name])
                .map(|value| (*name, value))
        }) else {
            return Ok(parse_list("DEFAULT", allow_rc4));
        };
        let list = parse_list(value.text, allow_rc4);
        if !list.is_empty() {
            return Ok(list);
        }
        let problem = if parse_list(value.text, true).is_empty() {
            ConfigProblem::NoEnctype
        } else {
            ConfigProblem::Rc4NotAllowed
        };
        Err(refused(name, value, problem))
    }
}

/// Words between spaces or commas: an enctype, a family, or `DEFAULT`, each with `-` before it to take it out again.
///
/// What is not known or not supported does not count, as in MIT; what is there already stays where it is.
fn parse_list(text: &str, allow_rc4: bool) -> Vec<Enctype> {
    let mut list = Vec::new();
    let words = text.split([' ', '\t', '\r', '\n', ',']);
    for word in words.filter(|word| !word.is_empty()) {
        let (adds, word) = match word.strip_prefix('-') {
            Some(word) => (false, word),
            None => (true, word.strip_prefix('+').unwrap_or(word)),
        };
        let is_allowed = |enctype: &Enctype| allow_rc4 || *enctype != Enctype::ARCFOUR_HMAC;
        for enctype in named(word).into_iter().filter(is_allowed) {
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
    if word.eq_ignore_ascii_case("DEFAULT") {
        // RC4 comes last, where it is allowed: MIT has it before Camellia.
        return [&DEFAULT_ENCTYPES[..], &RC4].concat();
    }
    let families: [(&str, &[Enctype]); 3] = [("aes", &AES), ("camellia", &CAMELLIA), ("rc4", &RC4)];
    let family = families
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name));
    match family {
        Some((_, members)) => members.to_vec(),
        None => Enctype::from_name(word).into_iter().collect(),
    }
}

/// MIT's default list, as far as supported and without RC4: the ones that every peer has come first.
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

/// MIT's family `rc4`.
const RC4: [Enctype; 1] = [Enctype::ARCFOUR_HMAC];
