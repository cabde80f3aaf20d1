//! Reads the data files under `/vectors`, in two formats.
//!
//! *Stanzas*, for cases with named fields: `key = value` lines, a blank line between cases, a line of
//! white space and more text continues the value before it. *Rows*, for cases of few fields: separated by tabs.
//! In both a line that starts with `#` is a comment; the first comment of a file names its source.
//!
//! ```
//! use orthros_testing::vectors::parse_stanzas;
//!
//! let cases = parse_stanzas("# RFC 0\nname = empty\nkey = 00 01\n\nname = next\nkey = ff", "example");
//! assert_eq!(cases[0].text("name"), "empty");
//! assert_eq!(cases[1].octets("key"), [0xff]);
//! ```
//!
//! A file that is not as it should be is a mistake of ours, not a case to handle: everything here panics with file and
//! line.
#![expect(
    clippy::panic,
    reason = "a broken vector file fails the test that reads it"
)]

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

/// One case of a stanza file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    file: String,
    line: usize,
    fields: Vec<(String, String)>,
}

/// One line of a row file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    file: String,
    line: usize,
    fields: Vec<String>,
}

/// Reads a stanza file; `file` is relative to `/vectors`.
///
/// # Panics
///
/// When the file can't be read, has no case, or has a line of another form.
#[must_use]
pub fn stanzas(file: &str) -> Vec<Stanza> {
    parse_stanzas(&text(file), file)
}

/// Reads a row file; `file` is relative to `/vectors`.
///
/// # Panics
///
/// When the file can't be read or has no row.
#[must_use]
pub fn rows(file: &str) -> Vec<Row> {
    parse_rows(&text(file), file)
}

/// Reads a whole file as text; `file` is relative to `/vectors`.
///
/// # Panics
///
/// When the file can't be read.
#[must_use]
pub fn text(file: &str) -> String {
    match std::fs::read_to_string(path(file)) {
        Ok(text) => text,
        Err(error) => panic!("vectors/{file}: {error}"),
    }
}

/// Reads a whole file as octets; `file` is relative to `/vectors`.
///
/// # Panics
///
/// When the file can't be read.
#[must_use]
pub fn octets(file: &str) -> Vec<u8> {
    match std::fs::read(path(file)) {
        Ok(octets) => octets,
        Err(error) => panic!("vectors/{file}: {error}"),
    }
}

/// Where a vector file is.
#[must_use]
pub fn path(file: &str) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors");
    PathBuf::from(root).join(file)
}

/// Octets from hexadecimal digits; white space between digits is ignored.
///
/// # Panics
///
/// When there is anything else, or half an octet.
#[must_use]
pub fn hex(digits: &str) -> Vec<u8> {
    match parse_hex(digits) {
        Some(octets) => octets,
        None => panic!("not hexadecimal: {digits:?}"),
    }
}

/// [`stanzas`] from a text; `file` is for messages.
///
/// # Panics
///
/// As [`stanzas`].
#[must_use]
pub fn parse_stanzas(text: &str, file: &str) -> Vec<Stanza> {
    let mut cases: Vec<Stanza> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if line.starts_with('#') {
            continue;
        }
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        if !open {
            open = true;
            cases.push(Stanza {
                file: file.to_owned(),
                line: number,
                fields: Vec::new(),
            });
        }
        if let Some(case) = cases.last_mut() {
            case.take(line, number);
        }
    }
    assert!(!cases.is_empty(), "vectors/{file}: no case");
    cases
}

/// [`rows`] from a text; `file` is for messages.
///
/// # Panics
///
/// As [`rows`].
#[must_use]
pub fn parse_rows(text: &str, file: &str) -> Vec<Row> {
    let rows: Vec<Row> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
        .map(|(index, line)| Row {
            file: file.to_owned(),
            line: index + 1,
            fields: line.split('\t').map(str::to_owned).collect(),
        })
        .collect();
    assert!(!rows.is_empty(), "vectors/{file}: no row");
    rows
}

impl Stanza {
    /// Where it is, for messages: file and first line.
    #[must_use]
    pub fn place(&self) -> String {
        format!("vectors/{}:{}", self.file, self.line)
    }

    /// A field's text.
    ///
    /// # Panics
    ///
    /// When there is no such field.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        match self.optional(key) {
            Some(value) => value,
            None => panic!("{}: no {key}", self.place()),
        }
    }

    /// A field's text, if there is such a field.
    #[must_use]
    pub fn optional(&self, key: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(name, _)| name == key);
        field.map(|(_, value)| value.as_str())
    }

    /// A field of hexadecimal digits.
    ///
    /// # Panics
    ///
    /// When there is no such field, or it is not hexadecimal.
    #[must_use]
    pub fn octets(&self, key: &str) -> Vec<u8> {
        octets_at(self.text(key), &self.place())
    }

    /// A field that is a decimal number, or anything else with [`FromStr`].
    ///
    /// # Panics
    ///
    /// When there is no such field, or it does not parse.
    #[must_use]
    pub fn parse<T: FromStr<Err: Display>>(&self, key: &str) -> T {
        parse_at(self.text(key), &self.place())
    }

    fn take(&mut self, line: &str, number: usize) {
        let place = format!("vectors/{}:{number}", self.file);
        if line.starts_with([' ', '\t']) {
            let Some((_, value)) = self.fields.last_mut() else {
                panic!("{place}: continues nothing");
            };
            value.push(' ');
            value.push_str(line.trim());
            return;
        }
        let Some((key, value)) = line.split_once('=') else {
            panic!("{place}: not `key = value`");
        };
        let key = key.trim();
        assert!(self.optional(key).is_none(), "{place}: {key} twice");
        self.fields.push((key.to_owned(), value.trim().to_owned()));
    }
}

impl Row {
    /// Where it is, for messages: file and line.
    #[must_use]
    pub fn place(&self) -> String {
        format!("vectors/{}:{}", self.file, self.line)
    }

    /// The text of a field, counted from 0.
    ///
    /// # Panics
    ///
    /// When the row has fewer fields.
    #[must_use]
    pub fn text(&self, field: usize) -> &str {
        match self.fields.get(field) {
            Some(value) => value,
            None => panic!("{}: no field {field}", self.place()),
        }
    }

    /// A field of hexadecimal digits.
    ///
    /// # Panics
    ///
    /// When there is no such field, or it is not hexadecimal.
    #[must_use]
    pub fn octets(&self, field: usize) -> Vec<u8> {
        octets_at(self.text(field), &self.place())
    }

    /// A field that is a decimal number, or anything else with [`FromStr`].
    ///
    /// # Panics
    ///
    /// When there is no such field, or it does not parse.
    #[must_use]
    pub fn parse<T: FromStr<Err: Display>>(&self, field: usize) -> T {
        parse_at(self.text(field), &self.place())
    }
}

fn octets_at(digits: &str, place: &str) -> Vec<u8> {
    match parse_hex(digits) {
        Some(octets) => octets,
        None => panic!("{place}: not hexadecimal: {digits:?}"),
    }
}

fn parse_at<T: FromStr<Err: Display>>(text: &str, place: &str) -> T {
    match text.parse() {
        Ok(value) => value,
        Err(error) => panic!("{place}: {text:?}: {error}"),
    }
}

fn parse_hex(digits: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<u8>> = digits
        .chars()
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| digit.to_digit(16).and_then(|nibble| nibble.try_into().ok()))
        .collect();
    let nibbles = nibbles?;
    let (pairs, rest) = nibbles.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_on_in_the_next_line_and_equals_signs_are_values() {
        let cases = parse_stanzas(
            "# source\n\nkey = 00\n  01 02\ntext = a=b\n\n\nkey =\n",
            "t",
        );
        assert_eq!(cases[0].octets("key"), [0, 1, 2]);
        assert_eq!(cases[0].text("text"), "a=b");
        assert!(cases[1].octets("key").is_empty());
        assert_eq!(cases[1].place(), "vectors/t:8");
        assert_eq!(cases.len(), 2);
    }

    #[test]
    fn rows_keep_empty_fields_and_their_line() {
        let rows = parse_rows("# source\nname\t\t17\t0aFF\n", "t");
        assert_eq!(rows[0].text(1), "");
        assert_eq!(rows[0].parse::<i32>(2), 17);
        assert_eq!(rows[0].octets(3), [0x0a, 0xff]);
        assert_eq!(rows[0].place(), "vectors/t:2");
    }

    #[test]
    #[should_panic(expected = "vectors/t:2: key twice")]
    fn a_field_given_twice_is_refused() {
        let _ = parse_stanzas("key = 1\nkey = 2", "t");
    }

    #[test]
    #[should_panic(expected = "no case")]
    fn an_empty_file_is_refused() {
        let _ = parse_stanzas("# only a source\n", "t");
    }

    #[test]
    #[should_panic(expected = "not hexadecimal")]
    fn half_an_octet_is_refused() {
        let _ = hex("0");
    }
}
