//! Texts in UTF-16.

use alloc::string::String;
use alloc::vec::Vec;

/// The text of bytes in UTF-16, little-endian; none where they are not that. A lone surrogate is not replaced: two
/// names must not become one.
pub(crate) fn from_utf16(bytes: &[u8]) -> Option<String> {
    let (units, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let mut text = String::with_capacity(units.len());
    for character in char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit))) {
        text.push(character.ok()?);
    }
    Some(text)
}

/// The bytes of a text in UTF-16, little-endian.
pub(crate) fn to_utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::{from_utf16, to_utf16};

    #[test]
    fn texts_come_back_and_lone_surrogates_do_not_pass() {
        for text in ["", "bob", "Пётр", "𝄞", "日本"] {
            assert_eq!(from_utf16(&to_utf16(text)).as_deref(), Some(text));
        }
        for broken in [
            &[0x3d, 0xd8][..],
            &[0, 0xdc, 65, 0],
            &[65],
            &[0x3d, 0xd8, 65, 0],
        ] {
            assert_eq!(from_utf16(broken), None);
        }
    }
}
