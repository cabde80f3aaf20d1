//! The reader of the data in `/vectors`: paragraphs of `name = value` lines, `#` begins a comment.

use alloc::vec::Vec;

use crate::Enctype;

/// One paragraph.
pub(crate) struct Record(Vec<(&'static str, &'static str)>);

impl Record {
    pub(crate) fn text(&self, name: &str) -> &'static str {
        self.find(name)
            .unwrap_or_else(|| panic!("a vector lacks {name}: {:?}", self.0))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&'static str> {
        self.0
            .iter()
            .find(|field| field.0 == name)
            .map(|field| field.1)
    }

    pub(crate) fn hex(&self, name: &str) -> Vec<u8> {
        let digits = self.text(name);
        assert!(digits.len().is_multiple_of(2), "half a byte in {digits}");
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex digits");
        (0..digits.len()).step_by(2).map(byte).collect()
    }

    pub(crate) fn number<N: core::str::FromStr>(&self, name: &str) -> N {
        self.text(name).parse().ok().expect("a number")
    }

    pub(crate) fn enctype(&self) -> Enctype {
        Enctype::from_number(self.number("enctype")).expect("a supported enctype")
    }
}

/// All records of a file, of which there must be at least one.
pub(crate) fn records(file: &'static str) -> Vec<Record> {
    let mut records = Vec::new();
    let mut fields = Vec::new();
    for line in file
        .lines()
        .filter(|line| !line.starts_with('#'))
        .chain([""])
    {
        match line.split_once('=') {
            Some((name, value)) => fields.push((name.trim(), value.trim())),
            None if fields.is_empty() => {}
            None => records.push(Record(core::mem::take(&mut fields))),
        }
    }
    assert!(!records.is_empty(), "a file without vectors");
    records
}
