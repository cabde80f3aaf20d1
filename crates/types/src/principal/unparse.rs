//! Principal -> text, with MIT's quoting.

use alloc::string::String;
use alloc::vec::Vec;

use super::Principal;
use crate::shown::Shown;

impl Principal {
    /// `component/component@REALM`, quoted so that [`Principal::parse`] reads the same principal.
    ///
    /// The `@` stands there even where the realm is empty.
    #[must_use]
    pub fn unparse(&self) -> Vec<u8> {
        let mut text = self.quoted_components(true);
        text.push(b'@');
        quote(self.realm(), true, &mut text);
        text
    }

    /// The components alone; an `@` in them stays unquoted, as in MIT.
    #[must_use]
    pub fn unparse_without_realm(&self) -> Vec<u8> {
        self.quoted_components(false)
    }

    /// Without the realm if that is `default_realm`, with it else; quoted for [`Principal::parse`] either way.
    #[must_use]
    pub fn unparse_short(&self, default_realm: &[u8]) -> Vec<u8> {
        if self.realm() == default_realm {
            self.quoted_components(true)
        } else {
            self.unparse()
        }
    }

    /// For people to read: at most `longest` bytes of the components and as many of the realm.
    pub(super) fn unparse_cut(&self, longest: usize) -> String {
        let mut name = Vec::new();
        let mut room = longest;
        for (index, component) in self.components().iter().enumerate() {
            if room == 0 {
                break;
            }
            if index > 0 {
                name.push(b'/');
            }
            let (beginning, _) = component.split_at(room.min(component.len()));
            quote(beginning, true, &mut name);
            room -= beginning.len();
            room = room.saturating_sub(1);
        }
        let mut text = String::from_utf8_lossy(&name).into_owned();
        let (count, length) = (self.components().len(), self.components_len());
        if length > longest {
            text += &alloc::format!("…({count} components, {length} bytes)");
        }
        text.push('@');
        text += &Shown::cut(self.realm(), longest).text();
        text
    }

    fn quoted_components(&self, quote_at: bool) -> Vec<u8> {
        let mut text = Vec::new();
        for (index, component) in self.components().iter().enumerate() {
            if index > 0 {
                text.push(b'/');
            }
            quote(component, quote_at, &mut text);
        }
        text
    }
}

fn quote(part: &[u8], quote_at: bool, text: &mut Vec<u8>) {
    for &byte in part {
        match byte {
            b'@' if !quote_at => text.push(byte),
            b'@' | b'/' | b'\\' => text.extend([b'\\', byte]),
            b'\t' => text.extend(b"\\t"),
            b'\n' => text.extend(b"\\n"),
            0x08 => text.extend(b"\\b"),
            0 => text.extend(b"\\0"),
            _ => text.push(byte),
        }
    }
}
