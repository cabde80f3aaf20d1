//! What peers say, for people to read.

use alloc::string::String;
use core::fmt;

/// Bytes of a peer's, as text for messages and logs.
///
/// The sender of a text or a name chooses its bytes. So `Display` replaces what is no UTF-8, escapes what could drive
/// a terminal, and shows no more than the first [`LONGEST`](Self::LONGEST) bytes: behind them stand an ellipsis and
/// how many there are.
///
/// ```
/// use orthros_types::Shown;
///
/// assert_eq!(Shown::new("no such user").to_string(), "no such user");
/// assert_eq!(Shown::new(b"\xff\x1b[2J").to_string(), "\u{fffd}\\u{1b}[2J");
/// assert!(Shown::new(&[b'a'; 2000]).to_string().ends_with("aa…(2000 bytes)"));
/// ```
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    bytes: &'a [u8],
    longest: usize,
}

impl<'a> Shown<'a> {
    /// How many bytes of a text are shown. The longest names of Active Directory have as many characters.
    pub const LONGEST: usize = 1024;

    /// These bytes.
    #[must_use]
    pub fn new(bytes: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::cut(bytes.as_ref(), Self::LONGEST)
    }

    /// At most `longest` of them.
    pub(crate) const fn cut(bytes: &'a [u8], longest: usize) -> Self {
        Self { bytes, longest }
    }

    /// What is shown, before anything is escaped: to be kept, and escaped where it is shown.
    #[must_use]
    pub fn text(&self) -> String {
        let Some((beginning, _)) = self.bytes.split_at_checked(self.end()) else {
            return String::new();
        };
        let text = String::from_utf8_lossy(beginning);
        if beginning.len() == self.bytes.len() {
            return text.into_owned();
        }
        alloc::format!("{text}…({} bytes)", self.bytes.len())
    }

    /// Where it is cut: not within a character.
    fn end(&self) -> usize {
        if self.bytes.len() <= self.longest {
            return self.bytes.len();
        }
        let is_boundary = |at: &usize| self.bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
        let nearest = self.longest.saturating_sub(3);
        (nearest..=self.longest)
            .rev()
            .find(is_boundary)
            .unwrap_or(self.longest)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&escaped(self.text()))
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shown({self})")
    }
}

/// The text with what could drive a terminal escaped.
pub(crate) fn escaped(text: String) -> String {
    if !text.contains(drives_terminals) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if drives_terminals(character) {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Control characters, and those that turn the direction of text.
fn drives_terminals(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;
    use alloc::vec;

    use super::*;

    #[test]
    fn a_text_of_a_megabyte_is_cut() {
        let text = vec![b'x'; 1 << 20];
        let shown = Shown::new(&text).to_string();
        assert_eq!(shown.len(), Shown::LONGEST + "…(1048576 bytes)".len());
        let exact = &text[..Shown::LONGEST];
        assert_eq!(Shown::new(exact).to_string().as_bytes(), exact);
    }

    #[test]
    fn a_text_of_control_characters_is_bounded_and_drives_no_terminal() {
        for character in ["\0", "\x1b", "\u{202e}", "\u{85}"] {
            let shown = Shown::new(&character.repeat(100_000)).to_string();
            assert!(shown.len() <= 8 * Shown::LONGEST, "{}", shown.len());
            assert!(!shown.contains(drives_terminals));
        }
    }

    #[test]
    fn no_character_is_cut_in_two() {
        for character in ["ä", "€", "𐍈"] {
            for before in 0..4 {
                let text = [&"a".repeat(before), &*character.repeat(1000)].concat();
                let shown = Shown::new(&text).to_string();
                assert!(!shown.contains('\u{fffd}'), "{shown}");
            }
        }
    }
}
